"""The gateway: `/api/<service>` in front of each service, with the prefix stripped. Caddy here; Traefik beside it.

What goes through is what was sent: the path is matched and cut as it stands in the request line, so that encoded
slashes, empty segments and dots reach the service unchanged.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_superteam.deployment.composed.containers import HARDENED, build, checked, limits
from pytest_superteam.deployment.composed.yaml_text import Alias, Line

if TYPE_CHECKING:
    from pytest_superteam.deployment.composed.system import System

__all__ = ["PORT", "caddy", "caddy_files", "prefix"]

PORT = 8080
"""Where a gateway listens in its container."""
HEALTH = "/superteam-gateway/health"
"""The gateway's own path; no service's prefix begins so."""
_LARGEST_BODY = "32MB"


def prefix(service: str) -> str:
    """Return the path of a service at the gateway."""
    return f"/api/{service}"


def caddy(system: System) -> dict[str, Any]:
    """Return Caddy with the generated Caddyfile in its image, so that an engine on another host has it too.

    It waits for no service: it answers 502 for one that is not there yet, and is there when the last of them is.
    """
    return {
        "<<": Alias(HARDENED),
        "image": system.built(system.names.gateway),
        "build": build(system, "gateway"),
        # The official image's program asks for this capability and does not start without it; the port is a high one.
        "cap_add": Line(["NET_BIND_SERVICE"]),
        "environment": {"HOME": "/tmp", "XDG_CONFIG_HOME": "/tmp", "XDG_DATA_HOME": "/tmp"},  # noqa: S108
        "ports": Line([f"127.0.0.1::{PORT}"]),
        "networks": Line(["frontend", "backend"]),
        "deploy": limits("1.0", "256M", 256),
        "healthcheck": checked(system),
    }


def caddy_files(system: System) -> dict[str, str]:
    """Return the files of Caddy's image, by path below its folder."""
    url = f"http://127.0.0.1:{PORT}{HEALTH}"
    dockerfile = f"""\
FROM {system.image("caddy")}
COPY Caddyfile /etc/caddy/Caddyfile
USER 65532:65532
EXPOSE {PORT}
# Images differ in what they bring: wget (Alpine) or curl (Debian).
HEALTHCHECK CMD wget -q -O /dev/null {url} || curl -fsS -o /dev/null {url}
CMD ["caddy", "run", "--config", "/etc/caddy/Caddyfile", "--adapter", "caddyfile"]
"""
    return {"Dockerfile": dockerfile, "Caddyfile": _caddyfile(system)}


_HEAD = f"""\
# Routes by path prefix, prefix stripped. Made anew for each deployment.
{{
	admin off
	auto_https off
	log {{
		output stderr
		format json
		level WARN
	}}
}}

:{PORT} {{
	request_body {{
		max_size {_LARGEST_BODY}
	}}

	handle {HEALTH} {{
		respond 204
	}}
"""
_ROUTE = """
	@{name} vars_regexp {{http.request.orig_uri}} ^/api/{name}(/|\\?|$)
	handle @{name} {{
		uri path_regexp ^/api/{name} ""
		reverse_proxy http://{name}:{port} {{
			header_up X-Forwarded-Prefix /api/{name}
			transport http {{
				compression off
				keepalive 3s
			}}
		}}
	}}
"""
_TAIL = """
	handle {
		header Content-Type application/problem+json
		respond `{"type": "about:blank", "title": "Not Found", "status": 404, "detail": "No service is here."}` 404
	}

	handle_errors {
		header Content-Type application/problem+json
		@large expression {err.message}.contains("request body too large")
		respond @large `{"type": "about:blank", "title": "Request Entity Too Large", "status": 413}` 413
		respond `{"type": "about:blank", "title": "{err.status_text}", "status": {err.status_code}}` {err.status_code}
	}
}
"""


def _caddyfile(system: System) -> str:
    routes = (_ROUTE.format(name=service.name, port=service.port) for service in system.services)
    return _HEAD + "".join(routes) + _TAIL
