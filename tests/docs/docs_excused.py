"""What the documentation shows and no test of the documentation runs, each with its reason."""

EXCUSED = {
    "set-up": "the two commands that set up this repository: .ci/run runs them to the letter, which a test holds",
    "index": "installs a released package from a package index",
    "engine": "needs a container engine; tests/pipelines runs such sessions where there is one",
    "measurement": "takes minutes; the benchmarks are run by hand, and nothing depends on them",
    "calibration": "takes minutes; tests/calibration runs a calibration of a few faults",
    "sketch": "shows the form of a file, with names that stand for others",
    "rule example": "an example of a rule; tests of the scanners scan every one of them",
    "agent's command": "what we start for a preset; tests/agents/test_presets.py builds each of these command lines",
    "signature": "how a hook is declared; tests/docs/test_reference_pages.py holds it to be the hook's own",
}

GENERATED = {
    "docs/reference/codes.md": "rule example",
    "docs/reference/agents.md": "agent's command",
    "docs/reference/hooks.md": "signature",
}
"""Generated pages whose blocks are decided on as one."""
