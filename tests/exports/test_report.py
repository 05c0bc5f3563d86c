"""The report: one page without scripts or outside parts, tables that can be read aloud, a tagged PDF."""

from __future__ import annotations

import builtins
import io
import re
import sys
from collections import Counter
from html.parser import HTMLParser
from importlib.machinery import ModuleSpec
from itertools import pairwise
from types import ModuleType

import pytest

from yjdisp import exhibits, exports
from yjdisp.comparison import compare
from yjdisp.exports import ExportError
from yjdisp.wording import comparison as wording_comparison

VOID = {"meta", "link", "br", "img", "hr", "path", "circle", "rect"}


class Page(HTMLParser):
    """Elements with their attributes and texts; fails where tags do not match."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.open, self.elements = [], []
        self.feed(source)
        assert not self.open

    def handle_starttag(self, tag, attrs):
        element = [tag, dict(attrs), ""]
        self.elements.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag, attrs):
        self.elements.append([tag, dict(attrs), ""])

    def handle_endtag(self, tag):
        assert self.open.pop()[0] == tag

    def handle_data(self, data):
        for element in self.open[-1:]:
            element[2] += data

    def all(self, tag: str) -> list[tuple[dict, str]]:
        return [(attributes, text) for name, attributes, text in self.elements if name == tag]


@pytest.fixture(scope="module")
def source(one) -> str:
    return exports.build(one.release, ".html").decode()


@pytest.fixture(scope="module")
def page(source) -> Page:
    return Page(source)


def test_it_holds_everything_itself(source, page):
    assert not page.all("script") and not page.all("link") and not page.all("img") and not page.all("iframe")
    attributes = [(name, value) for _, found, _ in page.elements for name, value in found.items()]
    assert not any(name.startswith("on") or name in ("src", "srcset", "style") for name, _ in attributes)
    assert all(value.startswith("#") for name, value in attributes if name == "href")
    assert "url(" not in source and "@import" not in source
    assert len(source) < 1_000_000


def test_language_title_and_headings_in_order(page):
    assert page.all("html")[0][0]["lang"] == "en-GB"
    assert len(page.all("h1")) == len(page.all("main")) == len(page.all("title")[:1]) == 1
    levels = [int(tag[1]) for tag, _, _ in page.elements if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1 and all(after - before <= 1 for before, after in pairwise(levels))


def test_links_lead_somewhere(page):
    ids = [attributes["id"] for _, attributes, _ in page.elements if "id" in attributes]
    assert len(set(ids)) == len(ids)
    assert all(attributes["href"][1:] in ids for attributes, _ in page.all("a"))


def test_every_chart_is_an_image_with_title_and_description(one, page):
    views = page.all("svg")
    assert views
    named = {attributes["id"]: text for tag in ("title", "desc") for attributes, text in page.all(tag) if attributes}
    for attributes, _ in views:
        assert attributes["role"] == "img"
        assert all(named[identity] for identity in attributes["aria-labelledby"].split())
    assert wording_comparison.describe([compare(one.release, by="ethnicity")], one.release.years) in named.values()


def test_every_table_has_a_caption_and_scopes(page):
    assert len(page.all("table")) == len(page.all("caption")) == len(page.all("span")) > 2
    assert all(attributes.get("scope") in ("col", "row") for attributes, _ in page.all("th"))
    assert all(text.strip() for _, text in page.all("span"))  # inside the captions
    assert all(text.strip() for tag in ("td", "th") for _, text in page.all(tag))


def test_it_is_made_for_a4(source):
    assert "size: A4" in source and "break-inside: avoid" in source


def test_what_is_on_screen_is_one_view(one):
    c = compare(one.release, by="ethnicity", where={"year": "2021/22"})
    page = Page(exports.build(one.release, ".html", [exhibits.compared([c], one.release.years)]).decode())
    assert len(page.all("svg")) == len(page.all("table")) == 1


def test_several_comparisons_share_a_chart(one):
    several = [compare(one.release, by="ethnicity"), compare(one.release, by="ethnicity", reference="everyone else")]
    page = Page(exports.build(one.release, ".html", [exhibits.compared(several, one.release.years)]).decode())
    assert len(page.all("svg")) == 1


@pytest.fixture(scope="module")
def pdf(one):
    pypdf = pytest.importorskip("pypdf")
    try:
        return pypdf.PdfReader(io.BytesIO(exports.build(one.release, ".pdf")))
    except ExportError as missing:
        pytest.skip(str(missing))


def test_the_pdf_is_tagged(pdf):
    root = pdf.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"] and root["/Lang"] == "en-GB" and root["/ViewerPreferences"]["/DisplayDocTitle"]
    kinds, alternatives = Counter(), []
    for element in tree(root["/StructTreeRoot"]["/K"]):
        kinds[element["/S"]] += 1
        if element["/S"] == "/Figure":
            alternatives.append(element["/Alt"])
    assert kinds["/Table"] > 2 and kinds["/TH"] and kinds["/TD"] and kinds["/H1"] == 1 and kinds["/H2"] > 2
    assert all(alternative.startswith("Chart of ") for alternative in alternatives)
    assert alternatives[0].startswith("Chart of how many times as likely") and len(alternatives) >= 2


def tree(node):
    node = node.get_object()
    if isinstance(node, list):
        for child in node:
            yield from tree(child)
    elif isinstance(node, dict):
        if "/S" in node:
            yield node
        if "/K" in node:
            yield from tree(node["/K"])


def test_the_pages_of_the_pdf_are_a4_and_none_is_nearly_empty(one, pdf):
    for page in pdf.pages:
        assert (round(page.mediabox.width), round(page.mediabox.height)) == (595, 842)
        text = page.extract_text()
        assert one.release.id in text and len(text) > 250


def test_without_its_package_or_library_a_pdf_is_refused_in_words(one, monkeypatch):
    monkeypatch.setattr(exports, "_works", exports._works.__wrapped__)
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    with pytest.raises(ExportError, match="needs weasyprint: install it"):
        exports.build(one.release, ".pdf")
    assert ".pdf" not in exports.offered() and ".html" in exports.offered()
    monkeypatch.setitem(sys.modules, "weasyprint", ModuleType("weasyprint"))
    sys.modules["weasyprint"].__spec__ = ModuleSpec("weasyprint", None)
    monkeypatch.setattr("yjdisp.exports.import_module", without_pango)
    assert ".pdf" not in exports.offered()
    monkeypatch.undo()
    monkeypatch.setattr("builtins.__import__", without_pango)
    with pytest.raises(ExportError, match="needs the library Pango"):
        exports.build(one.release, ".pdf")


ordinary = builtins.__import__


def without_pango(name, *rest):
    if name == "weasyprint":
        raise OSError("cannot load library libpango-1.0-0")
    return ordinary(name, *rest)
