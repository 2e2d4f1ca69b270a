"""Which placements a participant has, as matching tells it. A read model: replay builds it anew."""
