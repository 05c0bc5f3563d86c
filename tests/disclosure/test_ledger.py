"""What the next release has to know of this one, beside it and never in it."""

from __future__ import annotations

import stat
from dataclasses import replace

import numpy as np
import pytest
from handmade import counted
from handmade import published as table_of

from yjdisp import publish, release, sample
from yjdisp.disclosure import ledger, private
from yjdisp.disclosure.facts import versions
from yjdisp.disclosure.facts.blocks import blocks
from yjdisp.disclosure.facts.ground import ground
from yjdisp.disclosure.facts.units import EVERYTHING, NO_LESS
from yjdisp.disclosure.system import History, build
from yjdisp.tabulate import published
from yjdisp.vocabulary import flat_dimension, period_dimensions, quarters_between

PLAN = '[[tier]]\ntables = [{ unit = "children", dimensions = ["year", "sex"] }]\n'


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    home = tmp_path_factory.mktemp("ledger")
    (home / "plan.toml").write_text(PLAN, encoding="utf-8")
    sample.write(home / "cases.csv", children=12, years=2, seed=3)
    publish.publish(home / "cases.csv", home / "R", made_with=publish.rules(plan=home / "plan.toml"))
    return release.read(home / "R")


def test_it_comes_back_as_it_was_kept(made):
    entry = ledger.load(published(made), made.folder, made.id)
    assert set(entry.records) == {"children", "outcomes", "offences", "further offences"}
    assert (entry.need[~entry.published.hidden] == 0).all() and entry.need.max() == 4
    history, records = versions.history(entry.records, [entry], entry.published.dimensions)
    assert history.versions[1] == {unit: {} for unit in entry.records}
    assert all(np.array_equal(records[u]["child"], entry.records[u]["child"]) for u in records)


def test_only_its_owner_can_read_it(made):
    home = private.beside(made.folder)
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert stat.S_IMODE((home / made.id / ledger.FILE).stat().st_mode) == 0o600


def test_another_releases_ledger_is_refused(made):
    with pytest.raises(private.PrivateError, match="another release"):
        ledger.load(published(made), made.folder, "20200101-00000000")


def test_a_corrected_record_gives_the_period_a_version(made):
    entry = ledger.load(published(made), made.folder, made.id)
    today = {unit: dict(columns) for unit, columns in entry.records.items()}
    sexes = today["children"]["sex"].copy()
    sexes[0] = "Boys" if sexes[0] == "Girls" else "Girls"
    today["children"]["sex"] = sexes
    history, records = versions.history(today, [entry], entry.published.dimensions)
    corrected = str(today["children"]["period"][0])
    assert history.versions[1]["children"] == {corrected: f"{versions.MARK}1"}
    there = records["children"]["period"]
    assert (there == f"{corrected}{versions.MARK}1").sum() == (today["children"]["period"] == corrected).sum()
    assert history.growths == ({},)


def test_a_period_that_was_empty_has_grown_to_every_later_release(made):
    now = ledger.load(published(made), made.folder, made.id)
    last = max(now.records["children"]["period"].tolist())
    before = replace(now, records={unit: without(columns, last) for unit, columns in now.records.items()})
    history, _ = versions.history(now.records, [before, now], now.published.dimensions)
    assert [step.get("children") for step in history.growths] == [{f"{last}{versions.MARK}1": (last, NO_LESS)}] * 2 + [
        None
    ]


def test_what_may_be_believed_is_that_a_changed_period_grew_or_shrank():
    history = History(({}, {"offences": {"2021/22 Q2": " #1"}}))
    grown, shrunk = {"2021/22 Q2 #1": ("2021/22 Q2", EVERYTHING)}, {"2021/22 Q2": ("2021/22 Q2 #1", EVERYTHING)}
    assert versions.either_way(history).growths == ({"offences": grown}, {"offences": shrunk})


@pytest.mark.parametrize(("elsewhere", "held"), [(5, [10, 5, 6, 0, 5]), (0, [10, 6, 0])])
def test_what_the_definitions_say_of_two_releases_is_true_of_their_records(elsewhere, held):
    """Offences came late to a quarter, and are not published any more: its children, who are counted by the year, are
    not among the offences that the release before knew of."""
    children, offences = (
        np.array(["2022/23 Q1"] * 6 + ["2023/24 Q1"] * elsewhere + [late] * 4) for late in ("2022/23 Q1", "2022/23 Q2")
    )
    who = np.arange(len(children))
    late = {"children": {"period": children, "child": who}, "offences": {"period": offences, "child": who}}
    before = {unit: {name: values[:-4] for name, values in columns.items()} for unit, columns in late.items()}
    year, *_ = period_dimensions(quarters_between("2022/23", "2023/24" if elsewhere else "2022/23"))
    then = counted((year,), before, [("offences", ("year",), 0)])
    now = counted((year,), late, [("children", ("year",), 0)])
    nothing = np.zeros(len(then.unit), dtype=bool)
    earlier = ledger.Entry(table_of(then, nothing), nothing.astype(float), before)
    history, records = versions.history(late, [earlier], now.dimensions)
    system = build([now, earlier.published], history)
    whole = ground(system, blocks(system, records))
    assert history.versions[1]["offences"] and whole.held.tolist() == held
    rows = whole.ordered.toarray()  # but for those that say that there is none without the other
    no_more = [set(row[row != 0].tolist()) == {1.0, -1.0} for row in rows]
    assert any(no_more) == (elsewhere > 0) and (whole.ordered @ whole.held >= 0).all()


def without(columns, period):
    """A unit's records but for those of a period."""
    kept = columns["period"] != period
    return {axis: values[kept] for axis, values in columns.items()}


def test_where_earlier_releases_hide_something_more_combinations_are_looked_at():
    """Of 2,400 combinations too few would make a number seem to be given away that is not."""
    dimensions = tuple(
        flat_dimension(n, tuple(f"{n}{i}" for i in range(k))) for n, k in (("a", 10), ("b", 12), ("c", 20))
    )
    records = {"children": {d.axis: np.array([d.values[1]]) for d in dimensions} | {"child": np.zeros(1, dtype=int)}}
    cells = counted(dimensions, records, [("children", ("a", "b", "c"), 0)])
    alone, beside = (next(b for b in blocks(build(parts), records) if b.part) for parts in ([cells], [cells, cells]))
    assert len(alone.held) < 2400 == len(beside.held)
