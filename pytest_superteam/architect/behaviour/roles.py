# ruff: noqa: RUF001, E501 - dashes and brackets of other scripts are what authors write
"""Roles of users, and what a piece of text says about who may call an operation."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_superteam.architect.document.sections import Document, Section, clean_title
from pytest_superteam.architect.names import fold, singular, snake, vocabulary, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pytest_superteam.architect.facts import EntityFact

__all__ = [
    "access_in",
    "access_of",
    "auth_line",
    "is_staff",
    "read_roles",
    "roles_in",
    "speaks_of_sign_in",
    "with_marked",
]

_AUTH = re.compile(
    r"\b(?:log[ -]?ins?|logs? in|sign[ -]?(?:in|up|s in|s up)|register(?:s|ed|ing)?|registration"
    r"|authenticat\w+|jwt|oauth2?|roles?|passwords?"
    r"|accounts?|utilisateurs?|connexion|inscription|authentification|usuarios?|utilizadores|contrasena|iniciar sesion"
    r"|autenticacion|senha|cadastro|autenticacao|benutzer|nutzer|anmeldung|registrierung|passwort|utent[ei]|autenticazione"
    r"|gebruikers?|inloggen|wachtwoord|uzytkownik\w*|logowani\w+|kullanici\w*|giris yap\w*|dang nhap|nguoi dung|pengguna"
    r"|kata sandi|permissions?|/auth/)\b"
)
_USERS = re.compile(
    # "User interface" and "user-friendly" speak of nobody who has an account.
    r"(?<!non-root )(?<!non root )(?<!end-)(?<!target )\busers?\b(?![ -](?:stor(?:y|ies)|personas?|interfaces?|experience|friendly|flows?|guides?|manuals?|testing"
    r"|agents?|research|journeys?|facing|centric|base|feedback|inputs?|input))"
)
_MANY_USERS = 3
"""How many lines speak of users where no word for signing in says that they have accounts."""
_NO_ACCOUNT = re.compile(
    r"\b(?:no|without|cannot|not|never|single|one|skip|optional:?)\b[^.;,]{0,24}\b(?:users?|accounts?|log-?ins?|sign[ -]?(?:in|up)|registration"
    r"|authentication|auth|roles?)\b|\b(?:users?|accounts?|log-?ins?|sign[ -]?(?:in|up)|registration|authentication|auth|roles?)\b"
    r" (?:is|are) (?:not (?:required|needed|supported)|out of scope)|\b(?:ohne|kein\w*|sans|pas de|aucun\w*|sin|sem|senza|nessun\w*|zonder|geen|bez|tanpa)\b"
    r"[^.;,]{0,16}\b(?:login|anmeldung|registrierung|benutzerkont\w+|comptes?|inscription|connexion|usuarios?|cuentas?|contas?|registro|cadastro"
    r"|utent[ei]|registrazione|gebruikers?|kont\w*|akun)\b"
    # Roles and permissions of a cloud are given to programs.
    r"|\b(?:iam|oidc|service|cluster|database|aws|cloud|bank|github|gitlab|api|developer|merchant|google|apple|test|sandbox) (?:roles?|accounts?|users?)\b"
)
_PASSING = re.compile(
    r"\b(?:log[ -]?ins?|sign[ -]?(?:in|up)|registration|passwords?|authenticat\w+|anmeldung|connexion|senha|contrasena)\b"
)
_ASIDE = {"nonfunctional", "context", "stack", "metrics", "risks", "glossary", "tests", "meta", "questions"}
"""Kinds of sections where only plain words for signing in count, since anything is mentioned there in passing."""
_SIGN_IN = re.compile(
    r"\b(?:log(?:s|ging)?[ -]?in|logins?|sign(?:s|ing)?[ -]?(?:in|up)|users? (?:can |may )?register"
    r"|registration|authentication|jwt"
    r"|inscription|connexion|iniciar sesion|registro de usuarios?|cadastro de usuarios?|fazer login|anmeldung|registrierung"
    r"|registrazione|inloggen|logowani\w+|rejestracj\w+|zalogowan\w+)\b"
)
_SIGN_IN_OTHER = re.compile(
    "ログイン|登录|登錄|登入|注册|註冊|로그인|회원 ?가입|регистрац|авторизац|đăng nhập|đăng ký tài khoản"
)
_AUTH_OTHER = re.compile(
    "ログイン|認証|ユーザー|会員|登录|登錄|登入|注册|註冊|用户|用戶|使用者|로그인|사용자|회원|пользовател|вход в|авторизац|регистрац"
    "|đăng nhập|người dùng|tài khoản|mật khẩu|đăng ký|giriş yap|şifre|oturum aç",
    re.IGNORECASE,
)
_OPEN = re.compile(
    r"\b(?:no|without) (?:user )?(?:authentication|authorization|auth|log-?ins?|sign-?in|accounts?|registration)\b"
)
"""Words of a text whose service anybody may call."""
_PERSONAL = re.compile(r"\b(?:log[ -]?ins?|logs? in|sign[ -]?(?:in|up)|regist\w+|passwords?|accounts?|users?)\b")
_PUBLIC = re.compile(
    r"\b(?:public|anyone|anybody|anonymous|no auth\w*|none|open|guests?|unauthenticated|everyone|everybody|visitors?"
    r"|not required)\b|公開|誰でも|公开|❌"
)
_ITEM = re.compile(
    r"^(?:\*\*|`)?([A-Za-z][\w /-]{1,40}?)(?:\*\*|`)?\s*(?:\([^()\n]{0,80}\))?\s*(?:\*\*)?\s*(?::|\s[–—-]\s|$)"
)
_WORD = r"[a-z]{3,20}"
_LIST = re.compile(
    rf"\broles?\b[^.:()\n]{{0,40}}[:(]\s*({_WORD}(?:\s*(?:,|/|\||or|and|et|ou)\s*{_WORD}){{1,6}})\s*(?:[).;,]|$)",
    re.MULTILINE,
)
_STAFF = vocabulary(
    "admin administrator staff manager moderator operator owner superadmin superuser support supervisor "
    "employee agent clerk receptionist editor librarian root dispatcher technician technicien gerant"
)
_NO_ROLE = vocabulary(
    "system automation guest visitor anonymous public external service scheduler role name capability "
    "actor permission none all note unauthenticated everyone anyone any cron bot authentication "
    "authorization access primary secondary unregistered rbac jwt description"
)
_NO_NAME = _NO_ROLE | vocabulary(
    "anybody everybody authenticated user required optional yes true false private protected restricted internal "
    "owner self own token bearer session login logged auth api key basic oauth open signed"
)
"""Words in a column for access that name no role of their own."""
_BRACKETED = re.compile(r"\s*[(（]([^()（）]{1,80})(?:[)）]|$)")


def auth_line(document: Document) -> int:
    """Return the line that first mentions accounts, sign-in or roles outside what is excluded; 0 when none does.

    That somebody is called a user, once or twice, gives nobody an account.
    """
    users: list[int] = []
    signs = 0
    for section in document.live():
        aside = bool({section.kind, *section.kinds} & _ASIDE)
        for line, text in _lines(section):
            plain = fold(text)
            found = _PASSING.search(plain) if aside else _AUTH.search(plain)
            named = None if aside else _USERS.search(plain)
            if found or named:
                plain = _NO_ACCOUNT.sub(" ", plain)
                found = _PASSING.search(plain) if aside else _AUTH.search(plain)
                if named and _USERS.search(plain):
                    users.append(line)
            if not found and not aside:
                found = _AUTH_OTHER.search(text)
            if found:
                signs = line
                break
        if signs:
            break
    if len(users) < _MANY_USERS and (not signs or _anybody_may(document)):
        return 0
    return min([*users[:1], *([signs] if signs else [])])


def _anybody_may(document: Document) -> bool:
    """Return whether the text says that nobody signs in, and otherwise only speaks of tokens and permissions."""
    texts = [fold(text) for _, text in _texts(document)]
    if not any(_OPEN.search(text) for text in texts):
        return False
    return not any(_AUTH_OTHER.search(t) or _PERSONAL.search(_NO_ACCOUNT.sub(" ", t)) for t in texts)


def speaks_of_sign_in(document: Document) -> bool:
    """Return whether the text has users register or sign in, and does not merely speak of users."""
    return any(_SIGN_IN.search(fold(text)) or _SIGN_IN_OTHER.search(text) for _, text in _texts(document))


def _texts(document: Document, *, tables: bool = True) -> Iterator[tuple[int, str]]:
    for section in document.live():
        yield from _lines(section, tables=tables)


def _lines(section: Section, *, tables: bool = True) -> Iterator[tuple[int, str]]:
    yield section.line, section.title
    for block in section.blocks:
        if block.kind != "code":
            yield from block.lines()
        yield from ((r.line, " ".join(r.cells)) for r in block.rows if tables)


def read_roles(document: Document, entities: Iterable[EntityFact]) -> tuple[str, ...]:
    """Return the roles of users in the order of the text; the values of `User.role` decide when there are any."""
    user = next((e for e in entities if e.name == "User"), None)
    field = next((f.field for f in user.fields if f.field.name == "role" and f.field.enum), None) if user else None
    if field is not None:
        return tuple(dict.fromkeys(snake(v) for v in field.enum if snake(v)))
    found = [snake(clean_title(text)) for text in _named(document)] or [snake(text) for text in _enumerated(document)]
    singulars = ("_".join([*r.split("_")[:-1], singular(r.split("_")[-1])]) for r in found if r)
    return tuple(dict.fromkeys(r for r in singulars if not set(r.split("_")) & _NO_ROLE and r.count("_") <= 2))


def with_marked(roles: tuple[str, ...], marks: Sequence[str], document: Document) -> tuple[str, ...]:
    """Return the roles; when the text names none, those by whom it marks endpoints, such as `nurse, doctor`.

    Such a word has to stand in the running text as well. One alone, or the admin, stands beside the plain `user`.
    """
    if roles:
        return roles
    listed = [re.split(r"\s*(?:,|/|&|\||\band\b|\bor\b)\s*", fold(m[:300]).strip()) for m in marks if m.strip()]
    names = dict.fromkeys(singular(p) for parts in listed if all(map(str.isalpha, parts)) for p in parts)
    spoken = dict.fromkeys(singular(w) for _, text in _texts(document, tables=False) for w in words(text))
    found = [n for n in spoken if n in names and n not in _NO_NAME and not n.startswith("admin") and len(n) > 2]
    found.sort(key=is_staff)  # who registers becomes the first
    admin = any(re.search(r"\badmin", fold(m)) or "管理" in m for m in marks)
    plain = admin or len(found) == 1 or all(map(is_staff, found))
    return (*(["user"] if plain else []), *found, *(["admin"] if admin else [])) if found or admin else ()


def _enumerated(document: Document) -> Iterator[str]:
    """Read `role: teacher or student` and `role (admin, user)`."""
    for section in document.live():
        for block in section.blocks:
            if block.kind in ("item", "paragraph"):
                match = _LIST.search(fold(block.text)[:1000])
                if match:
                    parts = re.split(r",|/|\||\bor\b|\band\b|\bet\b|\bou\b", match.group(1))
                    yield from (p for p in parts if len(p.split()) == 1)
                    return


def _named(document: Document) -> Iterator[str]:
    for section in document.live():
        if section.kind != "roles" or re.search(r"persona|target (?:user|audience)", fold(section.title)):
            continue
        for block in section.blocks:
            if (
                block.kind == "table"
                and block.header
                and re.match(r"^(?:user )?(?:roles?|actors?)\b", fold(block.header[0]))
            ):
                yield from (r.cells[0] for r in block.rows if r.cells)
            elif block.kind == "item" and block.level == 1 and "**" in block.raw[:6]:
                match = _ITEM.match(block.text.split("\n")[0])
                if match and len(match.group(1).split()) <= 3:
                    yield from re.split(r"\s*/\s*", match.group(1))


def roles_in(text: str, roles: tuple[str, ...]) -> tuple[str, ...]:
    """Return those of `roles` that `text` names, in the order of `roles`."""
    present = {singular(w) for w in words(text)}
    if "管理" in text:
        present.add("admin")
    aliases = {"administrator": "admin"}
    present |= {aliases[w] for w in present if w in aliases}
    return tuple(r for r in roles if {singular(w) for w in r.split("_")} <= present)


def access_of(text: str, roles: tuple[str, ...]) -> tuple[bool | None, tuple[str, ...]]:
    """Return (public, roles) for an access text; `None` for public means that it says nothing."""
    lower = fold(text).strip()
    if not text.strip():
        return None, ()
    named = roles_in(text, roles)
    if (
        _PUBLIC.search(lower)
        or _PUBLIC.search(text)
        or lower in {"-", "no", "n", "false"}
        or text.strip() in {"—", "–"}
    ):
        return True, ()
    if (
        re.search(
            r"\b(?:authenticated|logged[ -]in|any (?:user|role)|all (?:users|roles)|yes|jwt|token|bearer)\b", lower
        )
        and not named
    ):
        return False, ()
    # A plain `user` beside no other role is anybody who is signed in.
    return False, () if set(named) == set(roles) and len(roles) == 1 and not is_staff(roles[0]) else named


def access_in(summary: str, roles: tuple[str, ...]) -> str:
    """Return the first clause of a description when it names nothing but roles: `driver, admin; ends a ride`, `(admin)`."""
    bracketed = _BRACKETED.match(summary[:300])
    clause = (bracketed.group(1) if bracketed else re.split(r"[;.:(–—]|\s-\s", summary[:300])[0]).strip()
    parts = [p for p in re.split(r"\s*(?:,|/|&|\||\band\b|\bor\b|\bonly\b)\s*", fold(clause)) if p]
    names = {singular(w) for role in roles for w in (role, role.replace("_", " "))}
    public = {"public", "everybody", "everyone", "anybody", "anyone"}
    return clause if parts and all(singular(p) in names or p in public for p in parts) else ""


def is_staff(role: str) -> bool:
    """Return whether users of this role work for the operator and see everybody's rows."""
    return bool(set(role.split("_")) & _STAFF)
