"""For operators: what happened, when, and for how long. Traces as lists and waterfalls; no personal data."""
