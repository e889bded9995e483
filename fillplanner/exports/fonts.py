"""Letters for PDF files: one font that is embedded, and the Asian ones that every
reader of PDF brings along. For pictures: the font files to draw them with.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from xml.sax.saxutils import escape

import reportlab
from django.conf import settings
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFError, TTFont

# DejaVu writes Greek and Cyrillic too; Vera comes with reportlab and writes the
# languages of western Europe.
SYSTEM = Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")
BUNDLED = Path(reportlab.__file__).parent / "fonts" / "Vera.ttf"
BOLD_OF = {"DejaVuSans.ttf": "DejaVuSans-Bold.ttf", "Vera.ttf": "VeraBd.ttf"}
ASIAN = (
    ("HeiseiMin-W3", "cp932"),
    ("STSong-Light", "gb18030"),
    ("HYSMyeongJo-Medium", "cp949"),
)
# Signs of ours that Vera lacks.
SPELLED = {"→": "->", "−": "-", "…": "..."}
UNKNOWN = "?"
FIRST_ASIAN = 0x2E80


@dataclass(frozen=True)
class Letters:
    """Names of the registered fonts, and the code points that the plain one can write."""

    plain: str
    bold: str
    known: frozenset[int]

    def runs(self, text: str) -> list[tuple[str, str]]:
        """The text cut into (font, piece); what no font can write becomes a question mark."""
        signs = [self.sign(sign) for sign in text]
        pieces = itertools.groupby(signs, key=lambda pair: pair[0])
        return [(font, "".join(sign for _, sign in pairs)) for font, pairs in pieces]

    def sign(self, sign: str) -> tuple[str, str]:
        """The font that can write a sign, and the sign or what stands for it."""
        if ord(sign) in self.known:
            return self.plain, sign
        if sign in SPELLED:
            return self.plain, SPELLED[sign]
        return (asian(sign), sign) if asian(sign) else (self.plain, UNKNOWN)

    def markup(self, text: str) -> str:
        """The text for a Paragraph, with the font of each run."""
        runs = self.runs(text)
        return "".join(
            escape(piece)
            if font == self.plain
            else f'<font name="{font}">{escape(piece)}</font>'
            for font, piece in runs
        )

    def plainly(self, text: str) -> str:
        """The text as the plain font alone can write it, for drawings."""
        return "".join(
            piece if font == self.plain else UNKNOWN * len(piece)
            for font, piece in self.runs(text)
        )


def files() -> list[Path]:
    """The font files that there are: DejaVu and Vera, plain and bold, and the one that
    PDF_FONT names, for what those lack.
    """
    plain = (SYSTEM, BUNDLED)
    bold = [path.with_name(BOLD_OF[path.name]) for path in plain]
    paths = [*plain, *bold, Path(settings.PDF_FONT)]
    return [path for path in paths if path.is_file()]


@cache
def letters() -> Letters:
    """The fonts of this process: the one that PDF_FONT names, else DejaVu where the
    system has it, else Vera.
    """
    for path in (Path(settings.PDF_FONT), SYSTEM, BUNDLED):
        if path.suffix.lower() in (".ttf", ".otf") and path.is_file():
            try:
                return registered(path)
            except TTFError:
                continue
    raise FileNotFoundError(BUNDLED)


def registered(path: Path) -> Letters:
    """A font file under our own name, with its bold letters where there are some."""
    font = TTFont("Slotline", str(path))
    bold = path.with_name(BOLD_OF.get(path.name, path.name))
    pdfmetrics.registerFont(font)
    pdfmetrics.registerFont(
        TTFont("Slotline-Bold", str(bold if bold.is_file() else path))
    )
    return Letters("Slotline", "Slotline-Bold", frozenset(font.face.charToGlyph))


@cache
def asian(sign: str) -> str:
    """The name of an Asian font that can write the sign, blank for none."""
    if ord(sign) < FIRST_ASIAN:
        return ""
    for name, encoding in ASIAN:
        try:
            sign.encode(encoding)
        except UnicodeEncodeError:
            continue
        if len(sign.encode("utf-16-le")) == 2:
            return registered_asian(name)
    return ""


@cache
def registered_asian(name: str) -> str:
    """An Asian font that readers of PDF bring along."""
    pdfmetrics.registerFont(UnicodeCIDFont(name))
    return name
