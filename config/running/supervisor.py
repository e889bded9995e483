"""Starts the embedded run's processes, restarts those that end, greets once the web
answers, stops all in order.
"""

from __future__ import annotations

import http.client
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import FrameType

from config.running.child import Child, Recipe
from config.running.console import Console

TICK_SECONDS = 0.1
# Addresses to listen at that nobody can ask at, and where to ask instead.
EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104
# One group after the other; those of a group are stopped together, since each may
# finish what it is at.
STOP_ORDER = (
    ("watcher",),
    ("beat",),
    ("web",),
    ("planner", "worker", "publisher"),
    ("valkey",),
)


class StopAsked(BaseException):
    """A signal asked for the end while there was nothing to watch yet."""


class Supervisor:
    """`greet` is called once, in a thread, with the children's process ids by name,
    when /health answers.
    """

    def __init__(self, console: Console, host: str, port: int) -> None:
        self.console = console
        self.host = host
        self.port = port
        self.children: dict[str, Child] = {}
        self.signals = 0
        self.watching = False

    def listen_to_signals(self) -> None:
        """From here on SIGINT, SIGTERM and SIGHUP mean: stop in order. A second one
        means: at once.
        """
        for name in ("SIGINT", "SIGTERM", "SIGHUP"):
            if hasattr(signal, name):
                signal.signal(getattr(signal, name), self._on_signal)

    def start(self, recipe: Recipe) -> Child:
        """Run the child from now on, until `stop`."""
        child = self.children[recipe.name] = Child(recipe, self.console)
        child.start()
        return child

    def watch(self, greet: Callable[[dict[str, int | None]], None]) -> None:
        """Keep every child running until a signal asks for the end."""
        self.watching = True
        greeted = False
        while not self.signals:
            for child in self.children.values():
                child.revive()
            if not greeted and web_answers(self.host, self.port):
                processes = {name: child.pid for name, child in self.children.items()}
                threading.Thread(target=greet, args=(processes,), daemon=True).start()
                greeted = True
            time.sleep(TICK_SECONDS)

    def stop(self) -> None:
        """End the children group by group; another signal meanwhile ends the rest at
        once.
        """
        self.watching = True
        began = time.monotonic()
        signals_before = self.signals
        self.console.say("stopping")
        for group in STOP_ORDER:
            children = [self.children[name] for name in group if name in self.children]
            with ThreadPoolExecutor(len(group)) as threads:
                list(
                    threads.map(
                        lambda child: child.stop(
                            lambda: self.signals > max(signals_before, 1)
                        ),
                        children,
                    )
                )
        self.console.say(f"stopped in {time.monotonic() - began:.1f} s")

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self.signals += 1
        if not self.watching:
            raise StopAsked


def web_answers(host: str, port: int) -> bool:
    """Whether /health gives any answer at this address."""
    here = EVERYWHERE.get(host, host)
    line = http.client.HTTPConnection(here, port, timeout=1)
    try:
        line.request("GET", "/health", headers={"Host": "localhost"})
        return line.getresponse().status in (200, 503)
    except (OSError, http.client.HTTPException):
        return False
    finally:
        line.close()
