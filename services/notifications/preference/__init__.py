"""Preferences: how a person wants to be told, and of what not."""
