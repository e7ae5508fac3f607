# ruff: noqa: RUF001 - dashes and brackets of other scripts are what authors write
"""Which deployables the text names, and which names beside them are none: infrastructure, products, front ends."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_superteam.architect.facts import ServiceFact
from pytest_superteam.architect.names import fold, kebab, singular, vocabulary, words
from pytest_superteam.architect.sections import Document, Section, clean_title
from pytest_superteam.errors import PrdError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pytest_superteam.architect.blocks import Block

__all__ = ["ServiceIndex", "is_infrastructure", "read_services", "service_name"]

_HEADER = re.compile(
    r"^(?:micro-?)?service(?:s| name)?$|^deployables?$|^name of (?:the )?service$|^サービス名?$|^服务(?:名称)?$"
)
_DESCRIPTION = re.compile(r"responsib|description|purpose|role|what|zustaendig|fonction|説明|责任|描述")
# A bare number is a port only where it can't be a year.
_PORT = re.compile(
    r"[(\[]\s*port\s*:?\s*\d{2,5}\s*[)\]]|(?<=\s):\d{4,5}\b|[(\[]\s*:?(?:[3-9]\d{3}|1[0-8]\d{2}|\d{5})\s*[)\]]",
    re.IGNORECASE,
)
_DEPLOYABLES = re.compile(r"micro-?services|deployables")
_NO_SERVICE = re.compile(
    r"^(?:overview|introduction|communication|architecture|responsibilit|deployment|technolog|principles|diagram|security|notes?"
    r"|summary|shared|common|interactions?|dependencies|monitoring|inter-?service|service)\b"
)
_METHOD = re.compile(r"\b(?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS|WS)\b")
# Tables of services that are bought have the same header as those of services to build.
_BOUGHT = re.compile(
    r"third[- ]party|\bexternal|\bintegrations?\b|\bvendors?\b|\bproviders?\b|\bcosts?\b|\bpricing\b"
    r"|\bhosting\b|\bcloud\b"
)
_STEP = re.compile(r"^(?:step|phase|part|service|sprint|milestone|microservice)\s*#?\d+\s*[:.–—-]\s*", re.IGNORECASE)
_SUFFIX = re.compile(r"(?<=[a-z0-9])-(?:service|svc|microservice|api|server|backend|worker)$")
_KEBAB = re.compile(r"(?<![\w/.@-])[a-z][a-z0-9]{1,30}(?:-[a-z0-9]{1,30}){0,3}-(?:service|svc)(?![\w.@-])")
_NAMED_ITEM = re.compile(r"^(?:\*\*|`|\[)+([^*`\]\n]{2,60})(?:\*\*|`|\])")
_SUBJECT = re.compile(r"^(.{2,60}?)\s*(?::|\s[–—-]\s|$)")
_INFRASTRUCTURE = vocabulary(
    "activemq airflow alertmanager apache api-gateway apm aws azure balancer bff broker bus cache caddy "
    "cassandra cdn celery clickhouse client cloud cloudflare cloudfront config configuration consul cron "
    "dashboard-ui database datastore db debezium discovery docker dynamodb edge elastic elasticsearch "
    "envoy etcd eureka fcm firebase front frontend front-end gateway gcp gemini grafana haproxy ingress "
    "istio jaeger kafka keycloak kibana kong kubernetes load loki mailgun mariadb memcached message minio "
    "mobile mongo mongodb monitoring mq mysql n8n nats nginx ollama openai opensearch otel paypal "
    "pgbouncer postgres postgresql prometheus proxy pulsar queue rabbitmq react redis registry s3 "
    "sendgrid sentry sftp smtp spa sqlite sqs stripe supabase tempo traefik twilio ui vault web website "
    "zipkin zookeeper"
)
# Part of a path that leads out of a folder: under a heading about services it is no heading by chance.
_CLIMBS = re.compile(r"(?:^|[\\/\s])\.\.(?:[\\/]|$)")
_FILLER = frozenset(
    {
        "service",
        "services",
        "server",
        "api",
        "app",
        "application",
        "cluster",
        "instance",
        "store",
        "svc",
        "the",
        "central",
    }
)


def read_services(document: Document) -> tuple[ServiceFact, ...]:
    """Return the deployables that the text names, in order; none when it describes one backend.

    Raises:
        PrdError: two services of one list have the same name, or a name can't be that of a folder.
    """
    for source in (_from_tables, _from_headings, _from_items, _from_mentions):
        found = source(document)
        kept = [f for f in found if not is_infrastructure(f.name)]
        if kept:
            return tuple(kept)
    return ()


def service_name(text: str, line: int, *, loose: bool = False) -> str:
    """Return `text` as a service name such as `user-service`, or an empty string when it is a sentence.

    `loose` names (headings, bullets) may hold a slash between words.

    Raises:
        PrdError: it is no usable folder name: path separators, `..`, leading dots, control characters or nothing left.
    """
    shown = "".join(c if c.isprintable() else "?" for c in text)[:80]
    problem = _unsafe(text, loose=loose)
    if problem:
        raise PrdError(
            f"--prd: '{shown}' (line {line}) is no service name: it {problem}. "
            "Allowed are words and hyphens, such as 'order-service'. Rename the service."
        )
    name = kebab(_PORT.sub(" ", text))
    if not name:
        raise PrdError(
            f"--prd: '{shown}' (line {line}) is no service name: no Latin letter or digit is left of it. "
            "Allowed are words and hyphens, such as 'order-service'. Rename the service."
        )
    name = name if name[0].isalpha() else f"service-{name}"
    return "" if len(name) > 63 or name.count("-") > 6 else name


def _unsafe(text: str, *, loose: bool) -> str:
    if any(ord(c) < 32 or ord(c) == 127 for c in text):
        return "holds a control character"
    if ".." in text.replace("...", ""):
        return "holds '..'"
    if text.lstrip().startswith("."):
        return "begins with a dot"
    slashes = re.search(r"^\s*/|\\|/\s*$" if loose else r"^\s*/|\\|/\s*$|\S/\S", text)
    return "holds a path separator" if slashes else ""


def is_infrastructure(name: str) -> bool:
    """Return whether a normalised name is that of a part to buy or generate: gateway, database, broker, front end."""
    if name in _INFRASTRUCTURE:
        return True
    parts = [p for p in name.split("-") if p not in _FILLER]
    return bool(parts) and all(p in _INFRASTRUCTURE for p in parts)


def _unique(found: Iterable[ServiceFact]) -> list[ServiceFact]:
    """Return the services of one list; two of one name are the author's mistake."""
    seen: dict[str, ServiceFact] = {}
    for fact in found:
        if fact.name in seen:
            raise PrdError(
                f"--prd: two services are called '{fact.name}' (lines {seen[fact.name].line} and {fact.line}). "
                "Allowed is one service of a name. Rename one of them."
            )
        seen[fact.name] = fact
    return list(seen.values())


