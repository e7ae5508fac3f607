"""What is told about the settings: their JSON schema, and which are in effect."""

from __future__ import annotations

from pathlib import Path

__all__ = ["SCHEMA_FILE"]

SCHEMA_FILE = Path(__file__).with_name("superteam.schema.json")
"""The JSON schema of superteam.yaml; `python -m pytest_superteam.settings.schema` writes it."""
