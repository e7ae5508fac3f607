"""Presets: data that is checked strictly, command lines that ask nobody, and settings that change them."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest
import yaml

from pytest_superteam.agents import agent as agent_module
from pytest_superteam.agents.agent import LONGEST_ARGUMENT, resolve
from pytest_superteam.agents.preset import load_preset, preset_named, preset_names
from pytest_superteam.config_entries.agents import AgentConfig
from pytest_superteam.errors import ConfigError

NAMES = ("agent_team", "aider", "claude", "codex", "command", "gemini", "mini-swe-agent", "opencode")
MODEL = "anthropic/claude-sonnet-4-5"


def values(agent, prompt="Build it.", **changes):
    """Return what the placeholders stand for, in made-up folders."""
    places = {"prompt_file": "/site/TASK.md", "workspace": "/site", "home": "/home", "project": "/project"}
    return agent.values(prompt=prompt, **{name: Path(path) for name, path in places.items()}, **changes)


def test_names():
    """There is a preset for each of the agents that people use, and one for a command line of one's own."""
    assert preset_names() == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_presets_name_what_they_were_looked_up_in(name):
    """Each preset names its source, the version that was looked at and the line that installs its program."""
    preset = preset_named(name)
    assert preset.name == name
    assert all(preset.source)
    assert preset.checked
    assert bool(preset.install) == (name != "command")


COMMAND_LINES = {
    "claude": "claude --print --allowedTools Bash --permission-mode acceptEdits --setting-sources user"
    " --strict-mcp-config --no-session-persistence --verbose --output-format stream-json"
    " --max-budget-usd 1.5000 --model anthropic/claude-sonnet-4-5 --more",
    "codex": "codex exec --json --skip-git-repo-check --ephemeral --color never --sandbox danger-full-access"
    " --model anthropic/claude-sonnet-4-5 --more -",
    "gemini": "gemini --output-format stream-json --approval-mode yolo --skip-trust"
    " --model anthropic/claude-sonnet-4-5 --more",
    "opencode": "opencode run --format json --model anthropic/claude-sonnet-4-5 --more",
    "aider": "aider --yes-always --no-git --no-gitignore --no-pretty --no-stream --no-fancy-input --no-analytics"
    " --no-check-update --no-show-release-notes --no-show-model-warnings --no-detect-urls"
    " --no-suggest-shell-commands --no-auto-lint --disable-playwright --max-chat-history-tokens 10000000"
    " --input-history-file /home/input.history --chat-history-file /home/chat.history.md --load /home/load.txt"
    " --message-file /site/TASK.md --model anthropic/claude-sonnet-4-5 --more",
    "mini-swe-agent": "mini --yolo --exit-immediately --cost-limit 0 --config mini.yaml --config"
    " environment.timeout=600 --output /home/output.json --task Build --cost-limit 1.5000"
    " --model anthropic/claude-sonnet-4-5 --more",
    "agent_team": "python -m agent_team --prd /site/TASK.md --config /home/agent-team.yaml --depth thorough --more",
}


@pytest.mark.parametrize("name", COMMAND_LINES)
def test_command_lines(name, monkeypatch):
    """The whole command line of each preset, with a model, a limit of its cost and an argument of the project's."""
    monkeypatch.setattr(agent_module, "available", lambda: True)
    agent = resolve(name, AgentConfig(model=MODEL, arguments=("--more",)))
    assert agent.argv(values(agent, "Build", budget=1.5)) == tuple(COMMAND_LINES[name].split())


@pytest.mark.parametrize(("offered", "wanted"), [(True, True), (True, False), (False, True)])
def test_a_sandbox_of_its_own_is_used_where_ours_is_not(offered, wanted, monkeypatch):
    """Codex runs without its own sandbox within ours, in which it can't run commands, and only there."""
    monkeypatch.setattr(agent_module, "available", lambda: offered)
    agent = resolve("codex", AgentConfig(confine=wanted))
    line = " ".join(agent.argv(values(agent)))
    assert ("--sandbox danger-full-access" in line) is (offered and wanted)
    assert ("--sandbox workspace-write" in line) is not (offered and wanted)


@pytest.mark.parametrize("name", ["claude", "codex", "gemini"])
def test_neither_model_nor_limit(name):
    """Without a model and a limit nothing is said of either, and no placeholder is left."""
    agent = resolve(name, AgentConfig())
    line = " ".join(agent.argv(values(agent)))
    assert "--model" not in line
    assert "budget" not in line
    assert "{" not in line


