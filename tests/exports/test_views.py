"""Views that are not comparisons: a trend, a table alone, a picture on an even scale, in every file that holds one."""

from __future__ import annotations

import io
import re

import openpyxl
import pandas as pd
import pytest
from made_up import OTHER, made_up
from pptx import Presentation

from exports.conftest import FORMULAS
from exports.reading import everything
from yjdisp import exhibits, exports
from yjdisp.exports import pages, slide_table
from yjdisp.picture import Look, Mark, Picture, even_ticks, log_ticks
from yjdisp.trends import trend

YEARS = ("2019/20", "2020/21", "2021/22", "2022/23")
COUNTS = {
    "2019/20": (80, 50, 25, 5),
    "2020/21": (75, 45, 27, 3),
    "2021/22": (70, 61, None, 0),
    "2022/23": (60, 45, 12, 3),
}
CELLS = {
    (year, group): n
    for year, row in COUNTS.items()
    for group, n in zip(("All", "White", OTHER, "Unknown"), row, strict=True)
}
KINDS = [suffix for suffix in exports.FORMATS if "view" in exports.FORMATS[suffix].holds]


@pytest.fixture(scope="module")
def release(one):
    """Made-up counts with the manifest of a whole release."""
    made = made_up((("year", "ethnicity"), CELLS), years=YEARS)
    manifest = {**one.release.manifest, "period": {"years": list(YEARS)}}
    fields = {name: getattr(made, name) for name in made.__dataclass_fields__}
    return type(made)(**fields | {"manifest": manifest, "policy": one.release.policy})


@pytest.fixture(scope="module")
def view(release):
    return exhibits.over_time(trend(release, by="ethnicity", group=OTHER, measure="share"))


@pytest.mark.parametrize("suffix", [s for s in KINDS if s != ".pdf"])
def test_every_file_of_a_trend_holds_its_table_and_no_hidden_share(release, view, suffix):
    text = " ".join(part.decode(errors="replace") for _, part in everything(exports.build(release, suffix, [view])))
    for needed in ("2022/23", "hidden: between 0.0% and 12.9%", "down 16.4 percentage points"):
        assert needed in text, f"{suffix} lacks {needed!r}"
    if suffix != ".csv":
        assert release.id in text


def test_a_trend_on_a_slide_is_a_line_with_intervals_and_a_gap(release, view):
    slide = Presentation(io.BytesIO(exports.build(release, ".pptx", [view]))).slides[0]
    chart = next(shape.chart for shape in slide.shapes if shape.has_chart)
    own, hidden = chart.plots[0].series
    assert list(chart.plots[0].categories) == list(YEARS)
    assert own.values == (33.3, 37.5, None, 21.1) and hidden.values == (None, None, 12.9, None)
    assert own.format.line.fill.type is not None and len(list(chart._chartSpace.iter("{*}errBars"))) == 2
    assert slide.shapes.title.text == view.answer[0]


def test_the_line_of_a_trend_is_broken_where_a_count_is_hidden(release, view):
    page = exports.build(release, ".html", [view]).decode()
    chart = re.search(r"<svg.*?</svg>", page, re.DOTALL).group()
    joins = re.findall(r'<path d="M[\d.]+ [\d.]+L[\d.]+ [\d.]+" fill="none"', chart)
    assert len(joins) == 1 and chart.count("<circle") == 4  # three shares and the legend's


def test_the_workbook_of_a_trend_has_its_table_and_the_numbers_of_its_chart(release, view):
    book = openpyxl.load_workbook(io.BytesIO(exports.build(release, ".xlsx", [view])))
    assert book.sheetnames == ["Cover", "Contents", "Notes", "1", "2"]
    shown, drawn = (list(book[n].iter_rows(values_only=True)) for n in "12")
    assert ("2019/20", 25, 75) == next(row[:3] for row in shown if row[0] == "2019/20")
    lines = {row[0]: row for row in drawn if row[0] in YEARS}
    first = trend(release, by="ethnicity", group=OTHER, measure="share").points.iloc[0]
    assert lines["2019/20"][2:] == pytest.approx(
        [100 * first[f"value{end}"] for end in ("", "_low", "_high")], rel=1e-3
    )
    assert lines["2021/22"][2:] == ("[c]", 0, 12.86)
    cells = {str(value) for row in (*shown, *drawn) for value in row if value is not None}
    assert not cells & {"–", "nan", "None", ""}


