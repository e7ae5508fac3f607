"""What the manifests of one language say about one folder."""

from __future__ import annotations

from dataclasses import dataclass

from pytest_superteam.discovery.tree import folder_of

__all__ = ["Manifest"]


@dataclass(frozen=True)
class Manifest:
    """What the manifests of one language say about one folder."""

    path: str
    """The file that decides."""
    language: str
    framework: str = ""
    framework_line: int = 0
    framework_file: str = ""
    libraries: tuple[tuple[str, str, int], ...] = ()
    """Name, file and line of each library."""
    starts: str = ""
    """What shows that it is an application; empty where it is a library or holds others together."""
    starts_file: str = ""
    starts_line: int = 0
    port: int = 0
    port_file: str = ""
    port_line: int = 0
    is_test: bool = False
    """Whether it is a package of tests."""
    is_client: bool = False
    """Whether it is a program for a phone or a desktop, which no server runs."""
    scripts: tuple[tuple[str, str], ...] = ()
    """Scripts of a package.json by name."""
    members: bool = False
    """Whether it holds other packages together (a workspace, a parent)."""

    @property
    def folder(self) -> str:
        """Return the folder that it is about."""
        return folder_of(self.path)

    def has(self, *names: str) -> bool:
        """Return whether one of these is among its libraries."""
        return any(name.lower() in names for name, _, _ in self.libraries)
