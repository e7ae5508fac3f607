"""Which deployables the text names: chosen among its lists of parts, under the text's names, by stated rules.

1. A list counts when what introduces it speaks of microservices or services, when its parts have ports, or when the
   text asks for microservices and the parts call themselves services. Front ends, infrastructure, products and
   libraries in it are components.
2. Of several lists the one in words wins (table, headings, bullets, sentence) over compose files, folder trees and
   pictures, a longer one over a shorter one that it contains; what the others omit or call differently is reported.
3. Where the text names no services but the parts of a deployment (front end, back end, worker), the back end and the
   workers are built under their names.
4. Else there is one service, named after the system: modules, features and classes are none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pytest_superteam.architect.decomposition.components import read_components
from pytest_superteam.architect.decomposition.evidence import read_evidence
from pytest_superteam.architect.decomposition.part_lists import mentions, read_lists
from pytest_superteam.architect.decomposition.said_backends import said_backend
from pytest_superteam.architect.decomposition.service_index import ServiceIndex
from pytest_superteam.architect.decomposition.service_names import cleaned, core, plain_name, service_name
from pytest_superteam.architect.decomposition.service_rules import FEATURES, is_buildable, services_in
from pytest_superteam.architect.document.titles import system_title
from pytest_superteam.architect.facts import ServiceFact
from pytest_superteam.architect.names import fold, singular, stem, words
from pytest_superteam.errors import PrdError
from pytest_superteam.models import Component, Contradiction

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pytest_superteam.architect.decomposition.evidence import Evidence
    from pytest_superteam.architect.decomposition.parts import Part, PartList
    from pytest_superteam.architect.document.sections import Document

__all__ = ["Decomposition", "ServiceIndex", "read_services"]

_FORMS = ("table", "headings", "bullets", "sentence", "labels", "compose", "tree", "picture", "mentions")
_WORDED = frozenset({"table", "headings", "bullets", "sentence", "labels"})
_BACKS = re.compile("back|api|serv|worker|backend|バック|サーバ|백|서버|后端|後端|服务|бэк|сервер", re.IGNORECASE)
_LIST_LINES = 12
_ALONE = re.compile(
    r"\b(?:separate|own|dedicated|standalone|independent)\b|\bprocess\b|container|deploy|dyno|pod\b|worker",
    re.IGNORECASE,
)
_MOST_TEXT = 6000
_MOST_SERVICES = 100
_LONG = {
    "authn": "authentication", "auth": "authentication", "authorization": "authentication", "notif": "notification",
    "notifier": "notification", "msg": "message", "messaging": "message", "admin": "administration",
    "org": "organization",
    "recs": "recommendation", "recommender": "recommendation", "reco": "recommendation", "sub": "subscription",
    "doc": "document",
    "stat": "statistics", "inv": "inventory", "prod": "product", "cust": "customer", "usr": "user", "pay": "payment",
    "notify": "notification", "analytic": "analytics", "iam": "identity",
}  # fmt: skip


@dataclass(frozen=True)
class Decomposition:
    """What the text says about deployables: the services, the parts beside them, and where its lists disagree.

    `asked` is the line that asks for several services, 0 when none does.
    """

    services: tuple[ServiceFact, ...]
    components: tuple[Component, ...] = ()
    contradictions: tuple[Contradiction, ...] = ()
    asked: int = 0


@dataclass(frozen=True)
class _Choice:
    source: PartList
    parts: tuple[Part, ...]


def read_services(document: Document) -> Decomposition:
    """Return the deployables that the text names, in order; none when it describes one backend.

    Raises:
        PrdError: a list names the same service twice, or a name leads out of a folder.
    """
    evidence = read_evidence(document)
    lists = read_lists(document)
    choices = [c for c in (_Choice(found, services_in(found, evidence)) for found in lists) if c.parts]
    if not choices and not evidence.monolith:
        found = mentions(document, titled=evidence.micro)
        parts = tuple(p for p in found.parts if is_buildable(p)) if found else ()
        least = 2 if all(p.coded for p in parts) else 3
        choices = [_Choice(found, parts)] if found and len(parts) >= least else []
    if choices and all(c.source.form in ("mentions", "picture") for c in choices) and _is_one(document):
        choices = []
    elif choices and evidence.micro:
        choices = _completed(document, choices)
    facts, contradictions = _chosen(choices)
    if not facts:
        facts = _deployed(lists, evidence)
    if not facts and not evidence.micro and not _is_one(document):
        facts = said_backend(document)
    if len(facts) > 1:
        facts = tuple(_with_text(document, facts))
    components = read_components(document, facts, _beside(lists, facts))
    return Decomposition(facts, components, tuple(contradictions), evidence.line if evidence.micro else 0)


def _completed(document: Document, choices: list[_Choice]) -> list[_Choice]:
    """Return the names in the running text instead of lists that hold only some of them: lists of what is new."""
    parts = [p for c in choices for p in c.parts]
    found = mentions(document, titled=False) if all(p.coded for p in parts) else None
    if found is None:
        return choices
    named = {p.text for p in found.parts}
    own = {cleaned(p.text) for p in parts}
    return [_Choice(found, found.parts)] if own < named and all(is_buildable(p) for p in found.parts) else choices


def _is_one(document: Document) -> bool:
    """Return whether the text is about one service: those that it only mentions are its neighbours."""
    title = fold(system_title(document)).strip()
    return title.endswith(("service", "microservice")) and len(title.split()) <= 4


# ---------------------------------------------------------------- rule 2: which list wins


def _chosen(choices: Sequence[_Choice]) -> tuple[tuple[ServiceFact, ...], list[Contradiction]]:
    lists = [(c, _facts(c)) for c in choices]
    lists = [(c, f) for c, f in lists if f]
    if not lists:
        return (), []
    by_form = {
        form: _merged(facts for c, facts in lists if c.source.form == form)
        for form in _FORMS
        if any(c.source.form == form for c, _ in lists)
    }
    form, best = next(iter(by_form.items()))
    for other, facts in by_form.items():
        if other in _WORDED and len(facts) > len(best) and all(_same(b, facts) for b in best):
            form, best = other, facts
    contradictions = []
    for other, facts in by_form.items():
        if other != form:
            best, told = _compared(best, facts, form, other)
            contradictions += told
    return tuple(best), contradictions


def _facts(choice: _Choice) -> list[ServiceFact]:
    facts: list[ServiceFact] = []
    seen: dict[str, ServiceFact] = {}
    twice: list[tuple[ServiceFact, ServiceFact]] = []
    for number, part in enumerate(choice.parts, 1):
        try:
            name = service_name(part.text, part.line, number=number)
        except PrdError:
            if choice.source.form == "table" or ".." in part.text:
                raise
            continue
        if not name:
            continue
        fact = ServiceFact(name, part.line, part.detail, reason=_reason(choice.source))
        if name in seen:
            twice.append((seen[name], fact))
        else:
            seen[name] = fact
            facts.append(fact)
    if len(twice) == 1 and choice.source.headed and choice.source.form == "table":
        first, second = twice[0]
        raise PrdError(
            f"--prd: two services are called '{first.name}' (lines {first.line} and {second.line}). "
            "Allowed is one service of a name. Rename one of them."
        )
    return facts


def _reason(found: PartList) -> str:
    """Return where the text names it: the kind of list, and what stands above it."""
    above = found.about.strip().split("\n")[0][:60].strip()
    return f"named in the {_SHOWN[found.form]}" + (f" under '{above}'" if above else "")


def _merged(lists: Iterable[Sequence[ServiceFact]]) -> list[ServiceFact]:
    """Return the services of several lists of one form, each once: those of one list are told apart by its author."""
    seen: dict[str, ServiceFact] = {}
    for facts in lists:
        known = list(seen.values())
        for fact in facts[: _MOST_SERVICES - len(seen)]:
            same = _same(fact, known)
            if same is None:
                seen.setdefault(fact.name, fact)
            elif same.name != fact.name and fact.name not in seen[same.name].aliases:
                seen[same.name] = replace(seen[same.name], aliases=(*seen[same.name].aliases, fact.name))
            elif not same.description and fact.description:
                seen[same.name] = replace(seen[same.name], description=fact.description)
    return list(seen.values())


def _same(fact: ServiceFact, others: Sequence[ServiceFact]) -> ServiceFact | None:
    """Return the service of another list that is meant: of that name, or of one that abbreviates it."""
    own = _key(fact.name)
    return next((o for o in others if _key(o.name) == own), None)


def _key(name: str) -> tuple[str, ...]:
    parts = [_LONG.get(singular(w), w) for w in core(name).split("-")]
    return tuple(stem(w) for w in parts) or (name,)


def _compared(
    best: list[ServiceFact], facts: list[ServiceFact], form: str, other: str
) -> tuple[list[ServiceFact], list[Contradiction]]:
    """Return the chosen services with the other list's names for them, and what the two lists disagree about."""
    told = []
    result = {f.name: f for f in best}
    matched = _pairs(best, facts)
    for name, fact in matched.items():
        if core(fact.name) != core(name):
            same = result[name]
            result[name] = replace(same, aliases=(*same.aliases, fact.name))
            text = f"{name} (line {same.line}) is called {fact.name} elsewhere (line {fact.line}); it is {name}"
            told.append(Contradiction(text, (same.line, fact.line)))
    if len(matched) * 2 >= len(best):
        missing = [f for f in best if f.name not in matched]
        more = [f for f in facts if f not in matched.values()] if other != "mentions" else []
        for left, here, there, line in ((missing, form, other, facts[0].line), (more, other, form, best[0].line)):
            if left:
                names = ", ".join(f.name for f in left)
                text = f"{names}: in the {_SHOWN[here]}, not in the {_SHOWN[there]}; the {_SHOWN[form]} decides"
                told.append(Contradiction(text, (*(f.line for f in left[:_LIST_LINES]), line)))
    return list(result.values()), told


