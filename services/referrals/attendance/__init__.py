"""Attendance on a journey, as course and company each saw it, and the early warnings that follow from it."""
