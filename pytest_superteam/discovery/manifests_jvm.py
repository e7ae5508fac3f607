"""Java and Kotlin: Maven and Gradle, with several modules or one, and which of them start something."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from pytest_superteam.discovery.frameworks import framework_of
from pytest_superteam.discovery.manifest import Manifest
from pytest_superteam.discovery.manifests_compiled import refused_xml
from pytest_superteam.discovery.tree import below
from pytest_superteam.discovery.words import line_of, matches

if TYPE_CHECKING:
    from pytest_superteam.discovery.tree import Tree

__all__ = ["main_class", "read_gradle", "read_maven"]

_ARTIFACT = re.compile(r"<artifactId>\s*([\w.-]{1,150})\s*</artifactId>")
_DEPENDENCY = re.compile(r"<(?:dependency|plugin|parent)>(.{0,2000}?)</(?:dependency|plugin|parent)>", re.DOTALL)
_MODULES = re.compile(r"<modules>")
_PACKAGING = re.compile(r"<packaging>\s*(\w+)\s*</packaging>")
_GRADLE = re.compile(r"[\"']([\w.-]{2,100}):([\w.-]{2,100})(?::[^\"'\n]{0,80})?[\"']")
_PLUGIN = re.compile(
    r"id\s*\(?\s*[\"']([\w.-]{2,100})[\"']|kotlin\(\"([\w.-]{2,60})\"\)|alias\(libs\.plugins\.([\w.]{2,80})\)"
)
_CATALOG = re.compile(r"\blibs\.([\w.]{2,80})")
_INCLUDE = re.compile(r"^[ \t]*include\b", re.MULTILINE)
_MAIN = re.compile(
    r"@SpringBootApplication|@QuarkusMain|@EnableAutoConfiguration|public static void main\s*\(|^fun main\s*\(|"
    r"SpringApplication\.run|runApplication<|Micronaut\.run|embeddedServer\(",
    re.MULTILINE,
)
_LIKELY = re.compile(
    r"(?:Application|Main|App|Server|Service|Starter|Bootstrap|Launcher)(?:Kt)?\.(?:java|kt)$|(?:^|/)(?:main|application)\.kt$"
)
_MAX_LOOKED = 60


def main_class(tree: Tree, folder: str) -> tuple[str, int]:
    """Return file and line of what starts a module's program; empty where it has none."""
    at = below(folder)
    own = [path for path in tree.under(folder) if path.endswith((".java", ".kt", ".scala", ".groovy"))]
    own = [path for path in own if path.removeprefix(at).startswith("src/") and "/test/" not in path]
    own.sort(key=lambda path: (not _LIKELY.search(path), path.count("/"), path))
    for path in own[:_MAX_LOOKED]:
        match = _MAIN.search(tree.text(path))
        if match:
            return path, line_of(tree.text(path), match.start())
    return "", 0


def _language(tree: Tree, folder: str, text: str) -> str:
    """Return the language that most of a module's own source is in, without the modules below it."""
    at = below(folder)
    counts = dict.fromkeys(("java", "kt", "scala", "groovy"), 0)
    for path in tree.under(folder):
        suffix = path.rpartition(".")[2]
        counts[suffix] = counts.get(suffix, 0) + (suffix in counts and path.removeprefix(at).startswith("src/"))
    best = max(("java", "kt", "scala", "groovy"), key=lambda suffix: counts[suffix])
    if not counts[best]:
        best = "kt" if "kotlin" in text else "java"
    return {"kt": "kotlin"}.get(best, best)


def read_maven(tree: Tree, folder: str) -> Manifest | None:
    """Return what a folder's pom.xml says; None where it has none."""
    if not tree.has(folder, "pom.xml"):
        return None
    path = f"{below(folder)}pom.xml"
    text = tree.text(path)[:300_000]
    if refused_xml(text):
        tree.notes.append(f"{path} declares a document type or entities and was not read")
        return None
    libraries: list[tuple[str, str, int]] = []
    for block in matches(_DEPENDENCY, text):
        match = _ARTIFACT.search(block[1])
        libraries += [(match[1], path, line_of(text, block.start(1) + match.start(1)))] if match else []
    packaging = _PACKAGING.search(text)
    parent = bool(_MODULES.search(text)) or (packaging is not None and packaging[1] == "pom")
    made = _module(tree, folder, path, _language(tree, folder, text), tuple(libraries), parent=parent)
    if packaging is not None and packaging[1] == "war" and made.framework in {"", "jersey"}:
        line = line_of(text, packaging.start())
        return replace(made, framework="servlet", framework_line=line, starts=made.starts or "is a web archive",
                       starts_file=made.starts_file or path, starts_line=made.starts_line or line)  # fmt: skip
    return made


def read_gradle(tree: Tree, folder: str) -> Manifest | None:
    """Return what a folder's build.gradle says, in Groovy or Kotlin; None where it has none."""
    name = next((n for n in ("build.gradle.kts", "build.gradle") if tree.has(folder, n)), "")
    if not name or tree.has(folder, "pom.xml"):
        return None
    at = below(folder)
    path, text = at + name, tree.text(at + name)[:300_000]
    libraries = [(m[2], path, line_of(text, m.start(1))) for m in matches(_GRADLE, text)]
    libraries += [(m[1], path, line_of(text, m.start(1))) for m in matches(_GRADLE, text)]
    for m in matches(_PLUGIN, text):
        plugin = (m[1] or m[2] or m[3]).replace("org.springframework.boot", "spring-boot").removeprefix("io.")
        libraries.append((plugin.replace(".", "-") if m[3] else plugin, path, line_of(text, m.start())))
    libraries += [(m[1].replace(".", "-"), path, line_of(text, m.start())) for m in matches(_CATALOG, text)]
    settings = tree.text(at + "settings.gradle.kts") or tree.text(at + "settings.gradle")
    parent = bool(_INCLUDE.search(settings)) and not main_class(tree, folder)[0]
    return _module(tree, folder, path, _language(tree, folder, text), tuple(libraries), parent=parent)


def _module(
    tree: Tree, folder: str, path: str, language: str, libraries: tuple[tuple[str, str, int], ...], *, parent: bool
) -> Manifest:
    names = [name.lower() for name, _, _ in libraries]
    framework = framework_of(language, names)
    line = next((at for name, _, at in libraries if framework and framework_of(language, [name]) == framework), 0)
    file, start = ("", 0) if parent else main_class(tree, folder)
    plugin = any(n in {"spring-boot-maven-plugin", "quarkus-maven-plugin", "micronaut-maven-plugin"} for n in names)
    starts = "has a main class" if file else ""
    if not parent and not starts and plugin and framework and any("/main/" in f for f in tree.under(folder)):
        starts, file, start = "is packaged as a program", path, 1
    return Manifest(
        path=path, language=language, framework=framework, framework_file=path, framework_line=line,
        libraries=libraries, starts=starts, starts_file=file, starts_line=start, members=parent,
        is_client=any(n.startswith("com.android") for n in names),
    )  # fmt: skip