def _merged(found: Iterable[ServiceFact]) -> list[ServiceFact]:
    seen: dict[str, ServiceFact] = {}
    for fact in found:
        seen.setdefault(fact.name, fact)
    return list(seen.values())


def _from_tables(document: Document) -> list[ServiceFact]:
    found: list[ServiceFact] = []
    for section in document.live():
        for block in section.blocks:
            column = _service_column(block, section) if block.kind == "table" else None
            if column is not None:
                found += [f for f in _unique(_rows(block, column)) if f.name not in {x.name for x in found}]
    return found


def _service_column(block: Block, section: Section) -> int | None:
    headers = [fold(h).strip() or h for h in block.header]
    if any(_BOUGHT.search(text) for text in (fold(section.title), *headers)):
        return None
    exact = [i for i, h in enumerate(headers) if _HEADER.match(h)]
    if exact:
        # A table of endpoints or entities with a service column lists services many times over.
        others = {
            "path",
            "endpoint",
            "method",
            "entity",
            "table",
            "event",
            "field",
            "from",
            "requirement",
            "story",
            "alert",
            "metric",
        }
        listed = [r.cells[exact[0]] for r in block.rows if len(r.cells) > exact[0]]
        is_list = exact[0] == 0 or "services" in section.kinds
        return exact[0] if is_list and not others & {w for h in headers for w in words(h)} and any(listed) else None
    if section.kind == "services" and headers and headers[0] in {"name", "component", "module"}:
        kinds = [kebab(r.cells[0]).endswith(("-service", "-svc")) for r in block.rows]
        return 0 if kinds and sum(kinds) * 2 > len(kinds) else None
    return None


def _rows(block: Block, column: int) -> Iterator[ServiceFact]:
    headers = [fold(h) for h in block.header]
    about = next((i for i, h in enumerate(headers) if _DESCRIPTION.search(h) and i != column), None)
    for row in block.rows:
        text = " ".join(row.cells[column].split()) if column < len(row.cells) else ""
        if not text.strip("-–—.… "):
            continue
        name = service_name(text, row.line)
        if name:
            description = row.cells[about] if about is not None and about < len(row.cells) else ""
            yield ServiceFact(name, row.line, " ".join(description.split()))


def _from_headings(document: Document) -> list[ServiceFact]:
    """Headings that name a service: below a heading about services, with a port, or two that end in `Service`."""
    sections = [s for s in document.live() if s.level > 0]
    below = [s for s in sections if s.kind == "services" and s.parent_kind == "services"]
    for section in below:
        if _CLIMBS.search(section.title):
            service_name(section.title, section.line, loose=True)  # says what is wrong with it
    is_named = {s.line for s in sections if kebab(_heading_name(s)).endswith(("-service", "-microservice"))}
    micro = "microservice" in fold(document.text[:200_000]).replace("-", "")
    ported = [s for s in below if _PORT.search(s.heading)]
    if not ported and micro:
        ported = [s for s in sections if _PORT.search(s.heading)]
    if len(ported) >= 2:
        siblings = {(s.titles[1:2], s.level) for s in ported}
        return _heading_facts(s for s in sections if (s.titles[1:2], s.level) in siblings)
    named = [s for s in below if s.line in is_named]
    if len(named) >= 2:
        return _heading_facts(named)
    listed = [s for s in below if _DEPLOYABLES.search(fold(s.titles[1])) and not _NO_SERVICE.search(fold(s.title))]
    if len(listed) >= 2 and len({s.level for s in listed}) == 1:
        return _heading_facts(listed)
    named = [s for s in sections if s.line in is_named]
    return _heading_facts(named) if micro and len({kebab(_heading_name(s)) for s in named}) >= 2 else []


