"""Answer a gate item: promotion first, then its check, once in a run whichever process asks.

Verdicts depend neither on order nor on placement: what an item needs of another's result it asks for here, and what
has not been answered yet is answered on the spot.
"""

from __future__ import annotations

import time
import traceback
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_superteam.checks.base import CheckItem, CheckTarget
from pytest_superteam.codec import from_data, to_data
from pytest_superteam.errors import CheckError, GateError, StoppedError
from pytest_superteam.models import HELD_BACK, BuildResult, CheckResult, Outcome, SourceNote, Violation
from pytest_superteam.pipeline.baseline import BASELINE
from pytest_superteam.pipeline.items import SYSTEM, GateItem, outcome_of
from pytest_superteam.scanners.base import Rule, ScanTarget

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from pytest_superteam.models import FoundService
    from pytest_superteam.pipeline.adopt import Adopted
    from pytest_superteam.pipeline.baseline import Baseline
    from pytest_superteam.pipeline.run import Run
    from pytest_superteam.scanners.run import Scan

__all__ = ["NOTES_KEY", "Evaluation", "is_crash"]

NOTES_KEY = "notes::"
"""How the keys of what is told about source files begin, among those of the items' results."""
SAVE_SECONDS = 2.0
"""A crash loses what was found in the last seconds; a run is to lose at most sixty."""
SCANS = frozenset({"test_scan", "test_review"})
CALLING = 2
"""The layer whose items call the running system."""
HOLDING = (1, 2)
"""Layers whose failure keeps a service from the layers above."""


