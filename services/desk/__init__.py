"""The web desk: pages over the public APIs of the four services, for people with a browser."""
