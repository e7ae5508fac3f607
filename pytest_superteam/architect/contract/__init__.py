"""The contracts of a design: OpenAPI per service, AsyncAPI for events, and those the author brought along."""
