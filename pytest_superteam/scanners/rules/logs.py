"""LOG-001, LOG-004 and LOG-005: what a service says, how, and what it had better keep to itself."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, cast

from pytest_superteam.models import Severity
from pytest_superteam.scanners.base import Rule
from pytest_superteam.scanners.engine import Hit, JavaScriptCheck, PythonCheck, RuleScanner
from pytest_superteam.scanners.facts.logs.javascript import called_console, console_method
from pytest_superteam.scanners.facts.logs.javascript import log_calls as javascript_log_calls
from pytest_superteam.scanners.facts.logs.javascript_scripts import is_development_only, is_tool
from pytest_superteam.scanners.facts.logs.javascript_values import SecretReader
from pytest_superteam.scanners.facts.logs.python import log_calls
from pytest_superteam.scanners.facts.logs.python_scripts import is_command_line, is_tool_output, script_functions
from pytest_superteam.scanners.facts.logs.python_values import SecretReader as PythonSecretReader

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from pytest_superteam.scanners.languages.javascript import JavaScriptModule
    from pytest_superteam.scanners.languages.python import PythonModule
    from pytest_superteam.scanners.source import SourceFile, SourceTree

__all__ = ["SCANNER"]

PRINT = Rule(
    "LOG-001",
    "print instead of a logger",
    Severity.WARNING,
    "logging",
    3,
    "Log it, so that level, time and trace id come with it: `logger = logging.getLogger(__name__)`, "
    '`logger.info("...")`.',
    what="The builtin `print` in Python service code, to the standard output or error. The output of a command-line "
    "tool (argparse, click, typer, a management command), of a script below `if __name__` and into a file are none.",
    why="A printed line has no level, no time and no trace id, and cannot be switched off, searched or routed.",
    bad={"app.py": 'def place(order):\n    print("placed", order.id)\n'},
    good={
        "app.py": "import logging\n\nlogger = logging.getLogger(__name__)\n\n\n"
        'def place(order):\n    logger.info("placed %s", order.id)\n'
    },
)
CONSOLE = Rule(
    "LOG-004",
    "console.log in production",
    Severity.WARNING,
    "logging",
    3,
    'Use the logger: `logger.info({ orderId }, "order placed")`.',
    languages=("javascript", "typescript"),
    what="`console.log`, `console.debug` or `console.info` in service code, also by another name. Build scripts, "
    "configuration of tools, tests and command-line tools are none, nor are `console.error` and `console.warn`.",
    why="Such a line has no level, no time and no trace id that a log collector could use; it blocks on a slow pipe.",
    bad={"app.ts": "console.log('placed', order.id);\n"},
    good={"app.ts": "logger.info({ orderId: order.id }, 'placed');\n"},
)
SENSITIVE = Rule(
    "LOG-005",
    "Sensitive data in logs",
    Severity.ERROR,
    "logging",
    3,
    'Log who and what, never the secret: `logger.info("login of %s", user.id)`.',
    languages=("python", "javascript", "typescript"),
    applies_to=("python", "javascript", "typescript", "go", "java"),
    cwe=532,
    what="A password, secret, token, authorization header, session cookie, card number or key given to a log call: as "
    "an argument, in an f-string or template, in a field or an object, or by a variable. The mere word in a message, "
    "what is masked, hashed, measured or compared, and names about a secret (`token_type`, `password_hash`) are none.",
    why="Logs are copied, kept and read by many more people and systems than may know the secret.",
    bad={
        "app.py": 'logger.info("login of %s with %s", name, password)\n',
        "app.ts": "logger.info(`login of ${name} with ${password}`);\n",
    },
    good={"app.py": 'logger.info("login of %s", name)\n', "app.ts": "logger.info(`login of ${name}`);\n"},
)


_STREAMS = frozenset({"sys.stderr", "sys.stdout", "sys.__stderr__", "sys.__stdout__"})


def _print(file: SourceFile, module: PythonModule, _: SourceTree) -> Iterator[Hit]:
    """Find calls of the builtin `print` that write to the standard output or error."""
    if "print" in module.definitions or "print" in module.bindings:
        return
    calls = [call for call in module.calls if module.qualname(call.func) in {"print", "builtins.print"}]
    if not calls or is_command_line(module, file.data):
        return
    scripted = script_functions(module)
    for call in calls:
        target = next((k.value for k in call.keywords if k.arg == "file"), None)
        function = module.function_of(call)
        given = any(isinstance(n, ast.Name) and module.is_parameter(n.id, function) for n in (target, call.func))
        shown = not given and (target is None or module.qualname(target) in _STREAMS)
        if shown and not is_tool_output(module, call, scripted):
            yield Hit.at(file, call)


def _sensitive(file: SourceFile, module: PythonModule, _: SourceTree) -> Iterator[Hit]:
    """Find log calls that are given something sensitive, in any argument."""
    reader = PythonSecretReader(module)
    tool: bool | None = None
    scripted: frozenset[str] = frozenset()
    for call in log_calls(module):
        if not any(reader.logged(value, label) for label, value in call.arguments):
            continue
        if call.console:
            if tool is None:
                tool, scripted = is_command_line(module, file.data), script_functions(module)
            if tool or is_tool_output(module, call.node, scripted):
                continue
        yield Hit.at(file, call.node)


_CHATTY = frozenset({"log", "debug", "info"})


def _console(file: SourceFile, module: JavaScriptModule, _: SourceTree) -> Iterator[Hit]:
    """Find calls of the console's log, debug and info, and these functions given to others as callbacks."""
    if is_tool(module):
        return
    for call in module.calls:
        places: list[Node] = [call] if called_console(module, call) in _CHATTY else []
        members = [argument for argument in module.arguments(call) if argument.type == "member_expression"]
        places += [argument for argument in members if console_method(module, argument) in _CHATTY]
        yield from (Hit.at(file, place) for place in places if not is_development_only(module, place))


