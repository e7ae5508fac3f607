"""How callers show who they are, and where the gate has that from.

A credential is one text wherever checks hand it about. A bearer token is that token and nothing else; what is sent in
another way says so: `X-API-Key: value` is a header, `?api_key=value` a part of the query. `headers_for` and `query_for`
take it apart again. No bearer token holds a blank or begins with a question mark (RFC 6750, 2.1), so that the forms
can't be confused.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlencode

from pytest_superteam.errors import CheckError

if TYPE_CHECKING:
    from pytest_superteam.checks.base import RunningSystem

__all__ = ["BEARER", "CARRIER_KEY", "Carrier", "Credentials", "TokenMap", "carrier_of", "headers_for"]
__all__ += ["query_for", "renewal", "with_query"]

CARRIER_KEY = "x-superteam-credential"
"""Key of a contract that says how credentials are sent, `{header, scheme}`, where the settings say it."""

_LINE = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}): (.*)", re.DOTALL)
_SAID_SCHEME = re.compile(r"""(?i)["'`(]?\b(bearer|token|jwt)\b[ :]{1,3}["'`<{(]?[a-z0-9_.-]{0,40}""")


@dataclass(frozen=True)
class Carrier:
    """The way in which a credential is sent: in a header behind a word, in the query, or as a cookie."""

    place: Literal["header", "query", "cookie"] = "header"
    name: str = "Authorization"
    scheme: str = "Bearer"

    def written(self, value: str) -> str:
        """Return the credential as one text."""
        if self.place == "query":
            return f"?{self.name}={value}"
        if self.place == "cookie":
            return f"Cookie: {self.name}={value}"
        plain = value.removeprefix(f"{self.scheme} ") if self.scheme else value
        if (self.name.lower(), self.scheme) == ("authorization", "Bearer"):
            return plain
        return f"{self.name}: {self.scheme} {plain}" if self.scheme else f"{self.name}: {plain}"


BEARER = Carrier()


def headers_for(credential: str | None) -> dict[str, str]:
    """Return the headers that carry a credential; none without one, or where the query carries it."""
    if not credential or credential.startswith("?"):
        return {}
    line = _LINE.fullmatch(credential)
    return {line[1]: line[2]} if line else {"Authorization": f"Bearer {credential}"}


def query_for(credential: str | None) -> dict[str, str]:
    """Return the part of the query that carries a credential; none where a header does."""
    if not credential or not credential.startswith("?"):
        return {}
    name, _, value = credential[1:].partition("=")
    return {name: value}


def with_query(url: str, credential: str | None) -> str:
    """Return `url` with the credential in its query, where it belongs there."""
    query = urlencode(query_for(credential))
    if not query:
        return url
    return f"{url}{'&' if '?' in url else '?'}{query}"


def carrier_of(contracts: Mapping[str, Mapping[str, Any]]) -> Carrier:
    """Return how the contracts want credentials to be sent: as the settings say, else by their security schemes.

    Of several schemes the one of tokens wins, which a login gives; without any it is a bearer token.
    """
    found: list[Carrier] = []
    for document in contracts.values():
        chosen = document.get(CARRIER_KEY)
        if isinstance(chosen, Mapping):
            return Carrier("header", str(chosen.get("header")), str(chosen.get("scheme")))
        components = document.get("components")
        schemes = components.get("securitySchemes") if isinstance(components, Mapping) else None
        found += [_carrier(scheme) for scheme in (schemes.values() if isinstance(schemes, Mapping) else ())]
    return next((carrier for carrier in found if carrier == BEARER), found[0] if found else BEARER)


def _carrier(scheme: Any) -> Carrier:
    """Return the way of one security scheme (OpenAPI 3.1, 4.8.27); those with tokens of their own are bearers."""
    if not isinstance(scheme, Mapping):
        return BEARER
    kind, name = scheme.get("type"), str(scheme.get("name", ""))
    if kind == "http" and str(scheme.get("scheme", "")).lower() == "basic":
        return Carrier("header", "Authorization", "Basic")
    if kind != "apiKey" or not _LINE.fullmatch(f"{name}: "):
        return BEARER
    if scheme.get("in") == "query":
        return Carrier("query", name, "")
    if scheme.get("in") == "cookie":
        return Carrier("cookie", name, "")
    said = _SAID_SCHEME.search(str(scheme.get("description", ""))[:1000])
    if name.lower() != "authorization" or not said:
        return Carrier("header", name, "")
    return Carrier("header", "Authorization", said[1].capitalize() if said[1].lower() != "jwt" else "JWT")


class TokenMap(dict[str, str]):
    """Credentials by role; `problem` says why there are not more of them."""

    problem: str = ""


_SHORT = 0.5  # share of its life after which a token is renewed
_EARLY = 60.0  # seconds before its end, at the earliest


class Credentials:
    """The credentials of a running system, as this process has them; those that end are had again in time.

    What the project gives comes first (the fixture `auth_token`, then `auth` of the settings), then what the contracts'
    registration and login give, once for all processes of a run.
    """

    def __init__(self, system: RunningSystem) -> None:
        """Know nothing yet; nothing is asked before it is needed."""
        self._system = system
        self._turn = 0
        self._earned: dict[int, Mapping[str, Any]] = {}
        self._given: TokenMap | None = None
        self._given_until = float("inf")

    def tokens(self) -> TokenMap:
        """Return the credentials by role, `""` for any signed-in caller.

        Raises:
            CheckError: a setting can't be used, or the contracts are ours and their registration or login fails.
        """
        from pytest_superteam.checks.callers.auth import filled

        given = self._from_project()
        earned = self._from_contracts(given)
        found = TokenMap(filled({**earned["tokens"], **given}))
        found.problem = str(earned["problem"])
        return found

    def account(self) -> Mapping[str, str]:
        """Return what the registered user behind the tokens signed up with, by property; empty without one."""
        given = self._from_project()
        found: Mapping[str, str] = self._from_contracts(given)["account"]
        return found

    # ------------------------------------------------------------ given

    def _from_project(self) -> TokenMap:
        if self._given is None or time.time() > self._given_until:
            from pytest_superteam.checks.callers.given import given_tokens

            tokens, seconds = given_tokens(self._system)
            self._given = TokenMap(tokens)
            self._given_until = time.time() + seconds
        return self._given

    # ------------------------------------------------------------ earned

    def _from_contracts(self, given: Mapping[str, str]) -> Mapping[str, Any]:
        """Return what registration and login give, asked again with the same account where it ends soon."""
        while True:
            known = self._known(given)
            if known["renew"] is None or time.time() < known["renew"]:
                return known
            self._turn += 1

    def _known(self, given: Mapping[str, str]) -> Mapping[str, Any]:
        if self._turn not in self._earned:
            before = self._earned.get(self._turn - 1, {}).get("account", {})
            name = f"tokens{self._turn or ''}"
            self._earned[self._turn] = self._system.once(name, lambda: self._earn(given, before))
        return self._earned[self._turn]

    def _earn(self, given: Mapping[str, str], account: Mapping[str, str]) -> dict[str, Any]:
        from pytest_superteam.checks.callers.auth import ANY, earn_tokens

        system = self._system
        nothing: dict[str, Any] = {"tokens": {}, "account": {}, "problem": "", "renew": None}
        if not system.deployment.jwt_secret and ANY in given:
            return nothing
        try:
            tokens, account = earn_tokens(system.architecture, system.deployment, account)
        except CheckError as error:
            if system.deployment.jwt_secret:
                raise
            return {**nothing, "problem": str(error)}
        return {"tokens": tokens, "account": account, "problem": "", "renew": renewal(tokens.values())}


def renewal(tokens: Any) -> float | None:
    """Return when (seconds since 1970) to have new ones: half way through the shortest life, a minute early at most."""
    moments = [moment for token in tokens if (moment := _renewal(token)) is not None]
    return min(moments, default=None)


def _renewal(token: str) -> float | None:
    import jwt

    try:
        claims = jwt.decode(token.rpartition(" ")[2], options={"verify_signature": False})  # nosec SEC-003 - only its end
        ends = float(claims["exp"])
    except (jwt.PyJWTError, KeyError, TypeError, ValueError):
        return None
    now = time.time()
    if ends <= now:
        return None  # it came ended, or our clocks differ: asking again and again gains nothing
    return ends - min(_EARLY, (ends - now) * _SHORT)
