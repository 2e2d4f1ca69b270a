"""Matching's database, version by version."""
