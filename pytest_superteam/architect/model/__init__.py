"""The domain model: entities, fields, relations and states, as the text writes them or as they follow from it."""
