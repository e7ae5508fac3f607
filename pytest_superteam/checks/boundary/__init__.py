"""What crosses the boundary between services: the answers that a provider really gives, as its consumers read them."""
