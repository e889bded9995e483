"""Geometry of the charts that templates draw as SVG. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

WIDTH, HEIGHT, GAP = 1080, 180, 3
# Of many days each bar keeps this share of its place; of so many days every seventh has a label.
LEAST_SHARE, MOST_LABELLED = 0.7, 84


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
    """A bar a day, scaled to the largest value; every seventh is labelled, of many days fewer. An empty day has height
    0."""
    most = max((value for _, value in series), default=0) or 1
    step = WIDTH / max(1, len(series))
    labelled = 7 * max(1, -(-len(series) // MOST_LABELLED))
    return [
        Bar(
            round(i * step, 2),
            round(HEIGHT * (1 - value / most), 2),
            round(max(step - GAP, step * LEAST_SHARE), 2),
            round(HEIGHT * value / most, 2),
            day,
            value,
            i % labelled == 0,
        )
        for i, (day, value) in enumerate(series)
    ]


@dataclass(frozen=True)
class Line:
    """A line over days in the same chart: its points as SVG has them, broken where a day has no value, and its dots."""

    paths: tuple[str, ...]
    dots: tuple[tuple[float, float, str], ...]


def line(series: Sequence[tuple[date, float | None]], unit: str = "%") -> Line:
    """A line from a value a day, scaled to the largest."""
    most = max((value for _, value in series if value is not None), default=0) or 1
    step = WIDTH / max(1, len(series))
    paths: list[list[str]] = [[]]
    dots = []
    for i, (day, value) in enumerate(series):
        if value is None:
            paths.append([])
            continue
        x, y = round((i + 0.5) * step, 2), round(HEIGHT * (1 - 0.94 * value / most), 2)
        paths[-1].append(f"{x},{y}")
        dots.append((x, y, f"{day:%a} {day.day} {day:%b}: {value:.1f} {unit}"))
    return Line(tuple(" ".join(points) for points in paths if len(points) > 1), tuple(dots))


HOURS, DAYS = 24, 7
CELL, LEFT, TOP = 24, 34, 16
HEAT_WIDTH, HEAT_HEIGHT = LEFT + HOURS * CELL, TOP + DAYS * CELL
SHADES = 9
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass(frozen=True)
class HeatCell:
    """An hour of the week in a map of 610 x 184 units: its place, its value, a shade of 0 to 9 and what it says."""

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


def heat_rows(values: Mapping[tuple[int, int], float], unit: str = "%", most: float | None = None) -> list[HeatRow]:
    """A row a weekday (Monday 0) from values by (weekday, hour); hours without one have shade 0 and value None.
    `most` has the darkest shade, by default the largest value."""
    top = most or max(values.values(), default=0) or 1
    return [
        HeatRow(
            name,
            TOP + day * CELL + CELL * 2 // 3,
            tuple(_heat_cell(values, day, hour, top, unit) for hour in range(HOURS)),
        )
        for day, name in enumerate(WEEKDAYS)
    ]


def _heat_cell(values: Mapping[tuple[int, int], float], day: int, hour: int, most: float, unit: str) -> HeatCell:
    value = values.get((day, hour))
    shade = 0 if value is None else 1 + round((SHADES - 1) * min(1.0, max(0.0, value / most)))
    said = "no data" if value is None else f"{value:.0f} {unit}" if value >= 10 else f"{value:.1f} {unit}"
    return HeatCell(LEFT + hour * CELL, TOP + day * CELL, value, shade, f"{WEEKDAYS[day]} {hour:02}:00: {said}")


HEAT_HOURS = tuple((LEFT + hour * CELL, f"{hour:02}") for hour in range(0, HOURS, 3))


def heat_table(rows: Sequence[HeatRow]) -> list[tuple[str, tuple[float | None, ...]]]:
    """The same numbers by hour: its name, and the seven values from Monday on."""
    return [(f"{hour:02}:00", tuple(row.cells[hour].value for row in rows)) for hour in range(HOURS)]
