"""Appointments: who meets whom, when and where, and whether it happened; reminders and calendars with them."""
