"""Everything a service plugs into, and the ways to run all of them."""
