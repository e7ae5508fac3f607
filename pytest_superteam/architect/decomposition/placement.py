"""Where each entity lives, and why: what the text says, then what its endpoints, names and neighbours speak for."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, NamedTuple

from pytest_superteam.architect.decomposition.service_names import core
from pytest_superteam.architect.facts import ServiceFact
from pytest_superteam.architect.interface.paths import entity_of_segment, segments
from pytest_superteam.architect.names import pascal, stem, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pytest_superteam.architect.facts import EndpointFact, EntityFact, RelationFact

__all__ = ["Home", "allocate", "contexts"]

_GENERIC = frozenset(
    {"service", "api", "management", "manager", "system", "data", "core", "engine", "module", "the", "and"}
)
_MOST_TEXT = 6000
_FORMED = "the text asks for several services; these entities belong together"
_LEAST_ENTITIES = 10
_LEAST_GROUPS = 3
_MOST_GROUPS = 8


class Home(NamedTuple):
    """The service of an entity, and why it is there, in a few words."""

    service: str
    reason: str


class _Evidence(NamedTuple):
    weight: int
    reason: str


def allocate(
    facts: Sequence[EntityFact],
    services: Sequence[ServiceFact],
    endpoints: Sequence[EndpointFact],
    issuer: str | None,
    relations: Sequence[RelationFact] = (),
) -> dict[str, Home]:
    """Return the home of each entity.

    What the text says decides; then, added up: whose endpoints name it, the service of that name, what is said of the
    services. An entity that nothing speaks for goes to those that it refers to, and at last to the first service that
    does not sign tokens.
    """
    names = [s.name for s in services]
    if len(names) == 1:
        return {f.name: Home(names[0], "the only service") for f in facts}
    paths = _path_votes(facts, endpoints)
    spoken = {s.name: _Text(s) for s in services}
    homes: dict[str, Home] = {}
    for fact in facts:
        if fact.name == "User" and issuer:
            homes["User"] = Home(issuer, "signs users in")
        elif fact.service in spoken:
            homes[fact.name] = Home(fact.service or "", "the text says so")
        else:
            best = _best(fact, services, spoken, paths)
            if best:
                homes[fact.name] = best
    rest = next((n for n in names if n != issuer), names[0])
    _by_neighbours(facts, homes, relations)
    for fact in facts:
        homes.setdefault(fact.name, Home(rest, "nothing in the text speaks for another service"))
    return homes


class _Text:
    """The words of a service's name, of its description and of what stands under its name."""

    def __init__(self, service: ServiceFact) -> None:
        self.name = {stem(w) for n in (service.name, *service.aliases) for w in core(n).split("-")} - _GENERIC
        self.described = Counter(stem(w) for w in words(service.description[:600]))
        self.about = Counter(stem(w) for w in words(service.about[:_MOST_TEXT]))


def _best(
    fact: EntityFact, services: Sequence[ServiceFact], spoken: dict[str, _Text], paths: dict[str, Counter[str]]
) -> Home | None:
    scored: list[tuple[int, int, Home]] = []
    for place, service in enumerate(services):
        found = list(_evidence(fact, spoken[service.name], paths[fact.name][service.name]))
        if found:
            strongest = max(found, key=lambda e: e.weight)
            scored.append((sum(e.weight for e in found), -place, Home(service.name, strongest.reason)))
    return max(scored)[2] if scored else None


def _evidence(fact: EntityFact, text: _Text, paths: int) -> Iterable[_Evidence]:
    parts = [stem(w) for w in words(fact.name)]
    if not parts:
        return
    if paths:
        yield _Evidence(60 + min(paths, 9), "endpoints of the service name it")
    shared = [p for p in parts if p in text.name]
    if shared:
        whole = len(shared) == len(parts) or parts[0] in text.name
        yield _Evidence(40 if whole else 22, "the service has its name")
    for words_of, weight, reason in (
        (text.described, 30, "the description of the service names it"),
        (text.about, 26, "the text under the service names it"),
    ):
        if all(words_of[p] for p in parts):
            yield _Evidence(weight + min(5, *(words_of[p] for p in parts)), reason)
        elif words_of[parts[-1]] and len(parts) > 1:
            yield _Evidence(8, reason)


