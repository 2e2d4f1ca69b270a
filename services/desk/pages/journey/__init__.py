"""Journeys: the list, and one as a picture across agencies and time."""
