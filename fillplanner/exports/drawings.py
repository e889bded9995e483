"""The pictures in a plan's PDF: its timeline, a row a block, and the breakdown of its hours."""

from __future__ import annotations

from collections.abc import Sequence

from reportlab.graphics.shapes import Drawing, Line, Rect, String
from reportlab.lib.colors import Color, HexColor

from common.mappings import Record
from fillplanner.drawings.gantt import blocks
from fillplanner.exports.fonts import Letters
from fillplanner.exports.report import KINDS, Report

COLOURS = {
    "fill": HexColor("#1976d2"),
    "clean": HexColor("#ff9800"),
    "changeover": HexColor("#f44336"),
}
# What can be read on each of them.
INK = {
    "fill": HexColor("#ffffff"),
    "clean": HexColor("#111111"),
    "changeover": HexColor("#111111"),
}
GREY = HexColor("#555555")
FAINT = HexColor("#cccccc")
LABELS = 100
ROW = 18
BAR = 12
SMALL = 6.5
LETTER = 0.62
BLOCKS_A_PAGE = 23
MOST_BLOCKS = 115
Activity = Record


def timelines(report: Report, letters: Letters, width: float) -> list[Drawing]:
    """A drawing a page, of the first blocks; hours from the beginning of each block on
    one scale.
    """
    everything = blocks(report.activities)
    lengths = (rows[-1]["end"] - rows[0]["start"] for rows in everything)
    longest = max(lengths, default=1.0) or 1.0
    scale = (width - LABELS) / longest
    shown = list(enumerate(everything[:MOST_BLOCKS], start=1))
    pages = [
        shown[first : first + BLOCKS_A_PAGE]
        for first in range(0, len(shown), BLOCKS_A_PAGE)
    ]
    return [timeline(report, letters, page, scale, width) for page in pages]


def timeline(
    report: Report,
    letters: Letters,
    page: Sequence[tuple[int, list[Activity]]],
    scale: float,
    width: float,
) -> Drawing:
    """The blocks of one page, by their numbers; `scale` is points an hour."""
    height = len(page) * ROW + 4
    drawing = Drawing(width, height)
    for index, (number, rows) in enumerate(page):
        y = height - (index + 1) * ROW
        begin = rows[0]["start"]
        label = f"{number}: {report.at(begin):%Y-%m-%d %H:%M}"
        drawing.add(text(0, y + 3, label, letters, GREY))
        for row in rows:
            x = LABELS + (row["start"] - begin) * scale
            bar(drawing, row, x, y, scale, letters)
    drawing.add(Line(LABELS, 0, LABELS, height, strokeColor=FAINT, strokeWidth=0.5))
    return drawing


def bar(
    drawing: Drawing, row: Activity, x: float, y: float, scale: float, letters: Letters
) -> None:
    """One activity, with its label where that fits."""
    width = row["duration_hours"] * scale
    kind = row["kind"]
    shape = Rect(
        x,
        y,
        width,
        BAR,
        fillColor=COLOURS[kind],
        strokeColor=HexColor("#ffffff"),
        strokeWidth=0.4,
    )
    drawing.add(shape)
    label = row["lot_id"] or kind.capitalize()
    if len(label) * SMALL * LETTER + 4 <= width:
        drawing.add(text(x + 2, y + 3.5, label, letters, INK[kind]))


def breakdown(report: Report, letters: Letters, width: float) -> Drawing:
    """Hours of each kind as bars of the makespan's length."""
    total = report.result["makespan"] or 1.0
    full = width - LABELS - 110
    drawing = Drawing(width, len(KINDS) * 22)
    for index, kind in enumerate(KINDS):
        y = (len(KINDS) - 1 - index) * 22 + 4
        hours = report.hours(kind)
        figures = f"{hours:,.2f} h, {100 * hours / total:.1f} %"
        drawing.add(text(0, y + 4, kind.capitalize(), letters, GREY, 9))
        drawing.add(strip(y, full, HexColor("#eeeeee")))
        drawing.add(strip(y, full * hours / total, COLOURS[kind]))
        drawing.add(text(LABELS + full + 6, y + 4, figures, letters, GREY, 9))
    return drawing


def strip(y: float, width: float, colour: Color) -> Rect:
    """A bar of the breakdown."""
    return Rect(LABELS, y, width, 14, fillColor=colour, strokeColor=None)


def text(
    x: float, y: float, shown: str, letters: Letters, colour: Color, size: float = SMALL
) -> String:
    """A text with the letters that there are."""
    return String(
        x,
        y,
        letters.plainly(shown),
        fontName=letters.plain,
        fontSize=size,
        fillColor=colour,
    )
