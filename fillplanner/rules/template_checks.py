"""What a config template may hold: keys of the wire contract, keys of the planner, and
keys that are only kept.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from common.mappings import JsonObject, Record
from fillplanner.planning.rules import ConfigError, number, read_config

STRATEGY_NAMES = (
    "smart-pack",
    "spt-pack",
    "lpt-pack",
    "cfs-pack",
    "hybrid-pack",
    "milp-opt",
)
MOST_BYTES = 512 * 1024
# More levels than any rule needs, fewer than what reads and writes JSON can bear.
DEEPEST = 50
SYSTEM_DEFAULT: JsonObject = {
    "max_clean_hours": 4.0,
    "default_changeover_hours": 2.0,
    "min_lot_spacing_hours": 0.5,
    "window_penalty_weight": 1.0,
    "priority_levels": {"high": 3.0, "medium": 2.0, "low": 1.0},
    "changeover_matrix": {},
    "milp_time_limit": 300,
    "allowed_strategies": list(STRATEGY_NAMES),
}


@dataclass
class TemplateVerdict:
    """What is said of a config; warnings do not keep it from being used."""

    errors: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @property
    def valid(self) -> bool:
        """Whether the config can be kept."""
        return not self.errors


def check_template(config: object) -> TemplateVerdict:
    """Everything that is wrong with a template's config, key by key, then as a whole."""
    verdict = TemplateVerdict()
    if not isinstance(config, Mapping):
        verdict.errors.append("config must be an object")
        return verdict
    verdict.errors += unstorable(config)
    if verdict.errors:
        return verdict
    for key, value in config.items():
        check_key(str(key), value, verdict)
    if verdict.valid:
        verdict.errors += complaints(planning_part(config))
    return verdict


def check_key(key: str, value: Any, verdict: TemplateVerdict) -> None:
    """Add to the verdict what is to be said of one key."""
    errors = list(CHECKS[key](key, value)) if key in CHECKS else []
    if not errors and key != "allowed_strategies":
        errors = complaints({key: value})
    unread = is_unread(key, errors)
    if errors and not unread:
        verdict.errors += errors
        return
    if key in UNUSUAL and value > UNUSUAL[key][0]:
        verdict.warnings.append(UNUSUAL[key][1])
    if unread:
        verdict.warnings.append(f"'{key}' is kept but not used for planning")


def planning_part(config: Record) -> JsonObject:
    """The keys that the planner reads."""
    read = {key: value for key, value in config.items() if key != "allowed_strategies"}
    return {
        key: value
        for key, value in read.items()
        if not is_unread(key, complaints({key: value}))
    }


def unread_keys(config: Record) -> list[str]:
    """The keys that are kept but do not change a plan."""
    read = planning_part(config)
    return [key for key in config if key not in read and key != "allowed_strategies"]


def complaints(config: Record) -> list[str]:
    """What the planner would say of these rules."""
    try:
        read_config(config)
    except ConfigError as error:
        return error.errors
    return []


def is_unread(key: str, errors: list[str]) -> bool:
    """Whether the planner has no use for the key, whatever its value."""
    return any(
        text == f"'{key}' is not a known key" or text.startswith(f"'{key}' belongs to ")
        for text in errors
    )


# --- the contract's keys
# ---------------------------------------------------------------------------------


def at_least_zero(key: str, value: Any) -> Iterator[str]:
    """A number of at least 0."""
    parsed = number(value, least=0.0)
    if isinstance(parsed, str):
        yield f"'{key}' {parsed}"


def above_zero(key: str, value: Any) -> Iterator[str]:
    """A number above 0."""
    parsed = number(value, least=0.0, above=True)
    if isinstance(parsed, str):
        yield f"'{key}' {parsed}"


def matrix(key: str, value: Any) -> Iterator[str]:
    """Hours from type to type."""
    if not isinstance(value, Mapping):
        yield f"'{key}' must be an object of objects: from type, to type, hours"
        return
    for source, row in value.items():
        if not isinstance(row, Mapping):
            yield f"'{key}.{source}' must be an object: to type, hours"
            continue
        for target, hours in row.items():
            yield from at_least_zero(f"{key}.{source}.{target}", hours)


def levels(key: str, value: Any) -> Iterator[str]:
    """Names of priorities and their weights."""
    if not isinstance(value, Mapping):
        yield f"'{key}' must be an object: level, weight"
        return
    for level, weight in value.items():
        parsed = number(weight, least=-math.inf)
        if isinstance(parsed, str):
            yield f"'{key}.{level}' {parsed}"


def strategies(key: str, value: Any) -> Iterator[str]:
    """Names of strategies that there are."""
    if not isinstance(value, list):
        yield f"'{key}' must be a list"
        return
    for name in value:
        if name not in STRATEGY_NAMES:
            yield (
                f"'{key}': invalid strategy '{str(name)[:40]}'; use some of "
                f"{', '.join(STRATEGY_NAMES)}"
            )


CHECKS: dict[str, Callable[[str, Any], Iterator[str]]] = {
    "max_clean_hours": at_least_zero,
    "changeover_matrix": matrix,
    "default_changeover_hours": at_least_zero,
    "min_lot_spacing_hours": at_least_zero,
    "window_penalty_weight": at_least_zero,
    "priority_levels": levels,
    "milp_time_limit": above_zero,
    "allowed_strategies": strategies,
}
UNUSUAL: dict[str, tuple[float, str]] = {
    "max_clean_hours": (24, "'max_clean_hours' above 24 is unusual"),
    "milp_time_limit": (
        3600,
        "'milp_time_limit' above 3600 seconds (1 hour) may be too long",
    ),
}


# --- what a database can keep
# ----------------------------------------------------------------------------


def unstorable(config: Record) -> list[str]:
    """Why the config cannot be kept as JSON, if so."""
    try:
        text = json.dumps(config, ensure_ascii=False, allow_nan=False)
        size = len(text.encode())
        nul = any("\x00" in part for part in texts(config))
    except RecursionError:
        return ["config is nested too deeply"]
    except UnicodeEncodeError:
        return ["config holds characters that are none"]
    except ValueError:
        return ["config holds a number that is not finite"]
    if nul:
        return ["config holds a NUL character"]
    return (
        [f"config is larger than {MOST_BYTES // 1024} KB"] if size > MOST_BYTES else []
    )


def texts(value: Any, depth: int = DEEPEST) -> Iterator[str]:
    """Every text in a JSON value, names of keys included. Raises RecursionError for one
    nested too deeply.
    """
    if depth == 0:
        raise RecursionError
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield str(name)
            yield from texts(inner, depth - 1)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner, depth - 1)