@pytest.mark.parametrize("name", [name for name in NAMES if name != "command"])
def test_files_are_what_their_names_say(name):
    """A preset's configuration files hold JSON, TOML or YAML, whatever the placeholders stand for."""
    agent = resolve(name, AgentConfig(model=MODEL))
    for path, text in agent.files(values(agent, 'a "task"\n# \\ of lines'), Path("/project")).items():
        assert not Path(path).is_absolute()
        assert ".." not in Path(path).parts
        loads = {".json": json.loads, ".toml": tomllib.loads, ".yaml": yaml.safe_load, ".yml": yaml.safe_load}
        assert loads.get(Path(path).suffix, str)(text) is not None


GOOD = "name: p\ntitle: P\nsource: [x]\nchecked: '1'\nproven: read\n"
BAD = {
    "comand: [x]": r"p.yaml: comand: unknown key. Did you mean 'command'\?",
    "output: {fromat: json}": r"p.yaml: output.fromat: unknown key. Did you mean 'format'\?",
    "prompt: telepathy": "p.yaml: prompt: ",
    "command: mini --yes": "p.yaml: command: ",
    "command: [x, '{promt}']": "p.yaml: '{promt}' is no placeholder",
    "output: {usage: {usd: [{path: [usage.cost]}]}}": "p.yaml: .*'usage.cost' is no path",
    "output: {usage: {usd: [{pattern: '(cost'}]}}": "p.yaml: .*pattern",
    "output: {usage: {usd: [{pattern: 'cost'}]}}": "p.yaml: .*has 0 groups",
    "output: {usage: {usd: [{take: last}]}}": "p.yaml: .*either `path` or `pattern`",
    "output: {usage: {usd: [{path: [$.a], of: file}]}}": "p.yaml: .*`file` names none",
    "output: {success: [{}]}": "p.yaml: .*either `when` or `pattern`",
    "name: [": "p.yaml: ",
    "name: q": "p.yaml: name: 'q' is not the file's name",
    "title: !!python/object/apply:os.system [id]": "p.yaml: ",
}


@pytest.mark.parametrize("line", BAD)
def test_bad_presets_are_refused(line, tmp_path):
    """A preset that says something unknown, impossible or unsafe is refused in one line that names its file."""
    file = tmp_path / "p.yaml"
    key = line.split(":")[0]
    kept = [part for part in GOOD.splitlines() if not part.startswith(f"{key}:")]
    file.write_text("\n".join([*kept, line]), encoding="utf-8")
    with pytest.raises(ConfigError, match=BAD[line]) as caught:
        load_preset(file)
    assert "\n" not in str(caught.value)


def test_a_good_preset_is_read(tmp_path):
    """What the table of bad presets changes is read as it is without the change."""
    file = tmp_path / "p.yaml"
    file.write_text(GOOD, encoding="utf-8")
    assert load_preset(file).title == "P"


