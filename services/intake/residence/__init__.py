"""Residence status, if there is one, and what a person may do on the labour market on a date."""
