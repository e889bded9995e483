"""A plan as a PDF report: figures first, then timeline, breakdown, activities and rules."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    Flowable,
    PageBreak,
    Paragraph,
    SimpleDocTemplate,
    Spacer,
    Table,
    TableStyle,
)

from fillplanner.drawings.gantt import blocks
from fillplanner.exports.drawings import MOST_BLOCKS, breakdown, timelines
from fillplanner.exports.fonts import Letters, letters
from fillplanner.exports.report import Fact, Report, worded

PAGE = landscape(A4)
MARGIN = 18 * mm
# The frame pads its contents by six points a side.
WIDTH = PAGE[0] - 2 * MARGIN - 12
ACTIVITIES_SHOWN = 50
RULES_SHOWN = 200
LONGEST_TEXT = 120
TITLES = (
    "Start (h)",
    "End (h)",
    "Starts (UTC)",
    "Kind",
    "Lot",
    "Type",
    "Note",
    "Hours",
)
WIDTHS = [share * WIDTH for share in (0.09, 0.09, 0.13, 0.1, 0.17, 0.13, 0.21, 0.08)]
GREY = HexColor("#555555")
LINE = HexColor("#cccccc")
HEAD = HexColor("#e3eaf2")


def to_pdf(report: Report, charts: bool = True) -> bytes:
    """The file's bytes. Without `charts` the timeline and the breakdown are left out."""
    file = io.BytesIO()
    document = SimpleDocTemplate(
        file,
        pagesize=PAGE,
        leftMargin=MARGIN,
        rightMargin=MARGIN,
        topMargin=MARGIN,
        bottomMargin=MARGIN,
        title=report.name,
        author="Slotline",
        subject=f"Filling plan by {report.strategy}",
    )
    document.build(Story(report, letters()).parts(charts), canvasmaker=Numbered)
    return file.getvalue()


