"""A release that gives something away is refused, whoever protected it; nothing of it is written."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from shutil import rmtree

import pandas as pd
import pytest
from attack.services import service, write_cases

from yjdisp import publish, release
from yjdisp.disclosure import attack, ledger, private
from yjdisp.disclosure import plan as plans
from yjdisp.disclosure.facts import blocks

PLAN = """
[[tier]]
tables = [
    { unit = "children", dimensions = ["sex"] },
    { unit = "children", dimensions = ["year", "sex"] },
    { unit = "children", dimensions = ["year", "ethnicity"] },
]
"""


def one_quarter_published(tmp_path, seed: int, children: int):
    """The rules, the cases of a service's last quarter, and the release of the quarter before."""
    (tmp_path / "plan.toml").write_text(PLAN, encoding="utf-8")
    made_with, of = publish.rules(plan=tmp_path / "plan.toml"), service(seed, children)
    before, now = (write_cases(tmp_path / f"{quarter}.csv", of.extract(quarter)) for quarter in (10, 11))
    publish.publish(before, tmp_path / "before", made_with=made_with)
    return made_with, now, release.read(tmp_path / "before")


@pytest.mark.parametrize(
    ("seed", "reason"),
    [(1, "its own attack narrows 1 hidden cells"), (53, r"it narrows hidden cells of earlier releases \(1\)")],
)
def test_a_release_whose_protector_forgot_the_one_before_is_refused(tmp_path, monkeypatch, seed, reason):
    made_with, now, before = one_quarter_published(tmp_path, seed, 20)
    protect = publish.protect_plan
    monkeypatch.setattr(publish, "protect_plan", lambda *known, earlier, **how: protect(*known, **how))
    with pytest.raises(publish.Refused, match=reason):
        publish.publish(now, tmp_path / "now", made_with=made_with, previous=[before])
    assert not list(tmp_path.glob("now*"))


def three_years(tmp_path, asian: dict[int, int]):
    """Case files of the first two and of the last two of three years, with so many Asian children in each."""
    rows = {
        year: [
            f"S{year}{code}{i},{year}-05-05,{code},{'MF'[i % 2]},15,Youth caution\n"
            for code, count in {"W1": 20, "A1": number, "B1": number, "M1": 9, "O9": 8}.items()
            for i in range(count)
        ]
        for year, number in asian.items()
    }
    head = "child_id,outcome_date,ethnicity,sex,age,outcome\n"
    for name, years in (("before", (2020, 2021)), ("now", (2021, 2022))):
        (tmp_path / f"{name}.csv").write_text(head + "".join(rows[years[0]] + rows[years[1]]), encoding="utf-8")
    table = '{ unit = "children", dimensions = ["year", "ethnicity"], depth = { ethnicity = 2 } }'
    (tmp_path / "plan.toml").write_text(f"[[tier]]\ntables = [{table}]\n", encoding="utf-8")
    return publish.rules(plan=tmp_path / "plan.toml")


@pytest.mark.parametrize("lost", [False, True])
def test_a_year_is_not_told_by_what_an_earlier_release_said_of_two(tmp_path, lost):
    """10 Asian children in two years, of which the first release hides 3 and 7; the first year has left the file."""
    made_with = three_years(tmp_path, {2020: 3, 2021: 7, 2022: 8})
    publish.publish(tmp_path / "before.csv", tmp_path / "before", made_with=made_with)
    before = release.read(tmp_path / "before")
    asian = release.table(before, by=["year"], where={"ethnicity": "Asian"}).set_index("year")["count"]
    assert asian["All"] == 10 and asian[["2020/21", "2021/22"]].isna().all()
    if lost:
        rmtree(tmp_path / "before.private")
    try:
        publish.publish(tmp_path / "now.csv", tmp_path / "now", made_with=made_with, previous=[before])
    except publish.Refused as refused:
        assert lost and "earlier releases" in str(refused)
        return
    asian = release.table(release.read(tmp_path / "now"), by=["year"], where={"ethnicity": "Asian"})
    assert asian.set_index("year")["count"].isna()["2021/22"]


def test_records_that_changed_cannot_be_told_apart_without_the_ledger(tmp_path):
    made_with = three_years(tmp_path, {2020: 8, 2021: 7, 2022: 8})
    publish.publish(tmp_path / "before.csv", tmp_path / "before", made_with=made_with)
    three_years(tmp_path, {2020: 8, 2021: 9, 2022: 8})
    before = release.read(tmp_path / "before")
    publish.publish(tmp_path / "now.csv", tmp_path / "now", made_with=made_with, previous=[before])
    rmtree(tmp_path / "before.private")
    with pytest.raises(publish.Refused, match="put the folder .private back"):
        publish.publish(tmp_path / "now.csv", tmp_path / "again", made_with=made_with, previous=[before])


