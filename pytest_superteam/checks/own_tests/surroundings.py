"""The environments of what is started for a service's own tests: named variables only, and folders of their own."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Surroundings"]

_PLAIN = (
    "PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "SYSTEMROOT", "JAVA_HOME", "GOROOT", "GOTOOLCHAIN", "DOTNET_ROOT",
    "PYENV_ROOT", "NVM_DIR", "VOLTA_HOME", "ASDF_DIR", "ASDF_DATA_DIR", "RUSTUP_HOME", "RUSTUP_TOOLCHAIN",
    "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS", "LD_LIBRARY_PATH",
)  # fmt: skip
"""What both installing and testing get to see: where tools and certificates are."""
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
_REGISTRIES = (
    "PIP_", "UV_", "NPM_CONFIG_", "YARN_", "GOPROXY", "GOPRIVATE", "GONOPROXY", "GOSUMDB", "GONOSUMDB",
    "CARGO_REGISTRIES_", "CARGO_HTTP_", "CARGO_NET_", "CARGO_SOURCE_", "NUGET_", "MAVEN_", "COREPACK_",
)  # fmt: skip
"""How the variables begin that say where packages come from; only installing gets them, for they may hold secrets."""


@dataclass(frozen=True)
class Surroundings:
    """What a service's tests and the installing before them are given."""

    work: Path
    """The service's own folder below `.superteam/own-tests`."""
    caches: Path
    """What was downloaded, shared by all services of the system."""

    def testing(self, extra: Mapping[str, str] | None = None) -> dict[str, str]:
        """Return the environment of a test run: nothing of the caller's but where the tools are."""
        kept = {name: os.environ[name] for name in _PLAIN if name in os.environ}
        kept |= {name: _nameless(value) for name, value in _proxies().items()}
        return {**_rustup(), **kept, **self._folders(), **(extra or {})}

    def installing(self, extra: Mapping[str, str] | None = None) -> dict[str, str]:
        """Return the environment of an installation: the caller's registries and proxies besides."""
        registries = {name: text for name, text in os.environ.items() if name.upper().startswith(_REGISTRIES)}
        return {**registries, **_user_settings(), **self.testing(), **_proxies(), **(extra or {})}

    def _folders(self) -> dict[str, str]:
        home, caches = str(self.work / "home"), self.caches
        return {
            "CI": "1",
            "HOME": home,
            "TMPDIR": str(self.work / "tmp"),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONUNBUFFERED": "1",
            "PIP_CACHE_DIR": str(caches / "pip"),
            "npm_config_cache": str(caches / "npm"),
            "npm_config_update_notifier": "false",
            "YARN_CACHE_FOLDER": str(caches / "yarn"),
            "YARN_ENABLE_TELEMETRY": "0",
            "YARN_NODE_LINKER": "node-modules",
            "COREPACK_HOME": str(caches / "corepack"),
            "COREPACK_ENABLE_DOWNLOAD_PROMPT": "0",
            "GOPATH": str(caches / "go"),
            "GOCACHE": str(caches / "go-build"),
            "GOFLAGS": "-modcacherw",
            "CARGO_HOME": str(caches / "cargo"),
            "CARGO_TARGET_DIR": str(self.work / "cargo-target"),
            "CARGO_TERM_COLOR": "never",
            "GRADLE_USER_HOME": str(caches / "gradle"),
            "DOTNET_CLI_HOME": home,
            "DOTNET_CLI_TELEMETRY_OPTOUT": "1",
            "DOTNET_NOLOGO": "1",
            "NUGET_PACKAGES": str(caches / "nuget"),
            "NO_COLOR": "1",
        }


def _proxies() -> dict[str, str]:
    names = (*_PROXIES, *(name.lower() for name in _PROXIES))
    return {name: os.environ[name] for name in names if name in os.environ}


def _nameless(proxy: str) -> str:
    """Return a proxy's address without the user name and password in it."""
    try:
        parts = urlsplit(proxy)
        return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2])) if "@" in parts.netloc else proxy
    except ValueError:
        return ""


def _rustup() -> dict[str, str]:
    """Return where rustup keeps its toolchains, which it would look for in the home folder."""
    folder = Path("~/.rustup").expanduser()
    return {"RUSTUP_HOME": str(folder)} if folder.is_dir() else {}


def _user_settings() -> dict[str, str]:
    """Return the caller's own settings of package managers, for the home folder is not theirs."""
    places = {"NPM_CONFIG_USERCONFIG": "~/.npmrc", "PIP_CONFIG_FILE": "~/.config/pip/pip.conf"}
    found = {name: Path(path).expanduser() for name, path in places.items()}
    return {name: str(path) for name, path in found.items() if name not in os.environ and path.is_file()}
