"""Ratios, both sides in one run: `make bench`."""
