"""Go, Rust and .NET: modules, crates and projects, and which of them make a program."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_superteam.discovery.frameworks import framework_of
from pytest_superteam.discovery.manifest import Manifest
from pytest_superteam.discovery.manifests_python import read_toml
from pytest_superteam.discovery.places import aside, is_test_place
from pytest_superteam.discovery.tree import below
from pytest_superteam.discovery.words import line_of, matches

if TYPE_CHECKING:
    from pytest_superteam.discovery.tree import Tree

__all__ = ["go_mains", "read_dotnet", "read_go", "read_rust", "refused_xml"]

_GO_LIBRARY = re.compile(
    r"^[ \t]*(?:require[ \t]+)?([a-z0-9.-]{2,80}\.[a-z]{2,10}/[\w./~-]{1,200})[ \t]+v\d", re.MULTILINE
)
_GO_MAIN = re.compile(r"^package main\b", re.MULTILINE)
_GO_FUNCTION = re.compile(r"^func main\(\)", re.MULTILINE)
_GO_SERVES = re.compile(
    r"ListenAndServe|\.Serve\(|net\.Listen|\.Listen\(|gin\.|echo\.New|fiber\.New|grpc\.NewServer|amqp\.|\.Consume\("
)
_MAJOR = re.compile(r"/v\d+$")
_DOCTYPE = re.compile(r"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_PACKAGE = re.compile(r"<PackageReference\s[^>]{0,300}?Include\s*=\s*\"([\w.-]{1,150})\"", re.IGNORECASE)
_SDK = re.compile(r"Sdk\s*=\s*\"([\w.]{1,80})", re.IGNORECASE)
_EXE = re.compile(r"<OutputType>\s*(?:Win)?Exe\s*</OutputType>", re.IGNORECASE)
_WEB_REFERENCE = re.compile(r"Microsoft\.AspNetCore\.App\b")
_TEST_SDK = re.compile(r"Microsoft\.NET\.Test\.Sdk|<IsTestProject>\s*true|\"xunit|\"NUnit|\"MSTest", re.IGNORECASE)
_HOST = re.compile(
    r"<IsAspireHost>\s*true|Aspire\.AppHost|Microsoft\.Maui|net\d\.\d-(?:android|ios)|UseMaui", re.IGNORECASE
)


def refused_xml(text: str) -> bool:
    """Return whether an XML document declares a type or entities, which no manifest needs and attacks are made of."""
    return _DOCTYPE.search(text) is not None


def read_go(tree: Tree, folder: str) -> Manifest | None:
    """Return what a folder's go.mod says; None where it has none."""
    if not tree.has(folder, "go.mod"):
        return None
    path = f"{below(folder)}go.mod"
    text = tree.text(path)[:200_000]
    libraries = tuple((_MAJOR.sub("", m[1]), path, line_of(text, m.start(1))) for m in matches(_GO_LIBRARY, text))
    mains = go_mains(tree, folder)
    main = mains[0] if mains else ""
    code = tree.text(main) if main else ""
    match = _GO_FUNCTION.search(code) or _GO_MAIN.search(code)
    lines = text.splitlines()
    libraries = tuple(library for library in libraries if "// indirect" not in lines[library[2] - 1])
    framework = framework_of("go", [name for name, _, _ in libraries])
    line = next((at for name, _, at in libraries if framework and framework_of("go", [name]) == framework), 0)
    return Manifest(
        path=path, language="go", framework=framework, framework_file=path, framework_line=line, libraries=libraries,
        starts="has a main package" if main else "", starts_file=main,
        starts_line=line_of(code, match.start()) if match else 1,
        members=tree.has(folder, "go.work") and not main,
    )  # fmt: skip


def go_mains(tree: Tree, folder: str) -> list[str]:
    """Return the files with the main functions of a module: of its folder, then of `cmd` and the like below it."""
    at = below(folder)
    found: list[str] = []
    for path in tree.under(folder):
        inner = path.removeprefix(at)
        if not inner.endswith(".go") or inner.endswith("_test.go") or inner.count("/") > 3:
            continue
        where = inner.rpartition("/")[0]
        if (not where or where.split("/")[0] in {"cmd", "src", "app", "server", "internal", "api"}) and not aside(
            where or "."
        ):
            text = tree.text(path)
            if _GO_MAIN.search(text) and _GO_FUNCTION.search(text):
                found.append(path)
    return sorted(found, key=lambda path: (path.count("/"), not _GO_SERVES.search(tree.text(path)), path))


def read_rust(tree: Tree, folder: str) -> Manifest | None:
    """Return what a folder's Cargo.toml says; None where it has none."""
    if not tree.has(folder, "Cargo.toml"):
        return None
    at = below(folder)
    path = at + "Cargo.toml"
    text = tree.text(path)
    document = read_toml(text)
    table = document.get("dependencies")
    names = list(table) if isinstance(table, dict) else []
    main = next((at + n for n in ("src/main.rs", "src/bin/main.rs") if tree.is_file(at + n)), "")
    if not main and "bin" in document:
        main = path
    framework = framework_of("rust", names)
    return Manifest(
        path=path, language="rust", framework=framework, framework_file=path,
        framework_line=_line(text, framework), libraries=tuple((n, path, _line(text, n)) for n in names),
        starts="makes a program" if main else "", starts_file=main, starts_line=1, members="workspace" in document,
    )  # fmt: skip


def _line(text: str, name: str) -> int:
    match = re.search(rf"^\"?{re.escape(name)}\b", text, re.MULTILINE) if name else None
    return line_of(text, match.start()) if match else 1


def read_dotnet(tree: Tree, folder: str) -> Manifest | None:
    """Return what a folder's .csproj or .fsproj says; None where it has none."""
    names = sorted(n for n in tree.names.get(folder, ()) if n.endswith((".csproj", ".fsproj")))
    if not names:
        return None
    path = below(folder) + names[0]
    text = tree.text(path)[:200_000]
    if refused_xml(text):
        tree.notes.append(f"{path} declares a document type or entities and was not read")
        return None
    libraries = tuple((m[1], path, line_of(text, m.start(1))) for m in matches(_PACKAGE, text))
    sdk = _SDK.search(text)
    kind = sdk[1].lower() if sdk else ""
    web = kind.endswith("sdk.web")
    framework = "aspnet" if web or _WEB_REFERENCE.search(text) else ""
    framework = "blazor" if "blazorwebassembly" in kind else "worker" if kind.endswith("sdk.worker") else framework
    runs = web or kind.endswith(("sdk.worker", "blazorwebassembly"))
    program = framework if runs and not _HOST.search(text) else ""
    if not program and _EXE.search(text) and not _HOST.search(text):
        program = "exe"
    test = (bool(_TEST_SDK.search(text)) and not web) or is_test_place(names[0].rpartition(".")[0])
    at = below(folder)
    start = at + "Program.cs" if tree.has(folder, "Program.cs") else path
    return Manifest(
        path=path, language="fsharp" if names[0].endswith(".fsproj") else "csharp", framework=framework,
        framework_file=path, framework_line=line_of(text, sdk.start()) if sdk else 1, libraries=libraries,
        starts=f"makes a program ({program})" if program and not test else "",
        starts_file=start if program else "", starts_line=1, is_test=test, is_client=bool(_HOST.search(text)),
    )  # fmt: skip
