"""Public facts, filed by the service that publishes them. Every field is registered in `contracts/facts.yaml`."""
