"""Kernels as numba has them: loaded from the folder of compiled code, and made only
where that is the task.

numba makes a function anew for each combination of kinds of arguments, and a number
written down has a kind of its own: kernels begin counts that they pass on with
`np.int64(0)`, and keep whole numbers in one width.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from numba import config, njit
from numba.core import event
from numba.core.caching import _CacheLocator

from fillplanner.planning import kernels


class Locator(_CacheLocator):
    """One folder for all kernels, named by what they depend on: what is in it is never
    stale, and it need not be writable to be read.
    """

    def __init__(self, function: Any) -> None:
        self.folder = folder()
        self.function = function

    def ensure_cache_path(self) -> None:
        """Make the folder, where somebody compiles."""
        if kernels.mode.compiling:
            self.folder.mkdir(parents=True, exist_ok=True)

    def get_cache_path(self) -> str:
        """The one folder of all kernels."""
        return str(self.folder)

    def get_source_stamp(self) -> str:
        """The same for all: what is compiled for other sources has a folder of its own."""
        return kernels.fingerprint()

    def get_disambiguator(self) -> str:
        """The function's package, for names that two of them have."""
        return Path(self.function.__code__.co_filename).parent.name

    @classmethod
    def from_function(cls, py_func: Any, py_file: str) -> Locator:
        """What numba calls for each function."""
        locator = cls(py_func)
        locator.ensure_cache_path()
        return locator


class Guard(event.Listener):
    """Refuses to compile outside of the process whose task that is."""

    def on_start(self, event: Any) -> None:
        """Raises NotCompiled where a kernel would be compiled in the middle of a plan."""
        if not kernels.mode.compiling:
            raise kernels.NotCompiled(str(event.data["dispatcher"]))

    def on_end(self, event: Any) -> None:
        """What numba calls afterwards."""
        return


def folder() -> Path:
    """Where compiled code is; where there is none yet, where it will be."""
    return kernels.home() or next(
        filter(writable, kernels.folders()), kernels.folders()[-1]
    )


def writable(path: Path) -> bool:
    """Whether files can be put into the folder, which is made where it is missing."""
    try:
        path.mkdir(parents=True, exist_ok=True)
        probe = path / "probe"
        probe.touch()
        probe.unlink(missing_ok=True)
    except OSError:
        return False
    return True


def dispatcher_of(kernel: kernels.Kernel) -> Any:
    # Only what Python calls needs a door for Python, which takes the compiler as long
    # as the function does; the code of parts is in that of the doors.
    """numba's object for a kernel."""
    options: dict[str, Any] = {
        "no_cpython_wrapper": not kernel.door,
        "no_cfunc_wrapper": True,
    }
    return njit(cache=kernel.door, nogil=True, **options)(kernel.function)


settings: Any = config
settings.CACHE_LOCATOR_CLASSES = f"{__name__}.{Locator.__name__}"
event.register("numba:compile", Guard())
