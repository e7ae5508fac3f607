"""The diff engine against oasdiff's catalogue of kinds: each kind with an example, our verdict and theirs."""

import re
from collections import Counter

import pytest
from oasdiff_catalogue import POLICED, TODAY, catalogue, examples

from pytest_superteam.contracts.diff import diff

THEIRS = catalogue()

LIMIT_SET = "a limit where there was none refuses what was valid, as a lowered one does; oasdiff warns"
REMARK = "what the branch demands is compared keyword by keyword, and breaks there if it does"
TUPLE = (
    "in JSON Schema an element of `prefixItems` is a demand on its position, open before, and no further alternative"
)
TAG = "the discriminator's values travel: readers choose by them, writers send them"
UNTOLD = "the documents do not tell whether anything changes on the wire"
ENUM = "a value that readers do not know, as in an alternative that is added; `x-extensible-enum` announces more"
SENT_NO_MORE = "what consumers send there must not be sent any more"
ANSWERED_NO_MORE = "it is no longer answered, as if it were removed"
DOOR = "callers that came in do not come in any more"

DIFFERENT = {
    r"request-.*-all-of-added": ("info", REMARK),
    r"request-.*-all-of-removed": ("info", REMARK),
    r"response-.*-any-of-added": ("error", "readers meet an alternative that they do not know, as with `oneOf`"),
    r"request-(body|property)-default-value-changed": ("warning", "who leaves it out gets something else"),
    r".*-discriminator-mapping-changed": ("warning", UNTOLD),
    r"request-.*-discriminator-mapping-deleted": ("error", TAG),
    r".*-discriminator-property-name-changed": ("error", TAG),
    r".*-discriminator-removed": ("warning", UNTOLD),
    r"response-property-enum-value-added": ("error", ENUM),
    r"request-.*-(exclusive-max|exclusive-min|max|min|max-length|min-items)-set": ("error", LIMIT_SET),
    r"response-property-pattern-changed": ("warning", "whether the new pattern admits more cannot be told"),
    r"response-property-pattern-removed": ("error", "readers may get texts that they never got, as without maxLength"),
    r"request-.*-prefix-items-(added|removed)": ({"added": "error", "removed": "info"}, TUPLE),
    r"response-.*-prefix-items-(added|removed)": ({"added": "info", "removed": "error"}, TUPLE),
    r"request-parameter-property-type-changed": ("error", "the example has no style in which both are written alike"),
    r"api-security-removed": ("error", DOOR),
    r"api-security-scope-added": ("error", DOOR),
    r"api-security-component-type-changed": ("error", DOOR),
    r"api-security-component-oauth-(url|token-url)-changed": ("warning", "clients that hold the URL must be changed"),
    r"api-security-component-oauth-scope-removed": ("warning", "clients that ask for the scope may be refused"),
    r"request-required-property-became-not-read-only": ("error", "a required property that was exempt must be sent"),
    r"request-(required|optional)-property-became-read-only": ("error", SENT_NO_MORE),
    r"response-required-property-became-write-only": ("error", ANSWERED_NO_MORE),
    r"response-optional-property-became-write-only": ("warning", ANSWERED_NO_MORE),
    r"response-required-property-became-not-write-only": ("info", "readers get a property more"),
}
"""Where our level is another than oasdiff's, and why. Only the listed kinds may differ, and all of them must."""


def ours(kind):
    """Return our level and the reason where it is not theirs."""
    for pattern, (level, reason) in DIFFERENT.items():
        found = re.fullmatch(pattern, kind)
        if found:
            return (level[found[1]] if isinstance(level, dict) else level), reason
    return THEIRS[kind], ""


TABLE = list(examples())


@pytest.mark.parametrize(("kind", "old", "new"), TABLE, ids=[row[0] for row in TABLE])
def test_kind_of_the_catalogue(kind, old, new):
    """The example of a kind is reported as that kind, at the level that the table gives it."""
    found = diff(old, new, today=TODAY, deprecation_days=30 if kind in POLICED else 0)
    levels = {change.kind: change.level.value for change in found}
    assert levels.get(kind) == ours(kind)[0], [str(change) for change in found]


def test_table_is_whole():
    """Each kind of the catalogue has one example, and there are as many as oasdiff's rules."""
    assert sorted(row[0] for row in TABLE) == sorted(THEIRS)
    assert len(THEIRS) == 509


def test_differences_are_argued():
    """Every level that is not oasdiff's has a reason, and no reason stands for a level that is."""
    for kind, level in THEIRS.items():
        verdict, reason = ours(kind)
        assert (verdict != level) == bool(reason), kind
    for pattern in DIFFERENT:
        assert any(re.fullmatch(pattern, kind) for kind in THEIRS), pattern


def test_agreement_is_counted():
    """The figures that the documentation states are those of the table."""
    same = Counter(ours(kind)[0] == level for kind, level in THEIRS.items())
    assert (same[True], same[False]) == (445, 64)


ACCOMPANIED = {
    "response-body-all-of-removed": {"response-required-property-removed"},
    "response-property-all-of-removed": {"response-required-property-removed"},
    "api-version-not-bumped": {"api-path-removed-without-deprecation"},
    "api-version-decreased": {"api-path-removed-without-deprecation"},
    "api-major-version-not-bumped": {"api-path-removed-without-deprecation"},
    "api-global-security-added": {"api-security-became-required"},
    "api-global-security-scope-added": {"api-security-scope-added"},
    "api-security-component-added": {"api-security-became-required"},
}
"""Harmless kinds whose example breaks consumers by what comes with them, told as changes of their own."""


def test_nothing_else_is_worse():
    """An example that oasdiff and we call harmless has nothing else in it that we call breaking, but where it says."""
    harmless = [row for row in TABLE if ours(row[0])[0] == "info" == THEIRS[row[0]]]
    worse = {}
    for kind, old, new in harmless:
        bad = {change.kind for change in diff(old, new, today=TODAY) if change.breaking}
        if bad:
            worse[kind] = bad
    assert worse == ACCOMPANIED
