"""The certificate of a release: it holds, and whatever is wrong with it or with the release is noticed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from handmade import published, table
from scipy import sparse

from yjdisp import cases, cli, counting, sample
from yjdisp.disclosure import certificate, policy, private
from yjdisp.disclosure.checking import faults
from yjdisp.disclosure.plan import Plan, PlanTable, Tier
from yjdisp.disclosure.protector import knowledge
from yjdisp.disclosure.suppress import protect, protect_plan
from yjdisp.tabulate import as_published, to_frame
from yjdisp.vocabulary import years_of

PLAN = Plan(
    "three units",
    (
        Tier("one", (PlanTable("children", ("ethnicity",), {"ethnicity": 2}), PlanTable("children", ("send",)))),
        Tier("two", (PlanTable("outcomes", ("year", "sex")), PlanTable("offences", ("gravity",), {"gravity": 2}))),
        Tier("three", (PlanTable("children", ("year", "ethnicity")), PlanTable("children", ("ethnicity", "sex")))),
        Tier("four", (PlanTable("children", ("age", "care", "ethnicity")),)),
        Tier("five", (PlanTable("children", ("reoffended", "year", "care", "send")),)),
    ),
)


@pytest.fixture(scope="module")
def case_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("certificate") / "cases.csv"
    sample.write(path, children=30, years=3, seed=18)
    return path


def made(case_file, profile="caseload", plan=PLAN):
    rules = policy.load(profile)
    coded = counting.encode(cases.read(case_file).rows)
    cells = counting.cells_of(counting.count_units(coded), coded, plan)
    result = protect_plan(cells, rules, plan)
    frame, dimensions = to_frame(result.cells, result.protected, result.plan)
    return result.protected.certificate, as_published(frame, dimensions, rules, years_of(coded.axes["period"]))


@pytest.fixture(scope="module")
def proof(case_file):
    return made(case_file)


def test_it_holds_for_the_release_without_the_tables_that_were_left_out(proof):
    worlds, seen = proof
    assert faults(worlds, seen) == ()
    assert len(worlds.cells) > 10 and worlds.change.shape[0] > 1 and worlds.own.shape[0] > 10
    assert "age" in {d.axis for d in seen.dimensions} and "reoffended" not in {d.axis for d in seen.dimensions}


@pytest.mark.parametrize("profile", ["published", "ten", "round5"])
def test_it_holds_for_other_profiles(case_file, profile):
    assert faults(*made(case_file, profile, PLAN.only(set(range(7))))) == ()


def test_no_world_is_there_for_nothing(proof):
    worlds, seen = proof
    for world in range(worlds.change.shape[0]):
        rest = np.delete(np.arange(worlds.change.shape[0]), world)
        assert set(faults(replace(worlds, change=worlds.change[rest]), seen)) & {
            "a primary cell is not shown to be safe",
            "a world forgets what follows from the promise",
        }


def test_worlds_that_forget_what_follows_from_large_numbers_are_noticed(monkeypatch):
    """Where nobody draws it, all of these four numbers are hidden, and of 3 + 2 printed as 5 some world says 5 and 0."""
    cells, rules = table([[3, 12], [2, 18]]), policy.Policy("five", 5)
    for forgets in (False, True):
        if forgets:
            monkeypatch.setattr(knowledge, "alone", lambda *told: np.zeros((0, 2), dtype=np.int64))
        result = protect(cells, rules)
        found = faults(result.certificate, published(cells, ~result.shown))
        assert found == ("a world forgets what follows from the promise",) * forgets


@pytest.mark.parametrize("record", [1.0, -1.0])
def test_a_world_that_is_wrong_by_one_record_is_noticed(proof, record):
    worlds, seen = proof
    rng = np.random.default_rng(1)
    for _ in range(20):
        world, atom = (int(rng.integers(n)) for n in worlds.change.shape)
        wrong = worlds.change.tolil()
        wrong[world, atom] += record
        assert faults(replace(worlds, change=sparse.csr_array(wrong)), seen)


def test_every_printed_number_that_is_changed_is_noticed(proof):
    worlds, seen = proof
    for cell in np.flatnonzero(~seen.hidden):
        low, high = seen.low.copy(), seen.high.copy()
        low[cell], high[cell] = low[cell] + 1, high[cell] + 1
        assert "a world has other numbers than are printed" in faults(worlds, replace(seen, low=low, high=high))


def test_a_primary_cell_that_is_printed_or_not_there_is_noticed(proof):
    worlds, seen = proof
    position = {key: i for i, key in enumerate(certificate.keys(seen))}
    cell = position[str(worlds.cells[0])]
    printed = replace(seen, hidden=seen.hidden & (np.arange(len(seen.hidden)) != cell))
    assert faults(worlds, printed) == ("a primary cell is not hidden in the release",)
    gone = np.arange(len(seen.unit)) != cell
    arrays = {name: getattr(seen, name)[gone] for name in ("unit", "at", "low", "high", "hidden")}
    assert faults(worlds, replace(seen, **arrays))


def test_every_small_cell_that_is_not_in_the_certificate_is_noticed(proof):
    worlds, seen = proof
    noticed = 0
    for missing in np.flatnonzero(worlds.groups == ""):
        stay = np.arange(len(worlds.cells)) != missing
        arrays = {name: getattr(worlds, name)[stay] for name in ("cells", "groups", "least", "need")}
        noticed += "a small cell is not among the primary ones" in faults(replace(worlds, **arrays), seen)
    unknown = sum("Unknown" in key or "Not stated" in key for key in worlds.cells.tolist())
    few_children = (worlds.groups == "").sum() - noticed - unknown  # with many outcomes or offences each
    assert noticed > 5 and few_children < noticed


def test_a_group_in_one_category_that_is_not_in_the_certificate_is_noticed(proof):
    worlds, seen = proof
    groups = np.flatnonzero(worlds.groups != "")
    assert len(groups) > 0
    for missing in groups:
        stay = np.arange(len(worlds.cells)) != missing
        arrays = {name: getattr(worlds, name)[stay] for name in ("cells", "groups", "least", "need")}
        fault = "the only category of a group is not among the primary cells"
        assert faults(replace(worlds, **arrays), seen) == (fault,)


def test_a_reader_who_knows_everything_is_not_shown_anything(proof):
    worlds, seen = proof
    own = sparse.csr_array(np.vstack([worlds.own.toarray(), worlds.held]))
    assert faults(replace(worlds, own=own), seen) == ("a primary cell is not shown to be safe",)


def test_a_release_with_a_table_that_the_worlds_do_not_know_is_noticed(proof):
    worlds, seen = proof
    few = replace(worlds, pieces=tuple(p for p in worlds.pieces if "age" not in p.axes))
    assert faults(few, seen) == ("the release has cells that the worlds do not know",)


def test_it_is_kept_beside_the_release_for_its_owner_only(proof, tmp_path):
    worlds, seen = proof
    release = tmp_path / "R"
    certificate.save(worlds, release, "one")
    file = tmp_path / "R.private" / "one" / "certificate.npz"
    assert [p.stat().st_mode & 0o777 for p in (file, file.parent, file.parents[1])] == [0o600, 0o700, 0o700]
    assert [p.name for p in file.parent.iterdir()] == [file.name] and not release.exists()
    again = certificate.load(release, "one")
    assert faults(again, seen) == () and (again.change != worlds.change).nnz == 0
    assert certificate.load(release, "another") is None
    assert certificate.load(tmp_path / "elsewhere", "one") is None
    file.write_bytes(file.read_bytes()[:-1000])
    with pytest.raises(private.PrivateError, match="certificate.npz"):
        certificate.load(release, "one")


def test_a_write_that_fails_leaves_the_older_one(proof, tmp_path, monkeypatch):
    worlds, _ = proof
    certificate.save(worlds, tmp_path / "R", "old")

    def broken(file, **arrays):
        file.write(b"half")
        raise OSError("disk full")

    monkeypatch.setattr(private.np, "savez_compressed", broken)
    with pytest.raises(OSError):
        certificate.save(worlds, tmp_path / "R", "new")
    assert certificate.load(tmp_path / "R", "old") is not None
    assert len(list((tmp_path / "R.private").iterdir())) == 1


def test_an_audit_checks_it(tmp_path, case_file, capsys):
    plan, out = tmp_path / "plan.toml", tmp_path / "R"
    table = '{ unit = "children", dimensions = ["ethnicity"], depth = { ethnicity = 2 } }'
    plan.write_text(f"[[tier]]\ntables = [{table}]\n", encoding="utf-8")
    assert cli.main(["release", str(case_file), "--out", str(out), "--plan", str(plan)]) == 0
    capsys.readouterr()
    assert cli.main(["audit", str(out)]) == 0
    assert "\ncertificate: holds\n" in capsys.readouterr().out
    file = next((tmp_path / "R.private").glob(f"*/{certificate.FILE}"))
    with np.load(file) as whole:
        arrays = dict(whole)
    arrays["change.data"][0] += 1
    np.savez_compressed(file, **arrays)
    assert cli.main(["audit", str(out)]) == 1
    assert "\ncertificate: does not hold\n" in capsys.readouterr().out
    file.unlink()
    assert cli.main(["audit", str(out)]) == 0
    assert "\ncertificate: none\n" in capsys.readouterr().out
