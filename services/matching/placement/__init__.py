"""Placements: a person is proposed for a place, both sides answer, it begins and it ends."""
