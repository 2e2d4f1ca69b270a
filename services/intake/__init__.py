"""Intake: who the person is, and who may know it."""
