"""Findings go back to the builders of the services that they were found in."""
