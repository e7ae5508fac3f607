"""What the system has to do and what it must not: states, events, roles, requirements, exclusions."""
