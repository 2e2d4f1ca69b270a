"""What stands in the way of a participant: record it, weigh it anew, close it."""
