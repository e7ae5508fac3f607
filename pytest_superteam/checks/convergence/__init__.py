"""What was asked for beside what was found: which services, operations and fields are the same thing."""