def _path_votes(facts: Sequence[EntityFact], endpoints: Iterable[EndpointFact]) -> dict[str, Counter[str]]:
    known = [f.name for f in facts]
    votes: dict[str, Counter[str]] = defaultdict(Counter)
    for endpoint in endpoints:
        if not endpoint.service:
            continue
        parts = [p for p in segments(endpoint.path) if not p.startswith("{")]
        meant = [e for e in (entity_of_segment(p, known) for p in parts[:4]) if e]
        for place, name in enumerate(meant):
            votes[name][endpoint.service] += 3 if place == 0 else 1
    return votes


def _by_neighbours(facts: Sequence[EntityFact], homes: dict[str, Home], relations: Sequence[RelationFact]) -> None:
    """Give an entity that nothing speaks for the home of those that it is tied to, nearest first."""
    ties = _ties(facts, relations)
    waiting = [f.name for f in facts if f.name not in homes]
    for _ in range(3):
        for name in waiting:
            votes: Counter[str] = Counter()
            for other, weight in ties[name].items():
                if other in homes and other != "User":
                    votes[homes[other].service] += weight
            if votes and name not in homes:
                best = votes.most_common(1)[0][0]
                near = max(
                    (o for o in ties[name] if o in homes and homes[o].service == best), key=ties[name].__getitem__
                )
                homes[name] = Home(best, f"belongs with {near}")
        waiting = [n for n in waiting if n not in homes]


def _ties(facts: Sequence[EntityFact], relations: Sequence[RelationFact]) -> dict[str, Counter[str]]:
    known = {f.name for f in facts}
    heads: dict[str, list[str]] = defaultdict(list)
    for fact in facts:
        heads[(words(fact.name) or [""])[0]].append(fact.name)
    ties: dict[str, Counter[str]] = defaultdict(Counter)
    for fact in facts:
        for item in fact.fields:
            target = item.field.references or pascal(item.field.name.removesuffix("_id"))
            if target in known and target != fact.name:
                ties[fact.name][target] += 3
                ties[target][fact.name] += 1
    for relation in relations:
        if {relation.parent, relation.child} <= known and relation.parent != relation.child:
            ties[relation.child][relation.parent] += 3
            ties[relation.parent][relation.child] += 1
    for alike in heads.values():
        for name in alike[1:20]:
            ties[name][alike[0]] += 2
            ties[alike[0]][name] += 1
    return ties


def contexts(
    facts: Sequence[EntityFact], relations: Sequence[RelationFact], line: int
) -> tuple[tuple[ServiceFact, ...], dict[str, Home]]:
    """Return services formed of entities that belong together, where the text asks for several and names none.

    Only a large model (ten entities and more) that falls into three to eight groups of at least two entities is taken
    apart; each group is called after the entity that most others refer to. Otherwise nothing is formed.
    """
    if len(facts) < _LEAST_ENTITIES:
        return (), {}
    ties = _ties(facts, relations)
    group: dict[str, str] = {f.name: f.name for f in facts}

    def root(name: str) -> str:
        while group[name] != name:
            group[name] = group[group[name]]
            name = group[name]
        return name

    for fact in facts:
        # Whatever refers to the User would hang together by it: the strongest other tie decides.
        near = [(w, o) for o, w in ties[fact.name].items() if o != "User" and w >= 2]
        if near and fact.name != "User":
            group[root(fact.name)] = root(max(near)[1])
    groups: dict[str, list[str]] = defaultdict(list)
    for fact in facts:
        groups[root(fact.name)].append(fact.name)
    whole = [g for g in groups.values() if len(g) >= 2 or g == ["User"]]
    if not _LEAST_GROUPS <= len(whole) <= _MOST_GROUPS or sum(map(len, whole)) * 5 < len(facts) * 4:
        return (), {}
    made, homes = [], dict[str, Home]()
    for members in whole:
        head = max(members, key=lambda n: (sum(ties[m][n] for m in members), -members.index(n)))
        name = f"{'-'.join(words(head))}-service"[:63]
        made.append(ServiceFact(name, line, f"Keeps {', '.join(members)}", explicit=False, reason=_FORMED))
        homes |= {m: Home(name, "names its service" if m == head else f"belongs with {head}") for m in members}
    for fact in facts:
        homes.setdefault(fact.name, Home(made[0].name, "nothing in the text speaks for another service"))
    return tuple(made), homes
