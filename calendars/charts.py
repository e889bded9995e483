"""Geometry of the charts that templates draw as SVG. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain
from typing import NamedTuple

from common.svg import Scale, from_zero, marks, round_step

WIDTH = 1080
HEIGHT = 180
GAP = 3
# Of many days each bar keeps this share of its place; of so many days every seventh has a label.
LEAST_SHARE = 0.7
MOST_LABELLED = 84
LINE_FILLS = 0.94


@dataclass(frozen=True)
class Bar:
    """One bar in a chart of 1080 x 180 units, with what it stands for."""

    x: float
    y: float
    width: float
    height: float
    day: date
    value: int
    labelled: bool


def bars(series: Sequence[tuple[date, int]]) -> list[Bar]:
    """A bar a day, scaled to the largest value; every seventh is labelled, of many days
    fewer. An empty day has height 0.
    """
    up = from_zero(max((value for _, value in series), default=0), HEIGHT, 0)
    step = WIDTH / max(1, len(series))
    width = round(max(step - GAP, step * LEAST_SHARE), 2)
    labelled = 7 * max(1, math.ceil(len(series) / MOST_LABELLED))
    return [
        Bar(
            x=round(i * step, 2),
            y=up.at(value),
            width=width,
            height=up.length(value),
            day=day,
            value=value,
            labelled=i % labelled == 0,
        )
        for i, (day, value) in enumerate(series)
    ]


@dataclass(frozen=True)
class Tick:
    """A level of the same chart and what it stands for."""

    y: float
    label: str


def ticks(most: float, unit: str = "", filled: float = 1.0) -> list[Tick]:
    """The levels of the largest value, which fills that share of the height, and of half of it."""
    digits = 1 if unit else 0
    up = from_zero(most, HEIGHT, HEIGHT * (1 - filled))
    levels = [share * most for share in (0.5, 1.0)] if most else []
    whole = [level for level in levels if unit or level == int(level)]
    return [Tick(up.at(level), f"{level:.{digits}f} {unit}".strip()) for level in whole]


class Dot(NamedTuple):
    """A value of the same chart, and what it says."""

    x: float
    y: float
    label: str


@dataclass(frozen=True)
class Line:
    """A line over days in the same chart: its points as SVG has them, broken where a
    day has no value, and its dots.
    """

    paths: tuple[str, ...]
    dots: tuple[Dot, ...]


def line(series: Sequence[tuple[date, float | None]], unit: str = "%") -> Line:
    """A line from a value a day, scaled to the largest, which leaves some room above."""
    values = [value for _, value in series if value is not None]
    up = from_zero(max(values, default=0), HEIGHT, HEIGHT * (1 - LINE_FILLS))
    step = WIDTH / max(1, len(series))
    stretches: list[list[Dot]] = [[]]
    for i, (day, value) in enumerate(series):
        if value is None:
            stretches.append([])
            continue
        label = f"{day:%a} {day.day} {day:%b}: {value:.1f} {unit}"
        dot = Dot(round((i + 0.5) * step, 2), up.at(value), label)
        stretches[-1].append(dot)
    paths = (svg_points(dots) for dots in stretches if len(dots) > 1)
    return Line(tuple(paths), tuple(chain.from_iterable(stretches)))


def svg_points(dots: Sequence[Dot]) -> str:
    """What a polyline goes through."""
    return " ".join(f"{dot.x},{dot.y}" for dot in dots)


HOURS = 24
DAYS = 7
CELL = 24
LEFT = 34
TOP = 16
HEAT_WIDTH = LEFT + HOURS * CELL
HEAT_HEIGHT = TOP + DAYS * CELL
SHADES = 9
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass(frozen=True)
class HeatCell:
    """An hour of the week in a map of 610 x 184 units: its place, its value, a shade of
    0 to 9 and what it says.
    """

    x: int
    y: int
    value: float | None
    shade: int
    label: str


@dataclass(frozen=True)
class HeatRow:
    name: str
    text_y: int
    cells: tuple[HeatCell, ...]


def heat_rows(
    values: Mapping[tuple[int, int], float], unit: str = "%", most: float | None = None
) -> list[HeatRow]:
    """A row a weekday (Monday 0) from values by (weekday, hour); hours without one have
    shade 0 and value None. `most` has the darkest shade, by default the largest value.
    """
    top = most or max(values.values(), default=0) or 1

    def cell(day: int, hour: int) -> HeatCell:
        value = values.get((day, hour))
        return HeatCell(
            x=LEFT + hour * CELL,
            y=TOP + day * CELL,
            value=value,
            shade=0 if value is None else shade_of(value / top),
            label=f"{WEEKDAYS[day]} {hour:02}:00: {value_text(value, unit)}",
        )

    return [
        HeatRow(
            name=name,
            text_y=TOP + day * CELL + CELL * 2 // 3,
            cells=tuple(cell(day, hour) for hour in range(HOURS)),
        )
        for day, name in enumerate(WEEKDAYS)
    ]


def shade_of(share: float) -> int:
    """From 1 to 9, the darkest, for a share from 0 to 1 or beyond."""
    within = min(1.0, max(0.0, share))
    return 1 + round((SHADES - 1) * within)


def value_text(value: float | None, unit: str) -> str:
    """With one digit after the point below ten, with none above."""
    if value is None:
        return "no data"
    digits = 0 if value >= 10 else 1
    return f"{value:.{digits}f} {unit}"


HEAT_HOURS = tuple((LEFT + hour * CELL, f"{hour:02}") for hour in range(0, HOURS, 3))


def heat_table(rows: Sequence[HeatRow]) -> list[tuple[str, tuple[float | None, ...]]]:
    """The same numbers by hour: its name, and the seven values from Monday on."""
    return [
        (f"{hour:02}:00", tuple(row.cells[hour].value for row in rows))
        for hour in range(HOURS)
    ]


EFFECTS_WIDTH = 760
EFFECTS_LEFT = 170
EFFECT_HEIGHT = 34
STEPS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0)
# More than that is not drawn: an interval may reach any height.
LOWEST = -1.0
HIGHEST = 4.0
LEAST_REACH = 0.2
MOST_STEPS = 6


class NamedEffect(NamedTuple):
    """How a variant does beside the first: estimate and interval as shares (0.1 is ten
    percent more); without a high nothing is known yet.
    """

    name: str
    estimate: float
    low: float
    high: float | None


@dataclass(frozen=True)
class EffectRow:
    """One variant's interval and estimate in a chart of 760 units: where they lie, and
    what they say. `is_known` is whether there are bounds at all.
    """

    name: str
    y: int
    low: float
    width: float
    estimate: float
    is_known: bool
    label: str


@dataclass(frozen=True)
class EffectChart:
    rows: tuple[EffectRow, ...]
    ticks: tuple[tuple[float, str], ...]
    zero: float
    height: int
    width: int = EFFECTS_WIDTH


def effect_chart(effects: Sequence[NamedEffect]) -> EffectChart:
    """Variants below each other, on an axis that has room for all of them."""
    step, across = _axis(effects)
    rows = tuple(_effect_row(n, effect, across) for n, effect in enumerate(effects))
    ticks = tuple(
        (across.at(value), f"{value:+.0%}" if value else "0")
        for value in marks(step, across.low, across.high)
    )
    height = len(rows) * EFFECT_HEIGHT + 26
    return EffectChart(rows, ticks, across.at(0.0), height)


def _axis(effects: Sequence[NamedEffect]) -> tuple[float, Scale]:
    """How far marks are apart, and an axis that begins and ends at one."""
    values = [-LEAST_REACH, LEAST_REACH]
    for _, estimate, low, high in effects:
        if high is not None:
            values += [estimate, low, high]
    first = max(LOWEST, min(values))
    last = min(HIGHEST, max(values))
    step = round_step(STEPS, (last - first) / MOST_STEPS)
    begin = math.floor(first / step) * step
    end = math.ceil(last / step) * step
    return step, Scale(begin, end, EFFECTS_LEFT, EFFECTS_WIDTH - 30)


def _effect_row(number: int, effect: NamedEffect, across: Scale) -> EffectRow:
    """The number is the row's, from 0; what is not known reaches from end to end."""
    name, estimate, low, high = effect
    if high is None:
        estimate = 0.0
        low = LOWEST
        high = HIGHEST
        text = "not enough data yet"
    else:
        text = f"{estimate:+.0%}, between {low:+.0%} and {high:+.0%}"
    begin = across.at(across.within(low))
    end = across.at(across.within(high))
    return EffectRow(
        name=name,
        y=number * EFFECT_HEIGHT + EFFECT_HEIGHT // 2,
        low=begin,
        width=round(end - begin, 2),
        estimate=across.at(across.within(estimate)),
        is_known=effect.high is not None,
        label=f"{name}: {text}",
    )
