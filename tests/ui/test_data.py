"""The Data page: a file goes in, a release comes out or the reasons why not; nothing of its rows is ever shown."""

from __future__ import annotations

import pandas as pd
import pytest

from ui import small
from ui.test_pages import texts
from yjdisp import publish
from yjdisp.problems import CaseFileError, Problem
from yjdisp.project import project_folder
from yjdisp.ui import blocks, data, library

HEADER = "child_id,outcome_date,ethnicity,sex,age,outcome\n"
BAD = HEADER + "Zebedee Quux,99/99/2021,W1,M,15,youth caution\nZebedee Quux,2021-05-01,W1,M,15,youth caution\n"


@pytest.fixture
def page(app, tmp_path, monkeypatch):
    monkeypatch.setenv("YJDISP_RELEASES", str(tmp_path))
    app.run()
    return app.switch_page("pages/data.py").run()


def upload(page, content: str | bytes, name: str = "cases.csv"):
    raw = content.encode() if isinstance(content, str) else content
    page.file_uploader(key="case_file").upload(name, raw, "text/csv")
    return page.button[0].click().run()


def seen(page) -> str:
    return texts(page) + "".join(t.value.to_csv() for t in page.table)


def test_without_a_file_it_says_so(page):
    page.button[0].click().run()
    assert "Choose a file first." in texts(page)


def test_problems_are_a_table_without_the_rows(page):
    upload(page, BAD)
    assert not page.exception
    (table,) = page.table
    table = table.value.reset_index()
    assert list(table["Problem"]) == ["wrong date"]
    assert list(table["Line"]) == ["2"]
    assert data.NOTHING_WRITTEN in texts(page)
    assert "Zebedee" not in seen(page)
    assert not list(library.folder().iterdir())


@pytest.mark.parametrize("content", [b"", b"\x89PNG\r\n\x1a\n" + bytes(range(256)), b"a,b\n1,2\n"])
def test_what_is_no_case_file_is_refused_with_a_remedy(page, content):
    upload(page, content)
    assert not page.exception
    assert data.NOTHING_WRITTEN in texts(page)
    assert not list(library.folder().iterdir())


@pytest.mark.parametrize("name", ["april_*all*.csv", "April.csv"])
def test_a_file_goes_by_its_name(page, name):
    upload(page, b"", name)
    assert f"**{data.NOTHING_WRITTEN}** {blocks.plain(name)}" in texts(page)


def test_a_good_file_becomes_the_release_on_show(page, monkeypatch):
    stages = []

    def publishing(source, out, *, progress, **options):
        assert source.read() == BAD.encode()
        progress(0.5, "Protecting")
        stages.append(options)
        return small.write(out)

    monkeypatch.setattr(publish, "publish", publishing)
    upload(page, BAD)
    assert not page.exception
    (entry,) = library.found()
    assert data.DONE.format(id=entry.release.id) in [s.value for s in page.success]
    assert stages[0]["area"] is None
    page.switch_page("pages/overview.py").run()
    assert page.get("plotly_chart")


def test_a_second_release_takes_the_first_into_account_and_is_shown(page, monkeypatch):
    small.write(library.folder() / "first", times=2)
    given = {}

    def publishing(source, out, *, previous, progress, **options):
        given["previous"] = previous
        return small.write(out, synthetic=False)

    monkeypatch.setattr(publish, "publish", publishing)
    page.run()
    upload(page, BAD)
    assert not page.exception
    assert len(given["previous"]) == 1
    assert page.selectbox(key="release").value not in [r.id for r in given["previous"]]
    assert not page.warning


def test_a_failure_says_why_and_what_to_do(page, monkeypatch):
    def publishing(*args, **options):
        raise publish.Refused("the file has problems", (Problem(None, "sex", "missing column", 0, "add it"),))

    monkeypatch.setattr(publish, "publish", publishing)
    upload(page, BAD)
    assert "add it" in seen(page)

    def unreadable(*args, **options):
        raise CaseFileError("cases.csv is empty; export it again")

    monkeypatch.setattr(publish, "publish", unreadable)
    upload(page, BAD)
    assert "export it again" in seen(page)


def test_a_real_file_goes_all_the_way(page):
    rows = pd.read_csv(project_folder() / "data_samples" / "bathavon.csv", dtype="str")
    upload_bytes = rows[["child_id", "outcome_date", "area", "ethnicity", "sex", "age", "outcome"]].to_csv(index=False)
    page.file_uploader(key="case_file").upload("few.csv", upload_bytes.encode(), "text/csv")
    page.button[0].click().run(timeout=120)
    assert not page.exception
    (entry,) = library.found()
    assert data.DONE.format(id=entry.release.id) in [s.value for s in page.success]
    assert entry.release.synthetic
    left_out = entry.release.manifest["left_out"]
    assert "The file has nothing on gravity, so no table of it is made." in {t["reason"] for t in left_out}
    said = [m.value for m in page.markdown]
    assert data.TABLES_LEFT_OUT.format(tables=f"{len(left_out)} tables") in said
