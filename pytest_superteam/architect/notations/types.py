"""Types of programming languages that describe data: TypeScript, Go, Rust, Swift, Kotlin, Java and C#."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from pytest_superteam.architect.names import snake, vocabulary
from pytest_superteam.architect.notations.common import Column, Member, balanced, declared, entity, is_wrapper, members

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.architect.facts import EntityFact

__all__ = ["is_types", "read_types"]

_TYPE = re.compile(
    r"^[ \t]{0,12}(?:(?:export|default|declare|public|pub|internal|private|protected|sealed|open|final|abstract|partial"
    r"|static|data)[ \t]{1,4}){0,4}(interface|type|class|struct|record|entity|model|table|enum"
    r"(?:[ \t]{1,4}class)?|message|object)[ \t]{1,4}"
    r"([A-Za-z]\w{0,60})(?:<[^<>\n]{1,80}>)?([^\n{}()=;]{0,160}|[ \t]{0,4}=[ \t]{0,4}"
    r"(?:[A-Z]\w{0,60}[ \t]{0,4}&[ \t]{0,4}){0,4})\s{0,4}\{",
    re.MULTILINE,
)
_RECORD = re.compile(
    r"^[ \t]{0,12}(?:(?:public|internal|private|sealed)[ \t]{1,4}){0,3}(?:data[ \t]{1,4}class"
    r"|case[ \t]{1,4}class|record(?:[ \t]{1,4}(?:struct|class))?)"
    r"[ \t]{1,4}([A-Za-z]\w{0,60})(?:<[^<>\n]{1,80}>)?[ \t]{0,4}\(",
    re.MULTILINE,
)
_UNION = re.compile(
    r"^[ \t]{0,12}(?:export[ \t]{1,4})?type[ \t]{1,4}([A-Za-z]\w{0,60})[ \t]{0,4}=\s{0,8}\|?\s{0,8}"
    r"((?:[\"'][^\"'\n]{1,60}[\"']\s{0,8}\|?\s{0,20}){2,100})",
    re.MULTILINE,
)
_STRINGS = re.compile(r"[\"']([^\"'\n]{1,60})[\"']")
_COLON = re.compile(
    r"^(?:(?:readonly|public|private|protected|var|let|val|const|override|lateinit|pub|static)\s+){0,4}"
    r"[\"']?([A-Za-z_$][\w$]{0,60})[\"']?\s*([?!]?)\s*:\s*(.+)$"
)
_CONST = re.compile(r"^const\s|^function\b")
_GO = re.compile(r"^([A-Z]\w{0,60})\s+([*\[\]\w.{}]{1,100})\s*(`[^`]{0,300}`)?$")
_JSON_TAG = re.compile(r"\bjson:\"([\w-]{1,60})")
_PROPERTY = re.compile(
    r"^(?:(?:public|private|protected|internal|virtual|required"
    r"|final|static|readonly|override)\s+){0,4}([A-Za-z][\w.]{0,60}(?:<[\w<>, .?]{1,100}>)?(?:\[\])?)(\?)?\s+"
    r"([A-Za-z_]\w{0,60})\s*(\{\s*get\b.{0,200}|=.{0,200})?$"
)
_MANY = re.compile(
    r"\[\]$|^\[|^(?:Readonly)?(?:Array|List|IList|ICollection|IEnumerable|Set|HashSet|Vec|MutableList|Collection)\s{0,2}<"
)
_INNER = re.compile(r"<\s{0,4}([A-Za-z]\w{0,60})")
_NULLABLE = re.compile(r"\|\s*(?:null|undefined)\b|^(?:Option|Optional|Nullable)<|\?$|^\*")
_LITERALS = re.compile(r"^\|?\s*[\"'][^\"'\n]{1,60}[\"'](?:\s*\|\s*(?:[\"'][^\"'\n]{1,60}[\"']|null|undefined))*$")
_FUNCTION = re.compile(r"=>|^\(|\bPromise<|\bfn\b|^(?:func|function)\b|\bvoid\b|ReactNode|JSX\.|React\.|Dispatch<")
_SCREEN = re.compile(r"=>\s*void|ReactNode|JSX\.|\bon[A-Z]\w{1,40}\s*\??\s*:\s*\(|useState|React\.")
_KEYED = re.compile(r"^(?:id|_id|uuid|ID|Id)$")
_DECORATOR = re.compile(r"\s*(?:@[\w.:]{1,60}|#(?=\[)|(?=\[[A-Z]))\s{0,4}")
_WORD = re.compile(
    r"^(?:string|text|varchar|int(?:eger)?|bigint|float|double|decimal|numeric|number|bool(?:ean)?|date|datetime"
    r"|timestamp(?:tz)?|uuid|jsonb?|enum|email|url)$"
)
_KEYWORDS = vocabulary(
    "abstract async case class const constructor final function get if import internal let new package private"
    " protected"
    " public return set static throw using val var void"
)
_PLAIN_TYPES = {
    "string": "string",
    "number": "number",
    "date": "timestamp",
    "time.time": "timestamp",
    "uuid.uuid": "uuid",
    "localdatetime": "timestamp",
    "localdate": "date",
    "zoneddatetime": "timestamp",
    "datetimeoffset": "timestamp",
    "instant": "timestamp",
    "datetime<utc>": "timestamp",
    "datetime": "timestamp",
    "dateonly": "date",
    "types.objectid": "uuid",
    "primitive.objectid": "uuid",
    "bigdecimal": "decimal",
    "decimal": "decimal",
    "i32": "integer",
    "i64": "integer",
    "u32": "integer",
    "u64": "integer",
    "f64": "number",
    "f32": "number",
    "float64": "number",
    "float32": "number",
    "double": "number",
    "bool": "boolean",
    "any": "json",
    "unknown": "json",
}
_CONTAINERS = re.compile(r"^(?:record|map|dictionary|hashmap|dict|mutablemap|partial|object|json\w{0,12})\b|^map\[|^\{")


class _Type(NamedTuple):
    word: str
    name: str
    line: int
    body: str
    head: str


def is_types(text: str) -> bool:
    """Return whether a text may define types with fields."""
    return bool(_TYPE.search(text) or _RECORD.search(text))


def read_types(text: str, line: int, *, in_data: bool) -> Iterator[EntityFact]:
    """Yield an entity for each type that describes stored data.

    Args:
        text: the code.
        line: the line number of its first line.
        in_data: whether it stands in a section about data; elsewhere a type needs an id of its own.
    """
    types = [_Type(m.group(1).split()[0], m.group(2), n, b, m.group(3)) for m, n, b in declared(text, _TYPE, line)]
    types += [_Type("record", m.group(1), n, b, "") for m, n, b in declared(text, _RECORD, line, "(")]
    enums = {m.group(1).lower(): tuple(_STRINGS.findall(m.group(2))) for m in _UNION.finditer(text)}
    enums |= {t.name.lower(): _enum_values(t.body) for t in types if t.word.startswith("enum")}
    named = frozenset(n for t in types if not t.word.startswith("enum") for n in (t.name, _bare(t.name)))
    for kind in types:
        if kind.word.startswith("enum") or is_wrapper(kind.name) or _SCREEN.search(kind.body[:5000]):
            continue
        if re.search(r"\b(?:Request|Response|Props|Error|Exception|Controller|Service|Repository)\b", kind.head):
            continue
        columns = [c for m in _pieces(kind.body, kind.line) for c in _columns(m, named, enums)]
        has_key = any(_KEYED.match(c.name) or c.key for c in columns)
        if not (in_data or has_key) or _is_state(kind, columns, in_data=in_data):
            continue
        fact = entity(_bare(kind.name), kind.line, columns, enums=enums, least=2, rank=3)
        if fact is not None:
            yield fact


def _is_state(kind: _Type, columns: list[Column], *, in_data: bool) -> bool:
    """Return whether a type is what a screen or a store keeps in memory, or the message of a socket."""
    names = {c.name.lower() for c in columns}
    if {"isloading", "loading"} & names and {"error", "isloading"} & names:
        return True
    return bool(re.search(r"(?:State|Events?|Message|Result|Config|Settings)$", kind.name)) and not (
        in_data or any(_KEYED.match(c.name) for c in columns)
    )


def _bare(name: str) -> str:
    return name[1:] if re.match(r"I[A-Z][a-z]", name) else name


def _enum_values(body: str) -> tuple[str, ...]:
    values = []
    for member in members(body, 1, by_line=True):
        match = re.match(r"^(?:case\s+)?([A-Za-z]\w{0,60})\s*(?:=\s*[\"']([^\"']{1,60})[\"'])?", member.text)
        if match:
            values.append(match.group(2) or match.group(1))
            if member.text.startswith("case "):
                values += [v.strip() for v in member.text.split(",")[1:] if v.strip().isidentifier()]
    return tuple(values)


def _pieces(body: str, line: int) -> list[Member]:
    """Return the members of a type, unions over several lines and annotations above a member as one."""
    found: list[Member] = []
    for member in members(body, line, by_line=True):
        if found and (member.text.startswith(("|", "&")) or found[-1].text.endswith(("|", ":", "="))):
            found[-1] = found[-1]._replace(
                text=f"{found[-1].text} {member.text}", comment=found[-1].comment or member.comment
            )
        elif found and re.fullmatch(
            r"(?:@[\w.:]{1,60}(?:\(.{0,500}\))?\s*|\[[^\[\]]{1,200}\]\s*|#\[.{1,200}\]\s*)+", found[-1].text
        ):
            found[-1] = Member(member.line, f"{found[-1].text} {member.text}", member.comment)
        else:
            found.append(member)
    return found


def _columns(member: Member, named: frozenset[str], enums: dict[str, tuple[str, ...]]) -> Iterator[Column]:  # noqa: C901 - one way to write a member after the other
    decorators, text = _undecorated(member.text)
    go = _GO.match(text)
    colon = None if _CONST.match(text) else _COLON.match(text)
    if go and not colon:
        tag = _JSON_TAG.search(go.group(3) or "")
        if tag and tag.group(1) == "-" and "pass" not in go.group(1).lower():
            return
        name = tag.group(1) if tag and tag.group(1) != "-" else go.group(1)
        rest = go.group(3) or ""
        yield from _column(
            name, go.group(2), rest, member, named, enums, optional="omitempty" in rest and go.group(2)[0] == "*"
        )
    elif colon:
        name, mark, kind = colon.groups()
        kind, _, default = kind.partition(" = ")
        if "(" in kind and _FUNCTION.search(kind):
            return
        rest = f"{decorators} {'default ' + default if default and '(' not in default and '{' not in default else ''}"
        yield from _column(name, kind.strip(), rest, member, named, enums, optional=mark == "?")
    elif found := _PROPERTY.match(text):
        kind, optional, name, _ = found.groups()
        if _WORD.match(name) and not _WORD.match(kind):
            kind, name = name, kind
        if kind not in _KEYWORDS:
            yield from _column(name, kind, decorators, member, named, enums, optional=bool(optional))
    elif re.fullmatch(r"[a-z_]\w{1,60}\??", text):
        yield Column(text, "", "", member.line, note=member.comment)
    elif spaced := re.match(
        r"^([a-z_]\w{0,60})\s+([A-Za-z]\w{0,30}(?:\([^()\n]{0,200}\))?(?:\[\])?)(\??)(?=\s|$)(.{0,300})$", text
    ):
        name, kind, optional, rest = spaced.groups()
        if name in _KEYWORDS:
            return
        yield from _column(name, kind, rest, member, named, enums, optional=bool(optional))


def _undecorated(text: str) -> tuple[str, str]:
    """Return the annotations or attributes before a member, and the member."""
    position = 0
    for _ in range(10):
        match = _DECORATOR.match(text, position)
        if match is None:
            break
        position = match.end()
        mark = text[position : position + 1]
        if mark in ("(", "["):
            position = balanced(text, position + 1, mark) + 1
    return text[:position].strip(), text[position:].strip()


def _column(
    name: str,
    kind: str,
    rest: str,
    member: Member,
    named: frozenset[str],
    enums: dict[str, tuple[str, ...]],
    *,
    optional: bool,
) -> Iterator[Column]:
    empty = bool(_NULLABLE.search(kind))
    bare = re.sub(r"\s*\|\s*(?:null|undefined)\b", "", kind).strip().lstrip("*&").rstrip("?!;, ")
    wrapped = re.match(r"^(?:Option|Optional|Nullable|Maybe|Ref)\s{0,2}<\s{0,4}(.{1,100})>$", bare)
    bare = wrapped.group(1).strip() if wrapped else bare
    many = bool(_MANY.search(bare))
    inner = _INNER.search(bare) if many else None
    core = inner.group(1) if inner else re.sub(r"^\[\]?\*?|\[\]$|\]$", "", bare)
    literals = _LITERALS.match(bare)
    tie = next((t for t in (core, _bare(core)) if t in named), None)
    if tie and (many or re.search(r"@(?:OneToMany|ManyToMany)", rest)):
        return  # the other side of a relation: its rows say whose they are
    target = _bare(tie) if tie and not is_wrapper(tie) else None
    words = _PLAIN_TYPES.get(core.lower(), core)
    if not literals and not many and (_CONTAINERS.match(core.lower()) or (tie and target is None)):
        words = "json"
    if (
        words == "number"
        and core == "number"
        and re.search(r"(?:count|quantity|qty|age|year|port|index|order|level|stock|number)$", name, re.IGNORECASE)
    ):
        words = "integer"
    if target and not snake(name).endswith("_id"):
        name += "_id"
    yield Column(
        name,
        words,
        _annotated(rest),
        member.line,
        key=bool(re.search(r"@Id\b|\[Key\]|@PrimaryGeneratedColumn|primary_?key", rest, re.IGNORECASE)),
        optional=optional or empty,
        unique="unique" in rest.lower(),
        target=target,
        values=tuple(_STRINGS.findall(bare)) if literals else enums.get(core.lower(), ()) if not many else (),
        many=many,
        note=member.comment,
    )


def _annotated(rest: str) -> str:
    """Return the bounds that annotations and tags give, in words."""
    found = []
    for word, pattern in (
        ("max", r"(?:MaxLength|Max|maxLength|length|size)\s{0,2}[(:=]\s{0,2}(?:value\s{0,2}=\s{0,2})?(\d{1,9})"),
        ("min", r"(?:MinLength|Min|minLength)\s{0,2}[(:=]\s{0,2}(?:value\s{0,2}=\s{0,2})?(\d{1,9})"),
    ):
        match = re.search(pattern, rest)
        if match:
            found.append(
                f"{word} {match.group(1)}"
                + (" characters" if "ength" in match.group() or "size" in match.group() else "")
            )
    default = re.search(r"default\s{0,2}[:( ]\s{0,2}([\"'][^\"'\n]{0,60}[\"']|[\w.-]{1,40})", rest)
    if default:
        found.append(f"default {default.group(1)}")
    return " ; ".join(found)
