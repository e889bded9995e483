"""A plan's Gantt chart as a picture: a row a block, on white, with the colours and
patterns of the page.
"""

from __future__ import annotations

import io
import itertools
from datetime import tzinfo

from PIL import Image, ImageDraw, ImageFont

from fillplanner.drawings.gantt import (
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
from fillplanner.exports.fonts import BOLD_OF, BUNDLED, SYSTEM
from fillplanner.exports.report import Report

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
    """The chart of a report, its times on the clock of `zone`, UTC for none."""

    def __init__(self, report: Report, zone: tzinfo | None) -> None:
        self.report = report
        self.total = len(blocks(report.activities))
        windows = [
            chart(report.activities, report.start, View(first=first, zone=zone))
            for first in range(1, self.last + 1, ROWS_AT_ONCE)
        ]
        self.ticks = windows[0].ticks if windows else []
        self.rows = [row for window in windows for row in window.rows][: self.last]
        self.width = NAMES + CHART + 32
        self.height = HEAD + len(self.rows) * ROW + FOOT
        size = self.width * SCALE, self.height * SCALE
        self.image = Image.new("RGB", size, "#ffffff")
        self.pen = ImageDraw.Draw(self.image)
        self.strips = {kind: strip(kind) for kind in COLOURS}
        self.small = font(11)
        self.plain = font(12)
        self.bold = font(18, bold=True)

    @property
    def last(self) -> int:
        """The last block that is drawn."""
        return min(self.total, MOST_BLOCKS)

    def drawn(self) -> bytes:
        """The file's bytes."""
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
        """Name, figures and the hours above the chart."""
        self.write(12, 10, self.report.name[:90], self.bold, TEXT)
        self.write(12, 34, self.figures(), self.plain, GREY)
        bottom = HEAD + len(self.rows) * ROW
        for tick_x, text in self.ticks:
            x = NAMES + tick_x
            self.pen.line(self.scaled(x, HEAD, x, bottom), fill=LINE, width=SCALE)
            self.write(x - 6, HEAD - 16, text, self.small, GREY)

    def figures(self) -> str:
        """What the plan is like, and how much of it is shown."""
        result = self.report.result
        makespan = f"{result['makespan']:,.2f} h"
        utilization = f"{result['utilization']:.1f} % utilization"
        figures = f"{self.report.strategy}, {makespan}, {utilization}"
        if self.last < self.total:
            return f"Blocks 1 to {self.last} of {self.total}. {figures}"
        return figures

    def row(self, row: Row, y: int) -> None:
        """A block's name and its bars."""
        line = f", line {row.line}" if row.line else ""
        self.write(12, y + 6, f"Block {row.number}{line}", self.plain, TEXT)
        self.write(12, y + 21, row.starts_text, self.small, GREY)
        for bar in row.bars:
            self.bar(bar, y + (ROW - bar.height) // 2)

    def bar(self, bar: Bar, y: int) -> None:
        """A piece of the kind's pattern, with its label."""
        x = NAMES + bar.x
        left, top, right, bottom = self.scaled(x, y, x + bar.width, y + bar.height)
        piece = (0, 0, max(1, right - left - 1), bottom - top)
        self.image.paste(self.strips[bar.kind].crop(piece), (left, top))
        if bar.label:
            place = left + 6 * SCALE, top + 8 * SCALE
            self.pen.text(place, bar.label, font=self.small, fill=INK[bar.kind])

    def write(self, x: float, y: float, text: str, letters: Font, colour: str) -> None:
        """Put a text where its upper left corner is to be."""
        place = round(x * SCALE), round(y * SCALE)
        self.pen.text(place, text, font=letters, fill=colour)

    @staticmethod
    def scaled(*edges: float) -> tuple[int, ...]:
        """Units of the drawing in points of the picture."""
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
            point(pen, x, y, mark)
            point(pen, x + 8, y + 8, mark)
        return image
    for x in range(-height, width, 22 if kind == "fill" else 16):
        falling = (x, 0, x + height, height)
        rising = (x + height, 0, x, height)
        pen.line(falling if kind == "changeover" else rising, mark, 4)
    return image


def point(pen: ImageDraw.ImageDraw, x: int, y: int, colour: str) -> None:
    """One point of the pattern of cleans."""
    pen.ellipse((x, y, x + 4, y + 4), fill=colour)


def font(size: int, bold: bool = False) -> Font:
    """The system's letters, else those that come with the product."""
    path = SYSTEM if SYSTEM.is_file() else BUNDLED
    if bold:
        bold_path = path.with_name(BOLD_OF[path.name])
        path = bold_path if bold_path.is_file() else path
    return ImageFont.truetype(str(path), size * SCALE)
