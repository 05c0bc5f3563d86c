"""The pages about the system: what they offer, what they say, and that nothing hidden leaves them."""

from __future__ import annotations

from pathlib import Path

import pytest
from made_up import OTHER
from streamlit.testing.v1 import AppTest

from ui import system_release
from ui.test_pages import texts
from yjdisp import exports, release, wording
from yjdisp.ui import library, system
from yjdisp.wording import pathway as wording_pathway
from yjdisp.wording import system as wording_system
from yjdisp.wording.views import GRAVITY_VIEWS, OUTCOME_VIEWS

FILES = ("gravity", "outcomes", "pathway")
HIDDEN = ("Black", "Custody")


@pytest.fixture(scope="module")
def full(tmp_path_factory) -> Path:
    """A folder with a release that publishes everything about the system."""
    folder = tmp_path_factory.mktemp("full")
    system_release.write(folder / "full")
    return folder


@pytest.fixture
def on(app, monkeypatch):
    """The app on the releases of a folder, opened on a page."""

    def opened(folder: Path, file: str, **query: str) -> AppTest:
        monkeypatch.setenv(library.FOLDER, str(folder))
        for key, value in query.items():
            app.query_params[key] = value
        app.run()
        app.switch_page(f"pages/{file}.py").run()
        assert not app.exception
        return app

    return opened


@pytest.mark.parametrize("file", FILES)
def test_a_page_has_answer_chart_table_and_caveats(on, full, file):
    app = on(full, file)
    (chart,) = app.get("plotly_chart")
    assert chart.proto.alt.startswith("Chart of ")
    assert len(app.table) == 1
    assert wording.CAVEATS in [s.value for s in app.header]
    assert "In 2021/22, " in texts(app)


@pytest.mark.parametrize("file", FILES)
def test_what_is_not_published_is_said_in_place_of_a_chart(on, small_folder, file):
    app = on(small_folder, file)
    if file == "pathway":
        assert "Not published for these two groups: statutory outcome, court, custody and diverted." in texts(app)
    else:
        assert wording_system.NO_TABLE in texts(app)
        assert not app.get("plotly_chart")


def test_every_view_of_gravity_and_outcomes_can_be_chosen(on, full):
    app = on(full, "gravity")
    assert app.selectbox(key="gravity_view").options == [view.title for view in GRAVITY_VIEWS[:2]]
    app = on(full, "outcomes")
    options = app.selectbox(key="outcome_view").options
    assert options == [view.title for view in OUTCOME_VIEWS]
    for title in options:
        app.selectbox(key="outcome_view").select(title).run()
        assert not app.exception
        assert len(app.table) == 1


@pytest.mark.parametrize("year", ["2020/21", "2021/22", "2022/23"])
def test_only_periods_in_which_the_view_is_published_are_on_offer(on, year):
    scores = GRAVITY_VIEWS[1].title
    app = on(library.sample().parent, "gravity", gravity_view=scores, year=year)
    assert app.selectbox(key="gravity_view").value == scores
    assert "None" not in texts(app)
    assert f"“{year}” is not published here" in texts(app)
    assert app.get("plotly_chart")


def test_children_and_offences_are_never_on_one_page_of_gravity(on, full):
    app = on(full, "gravity", unit="Offences")
    assert app.selectbox(key="unit").options == ["Children", "Offences"]
    columns = list(app.table[0].value.reset_index().columns)
    assert "Offences" in columns and "Children" not in columns
    assert "Serious violence" in app.table[0].value.reset_index().iloc[0].tolist()
    assert wording.SEVERAL_EACH.format(unit="offences") in texts(app)


def test_recommendation_against_decision_is_shown_where_the_release_has_it(on, full):
    app = on(full, "outcomes", outcome_view="Pre-court was recommended: what was decided")
    assert "where a pre-court outcome was recommended, 31.9% of children from all other ethnic groups" in texts(app)


def test_what_a_release_lacks_is_named_on_the_page(on, monkeypatch):
    if not library.sample().is_dir():
        pytest.skip("the sample release is not there yet")
    app = on(library.sample().parent, "outcomes")
    assert "Not in this release by ethnicity for children" in texts(app)
    assert "“Outcome 22 and community resolution”" in texts(app)


def test_the_group_and_the_reference_are_chosen_and_have_no_child_in_common(on, full):
    app = on(full, "outcomes", ethnicity_group="Black")
    assert app.selectbox(key="ethnicity_group").value == "Black"
    assert "White" not in app.selectbox(key="ethnicity_group").options
    references = app.selectbox(key="ethnicity_beside").options
    assert references[0] == "White"
    assert OTHER not in references and "Black" not in references
    app.selectbox(key="ethnicity_beside").select("Mixed").run()
    assert "as often as children of Mixed ethnicity" in texts(app)


def test_the_pathway_multiplies_its_stages(on, full):
    app = on(full, "pathway")
    assert "The stages multiply: caseload 2.3, statutory outcome 1.63, court 1.26 and custody 1.70" in texts(app)
    assert wording_pathway.TOGETHER in app.table[0].value.reset_index().columns
    assert "National caseload 2018/19" not in app.selectbox(key="ethnicity_baseline").options


def test_a_hidden_count_is_nowhere_on_the_way(on, tmp_path):
    """11 Black children are in custody; hidden, they are between 0 and 200, so at most the 54 at court."""
    system_release.write(tmp_path / "hidden", hide=HIDDEN)
    app = on(tmp_path, "pathway", ethnicity_group="Black")
    row = app.table[0].value.reset_index().set_index("Stage").loc["Custody"]
    assert row["Black: children"] == "[c] between 0 and 54 of 54"
    assert "hidden: 0 to 13" in app.get("plotly_chart")[0].proto.spec
    assert "11 of 54" not in str(app.get("plotly_chart")[0].proto) + texts(app)


@pytest.mark.parametrize("suffix", list(exports.offered("view")))
@pytest.mark.parametrize("view", [GRAVITY_VIEWS[1], OUTCOME_VIEWS[0]], ids=lambda v: v.title)
def test_what_is_on_screen_can_be_taken_away(full, suffix, view):
    source = release.read(full / "full")
    asked = system.Asked("ethnicity", "children", OTHER, "White", (), view)
    result = system._outcomes(source.id, asked, source)
    assert len(exports.build(source, suffix, [result.view])) > 100
