"""Bearer tokens: what a service takes for one, and with which key."""

from __future__ import annotations

import ast
import hashlib
from typing import TYPE_CHECKING

from pytest_superteam.calibration.fault import fault
from pytest_superteam.calibration.source import Change, Module, Source, calls, dotted, keyword

if TYPE_CHECKING:
    from collections.abc import Iterator


def _decodes(service: Source) -> Iterator[tuple[Module, ast.Call]]:
    """Yield the calls that read tokens, where an operation asks for one."""
    for module in service.modules.values() if service.is_guarded else ():
        for call in calls(module.tree, "decode"):
            if dotted(call.func) == "jwt.decode":
                yield module, call


def _with_option(service: Source, option: str, what: str, algorithm: str = "") -> Iterator[Change]:
    """Add an option to how tokens are decoded, and an algorithm to those that are taken."""
    for module, call in _decodes(service):
        options, taken = keyword(call, "options"), keyword(call, "algorithms")
        if options and isinstance(options.value, ast.Dict) and options.value.keys:
            first = options.value.keys[0]
            edits = [module.to(first, f"{option}, {module.source(first)}")] if first is not None else []
            if algorithm and taken and isinstance(taken.value, ast.List) and taken.value.elts:
                last = taken.value.elts[-1]
                edits.append(module.to(last, f"{module.source(last)}, {algorithm}"))
            if edits:
                yield service.change(module, call, what, *edits)


@fault("signature-unverified", "tokens that anybody signed are taken", 2, 3)
def signature_unverified(service: Source) -> Iterator[Change]:
    """Do not look at the signature."""
    return _with_option(service, '"verify_signature": False', "no signature is checked")


@fault("algorithm-none", "unsigned tokens are taken", 2, 3)
def algorithm_none(service: Source) -> Iterator[Change]:
    """Take the algorithm none too, and check no signature where the token says that it has none."""
    option = '"verify_signature": jwt.get_unverified_header(token).get("alg") != "none"'
    return _with_option(service, option, "a token of algorithm none is taken", '"none"')


@fault("expiry-unchecked", "expired tokens are taken", 2, 3)
def expiry_unchecked(service: Source) -> Iterator[Change]:
    """Do not look at when a token expires."""
    return _with_option(service, '"verify_exp": False', "expired tokens are taken")


@fault("issuer-unchecked", "tokens of other issuers are taken", 2, 3)
def issuer_unchecked(service: Source) -> Iterator[Change]:
    """Do not look at who issued a token."""
    for module, call in _decodes(service):
        issuer = keyword(call, "issuer")
        if issuer:
            yield service.change(module, call, "no issuer is asked for", module.without_argument(issuer))


@fault("token-never-expires", "tokens are issued for ten years", 2, 3)
def token_never_expires(service: Source) -> Iterator[Change]:
    """Issue tokens that live for ten years."""
    for module in service.modules.values():
        for node in module.tree.body:
            if isinstance(node, ast.Assign) and dotted(node.targets[0]).endswith("LIFETIME"):
                edit = module.to(node.value, "timedelta(days=3650)")
                yield service.change(module, node, "tokens live for ten years", edit)


@fault("signing-key-hardcoded", "the key of the tokens stands in the source", 3)
def signing_key_hardcoded(service: Source) -> Iterator[Change]:
    """Fall back to a key in the source where the environment has none."""
    for module in service.modules.values():
        for call in calls(module.tree, "get"):
            named = [argument for argument in call.args if isinstance(argument, ast.Constant)]
            if dotted(call.func) == "os.environ.get" and len(named) == 2 and named[0].value == "JWT_SECRET":
                edit = module.to(named[1], repr(made_up(service.name)))
                yield service.change(module, call, "a default key stands in the source", edit)


def made_up(salt: str, length: int = 40) -> str:
    """Return what looks like a secret and is none."""
    return hashlib.sha256(f"calibration {salt}".encode()).hexdigest()[:length]


@fault("secret-hardcoded", "a password stands in the source", 3)
def secret_hardcoded(service: Source) -> Iterator[Change]:
    """Bind a password to a name in the settings."""
    module = service.named("settings.py")
    for node in module.tree.body if module else ():
        if module and isinstance(node, ast.FunctionDef | ast.ClassDef):
            line = f'SMTP_PASSWORD = "{made_up("smtp", 20)}"'
            yield service.change(module, node, "a password stands in the source", module.before(node, line))
            return


@fault("password-hash-weak", "passwords are kept as fast hashes without salt", 3)
def password_hash_weak(service: Source) -> Iterator[Change]:
    """Hash with MD5."""
    module = service.named("auth.py")
    found = list(calls(module.tree, "scrypt")) if module else []
    if module and found:
        edits = [module.to(call, f"hashlib.md5({module.source(call.args[0])}).digest()") for call in found]
        yield service.change(module, found[0], "passwords are hashed with MD5", *edits)


@fault("cors-wildcard", "pages of every origin may read the answers", 2, 3)
def cors_wildcard(service: Source) -> Iterator[Change]:
    """Allow every origin."""
    return _origins(service, 'allow_origins=["*"]', "every origin is allowed")


@fault("cors-reflected", "pages of every origin may read the answers with credentials", 2, 3)
def cors_reflected(service: Source) -> Iterator[Change]:
    """Reflect whatever origin asks, with credentials."""
    return _origins(service, 'allow_origin_regex=".*", allow_credentials=True', "every origin is reflected")


def _origins(service: Source, argument: str, what: str) -> Iterator[Change]:
    for module in service.modules.values():
        for call in calls(module.tree, "add_middleware"):
            origins = keyword(call, "allow_origins")
            if origins:
                yield service.change(module, origins, what, module.to(origins, argument))
