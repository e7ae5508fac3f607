"""Coding agents with a command line, as builders."""
