"""What a service of a compose file is: the system's own, a job of it, a tool for tests, or somebody else's software."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_superteam.discovery.images import Product, base_name, is_runtime, product_of, product_of_name
from pytest_superteam.discovery.places import is_test_place
from pytest_superteam.discovery.tree import joined
from pytest_superteam.scanners.languages.yaml_nodes import mapping

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_superteam.discovery.compose_reading import ComposeService
    from pytest_superteam.discovery.dockerfiles import Built
    from pytest_superteam.discovery.tree import Tree

__all__ = ["completed", "is_test_tool", "job_reason", "mounted_source", "product_behind"]

_JOB_PROFILES = re.compile(
    r"seed\w*|migrat\w*|init|setup|jobs?|cli|once|import|backup|manual|bootstrap|cron|admin-tools"
)
_JOB_NAME = re.compile(
    r"(?:.{0,60}[-_.])?(?:seed(?:er|s|ing)?|seed[-_]data|migrat(?:e|es|ion|ions|or)|init|initdb|setup|prestart|bootstrap|"
    r"fixtures|create-?buckets?|loaddata|db-?push|cron|cronjob)(?:[-_.].{0,60})?",
    re.IGNORECASE,
)
_JOB_COMMAND = re.compile(
    r"alembic upgrade|prisma (?:migrate|db (?:push|seed))|manage\.py (?:migrate|loaddata|collectstatic|seed)|"
    r"db:(?:migrate|seed|create|setup)|run (?:\w{1,20}:)?(?:migrat\w{0,10}|seed\w{0,10})|"
    r"(?:^|[\s/])(?:migrate|seed)(?:\.\w{2,3})?[ ]{0,4}(?:up|$)|"
    r"flyway|liquibase|sequelize db|typeorm migration|knex (?:migrate|seed)|mc (?:alias|mb)|psql |mongoimport|"
    r"dotnet ef",
    re.IGNORECASE,
)
_SERVES = re.compile(
    r"uvicorn|gunicorn|hypercorn|uwsgi|runserver|flask run|fastapi (?:dev|run)|node\b|nodemon|"
    r"npm (?:run )?start|yarn start|"
    r"pnpm start|next start|java -jar|celery|dotnet \S{1,80}\.dll|rails s|php-fpm|nginx|serve\b",
    re.IGNORECASE,
)
_CRON = re.compile(
    r"(?:^|[\"'\s])(?:[\d*/,-]{1,20}\s+){4}[\d*/,-]{1,20}\s+\S|while true; do .{1,300}sleep|crond\b|supercronic"
)
_CODE_SUFFIXES = (".py", ".js", ".ts", ".go", ".rb", ".php", ".java", ".mjs")


def product_behind(service: ComposeService, built: Built | None) -> tuple[Product, str, int, str] | None:
    """Return whose software a service is, with file, line and reason; None where it is the system's own."""
    if built is not None:
        if built.product is None:
            return None
        return built.product, built.path, built.base_line, f"only configures {built.base}"
    image = service.value("image")
    if image is None:
        return None
    product = product_of(image.text) or (product_of_name(service.name) if not image.known else None)
    if product is None:
        return None
    return product, image.file, image.line, f"runs {image.text}"


def mounted_source(tree: Tree, service: ComposeService) -> tuple[str, int, str] | None:
    """Return the folder of source that is mounted into a language's runtime, with its line and file."""
    image = service.value("image")
    if image is None or not is_runtime(image.text):
        return None
    for value in service.values("volumes"):
        path = value.text.partition(":")[0]
        folder = joined(service.parts[-1].home, path) if path.startswith((".", "/")) else None
        if folder and any(name.endswith(_CODE_SUFFIXES) for name in tree.under(folder)[:2000]):
            return folder, value.line, value.file
    return None


def job_reason(service: ComposeService, waited: Mapping[str, tuple[str, int]]) -> tuple[str, str, int]:
    """Return why a service ends by itself, with file and line; empty where it runs all the time.

    Args:
        service: as the compose files make it.
        waited: file and line by the name of what others wait for to be completed.
    """
    if service.name in waited:
        return ("others wait for it to end", *waited[service.name])
    profile = next((v for v in service.values("profiles") if _JOB_PROFILES.fullmatch(v.text)), None)
    if profile:
        return f"profile '{profile.text}'", profile.file, profile.line
    command, restart = service.command, service.value("restart")
    text = command.text if command else ""
    serves = bool(_SERVES.search(text)) or any(True for _ in service.ports())
    if command and _CRON.search(text):
        return "runs on a schedule", command.file, command.line
    if command and _JOB_COMMAND.search(text) and not serves:
        return "its command ends", command.file, command.line
    stays = restart is not None and restart.text in {"always", "unless-stopped"}
    if _JOB_NAME.fullmatch(service.name) and not serves and not stays:
        at = restart or command
        return "is called as what runs once", at.file if at else service.file, at.line if at else service.line
    return "", "", 0


def completed(services: Mapping[str, ComposeService]) -> dict[str, tuple[str, int]]:
    """Return file and line by the name of what others wait for to be completed."""
    found: dict[str, tuple[str, int]] = {}
    for service in services.values():
        nested = service.nested("depends_on")
        for name, (line, node) in (nested[1] if nested else {}).items():
            condition = mapping(node).get("condition")
            if nested and condition and condition[1].value == "service_completed_successfully":
                found[name] = (nested[0].file, line)
    return found


def is_test_tool(service: ComposeService, folder: str, dockerfile: str) -> bool:
    """Return whether a service only tests others."""
    file = dockerfile.rpartition("/")[2].lower().replace("dockerfile", "").strip(".-_")
    profiles = [value.text for value in service.values("profiles")]
    image = service.value("image")
    return (
        is_test_place(service.name)
        or (bool(file) and is_test_place(file))
        or (bool(profiles) and all(is_test_place(profile) for profile in profiles))
        or any(is_test_place(part) for part in folder.split("/"))
        or (image is not None and base_name(image.text) in {"k6", "newman", "cypress", "included", "playwright"})
    )