class Numbered(Canvas):
    """Holds the pages back until their number is known, to write it on each."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.pages: list[dict[str, Any]] = []

    def showPage(self) -> None:  # reportlab's name
        """Keep what the page is made of."""
        self.pages.append(dict(self.__dict__))
        self._startPage()

    def save(self) -> None:
        """Write all pages with their numbers."""
        pages = self.pages
        for number, page in enumerate(pages, start=1):
            self.__dict__.update(page)
            self.setFont(letters().plain, 8)
            self.setFillColor(GREY)
            text = f"Page {number} of {len(pages)}"
            self.drawRightString(PAGE[0] - MARGIN, MARGIN / 2, text)
            super().showPage()
        super().save()


class Story:
    """The report's parts in order."""

    def __init__(self, report: Report, fonts: Letters) -> None:
        self.report = report
        self.fonts = fonts
        self.text = ParagraphStyle(
            "text", fontName=fonts.plain, fontSize=9, leading=12, wordWrap="CJK"
        )
        self.small = ParagraphStyle("small", parent=self.text, fontSize=8, leading=10)
        self.bold = ParagraphStyle("bold", parent=self.small, fontName=fonts.bold)
        self.grey = ParagraphStyle("grey", parent=self.text, textColor=GREY)
        self.title = self.heading("title", size=20, leading=26)
        self.section = self.heading("section", size=13, leading=20)
        self.value = self.heading("value", size=14, leading=18)

    def heading(self, name: str, size: int, leading: int) -> ParagraphStyle:
        """A style of bold letters, sizes in points."""
        return ParagraphStyle(
            name,
            parent=self.text,
            fontName=self.fonts.bold,
            fontSize=size,
            leading=leading,
        )

    def parts(self, charts: bool) -> list[Flowable]:
        """All of it; timeline and breakdown only with `charts`."""
        story = [*self.cover(), PageBreak()]
        if charts:
            story += [*self.timeline(), PageBreak(), *self.hours()]
        return [*story, *self.activities(), PageBreak(), *self.rules()]

    def paragraph(self, text: str, style: ParagraphStyle | None = None) -> Paragraph:
        """A text that is cut where it is too long."""
        if len(text) > LONGEST_TEXT:
            text = text[: LONGEST_TEXT - 1] + "…"
        return Paragraph(self.fonts.markup(text), style or self.small)

    def cover(self) -> list[Flowable]:
        """The plan's name, facts and figures."""
        report = self.report
        facts = [f"{name}: {worded(value)}" for name, value in report.facts()[1:]]
        return [
            Paragraph(self.fonts.markup(report.name), self.title),
            Spacer(1, 4 * mm),
            Paragraph(self.fonts.markup("; ".join(facts)), self.grey),
            Spacer(1, 8 * mm),
            self.cards(report.figures()),
        ]

    def cards(self, figures: Sequence[Fact]) -> Table:
        """Figures four in a row, each under its name."""
        cells = [
            [self.paragraph(name, self.grey), self.paragraph(worded(value), self.value)]
            for name, value in figures
        ]
        cells += [[]] * (-len(cells) % 4)
        rows = [cells[first : first + 4] for first in range(0, len(cells), 4)]
        table = Table(rows, colWidths=[WIDTH / 4] * 4)
        table.setStyle(
            TableStyle(
                [
                    ("BOX", (0, 0), (-1, -1), 0.5, LINE),
                    ("INNERGRID", (0, 0), (-1, -1), 0.5, LINE),
                    ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ]
            )
        )
        return table

    def timeline(self) -> list[Flowable]:
        """The first blocks, a row each."""
        total = len(blocks(self.report.activities))
        shown = min(total, MOST_BLOCKS)
        legend = (
            f"Blocks 1 to {shown} of {total}, one row each: orange cleans, blue "
            "fills, red changeovers; times in UTC."
        )
        parts: list[Flowable] = [
            self.paragraph("Timeline", self.section),
            self.paragraph(legend, self.grey),
            Spacer(1, 3 * mm),
        ]
        return parts + timelines(self.report, self.fonts, WIDTH)

    def hours(self) -> list[Flowable]:
        """What the hours go into."""
        return [
            self.paragraph("Hours", self.section),
            breakdown(self.report, self.fonts, WIDTH),
            Spacer(1, 6 * mm),
        ]

    def activities(self) -> list[Flowable]:
        """The first activities, a row each."""
        activities = self.report.activities
        rows = [self.activity(row) for row in activities[:ACTIVITIES_SHOWN]]
        parts: list[Flowable] = [
            self.paragraph("Activities", self.section),
            self.table(TITLES, rows, WIDTHS),
        ]
        more = len(activities) - ACTIVITIES_SHOWN
        if more > 0:
            rest = "the spreadsheet and the CSV file have them all."
            parts.append(self.paragraph(f"… and {more:,} more; {rest}", self.grey))
        return parts

    def activity(self, row: Any) -> list[str]:
        """An activity under the titles of TITLES."""
        begin: datetime = self.report.at(row["start"])
        return [
            f"{row['start']:,.2f}",
            f"{row['end']:,.2f}",
            f"{begin:%Y-%m-%d %H:%M}",
            row["kind"].capitalize(),
            row["lot_id"] or "",
            row["lot_type"] or "",
            row["note"] or "",
            f"{row['duration_hours']:,.2f}",
        ]

    def rules(self) -> list[Flowable]:
        """The first rules, a row each."""
        rules = [(name, worded(value)) for name, value in self.report.rules()]
        widths = [WIDTH * 0.5, WIDTH * 0.2]
        parts = [
            self.paragraph("Configuration", self.section),
            self.table(("Rule", "Value"), rules[:RULES_SHOWN], widths),
        ]
        more = len(rules) - RULES_SHOWN
        if more > 0:
            parts.append(self.paragraph(f"… and {more:,} more.", self.grey))
        letters_note = "Letters that the file's font lacks show as a question mark."
        return [*parts, self.paragraph(letters_note, self.grey)]

    def table(
        self, titles: Sequence[str], rows: Iterable[Sequence[str]], widths: list[float]
    ) -> Table:
        """A table whose titles come again on every page; widths in points."""
        cells = [[self.paragraph(title, self.bold) for title in titles]]
        cells += [[self.paragraph(cell) for cell in row] for row in rows]
        table = Table(cells, colWidths=widths, repeatRows=1, hAlign="LEFT")
        table.setStyle(
            TableStyle(
                [
                    ("BACKGROUND", (0, 0), (-1, 0), HEAD),
                    ("LINEBELOW", (0, 0), (-1, -1), 0.25, LINE),
                    ("VALIGN", (0, 0), (-1, -1), "TOP"),
                    ("TOPPADDING", (0, 0), (-1, -1), 1.5),
                    ("BOTTOMPADDING", (0, 0), (-1, -1), 1.5),
                ]
            )
        )
        return table
