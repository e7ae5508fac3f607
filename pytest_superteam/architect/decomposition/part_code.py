"""Lists of parts in code: compose files and Kubernetes objects, folder trees, pictures and boxes."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

from pytest_superteam.architect.decomposition.components import role_of
from pytest_superteam.architect.decomposition.frames import framed_parts
from pytest_superteam.architect.decomposition.parts import MOST_LINES, Part, PartList, part_of, parts_of
from pytest_superteam.architect.names import kebab, vocabulary
from pytest_superteam.architect.notations.mermaid import diagram_kind, diagram_nodes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.architect.document.blocks import Block
    from pytest_superteam.architect.document.sections import Section

__all__ = ["TITLED", "lists_in_code"]

TITLED = re.compile(
    r"\b(?!(?:The|Use|Our|Your|This|That|Each|Every|Any|All|Web|Cloud|Run|Create|Get|Add|New|Customer|Self|Food|Room"
    r"|Full|Public|Managed"
    r"|Other|Main|Core|Shared|Software|Platform|Backend|External|Third|As|Of|For|And|In|If|When|With|To|No|Terms"
    r"|Windows|Kubernetes|AWS|Azure|Google"
    r"|Guest)\b)[A-Z][A-Za-z]{1,24}(?:[ &]{1,3}[A-Z][A-Za-z]{1,24}){0,2} (?:Micro)?[Ss]ervice\b(?! (?:Provider|Level"
    r"|Worker))"
)
_TREE = re.compile(r"^([\s│├└─┃┣┗━|+`\\/-]{0,60})([\w@.-]{1,60})(/?)(?:\s{1,40}(?:#|//|←|<-|—|-)?\s{0,4}(.{0,160}))?$")
_HOMES = {"services", "microservices", "apps", "src/services", "backend", "servers", "cmd"}
_COMPOSE_KEY = re.compile(r"^(\s{1,8})([\w.-]{1,60}):\s*(?:#.{0,200})?$")
_IMAGE = re.compile(r"^\s{2,16}(image|build|container_name|command)\s*:\s*[\"']?([\w./:@-]{0,120})")
_DEPLOYMENT = re.compile(
    r"^kind:\s{0,4}(?:Deployment"
    r"|StatefulSet)[^\n]{0,40}\n(?:[^\n]{0,200}\n){0,4}?metadata:\s{0,4}\n\s{1,8}name:\s{0,4}([\w.-]{1,63})",
    re.MULTILINE,
)
_NOT_DIRS = vocabulary(
    "src test tests docs scripts infra k8s helm packages shared common lib libs config deploy docker terraform tools "
    "proto "
    "node_modules assets public"
)
_NO_PARTS = vocabulary("cylinder actor person rhombus database containerdb system_ext")
# Folders that stand side by side where a repository holds a front end and a back end.
_SIDES = vocabulary("backend server api frontend client web webapp mobile worker bot admin dashboard")
_DEEPEST = 12


def lists_in_code(block: Block, section: Section) -> Iterator[PartList]:
    """Yield the lists of parts of a block of code."""
    text = block.text[:60_000]
    for parts in (_compose(block) if "services:" in text else (), _objects(block) if "kind:" in text else ()):
        found = tuple(parts)
        if found:
            yield parts_of("compose", found, section, "", headed=True)
    if "/" in text or "──" in text:
        for home, folders in _tree(block).items():
            yield parts_of("tree", tuple(folders), section, home, headed=home in {"services", "microservices"})
    nodes = _nodes(block)
    if nodes:
        yield parts_of("picture", nodes, section, "")


def _nodes(block: Block) -> tuple[Part, ...]:
    """Return the parts of a picture: nodes of a Mermaid one that are no stores and people, or names in boxes."""
    kind = diagram_kind(block)
    if kind in {"flow", "c4", "architecture", "sequence"}:
        nodes = (n for n in diagram_nodes(block)[:MOST_LINES] if n.shape not in _NO_PARTS)
        return tuple(part_of(n.name, n.line, f"{n.note} {n.group}") for n in nodes)
    return () if kind else tuple(dict.fromkeys((*_boxes(block), *framed_parts(block))))


def _objects(block: Block) -> Iterator[Part]:
    """Yield the names of the deployments of Kubernetes."""
    text = block.text[:60_000]
    for match in _DEPLOYMENT.finditer(text):
        yield part_of(match.group(1), block.line + text.count("\n", 0, match.start()))


def _boxes(block: Block) -> Iterator[Part]:
    if "ervice" not in block.text:
        return
    for line, text in block.lines():
        for match in TITLED.finditer(text[:1000]):
            yield part_of(match.group(), line)


def _compose(block: Block) -> Iterator[Part]:
    inside, indent = False, 0
    current: tuple[str, int] | None = None
    image = ""
    for line, text in block.lines():
        if re.match(r"services:\s*(?:#.{0,80})?$", text):
            inside, indent = True, 0
            continue
        if inside and text[:1].strip() and not text.startswith("#"):
            inside = False
        if not inside:
            continue
        key = _COMPOSE_KEY.match(text)
        if key and (not indent or len(key.group(1)) == indent):
            indent = len(key.group(1))
            if current:
                yield _composed(*current, image)
            current, image = (key.group(2), line), ""
            continue
        found = _IMAGE.match(text)
        if found and found.group(1) in ("image", "build"):
            image = "build" if found.group(1) == "build" else image or found.group(2)
    if current:
        yield _composed(*current, image)


def _composed(name: str, line: int, image: str) -> Part:
    if image and image != "build":
        product = image.rsplit("/", 1)[-1].partition(":")[0]
        if role_of(product) in ("infrastructure", "external"):
            return Part(name, line, image, given="infrastructure")
    return Part(name, line, "", ported=True)


def _tree(block: Block) -> dict[str, list[Part]]:
    """Return the folders below `services/`, `apps/` and the like, and those anywhere that are called `x-service`."""
    found: dict[str, list[Part]] = defaultdict(list)
    homes: list[tuple[int, str]] = []
    widths: dict[str, int] = {}
    sides: dict[int, list[Part]] = defaultdict(list)
    for line, text in list(block.lines())[:MOST_LINES]:
        match = _TREE.match(text[:300]) if text.strip() else None
        if match is None:
            continue
        prefix, name, slash, remark = match.groups()
        depth = len(prefix)
        while homes and homes[-1][0] >= depth:
            homes.pop()
        is_folder = bool(slash) or ("." not in name and any(c in prefix for c in "├└─"))
        if homes and is_folder and name.lower() not in _NOT_DIRS:
            home = homes[-1][1]
            # Folders of the first level below it only: those below them are parts of a service.
            if depth <= widths.setdefault(home, depth):
                found[home].append(part_of(name, line, remark or ""))
        elif is_folder and not homes and name.lower() in _SIDES:
            sides[depth].append(part_of(name, line, remark or ""))
        elif is_folder and kebab(name).endswith(("-service", "-svc")):
            found["folders"].append(part_of(name, line, remark or ""))
        if slash and name.lower() in _HOMES and depth <= _DEEPEST:
            homes.append((depth, name.lower()))
    found["sides"] = next((p for p in sides.values() if {"backend", "frontend"} <= {one.role for one in p}), [])
    return {home: parts for home, parts in found.items() if len(parts) >= 2}