@dataclass
class Evaluation:
    """The gate of one run."""

    run: Run
    selected: dict[str, list[GateItem]] = field(default_factory=dict, repr=False)
    """The items that this session runs, by service: promotion looks at no others."""
    targets: dict[str, ScanTarget] = field(default_factory=dict, repr=False)
    answers: dict[str, CheckResult] = field(default_factory=dict, repr=False)
    scans: dict[str, Scan] = field(default_factory=dict, repr=False)
    baseline: Baseline | None = None
    accept: bool = False
    """Accept whatever is found: the session updates the baseline."""
    unsaved: dict[str, Any] = field(default_factory=dict, repr=False)
    """Results of scans that are not in the store yet."""
    saved_at: float = field(default_factory=time.monotonic, repr=False)

    def select(self, items: Iterable[GateItem]) -> None:
        """Say which items this session runs."""
        self.selected = {}
        for item in items:
            self.selected.setdefault(item.service, []).append(item)

    def evaluate(self, item: GateItem) -> CheckResult:
        """Return what the item's check found, from the store where another process was first."""
        if item.key not in self.answers:
            self.answers[item.key] = self._answer(item)
        return self.answers[item.key]

    def _answer(self, item: GateItem) -> CheckResult:
        if item.key in self.run.carried:
            known = self.run.store.result(self.run.scope, item.key)
            if known is not None:
                return from_data(CheckResult, known)
        reason = self.held_back(item)
        if reason:
            return CheckResult(skipped=reason)
        if item.test in SCANS:  # reading source twice harms nobody, so that thousands of items need no lock
            result = self._timed(item)
            self._keep(item.key, to_data(result))
            return result
        with self.run.lock(item.key):
            known = self.run.store.result(self.run.scope, item.key)
            if known is not None:
                return from_data(CheckResult, known)
            result = self._called(item) if item.layer == CALLING else self._timed(item)
            self.run.store.save_result(self.run.scope, item.key, to_data(result))
        return result

    def _called(self, item: GateItem) -> CheckResult:
        """Answer an item that calls its service, unless that was found to answer nothing."""
        from pytest_superteam.pipeline.silence import listen, not_tried

        try:
            reason = self.run.not_run(item.service)
        except GateError as error:
            return CheckResult(error=str(error))
        if reason:
            return CheckResult(skipped=f"not run: {reason}")
        known = not_tried(self.run, item)
        if known is not None:
            return known
        result = self._timed(item)
        listen(self.run, item, result)
        return result

    def _keep(self, key: str, result: Any) -> None:
        """Save results many at a time, none later than `SAVE_SECONDS` after it was found."""
        self.unsaved[key] = result
        if time.monotonic() - self.saved_at > SAVE_SECONDS:
            self.save()

    def save(self) -> None:
        """Bring what was found into the store."""
        if self.unsaved:
            self.run.store.save_results(self.run.scope, self.unsaved)
        self.unsaved, self.saved_at = {}, time.monotonic()

    def held_back(self, item: GateItem) -> str:
        """Return why an item is not tried: its service failed a layer below, among the items of this session.

        A service that was found is held back from nothing: its source is there whatever its answers are.
        """
        if self.run.config.gate.promotion == "all" or item.service == SYSTEM or self.run.adopted is not None:
            return ""
        below = (i for i in self.selected.get(item.service, ()) if i.layer < item.layer and i.layer in HOLDING)
        for lower in sorted(below, key=lambda i: i.layer):
            if not lower.blocking:
                continue
            if self.outcome(lower) in (Outcome.FAILED, Outcome.ERROR) and not self._fault_of_another(lower):
                what = f"{lower.code}, {lower.test}[{lower.param}]"
                return f"{HELD_BACK}'{item.service}' failed layer {lower.layer} ({what})"
        return ""

    def _fault_of_another(self, item: GateItem) -> bool:
        """Return whether all that an item found is another service's: an event that its publisher never sent."""
        result = self.evaluate(item)
        return bool(result.violations) and all(v.service not in ("", item.service) for v in result.violations)

    def outcome(self, item: GateItem) -> Outcome:
        """Return how an item of this session ends."""
        return outcome_of(item, self.evaluate(item), self.run.config.gate.blocking_severity)

    def _timed(self, item: GateItem) -> CheckResult:
        started = time.monotonic()
        try:
            result = CHECKS.get(item.test, Evaluation._family)(self, item)
            triaged = (self.run.plugged.triage(violation) for violation in result.violations)
            result = replace(result, violations=self._excused(tuple(v for v in triaged if v is not None)))
        except StoppedError:  # nothing is wrong with the item: the session ends
            raise
        except GateError as error:
            result = CheckResult(error=str(error))
        except Exception as error:  # noqa: BLE001  # whatever breaks, the item is an error, and says where
            result = CheckResult(error=_broke(item, error))
        return replace(result, seconds=time.monotonic() - started)

    def _excused(self, violations: tuple[Violation, ...]) -> tuple[Violation, ...]:
        """Return the violations, those marked that the baseline accepts."""
        if self.accept:
            return tuple(v if v.suppressed_by else replace(v, suppressed_by=BASELINE) for v in violations)
        return self.baseline.excuse(violations) if self.baseline is not None else violations

    # ------------------------------------------------------------ layer 1

    def _built(self, service: str) -> BuildResult:
        build = self.run.builds()[service]
        if not build.success:
            raise CheckError(f"'{service}' was not built: {build.error}")
        return build

    def _can_run(self, service: str) -> None:
        """Refuse to call a service that was to be built and was not."""
        if self.run.adopted is None:
            self._built(service)

    def _builds(self, item: GateItem) -> CheckResult:
        found = self._found(item.service)
        if found is not None:
            from pytest_superteam.checks.own_tests.build import check_found_build

            adopted = self._adopted
            inner = adopted.inner(adopted.services[item.service])
            return check_found_build(found, adopted.root, exclude=self.run.config.scan.exclude, skip=inner)
        from pytest_superteam.checks.service import check_build  # each layer imports what it needs

        return check_build(self.run.builds()[item.service])

    def _own_tests(self, item: GateItem) -> CheckResult:
        config, found = self.run.config, self._found(item.service)
        if found is not None:
            from pytest_superteam.checks.own_tests.run import run_found_tests

            adopted = self._adopted
            entry = adopted.entries.get(item.service)
            return run_found_tests(
                found,
                adopted.root,
                self.run.layout.own_tests / item.service,
                ratio=config.gate.test_pass_ratio,
                timeout=config.timeouts.tests,
                prepare=config.timeouts.build,
                command=(entry.test or ()) if entry else (),
                inner=adopted.inner(adopted.services[item.service]),
            )
        from pytest_superteam.checks.service import run_own_tests

        build, within = self._built(item.service), None
        if build.evidence is not None:  # what an agent built runs as it ran for the evidence
            from pytest_superteam.agents.confined_tests import within_its_copy

            within = within_its_copy(build.directory)
        ratio, timeout = config.gate.test_pass_ratio, config.timeouts.tests
        return run_own_tests(build, ratio=ratio, timeout=timeout, within=within)

    @property
    def _adopted(self) -> Adopted:
        if self.run.adopted is None:
            raise CheckError("this system was not there before us.")
        return self.run.adopted

    def _found(self, service: str) -> FoundService | None:
        """Return a service that was there before us; what an agent asks about at work is judged as what it built."""
        if self.run.adopted is None or self.run.site is not None:
            return None
        return self.run.adopted.found.service(service)

    def _converges(self, item: GateItem) -> CheckResult:
        if self.run.asked is not None and self.run.site is None:
            from pytest_superteam.checks.asked import check_asked

            return check_asked(
                self.run.asked, self.run.architecture, item.service, self.run.config.gate.convergence_ratio
            )
        from pytest_superteam.checks.convergence.routed import unread_routes
        from pytest_superteam.checks.service import check_convergence
        from pytest_superteam.scanners.facts.routes import normalise_path, routes
        from pytest_superteam.scanners.source import source_tree

        tree = source_tree(self._target(item.service))
        found = frozenset((route.method, normalise_path(route.path)) for route in routes(tree))
        ratio, unread = self.run.config.gate.convergence_ratio, unread_routes(tree)
        asked = self.run.asked or self.run.architecture
        return check_convergence(asked, item.service, found, ratio, normalise_path, unread)

    # ------------------------------------------------------------ layer 2

    def _family(self, item: GateItem) -> CheckResult:
        """Answer an item of a built-in family of layer 2."""
        from pytest_superteam.checks.registry import family_of

        family = family_of(item.test)
        if family is None:
            raise CheckError(f"nothing answers items of {item.test}.")
        self._can_run(item.service)
        system = self.run.system()
        self.run.enter_gate()
        return family.check(system, CheckItem(item.service, item.param, item.code, item.severity, item.subject))

    def _project_check(self, item: GateItem) -> CheckResult:
        check = next(check for check in self.run.plugged.checks() if check.code == item.code)
        self._can_run(item.service)
        system = self.run.system()
        self.run.enter_gate()
        target = CheckTarget(item.service, system.architecture, system.deployment, system.tokens)
        return CheckResult(violations=tuple(check.run(target)))

    # ------------------------------------------------------------ layers 3 and 4

    def _scan(self, item: GateItem) -> CheckResult:
        from pytest_superteam.scanners.source import relevant_notes, unread_languages

        rule = self._rule(item.code)
        if rule.pending:
            return CheckResult(skipped=f"{rule.id} is not looked for yet: {rule.pending}")
        self.run.enter_gate()
        target = self._target(item.service)
        found = self._scanned(target, item)
        violations = tuple(found.findings[item.code])
        if violations:
            return CheckResult(violations=violations)
        open_notes = relevant_notes(rule, found.not_analysed)
        broken = next((note for note in open_notes if note.codes), None)
        if open_notes and (broken or self._strict):
            note = broken or open_notes[0]
            more = f" (and {len(open_notes) - 1} more)" if len(open_notes) > 1 else ""
            place = f"{item.service}/{note.file}: " if note.file else ""
            raise CheckError(f"{rule.id} can't be decided: {place}{note.reason}{more}")
        members = target.members or (target,)
        unread = sorted({language for member in members for language in unread_languages(rule, member)})
        if unread:
            return CheckResult(skipped=f"not analysed: {rule.id} does not read {', '.join(unread)}")
        return CheckResult()

    @property
    def _strict(self) -> bool:
        """Return whether what can't be analysed is an error: what was built for this gate has to be readable."""
        chosen = self.run.config.scan.strict_analysis
        return self.run.adopted is None if chosen is None else chosen

    def _scanned(self, target: ScanTarget, item: GateItem) -> Scan:
        """Return what the scanners find in a target: one scan for all codes that this session asks for."""
        known = self.scans.get(item.service)
        if known is None or item.code not in known.findings:
            asked = (*self.selected.get(item.service, ()), item)
            codes = frozenset(other.code for other in asked if other.layer >= 3)
            known = self.scans[item.service] = self._scan_now(target, codes)
            self._tell(item.service, known, codes)
        return known

    def _scan_now(self, target: ScanTarget, codes: frozenset[str]) -> Scan:
        from pytest_superteam.scanners.cache import CACHE_NAME, ScanCache
        from pytest_superteam.scanners.registry import builtin_scanners
        from pytest_superteam.scanners.run import scan

        ours = builtin_scanners()
        others = [scanner for scanner in self.run.plugged.scanners() if scanner not in ours]
        found = scan(target, others, codes)  # never from the cache: what they depend on is not known
        if not self.run.config.scan.cache:
            return scan(target, ours, codes).and_of(found)
        cache = ScanCache(self.run.layout.cache / CACHE_NAME)
        try:
            return scan(target, ours, codes, cache=cache).and_of(found)
        finally:
            cache.close()

    def _tell(self, service: str, found: Scan, codes: frozenset[str]) -> None:
        """Write down what the report says of the files, under a key of its own beside the items' results."""
        notes = [SourceNote("not analysed", service, n.file, n.reason, codes=n.codes) for n in found.not_analysed]
        notes += [
            SourceNote("unused suppression", service, c.file, f"excuses no {', '.join(c.codes)}", c.line, c.codes)
            for c in found.unused
        ]
        if notes:
            key = f"{NOTES_KEY}{service}::{','.join(sorted(codes))}"
            self._keep(key, {"notes": [to_data(note) for note in notes]})

    @cached_property
    def _rules(self) -> Mapping[str, Rule]:
        """Return what the scanners look for, by code; it is looked up once for each of thousands of items."""
        return {rule.id: rule for scanner in self.run.plugged.scanners() for rule in scanner.codes}

    def _rule(self, code: str) -> Rule:
        if code not in self._rules:
            raise CheckError(f"no scanner has the code {code}.")
        return self._rules[code]

    def _target(self, name: str) -> ScanTarget:
        if name not in self.targets:
            self.targets[name] = self._system_target() if name == SYSTEM else self._service_target(name)
        return self.targets[name]

    def _service_target(self, name: str) -> ScanTarget:
        system, adopted = self.run.architecture, self.run.adopted
        if adopted is not None:
            root = adopted.root if name == adopted.rest else adopted.services[name]
            return self._adopted_target(name, root, adopted)
        return ScanTarget(
            name=name,
            root=self._built(name).directory,
            architecture=system,
            contract=system.contracts.get(name),
            exclude=self.run.config.scan.exclude,
        )

    def _adopted_target(self, name: str, root: Path, adopted: Adopted) -> ScanTarget:
        """Return a service as it was found, with what the compose file above it says of its images."""
        from pytest_superteam.scanners.facts.docker_builds import OUTER_COMPOSE
        from pytest_superteam.scanners.source import source_tree

        exclude, skip = self.run.config.scan.exclude, adopted.inner(root)
        if root == adopted.root:
            return ScanTarget(name, root, exclude=exclude, skip=skip)
        services, digest = adopted.compose
        target = ScanTarget(name, root, exclude=exclude, skip=skip, surroundings=digest)
        source_tree(target).facts[OUTER_COMPOSE] = (root.relative_to(adopted.root).as_posix(), services)
        return target

    def _system_target(self) -> ScanTarget:
        adopted = self.run.adopted
        if adopted is not None:
            return ScanTarget(SYSTEM, adopted.root, members=tuple(self._target(name) for name in adopted.services))
        members = tuple(self._target(service.name) for service in self.run.architecture.services)
        return ScanTarget(SYSTEM, self.run.layout.output, self.run.architecture, members=members)


def _broke(item: GateItem, error: Exception) -> str:
    """Return what broke and where, in one line; the innermost frame is where to look."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{Path(place.filename).name}:{place.lineno}"
    return f"{item.code}{_BROKE}'{item.service}': {type(error).__name__}: {error} ({where})"


_BROKE = " broke on "


def is_crash(result: CheckResult) -> bool:
    """Return whether a check broke by itself, which says nothing of the system."""
    return _BROKE in result.error.partition("'")[0]


CHECKS: Mapping[str, Callable[[Evaluation, GateItem], CheckResult]] = {
    "test_builds": Evaluation._builds,  # noqa: SLF001  # the table belongs to the class
    "test_own_tests": Evaluation._own_tests,  # noqa: SLF001
    "test_converges": Evaluation._converges,  # noqa: SLF001
    "test_check": Evaluation._project_check,  # noqa: SLF001
    "test_scan": Evaluation._scan,  # noqa: SLF001
    "test_review": Evaluation._scan,  # noqa: SLF001
}
"""Which check answers the items of which test function; the families of layer 2 answer the others."""
