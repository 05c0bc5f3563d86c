"""The chart of ratios: intervals, never bars; hidden counts as what is left of them; labels that can be read."""

from __future__ import annotations

from math import inf

import pytest
from test_wording import ASIAN, OTHERS, WHITE, comparison, row

from yjdisp import charts
from yjdisp.comparison import EVERYONE_ELSE, HIDDEN, OVER, TOO_FEW


def ratios(comparisons):
    return charts.rows(charts.picture(comparisons))


def texts(figure) -> list[str]:
    return [a.text for a in figure.layout.annotations]


def points(figure, mode: str) -> list[tuple]:
    return [(x, y) for t in figure.data if t.mode == mode for x, y in zip(t.x, t.y, strict=True) if x is not None]


def test_a_ratio_is_a_dot_with_its_interval_on_a_log_axis():
    figure = ratios([comparison(OTHERS, WHITE)])
    assert {trace.type for trace in figure.data} == {"scatter"}
    assert figure.layout.xaxis.type == "log"
    assert [x for x, _ in points(figure, "lines")] == [2.553, 8.80]
    assert [x for x, _ in points(figure, "markers")] == [4.81]
    assert "<b>4.8</b> (2.6 to 8.8)" in texts(figure)


def test_the_line_at_1_and_the_band_are_drawn():
    shapes = ratios([comparison(OTHERS, WHITE)]).layout.shapes
    assert [(s.x0, s.x1) for s in shapes] == [(0.8, 1.25), (1, 1)]


def test_a_hidden_count_is_the_range_that_is_left_and_no_dot():
    hidden = ASIAN | {"rri_least": 0.0, "rri_most": 3.0}
    figure = ratios([comparison(OTHERS, WHITE, hidden)])
    (bar,) = [t for t in figure.data if t.line.color == charts.HIDDEN_FILL]
    assert bar.x[1] == 3.0
    assert bar.mode == "lines"
    assert "hidden count: between 0 and 9" in texts(figure)
    assert [x for x, _ in points(figure, "markers")] == [4.81]


def test_zero_has_an_upper_end_only():
    none = row("Mixed", TOO_FEW, count=0, rri=0.0, rri_low=0.0, rri_high=2.3)
    figure = ratios([comparison(none, WHITE)])
    assert "none; up to 2.3" in texts(figure)
    (arrow,) = points(figure, "markers")
    assert arrow[0] == points(figure, "lines")[0][0]


@pytest.mark.parametrize(
    ("least", "most", "arrows"), [(0.03, 0.07, ["triangle-left"]), (130, 310, ["triangle-right"]), (0, 3, [])]
)
def test_a_range_that_is_beyond_the_axis_is_an_arrow_too(least, most, arrows):
    figure = ratios([comparison(WHITE, row("Asian", HIDDEN, count=None, level=2, rri_least=least, rri_most=most))])
    symbols = [s for t in figure.data if t.mode == "markers" for s in t.marker.symbol]
    assert [s for s in symbols if s.startswith("triangle")] == arrows


def test_no_upper_end_is_an_arrow_and_at_least():
    figure = ratios([comparison(row("Mixed", OVER, rri=inf, rri_low=2.1, rri_high=inf), WHITE)])
    assert "at least 2.1" in texts(figure)
    symbols = [s for t in figure.data if isinstance(t.marker.symbol, tuple) for s in t.marker.symbol]
    assert symbols == ["triangle-right"]


def test_what_lies_beyond_the_axis_is_cut_with_an_arrow():
    figure = ratios([comparison(row("Mixed", OVER, rri=90.0, rri_low=15.0, rri_high=400.0), WHITE)])
    assert max(x for x, _ in points(figure, "lines")) == pytest.approx(10 ** figure.layout.xaxis.range[1])
    assert "<b>90</b> (15 to 400)" in texts(figure)


def test_verdicts_differ_in_shape_and_colour_and_the_key_says_how():
    assert len({mark[0] for mark in charts.MARKS.values()}) == len(charts.MARKS)
    assert len({mark[1] for mark in charts.MARKS.values()}) == len(charts.MARKS)
    few = row("Mixed", TOO_FEW, rri=1.8, rri_low=0.6, rri_high=4.0)
    shown = charts.picture([comparison(OTHERS, few, WHITE, ASIAN, unit="offences")])
    words = [text for _, _, text in charts.signs(shown)]
    assert words == [
        "over-represented",
        "not enough offences to tell",
        "from 0.80 to 1.25 times: in line",
    ]


def test_the_height_grows_with_rows_and_long_labels_wrap():
    short = ratios([comparison(OTHERS, WHITE)])
    long = ratios(
        [comparison(OTHERS, WHITE, row("English, Welsh, Scottish, Northern Irish or British", OVER, rri=2.0))]
    )
    assert long.layout.height > short.layout.height
    assert max(len(line) for text in texts(long) for line in text.split("<br>")) <= 40


def test_several_characteristics_say_what_each_is_compared_with():
    sex = comparison(row("Boys", OVER, rri=4.4, rri_low=2.1, rri_high=10.0), by="sex", reference=EVERYONE_ELSE)
    figure = ratios([comparison(OTHERS, WHITE), sex])
    assert "<b>Sex</b>, against all other children" in texts(figure)


def test_a_count_whose_comparison_is_hidden_says_so():
    figure = ratios([comparison(row("Mixed", HIDDEN, count=6), WHITE)])
    assert "a number behind it is hidden" in texts(figure)


def test_a_comparison_with_nothing_to_draw_still_draws():
    assert "hidden count: between 0 and 9" in texts(ratios([comparison(ASIAN, WHITE)]))
