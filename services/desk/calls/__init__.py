"""The four services' public APIs, as far as pages need them."""
