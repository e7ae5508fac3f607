"""Many files on all processors: forked children look at a share each and send back what they found."""

from __future__ import annotations

import multiprocessing
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import TYPE_CHECKING

from pytest_superteam.scanners.engine import FileResult
from pytest_superteam.scanners.source import NotAnalysed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from concurrent.futures import Future

    from pytest_superteam.scanners.engine import FileChecks
    from pytest_superteam.scanners.source import SourceFile

__all__ = ["run_files", "workers_for"]

ENOUGH_BYTES = 4 * 1024 * 1024
"""Bytes of source below which one process is as fast as several (about a second of work)."""
SHARE_BYTES = 512 * 1024
"""Bytes that a child is given at a time."""

_WORK: list[tuple[FileChecks, Sequence[SourceFile], Callable[[], FileResult] | None]] = []
"""What the children look at; they inherit it by the fork, so that nothing has to be sent to them."""


def workers_for(size: int) -> int:
    """Return how many processes to use for `size` bytes: one where forking is not safe or not worth it."""
    alone = size < ENOUGH_BYTES or not sys.platform.startswith("linux") or "PYTEST_XDIST_WORKER" in os.environ
    if alone:
        return 1
    import psutil

    if psutil.Process().num_threads() > 1:  # a fork would copy the locks that other threads hold
        return 1
    return len(os.sched_getaffinity(0))


def run_files(
    checks: FileChecks, files: Sequence[SourceFile], workers: int, beside: Callable[[], FileResult] | None = None
) -> Iterator[tuple[SourceFile | None, FileResult]]:
    """Yield each file with its result, and None with the result of `beside`, which looks at all files together.

    A file on which a child dies is not analysed, and the others are; `beside` is tried again in this process.
    """
    if workers <= 1:
        for file in files:
            yield file, _look(checks, file)
        if beside is not None:
            yield None, beside()
        return
    shares = list(_shares(files))
    _WORK.append((checks, files, beside))
    try:
        lost: list[int] = []
        with _pool(workers) as pool:
            whole = pool.submit(_run_beside) if beside is not None else None
            futures = [(share, pool.submit(_run_share, share)) for share in shares]
            for share, future in futures:
                results = _result(future)
                if results is None:
                    lost += share
                else:
                    yield from ((files[number], result) for number, result in zip(share, results, strict=True))
            together = _result(whole) if whole is not None else None
        for number in lost:
            yield files[number], _run_alone(files[number], number)
        if beside is not None:
            yield None, together[0] if together else beside()
    finally:
        _WORK.pop()


def _pool(workers: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("fork"))


def _shares(files: Sequence[SourceFile]) -> Iterator[list[int]]:
    """Yield numbers of files, about `SHARE_BYTES` at a time."""
    share: list[int] = []
    size = 0
    for number, file in enumerate(files):
        share.append(number)
        size += len(file.data)
        if size >= SHARE_BYTES:
            yield share
            share, size = [], 0
    if share:
        yield share


def _look(checks: FileChecks, file: SourceFile) -> FileResult:
    known = "module" in file.__dict__  # somebody else needs it, and may hold nodes of it
    result = checks.run(file)
    if not known:
        file.forget()
    return result


def _run_share(share: list[int]) -> list[FileResult]:
    checks, files, _ = _WORK[-1]
    return [_look(checks, files[number]) for number in share]


def _run_beside() -> list[FileResult]:
    beside = _WORK[-1][2]
    return [beside()] if beside is not None else []


def _result(future: Future[list[FileResult]]) -> list[FileResult] | None:
    try:
        return future.result()
    except BrokenProcessPool:
        return None


def _run_alone(file: SourceFile, number: int) -> FileResult:
    with _pool(1) as pool:
        results = _result(pool.submit(_run_share, [number]))
    return results[0] if results else FileResult(notes=[NotAnalysed(file.path, "a parser crashed on it")])
