"""What agents print: progress, what they used, and what they say of their work."""
