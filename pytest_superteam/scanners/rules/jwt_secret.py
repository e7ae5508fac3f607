"""SEC-005: a JWT key that everybody who reads the source has."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from pytest_superteam.models import Severity
from pytest_superteam.scanners.base import Rule
from pytest_superteam.scanners.engine import Check, FileCheck, Hit, RuleScanner, TreeCheck
from pytest_superteam.scanners.facts.excuses import is_example_file, is_placeholder, mask
from pytest_superteam.scanners.facts.jwt.calls import (
    JwtCall,
    JwtKey,
    families,
    is_secret,
    names_jwt,
    names_jwt_key,
    names_key,
    text_of,
)
from pytest_superteam.scanners.facts.jwt.configuration import configured_values, is_configuration
from pytest_superteam.scanners.facts.jwt.readers import LANGUAGES, READERS, Reader
from pytest_superteam.scanners.facts.names import words
from pytest_superteam.scanners.source import CODE_LANGUAGES, SourceFile, SourceTree

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_superteam.scanners.base import ScanTarget

__all__ = ["SCANNER"]

RULE = Rule(
    "SEC-005",
    "Hardcoded JWT secret",
    Severity.CRITICAL,
    "security",
    3,
    'Read the key from the environment and fail without it: `os.environ["JWT_SECRET"]`; then replace the one '
    "that leaked.",
    languages=(*LANGUAGES, "text"),
    applies_to=CODE_LANGUAGES,
    cwe=798,
    what="A key that stands in the source, or is bound to a literal or to a literal default, and is given to a call of "
    "a JWT library: told at the call. A setting of a JWT key (`JWT_SECRET`, `SIMPLE_JWT.SIGNING_KEY`, or a "
    "`SECRET_KEY` that signs tokens) with a literal value or default that no call of the same file uses: told where it "
    "is set. Public keys, values from the environment, and placeholders in a `.env.example` are none.",
    why="Whoever has read the repository once can sign a token for any user, also after the repository is closed.",
    bad={"app.py": 'import jwt\n\ntoken = jwt.encode(claims, "s3cr3t-of-all", algorithm="HS256")\n'},
    good={
        "app.py": 'import os\n\nimport jwt\n\ntoken = jwt.encode(claims, os.environ["JWT_SECRET"], algorithm="HS256")\n'
    },
)

_OWN_KEYS = (b"JWT_SECRET", b"jwt_secret", b"jwtSecret", b"SIGNING_KEY", b"JWT_PRIVATE_KEY", b"JWTSecret")
"""Names of a key of its own for JWT, beside which a SECRET_KEY is that of something else."""

_NO_KEYS = frozenset(
    {"placeholder", "placeholders", "example", "examples", "insecure", "forbidden", "weak", "messages"}
)
"""Words in the name of a collection whose values are no keys in use: those that a check refuses, texts."""

_LABEL_WORDS = frozenset({"jwt", "token", "tokens", "auth", "access", "refresh", "user", "id", "app", "session", "key"})
_LABEL_WORDS |= {"authorization", "bearer", "header", "x", "cookie", "secret", "my", "api", "credentials", "data"}


def _is_hardcoded(key: JwtKey, call: JwtCall) -> bool:
    """Return whether a key of a call is a secret of the source; the key of RS* that verifies is a public one."""
    if not is_secret(key.value):
        return False
    named = families(tuple(name for names in (call.algorithms, *call.alternatives) for name in names))
    text = text_of(key.value) or ""
    return "PRIVATE" in text or not (key.public or (call.kind == "verify" and named == {"paired"}))


def _is_label(name: str, value: Any) -> bool:
    """Return whether the value names something: a variable to read, the place where a token is stored."""
    text = text_of(value) or ""
    if _NO_KEYS & {part for name_part in name.split(".")[:-1] for part in words(name_part)}:
        return True
    if text.isupper() and "_" in text and text.replace("_", "").isalpha():
        return True
    last = words(name)[-2:]
    parts = words(text)
    stored = last[-1:] == ("key",) and last[:1] not in {("secret",), ("signing",), ("private",)}
    return bool(parts) and stored and set(parts) <= _LABEL_WORDS


def _is_setting(name: str) -> bool:
    return names_jwt_key(name) or names_key(name.rsplit(".", 1)[-1])


def _find(reader: Reader, file: SourceFile, module: Any) -> Iterator[Hit]:
    """Find literal keys given to a call, and settings of a JWT key with a literal value or default."""
    told: list[Any] = []
    names: set[str] = set()
    lines: set[int] = set()
    for call in reader.calls(module):
        for key in call.keys:
            names |= {key.name} - {""}
            if _is_hardcoded(key, call):
                told.append(key.origin)
                hit = Hit.at(file, call.node, evidence=f"key {mask(text_of(key.value) or '')}")
                if hit.line not in lines:
                    lines.add(hit.line)
                    yield hit
    uses = reader.imports(module) and not (not names and any(word in file.data for word in _OWN_KEYS))
    for setting in reader.settings(module, _is_setting):
        if not is_secret(setting.value) or _is_label(setting.name, setting.value):
            continue
        last = setting.name.rsplit(".", 1)[-1]
        if not names_jwt_key(setting.name) and not (uses and setting.plain and _is_bare(last, names)):
            continue
        if reader.is_told(setting.origin, told):
            continue
        told.append(setting.origin)
        line = reader.line(setting.node)
        if line not in lines:
            lines.add(line)
            shown = mask(text_of(setting.value) or "")
            yield Hit.at(file, setting.node, evidence=f"{last} = {shown}")


def _is_bare(name: str, names: set[str]) -> bool:
    """Return whether a name that says nothing of JWT is that of its key, in a module that uses it.

    `names` are those that its calls use as keys; where they use none, nothing speaks for another name.
    """
    return name in names or (not names and words(name) not in {("key",), ("session", "secret")})


def _check(reader: Reader) -> Check:
    def find(file: SourceFile, module: Any, _: SourceTree) -> Iterator[Hit]:
        yield from _find(reader, file, module)

    return reader.check(RULE, reader.triggers, find)


def _configured(file: SourceFile, _: SourceTree) -> Iterator[Hit]:
    """Find keys of tokens in settings files: `JWT_SECRET=...`."""
    example = is_example_file(file.path)
    for name, value, line, column in configured_values(file):
        if (
            names_jwt_key(name)
            and is_secret(value)
            and not _is_label(name, value)
            and not (example and is_placeholder(value))
        ):
            yield Hit(file.path, line, column=column, evidence=f"{name} = {mask(value)}")


def _elsewhere(tree: SourceTree, _: ScanTarget) -> Iterator[Hit]:
    """Find settings with a plain name, as SECRET_KEY, whose file uses no JWT while another one signs with them."""
    for reader in READERS:
        names: set[str] = set()
        paths: set[str] = set()
        users: set[str] = set()
        for file, module in reader.modules(tree, *reader.triggers):
            calls = reader.calls(module)
            unknown = [key for call in calls for key in call.keys if not is_secret(key.value)]
            names |= {key.name for key in unknown if names_key(key.name) and words(key.name) != ("key",)}
            paths |= {key.path for key in unknown}
            if calls or reader.imports(module):
                users.add(file.path)
        names |= _implied(tree, reader, users)
        if names or paths - {""}:
            yield from _set_elsewhere(tree, reader, users, names, paths)


def _set_elsewhere(
    tree: SourceTree, reader: Reader, users: set[str], names: set[str], paths: set[str]
) -> Iterator[Hit]:
    """Find the literals that those names are bound to, and what those paths lead to, in files that use no JWT."""
    said = b"|".join(re.escape(name.encode()) for name in sorted(names)) or rb"(?!)"
    binds = re.compile(rb"(?<![\w])(?:" + said + rb")[\"'\]]{0,2}[ \t]{0,8}[:=]")
    for file in tree.service_files(*reader.languages):
        stem = file.path.rpartition(".")[0].removesuffix("/index")
        members = {path.removeprefix(f"{stem}.") for path in paths if path.startswith(f"{stem}.")}
        if file.path in users or not (members or binds.search(file.data)) or file.module is None:
            continue
        told: set[int] = set()
        for setting in reader.settings(file.module, lambda name: not names_jwt(name)):
            last = setting.name.rsplit(".", 1)[-1]
            used = (setting.plain and last in names) or setting.name.removeprefix("exports.") in members
            line = reader.line(setting.node)
            if used and is_secret(setting.value) and line not in told:
                told.add(line)
                yield Hit.at(file, setting.node, evidence=f"{last} = {mask(text_of(setting.value) or '')}")


def _implied(tree: SourceTree, reader: Reader, users: set[str]) -> set[str]:
    """Return the setting that JWT extensions of Django and Flask fall back to, where nothing names their own."""
    if "python" not in reader.languages:
        return set()
    used = any(
        word in file.data
        for file in tree.service_files("python")
        if b"rest_framework" in file.data or file.path in users
        for word in (b"rest_framework_simplejwt", b"rest_framework_jwt", b"flask_jwt")
    )
    own = (b"SIGNING_KEY", b"JWT_SECRET_KEY", b"JWT_PRIVATE_KEY")
    if not used or any(word in file.data for file in tree.service_files("python") for word in own):
        return set()
    return {"SECRET_KEY"}


SCANNER = RuleScanner(
    (
        *(_check(reader) for reader in READERS),
        FileCheck(RULE, is_configuration, _configured),
        TreeCheck(RULE, _elsewhere),
    )
)
