"""pytest-superteam: from a requirements document to a gate report, as a pytest plugin."""