def _pairs(best: Sequence[ServiceFact], facts: Sequence[ServiceFact]) -> dict[str, ServiceFact]:
    """Return the service of the other list that each chosen one is: of its name, else of one that begins with it."""
    found: dict[str, ServiceFact] = {}
    for fact in facts:
        same = _same(fact, best)
        if same:
            found.setdefault(same.name, fact)
    taken = {f.name for f in found.values()}
    left = [f for f in facts if f.name not in taken]
    for service in best:
        key = _key(service.name)
        near = [f for f in left if service.name not in found and _key(f.name)[: len(key)] == key]
        if len(near) == 1:
            found[service.name] = near[0]
    return found


_SHOWN = {
    "table": "table of services",
    "headings": "list of headings",
    "bullets": "list of services",
    "labels": "list of parts",
    "sentence": "sentence",
    "compose": "compose text",
    "tree": "folder tree",
    "picture": "picture",
    "mentions": "running text",
}


# ---------------------------------------------------------------- what the text says under each name


def _with_text(document: Document, facts: Sequence[ServiceFact]) -> Iterator[ServiceFact]:
    """Yield the services with what stands under their headings, bullets and in their rows."""
    index = ServiceIndex(facts)
    said: dict[str, list[str]] = {f.name: [] for f in facts}
    for section in document.live():
        above = index.of_section(section)
        leads: dict[str, str | None] = {}
        for block in section.blocks:
            if block.kind == "table":
                for row in block.rows:
                    _said(said, above or index.find(row.cells[0][:80] if row.cells else ""), " ".join(row.cells)[:500])
                continue
            lead = block.lead[:80]
            if lead and lead not in leads:
                leads[lead] = index.find(lead)
            first = "" if block.kind == "code" else block.text[:60].partition("\n")[0]
            _said(said, (leads[lead] if lead else None) or index.find(first) or above, block.text[:500])
    for fact in facts:
        yield replace(fact, about=" ".join(said[fact.name])[:_MOST_TEXT])


