"""Every protected operation, called as it should be but with a token that nobody may come in with.

The rows that the calls name are there and the bodies are valid, so that nothing but the token can be the reason of a
refusal; the rows are made for this, because an operation that lets somebody in may delete them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_superteam.checks.access.endpoints import Endpoint, endpoints_of
from pytest_superteam.checks.access.objects import Objects, shown_since
from pytest_superteam.checks.access.tokens_forged import claims_of, expired, is_jwt, of_issuer, tampered, unsigned
from pytest_superteam.checks.access.trial import called_by
from pytest_superteam.checks.access.users import User, caller, signing_key
from pytest_superteam.checks.callers.auth import ANY, SERVICE_ROLE
from pytest_superteam.errors import CheckError
from pytest_superteam.models import CheckResult, Violation

if TYPE_CHECKING:
    from pytest_superteam.checks.base import CheckItem, RunningSystem
    from pytest_superteam.checks.exchanges import Exchanges

__all__ = ["expired_tokens", "foreign_issuers", "foreign_roles", "no_token", "tampered_tokens", "unsigned_tokens"]

_ORDER = ("list", "read", "me", "create", "action", "update_me", "update", "replace", "transition", "delete")
"""From harmless to harmful: what a hole ruins is needed by nothing that comes after."""
_REFUSED = (401, 403)

Keys = Callable[[Endpoint, User], Mapping[str, str | None]]
"""The tokens to try on an operation, by what is wrong with them."""


@dataclass
class _Picker:
    system: RunningSystem
    item: CheckItem
    exchanges: Exchanges
    user: User

    def __post_init__(self) -> None:
        self.objects = Objects(self.system, self.exchanges)
        self.untried: list[str] = []
        self.tried = 0

    def try_all(self, keys: Keys, why: str, advice: str, *, logout: bool = False) -> Iterator[Violation]:
        """Yield a violation for each operation that lets in one of the tokens that `keys` gives for it."""
        for endpoint in _protected(self.system, self.item.service, logout=logout):
            chosen = keys(endpoint, self.user)
            if not chosen:
                continue
            try:
                yield from self._try(endpoint, chosen, why, advice)
            except CheckError as error:
                self.untried.append(str(error))

    def _try(self, endpoint: Endpoint, keys: Mapping[str, str | None], why: str, advice: str) -> Iterator[Violation]:
        url, body = self.objects.url(endpoint, self.user), self.objects.body(endpoint, self.user)
        for how, token in keys.items():
            start = len(self.exchanges.made)
            answer = self.objects.send(endpoint, url, token=token, caller="BAD_TOKEN", body=body)
            self.tried += 1
            let_in = answer.ok
            if answer.status == 409:  # the row's state refused, not the door, if it refuses a good token as well
                good = self.user.token(endpoint)
                let_in = self.objects.send(endpoint, url, token=good, caller=self.user.name, body=body).status == 409
            if let_in and token is not None and not how.startswith("with a worthless") and self._anybody(endpoint):
                return  # no token at all does as well, which is a finding of its own
            if let_in:
                message = f"{endpoint.label} lets in a call {how}: expected 401{why}, got {answer.status}. {advice}"
                shown = shown_since(self.exchanges, start)
                yield Violation(self.item.code, self.item.severity, self.item.service, message, evidence=shown)
                return

    def _anybody(self, endpoint: Endpoint) -> bool:
        """Return whether the operation answers without any token, on a row that is there."""
        made = self.objects.make(endpoint.own, self.user) if endpoint.row else None
        rows = {endpoint.row: made.id} if made is not None else None
        url, body = self.objects.url(endpoint, self.user, rows), self.objects.body(endpoint, self.user)
        return self.objects.send(endpoint, url, token=None, caller="", body=body).ok

    def result(self, violations: list[Violation]) -> CheckResult:
        """Return what was found; what nothing could be tried of has no verdict.

        Raises:
            CheckError: no operation could be called, though the contracts are ours.
        """
        if not self.tried and not violations:
            reason = "; ".join(dict.fromkeys(self.untried)) or "there is no operation to try it on"
            return self.no_way(f"no protected operation could be called: {reason}")
        skipped = f", {len(self.untried)} operations could not be called" if self.untried else ""
        return CheckResult(tuple(violations), detail=f"{self.tried} calls that must be refused{skipped}")

    def no_way(self, reason: str) -> CheckResult:
        """Return a skip of a system that was found.

        Raises:
            CheckError: the contracts are ours, so that there had to be a way.
        """
        if not self.system.found:
            raise CheckError(f"{self.item.service}: {reason}.")
        return CheckResult(skipped=reason)

    def welcome(self) -> str:
        """Return "" if the service takes the user's good tokens, else what it answered: a refusal says nothing then.

        Reads are asked first; an operation that writes is, on rows of the check's own, where no read answers.
        """
        answers = []
        for endpoint in sorted(_protected(self.system, self.item.service), key=lambda e: not e.reads):
            try:
                answer = self.objects.call(endpoint, self.user)
            except CheckError as error:
                answers.append(str(error))
                continue
            if answer.ok or (self.system.found and answer.status not in _REFUSED):
                return ""
            answers.append(f"{endpoint.label} answered {answer.status}")
        return "; ".join(answers[:3]) or "no operation takes it"


def _protected(system: RunningSystem, service: str, *, logout: bool = False) -> list[Endpoint]:
    chosen = [e for e in endpoints_of(system, service) if e.protected and (logout or e.kind != "logout")]
    chosen = [e for e in chosen if e.kind not in {"login", "register"}]
    return sorted(chosen, key=lambda e: _ORDER.index(e.kind) if e.kind in _ORDER else 4)


def _pick(system: RunningSystem, item: CheckItem, work: Callable[[_Picker], CheckResult]) -> CheckResult:
    """Do `work` with a picker for a user of ours; a system that nobody can sign in to gives no way."""

    def pick(exchanges: Exchanges, user: User) -> CheckResult:
        return work(_Picker(system, item, exchanges, user))

    return called_by(system, lambda: caller(system), pick, "there is no token to start from")


def no_token(system: RunningSystem, item: CheckItem) -> CheckResult:
    """Return which protected operations answer to nobody in particular."""
    from pytest_superteam.checks.evidence import WORTHLESS

    def keys(_endpoint: Endpoint, _user: User) -> dict[str, str | None]:
        return {"without a token": None, "with a worthless token": WORTHLESS}

    def work(picker: _Picker) -> CheckResult:
        found = picker.try_all(keys, "", "Ask for the token before anything else.", logout=True)
        return picker.result(list(found))

    return _pick(system, item, work)


def _base(endpoint: Endpoint, user: User) -> str | None:
    """Return the good token to make bad ones of, None where it is no JSON web token."""
    token = user.token(endpoint)
    return token if token and is_jwt(token) else None


def _forgeries(
    system: RunningSystem, item: CheckItem, make: Callable[[str], Mapping[str, str]], why: str, advice: str
) -> CheckResult:
    def keys(endpoint: Endpoint, user: User) -> dict[str, str | None]:
        base = _base(endpoint, user)
        return {f"with a token {how}": token for how, token in make(base).items()} if base else {}

    def work(picker: _Picker) -> CheckResult:
        unwelcome = picker.welcome()
        if unwelcome:
            return picker.no_way(f"the service does not take a good token either ({unwelcome})")
        return picker.result(list(picker.try_all(keys, why, advice)))

    return _pick(system, item, work)


def expired_tokens(system: RunningSystem, item: CheckItem) -> CheckResult:
    """Return which protected operations take a token that has expired; skipped where none can be signed."""

    def work(picker: _Picker) -> CheckResult:
        token = picker.user.tokens.get(ANY) or next(iter(picker.user.tokens.values()))
        key = signing_key(system, token)
        if key is None:
            return CheckResult(skipped="an expired token can't be made: the issuer's signing key is not known")

        def make(token: str) -> dict[str, str]:
            return {"that expired an hour ago": expired(token, key[0])}

        return _forgeries(system, item, make, "", "Check the claim `exp` whenever a token is verified.")

    return _pick(system, item, work)


def foreign_issuers(system: RunningSystem, item: CheckItem) -> CheckResult:
    """Return which protected operations take a token of another issuer; skipped where tokens name none."""

    def work(picker: _Picker) -> CheckResult:
        token = picker.user.tokens.get(ANY) or next(iter(picker.user.tokens.values()))
        key = signing_key(system, token)
        if key is None or not claims_of(token).get("iss"):
            return CheckResult(skipped="the tokens name no issuer, or their signing key is not known")

        def make(token: str) -> dict[str, str]:
            return {"of another issuer": of_issuer(token, key[0], "https://issuer.example")}

        return _forgeries(system, item, make, "", "Check the claim `iss` whenever a token is verified.")

    return _pick(system, item, work)


def tampered_tokens(system: RunningSystem, item: CheckItem) -> CheckResult:
    """Return which protected operations take a token that its issuer did not sign."""
    return _forgeries(
        system, item, tampered, "", "Verify the signature with the issuer's key; never just decode a token."
    )


def unsigned_tokens(system: RunningSystem, item: CheckItem) -> CheckResult:
    """Return which protected operations take a token without a signature."""
    return _forgeries(
        system,
        item,
        unsigned,
        "",
        "Allow only the issuer's algorithm, as a fixed list; the token's header is no authority.",
    )


def foreign_roles(system: RunningSystem, item: CheckItem) -> CheckResult:
    """Return which operations of a role answer to somebody who does not have it."""
    roles = tuple(role for role in system.architecture.roles if role != SERVICE_ROLE)[:6]

    def keys(endpoint: Endpoint, user: User) -> dict[str, str | None]:
        allowed = endpoint.operation.roles
        others = [role for role in roles if role not in allowed and role in user.tokens] if allowed else []
        return {f"of the role {role!r}, which is not {' or '.join(allowed)}": user.tokens[role] for role in others}

    def work(picker: _Picker) -> CheckResult:
        unwelcome = picker.welcome()
        if unwelcome:
            return picker.no_way(f"the service does not take a good token either ({unwelcome})")
        found = picker.try_all(keys, "", "Check the caller's role before anything else, and answer 403.")
        violations = [_forbidden(violation) for violation in found]
        if not picker.tried:
            return picker.no_way("no token of another role can be had")
        return picker.result(violations)

    return _pick(system, item, work)


def _forbidden(violation: Violation) -> Violation:
    from dataclasses import replace

    return replace(violation, message=violation.message.replace("expected 401", "expected 403"))
