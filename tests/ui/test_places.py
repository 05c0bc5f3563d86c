"""The pages about two characteristics at once and about areas."""

from __future__ import annotations

import pytest
from made_up import HERE, OTHER, made_up

from ui import small
from ui.test_pages import texts
from yjdisp import release, wording
from yjdisp.wording import indicators as wording_indicators
from yjdisp.wording import intersections as wording_intersections
from yjdisp.wording import places as wording_places

THERE = "Bristol, City of"
ELSEWHERE = "Gloucestershire"


def opened(app, file):
    app.run()
    app.switch_page(f"pages/{file}.py").run()
    assert not app.exception
    return app


def saved(source, path):
    """A release made up in memory as a folder."""
    whole = {"service": "made up", "synthetic": True, "areas": list(source.areas)} | source.manifest
    dimensions, text = list(source.dimensions.values()), 'name = "made up"\n'
    options = {"baselines": source.baselines, "policy": text, "plan": text}
    manifest = {key: value for key, value in whole.items() if key != "id"}
    release.write(path, cells=source.cells, dimensions=dimensions, manifest=manifest, **options)


@pytest.fixture
def three_areas(tmp_path, monkeypatch):
    """Three services: one far from the others, one hidden."""
    counts = {}
    for area, group, white in ((HERE, 60, 40), (THERE, 150, 350), (ELSEWHERE, None, 100)):
        counts |= {(area, OTHER): group, (area, "White"): white, (area, "Unknown"): 0}
        counts[(area, "All")] = None if group is None else group + white
    first = {("No", "All"): 500, ("Yes", "All"): 260, ("Yes", "White"): 120, ("Yes", OTHER): None}
    entrants = {(area, e, g): n for area in (HERE, THERE, ELSEWHERE) for (e, g), n in first.items()}
    tables = [(("area", "ethnicity"), counts), (("area", "first_time_entrant", "ethnicity"), entrants)]
    saved(made_up(*tables, areas=(HERE, THERE, ELSEWHERE)), tmp_path / "three")
    monkeypatch.setenv("YJDISP_RELEASES", str(tmp_path))


def test_intersections_show_the_pair_that_is_published(app):
    opened(app, "intersections")
    (chart,) = app.get("plotly_chart")
    assert "Chart of" in chart.proto.alt
    assert list(app.table[0].value.reset_index()["Sex"]) == ["Boys", "Girls"] * 2
    assert wording_intersections.WITHIN in texts(app)


def test_without_a_pair_intersections_say_so(app, tmp_path, monkeypatch):
    only_sex = {name: groups for name, groups in small.CHILDREN.items() if name == "sex"}
    small.write(tmp_path / "one", children=only_sex)
    monkeypatch.setenv("YJDISP_RELEASES", str(tmp_path))
    opened(app, "intersections")
    assert wording_intersections.NO_PAIR in texts(app)
    assert not app.get("plotly_chart")


def test_a_pair_that_is_not_published_falls_back(app):
    app.query_params["pair_rows"] = "Care status"
    opened(app, "intersections")
    assert wording.FELL_BACK.format(asked="Care status", label="Characteristic", used="Ethnicity") in texts(app)
    assert app.get("plotly_chart")


def test_one_area_is_shown_beside_the_nation(app):
    opened(app, "areas")
    assert wording_places.ONE_AREA in texts(app)
    table = app.table[0].value.reset_index().set_index("Group")
    assert table.loc["Girls", "England and Wales, 2018/19"] == "15.0%"
    assert table.loc["Girls", "Share of this caseload"].startswith("18.5% (")
    assert "beside England and Wales, 2018/19" in texts(app)


def test_indicators_that_are_not_published_are_named(app):
    app.query_params["areas_show"] = wording_places.NATIONAL
    opened(app, "areas")
    assert wording_indicators.NO_INDICATOR in texts(app)
    assert wording_indicators.MISSING["reoffending"] in texts(app)
    assert not app.get("plotly_chart")


def test_services_stand_side_by_side_with_those_that_differ_named(app, three_areas):
    opened(app, "areas")
    assert wording_places.ONE_AREA not in texts(app)
    assert f"{HERE} (13 times, beyond 99.8% limits)" in texts(app)
    assert f"Hidden to protect small numbers: {ELSEWHERE}." in texts(app)
    assert "In England and Wales, the published shares" in texts(app)
    areas = list(app.table[0].value.reset_index()["Area"])
    assert areas == [HERE, THERE, ELSEWHERE, "England and Wales (published shares)"]
    assert app.table[0].value.reset_index()[OTHER][2] == "[c] between 0 and 9"


def test_entrants_are_a_rate_of_the_population(app, three_areas):
    app.query_params["areas_show"] = wording_places.NATIONAL
    opened(app, "areas")
    table = app.table[0].value.reset_index().set_index("Group")
    assert table.loc["White", "Out of"] == "14,997"
    assert table.loc["White", "Per 100,000 a year"].startswith("800 (")
    assert table.loc[OTHER, "Children"] == "[c] between 0 and 9"
    assert table.loc[OTHER, "Per 100,000 a year"].startswith("hidden: 0 to 523")


def test_a_period_that_a_page_cannot_offer_is_kept_for_the_next(app):
    app.query_params["year"] = "2021/22"
    opened(app, "intersections")
    assert "“2021/22” is not published here" in texts(app)
    app.switch_page("pages/ethnicity.py").run()
    assert app.selectbox(key="year").value == "2021/22"
