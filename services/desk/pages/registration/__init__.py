"""A newcomer: the form, and what it sends."""