@pytest.mark.parametrize(("work", "start", "end"), [(attack.ATTACKING, 0.8, 0.9), (attack.WORKING_OUT, 0.9, 0.95)])
def test_the_attack_tells_how_far_it_is_and_can_be_cancelled(tmp_path, work, start, end):
    """Beside an earlier release too, whose hidden cells are attacked last."""

    class Stop(Exception):
        pass

    def heard(share: float, text: str) -> None:
        if text == work:
            shares.append(share)
            if len(shares) == stop:
                raise Stop

    made_with, now, before = one_quarter_published(tmp_path, 3, 15)
    shares, stop = [], 0
    publish.publish(now, tmp_path / "whole", made_with=made_with, previous=[before], progress=heard)
    assert shares == sorted(shares) and shares[0] >= start and (start + end) / 2 < shares[-1] < end
    assert len(shares) > 3
    shares, stop = [], len(shares) - 1
    with pytest.raises(Stop):
        publish.publish(now, tmp_path / "now", made_with=made_with, previous=[before], progress=heard)
    assert not list(tmp_path.glob("now*"))


def test_what_is_kept_of_a_release_is_there_before_it_and_of_no_other_after_it(tmp_path, monkeypatch):
    made_with = three_years(tmp_path, {2020: 8, 2021: 7, 2022: 8})
    cases, out, home = tmp_path / "now.csv", tmp_path / "R", tmp_path / "R.private"
    before = publish.publish(tmp_path / "before.csv", out, made_with=made_with)
    with monkeypatch.context() as patch:
        patch.setattr(release, "_swap", killed)
        with pytest.raises(KeyboardInterrupt):
            publish.publish(cases, out, made_with=made_with)
    assert release.read(out).id == before and publish.audit(out)["certificate"] == "holds"
    assert len(list(home.iterdir())) == 2
    with monkeypatch.context() as patch:
        patch.setattr(private.np, "savez_compressed", killed)
        with pytest.raises(KeyboardInterrupt):
            publish.publish(cases, out, made_with=made_with)
    assert release.read(out).id == before
    after = publish.publish(cases, out, made_with=made_with)
    assert [folder.name for folder in home.iterdir()] == [release.read(out).id] == [after]


def killed(*_, **__):
    raise KeyboardInterrupt


def test_nothing_is_kept_of_a_release_that_could_not_take_its_place(tmp_path, monkeypatch):
    made_with = three_years(tmp_path, {2020: 8, 2021: 7, 2022: 8})

    def full(*_):
        raise OSError("no space left on device")

    monkeypatch.setattr(release, "_swap", full)
    with pytest.raises(OSError, match="no space"):
        publish.publish(tmp_path / "now.csv", tmp_path / "R", made_with=made_with)
    assert not list(tmp_path.glob("R*"))


def test_a_place_that_cannot_be_written_to_is_said_before_the_work(tmp_path):
    made_with = three_years(tmp_path, {2020: 8, 2021: 7, 2022: 8})
    stages = []
    for out, says in ((tmp_path, "exists and is not a release"), (tmp_path / "now.csv" / "R", "cannot be made in now")):
        with pytest.raises(release.ReleaseError, match=says):
            publish.publish(tmp_path / "now.csv", out, made_with=made_with, progress=lambda _, s: stages.append(s))
    assert not stages


def test_a_release_that_cannot_be_attacked_is_refused(tmp_path, monkeypatch):
    """More combinations than the attack can try; a ledger that is lost as well is not to blame."""
    made_with, now, before = one_quarter_published(tmp_path, 3, 15)
    rmtree(before.folder.with_name(before.folder.name + ".private"))
    monkeypatch.setattr(blocks, "ALL", 5)
    for previous in ([], [before]):
        with pytest.raises(publish.Refused, match="so many characteristics"):
            publish.publish(now, tmp_path / "now", made_with=made_with, previous=previous)
    assert not list(tmp_path.glob("now*/*"))


def test_an_earlier_release_of_another_area_is_refused(tmp_path):
    made_with = three_years(tmp_path, {2020: 8, 2021: 7, 2022: 8})
    before, now = tmp_path / "before", tmp_path / "now"
    publish.publish(tmp_path / "before.csv", before, made_with=made_with, area="Elsewhere")
    with pytest.raises(publish.Refused, match="has other areas"):
        publish.publish(tmp_path / "now.csv", now, made_with=made_with, area="Here", previous=[release.read(before)])
    assert not now.exists()


def test_a_release_whose_certificate_does_not_hold_is_refused(tmp_path, monkeypatch):
    made_with = three_years(tmp_path, {2020: 8, 2021: 7, 2022: 8})
    monkeypatch.setattr(publish.checking, "faults", lambda *_: ("a primary cell is not shown to be safe",))
    with pytest.raises(publish.Refused, match="certificate does not hold"):
        publish.publish(tmp_path / "now.csv", tmp_path / "now", made_with=made_with)
    assert not list(tmp_path.glob("now/*"))


def test_a_few_rows_left_out_are_not_counted():
    """How many of a few children's rows were wrong tells of them."""
    assert publish._about({"a": 1, "b": 9, "c": 14}) == {"a": "fewer than 10", "b": "fewer than 10", "c": "about 10"}


