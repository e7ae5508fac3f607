"""Shared by all tests of the plugin."""

# A session of pytester in this process forgets what it imported, and these don't survive being imported twice.
import tree_sitter  # noqa: F401
import tree_sitter_go  # noqa: F401
import tree_sitter_java  # noqa: F401
import tree_sitter_javascript  # noqa: F401
import tree_sitter_typescript  # noqa: F401

pytest_plugins = ["pytester"]
