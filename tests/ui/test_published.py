"""The app on the release of the published counts file: years of their own, few tables, and the published changes."""

from __future__ import annotations

import pytest

from ui.test_pages import opened, pages, texts
from yjdisp import publish, wording
from yjdisp.project import project_folder
from yjdisp.ui import library
from yjdisp.ui.shell import PAGES
from yjdisp.wording import places as wording_places

ONE_YEAR = """unit,year,area,ethnicity,count
children,2021/22,Bath and North East Somerset,,90
children,2021/22,Bath and North East Somerset,White,60
children,2021/22,Bath and North East Somerset,All other ethnic groups combined,27
children,2021/22,Bath and North East Somerset,Unknown,3
"""
TRENDS = next(page for page in PAGES if page.file == "trends")


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    folder = tmp_path_factory.mktemp("published")
    publish.publish(
        project_folder() / "data_samples" / "published_caseload.csv", folder / "release", made_with=publish.rules()
    )
    return folder


@pytest.fixture
def one_year(tmp_path, monkeypatch):
    """The folder on show, with a release of the counts of one year: its only tables are by year."""
    counts = tmp_path / "counts.csv"
    counts.write_text(ONE_YEAR, encoding="utf-8")
    publish.publish(counts, tmp_path / "releases" / "one", made_with=publish.rules())
    monkeypatch.setenv(library.FOLDER, str(tmp_path / "releases"))


@pytest.fixture
def app(app, published, monkeypatch):
    monkeypatch.setenv(library.FOLDER, str(published))
    return app


@pages
def test_every_page_shows_an_answer_or_says_why_not(app, page):
    opened(app, page)
    assert texts(app)
    if page.file in ("overview", "ethnicity", "trends"):
        assert app.get("plotly_chart")


def test_the_period_that_is_published_is_the_one_on_show(app):
    opened(app, PAGES[0])
    assert "In 2021/22" in texts(app)


@pytest.mark.parametrize(
    ("by", "said"),
    [
        ("Reoffended", "30.0% to 25.0%, down 5.0 percentage points (16.7% less), well within chance"),
        ("Reoffended", "from −30.9 to +21.8 percentage points"),
        ("First-time entrant", "16 to 24, up 50.0%, within chance"),
        ("First-time entrant", "from −20.2% to +188.0%"),
    ],
)
def test_the_published_changes_are_the_first_that_trends_says(app, by, said):
    app.query_params["trend_by"] = by
    assert said in texts(opened(app, TRENDS))


@pytest.mark.parametrize("page", ["pathway", "outcomes"])
def test_a_page_opens_on_a_year_where_all_years_together_are_not_published(app, page):
    said = texts(opened(app, next(p for p in PAGES if p.file == page)))
    assert wording.NOT_PUBLISHED not in said
    assert "In 20" in said


def test_areas_without_a_common_period_are_not_set_side_by_side(app):
    assert wording_places.NOT_BY_AREA in texts(opened(app, next(p for p in PAGES if p.file == "areas")))


@pytest.mark.parametrize("asked", [{}, {"year": "2021/22"}], ids=["nothing asked", "the year asked"])
@pytest.mark.parametrize("page", ["overview", "ethnicity", "pathway", "areas"])
def test_a_release_of_one_year_shows_it(app, one_year, page, asked):
    for key, value in asked.items():
        app.query_params[key] = value
    said = texts(opened(app, next(p for p in PAGES if p.file == page)))
    assert app.get("plotly_chart")
    assert "2021/22" in said
    assert "not published here" not in said


@pytest.mark.parametrize(
    ("page", "label"), [("send", "special educational needs"), ("care", "care status"), ("girls", "sex")]
)
def test_what_is_not_published_is_called_by_its_label(app, one_year, page, label):
    said = texts(opened(app, next(p for p in PAGES if p.file == page)))
    assert f"Children by {label} is not in this release" in said
    assert "it has year; year and ethnicity" in said


def test_the_published_tables_are_called_by_their_labels(app, monkeypatch):
    monkeypatch.setenv(library.FOLDER, str(library.sample().parent))
    opened(app, next(p for p in PAGES if p.file == "methods"))
    tables = next(frame["Table"] for frame in (t.value.reset_index() for t in app.table) if "Table" in frame)
    assert "ethnicity and special educational needs" in set(tables)
    assert not any("_" in name or "×" in name for name in tables)
