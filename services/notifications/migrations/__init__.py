"""Notifications's database, version by version."""
