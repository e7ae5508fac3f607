"""JavaScript and TypeScript: package.json with its workspaces, and the project.json of an Nx workspace."""

from __future__ import annotations

import json
import re
from itertools import islice
from typing import TYPE_CHECKING, Any

from pytest_superteam.discovery.frameworks import FRONTENDS, SERVERS, framework_of
from pytest_superteam.discovery.manifest import Manifest
from pytest_superteam.discovery.places import is_library_name
from pytest_superteam.discovery.tree import below
from pytest_superteam.discovery.words import line_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_superteam.discovery.tree import Tree

__all__ = ["node_language", "read_json", "read_node", "read_project"]

_WORKSPACES = ("pnpm-workspace.yaml", "lerna.json", "nx.json", "turbo.json", "rush.json")
_CLIENTS = ("react-native", "expo", "electron", "@capacitor/core", "@tauri-apps/api", "nativescript")
_PORT = re.compile(r"(?:^|\s)(?:-p|--port)[ =](\d{2,5})\b|(?:^|\s)PORT=(\d{2,5})\b")
_RUNS = re.compile(
    r"\b(?:node|nodemon|ts-node|ts-node-dev|tsx|bun|nest start|next|vite|react-scripts|ng serve|vue-cli-service|nuxt|"
    r"webpack[- ]dev-server|webpack serve|serve|http-server|gatsby|astro|pm2|babel-node|strapi|fastify|remix|parcel|"
    r"func start|func host start|serverless offline|wrangler dev|concurrently|forever|craco|rsbuild|nuxi|deno)\b"
)
_ENTRIES = (
    "server.js", "index.js", "app.js", "main.js", "server.ts", "index.ts", "app.ts", "main.ts", "server.mjs",
    "index.mjs",
    "src/server.js", "src/index.js", "src/app.js", "src/main.js", "src/server.ts", "src/index.ts", "src/app.ts",
    "src/main.ts", "index.html", "src/main.tsx", "src/main.jsx", "src/index.tsx", "src/index.jsx",
)  # fmt: skip
_LISTENS = re.compile(r"\.listen\(|createServer\(|NestFactory\.create|\.bindAsync\(|serve\(|\.run\(|\.consume\(")
_CODE = (".ts", ".tsx", ".js", ".jsx", ".mjs", ".vue", ".html")
_APPLICATIONS = frozenset({"apps", "services", "microservices"})
_TOOLS = re.compile(r"(?:\b(?:tsc|jest|mocha|eslint|rollup|tsup|storybook|husky|lerna|turbo|changeset)\b|--version)")


def read_json(text: str) -> dict[str, Any]:
    """Return a JSON object; of what is none, or nested beyond reason, nothing."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _texts(document: Mapping[str, Any], key: str) -> dict[str, str]:
    table = document.get(key)
    return {k: v for k, v in table.items() if isinstance(v, str)} if isinstance(table, dict) else {}


def read_node(tree: Tree, folder: str) -> Manifest | None:
    """Return what a folder's package.json says; None where it has none."""
    if not tree.has(folder, "package.json"):
        return None
    at = below(folder)
    path = at + "package.json"
    text = tree.text(path)
    document = read_json(text)
    tables = {key: _texts(document, key) for key in ("dependencies", "devDependencies", "peerDependencies")}
    asked = {**tables["devDependencies"], **tables["dependencies"]}
    scripts = _texts(document, "scripts")
    framework = framework_of("javascript", tables["dependencies"]) or framework_of("javascript", asked)
    framework = _served(framework, asked)
    members = "workspaces" in document or any(tree.has(folder, name) for name in _WORKSPACES)
    starts, file, line = _starts(tree, folder, document, framework)
    port, port_line = _port(text, scripts)
    return Manifest(
        path=path,
        language=node_language(tree, folder, asked),
        framework=framework,
        framework_file=path,
        framework_line=_line(text, _library(framework, asked)) if framework else 0,
        libraries=tuple((name, path, _line(text, name)) for name in islice(asked, 1000)),
        starts="" if members and not _is_itself(tree, folder, framework, tables["dependencies"]) else starts,
        starts_file=file,
        starts_line=line,
        port=port,
        port_file=path if port else "",
        port_line=port_line,
        is_test=_is_test(asked, tables["dependencies"], folder, framework),
        is_client=any(name in asked for name in _CLIENTS) and framework not in SERVERS,
        scripts=tuple(scripts.items()),
        members=members,
    )


def _served(framework: str, asked: Mapping[str, str]) -> str:
    """Return the framework, `react` and `vue` as they are: the port is that of what serves them."""
    if framework in {"", "vite"} and "react-scripts" in asked:
        return "react"
    return framework


def _library(framework: str, asked: Mapping[str, str]) -> str:
    return next((name for name in asked if framework_of("javascript", [name]) == framework), framework)


def _line(text: str, name: str) -> int:
    found = text.find(f'"{name}"')
    return line_of(text, found) if found >= 0 else 1


def _port(text: str, scripts: Mapping[str, str]) -> tuple[int, int]:
    """Return the port that the script which starts it names, and its line."""
    for name in ("start", "start:prod", "serve", "dev", "start:dev", "preview"):
        match = _PORT.search(scripts.get(name, ""))
        if match:
            return int(match[1] or match[2]), _line(text, name)
    return 0, 0


