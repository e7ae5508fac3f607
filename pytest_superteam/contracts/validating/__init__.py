"""Documents against the specification, and exchanges against documents."""
