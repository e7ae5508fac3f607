"""What identifiers say about the values they hold: whether a name is that of a password, a key or a token."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal

__all__ = ["PASSWORD_WORDS", "VENDORS", "SecretKind", "bound_kind", "secret_kind", "words"]

SecretKind = Literal["password", "key"]

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
PASSWORD_WORDS = frozenset({
    "password", "passwd", "passphrase", "pwd", "passcode", "pass", "pw", "passwords", "pswd", "passwort", "kennwort",
    "contrasena", "contraseña", "senha", "wachtwoord", "motdepasse", "mdp", "userpassword", "dbpassword", "dbpass",
    "userpass", "userpwd", "rootpassword", "adminpassword", "mypassword", "storepass", "keypass", "requirepass",
    "masterauth", "passw", "pword",
    "strpassword", "spassword", "szpassword", "loginpassword", "newpassword", "oldpassword", "dbpwd", "dbpasswd",
    "rootpass", "adminpass", "pgpassword", "ldappassword",
    "ftppassword", "sshpassword", "sshpass", "mysqlpassword", "smtppassword", "smtppass", "mailpassword",
    "emailpassword",
    "keystorepassword", "truststorepassword", "bindpassword", "bindpw", "rootpw", "adminpw", "authpassword",
    "masterpassword", "masteruserpassword",
    "secretpassword", "authpass", "authpw", "passwdstr", "mysqlpwd", "loginpwd",
})  # fmt: skip
"""Words that name a password, those that run together included."""
_KEYS = frozenset(
    {"secret", "secrets", "token", "tokens", "apikey", "apisecret", "credential", "credentials", "secretkey"}
)
_KEYS |= {"accesskey", "privatekey", "authtoken", "accesstoken", "clientsecret", "appsecret", "bearertoken", "creds"}
_KEYS |= {"refreshtoken", "idtoken", "authkey", "authsecret", "apitoken", "bottoken", "secrettoken", "secretaccesskey"}
_KEY_QUALIFIERS = frozenset(
    {"api", "secret", "access", "private", "signing", "encryption", "auth", "jwt", "account", "service"}
)
_KEY_QUALIFIERS |= {"master", "storage", "subscription", "license", "licence", "encrypt", "crypto", "cipher", "aes"}
_WIDE_QUALIFIERS = frozenset({
    "hmac", "app", "application", "consumer", "client", "session", "shared", "functions", "ingest", "integration",
    "admin",
    "management", "deploy", "webhook", "signature", "write", "read", "host", "partner", "developer", "sl",
    "cloudant", "cl",
})  # fmt: skip
VENDORS = frozenset({
    "adobe", "airtable", "algolia", "alibaba", "amplitude", "asana", "atlassian", "auth0", "azure", "beamer",
    "bitbucket", "bitly", "braintree", "bugsnag", "buildkite", "circleci", "clearbit", "cloudflare", "cloudinary",
    "codecov", "coinbase", "confluent", "contentful", "datadog", "digitalocean", "discord", "dropbox", "dynatrace",
    "elastic", "etsy", "facebook", "fastly", "figma", "finnhub", "firebase", "flickr", "foursquare", "freshdesk",
    "fullstory", "gemini", "ghost", "giphy", "github", "gitlab", "gitter", "google", "grafana", "groq", "heroku",
    "hubspot", "huggingface", "intercom", "ipstack", "jenkins", "jfrog", "jira", "kraken", "kucoin", "launchdarkly",
    "linear", "linkedin", "linode", "logdna", "mailchimp", "mailgun", "mailjet", "mandrill", "mapbox", "maps",
    "mattermost", "messagebird", "mixpanel", "netlify", "newrelic", "nexmo", "notion", "nuget", "nytimes", "okta",
    "openai", "openweather", "openweathermap", "opsgenie", "pagerduty", "paypal", "paystack", "pinecone", "plaid",
    "postman", "postmark", "pusher", "rapidapi", "razorpay", "recaptcha", "replicate", "rollbar", "salesforce",
    "segment", "sendgrid", "sendinblue", "sentry", "shodan", "shopify", "slack", "snyk", "sonar", "sonarqube",
    "spotify", "square", "squarespace", "stripe", "sumologic", "supabase", "telegram", "tinify", "travis", "trello",
    "twilio", "twitch", "twitter", "typeform", "unsplash", "vault", "vercel", "virustotal", "vonage", "weather",
    "weatherapi", "wandb", "yandex", "yelp", "youtube", "zapier", "zendesk", "zoom",
})  # fmt: skip
"""Services whose name before `key` says whose API key it is."""

"""Words before `key` that make it a secret only where a random literal is bound to the name."""

_ABOUT = frozenset({
    "name", "names", "file", "path", "url", "uri", "host", "port", "id", "ids", "type", "header", "headers",
    "field", "fields",
    "label", "prefix", "suffix", "length", "len", "size", "count", "min", "max", "limit", "ttl", "expiry", "expires",
    "expiration", "expire", "timeout", "lifetime", "age", "seconds", "minutes", "hours", "days", "algorithm",
    "algorithms",
    "alg", "issuer", "audience", "hash", "hashed", "hasher", "digest", "checksum", "salt", "enabled", "required",
    "disabled",
    "policy", "rule", "rules", "regex", "pattern", "schema", "model", "class", "form", "error", "errors", "message",
    "reset",
    "changed", "endpoint", "location", "cookie", "param", "parameter", "column", "key_id", "arn", "ref", "version",
    "format",
    "usage", "scope", "scopes", "context", "validator", "validators", "validation", "manager", "store", "provider",
    "backend",
    "hint", "placeholder", "help", "text", "title", "description", "prompt", "budget", "kind", "index", "pos",
    "position",
    "env", "var", "variable", "template", "bytes", "attempts", "strength", "score", "created", "updated", "at",
    "lookup",
    "serializer", "view", "page", "button", "input", "selector", "resolver", "dir", "folder", "mode", "state", "status",
    "fingerprint", "public", "mask", "masked", "redacted", "bucket", "rotation", "generator", "factory", "dep",
    "service",
})  # fmt: skip
"""Last words of names that hold something about a secret, not the secret."""

_COUNTS = frozenset(
    {
        "n",
        "num",
        "nr",
        "total",
        "max",
        "min",
        "has",
        "is",
        "needs",
        "count",
        "no",
        "err",
        "error",
        "errors",
        "msg",
        "message",
        "label",
        "toggle",
        "update",
        "change",
        "show",
        "hide",
        "forgot",
        "remember",
        "use",
        "uses",
        "enable",
        "disable",
        "allow",
        "should",
        "can",
    }
)
"""First words of names that hold how many there are, whether there is one, or what is said about it."""

_TRAILING = frozenset({
    "value", "default", "str", "string", "base", "base64", "b64", "prod", "production", "dev", "development", "staging",
    "stage", "qa",
    "uat", "local", "live", "admin", "root", "user", "users", "db", "database", "master", "slave", "replica", "old",
    "new",
    "current", "previous", "prev", "plain", "plaintext", "raw", "literal", "confirm", "confirmation", "again", "repeat",
    "login", "in", "for", "of", "real", "main", "sandbox", "aws", "gcp", "azure", "mysql", "postgres", "redis",
    "mongo", "test",
    "one", "two", "a", "b", "secure", "constant", "const", "account", "here", "unsafe", "hardcoded", "clear",
    "cleartext",
})  # fmt: skip
"""Words behind the word that names a secret which leave it one: `password_prod`, `api_key_2`."""


@lru_cache(maxsize=4096)
def words(name: str) -> tuple[str, ...]:
    """Return the lower-case words of an identifier in any case: `dbPassword`, `DB_PASSWORD`, `db-password`."""
    spaced = _HUMP.sub("_", name)
    return tuple(word for word in re.split(r"[\W_]+", re.sub(r"(?<=[a-z])(\d+)$", r"_\1", spaced.lower())) if word)


def _kind(parts: list[str], *, wide: bool) -> SecretKind | None:
    """Return what the last word of a name, with the one before it, says."""
    last = parts[-1]
    if last in PASSWORD_WORDS or (last == "word" and parts[-2:-1] == ["pass"]):
        return "password"
    if len(parts) > 1 and last == "id" and parts[-3:-1] == ["access", "key"]:
        return "key"
    if last in _ABOUT and last not in _TRAILING:
        return None
    if last in _KEYS:
        return "key"
    if (
        last == "key"
        and len(parts) > 1
        and (parts[-2] in _KEY_QUALIFIERS or (wide and parts[-2] in _WIDE_QUALIFIERS | VENDORS))
    ):
        return "key"
    return "key" if last == "authorization" else None


def _kind_of(parts: list[str], *, wide: bool) -> SecretKind | None:
    if not parts or "public" in parts or "publishable" in parts or parts[0] in _COUNTS:
        return None
    if parts[-1] == "token" and parts[-2:-1] in (["page"], ["continuation"], ["sync"], ["cursor"], ["pagination"]):
        return None
    if "for" in parts[1:]:  # `password_for_email`
        parts = parts[: parts.index("for", 1)]
    while len(parts) > 1 and _kind(parts, wide=wide) is None and (parts[-1].isdigit() or parts[-1] in _TRAILING):
        parts.pop()
    return _kind(parts, wide=wide)


@lru_cache(maxsize=4096)
def secret_kind(name: str) -> SecretKind | None:
    """Return whether `name` is that of a `password` or of another secret (`key`), or None."""
    parts = list(words(name))
    return None if parts in (["pass"], ["pw"]) else _kind_of(parts, wide=False)


@lru_cache(maxsize=4096)
def bound_kind(name: str) -> SecretKind | None:
    """Return the kind of secret that a literal is which is bound to `name`: there `pass` alone names a password."""
    return _kind_of(list(words(name)), wide=True)
