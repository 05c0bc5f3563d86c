"""The Trends page on what small releases lack: rolling years by group, and a file of what it shows."""

from __future__ import annotations

from itertools import product

import pytest
from made_up import OTHER, made_up

from ui import small
from ui.test_pages import texts
from yjdisp import release

YEARS = ("2020/21", "2021/22")
QUARTERS = tuple(f"{year} Q{quarter}" for year, quarter in product(YEARS, range(1, 5)))
WINDOWS = tuple(f"year to {quarter}" for quarter in QUARTERS[3:])
GROUPS = ("All", "White", OTHER, "Unknown")
COUNTS = ((50, 35, 12, 3), (51, 35, 13, 3), (52, None, None, 3), (53, 34, 17, 2), (54, 30, 22, 2))


@pytest.fixture
def rolling(tmp_path, monkeypatch, app):
    """The Trends page of a release that publishes rolling years by ethnicity and nothing else."""
    cells = {(w, g): n for w, row in zip(WINDOWS, COUNTS, strict=True) for g, n in zip(GROUPS, row, strict=True)}
    source = made_up((("rolling_year", "ethnicity"), cells), unit="outcomes", years=YEARS)
    manifest = {"service": small.AREA, "areas": [small.AREA], "period": {"years": list(YEARS)}, "synthetic": True}
    manifest |= {"policy": "caseload", "left_out": [], "rows": {"used": 1, "left_out": {}}, "suppression": []}
    release.write(
        tmp_path / "rolling",
        cells=source.cells,
        dimensions=tuple(source.dimensions.values()),
        baselines=source.baselines,
        policy=small.POLICY,
        plan=small.PLAN,
        manifest=manifest | {"attack": {"cells": len(cells), "hidden": 2, "narrowed": 0}},
    )
    monkeypatch.setenv("YJDISP_RELEASES", str(tmp_path))
    app.run()
    app.switch_page("pages/trends.py").run()
    assert not app.exception
    return app


def test_rolling_years_by_group_are_a_trend_whose_neighbours_are_not_compared(rolling):
    said = texts(rolling)
    assert "2020/21 Q4 to year to 2021/22 Q4: 25.5% to 42.3%, up 16.8 percentage points" in said
    assert "neighbouring rolling years share three of their four quarters" in said
    table = rolling.table[0].value.reset_index()
    assert table["Period"].tolist() == list(WINDOWS)
    assert table["Outcomes"].tolist() == ["12", "13", "[c] between 0 and 9", "17", "22"]
    assert table["Change from the point before"].tolist()[:4] == ["–", "–", "[c]", "–"]


def test_a_hidden_rolling_year_is_a_gap(rolling):
    (chart,) = rolling.get("plotly_chart")
    assert "Year to 2021/22 Q2 is left out as a gap" in texts(rolling)
    assert "year to 2021/22 Q2: hidden" in chart.proto.alt


def test_every_measure_by_rolling_year_is_shown_or_refused_in_words(rolling):
    for measure in ("rri", "rate", "count"):
        rolling.selectbox(key="trend_measure").set_value(measure).run()
        assert not rolling.exception and rolling.get("plotly_chart"), measure


def test_the_trend_can_be_taken_away(rolling):
    (button,) = rolling.get("download_button")
    assert button.proto.label == "Download"
