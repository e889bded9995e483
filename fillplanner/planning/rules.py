"""Reading a line's rules from the wire: every key changes the plan or is refused by name."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from typing import Any, ClassVar

from common.mappings import JsonObject, Record, Values
from fillplanner.planning.calendar_rules import calendar_wire, read_calendar
from fillplanner.planning.problem import LineConfig, Tunables

ALIASES = {
    "max_clean_hours": "clean_hours",
    "CLEAN_HOURS": "clean_hours",
    "WINDOW_HOURS": "window_hours",
    "CHG_SAME_HOURS": "same_type_changeover_hours",
    "CHG_DIFF_HOURS": "default_changeover_hours",
    "CHANGEOVER_DEFAULT": "default_changeover_hours",
    "CHANGEOVER_MATRIX": "changeover_matrix",
    "FILL_RATE_VPH": "fill_rate_vph",
    "milp-opt": "milp_opt",
    "milp": "milp_opt",
}
HOURS = (
    "clean_hours",
    "window_hours",
    "same_type_changeover_hours",
    "default_changeover_hours",
    "fill_rate_vph",
)
SWITCHES = ("lines", "allow_waiting", "priority_levels")
MOST_LINES = 50
POSITIVE = {"window_hours", "fill_rate_vph"}
# Knobs may stand at the top or under the name of a strategy that reads them.
SCORING = {
    "beam_width",
    "score_alpha",
    "score_beta",
    "slack_waste_weight",
    "dynamic_switch_mult_min",
    "dynamic_switch_mult_max",
}
SECTIONS: dict[str, set[str]] = {
    "smart_pack": SCORING | {"streak_bonus"},
    "spt_pack": set(),
    "lpt_pack": set(),
    "cfs_pack": {"cluster_order", "within"},
    "milp_opt": {
        "time_limit",
        "milp_time_limit",
        "max_lots",
        "max_blocks",
        "seed",
        "work_limit",
    },
    "hybrid_pack": SCORING | {"same_type_bonus", "spt_weight", "switch_penalty_mult"},
}
CHOICES = {"cluster_order": ("by_count", "by_total_hours"), "within": ("LPT", "SPT")}
TUNABLES = {knob.name: knob for knob in fields(Tunables)}
WHOLE_NUMBERS = {
    "beam_width": (1, 10),
    "max_lots": (1, None),
    "max_blocks": (1, None),
    "seed": (0, None),
    "work_limit": (1, None),
}
MOST_HOURS = 1e6
MOST_WHOLE = 2**31 - 1
KNOB_ALIASES = {"time_limit": "milp_time_limit"}


class ConfigError(ValueError):
    """Rules that cannot be used; `errors` names each key."""

    def __init__(self, errors: list[str]) -> None:
        super().__init__("; ".join(errors))
        self.errors = errors


def read_config(wire: Record | None) -> LineConfig:
    """The rules in a wire object; None and {} give the defaults. Raises ConfigError
    with all complaints.

    wire: as JSON has it; keys may be those of older versions.
    """
    if wire is None:
        return LineConfig()
    if not isinstance(wire, Mapping):
        raise ConfigError(["config must be an object"])
    reader = Reader()
    for key, value in wire.items():
        reader.read(str(key), value)
    if reader.errors:
        raise ConfigError(reader.errors)
    return LineConfig(**reader.rules, tunables=Tunables(**reader.knobs))


class Reader:
    """Collects rules, knobs and complaints key by key."""

    def __init__(self) -> None:
        self.rules: Values = {}
        self.knobs: Values = {}
        self.errors: list[str] = []

    def read(self, key: str, value: Any) -> None:
        """Take one key of the config in."""
        name = ALIASES.get(key, key)
        if name in self.rules:
            self.errors.append(f"'{key}' is given twice (also as '{name}' or an alias)")
        elif name in HOURS:
            hours = number(value, least=0.0, above=name in POSITIVE)
            self._keep(self.rules, key, name, hours)
        elif name in self.OTHERS:
            self.OTHERS[name](self, key, value)
        elif name in SECTIONS:
            self._section(name, value)
        elif key in TUNABLES:
            self._knob(key, key, value)
        else:
            self.errors.append(f"'{key}' is not a known key")

    def _keep(self, target: Values, key: str, name: str, value: float | str) -> None:
        """Keep a value, or note what is wrong with it where it is a text."""
        if isinstance(value, str):
            self.errors.append(f"'{key}' {value}")
        else:
            target[name] = value

    def _section(self, key: str, value: Any) -> None:
        """The knobs under a strategy's name."""
        if not isinstance(value, Mapping):
            self.errors.append(f"'{key}' must be an object")
            return
        for knob, inner in value.items():
            named = f"{key}.{knob}"
            if knob in SECTIONS[key]:
                self._knob(named, KNOB_ALIASES.get(knob, str(knob)), inner)
            elif knob in TUNABLES:
                strategy = key.replace("_", "-")
                self.errors.append(f"'{named}' is not read by {strategy}")
            else:
                self.errors.append(f"'{named}' is not a known key")

    def _knob(self, key: str, name: str, value: Any) -> None:
        """A knob of a strategy; `key` is how it is written, `name` how it is called."""
        if name in self.knobs and self.knobs[name] != value:
            self.errors.append(
                f"'{key}' contradicts another '{name}': one value serves all strategies"
            )
        elif name in CHOICES:
            self._choice(key, name, value)
        elif name in WHOLE_NUMBERS:
            self._keep(self.knobs, key, name, whole_number(value, *WHOLE_NUMBERS[name]))
        else:
            above = name == "milp_time_limit"
            self._keep(self.knobs, key, name, number(value, least=0.0, above=above))

    def _choice(self, key: str, name: str, value: Any) -> None:
        """A knob that has one of a few words."""
        if value in CHOICES[name]:
            self.knobs[name] = value
        else:
            self.errors.append(f"'{key}' must be one of {', '.join(CHOICES[name])}")

    def _matrix(self, key: str, value: Any) -> None:
        """Changeover hours from type to type."""
        if not is_matrix(value):
            self.errors.append(
                f"'{key}' must be an object of objects: from type, to type, hours"
            )
            return
        matrix: dict[str, dict[str, float]] = {}
        for source, row in value.items():
            for target, hours in row.items():
                target_row = matrix.setdefault(str(source), {})
                named = f"{key}.{source}.{target}"
                self._keep(target_row, named, str(target), number(hours, least=0.0))
        self.rules["changeover_matrix"] = matrix

    def _lines(self, key: str, value: Any) -> None:
        """How many equal lines there are."""
        self._keep(self.rules, key, "lines", whole_number(value, 1, MOST_LINES))

    def _waiting(self, key: str, value: Any) -> None:
        """Whether the line may stand idle for the sake of target windows."""
        right = isinstance(value, bool)
        read = value if right else "must be true or false"
        self._keep(self.rules, key, "allow_waiting", read)

    def _calendar(self, key: str, value: Any) -> None:
        """When the line works."""
        calendar, complaints = read_calendar(value)
        for text in complaints:
            named = f"'{key}'" if text.startswith("must") else f"'{key}':"
            self.errors.append(f"{named} {text}")
        self.rules["calendar"] = calendar

    def _frozen(self, key: str, value: Any) -> None:
        """Blocks that come first and as they are."""
        blocks: list[Any] = value if isinstance(value, list) else [None]
        if not all(isinstance(block, list) and block for block in blocks):
            self.errors.append(f"'{key}' must be a list of lists of lot ids")
            return
        self.rules["frozen_blocks"] = tuple(
            tuple(str(lot_id).strip() for lot_id in block) for block in blocks
        )

    def _priorities(self, key: str, value: Any) -> None:
        """Names of priorities, and what each is worth."""
        if not isinstance(value, Mapping):
            self.errors.append(f"'{key}' must be an object: name to weight")
            return
        levels: dict[str, float] = {}
        for name, weight in value.items():
            self._keep(levels, f"{key}.{name}", str(name), number(weight, least=0.0))
        self.rules["priority_levels"] = levels

    OTHERS: ClassVar[dict[str, Callable[[Reader, str, Any], None]]] = {
        "changeover_matrix": _matrix,
        "lines": _lines,
        "allow_waiting": _waiting,
        "calendar": _calendar,
        "frozen_blocks": _frozen,
        "priority_levels": _priorities,
    }


