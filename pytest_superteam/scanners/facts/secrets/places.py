"""What kind of file a path names, as far as it says what a password in it means."""

from __future__ import annotations

import re

__all__ = ["is_document", "is_example_file", "is_generated", "is_lock_file", "is_test_file", "is_translation"]

_LOCK_FILES = frozenset({
    "package-lock.json", "yarn.lock", "pnpm-lock.yaml", "poetry.lock", "uv.lock", "Pipfile.lock", "Cargo.lock",
    "composer.lock", "Gemfile.lock", "go.sum", "npm-shrinkwrap.json", "packages.lock.json", "Podfile.lock", "bun.lock",
    "pdm.lock", "mix.lock", "Brewfile.lock.json", "Cartfile.resolved", "Package.resolved", "flake.lock", "RECORD",
    ".terraform.lock.hcl", "deno.lock", "pubspec.lock", "conda-lock.yml", "gradle.lockfile",
})  # fmt: skip
_EXAMPLES = frozenset({"example", "examples", "sample", "template", "dist", "tpl", "tmpl", "defaults", "default"})
_TRANSLATIONS = frozenset({"locale", "locales", "i18n", "l10n", "lang", "langs", "translations", "translation", "intl"})
_LANGUAGES = (
    "af|am|ar|az|be|bg|bn|bs|ca|cs|cy|da|de|el|en|eo|es|et|eu|fa|fi|fil|fr|ga|gl|gu|he|hi|hr|hu|hy|is|it|ja|ka|kk|km|kn"
    "|ko|lt|lv|mk|ml|mn|mr|ms|nb|ne|nl|nn|no|pl|ps|pt|ro|ru|sk|sl|sq|sr|sv|sw|ta|te|th|tl|tr|uk|ur|uz|vi|zh|zu"
)
"""Codes of languages that name a file of messages; `ci.yml`, `db.js` and `id.ts` are none."""
_TRANSLATION_NAME = re.compile(
    r"\.(?:po|pot|xlf|xliff|arb|strings)$|^(?:messages|strings|translations?"
    r"|labels)(?:[_.-][a-z]{2}([_-][A-Za-z]{2})?)?\.(?:json|properties|ya?ml|xml)$"
    rf"|^(?:{_LANGUAGES})(?:[_-][A-Za-z]{{2,4}})?\.(?:json|ya?ml|ts|js|php)$"
)
_TEST = re.compile(
    r"(?:^|/)(?:tests?|__tests__|specs?|testdata|test_data|fixtures?|e2e|mocks?|__mocks__|testing"
    r"|cypress|factories)(?:/|$)"
    r"|(?:^|/)(?:test_[^/]*|tests?|conftest|[^/]*[_.-](?:tests?|spec|mock|fixtures?)|[^/]*(?:Test"
    r"|Tests|Spec|IT))\.[A-Za-z]{1,5}$"
)
_DOCUMENT = re.compile(
    r"\.(?:md|markdown|mdx|rst|adoc|asciidoc|tex|svg|css|scss|log)$|(?:^|/)(?:readme|license|changelog"
    r"|notice|authors|robots|humans)[^/]*\.txt$",
    re.IGNORECASE,
)
_GENERATED = re.compile(
    r"[.-]min\.(?:js|css|mjs)$|\.(?:map|bundle\.js|chunk\.js|css|svg|ipynb_checkpoints)$|(?:^"
    r"|/)(?:vendor|third_party|bower_components)/"
)


def is_example_file(path: str) -> bool:
    """Return whether the file is a template for people to copy: `.env.example`, `config.sample.yaml`."""
    name = path.rsplit("/", 1)[-1].lower()
    return any(word in _EXAMPLES for word in re.split(r"[.\-_]", name)[1:]) or name.startswith(("example.", "sample."))


def is_lock_file(path: str) -> bool:
    """Return whether the file lists resolved packages with their hashes."""
    return path.rsplit("/", 1)[-1] in _LOCK_FILES


def is_translation(path: str) -> bool:
    """Return whether the file holds messages in some language: its `password` is a word."""
    *folders, name = path.split("/")
    return not _TRANSLATIONS.isdisjoint(folders) or _TRANSLATION_NAME.search(name) is not None


def is_test_file(path: str) -> bool:
    """Return whether the file belongs to tests, where passwords are mostly made up."""
    return _TEST.search(path) is not None


def is_document(path: str) -> bool:
    """Return whether the file is text for people, whose passwords are mostly examples."""
    if path.rsplit("/", 1)[-1] in {"METADATA", "README", "CHANGELOG", "LICENSE", "NEWS", "PKG-INFO", "INSTALL"}:
        return True
    return _DOCUMENT.search(path) is not None


def is_generated(path: str) -> bool:
    """Return whether the file was made by a tool or somebody else."""
    return _GENERATED.search(path) is not None
