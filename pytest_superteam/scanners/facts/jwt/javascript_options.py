"""Calls of JavaScript whose one object configures what signs and verifies later, and builders of tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from pytest_superteam.scanners.facts.jwt.calls import JwtCall, Kind
from pytest_superteam.scanners.facts.jwt.javascript_chains import chain_of
from pytest_superteam.scanners.facts.jwt.shown import Shown
from pytest_superteam.scanners.languages.javascript_tree import FUNCTIONS
from pytest_superteam.scanners.languages.python import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from pytest_superteam.scanners.facts.jwt.javascript_lists import Lists
    from pytest_superteam.scanners.facts.jwt.javascript_values import Values
    from pytest_superteam.scanners.languages.javascript import JavaScriptModule

__all__ = ["Options", "ends", "expiry_off", "is_set"]

_KEY_OPTIONS = ("secret", "secretOrKey", "key", "privateKey", "publicKey", "secretOrPrivateKey", "secretOrKeyProvider")
_NESTED = ("signOptions", "verifyOptions", "jsonWebTokenOptions", "sign", "verify", "decode", "verification", "header")


def is_set(module: JavaScriptModule, options: Shown | None, name: str, *, wanted: bool) -> bool:
    """Return whether an option is literally true, or literally false."""
    if options is None or name not in options.fields:
        return False
    value = module.literal(options.fields[name])
    return value is not UNKNOWN and bool(value) is wanted


def expiry_off(module: JavaScriptModule, options: Shown | None) -> bool:
    """Return whether options switch off the check of the expiration."""
    return (
        is_set(module, options, "ignoreExpiration", wanted=True)
        or is_set(module, options, "ignoreExp", wanted=True)
        or is_set(module, options, "exp", wanted=False)
    )


def ends(module: JavaScriptModule, claims: Shown) -> bool:
    """Return whether there is an `exp` among the claims."""
    return "exp" in claims.fields and module.literal(claims.fields["exp"]) is not None


class Options:
    """Reads such calls of one module."""

    def __init__(self, values: Values, lists: Lists) -> None:
        self.module = values.module
        self.values = values
        self.lists = lists

    def configured(self, call: Node, kind: str, library: str, needed: Any, node: Node | None = None) -> JwtCall | None:
        """Return what the object `node`, by default the first argument, configures."""
        m = self.module
        given = m.arguments(call)
        node = node if node is not None else (given[0] if given else None)
        options = self.values.shown(node)
        if options is None:
            return None
        layers = [options, *self._made(options)]
        for layer in list(layers):
            layers += [one for name in _NESTED if (one := self.values.shown(layer.fields.get(name))) is not None]
        keys = [self.values.key(value) for one in layers for value in self._key_nodes(one)]
        lists = [value for one in layers for value in self.lists.nodes(one, None)]
        names, alternatives = self.lists.named(lists) if library not in {"nestjs", "fastify"} else self._apart(lists)
        complete = all(one.complete for one in layers)
        return JwtCall(
            cast("Kind", kind),
            library,
            call,
            tuple(key for key in keys if key is not None),
            names,
            alternatives,
            list_given=bool(lists) or not complete,
            list_needed=needed,
            expiry_off=any(expiry_off(self.module, one) for one in layers),
        )

    def _apart(self, lists: list[Node]) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
        """Return the lists of a module that signs and verifies, each by itself."""
        made = [self.lists.named([node]) for node in lists]
        return (), tuple(one for names, alternatives in made for one in (names, *alternatives) if one)

    def _key_nodes(self, options: Shown) -> Iterator[Node]:
        m = self.module
        for name in _KEY_OPTIONS:
            value = options.fields.get(name)
            if value is None:
                continue
            holder = m.parent(value)
            if name == "secretOrKey" and holder is not None and holder.type == "assignment_expression":
                continue  # told there, as a setting
            inner = self.values.shown(value)
            if inner is not None and {"private", "public"} & set(inner.fields):  # @fastify/jwt
                yield from (inner.fields[half] for half in ("private", "public") if half in inner.fields)
            else:
                yield value if value.type != "method_definition" else m.unwrap(value) or value

    def _made(self, options: Shown) -> Iterator[Shown]:
        """Yield the options that `useFactory` makes."""
        factory = self.module.unwrap(self.module.resolve(options.fields.get("useFactory")))
        if factory is not None and factory.type in FUNCTIONS:
            for value in self.values.returned(factory):
                shown = self.values.shown(value)
                if shown is not None:
                    yield shown

    def built(self, call: Node, name: str) -> JwtCall | None:
        """Return what `new SignJWT(claims).setProtectedHeader(...).sign(key)` signs."""
        chain = chain_of(self.module, call)
        if chain is None:
            return None
        last = name.rsplit(".", 1)[-1]
        maker = self.module.qualname(self.module.callee(chain.base)).rsplit(".", 1)[-1]
        if (maker, last) not in {("SignJWT", "sign"), ("UnsecuredJWT", "encode"), ("CompactSign", "sign")}:
            return None
        claims = (
            self.values.shown(self.module.argument(chain.base, 0)) if self.module.arguments(chain.base) else Shown()
        )
        header = [self.values.shown(node) for node in chain.arguments.get("setProtectedHeader", ())]
        names = tuple(n for one in header if one is not None for n in self.lists.names(one.fields.get("alg")))
        key = self.values.key(self.module.argument(call, 0)) if last == "sign" else None
        endless = (
            maker != "CompactSign"
            and "setExpirationTime" not in chain.arguments
            and claims is not None
            and claims.complete
            and not ends(self.module, claims)
        )
        keys = () if key is None else (key,)
        return JwtCall("sign", "jose", call, keys, names, unsigned=maker == "UnsecuredJWT", endless=endless)
