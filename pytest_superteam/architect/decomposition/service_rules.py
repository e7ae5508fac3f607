"""Which lists of parts name services to build, and which parts of them do."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_superteam.architect.decomposition.service_names import cleaned, service_name
from pytest_superteam.architect.names import fold, vocabulary, words

if TYPE_CHECKING:
    from pytest_superteam.architect.decomposition.evidence import Evidence
    from pytest_superteam.architect.decomposition.parts import Part, PartList

__all__ = ["FEATURES", "is_buildable", "services_in"]

_FOREIGN = re.compile(
    r"third[- ]?party|\bexternal|\bextern[eo]|\bother\b|upstream|downstream|\brelated|\bconsum\w{1,3}\b|\bpeers?\b"
    r"|dependenc"
)
_BOUGHT = re.compile(
    r"third[- ]?party|\bexternal|\bexterne|\bexterno|\bintegra\w{2,6}\b|\bvendors?\b|\bproviders?\b|\bcosts?\b"
    r"|\bpricing\b"
    r"|\bhosting\b|\bcloud\b|\bprices?\b|\bwe offer\b|\bofferings?\b|\bcustomer services?\b|\bdependenc\w{1,4}\b"
    r"|\benvironment"
    r"|\bsla\b|\bdrittanbieter|\btiers\b|\bterceiros|\bterceros|\bfuture\b|\bcompetit|upstream|downstream|\brelated"
    r"|\bother services|\bpeers?\b|\baccount|\bsubscription|\bmonthly"
)
_BOUGHT_NATIVE = re.compile("第三方|外部|費用|价格|料金|외부|внешн|сторонн|стоимост", re.IGNORECASE)
FEATURES = frozenset(
    {
        "requirements",
        "excluded",
        "roles",
        "plan",
        "risks",
        "metrics",
        "glossary",
        "questions",
        "states",
        "ui",
        "nonfunctional",
    }
)
_NO_SERVICE = re.compile(
    r"^(?:overview|introduction|communication|architecture|responsibilit|deployment|technolog|principles?|diagram"
    r"|security|notes?"
    r"|summary|shared|common|interactions?|dependencies|monitoring|inter-?service|(?:micro)?services?$|data (?:model"
    r"|flow|store)"
    r"|api (?:gateway|design|endpoints?|contracts?)|key |core |tech|event|error|testing|scalab|observab|logging"
    r"|health|cross|other"
    r"|ports?|features?|endpoints?|example|total|table of|background$|patterns?|structure|folder|repositor|why |how "
    r"|what "
    r"|(?:create|edit|update|delete|add|remove|view|browse|choose|select|cancel|rate|find|offer|get|my|new|how|manage"
    r"|managing|adding|creating) "
    r"|descri|arquit|archit|comunica|introdu|resumen|visao|vision|uberblick|vue d)|(?:overview|architecture|diagram"
    r"|patterns?"
    r"|communication|principles|requirements|specifications?|definitions?|discovery)$"
    r"|^(?:\w{3,16} ){1,3}(?:micro-?)?services$"
)
_NO_SERVICE_NATIVE = re.compile("^(?:概述|总体|整体|架构|技术|通信|概要|構成|개요|обзор|общ)|通信$|架构图?$|架构设计$")
_ENGINE = vocabulary(
    "aggregator agent analytics analyzer api app backend bot bridge broker builder calculator catalog checker "
    "collector composer "
    "connector consumer core crawler creator dispatcher engine evaluator executor exporter fetcher generator handler "
    "hub indexer "
    "ingester ingestor listener loader manager matcher matchmaker mediator monitor normalizer notifier optimizer "
    "orchestrator "
    "parser pipeline planner player poller predictor processor producer publisher receiver recommender recorder relay "
    "renderer "
    "restreamer router runner scheduler scorer scraper seeder sender server signer simulator solver splitter store "
    "streamer "
    "synchronizer system tracker trainer transcoder translator uploader validator watcher worker workers writer"
)
_PRINCIPLE = re.compile(
    r"(?:breaker|balancing|tolerance|driven|deployment|deployable|containers?|docker|scalab\w+|scaling|protocols?"
    r"|grpc|rest|isolation|resilien\w+"
    r"|coupl\w+|boundar\w+|saga|cqrs|sourcing|consistency|containeri[sz]ation|mesh|limiting|benefits?|advantages?"
    r"|rationale|stack"
    r"|technolog\w+|languages?|framework|ci/cd|fault|maintainab\w+|flexib\w+|orchestration|per service|modularity"
    r"|independence"
    r"|strateg(?:y|ies)|implementations?|migrations?|enhancements?|refactoring|setup|documentation|operations"
    r"|availability|latency|communication|messaging|transport|versioning|tracing|pattern|registration|independen\w+)$"
    r"|^(?:each|every|all|use|uses|using|independent|loose|high|easy|scal\w+|deploy\w*|one|no|must|should|services?"
    r"|database per|decoupl\w+|event-driven"
    r"|communicat\w+|docker\w*|containeri\w+|language|framework|protocol|pattern|style|type|approach|responsibilit\w+"
    r"|purpose|port|tech\w*|endpoints?"
    r"|dependenc\w+|key|functions?|database|data|input|output|description)\b"
)
_NEVER = re.compile(
    r"(?:micro)?services?\b|key |other |(?:create|edit|update|delete|add|remove|view|browse|choose|select|cancel|find"
    r"|get|my|new|manage|managing"
    r"|adding|creating|how|why) |(?:\w{3,16} ){1,3}(?:micro-?)?services$"
)
_TELLING = re.compile(
    "servi[cçz]|dienst|svc|servis|服务|服務|サービス|서비스|сервис|служб|dịch vụ|layanan|usług|port|\\d{4}|:\\d",
    re.IGNORECASE,
)


_LEAST_ALIKE = 3
_COUNTED = re.compile(
    r"^(?:micro-?)?(?:service|servicio|serviço|dienst|servizio)\s{0,3}#?\d{1,2}\s*[:.\u2013\u2014-]", re.IGNORECASE
)


def services_in(found: PartList, evidence: Evidence) -> tuple[Part, ...]:
    """Return the services that a list names, or nothing when it is no list of services."""
    about = found.micro or found.services or found.architecture or found.headed
    if counted := _counted(found, evidence):
        return counted
    if (
        not about
        and found.form not in ("compose", "tree", "picture")
        and not (evidence.micro and found.form == "headings")
    ):
        return ()
    if not (found.micro or found.headed or _TELLING.search(found.texts)):
        return ()
    if found.services:
        _check_names(found)
    candidates = tuple(p for p in found.parts if is_buildable(p))
    named = tuple(p for p in candidates if p.named and (not p.classlike or evidence.micro or found.micro))
    if not candidates or _is_bought(found):
        return ()
    if found.form == "table" and found.headed:
        return _of_table(found, candidates, named, evidence)
    if found.form == "compose":
        return _of_compose(candidates, named, evidence)
    if found.form == "tree":
        return _of_tree(found, candidates, named, evidence)
    if found.form == "picture":
        return named if len(named) >= 2 and evidence.micro else ()
    return _of_words(found, candidates, named, evidence)


def _check_names(found: PartList) -> None:
    for part in found.parts:
        if re.search(r"(?:^|[\\/\s])\.\.(?:[\\/]|$)", part.text):
            service_name(part.text, part.line)  # says what is wrong with it


def _counted(found: PartList, evidence: Evidence) -> tuple[Part, ...]:
    """Return the services of headings that count them: "Service 1: Order Service"."""
    if found.form != "headings" or evidence.monolith:
        return ()
    counted = tuple(p for p in found.parts if _COUNTED.match(p.text) and p.named and is_buildable(p))
    return counted if len(counted) > 1 else ()


def _of_table(
    found: PartList, candidates: tuple[Part, ...], named: tuple[Part, ...], evidence: Evidence
) -> tuple[Part, ...]:
    if found.micro or evidence.micro or sum(p.port for p in candidates) >= 2 or any(p.coded for p in named):
        return candidates
    if evidence.monolith or found.stack or found.kind in FEATURES or all(p.classlike for p in candidates):
        return ()
    return (
        candidates if found.kind in ("services", "", "api", "architecture") or len(named) * 2 >= len(candidates) else ()
    )


def _of_compose(candidates: tuple[Part, ...], named: tuple[Part, ...], evidence: Evidence) -> tuple[Part, ...]:
    """Containers are services where they are called so, where the text asks for such, or where many have own names."""
    if len(candidates) > 1 and (evidence.micro or len(named) * 2 >= len(candidates)):
        return candidates
    own = [p for p in candidates if not p.role]
    return candidates if len(own) >= _LEAST_ALIKE and not evidence.monolith else ()


def _of_tree(
    found: PartList, candidates: tuple[Part, ...], named: tuple[Part, ...], evidence: Evidence
) -> tuple[Part, ...]:
    if len(candidates) >= 2 and found.headed and (evidence.micro or len(named) * 2 > len(candidates)):
        return candidates
    if len(candidates) >= 2 and evidence.micro and found.about.endswith(("apps", "backend")):
        return candidates
    return named if len(named) >= 2 and (evidence.micro or not evidence.monolith) else ()


def _of_words(
    found: PartList, candidates: tuple[Part, ...], named: tuple[Part, ...], evidence: Evidence
) -> tuple[Part, ...]:
    """Headings, bullets, labels and sentences."""
    if found.micro and not evidence.monolith:
        known = set(named)
        listed = tuple(p for p in candidates if p in known or _is_name(p, found))
        if len(listed) >= 2 or (listed and named and len(found.parts) >= 2):
            return listed
    about = found.services or found.architecture
    if (about or evidence.micro) and sum(p.port for p in candidates) >= 2:
        return candidates
    if evidence.monolith:
        return ()
    if about and sum(p.coded for p in candidates) >= 2:
        return _alike(named, candidates)
    if found.form == "sentence" and (evidence.micro or len(named) * 2 >= len(candidates)):
        known = set(named)
        listed = tuple(p for p in candidates if p in known or _is_name(p, found))
        return listed if len(listed) >= 2 and len(listed) * 3 >= len(candidates) * 2 else ()
    return _of_names(found, candidates, named, evidence)


def _of_names(
    found: PartList, candidates: tuple[Part, ...], named: tuple[Part, ...], evidence: Evidence
) -> tuple[Part, ...]:
    """Lists for which only the names of the parts speak."""
    if len(named) < 2 or (found.kind in FEATURES and not evidence.micro):
        return ()
    about = found.services or found.architecture
    if evidence.micro:
        return _alike(named, candidates) if about or found.form == "headings" else ()
    if found.kind == "services" and (found.form == "headings" or len(named) * 2 >= len(found.parts)):
        return named
    alike = _alike(named, candidates)
    return alike if about and evidence.distributed and len(alike) >= _LEAST_ALIKE else ()


def _is_name(part: Part, found: PartList) -> bool:
    """Return whether an item names something: principles and benefits stand under headings about microservices too."""
    size = len(part.text.split())
    about = bool(part.detail) or part.port or part.coded or found.form in ("headings", "sentence")
    return size <= (5 if about else 3) and not _PRINCIPLE.search(fold(cleaned(part.text)))


def _alike(named: tuple[Part, ...], candidates: tuple[Part, ...]) -> tuple[Part, ...]:
    """Return the named services and those beside them whose name is that of something that works: a processor."""
    more = {p.line for p in candidates if (words(p.text) or [""])[-1] in _ENGINE and p.role != "backend"}
    known = set(named)
    return tuple(p for p in candidates if p in known or p.line in more)


def is_buildable(part: Part) -> bool:
    """Return whether a part may be a service by its name and role: neither bought nor a heading of another kind."""
    if part.role not in ("", "worker", "backend"):
        return False
    title = fold(cleaned(part.text)).strip()
    if _NO_SERVICE.search(title) and not part.coded:
        return part.named and not _NEVER.match(title)
    return (
        not _NO_SERVICE_NATIVE.search(part.text) and len(part.text.split()) <= 7 and not part.text.endswith((".", "?"))
    )


def _is_bought(found: PartList) -> bool:
    if found.micro and not _FOREIGN.search(found.about):
        return False
    coded = sum(p.coded or p.port for p in found.parts)
    return bool(_BOUGHT.search(found.about) or _BOUGHT_NATIVE.search(found.about)) and coded * 2 < len(found.parts)
