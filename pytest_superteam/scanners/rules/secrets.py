"""SEC-SECRET-001 to 012: secrets in any text file, found by detect-secrets' detectors and ours on candidate lines.

Every file is searched, tests, configuration, scripts and key files included. Each secret is one finding under the most
specific code: a token of a vendor or a JWT before the connection string or the header that holds it, these before the
name that it is bound to. A JWT behind `Bearer` is SEC-SECRET-010, any other token there SEC-SECRET-006.

In comments and docstrings a secret of a form of its own leaks like anywhere and is found. A connection string or a
bearer token is found there, and in documents, only where it does not look like an example. What is a secret by the name
it is bound to alone (SEC-SECRET-004 and 007) is never found in a comment: there it is a line that was commented out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_superteam.models import Severity
from pytest_superteam.scanners.base import Rule
from pytest_superteam.scanners.engine import FileCheck, Hit, RuleScanner
from pytest_superteam.scanners.facts import excuses
from pytest_superteam.scanners.facts.secrets import examples as e
from pytest_superteam.scanners.facts.secrets.search import Secret, may_hold, secrets_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_superteam.scanners.source import SourceFile, SourceTree

__all__ = ["SCANNER"]

_REMEDY = "Take it out of the source, revoke it, and read the new one from the environment or a vault"
_WHY = "Whoever can read the source, its history or an image made of it can use the secret, and nobody notices."
_ANYWHERE = "In any text file, comments and tests included."


def _rule(
    number: int,
    name: str,
    severity: Severity,
    instead: str,
    what: str,
    why: str,
    bad: dict[str, str],
    good: dict[str, str],
) -> Rule:
    return Rule(
        f"SEC-SECRET-{number:03}",
        name,
        severity,
        "secrets",
        3,
        f"{_REMEDY}: {instead}.",
        languages=("text",),
        cwe=321 if number == 3 else 798,
        what=what,
        why=f"{_WHY} {why}",
        bad=bad,
        good=good,
    )


RULES = (
    _rule(
        1,
        "AWS access key",
        Severity.CRITICAL,
        "a role of the machine, or `AWS_PROFILE`",
        f"The id of an access key: `AKIA` or `ASIA` and 16 capitals or digits. {_ANYWHERE} The examples of AWS's own "
        "documentation are none.",
        "With its secret it opens the account; alone it says which account to attack.",
        {"settings.py": f'ACCESS_KEY_ID = "{e.AWS_ID}"\n'},
        {"settings.py": 'import os\n\nACCESS_KEY_ID = os.environ["AWS_ACCESS_KEY_ID"]\n'},
    ),
    _rule(
        2,
        "AWS secret key",
        Severity.CRITICAL,
        "a role of the machine, or `AWS_PROFILE`",
        "A value of 40 characters that is bound to a name of AWS's secret key, or passed beside an access key. A hash "
        "and the examples of AWS's documentation are none.",
        "It signs every request that the account's owner could make.",
        {".aws/credentials": f"[default]\naws_secret_access_key = {e.AWS_OTHER}\n"},
        {".aws/config": "[default]\nregion = eu-central-1\n"},
    ),
    _rule(
        3,
        "Private key",
        Severity.CRITICAL,
        "a file that is mounted at run time, named by `KEY_FILE`",
        "A block of a private key (RSA, EC, DSA, OpenSSH, PKCS#8, PGP, PuTTY), over several lines, in one string or in "
        "base64. A header that is only named, a public key and a certificate are none.",
        "Who has it is the server, the signer or the user.",
        {"deploy/server.key": e.PEM},
        {"settings.py": 'import os\nfrom pathlib import Path\n\nKEY = Path(os.environ["KEY_FILE"]).read_text()\n'},
    ),
    _rule(
        4,
        "Generic API key",
        Severity.HIGH,
        '`os.environ["API_KEY"]`',
        "A random-looking value bound to the name of an API key, a client secret or a token, and the tokens of vendors "
        "that have no code of their own. UUIDs, hashes, placeholders, test keys and what is read at run time are none.",
        "It spends the account's money and reads its data.",
        {"client.py": f'API_KEY = "{e.RANDOM}"\n'},
        {"client.py": 'import os\n\nAPI_KEY = os.environ["API_KEY"]\n'},
    ),
    _rule(
        5,
        "Connection string with password",
        Severity.CRITICAL,
        '`os.environ["DATABASE_URL"]`',
        "`scheme://user:password@host` of a database, a broker or a cache, and the same as JDBC, "
        "ODBC, ADO.NET or libpq "
        "settings. A password that is put in at run time is none; one for localhost is.",
        "It names the host too.",
        {"settings.py": f'DATABASE_URL = "postgresql://app:{e.WORD}@db.internal/orders"\n'},
        {"settings.py": 'import os\n\nDATABASE_URL = os.environ["DATABASE_URL"]\n'},
    ),
    _rule(
        6,
        "Hardcoded bearer token",
        Severity.HIGH,
        '`f"Bearer {token}"`',
        "A literal token behind the word Bearer. Prose, placeholders and templates are none; a JWT is SEC-SECRET-010.",
        "It acts as its owner until it is revoked.",
        {"sync.sh": f'curl -H "Authorization: Bearer {e.RANDOM}" https://api.example.com/items\n'},
        {"sync.sh": 'curl -H "Authorization: Bearer $API_TOKEN" https://api.example.com/items\n'},
    ),
    _rule(
        7,
        "Hardcoded password",
        Severity.HIGH,
        '`os.environ["DB_PASSWORD"]`',
        "A literal bound to the name of a password: assigned, compared, passed, a default, an option of a command, in "
        "SQL, in settings. Empty values, placeholders, prompts, names of fields and hashes are none, nor are what is "
        "commented out and the plainly made-up ones of tests and example files.",
        "People use one password in many places, and this one cannot be changed without a release.",
        {"database.py": f'import psycopg\n\nconnection = psycopg.connect(user="app", password="{e.WORD}")\n'},
        {
            "database.py": "import os\n\nimport psycopg\n\n"
            'connection = psycopg.connect(user="app", password=os.environ["DB_PASSWORD"])\n'
        },
    ),
    _rule(
        8,
        "GitHub or GitLab token",
        Severity.CRITICAL,
        '`os.environ["GITHUB_TOKEN"]`',
        f"A token of GitHub (`ghp_`, `gho_`, `ghu_`, `ghs_`, `ghr_`, `github_pat_`) or GitLab "
        f"(`glpat-` and its like). {_ANYWHERE}",
        "It can change the code that is deployed.",
        {"release.yml": f"env:\n  GH_TOKEN: {e.GITHUB}\n"},
        {"release.yml": "env:\n  GH_TOKEN: ${{ secrets.GH_TOKEN }}\n"},
    ),
    _rule(
        9,
        "Stripe key",
        Severity.CRITICAL,
        '`os.environ["STRIPE_KEY"]`',
        f"A live key of Stripe, secret, restricted or publishable. {_ANYWHERE} Test keys are none.",
        "It moves money.",
        {"pay.js": f"const stripe = require('stripe')('{e.STRIPE}');\n"},
        {"pay.js": "const stripe = require('stripe')(process.env.STRIPE_KEY);\n"},
    ),
    _rule(
        10,
        "Hardcoded JWT",
        Severity.HIGH,
        "a token signed when it is needed",
        f"A JSON web token, unsigned ones too: its header decodes to JSON with `alg`. {_ANYWHERE}",
        "It acts as its subject until it expires, and tells everybody its claims.",
        {"client.py": f'TOKEN = "{e.JWT}"\n'},
        {"client.py": "import jwt\n\n\ndef token(key):\n    return jwt.encode(claims(), key, 'HS256')\n"},
    ),
    _rule(
        11,
        "Slack token",
        Severity.HIGH,
        '`os.environ["SLACK_TOKEN"]`',
        f"A token (`xoxb-`, `xoxp-` ...) or the URL of a webhook of Slack. {_ANYWHERE}",
        "It reads and writes the team's messages.",
        {"notify.yaml": f"slack:\n  token: {e.SLACK}\n"},
        {"notify.yaml": "slack:\n  token: ${SLACK_TOKEN}\n"},
    ),
    _rule(
        12,
        "SendGrid key",
        Severity.CRITICAL,
        '`os.environ["SENDGRID_API_KEY"]`',
        f"A key of SendGrid: `SG.`, 22 characters, a dot and 43. {_ANYWHERE}",
        "It sends mail in the company's name.",
        {"mail.py": f'import sendgrid\n\nclient = sendgrid.SendGridAPIClient("{e.SENDGRID}")\n'},
        {
            "mail.py": "import os\n\nimport sendgrid\n\n"
            'client = sendgrid.SendGridAPIClient(os.environ["SENDGRID_API_KEY"])\n'
        },
    ),
)


def _wants(number: int) -> Callable[[SourceFile], bool]:
    return lambda file: may_hold(file, number)


def _finder(number: int) -> Callable[[SourceFile, SourceTree], Iterator[Hit]]:
    def find(file: SourceFile, _: SourceTree) -> Iterator[Hit]:
        """Find the secrets of one code in a file."""
        for secret in secrets_of(file):
            if secret.number == number:
                yield Hit(file.path, secret.line, column=secret.column, evidence=_shown(secret))

    return find


def _shown(secret: Secret) -> str:
    """Return the masked value; of a connection string only the scheme is shown."""
    if secret.number == 3:
        return "private key"
    if secret.number == 5 and "://" in secret.value:
        return secret.value.partition("://")[0] + "://***"
    return excuses.mask(secret.value)


def _check(rule: Rule) -> FileCheck:
    number = int(rule.id.rsplit("-", 1)[-1])
    return FileCheck(rule, _wants(number), _finder(number))


SCANNER = RuleScanner(tuple(_check(rule) for rule in RULES))
