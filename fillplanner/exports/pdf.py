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

from fillplanner.exports.drawings import MOST_BLOCKS, breakdown, timelines
from fillplanner.exports.fonts import Letters, letters
from fillplanner.exports.report import Fact, Report, worded
from fillplanner.gantt import blocks

PAGE = landscape(A4)
MARGIN = 18 * mm
# The frame pads its contents by six points a side.
WIDTH = PAGE[0] - 2 * MARGIN - 12
ACTIVITIES_SHOWN, RULES_SHOWN = 50, 200
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
GREY, LINE, HEAD = HexColor("#555555"), HexColor("#cccccc"), HexColor("#e3eaf2")


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
    document.build(Story(report, letters()).told(charts), canvasmaker=Numbered)
    return file.getvalue()


class Numbered(Canvas):
    """Holds the pages back until their number is known, to write it on each."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.pages: list[dict[str, Any]] = []

    def showPage(self) -> None:  # reportlab's name
        self.pages.append(dict(self.__dict__))
        self._startPage()

    def save(self) -> None:
        pages = self.pages
        for number, page in enumerate(pages, start=1):
            self.__dict__.update(page)
            self.setFont(letters().plain, 8)
            self.setFillColor(GREY)
            self.drawRightString(
                PAGE[0] - MARGIN, MARGIN / 2, f"Page {number} of {len(pages)}"
            )
            super().showPage()
        super().save()


class Story:
    """The report's parts in order."""

    def __init__(self, report: Report, fonts: Letters) -> None:
        self.report, self.fonts = report, fonts
        self.text = ParagraphStyle(
            "text", fontName=fonts.plain, fontSize=9, leading=12, wordWrap="CJK"
        )
        self.small = ParagraphStyle("small", parent=self.text, fontSize=8, leading=10)
        self.bold = ParagraphStyle("bold", parent=self.small, fontName=fonts.bold)
        self.grey = ParagraphStyle("grey", parent=self.text, textColor=GREY)
        self.title = ParagraphStyle(
            "title", parent=self.text, fontName=fonts.bold, fontSize=20, leading=26
        )
        self.section = ParagraphStyle(
            "section", parent=self.text, fontName=fonts.bold, fontSize=13, leading=20
        )

    def told(self, charts: bool) -> list[Flowable]:
        story = [*self.cover(), PageBreak()]
        if charts:
            story += [*self.timeline(), PageBreak(), *self.hours()]
        return [*story, *self.activities(), PageBreak(), *self.rules()]

    def said(self, text: str, style: ParagraphStyle | None = None) -> Paragraph:
        shown = text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…"
        return Paragraph(self.fonts.markup(shown), style or self.small)

    def cover(self) -> list[Flowable]:
        report = self.report
        facts = "; ".join(
            f"{name}: {worded(value)}" for name, value in report.facts()[1:]
        )
        name = Paragraph(self.fonts.markup(report.name), self.title)
        return [
            name,
            Spacer(1, 4 * mm),
            Paragraph(self.fonts.markup(facts), self.grey),
            Spacer(1, 8 * mm),
            self.cards(report.figures()),
        ]

    def cards(self, figures: Sequence[Fact]) -> Table:
        """Figures four in a row, each under its name."""
        value = ParagraphStyle(
            "value", parent=self.text, fontName=self.fonts.bold, fontSize=14, leading=18
        )
        cells = [
            [self.said(name, self.grey), self.said(worded(figure), value)]
            for name, figure in figures
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
        total = len(blocks(self.report.activities))
        shown = min(total, MOST_BLOCKS)
        told = (
            f"Blocks 1 to {shown} of {total}, one row each: orange cleans, blue "
            "fills, red changeovers; times in UTC."
        )
        parts: list[Flowable] = [
            self.said("Timeline", self.section),
            self.said(told, self.grey),
            Spacer(1, 3 * mm),
        ]
        return parts + timelines(self.report, self.fonts, WIDTH)

    def hours(self) -> list[Flowable]:
        return [
            self.said("Hours", self.section),
            breakdown(self.report, self.fonts, WIDTH),
            Spacer(1, 6 * mm),
        ]

    def activities(self) -> list[Flowable]:
        found = self.report.activities
        rows = [self.activity(row) for row in found[:ACTIVITIES_SHOWN]]
        parts: list[Flowable] = [
            self.said("Activities", self.section),
            self.table(TITLES, rows, WIDTHS),
        ]
        if len(found) > ACTIVITIES_SHOWN:
            rest = (
                f"… and {len(found) - ACTIVITIES_SHOWN:,} more; the spreadsheet and "
                "the CSV file have them all."
            )
            parts.append(self.said(rest, self.grey))
        return parts

    def activity(self, row: Any) -> list[str]:
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
        found = [(name, worded(value)) for name, value in self.report.rules()]
        parts = [
            self.said("Configuration", self.section),
            self.table(
                ("Rule", "Value"), found[:RULES_SHOWN], [WIDTH * 0.5, WIDTH * 0.2]
            ),
        ]
        if len(found) > RULES_SHOWN:
            parts.append(
                self.said(f"… and {len(found) - RULES_SHOWN:,} more.", self.grey)
            )
        return [
            *parts,
            self.said(
                "Letters that the file's font lacks show as a question mark.", self.grey
            ),
        ]

    def table(
        self, titles: Sequence[str], rows: Iterable[Sequence[str]], widths: list[float]
    ) -> Table:
        cells = [
            [self.said(title, self.bold) for title in titles],
            *([self.said(cell) for cell in row] for row in rows),
        ]
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
