"""Conformance tests as a pytest file."""
