"""For operators: how far behind each service is, and the lanes that do not flow. No personal data."""
