"""A plan's Gantt chart as a picture: what the page draws, on white, below the plan's
name and figures.
"""

from __future__ import annotations

import io
import re
from datetime import tzinfo

from defusedxml.ElementTree import fromstring
from django.template.loader import render_to_string
from PIL import Image
from resvg import render, usvg
from wcwidth import clip, width

from fillplanner.drawings.gantt import CHART, Chart, View, chart
from fillplanner.exports.fonts import files, letters
from fillplanner.exports.report import Report

NAMES = 184
HEAD = 72
FOOT = 28
MARGIN = 24
SCALE = 2
DPI = 144
# Of a longer plan the first blocks: a picture of thousands cannot be read, nor opened
# by every program.
MOST_BLOCKS = 200
# Of the plan's name, in cells as a terminal has them: a Chinese letter takes two.
NAME_CELLS = 72
# What no XML document may hold (XML 1.0, 2.2).
NOT_IN_XML = re.compile(r"[^\t\n\r -\uD7FF\uE000-\uFFFD\U00010000-\U0010FFFF]")
# What the chart is drawn with. Others, an image before all, could name a file, and the
# renderer would read it.
SHAPES = {
    *("svg", "style", "defs", "pattern", "g", "title"),
    *("text", "tspan", "path", "line", "rect", "circle"),
}
NAMESPACE = "{http://www.w3.org/2000/svg}"


def to_png(report: Report, zone: tzinfo | None = None) -> bytes:
    """Twice the size of the page's chart, so that it prints well; times on the clock of
    `zone`, UTC for none.
    """
    svg = to_svg(report, zone)
    return in_few_colours(rendered(svg))


def to_svg(report: Report, zone: tzinfo | None = None) -> str:
    """The picture as a document that needs no other, in units of the page."""
    view = View(zone=zone, most_blocks=MOST_BLOCKS)
    drawing = chart(report.activities, report.start, view)
    context = {
        "chart": drawing,
        "name": shortened(report.name),
        "figures": figures(report, drawing),
        "width": NAMES + CHART + MARGIN,
        "height": HEAD + drawing.height + FOOT,
        "names": NAMES,
        "head": HEAD,
    }
    svg = render_to_string("fillplanner/gantt.svg", context)
    return NOT_IN_XML.sub("", svg)


def shortened(name: str) -> str:
    """The plan's name, cut where it would leave the picture."""
    if width(name) <= NAME_CELLS:
        return name
    return clip(name, 0, NAME_CELLS - 1) + "…"


def figures(report: Report, drawing: Chart) -> str:
    """What the plan is like, and how much of it is shown."""
    result = report.result
    makespan = f"{result['makespan']:,.2f} h"
    utilization = f"{result['utilization']:.1f} % utilization"
    text = f"{report.strategy}, {makespan}, {utilization}"
    if drawing.later:
        return f"Blocks 1 to {drawing.last} of {drawing.total}. {text}"
    return text


def rendered(svg: str) -> bytes:
    """The document as PNG, `SCALE` times its size.

    Raises ValueError for one with elements that no chart has, or entities; ParseError
    for what is no XML.
    """
    elements = fromstring(svg).iter()
    names = {element.tag.removeprefix(NAMESPACE) for element in elements}
    strange = names - SHAPES
    if strange:
        raise ValueError(f"Not part of a chart: {', '.join(sorted(strange))}")
    tree = usvg.Tree.from_str(svg, font_options(svg))
    across, down = tree.int_size()
    scaling = (SCALE, 0, 0, 0, SCALE, 0)
    return render(tree, scaling, bg_size=(across * SCALE, down * SCALE))


def font_options(svg: str) -> usvg.Options:
    """Our own letters; all of the system's only where those lack a sign, as reading
    hundreds of fonts takes a while.
    """
    options = usvg.Options.default()
    for path in files():
        options.load_font_file(str(path))
    known = letters().known
    if any(ord(sign) not in known for sign in set(svg) if not sign.isspace()):
        options.load_system_fonts()
    return options


def in_few_colours(data: bytes) -> bytes:
    """The same picture with a palette, which is half as large, and its size in print."""
    with Image.open(io.BytesIO(data)) as image:
        few = image.convert("RGB").quantize(
            48, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE
        )
    file = io.BytesIO()
    few.save(file, "PNG", compress_level=3, dpi=(DPI, DPI))
    return file.getvalue()
