"""What the name of an image says: whether its version is fixed, and whether its containers run as root."""

from __future__ import annotations

import re

from pytest_superteam.scanners.languages.docker_words import UNSET

__all__ = ["is_unpinned", "runs_as_other_user"]

_TEMPLATE = re.compile(r"[{}<>%]|^@\w+@$")
_IMAGE_ID = re.compile(r"(?:sha256:)?[0-9a-f]{64}")

_OTHER_USER = re.compile(
    r"""
    nonroot | non-root | unprivileged | rootless            # said in the name or in the tag
    | nanoserver                                            # ContainerUser, unlike servercore
    | ^mcr\.microsoft\.com/dotnet/.*-(?:chiseled|distroless)
    | ^(?:cgr\.dev/)?chainguard(?:-private)?/               # uid 65532 in all of the catalogue but what says -root
    | ^cgr\.dev/
    | ^(?:docker\.io/|public\.ecr\.aws/)?bitnami(?:legacy|secure)?/(?!minideb)   # uid 1001
    | ^registry\.(?:access\.)?redhat\.(?:com|io)/(?:ubi\d+|rhel\d+|rhscl)/
        (?:python|nodejs|php|ruby|perl|openjdk|go-toolset|httpd|nginx)
    | ^(?:docker\.io/)?jenkins/(?:jenkins|agent|inbound-agent)(?:[:@]|$)
    | ^(?:docker\.io/|quay\.io/)?jupyter/\w+-notebook
    | ^(?:docker\.io/)?grafana/grafana(?:[:@]|$)
    | ^(?:docker\.io/|quay\.io/)?prom(?:etheus)?/(?:prometheus|alertmanager|node-exporter|blackbox-exporter)(?:[:@]|$)
    | ^quay\.io/keycloak/keycloak(?:[:@]|$)
    | ^(?:docker\.io/)?apache/airflow(?:[:@]|$)
    | ^(?:docker\.io/)?selenium/(?:standalone|node|hub)
    | ^(?:docker\.io/)?cimg/
    """,
    re.VERBOSE | re.IGNORECASE,
)
"""Images of which name, tag or their publisher's documentation says that they run as another user than root."""


def is_unpinned(image: str) -> bool:
    """Return whether an image reference has neither tag nor digest, or the tag `latest`.

    A reference whose end is a variable without a default says nothing, nor does one of a template.
    """
    if not image or image == "scratch" or "@" in image or _IMAGE_ID.fullmatch(image):
        return False
    last = image.rsplit("/", 1)[-1]
    name, colon, tag = last.partition(":")
    if UNSET.search(last):
        return colon == ":" and tag == "latest"
    return bool(name) and _TEMPLATE.search(last) is None and (tag == "latest" if colon else True)


def runs_as_other_user(image: str) -> bool:
    """Return whether containers of the image run, without a USER, as another user than root."""
    return _OTHER_USER.search(image) is not None
