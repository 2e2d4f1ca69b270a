"""Intake's database, version by version."""