def test_many_rows_of_a_few_children_are_a_few(tmp_path):
    head = "child_id,outcome_date,ethnicity,sex,age,outcome,residence\n"
    rows = [f"S{i},2021-05-05,W1,M,15,Youth caution,local\n" for i in range(30)]
    placed = [f"Z,2021-05-0{1 + i % 9},W1,M,15,Youth caution,placed here by another area\n" for i in range(23)]
    (tmp_path / "cases.csv").write_text(head + "".join(rows + placed), encoding="utf-8")
    (tmp_path / "plan.toml").write_text(PLAN, encoding="utf-8")
    publish.publish(tmp_path / "cases.csv", tmp_path / "R", made_with=publish.rules(plan=tmp_path / "plan.toml"))
    left_out = release.read(tmp_path / "R").manifest["rows"]["left_out"]
    assert left_out == {"placed here by another area": "fewer than 10"}


def test_without_numbers_that_fit_no_table_of_further_offences_is_made():
    tables = [{"unit": unit, "dimensions": ["year"]} for unit in ("children", "further offences")]
    plan = plans.from_dict({"tier": [{"tables": tables}]})
    row = {"child": [1], "quarter": ["2021/22 Q1"], "reoffended": ["Yes"]}
    row |= {"further_offences": pd.array([None], dtype="Int64")}
    made, without = publish._answerable(plan, frozenset({"reoffended", "further_offences"}), pd.DataFrame(row))
    assert [table.unit for table in made.tables] == ["children"] and len(without) == 1


def test_the_attack_is_told_all_that_the_analyst_knows(tmp_path, monkeypatch):
    """Which cells are small, and of which earlier release nobody knows that: the one whose ledger is lost. The first made
    comes first, however they are given."""
    made_with = three_years(tmp_path, {2020: 3, 2021: 7, 2022: 8})
    for name in ("lost", "kept"):
        publish.publish(tmp_path / "before.csv", tmp_path / name, made_with=made_with)
    rmtree(tmp_path / "lost.private")
    lost, kept = (release.read(tmp_path / name) for name in ("lost", "kept"))
    lost = replace(lost, manifest=lost.manifest | {"created": "2020-01-01T00:00:00+00:00"})
    told, audit = [], attack.audit

    def heard(seen, earlier, **more):
        told.append((seen, earlier, more))
        return audit(seen, earlier, **more)

    monkeypatch.setattr(attack, "audit", heard)
    publish.publish(tmp_path / "before.csv", tmp_path / "now", made_with=made_with, previous=[kept, lost])
    ((seen, earlier, more),) = told
    small = seen.hidden & more["primary"]
    assert small.any() and not more["primary"][~seen.hidden].any()
    assert (more["guessed"], len(earlier)) == ([0], 2)
    owed = [int((need > 0).sum()) for need in more["owed"]]
    assert owed[0] > owed[1] > 0  # of the lost one every hidden cell, of the other the small ones


def test_rows_of_other_areas_are_said_to_be_left_out(tmp_path):
    made_with = three_years(tmp_path, {2020: 8, 2021: 7, 2022: 8})
    head, *rows = (tmp_path / "now.csv").read_text(encoding="utf-8").splitlines()
    placed = [f"{row},{'There' if number < 14 else 'Here'}" for number, row in enumerate(rows)]
    (tmp_path / "now.csv").write_text("\n".join([f"{head},area", *placed]), encoding="utf-8")
    publish.publish(tmp_path / "now.csv", tmp_path / "R", made_with=made_with, area="Here")
    made = release.read(tmp_path / "R")
    assert (made.areas, made.manifest["rows"]["left_out"]) == (("Here",), {"another area": "about 10"})


def test_a_release_does_not_take_the_place_of_one_that_it_must_remember(tmp_path):
    made_with, now, before = one_quarter_published(tmp_path, 1, 20)
    with pytest.raises(publish.Refused, match="one of the earlier releases"):
        publish.publish(now, tmp_path / "before", made_with=made_with, previous=[before])
    assert release.read(tmp_path / "before").id == before.id


def test_a_release_is_not_written_inside_another(tmp_path):
    """Nor is what belongs to it, which would lie in a folder that is published."""
    made_with, now, _ = one_quarter_published(tmp_path, 1, 20)
    with pytest.raises(release.ReleaseError, match="inside a release"):
        publish.publish(now, tmp_path / "before" / "now", made_with=made_with)
    assert not (tmp_path / "before" / "now.private").exists()


def test_the_audit_of_somebody_elses_release_goes_without_its_certificate(tmp_path, monkeypatch):
    _, _, before = one_quarter_published(tmp_path, 1, 20)
    assert publish.audit(tmp_path / "before")["certificate"] == "holds"
    is_file = Path.is_file

    def forbidden(path):
        if path.suffix == ".npz":
            raise PermissionError(13, "Permission denied")
        return is_file(path)

    monkeypatch.setattr(Path, "is_file", forbidden)
    assert publish.audit(tmp_path / "before")["certificate"] == "none"
    with pytest.raises(private.NotYours):
        ledger.load(publish.published(before), tmp_path / "before", before.id)