def _said(said: dict[str, list[str]], service: str | None, text: str) -> None:
    if service:
        said[service].append(text)


# ---------------------------------------------------------------- rule 3: front end, back end, worker


def _deployed(lists: Sequence[PartList], evidence: Evidence) -> tuple[ServiceFact, ...]:
    """Return the back end and the workers of the first list that names a back end beside other parts."""
    lists = [f for f in lists if _BACKS.search(f.texts)]
    about = [f for f in lists if f.architecture and not f.stack and f.form != "labels"]
    compose = [f for f in lists if f.form == "compose"]
    trees = [f for f in lists if f.form == "tree"]
    for found in (*about, *compose, *trees):
        backs, fronts, workers = (_first(found, r) for r in ("backend", "frontend", "worker"))
        drawn = found.form in ("picture", "compose", "tree")
        if backs and (fronts or workers) and (drawn or found.kind not in FEATURES):
            chosen = [backs[0], *(w for w in workers if _runs_alone(w, found))]
            chosen += [p for p in found.parts if p.role == "" and _is_back(p, found) and not evidence.monolith]
            return tuple(_named_parts(chosen, found))
    for found in lists:
        backs, fronts = _first(found, "backend"), _first(found, "frontend")
        if backs and fronts and found.form in ("table", "bullets", "labels", "headings"):
            return tuple(_named_parts(backs[:1], found))
    return ()


