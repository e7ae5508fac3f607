"""What follows where a service can't be built: another builder takes over, the run ends, or the others go on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_superteam.pipeline.fleet.service import ServiceBuild

if TYPE_CHECKING:
    from pytest_superteam.builders.base import Builder
    from pytest_superteam.models import BuildResult
    from pytest_superteam.pipeline.fleet.tools import Tools

__all__ = ["ON_FAILURE", "build_service"]

ON_FAILURE = "`on_failure` is stop"
"""What a session's end says that a service ended which could not be built."""


async def build_service(tools: Tools, service: str) -> BuildResult:
    """Build one service, or mend it; a failure is a result, not an exception."""
    plan = tools.plan
    if plan.mending:
        return await ServiceBuild(tools, service, only=_who_built(tools, service)).run()
    build = ServiceBuild(tools, service)
    result = await build.run()
    if result.success or not build.failed:
        return result
    policy = plan.on_failure.get(service, "skip")
    if policy == "stop":
        plan.stopping.request(f"'{service}' can't be built, and {ON_FAILURE}: {result.error.rstrip('.')}")
    fallback = plan.build.fallback
    if policy != "builtin" or fallback is None or fallback.name == result.builder:
        return result
    told = f"{service}: {fallback.name} stands in for {result.builder}, which failed"
    plan.log.emit("builder", told, level="warning", service=service, state="waiting", builder=fallback.name)
    return await ServiceBuild(tools, service, only=fallback, instead_of=result.builder).run()


def _who_built(tools: Tools, service: str) -> Builder | None:
    """Return the builder that built a service, where it is on offer still."""
    known = tools.known.get(service)
    return tools.routing.named(known.builder) if known is not None else None
