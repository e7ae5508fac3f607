"""Other images than those that are written: `deployment.replace_images`, for a company's mirror.

A key names one image, or with a `*` at its end all that begin so; a `*` at the end of the value is what the key's stood
for: `{"docker.io/*": "mirror.example/*"}`. The system's own Dockerfiles are never changed: a copy is, in our folder.
"""

from __future__ import annotations

import re
from itertools import takewhile
from types import MappingProxyType
from typing import TYPE_CHECKING

from pytest_superteam.errors import FinalDeploymentError
from pytest_superteam.scanners.languages.docker_lines import logical_lines
from pytest_superteam.scanners.languages.docker_words import expand, split_words
from pytest_superteam.scanners.languages.dockerfile import parse_dockerfile

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from pytest_superteam.scanners.languages.docker_lines import LogicalLine

__all__ = ["CA_PATH", "CA_VARIABLES", "replaced_dockerfile", "replacement", "rewritten"]

CA_PATH = "/var/tmp/superteam-ca.pem"  # noqa: S108  # in the container: the one place that every user may write to
CA_VARIABLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "PIP_CERT", "NODE_EXTRA_CA_CERTS")
"""What OpenSSL, requests, curl, pip and node read the place of a bundle from."""
_NOTHING: Mapping[str, str] = MappingProxyType({})
_MAX_BYTES = 1_000_000
_CA_CHUNK = 60_000
"""Characters of certificates in one RUN: a shell takes no argument longer than 128 KB on Linux."""
_HUB = re.compile(r"\A(?:index\.)?docker\.io/(?:library/)?")
_DIGEST = re.compile(r"@sha256:[0-9a-f]{64}\Z")
_SYNTAX = re.compile(r"(\s*#\s*syntax\s*=\s*)(\S+)(\s*)", re.IGNORECASE)
_DIRECTIVE = re.compile(r"\s*#\s*[A-Za-z]+\s*=")
_MOUNT_FROM = re.compile(r"(?<![\w.-])from=([^,\s\"']+)")
_COPY_FROM = re.compile(r"\A--from=[\"']?([^\s\"']+)")
_CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----[\sA-Za-z0-9+/=]+-----END CERTIFICATE-----")


def replacement(image: str, mapping: Mapping[str, str]) -> str | None:
    """Return what `mapping` puts in the place of `image`; None where it says nothing about it.

    One name has several spellings (`python:3`, `docker.io/library/python:3`, with a digest behind): they are compared
    as Docker reads them. A whole name goes before a prefix, a longer prefix before a shorter one.

    Raises:
        FinalDeploymentError: the image is replaced by nothing.
    """
    found = next((mapping[name] for name in _spellings(image) if name in mapping), None)
    if found is None:
        found = _by_prefix(image, mapping)
    if found is not None and not found.strip():
        raise FinalDeploymentError(f"deployment.replace_images: {image!r} is replaced by nothing. Name an image.")
    return found.strip() if found is not None else None


def _spellings(image: str) -> Iterator[str]:
    """Yield the names that mean `image`, as it is written first."""
    for name in dict.fromkeys((image, _DIGEST.sub("", image))):
        short = _HUB.sub("", name)
        tagged = short if ":" in short.rpartition("/")[2] or "@" in short else f"{short}:latest"
        yield from (name, short, tagged, tagged.removesuffix(":latest"), _full(short), _full(tagged))


def _full(short: str) -> str:
    """Return a name with its registry, as Docker completes it."""
    first, slash, _ = short.partition("/")
    if slash and ("." in first or ":" in first or first == "localhost"):
        return short
    return f"docker.io/{short}" if slash else f"docker.io/library/{short}"


def _by_prefix(image: str, mapping: Mapping[str, str]) -> str | None:
    """Return what the prefix says that leaves the least of the name."""
    short = _HUB.sub("", image)
    fits = [
        (len(name) - len(key) + 1, mapping[key], name[len(key) - 1 :])
        for key in mapping
        for name in (image, short, _full(short))
        if key.endswith("*") and name.startswith(key[:-1])
    ]
    _, value, rest = min(fits, default=(0, None, ""), key=lambda fit: fit[0])
    return value[:-1] + rest if value is not None and value.endswith("*") else value


