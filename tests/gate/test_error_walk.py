"""Every usage error in the code has one form: `--option: 'value' is wrong in this way. Allowed is that. Do this`."""

from __future__ import annotations

import ast
import re

import pytest
from error_messages import CLAUSES, HOLE, ROOT, TAILS, messages, sources, usage_errors

from pytest_superteam.config_entries import callers, limits, names, services
from pytest_superteam.options import OPTIONS

ALL = sorted(messages(), key=lambda message: message.place)
FEWEST = 190
"""Messages that there are at least: with fewer, the walker has gone blind."""
HEAD = re.compile(rf"[^\s'`]+(?:: |:{HOLE}: )(?:[\w.{HOLE}]+: )*")
"""What a message begins with: an option, a setting or a file with its line, and a place in it."""
SENTENCE = re.compile(rf"[^\s.][.?](?= (?:[A-Z`{HOLE}]|--)|{HOLE}|$)")
REASON = re.compile(r"(?:problem|reason|why|what|difference|remedy|missing|error|told|who)$|\.(?:called|example)$")
"""Values that are words of ours: what a caught error says, a clause or a sentence that another function gives."""
FIGURE = re.compile(
    r"^(?:len|sum|plural|ord|max)\(|\.(?:lineno|line|pid|port|start|low|high)\b|^line$|^number$|^place$|[A-Z]{3,}"
    r"|\.flag$|\['?pid"
)
"""Values that are figures, names of options, or constants."""


def problems(message):
    """Yield how a message breaks the form."""
    text, holes = message.text, message.holes
    tail = bool(holes) and text.endswith(HOLE) and called(holes[-1]) in TAILS
    ends = tail or (bool(holes) and text.endswith(HOLE) and is_reason(holes[-1]))
    if "\n" in text:
        yield "has several lines"
    if message.error in CLAUSES:
        if text.endswith(".") or not text:
            yield "is no clause"
        return
    if not HEAD.match(text):
        yield "does not begin with a name and a colon"
    if not ends and not text.endswith((".", "?")):
        yield "does not end with a full stop"
    if len(SENTENCE.findall(read_out(message))) + tail < 2:
        yield "does not say both what is wrong and what to do"
    yield from unquoted(message, ends=ends)
    for hole in holes:
        if called(hole) == "join" and ast.unparse(hole.func.value) in {"', '", "' and '"} and not is_sorted(hole):
            yield f"lists what is not sorted: {ast.unparse(hole)}"


def read_out(message):
    """Return the text without what is quoted, the words of reasons as a word, or as a sentence before another one."""
    holes = iter(message.holes)
    text = re.sub(HOLE, lambda _: "\1" if is_reason(next(holes)) else HOLE, message.text)
    text = re.sub(r"`[^`]*`|(?<!\w)'[^']*'", "X", text)
    return re.sub("\1(?= [A-Z]|$)", "Reason.", text).replace("\1", "Reason")


def called(node):
    """Return the name of the function that makes a value, if it is one."""
    return ast.unparse(node.func).split(".")[-1] if isinstance(node, ast.Call) else ""


def is_reason(hole):
    return bool(REASON.search(ast.unparse(hole)))


def is_sorted(join):
    """Return whether a list of choices is sorted."""
    return any(called(node) == "sorted" for node in ast.walk(join))


def unquoted(message, *, ends):
    """Yield values that stand in a message as they are: neither in '...', nor in `...` or (...), nor as a reason."""
    positions = [found.start() for found in re.finditer(HOLE, message.text)]
    head = HEAD.match(message.text)
    for at, hole in zip(positions, message.holes, strict=True):
        before = message.text[:at]
        quotes = len(re.findall(r"(?<!\w)'|'(?!\w)", before))
        known = (
            (head and at < head.end())
            or (ends and at == positions[-1])
            or quotes % 2
            or before.count("`") % 2
            or before.count("(") > before.count(")")
            or before.endswith("--")
            or (head and at > head.end() and before.endswith(": "))
            or called(hole) == "join"
            or is_reason(hole)
            or FIGURE.search(ast.unparse(hole))
        )
        if not known:
            yield f"shows a value without quotes: {ast.unparse(hole)}"


