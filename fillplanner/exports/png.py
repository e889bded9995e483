"""A plan's Gantt chart as a picture: a row a block, on white, with the colours and
patterns of the page.
"""

from __future__ import annotations

import io
import itertools
from datetime import tzinfo
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from fillplanner.exports.fonts import BOLD_OF, BUNDLED, SYSTEM
from fillplanner.exports.report import Report
from fillplanner.gantt import (
    BAR,
    CHART,
    ROW,
    ROWS_AT_ONCE,
    Bar,
    Row,
    View,
    blocks,
    chart,
)

NAMES, HEAD, FOOT, SCALE = 176, 72, 28, 2
COLOURS = {
    "fill": ("#1976d2", "#1565c0"),
    "clean": ("#ff9800", "#ffcc80"),
    "changeover": ("#f4584c", "#ff8a80"),
}
INK = {"fill": "#ffffff", "clean": "#231400", "changeover": "#200200"}
TEXT, GREY, LINE = "#171c22", "#626b76", "#e2e5e9"
# Of a longer plan the first blocks: a picture of thousands cannot be read, nor opened
# by every program.
MOST_BLOCKS = 200
Font = ImageFont.FreeTypeFont


def to_png(report: Report, zone: tzinfo | None = None) -> bytes:
    """Twice the size of the page's chart, so that it prints well; times on the clock of
    `zone`, UTC for none.
    """
    return Picture(report, zone).drawn()


class Picture:
    def __init__(self, report: Report, zone: tzinfo | None) -> None:
        self.report = report
        self.total = len(blocks(report.activities))
        rows = report.activities
        windows = [
            chart(rows, report.start, View(first=first, zone=zone))
            for first in range(1, self.last + 1, ROWS_AT_ONCE)
        ]
        self.ticks = windows[0].ticks if windows else []
        self.rows = [row for window in windows for row in window.rows][: self.last]
        self.width = NAMES + CHART + 32
        self.height = HEAD + len(self.rows) * ROW + FOOT
        self.image = Image.new(
            "RGB", (self.width * SCALE, self.height * SCALE), "#ffffff"
        )
        self.pen = ImageDraw.Draw(self.image)
        self.strips = {kind: strip(kind) for kind in COLOURS}
        self.small, self.plain, self.bold = font(11), font(12), font(18, bold=True)

    @property
    def last(self) -> int:
        return min(self.total, MOST_BLOCKS)

    def drawn(self) -> bytes:
        self.head()
        for index, row in enumerate(self.rows):
            self.row(row, HEAD + index * ROW)
        file = io.BytesIO()
        # A few colours are all there is; so the file is a third and takes half the time.
        few = self.image.quantize(
            48, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE
        )
        few.save(file, "PNG", compress_level=3, dpi=(144, 144))
        return file.getvalue()

    def head(self) -> None:
        result = self.report.result
        shown = (
            f"Blocks 1 to {self.last} of {self.total}. "
            if self.last < self.total
            else ""
        )
        said = (
            f"{shown}{self.report.strategy}, {result['makespan']:,.2f} h, "
            f"{result['utilization']:.1f} % utilization"
        )
        self.write(12, 10, self.report.name[:90], self.bold, TEXT)
        self.write(12, 34, said, self.plain, GREY)
        bottom = HEAD + len(self.rows) * ROW
        for x, text in self.ticks:
            self.pen.line(
                self.scaled(NAMES + x, HEAD, NAMES + x, bottom), fill=LINE, width=SCALE
            )
            self.write(NAMES + x - 6, HEAD - 16, text, self.small, GREY)

    def row(self, row: Row, y: int) -> None:
        line = f", line {row.line}" if row.line else ""
        self.write(12, y + 6, f"Block {row.number}{line}", self.plain, TEXT)
        self.write(12, y + 21, row.starts_text, self.small, GREY)
        for bar in row.bars:
            self.bar(bar, y + (ROW - bar.height) // 2)

    def bar(self, bar: Bar, y: int) -> None:
        left, top, right, bottom = self.scaled(
            NAMES + bar.x, y, NAMES + bar.x + bar.width, y + bar.height
        )
        width = max(1, right - left - 1)
        self.image.paste(
            self.strips[bar.kind].crop((0, 0, width, bottom - top)), (left, top)
        )
        if bar.label:
            self.pen.text(
                (left + 6 * SCALE, top + 8 * SCALE),
                bar.label,
                font=self.small,
                fill=INK[bar.kind],
            )

    def write(self, x: float, y: float, text: str, letters: Font, colour: str) -> None:
        self.pen.text(
            (round(x * SCALE), round(y * SCALE)), text, font=letters, fill=colour
        )

    @staticmethod
    def scaled(*edges: float) -> tuple[int, ...]:
        return tuple(round(edge * SCALE) for edge in edges)


def strip(kind: str) -> Image.Image:
    """The page's pattern as wide as the longest bar: slants for fills and changeovers,
    each its own way, and points for cleans.
    """
    width, height = (CHART + 32) * SCALE, BAR * SCALE
    ground, mark = COLOURS[kind]
    image = Image.new("RGB", (width, height), ground)
    pen = ImageDraw.Draw(image)
    if kind == "clean":
        for x, y in itertools.product(range(4, width, 16), range(4, height, 16)):
            pen.ellipse((x, y, x + 4, y + 4), fill=mark)
            pen.ellipse((x + 8, y + 8, x + 12, y + 12), fill=mark)
        return image
    for x in range(-height, width, 22 if kind == "fill" else 16):
        pen.line(
            (x, 0, x + height, height)
            if kind == "changeover"
            else (x + height, 0, x, height),
            mark,
            4,
        )
    return image


def font(size: int, bold: bool = False) -> Font:
    path = SYSTEM if SYSTEM.is_file() else BUNDLED
    named = path.with_name(BOLD_OF[path.name]) if bold else path
    return ImageFont.truetype(
        str(named if Path(named).is_file() else path), size * SCALE
    )
