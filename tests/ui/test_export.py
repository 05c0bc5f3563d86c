"""The Export page makes whole files when asked; every page offers its own view in every kind of file that suits it."""

from __future__ import annotations

import pytest

from ui.test_pages import ANALYTICAL, opened, texts
from yjdisp import exports, wording
from yjdisp.ui import export
from yjdisp.ui.shell import PAGES
from yjdisp.wording import scale as wording_scale

EXPORT = next(page for page in PAGES if page.file == "export")


def downloads(app) -> list:
    return app.get("download_button")


def test_nothing_is_made_before_it_is_asked_for(app):
    opened(app, EXPORT)
    assert next(iter(app.radio(key="export_kind").options)) == "Spreadsheet (.xlsx)"
    assert not downloads(app)


@pytest.mark.parametrize("suffix", [s for s in exports.offered() if s != ".pdf"])
def test_a_file_is_made_and_named_when_asked_for(app, suffix):
    opened(app, EXPORT)
    app.radio(key="export_kind").set_value(suffix).run()
    app.button[0].click().run()
    assert not app.exception
    (made,) = app.success
    assert made.value.startswith("The file is ready: yjdisp-whole-release-") and f"{suffix}." in made.value
    assert len(downloads(app)) == 1
    app.radio(key="export_kind").set_value(".zip" if suffix != ".zip" else ".xlsx").run()
    assert not app.success and not downloads(app)


def test_a_format_that_fails_says_why(app, monkeypatch):
    def failing(*_, **__):
        raise exports.ExportError("a PDF needs the library Pango")

    opened(app, EXPORT)
    monkeypatch.setattr(exports, "build", failing)
    app.button[0].click().run()
    assert export.NOT_MADE in texts(app) and "A PDF needs the library Pango." in texts(app)
    assert not downloads(app)


@pytest.mark.parametrize("page", ANALYTICAL, ids=lambda p: p.file)
def test_every_page_offers_its_view_in_every_kind_of_file(app, page):
    opened(app, page)
    choice = next(box for box in app.selectbox if box.label == wording.FORMAT)
    assert choice.options == [f"{kind.label} ({suffix})" for suffix, kind in exports.offered("view").items()]
    assert next(button.proto.label for button in downloads(app)) == wording.DOWNLOAD
    assert "Table as CSV (.csv)" in choice.options and "Slides (.pptx)" in choice.options


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.file)
def test_what_takes_something_away_has_a_name_of_its_own_on_its_page(app, page):
    opened(app, page)
    buttons = [button.proto.label for button in downloads(app)]
    kinds = [box.label for box in app.selectbox if box.label.startswith(wording.FORMAT)]
    assert len(set(buttons)) == len(buttons) and len(set(kinds)) == len(kinds)
    if page.file == "ethnicity":
        assert f"{wording.DOWNLOAD} ({wording_scale.PARITY})" in buttons
