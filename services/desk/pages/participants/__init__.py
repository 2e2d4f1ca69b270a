"""Finding participants."""