def _is_back(part: Part, found: PartList) -> bool:
    """Return whether a part without a role is one more back end: a service with a port, an API with its own folder."""
    if part.named and part.port:
        return True
    last = (words(cleaned(part.text)) or [""])[-1]
    return found.form in ("compose", "tree") and last in {"api", "backend", "server", "bot", "worker"}


def _runs_alone(part: Part, found: PartList) -> bool:
    """Return whether a worker is a process of its own: schedulers and jobs are mostly a part of the back end."""
    if found.form in ("compose", "tree"):
        return True
    inside = {"scheduler", "cronjob", "jobs", "background", "cron", "tasks", "job"} & set(words(part.text))
    return found.form != "headings" and (not inside or bool(_ALONE.search(f"{part.text} {part.detail}")) or part.port)


def _first(found: PartList, role: str) -> list[Part]:
    return [p for p in found.parts if p.role == role]


def _named_parts(parts: Iterable[Part], found: PartList) -> Iterator[ServiceFact]:
    seen = set()
    for part in parts:
        try:
            name = plain_name(service_name(part.text, part.line))
        except PrdError:
            continue
        if name and name not in seen:
            seen.add(name)
            role = part.role if part.role in ("backend", "worker") else "service"
            yield ServiceFact(name, part.line, part.detail, reason=f"a {role} that runs by itself, {_reason(found)}")


def _beside(lists: Sequence[PartList], facts: Sequence[ServiceFact]) -> Iterator[Component]:
    """Yield the front ends, infrastructure, products, libraries and modules that the lists name."""
    lines = {f.line for f in facts}
    for found in lists:
        if not (found.architecture or found.services or found.stack or found.form in ("compose", "picture", "tree")):
            continue
        if found.form == "headings" and found.kind in FEATURES:
            continue
        for part in found.parts:
            if len(part.text) > 60 or part.text.count(" ") > 5:
                continue
            if part.role in ("frontend", "infrastructure", "external", "library"):
                quote = f"{part.text}: {part.detail}" if part.detail else part.text
                yield Component(part.text[:80], part.role, part.line, quote[:160])
            elif not facts and part.line not in lines and part.role == "" and _is_module(found, part):
                yield Component(
                    part.text[:80], "module", part.line, f"listed under '{found.about.splitlines()[0][:60]}'"
                )


def _is_module(found: PartList, part: Part) -> bool:
    return is_buildable(part) and bool(re.search(r"\bmodul|\bservices?$|模块|モジュール|모듈|модул", found.about))