def replaced_dockerfile(
    dockerfile: Path,
    mapping: Mapping[str, str],
    target_folder: Path,
    *,
    args: Mapping[str, str] = _NOTHING,
    ca: str = "",
) -> Path | None:
    """Write a copy of `dockerfile` that starts from other images; None where the file can stay as it is.

    The copy lies in `target_folder` under the same name, with the `.dockerignore` that lies beside the original under
    the Dockerfile's name; the one of the build context holds by itself.

    Args:
        dockerfile: the original; it is not changed.
        mapping: `deployment.replace_images`.
        target_folder: where to write.
        args: build arguments, which go before the defaults of ARG.
        ca: certificates in PEM form that the steps of the build are to trust.

    Raises:
        FinalDeploymentError: the Dockerfile can't be read, or an image is replaced by nothing.
    """
    text = _read(dockerfile)
    changed = rewritten(text, mapping, args=args, ca=ca)
    if changed == text:
        return None
    ignored = dockerfile.with_name(f"{dockerfile.name}.dockerignore")
    target = target_folder / dockerfile.name
    target_folder.mkdir(parents=True, exist_ok=True)
    target.write_bytes(changed.encode("utf-8", "surrogateescape"))
    if ignored.is_file():
        target.with_name(ignored.name).write_bytes(ignored.read_bytes()[:_MAX_BYTES])
    return target


def _read(dockerfile: Path) -> str:
    try:
        data = dockerfile.read_bytes()
    except OSError as error:
        raise FinalDeploymentError(
            f"{dockerfile}: can't be read: {error.strerror}. Nothing is built from it."
        ) from None
    if len(data) > _MAX_BYTES:
        raise FinalDeploymentError(f"{dockerfile}: has {len(data)} bytes. No Dockerfile has more than {_MAX_BYTES}.")
    return data.decode("utf-8", "surrogateescape")


def rewritten(text: str, mapping: Mapping[str, str], *, args: Mapping[str, str] = _NOTHING, ca: str = "") -> str:
    """Return a Dockerfile whose images are replaced: in FROM, `COPY --from`, `RUN --mount=from=` and `# syntax`.

    A FROM that is changed stands on its first line; all other lines stay where they are and as they are.
    """
    lines = text.split("\n")
    known = _arguments(text, args)
    stages: list[str] = []
    added: dict[int, list[str]] = {}
    trusted = _trusting(text) if ca else frozenset()
    for line in logical_lines(text)[0]:
        keyword = line.text.split(maxsplit=1)[0].upper()
        if keyword == "FROM":
            if line.number in trusted:
                added[line.starts[-1][1]] = _trust(ca)
            stages.append(_replace_from(lines, line, mapping, known, stages))
        elif keyword in {"COPY", "RUN", "ONBUILD"}:
            _replace_flags(lines, line, mapping, stages)
    _replace_syntax(lines, mapping)
    for number in sorted(added, reverse=True):
        lines[number:number] = added[number]
    return "\n".join(lines)


def _arguments(text: str, args: Mapping[str, str]) -> dict[str, str]:
    """Return what is known in a FROM: the ARGs before the first one, given values before defaults."""
    known: dict[str, str] = {}
    for instruction in parse_dockerfile(text).before:
        for pair in instruction.pairs if instruction.keyword == "ARG" else ():
            if pair.name in args:
                known[pair.name] = args[pair.name]
            elif pair.raw is not None and (value := expand(pair.raw, known, instruction.escape)).known:
                known[pair.name] = value.text
    return known


