"""Records that may describe one person: found by keyed tokens, confirmed by people, linked without moving anything."""
