"""Which JavaScript modules, and places in them, are command-line tools, build scripts or for development only."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Node

    from pytest_superteam.scanners.languages.javascript import JavaScriptModule

__all__ = ["is_development_only", "is_tool"]

_FOLDERS = frozenset(
    {"bin", "cli", "commands", "scripts", "script", "tools", "tasks", "build-tools", "seeds", "seeders", "hack"}
)
_FOLDERS |= {"cypress", "storybook", ".storybook", "__mocks__", "mocks", "fixtures", "tooling"}
_FILE = re.compile(
    r"(?:cli|gulpfile|gruntfile|webpack|rollup|vite|jest|karma|babel|esbuild|build|seed|postinstall|preinstall|release|deploy"
    r"|jakefile|next\.config|nuxt\.config|service-?worker-dev)(?:[.\-_].*)?\.[mc]?[jt]sx?|.*\.(?:config|setup|stories|cli)\.[mc]?[jt]sx?",
    re.IGNORECASE,
)
_TOOLS = frozenset(
    {"commander", "yargs", "inquirer", "meow", "cac", "minimist", "ora", "@oclif/core", "@oclif/command", "prompts"}
)
_TOOLS |= {
    "arg",
    "enquirer",
    "clipanion",
    "nest-commander",
    "caporal",
    "@clack/prompts",
    "citty",
    "listr",
    "listr2",
    "sade",
}
_SERVERS = frozenset(
    {"express", "fastify", "koa", "@nestjs/core", "@nestjs/common", "hono", "http", "https", "@hapi/hapi", "restify"}
)
_SERVERS |= {
    "next",
    "apollo-server",
    "@apollo/server",
    "socket.io",
    "kafkajs",
    "amqplib",
    "bullmq",
    "ws",
    "polka",
    "h3",
    "elysia",
}
_DEVELOPMENT = re.compile(
    r"""NODE_ENV\s{0,3}(?:!==?\s{0,3}['"`]prod|===?\s{0,3}['"`](?:dev|test|local))|__DEV__|import\.meta\.env\.DEV"""
    r"""|(?<![\w!])is(?:Dev|Development|Local)\w*(?:$|\W)|require\.main\s{0,3}===?\s{0,3}module"""
)


def is_tool(module: JavaScriptModule) -> bool:
    """Return whether all of the module is a command-line tool or a script: by its path, its first line, its imports."""
    folders = module.path.split("/")
    if _FOLDERS & set(folders[:-1]) or _FILE.fullmatch(folders[-1]):
        return True
    packages = {item.module for item in module.import_statements}
    packages |= set(module.imports.values())
    roots = {
        "/".join(origin.split("/")[: 2 if origin.startswith("@") else 1]).partition(".")[0] for origin in packages
    } | packages
    if _SERVERS & roots:
        return False
    return bool(_TOOLS & roots) or module.data.startswith(b"#!") or b"process.argv" in module.data


def is_development_only(module: JavaScriptModule, node: Node) -> bool:
    """Return whether `node` runs only outside production, or only when the file is started as a script."""
    child = node
    for ancestor in module.ancestors(node):
        test: Node | None = None
        if ancestor.type in {"if_statement", "ternary_expression"}:
            consequence = ancestor.child_by_field_name("consequence")
            if consequence is not None and consequence.id == child.id:
                test = ancestor.child_by_field_name("condition")
        elif ancestor.type == "binary_expression" and module.text(ancestor.child_by_field_name("operator")) == "&&":
            test = ancestor.child_by_field_name("left")
        if test is not None and _DEVELOPMENT.search(module.text(test)[:300]):
            return True
        child = ancestor
    return False
