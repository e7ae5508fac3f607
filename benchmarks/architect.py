"""How well the architect reads documents that others have read: precision, recall and F1 of what it finds.

Run: python benchmarks/architect.py FOLDER [SLUG ...] [--details]
     python benchmarks/architect.py [FOLDER] --sizes

FOLDER holds `<slug>.md` files and an `INDEX.jsonl` with what a careful reader finds in each: `services_named` with
`services_kind`, `entities`, `endpoints`, and where they apply `*_optional` (neither rewarded nor punished),
`*_excluded` (a hit is counted as wrong) and `*_aliases` (also accepted). Names are compared in lower case, singular,
without separators and without a trailing service, api, module or engine; endpoints by method and path, parameters as
`{}`, without query and trailing slash; only operations that the text names count, not derived ones. Where the index
lists modules of one backend, one service is right as well.

`--sizes` reads documents of 10 kB to 10 MB, made of FOLDER's documents one after the other, or of an example below that
has a table, endpoints and DDL every 700 characters, and prints the seconds of each (those until there
are sections, and all until there are facts) and their ratio to what parsing the same Markdown with `markdown-it-py`,
without any understanding, takes in this run.
"""

from __future__ import annotations

import argparse
import json
import re
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_superteam.architect.builtin import design
from pytest_superteam.architect.contract.openapi import contracts
from pytest_superteam.architect.document.prd import read_prd
from pytest_superteam.architect.names import fold, singular, words
from pytest_superteam.errors import SuperteamError

if TYPE_CHECKING:
    from pytest_superteam.models import Architecture

TAILS = {"service", "api", "module", "engine", "services", "apis", "modules"}
ASPECTS = ("services", "entities", "endpoints")


@dataclass(frozen=True)
class Score:
    """Precision, recall and their harmonic mean, 0 to 1; `wrong` are hits on what the text excludes."""

    precision: float
    recall: float
    missed: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()

    @property
    def f1(self) -> float:
        """Return the harmonic mean of precision and recall."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


def key(name: str) -> str:
    """Return a name for comparison."""
    parts = [singular(w) for w in words(name)] if fold(name).strip() else [name.lower()]
    while len(parts) > 1 and parts[-1] in TAILS:
        parts.pop()
    return "".join(parts)


def endpoint_key(text: str) -> str:
    """Return `METHOD /path` for comparison."""
    method, _, path = text.strip().partition(" ")
    path = re.split(r"[?#]", path.strip())[0].rstrip("/") or "/"
    path = re.sub(r"\{[^{}/]*\}|<[^<>/]*>|\[[^\[\]/]*\]|(?<=/):[^/]+", "{}", path)
    return f"{method.upper()} {path.lower()}"


def score(found: list[str], wanted: list[str], normal: Any, lists: dict[str, Any]) -> Score:
    """Compare two lists of names.

    Args:
        found: what the architect has.
        wanted: what the reader has.
        normal: the function that makes names comparable.
        lists: `optional` and `excluded` names, and `aliases` (name to other names).
    """
    aliases: dict[str, set[str]] = {normal(w): {normal(w)} for w in wanted}
    for name, others in lists.get("aliases", {}).items():
        for other in [others] if isinstance(others, str) else others:
            aliases.setdefault(normal(name), set()).add(normal(other))
    optional = {normal(o) for o in lists.get("optional", ())}
    optional |= {a for o in optional for a in aliases.get(o, ())}
    excluded = {normal(o) for o in lists.get("excluded", ())}
    want = {normal(w) for w in wanted}
    names = {normal(f): f for f in found}
    hit: set[str] = set()
    extra = []
    for name, shown in names.items():
        same = [w for w in want if name == w] or [w for w in want if name in aliases[w]]
        if same:
            hit.add(same[0])
        elif name not in optional:
            extra.append(shown)
    wrong = tuple(shown for name, shown in names.items() if name in excluded and name not in want)
    if not want and not extra:
        return Score(1.0, 1.0, wrong=wrong)
    precision = len(hit) / (len(hit) + len(extra)) if hit or extra else 0.0
    return Score(precision, len(hit) / len(want) if want else 0.0, tuple(sorted(want - hit)), tuple(extra), wrong)


def found_in(system: Architecture) -> dict[str, list[str]]:
    """Return the names of a design by aspect; what was only concluded is no endpoint of the text."""
    explicit = [o for o in system.operations if o.source and o.source.kind == "explicit"]
    sockets = [f"WS {s.path}" for s in system.sockets if s.protocol == "websocket"]
    return {
        "services": [s.name for s in system.services],
        "entities": [e.name for e in system.entities],
        "endpoints": [f"{o.method} {o.path}" for o in explicit] + sockets,
    }


def judged(found: dict[str, list[str]], entry: dict[str, Any]) -> dict[str, Score]:
    """Return the score of each aspect of one document."""
    lists = {
        "services": ("services_named", "service"),
        "entities": ("entities", "entity"),
        "endpoints": ("endpoints", "endpoint"),
    }
    result = {}
    for aspect, (field, one) in lists.items():
        more = {
            "optional": entry.get(f"{aspect}_optional", []),
            "excluded": entry.get(f"{aspect}_excluded", []),
            "aliases": entry.get(f"{one}_aliases", {}),
        }
        normal = endpoint_key if aspect == "endpoints" else key
        wanted = entry.get(field, [])
        result[aspect] = score(found[aspect], wanted, normal, more)
    one_backend = entry.get("services_kind") in ("modules", "none") and len(found["services"]) == 1
    nothing = not found["services"] and not entry.get("services_named")
    if one_backend or nothing:
        result["services"] = Score(1.0, 1.0)
    return result


def read(path: Path) -> tuple[dict[str, list[str]], str]:
    """Return what the architect finds in a document, and what went wrong: a refusal, or an invalid contract."""
    from openapi_spec_validator import OpenAPIV31SpecValidator

    try:
        system = design(read_prd(path))
    except SuperteamError as error:
        return {aspect: [] for aspect in ASPECTS}, f"refused: {error}"
    problems = [
        f"{name}: {error.message}"
        for name, contract in contracts(system).items()
        for error in OpenAPIV31SpecValidator(contract).iter_errors()
    ]
    return found_in(system), "; ".join(problems)[:300]


def measure(folder: Path, slugs: list[str], *, details: bool) -> None:
    """Print a row a document, the means, and the means by group."""
    lines = (folder / "INDEX.jsonl").read_text("utf-8").splitlines()
    entries = [json.loads(line) for line in lines if line.strip()]
    groups: dict[str, list[float]] = defaultdict(list)
    wrong = 0
    print(f"{'document':28} {'services':>18} {'entities':>18} {'endpoints':>18}")
    for entry in entries:
        if slugs and entry["slug"] not in slugs:
            continue
        path = next((p for p in folder.glob(f"{entry['slug']}.*") if p.suffix in {".md", ".markdown", ".txt"}), None)
        if path is None:
            print(f"{entry['slug']:28} has no document")
            continue
        found, problem = read(path)
        scores = judged(found, entry)
        print(f"{entry['slug'][:28]:28} " + " ".join(_cells(scores[a]) for a in ASPECTS))
        for aspect, one in scores.items():
            wrong += len(one.wrong)
            groups[f"all {aspect}"].append(one.f1)
            if details and (one.missed or one.extra or one.wrong):
                print(f"    {aspect}: missed {list(one.missed)} extra {list(one.extra)} excluded {list(one.wrong)}")
        if entry.get("endpoints"):
            groups["endpoints where the text names any"].append(scores["endpoints"].f1)
        groups[f"entities {entry.get('entities_source', 'inferred')}"].append(scores["entities"].f1)
        groups[f"services {entry.get('services_kind', 'none')}"].append(scores["services"].f1)
        groups[f"entities, language {entry.get('language', 'en')[:2]}"].append(scores["entities"].f1)
        if problem:
            print(f"    {problem}")
    print()
    for name, values in sorted(groups.items()):
        print(f"{name:40} F1 {sum(values) / len(values):.3f}  ({len(values)} documents)")
    print(f"hits on what the text excludes: {wrong}")


def _cells(one: Score) -> str:
    return f"{one.precision:5.2f} {one.recall:5.2f}  {one.f1:5.2f}"


PARAGRAPHS = """
## {n}. Orders of region {n}

