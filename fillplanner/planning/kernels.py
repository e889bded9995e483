"""The engine's inner loops: compiled where that was done ahead of time, plain Python
until then.

No plan waits for a compiler. `fillplanner.planning.compiling` compiles every kernel in
a process of its own and leaves a marker beside the result; each run of the engine looks
for it, so that a worker which has been running for days uses compiled code from its
next plan on. Until then, and for arguments of kinds that nobody compiled for, kernels
run as Python: about a hundred times slower, to the same answers, so loops of many
rounds ask `scaled` how many to do.

numba is imported only where compiled code is there to be used, or is being made.
"""

from __future__ import annotations

import hashlib
import os
import platform
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, update_wrapper
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

SLOWER = 100
COMPILE_HINT = "Exact plans are found faster once `manage.py compile_planner` has run."
MARKER = "ready"
PREFIX = "planner-"
HERE = Path(__file__).parent
# What compiled code is made of: constants of these files are part of it too.
SOURCES = (
    "compiled.py",
    "chance.py",
    "problem.py",
    "packing/annealing.py",
    "packing/enumeration.py",
    "packing/pricing.py",
    "packing/state.py",
    "sequencing/annealing.py",
    "sequencing/beam.py",
    "sequencing/layout.py",
)
PACKAGES = ("numba", "llvmlite", "numpy")


class NotCompiled(Exception):
    """There is no compiled code for these arguments, and this process must not make any."""


class Mode:
    """How kernels run in this process. Runs of the engine in several threads share it:
    answers are the same in any mode.
    """

    def __init__(self) -> None:
        self.compiled = False
        self.compiling = False
        # While this is above 0, what is on disk is not looked at.
        self.held = 0
        self.lock = threading.Lock()


mode = Mode()
kernels: list[Kernel] = []


class Kernel:
    """One function in two forms. numba sees the compiled one wherever other kernels
    call it.

    `stand_in` runs in place of the Python function where that would be slow: the same
    answer by array operations. A kernel that is not a `door` is called by other kernels
    only.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        stand_in: Callable[..., Any] | None,
        door: bool,
    ) -> None:
        update_wrapper(self, function)
        self.function = function
        self.plain = stand_in or function
        self.door = door
        self.name = function.__name__
        self.refused = False
        self.compiled_form: Any = None
        kernels.append(self)

    @property
    def dispatcher(self) -> Any:
        """numba's object for the function. Raises ImportError, OSError or RuntimeError
        where there cannot be one.
        """
        if self.compiled_form is None:
            self.compiled_form = import_module(
                "fillplanner.planning.compiled"
            ).dispatcher_of(self)
        return self.compiled_form

    @property
    def _numba_type_(self) -> Any:
        return self.dispatcher._numba_type_

    def __call__(self, *args: Any) -> Any:
        if not mode.compiled or self.refused or not self.door:
            return self.plain(*args)
        try:
            return self.dispatcher(*args)
        except (NotCompiled, ImportError):
            self.refused = True
        return self.plain(*args)


def kernel(function: Callable[..., Any]) -> Kernel:
    """A kernel that Python calls."""
    return Kernel(function, None, door=True)


def part(function: Callable[..., Any]) -> Kernel:
    """A kernel that only other kernels call."""
    return Kernel(function, None, door=False)


def with_stand_in(
    stand_in: Callable[..., Any], door: bool = True
) -> Callable[[Callable[..., Any]], Kernel]:
    """A kernel with another function for the time that it is not compiled."""
    return lambda function: Kernel(function, stand_in, door)


def scaled(amount: int, least: int = 1) -> int:
    """So many rounds where kernels are compiled; where they are not, as many as take
    about as long, but `least`.
    """
    return amount if mode.compiled else max(least, amount // SLOWER)


def compiled() -> bool:
    """Whether kernels run compiled now."""
    return mode.compiled


def look() -> bool:
    """Whether kernels run compiled from now on: asked at the beginning of each run of
    the engine.
    """
    with mode.lock:
        if not mode.held:
            if not mode.compiled:
                for other in kernels:
                    other.refused = False
            mode.compiled = mode.compiled or ready()
        return mode.compiled


def ready() -> bool:
    """Whether compiled code for this version, Python and processor is on disk. Cheap,
    and imports no numba.
    """
    return home() is not None


def home() -> Path | None:
    """The folder of compiled code that is complete; None where there is none."""
    return next((folder for folder in folders() if (folder / MARKER).exists()), None)


def folders() -> list[Path]:
    """Where compiled code may be, the first that can be written to being the right one:
    where NUMBA_CACHE_DIR says, or beside the sources, or else among the user's caches.
    """
    name = PREFIX + fingerprint()
    if chosen := os.environ.get("NUMBA_CACHE_DIR"):
        return [Path(chosen) / name]
    caches = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return [HERE / "__pycache__" / name, Path(caches) / "slotline" / name]


@cache
def fingerprint() -> str:
    """Names what compiled code depends on: sources, versions, processor and settings of
    the compiler.
    """
    digest = hashlib.sha256()
    for name in SOURCES:
        digest.update((HERE / name).read_bytes())
    chosen = {
        name: text for name, text in os.environ.items() if name.startswith("NUMBA_")
    }
    chosen.pop("NUMBA_CACHE_DIR", None)
    settings = [f"{name}={text}" for name, text in sorted(chosen.items())]
    facts = [
        sys.version,
        platform.system(),
        *map(version_of, PACKAGES),
        *processor(),
        *settings,
    ]
    digest.update("\n".join(facts).encode())
    return digest.hexdigest()[:16]


def version_of(package: str) -> str:
    """A package's version, blank where it is not installed."""
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def processor() -> list[str]:
    """Model and features of the processor, as far as the system tells them."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return [platform.machine(), platform.processor()]
    names = ("model name", "flags", "Features", "CPU part")
    return [
        platform.machine(),
        *sorted({line for line in lines if line.startswith(names)}),
    ]


@contextmanager
def held(compiled: bool, compiling: bool = False) -> Iterator[None]:
    """Run kernels this way, whatever is on disk."""
    before = mode.compiled, mode.compiling
    with mode.lock:
        mode.held += 1
        mode.compiled = compiled
        mode.compiling = compiling
    try:
        yield
    finally:
        with mode.lock:
            mode.held -= 1
            mode.compiled, mode.compiling = before


def interpreted() -> Any:
    """A context in which kernels run as Python."""
    return held(compiled=False)
