"""Real releases of small random services: no export tells what only their true counts would."""

from __future__ import annotations

import pytest

from exports import real
from exports.real import Known
from yjdisp import exports

PLAN = """name = "small"
[[tier]]
name = "one characteristic by year"
tables = [
    { unit = "children", dimensions = ["year", "ethnicity"], depth = { ethnicity = 2 } },
    { unit = "children", dimensions = ["year", "sex"] },
    { unit = "children", dimensions = ["year", "send"] },
    { unit = "children", dimensions = ["year", "care"] },
    { unit = "offences", dimensions = ["year", "ethnicity"] },
]
"""
FORMATS = (".xlsx", ".pptx", ".html", ".zip", ".parquet")


@pytest.fixture(
    scope="module", params=[(1, 15, 4), (2, 60, 8)], ids=["15 children, one year", "60 children, two years"]
)
def known(request, tmp_path_factory) -> Known:
    place = tmp_path_factory.mktemp("real")
    (place / "plan.toml").write_text(PLAN)
    return real.made(*request.param, place, place / "plan.toml")


def test_something_is_hidden_and_something_is_not(known):
    hidden = known.public.cells["count"].isna()
    assert 0 < hidden.sum() < len(hidden)
    assert real.intervals(known.true) - real.intervals(known.public)


def test_no_byte_tells_what_only_the_true_counts_would(known):
    assert not real.found_in_exports(known, FORMATS)


def test_the_search_finds_what_is_planted(known, monkeypatch):
    build = exports.build
    monkeypatch.setattr(exports, "build", lambda _, suffix: build(known.true, suffix))
    told = real.found_in_exports(known, FORMATS)
    assert {path.split("/")[0].split(":")[0] for path in told} >= {".html", ".zip", ".pptx"}
    assert real.misprinted(known) and real.stray_coordinates(known)


def test_no_coordinate_stands_where_a_true_count_would_put_it(known):
    assert not real.stray_coordinates(known)


def test_tables_hold_the_published_counts_and_no_other(known):
    assert not real.misprinted(known)
