"""Composed systems: the compose file, the gateway, the engine, and the life of the containers."""
