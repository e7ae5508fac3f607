# ruff: noqa: RUF001 - dashes and brackets of other scripts are what authors write
"""A part that a text names, and a list of such parts with what the words around it are about."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, NamedTuple

from pytest_superteam.architect.decomposition.components import role_of
from pytest_superteam.architect.decomposition.service_names import PORT, cleaned, is_class, is_service_like
from pytest_superteam.architect.names import fold

if TYPE_CHECKING:
    from pytest_superteam.architect.decomposition.components import PartRole
    from pytest_superteam.architect.document.sections import Section

__all__ = [
    "CODED",
    "MICRO",
    "MICRO_NATIVE",
    "MOST_LINES",
    "SERVICES",
    "Form",
    "Part",
    "PartList",
    "part_of",
    "parts_of",
]

Form = Literal["table", "headings", "bullets", "labels", "sentence", "compose", "tree", "picture", "mentions"]


MICRO = re.compile(
    r"micro-?\s?servi|mikro-?(?:service|dienst|serwis|servis|uslug)|microsservi|micro-servicio|layanan mikro|vi dich vu"
    r"|\bdeployables\b|independently deployable"
)
MICRO_NATIVE = re.compile("微服务|微服務|マイクロサービス|마이크로\\s?서비스|микросервис", re.IGNORECASE)
SERVICES = re.compile(r"\bservices?\b|servicios?\b|servicos?\b|\bservizi\b|dienst|\buslug|\blayanan\b|dich vu")
_SERVICES_NATIVE = re.compile("服务|服務|サービス|서비스|сервис|служб", re.IGNORECASE)
_ARCHITECTURE = re.compile(
    r"architect|arquitet|arquitect|architekt|architettur|kien truc|arsitektur|mimari|component|komponent|composant"
    r"|^apps$|\bworkspaces?\b|\bsystem (?:design|overview|structure)|topolog|building blocks?|deployment|containers?\b"
    r"|applications?\b|monorepo"
    r"|project structure|repository structure|modules?\b|backend"
)
_ARCHITECTURE_NATIVE = re.compile(
    "架构|架構|アーキテクチャ|構成|コンポーネント|组件|아키텍처|구성|архитектур|компонент|模块", re.IGNORECASE
)
_STACK = re.compile(r"stack|technolog|tecnolog|technik|teknolog|cong nghe|tech\b|tools?\b|framework")
_STACK_NATIVE = re.compile("技术|技術|기술|технолог|стек", re.IGNORECASE)
_LEADS = re.compile(
    r"[:：]\W{0,4}$|^(?:\S+\s+){0,6}\S+$(?<![.!?。])|following|siguiente|seguinte|folgend|suivant|以下|下記|如下|다음|следующ",
    re.IGNORECASE,
)
CODED = re.compile(
    r"(?<![\w/.@-])(?!(?:the|use|my|your|our|a|an|in|of|to|self|third-party|full|micro|web|any|each|per|as-a"
    r"|name)-)[a-z][a-z0-9]{1,30}(?:-[a-z0-9]{1,30}){0,3}-(?:service|svc)(?![\w.@(-])"
)
_HOME = re.compile(r"^[`*]{0,3}(?:\./)?(?:apps|services|packages|cmd)/(?=[a-z][\w-]{1,40}/?[`*]{0,3}(?:$|\s))")
"""Where the folder of a part lies: it is no part of its name."""
MOST_LINES = 400


@dataclass(frozen=True, slots=True)
class Part:
    """An item of a list: what the author calls it and what is said of it. `given` is a role that its image tells."""

    text: str
    line: int
    detail: str = ""
    ported: bool = False
    given: PartRole = ""

    @property
    def role(self) -> PartRole:
        """Return what its name says it is."""
        return self.given or _role(self.text[:200], self.detail[:200])

    @property
    def port(self) -> bool:
        """Return whether the text gives it a port."""
        return self.ported or bool(PORT.search(self.text[:200]))

    @property
    def named(self) -> bool:
        """Return whether the name itself says that this is a service."""
        return _named(self.text[:200])

    @property
    def coded(self) -> bool:
        """Return whether it is written as folders and containers are: `order-service`."""
        return bool(CODED.fullmatch(cleaned(self.text)))

    @property
    def classlike(self) -> bool:
        """Return whether it is written as classes are: `OrderService`."""
        return is_class(cleaned(self.text))


@lru_cache(maxsize=4096)
def _role(text: str, detail: str) -> PartRole:
    return role_of(text, detail)


@lru_cache(maxsize=4096)
def _named(text: str) -> bool:
    return is_service_like(cleaned(text))


@dataclass(frozen=True, slots=True)
class PartList:
    """Parts that stand in one list. `about` is the folded text of what introduces it, `kind` that of its section.

    `headed` says that a column of services is what the table itself names them.
    """

    form: Form
    line: int
    parts: tuple[Part, ...]
    kind: str = ""
    micro: bool = False
    services: bool = False
    architecture: bool = False
    stack: bool = False
    headed: bool = False
    about: str = ""
    texts: str = ""


class _About(NamedTuple):
    text: str
    micro: bool
    services: bool
    architecture: bool
    stack: bool


def parts_of(form: Form, parts: tuple[Part, ...], section: Section, lead: str, *, headed: bool = False) -> PartList:
    """Return a list with what its section and the words before it are about."""
    about = _about(_titled(section), lead[-200:])
    return PartList(
        form,
        parts[0].line,
        parts,
        section.kind,
        about.micro,
        section.kind == "services" or about.services,
        about.architecture,
        section.kind == "stack" or about.stack,
        headed,
        about.text,
        "\n".join([p.text + ":1" * p.ported for p in parts]),
    )


def is_about_parts(section: Section, lead: str) -> bool:
    """Return whether the title of a section or the words before a list speak of services, parts or technology."""
    return section.kind in ("services", "stack") or any(_about(_titled(section), lead[-200:])[1:])


def _titled(section: Section) -> str:
    # What the title of the document speaks of is no heading over a list.
    is_root = section.level == 1 and not any(section.titles[1:]) and section.kind != "services"
    return "" if is_root else section.title


@lru_cache(maxsize=4096)
def _about(title: str, lead: str) -> _About:
    raw = f"{title}\n{lead if _LEADS.search(lead) else ''}"
    text = fold(raw)
    return _About(
        text,
        bool(MICRO.search(text) or MICRO_NATIVE.search(raw)),
        bool(SERVICES.search(text) or _SERVICES_NATIVE.search(raw)),
        bool(_ARCHITECTURE.search(text) or _ARCHITECTURE_NATIVE.search(raw)),
        bool(_STACK.search(text) or _STACK_NATIVE.search(raw)),
    )


def part_of(text: str, line: int, detail: str = "", *, port: bool = False) -> Part:
    """Return a part; only the beginning of what is said of it is kept."""
    return Part(_HOME.sub("", text), line, detail[:300].replace("\n", " "), port)
