"""Follow-ups: asking, months after a journey's end, how things went."""
