"""The parent of the deployed services: a process that stops them when the run that owns them is gone.

Runs as a script in an isolated interpreter (`python -I -S supervisor.py`, specification on standard input), so it uses
the standard library only and, when an order comes, `orders.py` of this package. It lives in a session of its own: a
Ctrl-C in the terminal does not reach it, and a test worker that dies takes nothing down. It ends, and all services with
it, on SIGTERM, SIGINT or SIGHUP and as soon as the owner is gone; what the specification calls `finally` runs after
them. On Linux it adopts the orphans of its services (`PR_SET_CHILD_SUBREAPER`), so that a child that left its process
group is found too, and the kernel kills a service whose supervisor was killed.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["ORDER", "alive", "descendants", "group_exists", "machine_token", "start_token", "write_private"]

ORDER = "restart.json"
"""Name of the file with an order to start some services again, in the folder of the record; see `orders.py`."""
GRACE_SECONDS = 3.0
"""How long a service may take to end after SIGTERM before it is killed."""
KILL_SECONDS = 5.0
"""How long a process may take to end after SIGKILL: one that waits for a disk does not hear it."""
FINALLY_SECONDS = 90.0
"""How long the command may take that is run after everything ended."""
POLL_SECONDS = 0.2
"""How often the owner is looked for; a child that ends and a signal wake the loop at once."""
_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_LINUX = sys.platform.startswith("linux")


# ---------------------------------------------------------------- who is who


def machine_token() -> str:
    """Return what tells this boot of this machine (and this container's process numbers) from others."""
    if not _LINUX:
        return sys.platform
    boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    return f"{boot}/{Path('/proc/self/ns/pid').readlink()}"


def start_token(pid: int) -> str:
    """Return when process `pid` started, as a text to compare; empty when there is none or only its zombie."""
    if pid < 1:
        return ""
    if _LINUX:
        stat = _stat(pid)
        return stat[19] if stat and stat[0] not in "ZX" else ""
    answer = subprocess.run(  # noqa: S603 - fixed arguments and a number
        ["/bin/ps", "-o", "state=,lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    state, _, started = answer.stdout.strip().partition(" ")
    return "" if state.startswith("Z") else started.strip()


def alive(pid: int, token: str) -> bool:
    """Return whether `pid` is still the process that started at `token`, and not another that got its number."""
    return bool(token) and start_token(pid) == token


def _stat(pid: int) -> list[str]:
    """Return the fields of /proc/<pid>/stat after the name (which may hold blanks and brackets): state, ppid, ..."""
    try:
        text = Path(f"/proc/{pid}/stat").read_bytes().decode("utf-8", "replace")
    except OSError:
        return []
    return text.rpartition(")")[2].split()


def descendants(*roots: int) -> dict[int, int]:
    """Return pid -> process group of everything below `roots`, zombies left out; empty where there is no /proc."""
    pids = [int(p.name) for p in Path("/proc").iterdir() if p.name.isdigit()] if _LINUX else []
    rows = {pid: _stat(pid) for pid in pids}
    known = set(roots)
    found: dict[int, int] = {}
    while new := {pid for pid, row in rows.items() if row and pid not in known and int(row[1]) in known}:
        known |= new
        found |= {pid: int(rows[pid][2]) for pid in new if rows[pid][0] not in "ZX"}
    return found


# ---------------------------------------------------------------- the record


def write_private(path: Path, text: str) -> None:
    """Replace `path` by `text` in one step; only the user can read it."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    with contextlib.suppress(FileNotFoundError):
        temporary.unlink()
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(text)
    temporary.replace(path)


# ---------------------------------------------------------------- the work


class Supervisor:
    """Starts the services of a specification, records them (without their environment: no secret) and stops them."""

    def __init__(self, spec: Mapping[str, Any]) -> None:
        self.spec = dict(spec)
        self.wakeup = -1
        self.answer: dict[str, str] = {}
        self.record = Path(spec["record"])
        self.stopping = False
        self.childless = True
        self.by_pid: dict[int, tuple[subprocess.Popen[bytes], str]] = {}
        self.groups: set[int] = set()
        self.services: dict[str, dict[str, Any]] = {}

    def run(self) -> None:
        """Start everything, wait for the end of the owner or a signal, stop everything."""
        self.wakeup = self._listen()
        try:
            self._watch()
        finally:  # also when the record can't be written: the disk is full, the folder is gone
            self._stop()
            self._finally()
            self._forget()

    def _watch(self) -> None:
        self._save()
        for service in self.spec["services"]:
            self.start(service)
            self._save()
        while not self.over():
            if self.reap() | self._obey():
                self._save()
            self.sleep(POLL_SECONDS)

    def over(self) -> bool:
        """Return whether the run has ended or this process was asked to."""
        owner = self.spec["owner"]
        return self.stopping or not alive(owner["pid"], owner["start"])

    def _listen(self) -> int:
        """Turn signals into bytes on a pipe, so that the loop sleeps until one comes; return the reading end."""
        reading, writing = os.pipe()
        os.set_blocking(reading, False)
        os.set_blocking(writing, False)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._request_stop)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
        return reading

    def _request_stop(self, *_: object) -> None:
        self.stopping = True

    def sleep(self, seconds: float) -> None:
        """Wait until a child ends, a signal comes or the time is over."""
        select.select([self.wakeup], [], [], seconds)
        with contextlib.suppress(BlockingIOError):
            os.read(self.wakeup, 4096)

    def start(self, service: Mapping[str, Any]) -> None:
        """Start one service; what went wrong with that is in its state."""
        state: dict[str, Any] = {"pid": 0, "start": "", "port": service["port"], "exit": None, "error": ""}
        self.services[service["name"]] = state
        try:
            with Path(service["log"]).open("wb") as log:
                process = _spawn(service, log)
        except (OSError, ValueError, subprocess.SubprocessError) as error:
            state["error"] = f"{type(error).__name__}: {error}"
            return
        self.groups.add(process.pid)
        self.by_pid[process.pid] = (process, service["name"])
        state.update(pid=process.pid, start=start_token(process.pid))

    def reap(self) -> bool:
        """Collect what has ended, adopted orphans too; return whether a service was among them."""
        changed = self.childless = False
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                self.childless = True
                return changed
            if not pid:
                return changed
            process, name = self.by_pid.pop(pid, (None, ""))
            if process:
                process.returncode = self.services[name]["exit"] = os.waitstatus_to_exitcode(status)
                changed = True

    def _obey(self) -> bool:
        """Carry out the order that waits; return whether there was one. Its answer goes into the record."""
        if not os.path.lexists(self.record.with_name(ORDER)):
            return False
        from pytest_superteam.deployment.orders import Orders

        answer = Orders(self).carry_out()
        self.answer = answer or self.answer
        return bool(answer)

    def _stop(self) -> None:
        """Ask everything below this process to end, then kill what is left. Ends early when no child is left."""
        for number, seconds in (
            (signal.SIGTERM, self.spec.get("grace", GRACE_SECONDS)),
            (signal.SIGKILL, KILL_SECONDS),
        ):
            end = time.monotonic() + seconds
            self._signal(number)
            while not self._finished() and time.monotonic() < end:
                self.sleep(0.05)
                if number == signal.SIGKILL:
                    self._signal(number)

    def _finally(self) -> None:
        """Run the specification's last command, if it has one: what takes down that which is no process of ours."""
        last = self.spec.get("finally")
        if not last:
            return
        with contextlib.suppress(OSError, subprocess.SubprocessError), Path(last["log"]).open("ab") as log:
            process = _spawn(last, log)
            try:
                process.wait(last.get("seconds", FINALLY_SECONDS))
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    def _finished(self) -> bool:
        """Return whether nothing is left; without adoption of orphans (not Linux) the groups are asked as well."""
        self.reap()
        return self.childless and (_LINUX or not any(map(group_exists, self.groups)))

    def _signal(self, number: int) -> None:
        """Send `number` once to each service's group that still has members and to each descendant outside of them."""
        below = descendants(os.getpid())
        for group in self.groups & {*self.by_pid, *below.values()} if _LINUX else self.groups:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(group, number)
        for pid in (pid for pid, group in below.items() if group not in self.groups):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, number)

    def _save(self) -> None:
        own = {"pid": os.getpid(), "start": start_token(os.getpid())}
        data = {key: self.spec[key] for key in ("run_id", "marker", "machine", "owner")}
        data |= {"version": 1, "supervisor": own, "services": self.services, "answer": self.answer}
        write_private(self.record, json.dumps(data, indent=1))

    def _forget(self) -> None:
        """Remove the record and what describes this deployment, unless another one has taken the folder."""
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            if json.loads(self.record.read_text(encoding="utf-8"))["marker"] != self.spec["marker"]:
                return
        for path in (*self.spec.get("forget", ()), self.record):
            with contextlib.suppress(OSError):
                Path(path).unlink()


def group_exists(group: int) -> bool:
    """Return whether the process group `group` has a member."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # macOS answers this for a group of zombies
        return False
    return True


def _spawn(command: Mapping[str, Any], log: IO[bytes]) -> subprocess.Popen[bytes]:
    """Start `argv` in `cwd` with `env` of `command`, in a session of its own, its output going to `log`."""
    return subprocess.Popen(  # noqa: S603 - an argument vector, no shell
        command["argv"],
        cwd=command["cwd"],
        env=command["env"],
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        preexec_fn=_die_with_parent(),  # noqa: PLW1509 - this process has one thread
    )


def _die_with_parent() -> Callable[[], None] | None:
    """Return what a new child calls before it becomes the service: on Linux, to be killed when this process is."""
    if not _LINUX:
        return None
    prctl, parent = ctypes.CDLL(None).prctl, os.getpid()

    def arm() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # killed between the fork and the line above
            os._exit(1)

    return arm


def main() -> None:
    """Read the specification from standard input and supervise."""
    spec = json.loads(sys.stdin.buffer.read())
    if _LINUX:
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1)
    # Isolated, this interpreter knows neither our folder nor the installed packages; behind all else, for orders alone.
    sys.path.append(str(Path(__file__).resolve().parents[2]))
    Supervisor(spec).run()


if __name__ == "__main__":
    main()
