"""The slides, reopened: charts that can be edited and hold only what is published, texts, notes, properties."""

from __future__ import annotations

import io
import time

import openpyxl
import pytest
from pptx import Presentation
from pptx.enum.shapes import PP_PLACEHOLDER

from yjdisp import exhibits, exports, wording
from yjdisp.comparison import HIDDEN, OVER, UNDER, compare
from yjdisp.exports import content
from yjdisp.exports.package import unpacked
from yjdisp.wording import comparison as wording_comparison


@pytest.fixture(scope="module")
def made(one) -> bytes:
    return exports.build(one.release, ".pptx")


@pytest.fixture(scope="module")
def show(made):
    return Presentation(io.BytesIO(made))


@pytest.fixture(scope="module")
def view(show):
    return next(slide for slide in show.slides if any(shape.has_chart for shape in slide.shapes))


@pytest.fixture(scope="module")
def sheet(view):
    chart = next(shape.chart for shape in view.shapes if shape.has_chart)
    book = openpyxl.load_workbook(io.BytesIO(chart.part.chart_workbook.xlsx_part.blob))
    assert book.sheetnames == ["Sheet1"]
    header, *rows = book["Sheet1"].iter_rows(values_only=True)
    return {row[0]: dict(zip(header[1:], row[1:], strict=True)) for row in rows}


@pytest.fixture(scope="module")
def compared(one):
    return compare(one.release, by="ethnicity").table.set_index("group")


def test_slides_are_wide_and_each_has_a_title_a_footer_and_a_number(one, show):
    assert show.slide_width * 9 == show.slide_height * 16
    for slide in show.slides:
        assert slide.shapes.title.text.strip()
        kinds = {shape.placeholder_format.type: shape for shape in slide.placeholders}
        assert one.release.id in kinds[PP_PLACEHOLDER.FOOTER].text and PP_PLACEHOLDER.SLIDE_NUMBER in kinds


def test_the_pack_has_cover_views_method_sources_and_what_is_not_shown(one, show):
    titles = [slide.shapes.title.text for slide in show.slides]
    assert titles[0] == content.title(one.release)
    assert titles[1].startswith("Over 2020/21 to 2021/22")
    assert any("share of the children in the caseload, 2020/21 to 2021/22" in title for title in titles)
    parts = list(dict.fromkeys(title.split(" (")[0] for title in titles))
    assert parts[-3:] == [wording.HOW, "Where the numbers come from", "What is not shown"]
    assert "children by year and gravity are too small to publish." in show.slides[-1].placeholders[1].text


def test_the_title_is_the_verdict(one, view):
    assert (
        view.shapes.title.text
        == wording_comparison.answer([compare(one.release, by="ethnicity")], one.release.years)[0]
    )


def test_notes_hold_method_source_caveats_and_policy(one, view):
    notes = view.notes_slide.notes_text_frame.text
    for needed in (
        wording.HOW,
        "conditional mid-P",
        "Source: invented for a test",
        wording.CHANCE,
        "0 to 4 children",
        one.release.id,
    ):
        assert needed in notes


def test_the_workbook_of_a_chart_holds_the_published_ratios_and_gaps(sheet, compared):
    drawn = compared[compared["verdict"] != "no baseline"]
    assert list(sheet) == list(drawn.index)
    for group, row in drawn.iterrows():
        values = {name: value for name, value in sheet[group].items() if value is not None}
        if row["verdict"] == HIDDEN:
            assert set(values) <= {next(n for n in sheet[group] if n.startswith("hidden")), *intervals(sheet)}
        elif row["verdict"] in (OVER, UNDER):
            assert values[row["verdict"]] == pytest.approx(row["rri"], rel=5e-3)
            above, below = (name for name in intervals(sheet) if name.startswith(row["verdict"]))
            assert values[row["verdict"]] + values[above] == pytest.approx(row["rri_high"], rel=1e-2)
            assert values[row["verdict"]] - values[below] == pytest.approx(row["rri_low"], rel=1e-2)


def intervals(sheet) -> list[str]:
    return [name for name in next(iter(sheet.values())) if name.endswith("limit")]


def test_a_hidden_ratio_is_drawn_as_its_bounds(sheet, compared):
    hidden = compared[(compared["verdict"] == HIDDEN) & compared["population"].notna()]
    assert len(hidden) == 2
    for group, row in hidden.iterrows():
        (upper,) = [
            value for name, value in sheet[group].items() if name.startswith("hidden") and not name.endswith("limit")
        ]
        assert upper == pytest.approx(row["rri_most"], rel=5e-3)


def test_what_the_chart_draws_is_what_its_workbook_holds(view, sheet):
    chart = next(shape.chart for shape in view.shapes if shape.has_chart)
    for series in chart.plots[0].series:
        assert list(series.values) == [sheet[group][series.name] for group in sheet]
    cached = {point.text for point in chart._chartSpace.iter("{*}v")}
    values = [value for row in sheet.values() for value in row.values() if value is not None]
    numbers = {float(text) for text in cached if text.replace(".", "").replace("e-", "").isdigit()}
    assert numbers <= set(values)


def test_chart_and_table_have_a_text_alternative(one, view):
    described = {
        shape.name.split(":")[0]: shape._element.nvGraphicFramePr.cNvPr.get("descr")
        for shape in view.shapes
        if shape.has_chart or shape.has_table
    }
    assert described["Chart"] == wording_comparison.describe([compare(one.release, by="ethnicity")], one.release.years)
    assert "Ethnicity" in described["Table"]


def test_the_table_marks_what_is_hidden(one, view, compared):
    table = next(shape.table for shape in view.shapes if shape.has_table)
    rows = [[cell.text for cell in row.cells] for row in table.rows]
    assert table.first_row and table.first_col and len(rows) == len(compared) + 1
    for row in rows[1:]:
        hidden = compared.loc[row[0], "symbol"] == "[c]"
        assert row[1].startswith("[c]") == hidden
        if hidden:
            assert row[2] == "[c]" and row[4].startswith("[c]")


def test_nothing_is_left_of_the_blank_presentation(one, show, made):
    properties = show.core_properties
    assert properties.author == properties.last_modified_by == one.release.manifest["service"]
    assert properties.language == "en-GB" and one.release.id in properties.comments
    members = unpacked(made)
    assert not any("thumbnail" in name or "printer" in name for name in members)
    assert not any(b"en-US" in member or b"Canny" in member for member in members.values())


def test_on_screen_comparisons_are_a_slide_each(one):
    several = [compare(one.release, by="ethnicity"), compare(one.release, by="ethnicity", reference="everyone else")]
    show = Presentation(
        io.BytesIO(exports.build(one.release, ".pptx", [exhibits.compared(several, one.release.years)]))
    )
    assert [any(shape.has_chart for shape in slide.shapes) for slide in show.slides] == [True, True]


def test_the_board_pack_of_the_sample_is_quick(sample):
    start = time.perf_counter()
    show = Presentation(io.BytesIO(exports.build(sample, ".pptx")))
    assert time.perf_counter() - start < 10
    assert sum(any(shape.has_chart for shape in slide.shapes) for slide in show.slides) >= 4
