"""Matching: demand and supply, suggestions with reasons, placements."""
