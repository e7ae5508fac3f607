"""OpenAPI documents of a system that exists already, read as the architecture that they tell."""

from __future__ import annotations

from pytest_superteam.contracts.adopted.architecture import Found, adopted_architecture, base_path, prepared

__all__ = ["Found", "adopted_architecture", "base_path", "prepared"]
