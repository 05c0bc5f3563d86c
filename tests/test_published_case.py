"""The published case of Bath and North East Somerset, from its counts file through a real release to the sentences.

Reoffending: 6 of 20 children, then 5 of 20. First-time entrants: 16 in 2023, 24 in 2024.
"""

from __future__ import annotations

import pytest

from yjdisp import publish, release, trends
from yjdisp.project import project_folder
from yjdisp.wording import trends as wording_trends

BATH = {"area": "Bath and North East Somerset"}


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    out = tmp_path_factory.mktemp("published") / "release"
    publish.publish(project_folder() / "data_samples" / "published_caseload.csv", out, made_with=publish.rules())
    assert publish.audit(out)["safe"]
    return release.read(out)


def answer(source, by: str, measure: str) -> str:
    return " ".join(wording_trends.answer(trends.trend(source, by=by, group="Yes", where=BATH, measure=measure)))


def test_only_tables_with_numbers_that_the_file_hides_are_left_out_and_named(published):
    left_out = {t["table"]: t["reason"] for t in published.manifest["left_out"]}
    assert list(left_out) == ["year × sex", "year × care"]
    assert left_out["year × sex"] == publish.HIDDEN_BEFORE.format(table="children by year and sex")


def test_reoffending_fell_well_within_chance(published):
    said = answer(published, "reoffended", "share")
    assert "30.0% to 25.0%, down 5.0 percentage points (16.7% less), well within chance" in said
    assert "−30.9 to +21.8 percentage points" in said


def test_first_time_entrants_rose_within_chance(published):
    said = answer(published, "first_time_entrant", "count")
    assert "16 to 24, up 50.0%, within chance" in said and "−20.2% to +188.0%" in said