REFUSED = {
    "no command": ("house", AgentConfig(), "agents.house: has neither `command` nor `preset`"),
    "a preset misspelled as a name": ("claud", AgentConfig(), "Did you mean 'claude'?"),
    "a preset misspelled": (
        "house",
        AgentConfig(preset="aidr"),
        "agents.house.preset: 'aidr' is unknown. Did you mean",
    ),
    "the command preset alone": ("command", AgentConfig(), "agents.command.command: is missing"),
    "no model": ("aider", AgentConfig(), "agents.aider.model: is missing. Write one, such as `model: anthropic/"),
    "an unknown placeholder": ("x", AgentConfig(command=("x", "{promt}")), "'{promt}' is no placeholder"),
    "a model that is missing": ("x", AgentConfig(command=("x", "{model}")), "agents.x.model: is missing"),
    "a config that is missing": ("x", AgentConfig(command=("x", "{config}")), "agents.x.config: is missing"),
    "a config that nothing reads": (
        "x",
        AgentConfig(command=("x",), config="a.json"),
        "agents.x.config: nothing reads",
    ),
    "the name of the built-in builder": ("builtin", AgentConfig(command=("x",)), "agents.builtin: is the name of"),
    "a command without a program": ("x", AgentConfig(command=(" ", "-v")), "agents.x.command: names no program"),
    "a null character": ("x", AgentConfig(command=("x", "a\0b")), "agents.x.command: holds a null character"),
    "a null character added": ("x", AgentConfig(command=("x",), arguments=("\0",)), "agents.x.arguments: holds a null"),
    "a value where names belong": (
        "x",
        AgentConfig(command=("x",), environment=("KEY=very-secret",)),
        (
            "agents.x.environment: lists what is no name. "
            "Write names of your variables, such as `[ANTHROPIC_API_KEY]`, and no values."
        ),
    ),
    "a variable without a name": ("x", AgentConfig(command=("x",), variables={"": "1"}), "agents.x.variables: maps"),
    "a variable that can't be": ("x", AgentConfig(command=("x",), variables={"A": "\0"}), "agents.x.variables: maps"),
    "no memory": ("claude", AgentConfig(memory=0), "agents.claude.memory: '0' lets it do nothing"),
    "no disk": ("claude", AgentConfig(disk=0), "agents.claude.disk: '0' lets it do nothing"),
    "no output": ("claude", AgentConfig(printed=0), "agents.claude.printed: '0' lets it do nothing"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_settings_that_are_refused(case):
    """A setting of an agent that can't be is refused in one line that says what to write."""
    name, config, message = REFUSED[case]
    with pytest.raises(ConfigError, match=re.escape(message)) as caught:
        resolve(name, config)
    assert "\n" not in str(caught.value)


OWN = {
    "stdin": (AgentConfig(command=("x", "--yes")), ("x", "--yes"), b"Build it."),
    "argument": (AgentConfig(command=("x", "{prompt}", "-v")), ("x", "Build it.", "-v"), None),
    "argument, asked for": (AgentConfig(command=("x",), prompt="argument"), ("x", "Build it."), None),
    "file": (AgentConfig(command=("x", "{prompt_file}")), ("x", "/site/TASK.md"), None),
    "file, asked for": (AgentConfig(command=("x",), prompt="file"), ("x", "/site/TASK.md"), None),
    "arguments": (AgentConfig(command=("x",), arguments=("--in", "{workspace}")), ("x", "--in", "/site"), b"Build it."),
    "braces that mean nothing": (AgentConfig(command=("x", '{"a": {}}')), ("x", '{"a": {}}'), b"Build it."),
}


@pytest.mark.parametrize("case", OWN)
def test_command_lines_of_ones_own(case):
    """A command line of one's own gets its task where it names it, and on its standard input otherwise."""
    config, argv, stdin = OWN[case]
    agent = resolve("house", config)
    assert agent.argv(values(agent)) == argv
    assert agent.stdin(values(agent)) == stdin


PROMPTS = {
    "placeholders of a document": ("Say {home} and {prompt}.", "Say {home} and {prompt}."),
    "shell signs": ("$(touch x) `id`; rm -rf / #", "$(touch x) `id`; rm -rf / #"),
    "an option": ("--dangerous", " --dangerous"),
    "a byte that ends arguments": ("a\0b", "ab"),
    "a task too long": ("x" * (LONGEST_ARGUMENT + 1), "Read the file /site/TASK.md as a whole, and do what it says."),
    "too long in bytes": (
        "ä" * (LONGEST_ARGUMENT // 2 + 1),
        "Read the file /site/TASK.md as a whole, and do what it says.",
    ),
    "just short enough": ("x" * LONGEST_ARGUMENT, "x" * LONGEST_ARGUMENT),
}


@pytest.mark.parametrize("case", PROMPTS)
def test_tasks_as_arguments(case):
    """A task is one argument, as it is: nothing in it is replaced, run or taken for an option."""
    prompt, wanted = PROMPTS[case]
    agent = resolve("house", AgentConfig(command=("x", "{prompt}")))
    assert agent.argv(values(agent, prompt)) == ("x", wanted)


MISSING = {
    "not named": ("claude", AgentConfig(), {"ANTHROPIC_API_KEY": "k"}, "environment: [ANTHROPIC_API_KEY]"),
    "not set": (
        "claude",
        AgentConfig(environment=("ANTHROPIC_API_KEY",)),
        {},
        "ANTHROPIC_API_KEY, which agents.claude",
    ),
    "empty": ("claude", AgentConfig(environment=("ANTHROPIC_API_KEY",)), {"ANTHROPIC_API_KEY": ""}, "is not set"),
    "there": ("claude", AgentConfig(environment=("ANTHROPIC_API_KEY",)), {"ANTHROPIC_API_KEY": "k"}, ""),
    "another that will do": ("claude", AgentConfig(environment=("HOME",)), {"HOME": "/root"}, ""),
    "given as a variable": ("claude", AgentConfig(variables={"ANTHROPIC_API_KEY": "none"}), {}, ""),
    "of another model": ("aider", AgentConfig(model="ollama/x"), {}, ""),
    "of this model": ("aider", AgentConfig(model="gpt-4.1", environment=("ANTHROPIC_API_KEY",)), {}, "OPENAI_API_KEY"),
    "a config of one's own": ("codex", AgentConfig(config="codex.toml"), {}, ""),
    "a command of one's own": ("codex", AgentConfig(command=("codex", "exec")), {}, ""),
}


@pytest.mark.parametrize("case", MISSING)
def test_missing_keys(case):
    """Where the key that an agent needs is not named, or named and not set, one line says what to write."""
    name, config, environ, message = MISSING[case]
    said = resolve(name, config).missing(environ)
    assert (message in said) if message else not said
    assert "\n" not in said


def test_preset_with_changes():
    """An entry that names a preset takes all of it, and changes what it says."""
    changed = AgentConfig(preset="claude", tier="subscription", variables={"DISABLE_TELEMETRY": "0", "HERE": "{home}"})
    agent = resolve("house", changed)
    assert (agent.name, agent.preset, agent.platform, agent.tier) == ("house", "claude", "anthropic", "subscription")
    assert agent.variables(values(agent)) == {
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
        "DISABLE_AUTOUPDATER": "1",
        "DISABLE_TELEMETRY": "0",
        "DISABLE_ERROR_REPORTING": "1",
        "HERE": "/home",
    }


def test_another_output_is_read_as_that_of_any_program():
    """An output format other than the preset's is read as that of any program; the preset's own stays as it is."""
    assert resolve("claude", AgentConfig(output="jsonl")).output == preset_named("claude").output
    other = resolve("claude", AgentConfig(output="json")).output
    assert (other.format, other.usage) == ("json", preset_named("command").output.usage)


def test_a_configuration_file_of_ones_own(tmp_path):
    """A project's own file takes the place of the preset's, as it is."""
    (tmp_path / "codex.toml").write_text('model = "{home}"\n', encoding="utf-8")
    agent = resolve("codex", AgentConfig(config="codex.toml"))
    assert agent.files(values(agent), tmp_path) == {".codex/config.toml": 'model = "{home}"\n'}
    assert values(agent)["config"] == "/home/.codex/config.toml"


def test_a_configuration_file_of_a_command_of_ones_own(tmp_path):
    """A command line that names `{config}` gets a copy in its private home."""
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub/a.json").write_text("{}", encoding="utf-8")
    agent = resolve("house", AgentConfig(command=("x", "{config}"), config="sub/a.json"))
    assert agent.argv(values(agent)) == ("x", "/home/config/a.json")
    assert agent.files(values(agent), tmp_path) == {"config/a.json": "{}"}


@pytest.mark.parametrize("name", ["../outside.toml", "missing.toml", "folder", "link.toml", "large.toml", "bytes.toml"])
def test_configuration_files_that_are_refused(name, tmp_path):
    """A file outside of the project, a missing, too large or unreadable one is refused in one line."""
    project = tmp_path / "project"
    (project / "folder").mkdir(parents=True)
    (tmp_path / "outside.toml").write_text("", encoding="utf-8")
    (project / "link.toml").symlink_to(tmp_path / "outside.toml")
    (project / "large.toml").write_bytes(b"#" * ((1 << 20) + 1))
    (project / "bytes.toml").write_bytes(b"\xff\xfe\x00")
    agent = resolve("codex", AgentConfig(config=name))
    with pytest.raises(ConfigError, match=f"agents.codex.config: .*'{name}'"):
        agent.files(values(agent), project)


CHANGES = {
    "model": AgentConfig(model="m"),
    "arguments": AgentConfig(arguments=("-v",)),
    "variables": AgentConfig(variables={"A": "1"}),
    "prompt": AgentConfig(prompt="argument"),
    "config": AgentConfig(config="codex.toml"),
}


@pytest.mark.parametrize("case", CHANGES)
def test_builds_depend_on_settings(case, tmp_path):
    """What changes the work of an agent changes what its builds depend on."""
    (tmp_path / "codex.toml").write_text("a = 1\n", encoding="utf-8")
    before = resolve("codex", AgentConfig()).inputs(tmp_path)
    assert resolve("codex", CHANGES[case]).inputs(tmp_path) != before


def test_builds_do_not_depend_on_limits_and_names_of_keys(tmp_path):
    """Limits, the names of keys and the tier change nothing in what is built."""
    before = resolve("codex", AgentConfig()).inputs(tmp_path)
    after = AgentConfig(environment=("CODEX_API_KEY",), memory=1, tier="free", confine=False, variables={})
    assert resolve("codex", after).inputs(tmp_path) == before


def test_page_shows_settings_that_are_settings():
    """The settings that the page shows are a document whose agents can be resolved."""
    page = (Path(__file__).parents[2] / "docs/reference/agents.md").read_text(encoding="utf-8")
    shown = yaml.safe_load(page.split("```yaml\n")[1].split("```")[0])
    for name, entry in shown["agents"].items():
        listed = {key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()}
        assert resolve(name, AgentConfig(**listed)).command