Customers place orders for products. Each order has a number, a total (money, required) and a status (open, paid, sent).

| Field | Type | Notes |
| --- | --- | --- |
| number | string | unique, max 20 characters |
| total | decimal(10,2) | required |

- `GET /region-{n}/orders` lists the orders of a customer, filtered by status
- `POST /region-{n}/orders/{{id}}/cancel` cancels one (admin only)
- [ ] REQ-{n}: A customer can cancel an order before it is sent.

```sql
CREATE TABLE region_{n}_orders (id UUID PRIMARY KEY, total NUMERIC(10,2) NOT NULL CHECK (total >= 0));
```
"""


def sizes(folder: Path | None) -> None:
    """Print the seconds per size, those of its first stage, and the ratio to the plain parse of the same text."""
    from markdown_it import MarkdownIt

    from pytest_superteam.architect.builtin import read_facts
    from pytest_superteam.architect.document.sections import read_document

    plain = MarkdownIt("commonmark").enable("table")
    read_facts(read_document(PARAGRAPHS.format(n=0)))
    print(f"{'size':>10} {'sections':>10} {'reading':>10} {'per MB':>10} {'peer':>10} {'ratio':>8}")
    for size in (10_000, 100_000, 1_000_000, 10_000_000):
        text = _text(folder, size)
        began = time.perf_counter()
        document = read_document(text)
        sections = time.perf_counter() - began
        read_facts(document)
        reading = time.perf_counter() - began
        began = time.perf_counter()
        plain.parse(text)
        peer = time.perf_counter() - began
        print(
            f"{size:>10} {sections:>9.3f}s {reading:>9.3f}s {reading / size * 1e6:>9.3f}s {peer:>9.3f}s"
            f" {reading / peer:>8.2f}"
        )


def _text(folder: Path | None, size: int) -> str:
    if folder is None:
        return "".join(PARAGRAPHS.format(n=n) for n in range(size // len(PARAGRAPHS) + 1))[:size]
    whole = "\n\n".join(p.read_text("utf-8", "replace") for p in sorted(folder.glob("*.md")))
    return (whole * (size // max(1, len(whole)) + 1))[:size]


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("slugs", nargs="*")
    parser.add_argument("--details", action="store_true")
    parser.add_argument("--sizes", action="store_true")
    given = parser.parse_args()
    if given.sizes:
        sizes(given.folder)
    elif given.folder is None or not (given.folder / "INDEX.jsonl").is_file():
        parser.error("name a folder with an INDEX.jsonl, or --sizes")
    else:
        measure(given.folder, given.slugs, details=given.details)


if __name__ == "__main__":
    main()