def is_matrix(value: Any) -> bool:
    """Whether this is an object of objects."""
    if not isinstance(value, Mapping):
        return False
    return all(isinstance(row, Mapping) for row in value.values())


def number(value: Any, least: float, above: bool = False) -> float | str:
    """The value as a float, or what is wrong with it.

    least: what it must be at least, or `above`.
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        return f"must be a number (got {value!r})"
    try:
        parsed = float(value)
    except OverflowError:
        return "is too large"
    if not math.isfinite(parsed):
        return "must be a finite number"
    if parsed < least or (above and parsed == least):
        limit = "more than" if above else "at least"
        return f"must be {limit} {least:g} (got {parsed:g})"
    return parsed if parsed <= MOST_HOURS else "is too large"


def whole_number(value: Any, least: int, most: int | None) -> int | str:
    """The value as it is, or what is wrong with it.

    value: what is written.
    least, most: the limits, None for no upper one.
    """
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    if is_whole and least <= value <= (most or MOST_WHOLE):
        return int(value)
    limits = f"from {least} to {most}" if most else f"of at least {least}"
    return f"must be a whole number {limits}"


def to_wire(config: LineConfig) -> JsonObject:
    """The rules as a wire object that `read_config` reads back as the same rules; knobs
    only where changed.
    """
    wire: JsonObject = {name: getattr(config, name) for name in HOURS}
    if config.changeover_matrix:
        matrix = config.changeover_matrix
        wire["changeover_matrix"] = {
            source: dict(row) for source, row in matrix.items()
        }
    wire |= changed(config, LineConfig(), SWITCHES)
    if config.calendar is not None:
        wire["calendar"] = calendar_wire(config.calendar)
    if config.frozen_blocks:
        wire["frozen_blocks"] = [list(block) for block in config.frozen_blocks]
    return wire | changed(config.tunables, Tunables(), TUNABLES)


def changed(rules: Any, usual: Any, names: Iterable[str]) -> JsonObject:
    """Which of these attributes are others than usual."""
    return {
        name: getattr(rules, name)
        for name in names
        if getattr(rules, name) != getattr(usual, name)
    }
