"""What stands between a person and work, and whether a person may take part in a programme."""
