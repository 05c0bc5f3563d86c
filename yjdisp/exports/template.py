"""The template of the slides, 16:9, made in code from the blank presentation of python-pptx."""

from __future__ import annotations

from copy import deepcopy

from lxml import etree
from pptx import Presentation
from pptx.enum.text import MSO_ANCHOR
from pptx.opc.constants import RELATIONSHIP_TYPE as RT
from pptx.oxml.ns import qn
from pptx.util import Emu, Inches, Pt

from yjdisp.exports import package

WIDTH, HEIGHT, EDGE = Emu(12_192_000), Inches(7.5), Inches(0.6)
FOOT = Inches(6.98)
TITLE, BODY = (EDGE, Inches(0.35), WIDTH - 2 * EDGE, Inches(1.15)), (EDGE, Inches(1.45), WIDTH - 2 * EDGE, Inches(5))
COVER = ((EDGE, Inches(2), WIDTH - 2 * EDGE, Inches(1.6)), (EDGE, Inches(3.9), WIDTH - 2 * EDGE, Inches(2)))
KEPT = {"Title Slide", "Title and Content", "Title Only"}
ACCENTS = ("12436D", "28A197", "801650", "F46A25", "3D3D3D", "A285D1")
FONT = "Arial"
TITLE_TYPES, FOOT_TYPES = ("title", "ctrTitle"), ("ftr", "sldNum")


def blank():
    """A presentation without slides: a cover, a text and a chart layout, each with title, footer and number."""
    show = Presentation()
    show.slide_width, show.slide_height = WIDTH, HEIGHT
    master = show.slide_master
    for layout in [one for one in master.slide_layouts if one.name not in KEPT]:
        master.slide_layouts.remove(layout)
    for holder in (master, *master.slide_layouts):
        _in_plain_ink(holder.element)
        _place(holder, COVER if holder.name == "Title Slide" else (TITLE, BODY))
    _set_styles(master.element.find(qn("p:txStyles")))
    _drop_leftovers(show)
    return show


def _place(holder, places) -> None:
    for shape in list(holder.placeholders):
        kind = shape.element.ph.get("type", "body")
        if kind == "dt":
            shape.element.getparent().remove(shape.element)
        elif kind == "sldNum":
            _put(shape, (WIDTH - EDGE - Inches(1), FOOT, Inches(1), Inches(0.35)))
        elif kind == "ftr":
            _put(shape, (EDGE, FOOT, WIDTH - 2 * EDGE - Inches(1), Inches(0.35)))
        elif kind in TITLE_TYPES:
            _put(shape, places[0])
            shape.text_frame.vertical_anchor = MSO_ANCHOR.BOTTOM if kind == "ctrTitle" else MSO_ANCHOR.TOP
        else:
            _put(shape, places[1])


def _in_plain_ink(element) -> None:
    """Texts that the blank presentation has in pale grey and in the middle: dark, and on the left."""
    for tint in list(element.iter(qn("a:tint"))):
        tint.getparent().remove(tint)
    for level in element.iter(qn("a:lvl1pPr")):
        if level.get("algn") == "ctr":
            level.set("algn", "l")


def _put(shape, place) -> None:
    shape.left, shape.top, shape.width, shape.height = map(int, place)


def _set_styles(styles) -> None:
    """Titles on the left, bold, in the first accent; texts in steps that can be read across a room."""
    title = styles.find(qn("p:titleStyle")).find(qn("a:lvl1pPr"))
    title.set("algn", "l")
    run = title.find(qn("a:defRPr"))
    run.set("sz", "2400")
    run.set("b", "1")
    run.find(qn("a:solidFill"))[0].set("val", "accent1")
    for level, size in zip(styles.find(qn("p:bodyStyle")), (1600, 1400, 1400, 1400, 1400), strict=False):
        level.find(qn("a:defRPr")).set("sz", str(size))


def _drop_leftovers(show) -> None:
    """The thumbnail and printer settings of whoever made the blank presentation."""
    whole, part = show.part.package, show.part
    whole.drop_rel(whole.relate_to(whole.part_related_by(RT.THUMBNAIL), RT.THUMBNAIL))
    part.drop_rel(part.relate_to(part.part_related_by(RT.PRINTER_SETTINGS), RT.PRINTER_SETTINGS))


def coloured(presentation: bytes) -> bytes:
    """A presentation whose theme has our colours and font."""
    members = package.unpacked(presentation)
    for name in (name for name in members if name.startswith("ppt/theme/")):
        theme = etree.fromstring(members[name])
        for number, colour in enumerate(ACCENTS, start=1):
            for accent in theme.iter(qn(f"a:accent{number}")):
                accent[0].set("val", colour)
        for face in theme.iter(qn("a:majorFont"), qn("a:minorFont")):
            face.find(qn("a:latin")).set("typeface", FONT)
        members[name] = etree.tostring(theme, xml_declaration=True, encoding="UTF-8", standalone=True)
    return package.packed(members)


def add_foot(slide, text: str) -> None:
    """The footer and the number of the slide, which python-pptx leaves to us."""
    for shape in slide.slide_layout.placeholders:
        if shape.element.ph.get("type") in FOOT_TYPES:
            slide.shapes._spTree.append(deepcopy(shape.element))
            copied = slide.shapes[-1]
            if copied.element.ph.get("type") == "ftr":
                copied.text_frame.text = text
                copied.text_frame.paragraphs[0].font.size = Pt(10)
