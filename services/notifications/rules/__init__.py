"""Rules: who is told of what."""
