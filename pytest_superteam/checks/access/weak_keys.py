"""Signing keys that can be guessed: what people write into a settings file and forget (CWE-521, CWE-798)."""

from __future__ import annotations

import hmac
import re
from typing import TYPE_CHECKING

from pytest_superteam.checks.access.tokens_forged import HASHES, header_of, is_jwt, signed_parts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["candidates", "guessed_key", "signs"]

_WORDS = tuple(
    """
secret secretkey mysecret mysecretkey supersecret topsecret verysecret secret123 secret1234 secret12345 s3cr3t
s3cret jwt jwtsecret jwtkey jwttoken jwtsecretkey token tokensecret key keys mykey privatekey private public sign
signing signingkey signature auth authsecret authkey session sessionsecret app appsecret appkey application api
apikey apisecret server serversecret backend password password1 password123 passw0rd passwd pass pass123 admin
admin123 administrator root toor test test123 testing tests testsecret testkey dev devsecret devkey develop
development local localhost demo example sample default defaultsecret changeme changeit change-me change_me
changethis change-this replaceme replace-me please-change please-change-me todo fixme none null undefined true
false random randomstring string text value hello helloworld hello-world world foo bar foobar baz qwerty qwerty123
qwertyuiop asdf asdfgh asdfghjkl zxcvbn zxcvbnm abc abc123 abcd abcd1234 abcdef abcdefg abcdefgh 123 1234 12345
123456 1234567 12345678 123456789 1234567890 0123456789 111111 000000 0000 1111 letmein welcome monkey dragon
master shadow iloveyou sunshine princess football baseball superman batman trustno1 whatever keyboardcat
keyboard-cat cat dog shhh shhhh shhhhh shhhhhh ssh quiet hush hidden confidential hmac hmackey hs256 sha256 hash
hashkey salt salty pepper cookie cookiesecret oauth oauthsecret client clientsecret user usersecret usertoken
access accesstoken accesssecret accesskey refresh refreshtoken refreshsecret bearer flask django fastapi express
node nodejs rails spring springboot laravel nest nestjs python java golang docker kubernetes postgres mysql mongo
redis production prod staging stage company project service microservice gateway shop store web website site mobile
internal master-key masterkey unsafe insecure insecure-secret unsecure dummy fake temp temporary tmp placeholder
insert-secret-here secret-key secret_key jwt-secret jwt_secret jwt-secret-key jwt_secret_key your-secret
your_secret your-secret-key your_secret_key yoursecret yoursecretkey your-256-bit-secret your-384-bit-secret
your-512-bit-secret your-jwt-secret your_jwt_secret your-super-secret-key my-secret my_secret my-secret-key
my_secret_key my-super-secret-key super-secret super_secret super-secret-key super_secret_key supersecretkey
supersecretjwt super-secret-jwt-key top-secret top_secret dev-secret dev_secret dev-secret-key dev-secret-change-me
dev-secret-change-in-production test-secret test_secret test-secret-key app-secret app_secret app-secret-key
auth-secret auth_secret session-secret session_secret access-token-secret refresh-token-secret
change-me-in-production changeme-in-production change-in-production not-secret not-a-secret notsecret notasecret
do-not-use this-is-a-secret thisisasecret this-is-my-secret thisismysecret default-secret default_secret
default-secret-key insecure-key insecure-dev-key insecure-default
    """.split()  # noqa: SIM905  # one word a line would be ten screens
)


def candidates(names: Iterable[str] = ()) -> Iterator[str]:
    """Yield common secrets, then those that people make of `names` (a service's, the system's title)."""
    yield ""
    for word in _WORDS:
        yield word
    for word in ("secret", "password", "changeme", "key"):
        yield word.upper()
        yield word.title()
    for name in dict.fromkeys(names):
        parts = [part.lower() for part in re.split(r"[^A-Za-z0-9]+", name) if part][:6]
        for stem in dict.fromkeys((*parts, "".join(parts), "-".join(parts), "_".join(parts))):
            yield stem
            for ending in ("secret", "key", "secret-key", "jwt", "jwt-secret", "token", "123", "2024", "2025", "2026"):
                yield from dict.fromkeys((f"{stem}{ending}", f"{stem}-{ending}", f"{stem}_{ending}".replace("-", "_")))


def signs(secret: str, token: str) -> bool:
    """Return whether `secret` made the signature of an HS256, HS384 or HS512 token."""
    kind = HASHES.get(str(header_of(token).get("alg", "")))
    if kind is None or not is_jwt(token):
        return False
    signed, wanted = signed_parts(token)
    return hmac.compare_digest(hmac.new(secret.encode(), signed.encode(), kind).digest(), wanted)


def guessed_key(token: str, names: Iterable[str] = ()) -> str | None:
    """Return the signing key of `token` where it is a common secret or made of `names`, tried offline."""
    return next((candidate for candidate in candidates(names) if signs(candidate, token)), None)
