"""Figures in large type: what is in pixels grows, what is data stays."""

from __future__ import annotations

from made_up import made_up
from test_intersections import COUNTS
from test_wording import OTHERS, WHITE, comparison

from yjdisp import charts
from yjdisp.charts import intersections as charts_intersections
from yjdisp.charts.large import FACTOR, enlarged
from yjdisp.intersections import intersections


def test_type_marks_and_height_grow_and_data_do_not():
    small = charts.rows(charts.picture([comparison(OTHERS, WHITE)]))
    large = enlarged(small)
    assert large.layout.font.size == FACTOR * small.layout.font.size
    assert large.layout.height == FACTOR * small.layout.height
    assert large.layout.margin.b == FACTOR * small.layout.margin.b
    assert large.layout.xaxis.range == small.layout.xaxis.range
    for one, other in zip(small.data, large.data, strict=True):
        assert list(one.x) == list(other.x)
        assert other.marker.size == (one.marker.size and FACTOR * one.marker.size)
        assert other.line.width == (one.line.width and FACTOR * one.line.width)


def test_the_width_of_a_tile_is_data():
    source = made_up((("ethnicity", "send"), COUNTS))
    small = charts_intersections.heat_map(intersections(source, rows="ethnicity", columns="send"))
    large = enlarged(small)
    assert [bar.width for bar in large.data] == [bar.width for bar in small.data]
    assert [bar.y for bar in large.data] == [bar.y for bar in small.data]
