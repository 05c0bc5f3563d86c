"""Every page of the page table: it runs, asks its question, is guarded, and keeps the filters."""

from __future__ import annotations

import ast
import shutil
from dataclasses import replace

import pytest
from made_up import made_up
from streamlit.testing.v1 import AppTest

from ui import small
from yjdisp import wording
from yjdisp.baselines import BaselineError, is_caseload
from yjdisp.project import project_folder
from yjdisp.ui import filters, library, results
from yjdisp.ui.shell import PAGES
from yjdisp.vocabulary import ALL
from yjdisp.wording import comparison as wording_comparison
from yjdisp.wording import scale as wording_scale
from yjdisp.wording import unknowns as wording_unknowns

FOLDER = project_folder() / "pages"
NEED_NO_RELEASE = {"action_plan", "data", "methods"}
ANALYTICAL = [page for page in PAGES if page.by]

pages = pytest.mark.parametrize("page", PAGES, ids=lambda p: p.file)
analytical = pytest.mark.parametrize("page", ANALYTICAL, ids=lambda p: p.file)


def texts(app: AppTest) -> str:
    """All that a page says."""
    elements = [*app.markdown, *app.info, *app.warning, *app.error, *app.success, *app.caption]
    return "\n".join([*(e.value for e in elements), *(h.proto.body for h in app.get("html"))])


def opened(app: AppTest, page) -> AppTest:
    app.run()
    if page is not PAGES[0]:
        app.switch_page(page.path).run()
    assert not app.exception
    return app


def test_the_page_table_names_every_file():
    assert {page.file for page in PAGES} == {path.stem for path in FOLDER.glob("*.py")}


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.py")), ids=lambda p: p.stem)
def test_the_guard_comes_before_anything_is_done(path):
    statements = ast.parse(path.read_text(encoding="utf-8")).body
    first = next(s for s in statements if not isinstance(s, ast.Import | ast.ImportFrom))
    assert ast.unparse(first) == "view = shell.page()"


@pages
def test_a_page_asks_its_question_and_says_that_the_data_are_invented(app, page):
    opened(app, page)
    assert [title.value for title in app.title] == [page.question]
    assert wording.SYNTHETIC in [w.value for w in app.warning]


def test_a_release_of_real_children_has_no_banner(tmp_path, monkeypatch, app):
    small.write(tmp_path / "real", synthetic=False)
    monkeypatch.setenv("YJDISP_RELEASES", str(tmp_path))
    app.run()
    assert not app.warning


@analytical
def test_an_analytical_page_has_answer_chart_table_and_caveats(app, page):
    opened(app, page)
    (chart,) = app.get("plotly_chart")
    assert "Chart of" in chart.proto.alt
    sections = [s.value for s in app.header]
    assert sections[0] == wording.CAVEATS
    assert len(app.table) == len(sections)  # the chart's, and one below each further heading
    assert "2020/21 to 2021/22" in texts(app)


@pages
def test_without_a_release_a_page_says_what_to_do(page, app, tmp_path, monkeypatch):
    monkeypatch.setenv("YJDISP_RELEASES", str(tmp_path))
    opened(app, page)
    assert (wording.NO_RELEASE in texts(app)) == (page.file not in NEED_NO_RELEASE)


def test_where_only_caseloads_are_published_an_overview_says_so():
    counts = [((by,), {(ALL,): 80, (group,): 80}) for by, group in (("ethnicity", "White"), ("sex", "Boys"))]
    source = made_up(*counts)
    source = replace(source, baselines=source.baselines[source.baselines["baseline"].map(is_caseload)])
    with pytest.raises(BaselineError, match="no population for ethnicity"):
        results.compared(source, filters.usual(source, "ethnicity", "sex"))


@analytical
def test_a_changed_release_is_refused(page, app, small_folder, tmp_path, monkeypatch):
    shutil.copytree(small_folder / "small", tmp_path / "small")
    with (tmp_path / "small" / "policy.toml").open("a") as file:
        file.write("# changed\n")
    monkeypatch.setenv("YJDISP_RELEASES", str(tmp_path))
    opened(app, page)
    assert wording.REFUSED in texts(app)
    assert "policy.toml was changed" in texts(app)
    assert not app.get("plotly_chart")


def test_a_filter_changes_the_answer_and_survives_other_pages(app):
    app.run()
    app.selectbox(key="year").select("2021/22").run()
    assert "In 2021/22" in texts(app)
    app.switch_page("pages/methods.py").run()
    app.switch_page("pages/ethnicity.py").run()
    assert app.selectbox(key="year").value == "2021/22"
    assert "4.8 times as likely as White children" in texts(app)


def test_a_link_with_filters_opens_on_them(app):
    app.query_params["year"] = "2021/22"
    app.query_params["ethnicity_baseline"] = "Census 2011"
    opened(app, PAGES[1])
    assert "compared with Census 2011" in texts(app)
    assert "7.8 times as likely as White children" in texts(app)


@pytest.mark.parametrize(("key", "value"), [("year", "1999/00"), ("unit", "Courts"), ("release", "20200101-00000000")])
def test_an_impossible_filter_falls_back_and_says_so(app, key, value):
    app.query_params[key] = value
    app.run()
    assert not app.exception
    assert f"“{value}” is not published here" in texts(app)
    assert app.get("plotly_chart")


