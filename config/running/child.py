"""One child process: started, listened to, restarted with patience, and stopped
politely before it is killed.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from config.running.console import Console

FIRST_WAIT_SECONDS = 0.5
LONGEST_WAIT_SECONDS = 30.0
STEADY_SECONDS = 60.0
PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Recipe:
    """How to run one child. `farewell` lists signals to end it with, each with the
    seconds it is given.

    Lines that contain `noise` are left out; `niceness` is how much it gives way to
    other processes (0 to 19).
    """

    name: str
    command: Sequence[str]
    farewell: Sequence[tuple[signal.Signals, float]] = ((signal.SIGTERM, 5.0),)
    environment: Mapping[str, str] = field(default_factory=dict)
    folder: Path | None = None
    pass_fds: tuple[int, ...] = ()
    noise: str = ""
    niceness: int = 0


def restart_wait(failures: int) -> float:
    """Seconds before the restart that follows the given number of failures in a row:
    0.5, 1, 2 ... 30.
    """
    return min(LONGEST_WAIT_SECONDS, FIRST_WAIT_SECONDS * 2.0 ** max(0, failures - 1))


def _before_it_runs(niceness: int) -> Callable[[], None]:
    """What a child does before it becomes its program: give way to others, and end when
    the supervisor dies.

    Only Linux can promise the latter. Its signal follows the thread that made the
    child, so children are made by the main thread only.
    """
    prctl = ctypes.CDLL(None).prctl if sys.platform == "linux" else None

    def prepare() -> None:
        os.nice(niceness)
        if prctl is not None:
            prctl(PR_SET_PDEATHSIG, signal.SIGTERM)

    return prepare


class Child:
    """A process in a session of its own, so that Ctrl-C in the terminal reaches the
    supervisor alone.
    """

    def __init__(self, recipe: Recipe, console: Console) -> None:
        self.recipe = recipe
        self.console = console
        self.process: subprocess.Popen[str] | None = None
        self.failures = 0
        self.started_at = 0.0
        self.due_at: float | None = None

    @property
    def name(self) -> str:
        """What people call the process."""
        return self.recipe.name

    @property
    def pid(self) -> int | None:
        """The number of its process; None before the first start."""
        return self.process.pid if self.process else None

    def runs(self) -> bool:
        """Whether there is a process that has not ended."""
        return self.process is not None and self.process.poll() is None

    def start(self) -> None:
        """Start the process in a session of its own; what it prints is read by us."""
        self.process = subprocess.Popen(
            list(self.recipe.command),
            env=dict(self.recipe.environment) or None,
            cwd=self.recipe.folder,
            pass_fds=self.recipe.pass_fds,
            start_new_session=True,
            preexec_fn=_before_it_runs(self.recipe.niceness),  # noqa: PLW1509  # system calls, bound before the fork
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        self.started_at = time.monotonic()
        self.due_at = None
        threading.Thread(
            target=self._listen, args=(self.process.stdout,), daemon=True
        ).start()

    def revive(self) -> None:
        """Notice that it ended, and start it again once its wait is over."""
        if self.due_at is None and self.process and self.process.poll() is not None:
            self._after_exit(self.process.pid, self.process.returncode)
        if self.due_at is not None and time.monotonic() >= self.due_at:
            self.start()

    def stop(self, hurried: Callable[[], bool]) -> None:
        """End it by its farewell; whatever is left of its session afterwards is killed."""
        if self.process is None or not self.runs():
            return
        for number, seconds in self.recipe.farewell:
            self.process.send_signal(number)
            if self._ends_within(seconds, hurried):
                return
        self.console.say(f"{self.name} did not end in time and was killed")
        self._sweep(self.process.pid)
        self.process.wait()

    def _after_exit(self, pid: int, code: int) -> None:
        self._sweep(pid)
        steady = time.monotonic() - self.started_at >= STEADY_SECONDS
        self.failures = 1 if steady else self.failures + 1
        wait = restart_wait(self.failures)
        self.due_at = time.monotonic() + wait
        how = (
            f"was ended by {signal.Signals(-code).name}"
            if code < 0
            else f"ended with code {code}"
        )
        self.console.say(
            f"{self.name} {how}, starting it again in {wait:g} s",
            child=self.name,
            code=code,
        )

    def _ends_within(self, seconds: float, hurried: Callable[[], bool]) -> bool:
        deadline = time.monotonic() + seconds
        while self.runs():
            if hurried() or time.monotonic() > deadline:
                return False
            time.sleep(0.02)
        return True

    def _sweep(self, pid: int) -> None:
        """A worker's own children outlive it when it is killed; they share its
        session's process group.
        """
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)

    def _listen(self, lines: IO[str]) -> None:
        for line in lines:
            if line.strip() and not (self.recipe.noise and self.recipe.noise in line):
                self.console.relay(self.name, line.rstrip())
