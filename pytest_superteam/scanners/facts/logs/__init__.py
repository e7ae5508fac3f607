"""What a service logs: the log calls of each language, and whether what they are given is sensitive."""
