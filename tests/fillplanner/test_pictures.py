"""The chart as a picture: what its pixels are, and what user text can do to it."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from xml.etree.ElementTree import ParseError
from zoneinfo import ZoneInfo

import pytest
import rest_framework
from defusedxml.common import EntitiesForbidden
from defusedxml.ElementTree import fromstring
from django.conf import settings
from PIL import Image

from fillplanner.drawings.gantt import ROW, Bar, chart
from fillplanner.exports import fonts, png
from fillplanner.exports.report import Report
from fillplanner.planning.plan import build_plan
from fillplanner.planning.problem import LineConfig, Lot

GROUNDS = {
    "fill": ((0x19, 0x76, 0xD2), (0x15, 0x65, 0xC0)),
    "clean": ((0xFF, 0x98, 0x00), (0xFF, 0xCC, 0x80)),
    "changeover": ((0xF4, 0x58, 0x4C), (0xFF, 0x8A, 0x80)),
}
RED = (255, 0, 0)
BLOCKS = [[("A", 40.0), ("B", 30.0)], [("B", 20.0)]]
Pixel = tuple[int, int, int]


def report(
    name: str = "Autumn",
    blocks: Iterable[Iterable[tuple[str, float]]] = BLOCKS,
    lot: str = "L",
) -> Report:
    lots = [
        [Lot(f"{lot}{i}-{j}", kind, 1, hours) for j, (kind, hours) in enumerate(block)]
        for i, block in enumerate(blocks)
    ]
    activities = [row.to_wire() for row in build_plan(lots, LineConfig()).activities]
    result = {"activities": activities, "makespan": 138.0, "utilization": 65.2}
    start = datetime(2026, 11, 21, 8, tzinfo=UTC)
    return Report(name, "smart-pack", start, config={}, result=result)


def picture(shown: Report) -> Image.Image:
    image = Image.open(io.BytesIO(png.to_png(shown)))
    assert image.format == "PNG"
    assert {round(points) for points in image.info["dpi"]} == {144}
    return image.convert("RGB")


def white(pixel: Pixel) -> bool:
    """The palette's white, which may be a shade off."""
    return min(pixel) > 250


def close(pixel: Pixel, wanted: Pixel) -> bool:
    return all(abs(a - b) < 24 for a, b in zip(pixel, wanted, strict=True))


def pixels_of(image: Image.Image, bar: Bar) -> list[Pixel]:
    """A line through the lower part of a bar, which no label reaches."""
    y = (png.HEAD + int(bar.y) + 24) * png.SCALE
    left = int((png.NAMES + bar.x + 3) * png.SCALE)
    right = int((png.NAMES + bar.x + bar.width - 3) * png.SCALE)
    return [image.getpixel((x, y)) for x in range(left, right)]


def test_each_bar_has_its_colours_and_the_rest_is_white() -> None:
    shown = report()
    image = picture(shown)
    assert image.size == (2216, 2 * (png.HEAD + 2 * ROW + png.FOOT))
    rows = chart(shown.activities, shown.start).rows
    kinds = [bar.kind for row in rows for bar in row.bars]
    assert kinds == ["clean", "fill", "changeover", "fill", "clean", "fill"]
    for bar in (bar for row in rows for bar in row.bars):
        pixels = pixels_of(image, bar)
        for ground in GROUNDS[bar.kind]:
            assert any(close(pixel, ground) for pixel in pixels)
        assert not any(white(pixel) for pixel in pixels)
    last = rows[1].bars[-1]
    beside = (png.NAMES + last.x + last.width + 5) * png.SCALE
    assert white(image.getpixel((int(beside), (png.HEAD + 60) * png.SCALE)))


def ink(image: Image.Image, box: tuple[int, int, int, int]) -> int:
    """Pixels in a part of the picture, in units of the page, that are not white."""
    part = image.crop(tuple(edge * png.SCALE for edge in box))
    colours = part.getcolors(1 << 16)
    return sum(count for count, pixel in colours if not white(pixel))


def test_name_figures_hours_and_blocks_are_written() -> None:
    image = picture(report())
    assert ink(image, (12, 8, 200, 32))
    assert ink(image, (12, 34, 200, 50))
    assert ink(image, (png.NAMES, 52, 1100, 68))
    assert ink(image, (12, png.HEAD, png.NAMES - 8, png.HEAD + ROW))