@pytest.mark.parametrize("message", ALL, ids=lambda message: message.place)
def test_form(message):
    """The message begins with a name, quotes the value, sorts the choices, says what to do, ends with a full stop."""
    assert not list(problems(message)), message.shown


def test_the_walker_sees():
    """It reads every error that is raised in the source: by another count than its own."""
    assert len(ALL) >= FEWEST
    trees = {path: ast.parse(path.read_text(encoding="utf-8")) for path in sources()}
    assert usage_errors(trees) == {"UsageError", "ConfigError", "PrdError", "StoreError"}
    raised = sum(
        len(
            re.findall(
                r"(?<!class )\b(?:Usage|Config|Prd|Store)Error\((?!str\(error\)|SuperteamError|UsageError)", text
            )
        )
        for text in (path.read_text(encoding="utf-8") for path in sources())
    )
    assert len({(message.place, message.error) for message in ALL}) == raised
    assert {message.place.split("/")[0] for message in ALL} >= {"agents", "architect", "builders", "gate", "pipeline"}
    assert (ROOT / ALL[0].place.split(":")[0]).is_file()


GOOD = """
def check(value, place):
    allowed = ", ".join(sorted(CHOICES))
    raise UsageError(f"--depth: '{value}' is not allowed. Choose one of {allowed}.")
"""
BAD = {
    "does not begin with a name and a colon": ("--depth: '", "the depth '"),
    "does not end with a full stop": ("of {allowed}.", "of {allowed}"),
    "does not say both what is wrong and what to do": (" Choose one of {allowed}.", ""),
    "shows a value without quotes: value": ("'{value}'", "{value}"),
    "lists what is not sorted: ', '.join(CHOICES)": ("sorted(CHOICES)", "CHOICES"),
    "has several lines": ("not allowed.", "not\\nallowed."),
}


def read(source):
    """Return what is wrong with the one message of a module."""
    [message] = messages({"module": ast.parse(source)})
    return list(problems(message))


def test_a_good_message():
    """The form that is asked for passes."""
    assert read(GOOD) == []


@pytest.mark.parametrize("problem", BAD)
def test_a_bad_message(problem):
    """Each break of the form is found, and called by its name."""
    assert GOOD.count(BAD[problem][0]) == 1
    assert problem in read(GOOD.replace(*BAD[problem]))


FORMS = {
    f"{module.__name__.split('.')[-1]}.{name}": form
    for module in (callers, limits, names, services)
    for name, form in vars(module).items()
    if isinstance(form, limits.Form)
}


@pytest.mark.parametrize("name", FORMS)
def test_forms_read_in_messages(name):
    """What a form is called, and what to write instead, fit into `'x' is no <called>. <example>`."""
    form = FORMS[name]
    assert form.called == form.called.lower()
    assert re.match(r"[A-Z]", form.example)
    assert form.example[-1] not in ".?"


# ---------------------------------------------------------------- from the command line

