"""The contracts of a system: its OpenAPI documents, example values for them, and what consumers expect."""
