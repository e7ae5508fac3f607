"""Secrets in text of any kind: which lines may hold one, what is bound to which name there, and what is a comment."""
