"""What rules share: the same question about a service, answered for every language and library."""
