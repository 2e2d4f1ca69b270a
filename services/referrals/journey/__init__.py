"""Journeys: a participant's way through the stages of a programme, to where it leads."""
