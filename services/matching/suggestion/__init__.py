"""Suggestions: which open places fit a person, why, why not, and what would help."""
