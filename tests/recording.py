"""Writes down requests and answers of tests as the examples of the OpenAPI document:

    EXAMPLES=config/openapi/examples.json python -m pytest tests/contracts -n 0

Of each door the fullest call that succeeded and is short enough to read.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

FILE = os.environ.get("EXAMPLES", "")
LONGEST = 4000
MOST_IN_A_LIST = 2
SECRET = {"access_token", "password", "secret", "signing_secret", "token"}
Call = tuple[str, str]
noted: dict[Call, tuple[int, dict[str, Any]]] = {}


def is_on() -> bool:
    """Whether anybody wants to have them."""
    return bool(FILE)


def note(call: Call, status: int, request: Any, body: Any) -> None:
    """Keep a call if it says more than the one that is kept."""
    if body is None:
        return
    example = {"responses": {str(status): shortened(body)}}
    if request is not None:
        example["request"] = shortened(request)
    text = json.dumps(example)
    known, _ = noted.get(call, (0, {}))
    if len(text) <= LONGEST and facts(example) > known:
        noted[call] = (facts(example), example)


def facts(value: Any) -> int:
    """How many values there are that are not empty."""
    if isinstance(value, dict):
        return sum(facts(inner) for inner in value.values())
    if isinstance(value, list):
        return sum(facts(inner) for inner in value)
    return 0 if value in (None, "") else 1


def shortened(value: Any, name: str = "") -> Any:
    """The same with short lists and without secrets."""
    if isinstance(value, dict):
        return {key: shortened(inner, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [shortened(inner) for inner in value[:MOST_IN_A_LIST]]
    return "…" if name in SECRET and value else value


def write() -> None:
    """Put what was noted into the file, beside what it holds of other doors."""
    file = Path(FILE)
    examples = json.loads(file.read_text()) if file.exists() else {}
    for (method, path), (_, example) in noted.items():
        examples[f"{method.upper()} {path}"] = example
    text = json.dumps(examples, indent=1, sort_keys=True, ensure_ascii=False)
    file.write_text(text + "\n")
