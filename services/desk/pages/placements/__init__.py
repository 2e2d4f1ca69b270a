"""Proposals and placements: the list, and one with what I can answer."""
