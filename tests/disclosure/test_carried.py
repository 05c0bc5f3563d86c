"""Worlds of one tier in the next one: the same worlds, none that is not one, and nothing printed otherwise."""

from __future__ import annotations

import numpy as np
import pytest
from handmade import counted
from scipy import sparse

from yjdisp import cases, counting, sample
from yjdisp.disclosure import policy as policies
from yjdisp.disclosure.facts.blocks import blocks
from yjdisp.disclosure.facts.ground import ground
from yjdisp.disclosure.ledger import Entry
from yjdisp.disclosure.plan import Plan, PlanTable, Tier
from yjdisp.disclosure.protector.carried import Found
from yjdisp.disclosure.protector.scope import Scope
from yjdisp.disclosure.protector.search import Search
from yjdisp.disclosure.suppress import protect
from yjdisp.disclosure.system import build
from yjdisp.tabulate import as_published, to_frame
from yjdisp.vocabulary import flat_dimension, years_of

YEARS = ("2022/23", "2023/24")
DIMENSIONS = (
    flat_dimension("year", YEARS, axis="period"),
    flat_dimension("sex", ("Boys", "Girls")),
    flat_dimension("age", ("10–14", "15–17")),
)
RECORDS = {
    "children": {
        "period": np.repeat(YEARS, 4),
        "sex": np.array(["Boys", "Girls"] * 4),
        "age": np.array(["10–14"] * 3 + ["15–17"] * 5),
        "child": np.arange(8),
    }
}
RECORDS["outcomes"] = RECORDS["children"]
SEX = ("children", ("year", "sex"), 0)
AGE = ("children", ("year", "age"), 1)


def over(*tables):
    """The system of some tables and its ground."""
    system = build([counted(DIMENSIONS, RECORDS, tables)])
    return system, ground(system, blocks(system, RECORDS))


def counts(system, whole, atoms):
    """Of each figure, by what it covers, the count."""
    sums = whole.all_figures(system.size) @ atoms
    covers = np.concatenate([system.covers[axis] for axis in sorted(system.covers)], axis=1)
    return {row.tobytes(): value for row, value in zip(covers, sums, strict=True)}


def moved(whole, part: tuple[str, ...], by: list[float]):
    """The true records, with others in the atoms of a part."""
    atoms = whole.held.copy()
    start = whole.starts[[block.part for block in whole.blocks].index(part)]
    atoms[start : start + len(by)] += by
    return atoms


def gone_over(before, after, worlds):
    """Worlds over the ground of one system in the atoms of another, as far as they are worlds there."""
    return Found(*before, sparse.csr_array(np.array(worlds))).over(*after).toarray()


def test_worlds_go_over_to_more_tables():
    before, after = over(SEX), over(SEX, AGE)
    boys_for_girls = moved(before[1], ("sex",), [2, -2, -1, 1])
    late = moved(before[1], (), [1, -1]) + moved(before[1], ("sex",), [0, 1, 0, -1]) - before[1].held
    assert (before[1].base @ late == 0).all()
    found = gone_over(before, after, [boys_for_girls, late])
    assert len(found) == 1  # of ages nobody knows who came late
    was, is_now = counts(*before, boys_for_girls), counts(*after, found[0])
    assert is_now.keys() > was.keys()
    assert all(is_now[figure] == value for figure, value in was.items())
    truth = counts(*after, after[1].held)
    assert [is_now[figure] for figure in is_now.keys() - was.keys()] == [truth[f] for f in is_now.keys() - was.keys()]


def test_worlds_go_over_to_fewer_tables():
    before, after = over(SEX, AGE), over(AGE)
    older = moved(before[1], ("age",), [-3, 0, 3, 0])
    found = gone_over(before, after, [older])
    assert counts(*after, found[0]).items() <= counts(*before, older).items()


def test_what_is_no_world_is_left_behind():
    before, after = over(AGE), over(SEX, AGE)
    assert len(gone_over(before, after, [before[1].held])) == 1
    nobody = np.zeros(len(before[1].held))
    assert len(gone_over(before, after, [nobody])) == 0


def test_nor_is_what_the_definitions_forbid():
    """More boys in a year than boys' outcomes."""
    before, after = over(SEX), over(SEX, ("outcomes", ("year", "sex"), 0))
    assert len(gone_over(before, after, [before[1].held])) == 1
    more_boys = moved(before[1], ("sex",), [2, -2, 0, 0])
    assert len(gone_over(before, after, [more_boys])) == 0


PLAN = Plan(
    "tiers",
    (
        Tier("one", (PlanTable("children", ("sex",)), PlanTable("outcomes", ("outcome",)))),
        Tier("two", (PlanTable("children", ("year", "sex")), PlanTable("outcomes", ("year", "outcome")))),
        Tier("three", (PlanTable("children", ("sex", "gravity")), PlanTable("outcomes", ("quarter",)))),
    ),
)


@pytest.mark.parametrize("seed", [4, 7])
def test_later_releases_print_the_same_with_fewer_programs(tmp_path, seed, monkeypatch):
    """Rows came after the first release; of the second, all tiers owe the same to who read the first."""
    sample.write(tmp_path / "cases.csv", children=25, years=2, seed=seed)
    rows = cases.read(tmp_path / "cases.csv").rows
    policy = policies.load()
    then, now = (counting.encode(some) for some in (rows.iloc[:-9], rows))
    before, today = (counting.cells_of(counting.count_units(coded), coded, PLAN) for coded in (then, now))
    protected = protect(before, policy)
    stay = ~protected.left_out
    frame, dimensions = to_frame(before.only(stay), protected.only(stay), PLAN)
    seen = as_published(frame, dimensions, policy, years_of(then.axes["period"]))
    earlier = Entry(seen, protected.only(stay).need[frame.index], before.occupied)

    looks = []
    look = Scope.look
    monkeypatch.setattr(Scope, "look", lambda *question: looks.append(1) or look(*question))
    carried = protect(today, policy, earlier=[earlier]).shown
    needed = len(looks)
    monkeypatch.setattr(Search, "take_up", lambda search, before: None)
    assert np.array_equal(protect(today, policy, earlier=[earlier]).shown, carried)
    assert carried.any() and needed < len(looks) - needed


def test_a_world_that_is_none_by_a_hairs_breadth_is_not_looked_for_for_ever(monkeypatch):
    """A program may find one that its rounded records do not quite show."""
    monkeypatch.setattr(Search, "__init__", lambda self: None)
    monkeypatch.setattr(Search, "_look", lambda *_: True)
    monkeypatch.setattr(Search, "_wanted", lambda *_: np.ones(4, dtype=bool))
    assert sorted(Search()._keeping(0, 0, np.arange(3))) == [1, 2, 3]
