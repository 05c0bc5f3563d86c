"""The pages about two characteristics at once and about areas."""

from __future__ import annotations

from ui import small
from ui.test_pages import texts
from yjdisp import wording, wording_intersections


def opened(app, file):
    app.run()
    app.switch_page(f"pages/{file}.py").run()
    assert not app.exception
    return app


def test_intersections_show_the_pair_that_is_published(app):
    opened(app, "intersections")
    (chart,) = app.get("plotly_chart")
    assert "Chart of" in chart.proto.alt
    assert list(app.table[0].value["Sex"]) == ["Boys", "Girls"] * 2
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