def _is_itself(tree: Tree, folder: str, framework: str, libraries: Mapping[str, str]) -> bool:
    """Return whether the root of a workspace is an application as well: it has libraries and source of its own."""
    at = below(folder)
    entry = any(tree.is_file(at + name) for name in _ENTRIES) or any(
        f.startswith(f"{at}src/") for f in tree.under(folder)
    )
    return bool(libraries) and entry and framework in SERVERS | FRONTENDS and not tree.has(folder, "nx.json")


def _is_test(asked: Mapping[str, str], libraries: Mapping[str, str], folder: str, framework: str) -> bool:
    name = folder.rpartition("/")[2].lower()
    runners = {"@playwright/test", "cypress", "k6", "newman", "testcafe", "webdriverio"}
    return not framework and bool(runners & asked.keys()) and (not libraries or "test" in name or "e2e" in name)


def _starts(tree: Tree, folder: str, document: Mapping[str, Any], framework: str) -> tuple[str, str, int]:
    """Return what shows that a package starts something, the file and line that do."""
    at = below(folder)
    path, text = at + "package.json", tree.text(at + "package.json")
    scripts = _texts(document, "scripts")
    library = (
        is_library_name(folder.rpartition("/")[2])
        or bool(_texts(document, "peerDependencies"))
        or (any(key in document for key in ("exports", "module", "types")) and "start" not in scripts)
    )
    entry = next((at + name for name in _ENTRIES if tree.is_file(at + name)), "")
    if "bin" in document and framework not in SERVERS:
        return "", "", 0
    for name in ("start", "start:prod", "serve", "dev", "start:dev", "develop", "preview"):
        command = scripts.get(name, "")
        if not command or (library and framework not in SERVERS | FRONTENDS):
            continue
        served = name.startswith("start") and framework in SERVERS | FRONTENDS
        if (served or _RUNS.search(command)) and not (_TOOLS.match(command) and not framework):
            needs_page = framework in FRONTENDS and library
            if not needs_page or tree.is_file(at + "index.html") or framework in {"next", "nuxt", "angular"}:
                return f"script '{name}' starts it", path, _line(text, name)
    if framework in SERVERS and entry and _LISTENS.search(tree.text(entry)):
        return "listens", entry, line_of(tree.text(entry), _LISTENS.search(tree.text(entry)).start())  # type: ignore[union-attr]  # it was found a line above
    if folder.rpartition("/")[0].rpartition("/")[2] in _APPLICATIONS and not library and not framework:
        return "lies among the applications of the workspace", path, 1
    main = document.get("main")
    if not library and not framework and isinstance(main, str) and entry and _LISTENS.search(tree.text(entry)):
        return "listens", entry, 1
    return "", "", 0


def node_language(tree: Tree, folder: str, asked: Mapping[str, str]) -> str:
    """Return `typescript` where most source is, or where the language is asked for and source is not to be seen."""
    counts = {"ts": 0, "js": 0}
    for path in tree.under(folder):
        name = path.rpartition("/")[2]
        suffix = name.rpartition(".")[2]
        if (
            suffix in {"ts", "tsx", "mts", "cts", "vue", "svelte"}
            and not name.endswith(".d.ts")
            and ".config." not in name
        ):
            counts["ts"] += suffix not in {"vue", "svelte"}
        elif suffix in {"js", "jsx", "mjs", "cjs"} and ".config." not in name and ".min." not in name:
            counts["js"] += not name.startswith(".") and "/public/" not in path and "/static/" not in path
    if not counts["ts"] and not counts["js"]:
        return "typescript" if "typescript" in asked else "javascript"
    return "typescript" if counts["ts"] >= counts["js"] else "javascript"


def read_project(tree: Tree, folder: str) -> Manifest | None:
    """Return what the project.json of an Nx workspace says of an application without a manifest of its own."""
    if not tree.has(folder, "project.json") or folder == ".":
        return None
    own = ("package.json", "pom.xml", "build.gradle", "build.gradle.kts", "go.mod", "pyproject.toml", "Cargo.toml")
    path = f"{folder}/project.json"
    text = tree.text(path)
    document = read_json(text)
    source = any(path.endswith(_CODE) for path in tree.under(folder))
    if not source or any(tree.has(folder, name) for name in own) or document.get("projectType") != "application":
        return None
    targets = document.get("targets")
    tools = json.dumps(targets) if isinstance(targets, dict) else ""
    named = (("angular", "angular"), ("next", "next"), ("nest", "nestjs"), ("vite", "vite"), ("react", "react"))
    framework = next((name for word, name in named if f"@nx/{word}" in tools or f"@angular-devkit/{word}" in tools), "")
    framework = framework or ("angular" if "@angular" in tools or "browser-esbuild" in tools else "")
    test = "e2e" in folder.rpartition("/")[2] or ("cypress" in tools and "build" not in document.get("targets", {}))
    return Manifest(
        path=path, language=node_language(tree, folder, {"typescript": ""}), framework=framework, framework_file=path,
        framework_line=1, starts="an application of the workspace", starts_file=path,
        starts_line=_line(text, "projectType"), is_test=test,
    )  # fmt: skip
