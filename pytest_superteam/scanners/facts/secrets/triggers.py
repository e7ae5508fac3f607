"""Which lines of a file may hold a secret, told by one pass over its bytes: most files have none."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from pytest_superteam.scanners.facts.names import VENDORS

__all__ = ["AWS", "BEARER", "JWT", "NAMES", "PEM", "REPO", "SENDGRID", "SLACK", "STRIPE", "URL", "VENDOR"]
__all__ += ["Passage", "passages"]

AWS, PEM, REPO, STRIPE, SLACK, SENDGRID = "aws", "pem", "repo", "stripe", "slack", "sendgrid"
JWT, URL, BEARER, VENDOR, NAMES = "jwt", "url", "bearer", "vendor", "names"

_LONG = 4096
"""Bytes of a line that is looked at as a whole; of longer ones (minified code, data) only what is around a word."""

_BEFORE, _AFTER = 300, 1800


def _spellings(*parts: str) -> set[str]:
    """Return a compound name in the cases in which code and configuration write it."""
    title = [part.title() for part in parts]
    return {
        "_".join(parts), "-".join(parts), "".join(parts), ".".join(parts), " ".join(parts),
        "_".join(parts).upper(), "-".join(parts).upper(), "".join(parts).upper(),
        "".join(title), "-".join(title), "_".join(title), " ".join(title), parts[0] + "".join(title[1:]),
        *(separator.join([parts[0].upper(), *title[1:]]) for separator in ("", "-", "_", " ")),
    }  # fmt: skip


_KEY_NAMES = frozenset().union(
    *(
        _spellings(word, "key")
        for word in (
            "api", "access", "private", "signing", "encryption", "encrypt", "crypto", "cipher", "aes", "hmac",
            "account",
            "master", "storage", "subscription", "license", "licence", "auth", "service", "app", "application",
            "consumer", "client", "session", "shared", "functions", "integration", "ingest", "write", "read", "admin",
            "management", "deploy", "webhook", "signature", "primary", "secondary", "host", "partner", "developer",
            "sl", "cloudant", "cl", *VENDORS,
        )
    )
)  # fmt: skip
_STEMS = (
    "pass",
    "secret",
    "token",
    "credential",
    "pwd",
    "passwd",
    "kennwort",
    "senha",
    "contrase",
    "wachtwoord",
    "mdp",
)
_NAME_WORDS = frozenset().union(*({stem, stem.title(), stem.upper()} for stem in _STEMS)) | _KEY_NAMES
_SPECIAL_NAMES = frozenset({
    # what binds a password without `=` or `:` behind its name
    "IDENTIFIED", "identified by", "configure set", "ConvertTo-SecureString", "PASSWORD '", "password '",
    "PASSWORD N'", "requirepass",
    "masterauth", "curl ",
    "-u ", "--user ", "--user=", "mysql", "mongo", "sshpass", "redis-cli", "ldapsearch", "docker login", "sqlcmd",
    "storepass",
    "keypass", "rabbitmqctl", "chpasswd", "sudo -S", "auth=(", "auth = (", "auth: [", "auth=[",
    "BasicAuth(", 'BasicAuth"',
    "basicAuth(",
    "basic_auth(", "DigestAuth(", "getConnection(", "Sequelize(", "mysqli(", "mysqli_connect(", "mysql_connect(",
    "PDO(", "MySQLdb.connect(", "pymysql.connect(", ".login(", "ftp_login(", "FTP(", "ldap_bind(", "PlainAuth(",
    "NetworkCredential(", "UsernamePassword", "PasswordAuthentication(", "create_superuser(", "createUser(",
    "create_user(", "--pass", "--token", "--api-key", "--apikey", "--secret", "--access-token", "--auth-token",
    '"auth"', "'auth'", "Basic ", "pw=", "pw =", "pw:", 'pw"', "pw'", "PW=", "PW =", "PW:", 'PW"', "PW'", "Pw=", "Pw =",
    "Pw:", "Authorization", "authorization", "AUTHORIZATION", "password ", "Pwd=", "PWD=", "_auth",
})  # fmt: skip

_VENDOR_WORDS = (
    "AIza", "ya29.", "GOCSPX-", "npm_", "_authToken", "pypi-Ag", "T3BlbkFJ", "sk-proj-", "sk-ant-", "sk-or-v1-",
    "sk-svcacct-", "sk-admin-", "gsk_", "hf_", "r8_", "xai-", "pplx-", "dop_v1_", "doo_v1_", "dor_v1_", "shpat_",
    "shpca_", "shppa_",
    "shpss_", "hvs.", "hvb.", "hvr.", "ATATT3", "ATCTT3", "ATBB", "lin_api_", "PMAK-", "secret_", "ntn_", "glsa_",
    "glc_",
    "dp.pt.", "dp.st.", "dp.ct.", "dp.sa.", "dp.scim.", "dp.audit.", "pscale_", "dapi", "NRAK-", "NRII-", "NRRA-",
    "sq0atp-", "sq0csp-", "sq0idp-", "EAAA", "EAACEdEose0cBA", "EAAC", "EAAG", "EAAB", "AAAAAAAAAAAAAAAAAAAAA",
    "key-", "AKC",
    "rtifactory", "jfrog", "JFrog", "JFROG", "cmVmd", "squ_", "sqp_", "sqa_", "AccountKey=", "SharedAccessKey=",
    "SharedAccessSignature", "8Q~", "7Q~",
    "rubygems_", "dckr_pat_", "dckr_oat_", "CCIPAT_", "CCIPRJ_", "sntrys_", "sntryu_", "figd_", "HRKU-", "atlasv1.",
    "xkeysib-", "xsmtpsib-",
    "shippo_live_", "EZAK", "FLWSECK", "rzp_live_", "access_token$production$", "amzn.mws.", "LTAI", "AKID",
    "AQVN", "AGE-SECRET-KEY-1", "aio_", "pnu_", "pul-", "rdme_", "tfp_", "ops_eyJ", "nfp_", "sbp_", "bkua_",
    "API-", "oy2", "cio", "duffel_live_", "duffel_test_", "CLOJARS_", "sgp_", "whsec_", "sk.eyJ", "api/webhooks/",
    "webhook.office.com/webhookb2/", "pat.", "patA", "live_", "PRIVATE-TOKEN", "eu01xx", "apify_api_", "phc_", "phx_",
    "lsv2_pt_", "lsv2_sk_", "tvly-", "vercel_", "pk_prod_", "nvapi-", "fw_", "gAAAAA", "SK", "AC", "iscord",
    "DISCORD", ".run(", ":AA", "loudant", "LOUDANT", "oftlayer", "OFTLAYER", "oftLayer", "ibm", "IBM", "hmac", "HMAC",
    "-us1", "-us2", "-us3", "-us4", "-us5", "-us6", "-us7", "-us8", "-us9", "icosadd", "tk-us-", "ico-", "fio-u-",
    "_mmk",
)  # fmt: skip

_WORDS: dict[str, tuple[str, ...]] = {
    AWS: ("AKIA", "ASIA"),
    PEM: ("PRIVATE KEY", "PuTTY-User-Key-File", "LS0tLS1CRUdJTi", "LS0tLSBCRUdJTi"),
    REPO: (
        "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "gldt-", "glrt-", "glft-", "glsoat-", "glcbt-",
        "glimt-", "glptt-", "glagent-", "gloas-", "glffct-", "glwt-", "GR1348941",
    ),
    STRIPE: ("sk_live_", "rk_live_", "pk_live_"),
    SLACK: ("xox", "xapp-", "hooks.slack.com/"),
    SENDGRID: ("SG.",),
    JWT: ("eyJ", "eyA", "ewo", "ew0"),
    URL: ("://", "jdbc:", "@tcp(", "@unix("),
    BEARER: ("earer ", "EARER ", "earer\t"),
    VENDOR: _VENDOR_WORDS,
    NAMES: tuple(sorted(_NAME_WORDS | _SPECIAL_NAMES)),
}  # fmt: skip

_QUICK = {
    # what has to stand at a word so that its line is looked at
    URL: re.compile(
        rb"://[^\s:/@\"'`<>]{0,100}:[^\s\"'`<>]{1,300}?@|jdbc:(?:oracle|[\w:]{2,40}://|[^\n]{0,200}?[pP]ass)"
    ),
    BEARER: re.compile(rb"(?i)earer[ \t]{1,4}\\?[\"']?[\w~+/.\-]{6}"),
    JWT: re.compile(rb"e[yw][A-Za-z0-9_\-]{8,2000}\.[A-Za-z0-9_\-]"),
    SENDGRID: re.compile(rb"SG\.[\w\-=.]{40}"),
    SLACK: re.compile(rb"xox[a-z]|xapp-|hooks"),
    "SK": re.compile(rb"SK[0-9a-f]{32}"),
    "AC": re.compile(rb"AC[0-9a-f]{32}"),
    "Basic ": re.compile(rb"Basic [A-Za-z0-9+/]{8,}"),
    "cio": re.compile(rb"cio[A-Za-z0-9]{32}"),
    "oy2": re.compile(rb"oy2[a-z0-9]{43}"),
    "API-": re.compile(rb"API-[A-Z0-9]{26}"),
    "key-": re.compile(rb"key-[0-9a-f]{32}"),
    "hf_": re.compile(rb"hf_[A-Za-z0-9]{30}"),
    "fw_": re.compile(rb"fw_[A-Za-z0-9]{24}"),
    "live_": re.compile(rb"live_[A-Za-z0-9]{30}"),
    "pat.": re.compile(rb"pat\.[\w\-.]{22}"),
    "patA": re.compile(rb"pat[A-Za-z0-9]{14}\.[0-9a-f]{64}"),
    "dapi": re.compile(rb"dapi[0-9a-f]{32}"),
    "aio_": re.compile(rb"aio_[A-Za-z0-9]{28}"),
    "ico-": re.compile(rb"ico-[A-Za-z0-9]{32}"),
    ":AA": re.compile(rb":AA[\w\-]{33}"),
    ".run(": re.compile(rb"\.run\(\s{0,4}[\"'][MNO][\w\-]{23,25}\."),
}
_BOUND = re.compile(
    rb"[\w.\-\x80-\xff]{0,60}(?:\\{0,3}[\"'`\])}]){0,5}(?:\[\d{0,4}\])?[ \t]{0,30}(?:[=:,(<>|?!+{\"']"
    rb"|string|char|byte|or[ \t]|-eq|[vV]alue|\r?$)",
    re.MULTILINE,
)
"""A name and what binds a value to it."""

_COMPARED = re.compile(
    rb"[\"'`][ \t]{0,4}(?:[!=]==?|<>)[ \t]{0,4}[\w.$\[\"'>-]{0,40}$|(?:quals|compareTo)\([ \t]{0,4}[\w.$]{0,40}$"
)
"""A comparison that the name stands at the right of."""

_QUICK["password "] = re.compile(_BOUND.pattern + rb"|password [^\s=:]{3}", re.MULTILINE)
_QUICK["secret_"] = _BOUND
_QUICK["@tcp("] = _QUICK["@unix("] = re.compile(rb"@")
_BOTH = frozenset({"secret_", "_authToken", "PRIVATE-TOKEN", "AccountKey="})
"""Words that begin a token of a vendor or a name."""


@dataclass(frozen=True)
class Passage:
    """A line, or a part of a very long one, with the kinds of secret that it may hold."""

    line: int
    start: int
    """Bytes before it in its line."""
    text: str
    kinds: set[str] = field(default_factory=set)
    whole: bool = True
    """Whether it is a whole line."""


@cache
def _automaton() -> tuple[Any, tuple[frozenset[str], ...], tuple[re.Pattern[bytes] | None, ...]]:
    """Return the automaton of all words, and for each word its kind and what has to stand there."""
    from ahocorasick_rs import BytesAhoCorasick, Implementation, MatchKind  # only where something is scanned

    kinds: dict[str, str] = {}
    for kind, words in _WORDS.items():
        for word in words:
            kinds.setdefault(word, kind)
    words = tuple(kinds)
    quick = tuple(_QUICK.get(word) or (_BOUND if word in _NAME_WORDS else _QUICK.get(kinds[word])) for word in words)
    automaton = BytesAhoCorasick(
        [word.encode() for word in words], matchkind=MatchKind.LeftmostLongest, implementation=Implementation.DFA
    )
    belongs = tuple(frozenset({kind, NAMES} if word in _BOTH else {kind}) for word, kind in kinds.items())
    return automaton, belongs, quick


def passages(data: bytes) -> list[Passage]:
    """Return the passages of a file that may hold a secret, in order. UTF-16 has to be decoded before."""
    automaton, words, quick = _automaton()
    found: list[Passage] = []
    number, counted, line_start, line_end, here = 1, 0, 0, -1, None
    window_end = 0
    for index, start, _ in automaton.find_matches_as_indexes(data):
        check = quick[index]
        if (
            check is not None
            and check.match(data, start) is None
            and not _COMPARED.search(data, max(0, start - 60), start)
        ):
            continue
        if start >= line_end:
            number += data.count(b"\n", counted, start)
            counted = start
            line_start = data.rfind(b"\n", 0, start) + 1
            line_end = data.find(b"\n", start)
            line_end = len(data) if line_end < 0 else line_end
            here = None
        if here is None or start > window_end:
            whole = line_end - line_start <= _LONG
            first = line_start if whole else max(line_start, start - _BEFORE)
            last = line_end if whole else min(line_end, start + _AFTER)
            window_end = last if whole else last - _AFTER // 2
            text = data[first:last].decode("utf-8", "replace").rstrip("\r").removeprefix("\ufeff")
            here = Passage(number, first - line_start, text, set(), whole)
            found.append(here)
        here.kinds.update(words[index])
    return found
