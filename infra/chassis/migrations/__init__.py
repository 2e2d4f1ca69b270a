"""The tables that the chassis brings to every service's database, version by version."""