def test_a_table_alone_is_a_view(release):
    frame = pd.DataFrame({"Action": ["=1+1", "Train *staff*"], "Children": ["5", "1,234"]})
    view = exhibits.tabulated("Actions", frame, "actions")
    assert b"=1+1" in exports.build(release, ".csv", [view]) and b"'=1+1" in exports.build(release, ".csv", [view])
    page = exports.build(release, ".html", [view]).decode()
    assert page.count("Actions") == 3 and "<svg" not in page  # its heading, its caption, and the name of its frame
    sheet = openpyxl.load_workbook(io.BytesIO(exports.build(release, ".xlsx", [view])))["1"]
    cells = {cell.value: cell.data_type for row in sheet.iter_rows() for cell in row if cell.value is not None}
    assert cells["=1+1"] == "s" and cells[1234] == "n"
    (slide,) = Presentation(io.BytesIO(exports.build(release, ".pptx", [view]))).slides
    assert not any(shape.has_chart for shape in slide.shapes) and any(shape.has_table for shape in slide.shapes)


def test_a_long_table_goes_on_on_the_next_slide():
    frame = pd.DataFrame({"Group": [f"group {i}" for i in range(60)], "Children": ["7"] * 60})
    made = slide_table.pages(frame, beside=False)
    assert len(made) > 1 and pd.concat([page.frame for page in made]).equals(frame)
    assert all(sum(page.widths) <= slide_table.ALONE + 0.01 for page in made)


@pytest.mark.parametrize(
    ("ends", "ticks"),
    [
        ([0, 61.2], (0, 20, 40, 60, 80)),
        ([-12, 30], (-20, -10, 0, 10, 20, 30)),
        ([0], (0, 0.2, 0.4, 0.6, 0.8, 1)),
        ([0, 0.047], (0, 0.01, 0.02, 0.03, 0.04, 0.05)),
    ],
)
def test_even_ticks_are_round_and_hold_everything(ends, ticks):
    assert even_ticks(ends) == pytest.approx(ticks)


def test_ticks_of_ratios_hold_a_half_to_two_and_never_more_than_can_be_read():
    assert log_ticks([], []) == (0.5, 1, 2)
    assert log_ticks([], [0, 1e-9, 1e9]) == (0.1, 0.2, 0.5, 1, 2, 5, 10, 20)
    assert log_ticks([0.04, 22], [0.03, 300]) == (0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50)  # no value is cut
    assert log_ticks([1e-9, 1e9], [])[::12] == (0.01, 100)


def test_what_has_nothing_to_draw_is_still_a_view(release, view):
    look = Look("hidden", "#949494", None)
    nothing = Picture((Mark("2021/22", "hidden", look),), "Share, %", log=False, equal=None, over_time=True)
    assert not nothing.looks
    empty = exhibits.Exhibit(**{**vars(view), "picture": nothing})
    assert all(exports.build(release, suffix, [empty]) for suffix in (".html", ".pptx", ".xlsx"))


def test_no_label_of_a_chart_is_a_formula(release, view):
    """Labels come from a service's own lists: they arrive as text in the workbook behind the chart, and on the slide."""
    look = Look("=2+2", "#12436d", "circle")
    marks = tuple(Mark(label, "5", look, 5.0, 4.0, 6.0, heading=f"@{label}") for label in FORMULAS)
    odd = exhibits.Exhibit(**{**vars(view), "picture": Picture(marks, "=3+3", log=False, equal=None)})
    (slide, *_) = Presentation(io.BytesIO(exports.build(release, ".pptx", [odd]))).slides
    chart = next(shape.chart for shape in slide.shapes if shape.has_chart)
    sheet = openpyxl.load_workbook(io.BytesIO(chart.part.chart_workbook.xlsx_part.blob))["Sheet1"]
    cells = [cell for row in sheet.iter_rows() for cell in row if isinstance(cell.value, str)]
    assert {cell.data_type for cell in cells} == {"s"} and {cell.value for cell in cells} >= {*FORMULAS, "=2+2"}
    assert "<b>&" not in exports.build(release, ".html", [odd]).decode()
    sheet = openpyxl.load_workbook(io.BytesIO(exports.build(release, ".xlsx", [odd])))["2"]
    assert "f" not in {cell.data_type for row in sheet.iter_rows() for cell in row}


def test_a_release_of_outcomes_alone_has_its_views():
    counts = {("All",): 45, ("White",): 29, (OTHER,): 16, ("Unknown",): 0}
    makers = dict(pages.pages(made_up((("ethnicity",), counts), unit="outcomes")))
    assert makers["Ethnicity"]().shown.startswith("Outcomes · 2021/22")
