"""Cohorts: a class that starts together on a programme template, and who asks for a place in it."""