def _sensitive_javascript(file: SourceFile, module: JavaScriptModule, _: SourceTree) -> Iterator[Hit]:
    """Find log calls that are given something sensitive, in any argument."""
    reader = SecretReader(module)
    for call in javascript_log_calls(module):
        if any(reader.logged(value) for _, value in call.arguments):
            yield Hit.at(file, call.node)


_PRINTED = re.compile(
    rb"^(?:\xef\xbb\xbf)?[ \t]*print ?[('\"]|[:;=(,\[] ?print ?\("
    rb"|\b(?:and|or|else|return|await|not|if|builtins\.|lambda:) ?print ?\(",
    re.MULTILINE,
)
_WORDS = (
    rb"(?:[pP]assw|PASSW|passphrase|passcode|[pP]wd|PWD|[sS]ecret|SECRET|[tT]oken|TOKEN|[aA]pi_?[kK]ey|API_?KEY"
    rb"|[aA]uthori[sz]ation|AUTHORIZATION|[aA]uth_?[hH]eader|[cC]redential|CREDENTIAL|[cC]reds|[cC]ookie|COOKIE"
    rb"|[pP]rivate_?[kK]ey|PRIVATE_KEY|[cC]ard|cvv|cvc|ssn|[oO]tp|[hH]eaders?|[bB]earer|jwt|JWT|getpass|pw|mnemonic|environ"
    rb"|process\.env|locals\(|META|(?:access|signing|encryption|ssh|fernet)_key|get_json|request\.|\.body|\.sign|[dD]to"
    rb"|\.json\()"
)
_CALL = (
    rb"(?:\.(?:debug|info|warn(?:ing)?|error|exception|critical|fatal|log|trace|success|bind|write|msg|verbose|child|new"
    rb"|contextualize|table|dir|bind_contextvars)|print|log)\("
)
_AFTER = rb"""\w{0,16}(?:\(|\?|\s{0,40}[)\],}.=!\[:+%`]|\s(?:or|if|and|else)\b|["']\s?[\]:)]|\s?[|&])"""


class _Nearby:
    """Says whether a secret's name stands in or right after the start of a log call; small files are always read.

    In a file of more than `small` bytes with no such call, a secret that goes to a log under another name only is not
    seen. Parsing every file that has a log call and the word `token` somewhere would cost more than all other rules.
    """

    small = 6000
    _calls = re.compile(_CALL + rb"[\s\S]{0,160}?" + _WORDS + _AFTER)
    _words = re.compile(_WORDS)

    def search(self, data: bytes) -> object:
        """Return something true where the file is worth parsing."""
        return self._words.search(data) if len(data) <= self.small else self._calls.search(data)


_SECRETS = cast("re.Pattern[bytes]", _Nearby())
_LOGS = (
    b".debug(", b".info(", b".warning(", b".error(", b".exception(", b".critical(", b".log(", b".warn(", b".bind(",
    b"print(", b"log(", b"log_", b".fatal(", b".trace(", b".success(", b".msg(", b".write(", b"info(", b"debug(",
    b"contextualize(", b"contextvars(", b".new(",
)  # fmt: skip
_JAVASCRIPT_LOGS = (b"console", b"logger", b"Logger", b"log.", b"LOG.", b"log(", b"winston", b"pino", b"debug(", b"Log")

SCANNER = RuleScanner(
    (
        PythonCheck(PRINT, (b"print(", b"print (", b"print '", b'print "'), _print, _PRINTED),
        JavaScriptCheck(CONSOLE, (b"console",), _console),
        PythonCheck(SENSITIVE, _LOGS, _sensitive, _SECRETS),
        JavaScriptCheck(SENSITIVE, _JAVASCRIPT_LOGS, _sensitive_javascript, _SECRETS),
    ),
)