def _replace_from(
    lines: list[str], line: LogicalLine, mapping: Mapping[str, str], known: Mapping[str, str], stages: list[str]
) -> str:
    """Replace the image of a FROM, if there is another for it; return the name of the stage."""
    words = [word for _, word in split_words(line.text, line.escape)][1:]
    flags = list(takewhile(lambda word: word.startswith("--"), words))
    rest = words[len(flags) :]
    if not rest:
        return ""
    name = rest[2].strip("\"'").lower() if len(rest) > 2 and rest[1].upper() == "AS" else ""
    image = expand(rest[0], known, line.escape)
    other = replacement(image.text, mapping) if image.known and image.text.lower() not in stages else None
    if other is not None and image.text != "scratch":
        first, last = line.number - 1, line.starts[-1][1] - 1
        end = "\r" if lines[first].endswith("\r") else ""
        lines[first] = " ".join(["FROM", *flags, other, *rest[1:]]) + end
        lines[first + 1 : last + 1] = [end] * (last - first)
    return name


def _replace_flags(lines: list[str], line: LogicalLine, mapping: Mapping[str, str], stages: list[str]) -> None:
    """Replace the images that the flags of COPY and RUN name; what is no flag is not looked at."""
    words = [word for _, word in split_words(line.text, line.escape)]
    start = 2 if words[0].upper() == "ONBUILD" else 1
    if len(words) <= start or words[start - 1].upper() not in {"COPY", "RUN"}:
        return
    pattern = _COPY_FROM if words[start - 1].upper() == "COPY" else _MOUNT_FROM
    number = next((n for n, word in enumerate(words[start:]) if not word.startswith("--")), len(words) - start)
    flags = [word for word in words[start : start + number] if word.startswith(("--from=", "--mount="))]
    for flag in flags:
        changed = pattern.sub(lambda match: _other(match, mapping, stages), flag)
        if changed != flag:
            _replace_word(lines, line, flag, changed)


def _other(match: re.Match[str], mapping: Mapping[str, str], stages: list[str]) -> str:
    """Return `from=image` with the other image, where it names none of the stages."""
    image = match[1]
    other = None if image.lower() in stages or image.isdigit() else replacement(image, mapping)
    return match[0] if other is None else match[0].removesuffix(image) + other


def _replace_word(lines: list[str], line: LogicalLine, word: str, other: str) -> None:
    """Put `other` in the place of the first `word` on the lines of an instruction, comments between them excepted."""
    whole = re.compile(rf"(?<!\S){re.escape(word)}(?!\S)")
    for index in range(line.number - 1, line.starts[-1][1]):
        if index >= line.number and lines[index].lstrip().startswith("#"):
            continue
        lines[index], count = whole.subn(lambda _: other, lines[index], count=1)
        if count:
            return


def _replace_syntax(lines: list[str], mapping: Mapping[str, str]) -> None:
    """Replace the image that reads the file (`# syntax=`); replaced by nothing, the engine's own reader is taken."""
    for index, line in enumerate(lines):
        match = _SYNTAX.fullmatch(line)
        if match is not None:
            if any(not mapping[name].strip() for name in _spellings(match[2]) if name in mapping):
                lines[index] = "#" + match[3].strip(" \t")
            else:
                lines[index] = f"{match[1]}{replacement(match[2], mapping) or match[2]}{match[3]}"
            return
        if _DIRECTIVE.match(line) is None:
            return


def _trusting(text: str) -> frozenset[int]:
    """Return the lines of those FROM that start from an image in which something is run, by themselves or later."""
    found: set[int] = set()
    for stage in parse_dockerfile(text).stages:
        if any(i.keyword == "RUN" for i in stage.effective):
            root = list(stage.lineage)[-1]
            found |= {root.line} if root.image != "scratch" else set()
    return frozenset(found)


def _trust(ca: str) -> list[str]:
    """Return the instructions that write the certificates of `ca` and name their place."""
    texts = [line for match in _CERTIFICATE.finditer(ca) for line in match[0].split("\n") if line.strip()]
    chunks: list[list[str]] = [[]]
    for text in texts:
        if sum(map(len, chunks[-1])) > _CA_CHUNK:
            chunks.append([])
        chunks[-1].append(text.strip())
    quoted = (" ".join(f"'{text}'" for text in chunk) for chunk in chunks)
    written = [f"RUN printf '%s\\n' {texts} >> {CA_PATH}" for texts in quoted]
    return ["ENV " + " ".join(f"{name}={CA_PATH}" for name in CA_VARIABLES), *written]