def test_rows_begin_on_the_clock_that_is_asked_for() -> None:
    assert "Sat 21 Nov, 08:00" in png.to_svg(report())
    there = png.to_svg(report(), ZoneInfo("America/Los_Angeles"))
    assert "Sat 21 Nov, 00:00" in there


def test_of_a_huge_plan_the_first_blocks_are_drawn() -> None:
    svg = png.to_svg(report(blocks=[[("A", 5.0)]] * 203))
    assert "Blocks 1 to 200 of 203. smart-pack, 138.00 h" in svg
    assert "Block 200<" in svg and "Block 201<" not in svg
    assert "Blocks 1 to" not in png.to_svg(report(blocks=[[("A", 5.0)]] * 200))


def test_the_colours_are_those_of_the_page() -> None:
    css = (Path(settings.BASE_DIR) / "static/css/tokens.css").read_text()
    template = Path(settings.BASE_DIR) / "templates/fillplanner/gantt.svg"
    colours = set(re.findall(r"#[0-9a-f]{6}\b", template.read_text()))
    assert len(colours) == 6
    assert colours <= set(re.findall(r"(?:light-dark\(|: )(#[0-9a-f]{6})", css))


def test_a_long_name_is_cut_within_the_picture() -> None:
    for letter in "nA東":
        image = picture(report(letter * 255))
        assert ink(image, (300, 8, 320, 32))
        assert not ink(image, (1096, 8, 1108, 32))


def test_no_sign_in_a_text_breaks_the_drawing() -> None:
    svg = png.to_svg(report("a\x00b\x1b\ud800c\ufffe", lot="x\x0b&<\x01"))
    texts = list(fromstring(svg).itertext())
    assert "abc" in texts
    assert "x&<0-0" in texts
    assert png.rendered(svg)


@pytest.fixture
def red_file(tmp_path: Path) -> Path:
    path = tmp_path / "red.png"
    Image.new("RGB", (400, 400), RED).save(path)
    return path


def test_text_that_looks_like_an_image_is_text(red_file: Path) -> None:
    for address in (red_file, red_file.as_uri(), "file:///etc/passwd"):
        image = f'<image width="900" height="400" href="{address}"/>'
        for markup in (f"</text>{image}", f"</title></rect>{image}", f"]]>{image}"):
            svg = png.to_svg(report(markup[:200], lot=markup))
            elements = {element.tag for element in fromstring(svg).iter()}
            assert not any(tag.endswith("image") for tag in elements)
            assert "<image" not in svg
    shown = picture(report(f'</text><image href="{red_file}"/>', lot=image))
    assert RED not in {pixel for _, pixel in shown.getcolors(1 << 16)}


def document(content: str, before: str = "") -> str:
    size = 'width="40" height="40"'
    namespace = 'xmlns="http://www.w3.org/2000/svg"'
    return f"{before}<svg {namespace} {size}>{content}</svg>"


@pytest.mark.parametrize("tag", ["image", "feImage", "use", "foreignObject"])
def test_a_drawing_that_names_a_file_is_refused(red_file: Path, tag: str) -> None:
    with pytest.raises(ValueError, match=f"Not part of a chart: {tag}"):
        png.rendered(document(f'<{tag} href="{red_file}"/>'))


def test_a_drawing_with_entities_is_refused() -> None:
    entity = '<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    with pytest.raises(EntitiesForbidden):
        png.rendered(document("<text>&x;</text>", entity))
    with pytest.raises(ParseError):
        png.rendered("<svg")


def test_fonts_of_the_system_are_not_needed(monkeypatch) -> None:
    monkeypatch.setattr(fonts, "SYSTEM", Path("/nowhere/DejaVuSans.ttf"))
    fonts.letters.cache_clear()
    try:
        assert [path.name for path in fonts.files()] == ["Vera.ttf", "VeraBd.ttf"]
        assert ink(picture(report("Übung")), (12, 8, 200, 32))
    finally:
        fonts.letters.cache_clear()


def test_signs_that_our_letters_lack_come_from_the_font_of_pdf_font(settings) -> None:
    """A heart of an icon font, which no font of letters has; what no font has is one
    and the same box.
    """
    heart, nothing = "\uf004", "\uf8ee"
    folder = Path(rest_framework.__file__).parent / "static/rest_framework/fonts"
    boxes = [picture(report(sign)).tobytes() for sign in (heart, nothing)]
    settings.PDF_FONT = str(folder / "fontawesome-webfont.ttf")
    drawn = picture(report(heart)).tobytes()
    assert boxes[0] == boxes[1] != drawn
