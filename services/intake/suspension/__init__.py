"""Ending the access of somebody who works for an agency, or of an agency's system, at once."""