PRD = ("--prd", "PRD.md")
NO_RUN = "needs a PRD or a system. Add --prd PRD.md or --system FOLDER."
WRONG = {
    "--superteam-help": (["--prd-example"], "can't go with --prd-example."),
    "--prd-example": (["--superteam-config-schema"], "can't go with --superteam-config-schema."),
    "--init": ([], "is about a system that is there. Add --system FOLDER."),
    "--superteam-config-show": (["--status"], "can't go with --status."),
    "--superteam-config-schema": (["--costs"], "can't go with --costs."),
    "--prd": (["gone.md"], "gone.md' does not exist. Allowed is a Markdown file in UTF-8. Check the path."),
    "--system": (["gone"], "'gone' is no folder. Name the folder of a system."),
    "--url": (["x", "--system", "."], "'x' is no service. Write `api=http://127.0.0.1:8000`."),
    "--superteam-config": (["gone.yaml", *PRD], "gone.yaml' is no file. Name an existing superteam.yaml."),
    "--until": (["lunch", *PRD], "'lunch' is not allowed. Choose one of architect, builders, deployment."),
    "--review": ([], NO_RUN),
    "--approve": ([], NO_RUN),
    "--reject": (["why"], NO_RUN),
    "--superteam-output": (["../up", *PRD], "'../up' "),
    "--builder": (["elves", *PRD], "'elves' is not known. Choose one of agent_team, "),
    "--fix": (["often", *PRD], "'often' is no whole number. Allowed is 0 to 1e+09."),
    "--fresh": ([], NO_RUN),
    "--from": (["gate", *PRD], "'gate' is not allowed. Choose one of architect, builders."),
    "--deploy": (["moon", *PRD], "'moon' is not known. Choose one of compose, process."),
    "--keep-up": ([], NO_RUN),
    "--depth": (["deep", *PRD], "'deep' is not allowed. Choose one of exhaustive, quick, standard, thorough."),
    "--blocking-severity": (["bad", *PRD], "'bad' is not allowed. Choose one of critical, error, high, info, warning."),
    "--promotion": (["some", *PRD], "'some' is not allowed. Choose one of all, strict."),
    "--require-traced": ([], NO_RUN),
    "--baseline": (
        ["gone.json", *PRD],
        "gone.json' can't be read: No such file or directory. --update-baseline writes",
    ),
    "--update-baseline": ([], NO_RUN),
    "--calibrate": (["--until", "architect", *PRD], "can't go with --until. Leave one of them out."),
    "--sarif": (["x.sarif"], NO_RUN),
    "--code-quality": (["x.json"], NO_RUN),
    "--gate-diff": (["gone.json", *PRD], "gone.json' can't be read: No such file or directory. Name "),
    "--budget": (["much", *PRD], "'much' is no number. Allowed is 0 to 1e+09."),
    "--state-url": (["nonsense", *PRD], "the database can't be used: "),
    "--status": (["xml"], "'xml' is no format. Write --status or --status=json."),
    "--costs": (["--superteam-help"], ""),
    "--review-queue": (["--clean-state"], ""),
    "--clean-state": (["--status"], "can't go with --status. Leave one of them out."),
}
"""Options with a value that is wrong, or where they can't be, and what follows the option's name in the message."""


READ_BY_A_RUN = {"--baseline", "--gate-diff", "--state-url"}
"""Options that name what a run reads once it has a folder of its own."""


def only_line(result):
    """Return the one line that a session prints that ends before it begins."""
    assert result.ret == pytest.ExitCode.USAGE_ERROR, result.stdout.str() + result.stderr.str()
    lines = [line for line in [*result.outlines, *result.errlines] if line.strip()]
    assert [line for line in lines if not line.startswith("superteam: ")][1:] == [], lines
    return lines[-1].removeprefix("ERROR: ")


def given(flag, words):
    """Return a command line with an option; a value that is one word stands behind an equals sign."""
    option = next(option for option in OPTIONS if option.flag == flag)
    return [f"{flag}={words[0]}", *words[1:]] if option.metavar else [flag, *words]


def test_every_option_is_tried():
    """The table has every option."""
    assert WRONG.keys() == {option.flag for option in OPTIONS}


@pytest.mark.parametrize("flag", WRONG)
def test_wrong_use(project, flag):
    """A wrong value, or an option where it can't be, is one line with the option, the value and what to do."""
    words, said = WRONG[flag]
    line = only_line(project.runpytest(*given(flag, words)))
    assert said in line
    if said:
        assert line.startswith(("output: " if flag == "--superteam-output" else f"{flag}: ", f"{flag}=json: "))
    assert line.endswith(".")
    assert flag in READ_BY_A_RUN or not (project.path / ".superteam").exists()


@pytest.mark.parametrize(
    "flag", [flag for flag, (words, said) in WRONG.items() if words and said and words[0][0] != "-"]
)
def test_value_of_many_lines(project, flag):
    """A value of two lines is told in one, and so is one that would steer a terminal."""
    words = WRONG[flag][0]
    line = only_line(project.runpytest(*given(flag, ["two\n\x1b[31mlines", *words[1:]])))
    assert "\x1b" not in line