def _heading_name(section: Section) -> str:
    return clean_title(_STEP.sub("", _PORT.sub("", section.title)))


def _heading_facts(sections: Iterable[Section]) -> list[ServiceFact]:
    by_parent: dict[tuple[str, ...], list[ServiceFact]] = {}
    for section in sections:
        text = re.sub(r"\s*[(（][^()（）]{0,60}[)）]\s*$", "", _heading_name(section))
        name = service_name(text, section.line, loose=True) if text and kebab(text) else ""
        if name:
            about = next((b.text.split("\n")[0] for b in section.blocks if b.kind == "paragraph"), "")
            about = re.sub(r"^(?:purpose|responsibility|description)\s*:\s*", "", about, flags=re.IGNORECASE)
            by_parent.setdefault(section.titles[1:], []).append(ServiceFact(name, section.line, about))
    return _merged(fact for group in by_parent.values() for fact in _unique(group))


def _from_items(document: Document) -> list[ServiceFact]:
    """Bullets below a heading about services: `- **auth-service**: issues tokens`."""
    found: list[ServiceFact] = []
    for section in document.live():
        if section.kind == "services":
            items = [b for b in section.blocks if b.kind == "item" and b.level == 1]
            facts = [f for f in map(_item_fact, items) if f]
            named = [f for f in facts if _SUFFIX.search(f.name)]
            micro = "micro" in fold(section.title) or "deployable" in fold(section.title)
            if (micro and len(facts) >= 2) or (len(named) >= 2 and len(named) * 2 >= len(items)):
                found += [f for f in _unique(facts if micro else named) if f.name not in {x.name for x in found}]
    return found


def _item_fact(block: Block) -> ServiceFact | None:
    raw = block.raw.strip().split("\n")[0]
    match = _NAMED_ITEM.match(raw)
    subject = match.group(1) if match else ""
    first = block.text.split("\n")[0]
    if not subject:
        found = _SUBJECT.match(first)
        subject = found.group(1) if found else ""
    subject = subject.strip().rstrip(":").strip()
    if not subject.strip("-–—.… ") or _METHOD.search(subject) or (len(subject.split()) > 5 and ".." not in subject):
        return None
    name = service_name(subject, block.line, loose=" " in subject)
    rest = first[first.find(subject) + len(subject) :] if subject in first else ""
    return ServiceFact(name, block.line, _PORT.sub("", rest).lstrip(" :–—-)").strip()) if name else None


def _from_mentions(document: Document) -> list[ServiceFact]:
    """Folder trees, pictures and compose texts: at least two names of the form `order-service`."""
    facts: dict[str, ServiceFact] = {}
    for section in document.live():
        for block in section.blocks:
            texts = list(block.lines()) + [(r.line, " ".join(r.cells)) for r in block.rows]
            for line, text in texts:
                for match in _KEBAB.finditer(text[:5000]):
                    facts.setdefault(match.group(), ServiceFact(match.group(), line))
    return list(facts.values()) if len(facts) >= 2 else []


class ServiceIndex:
    """Finds the service that a piece of text names, by its full name or what is left of it without `-service`."""

    def __init__(self, services: Iterable[ServiceFact]) -> None:
        self.names = tuple(s.name for s in services)
        self._short = {_SUFFIX.sub("", name): name for name in self.names}

    def find(self, text: str) -> str | None:
        """Return the service that `text` (a heading or a cell) names, if it names exactly one."""
        parts = words(_PORT.sub(" ", text))
        joined = f"-{'-'.join(parts)}-"
        # The longest name wins: `order-history-service` is not `history-service`.
        full = sorted((n for n in self.names if f"-{n}-" in joined), key=len, reverse=True)
        if full:
            return full[0]
        rest = [
            p
            for p in parts
            if p not in {"service", "api", "apis", "endpoints", "endpoint", "module", "routes", "the", "svc"}
        ]
        for candidate in ("-".join(rest), "-".join([*rest[:-1], singular(rest[-1])]) if rest else ""):
            if candidate in self._short:
                return self._short[candidate]
        return None

    def of_section(self, section: Section) -> str | None:
        """Return the service that the heading of `section`, or the nearest one above it, names."""
        return next((name for name in (self.find(title) for title in section.titles) if name), None)

    def find_all(self, text: str) -> tuple[str, ...]:
        """Return the services of a list such as `order-service, catalog-service`, in its order."""
        found = (self.find(part) for part in re.split(r"[,;/&\n]| and ", text[:2000]))
        return tuple(dict.fromkeys(name for name in found if name))
