"""The four services. They never import each other: they meet in `contracts` and over the bus."""
