"""Contracts of services that exist: documents in the tree, served ones, and those derived from their routes."""