def test_what_was_chosen_comes_back_after_a_page_that_falls_back(app, monkeypatch):
    monkeypatch.setenv(library.FOLDER, str(library.sample().parent))
    app.query_params["unit"] = "Offences"
    opened(app, PAGES[1])
    for _ in range(2):
        app.switch_page("pages/send.py").run()
        assert app.selectbox(key="unit").value == "children"
        app.run()
        assert "“Offences” is not published here" in texts(app)
        app.switch_page("pages/ethnicity.py").run()
        assert app.selectbox(key="unit").value == "offences"
        assert "is not published here" not in texts(app)
    app.switch_page("pages/send.py").run()
    app.selectbox(key="unit").select("outcomes").run()
    app.switch_page("pages/ethnicity.py").run()
    assert app.selectbox(key="unit").value == "outcomes"


def test_a_further_characteristic_narrows_the_groups_and_not_the_population(app):
    app.run()
    app.switch_page("pages/ethnicity.py").run()
    app.selectbox(key="ethnicity_only").select("Sex: Girls").run()
    assert not app.exception
    assert "among girls, " in texts(app)
    assert wording.NARROWED.format(only="girls") in texts(app)


def test_the_sample_release_that_ships_opens(app, monkeypatch, tmp_path):
    if not library.sample().is_dir():
        pytest.skip("the sample release is not there yet")
    monkeypatch.delenv("YJDISP_RELEASES")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    app.run()
    assert app.get("plotly_chart")
    assert wording.SYNTHETIC in texts(app)


def test_offences_are_never_said_to_be_children(app):
    app.run()
    app.selectbox(key="unit").select("offences").run()
    assert wording.SEVERAL_EACH.format(unit="offences") in texts(app)
    assert "Offences" in app.table[0].value.reset_index().columns
    assert "Children" not in app.table[0].value.reset_index().columns


def test_another_release_can_be_chosen(app, small_folder, tmp_path, monkeypatch):
    shutil.copytree(small_folder / "small", tmp_path / "one")
    second = small.write(tmp_path / "two", times=2, synthetic=False)
    monkeypatch.setenv("YJDISP_RELEASES", str(tmp_path))
    app.query_params["release"] = second
    app.run()
    assert app.selectbox(key="release").value == second
    assert not app.warning


def test_where_no_folder_is_named_the_sample_comes_last(monkeypatch, tmp_path):
    monkeypatch.delenv("YJDISP_RELEASES", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    small.write(library.folder() / "own")
    found = library.found()
    assert found[0].path == library.folder() / "own"
    assert [entry.path for entry in found[1:]] == [library.sample()] * library.sample().is_dir()


def test_the_unknown_are_seen_and_shared_out_on_the_ethnicity_page(app):
    opened(app, PAGES[1])
    assert "3 children have no recorded ethnicity" in texts(app)
    assert wording_unknowns.SECTION in [h.value for h in app.header]
    assert any("If all were in the group" in t.value for t in app.table)


@pytest.mark.parametrize(
    ("file", "sections"),
    [
        ("ethnicity", [wording_scale.PARITY]),
        ("send", [wording_scale.PARITY, wording_scale.DETECTABLE]),
        ("girls", [wording_scale.PARITY]),
        ("care", []),  # hidden
    ],
)
def test_a_finding_is_put_in_children_on_the_page_of_its_characteristic(app, file, sections):
    opened(app, next(page for page in PAGES if page.file == file))
    assert [h.value for h in app.header if h.value in (wording_scale.PARITY, wording_scale.DETECTABLE)] == sections


def test_offences_are_not_put_in_children(app):
    opened(app, PAGES[1])
    app.selectbox(key="unit").select("offences").run()
    assert "Offences" in app.table[0].value.reset_index().columns
    assert wording_scale.PARITY not in [h.value for h in app.header]


def test_beside_another_caseload_nothing_is_said_of_parity_or_likelihood(app):
    opened(app, PAGES[1])
    select = app.selectbox(key="ethnicity_baseline")
    select.select(next(o for o in select.options if "caseload" in o)).run()
    assert "Times as many as in that caseload, against White children" in app.table[0].value.reset_index().columns
    assert "not enough children to tell" in set(app.table[0].value.reset_index()["Finding"])
    assert not {wording_scale.PARITY, wording_scale.DETECTABLE} & {h.value for h in app.header}


def test_the_groups_can_be_two_or_five(app):
    opened(app, PAGES[1])
    assert app.selectbox(key="ethnicity_groups").options == [wording.LEVELS_TOGETHER, "2 groups", "5 groups"]
    app.selectbox(key="ethnicity_groups").select("5 groups").run()
    assert not app.exception
    assert list(app.table[0].value.reset_index()["Group"]) == ["Asian", "Black", "Mixed", "White", "Other", "Unknown"]
    app.selectbox(key="ethnicity_groups").select("2 groups").run()
    assert "Mixed" not in set(app.table[0].value.reset_index()["Group"])


def test_nineteen_groups_without_a_population_are_shares(app, tmp_path, monkeypatch):
    finest = {"White": (40, 40), "All other ethnic groups combined": (20, 20), "Unknown": (0, 0)}
    finest |= {
        "Asian": (12, 12),
        "Mixed": (8, 8),
        "Indian": (7, 7),
        "White and Asian": (8, 8),
        "Irish": ((0, 4), (0, 4)),
    }
    small.write(tmp_path / "fine", children=small.CHILDREN | {"ethnicity": finest}, total=(60, 60), depth=3)
    monkeypatch.setenv("YJDISP_RELEASES", str(tmp_path))
    app.query_params["ethnicity_groups"] = "19 groups"
    opened(app, PAGES[1])
    assert wording_comparison.UNCOMPARED.partition("group's")[0] in texts(app)
    assert "Indian" in set(app.table[0].value.reset_index()["Group"])
    (chart,) = app.get("plotly_chart")
    assert "Share of the children, %" in chart.proto.spec
    assert chart.proto.alt.startswith("Chart of the share of each group")
