"""Events between services: published, delivered, malformed."""
