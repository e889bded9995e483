"""Where the running product speaks: the supervisor's own words and its children's
lines, for people or as JSON.
"""

from __future__ import annotations

import json
import sys
import threading
from datetime import UTC, datetime
from typing import Any, TextIO

NAME_WIDTH = 9


class Console:
    """Writes whole lines from any thread. `form` is `console` or `json`."""

    def __init__(self, form: str = "console", stream: TextIO | None = None) -> None:
        self.json = form == "json"
        self.stream: TextIO | None = stream or sys.stdout
        self.lock = threading.Lock()

    def say(self, text: str, **facts: Any) -> None:
        """The supervisor's own words; `facts` are added where machines read."""
        if self.json:
            self._write(self._record("up", text, **facts))
        else:
            self._write(f"{'up':<{NAME_WIDTH}} | {text}")

    def relay(self, name: str, line: str) -> None:
        """One line that a child wrote; a child's own JSON goes through as it is."""
        if not self.json:
            self._write(f"{name:<{NAME_WIDTH}} | {line}")
        else:
            self._write(line if line.startswith("{") else self._record(name, line))

    def show(self, block: str, **facts: Any) -> None:
        """Several lines for people to read, one record for machines."""
        self._write(self._record("up", "running", **facts) if self.json else block)

    def _record(self, name: str, text: str, **facts: Any) -> str:
        moment = datetime.now(UTC).isoformat().replace("+00:00", "Z")
        return json.dumps({"event": text, "logger": name, "timestamp": moment, **facts})

    def _write(self, text: str) -> None:
        with self.lock:
            if self.stream is None:
                return
            try:
                print(text, file=self.stream, flush=True)
            except OSError:
                # Nobody reads any more (the terminal is gone); children must still be
                # able to write.
                self.stream = None
