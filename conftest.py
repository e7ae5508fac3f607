"""Shared by all tests of the plugin."""

import hypothesis

# A session of pytester in this process forgets what it imported, and these don't survive being imported twice.
import tree_sitter  # noqa: F401
import tree_sitter_go  # noqa: F401
import tree_sitter_java  # noqa: F401
import tree_sitter_javascript  # noqa: F401
import tree_sitter_typescript  # noqa: F401

# How long an example takes says something of the machine and of what else it does, nothing of us.
hypothesis.settings.register_profile("here", deadline=None)
hypothesis.settings.load_profile("here")

pytest_plugins = ["pytester"]
