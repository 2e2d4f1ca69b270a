"""One participant, as far as the reader may see."""
