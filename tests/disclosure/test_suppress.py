"""Protection attacked: services at random, rules by rule; never a narrowed primary cell, never a dearer coarser one."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, product

import numpy as np
import pandas as pd
import pytest
from handmade import counted, ends_of, interval, outsiders, published, rows_of, table, tells_no_more, where
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from scipy.optimize import linprog

from yjdisp import cases, counting, sample
from yjdisp.disclosure import plan as plans
from yjdisp.disclosure import policy as policies
from yjdisp.disclosure.attack import audit
from yjdisp.disclosure.checking import faults
from yjdisp.disclosure.ledger import Entry
from yjdisp.disclosure.model import Model, Walk
from yjdisp.disclosure.plan import Plan, PlanTable, Tier
from yjdisp.disclosure.protector import insiders, stage
from yjdisp.disclosure.protector.readers import Readers
from yjdisp.disclosure.protector.stage import Decided, Stage
from yjdisp.disclosure.suppress import protect, protect_plan, reason
from yjdisp.disclosure.system import History
from yjdisp.tabulate import as_published, to_frame
from yjdisp.vocabulary import dimension, flat_dimension, years_of

ONE_WAY = plans.load().only(frozenset(range(18)))
PAIRS = Plan(
    "pairs",
    (
        Tier("one", (PlanTable("children", ("ethnicity",), {"ethnicity": 2}), PlanTable("children", ("sex",)))),
        Tier("two", (PlanTable("children", ("ethnicity", "sex")), PlanTable("children", ("year", "sex")))),
        Tier("three", (PlanTable("outcomes", ("ethnicity", "outcome")), PlanTable("children", ("year", "ethnicity")))),
    ),
)


def service(tmp_path, children: int, seed: int):
    path = tmp_path / f"{children}-{seed}.csv"
    sample.write(path, children=children, years=3, seed=seed)
    return counting.encode(cases.read(path).rows)


def cells_of(coded, plan):
    return counting.cells_of(counting.count_units(coded), coded, plan)


@pytest.mark.parametrize("profile", ["caseload", "published", "ten", "round5"])
@pytest.mark.parametrize(("children", "seed"), [(15, 1), (45, 2), (120, 3)])
def test_no_primary_cell_is_narrowed(tmp_path, profile, children, seed):
    coded, policy = service(tmp_path, children, seed), policies.load(profile)
    cells = cells_of(coded, ONE_WAY)
    protected = protect(cells, policy)
    assert not protected.shown[protected.primary].any()
    kept = ~protected.left_out
    assert (protected.low[kept] <= cells.count[kept]).all() and (cells.count[kept] <= protected.high[kept]).all()
    stay = plans_without(cells, protected)
    frame, dimensions = to_frame(*stay)
    if len(frame):
        primary = stay[1].primary[frame.index]
        seen = as_published(frame, dimensions, policy, years_of(coded.axes["period"]))
        assert audit(seen, primary=primary).narrowed == 0


def plans_without(cells, protected):
    """The cells that were not left out, as the writer of releases gets them."""
    stay = ~protected.left_out
    return cells.only(stay), protected.only(stay), ONE_WAY


def test_small_services_by_linear_programs_over_all_atoms(tmp_path):
    """Another formulation, in scipy: every combination of year, ethnicity, sex is a variable; nothing is shared."""
    plan = Plan("children", (Tier("all", tuple(t for t in PAIRS.tables if t.unit == "children")),))
    for seed in range(6):
        coded = service(tmp_path, 25, 100 + seed)
        cells = cells_of(coded, plan)
        protected = protect(cells, policies.load())
        years = [p for p in coded.axes["period"] if p.endswith("Q1")]
        grid = [(y, e, s) for y in years for e in coded.axes["ethnicity"] for s in coded.axes["sex"]]
        position = {"period": 0, "ethnicity": 1, "sex": 2}
        rows = np.array(
            [
                [
                    all(g[position[d.axis]] in d.covers[a] for d, a in zip(cells.dimensions, at, strict=True))
                    for g in grid
                ]
                for at in cells.at
            ],
            dtype=float,
        )
        shown = protected.shown
        for cell in np.flatnonzero(protected.primary & ~protected.left_out):
            ends = [
                linprog(sign * rows[cell], A_eq=rows[shown], b_eq=cells.count[shown]).fun * sign for sign in (1, -1)
            ]
            assert ends[0] <= 1e-6 and ends[1] >= min(4, within_unknown(cells, cell)) - 1e-6


def within_unknown(cells, cell) -> float:
    """The printed count of unknown ethnicity (or sex) that a cell is part of: it cannot be more."""
    whole = np.inf
    for d, of in enumerate(cells.dimensions):
        if of.values[cells.at[cell, d]] == "Unknown":
            for other in np.flatnonzero(cells.at[:, d] == cells.at[cell, d]):
                rest = [j for j in range(cells.at.shape[1]) if j != d and cells.dimensions[j].axis != "period"]
                same_year = all(
                    cells.at[other, j] in (0, cells.at[cell, j])
                    for j in range(cells.at.shape[1])
                    if cells.dimensions[j].axis == "period"
                )
                if same_year and not cells.at[other, rest].any():
                    whole = min(whole, cells.count[other])
    return whole


def test_a_finer_table_never_costs_a_coarser_cell(tmp_path):
    coded = service(tmp_path, 45, 7)
    coarse, fine = (cells_of(coded, Plan("p", PAIRS.tiers[:k])) for k in (1, 3))
    first, second = protect(coarse, policies.load()), protect(fine, policies.load())
    assert np.array_equal(first.shown, second.shown[: len(first.shown)])


def test_the_same_input_gives_the_same_release(tmp_path):
    cells = cells_of(service(tmp_path, 45, 8), PAIRS)
    one, two = protect(cells, policies.load()), protect(cells, policies.load())
    assert np.array_equal(one.shown, two.shown) and np.array_equal(one.low, two.low)


@pytest.mark.parametrize("seed", range(6))
def test_no_cell_is_hidden_for_nothing(seed):
    """Of a single table: whichever secondary cell were printed too, a small one could no longer be 0, or no longer 4."""
    rng = np.random.default_rng(seed)
    cells = table(rng.poisson(rng.gamma(1.2, 14, (6, 5))))
    protected = protect(cells, policies.load())
    small = np.flatnonzero(protected.primary)
    others = np.flatnonzero(~protected.shown & ~protected.primary)
    assert len(small) and len(others)
    for cell in others:
        more = protected.shown.copy()
        more[cell] = True
        assert not tells_no_more(cells, more, small), cells.at[cell]


def of_several_each(unit, seed):
    """Cells of a table by chance, where a child counts once among children and else up to four times; of each child the
    place in the table, and how often it counts."""
    rng = np.random.default_rng(seed)
    counts = rng.poisson(rng.gamma(1.2, 8, (5, 4)))
    rows, columns = ([f"{name}{i}" for i in range(k)] for name, k in (("row", 5), ("column", 4)))
    dimensions = (flat_dimension("year", ("2023/24",), axis="period"), flat_dimension("row", tuple(rows)),
                  flat_dimension("column", tuple(columns)))  # fmt: skip
    place = np.repeat(np.arange(20), counts.ravel())  # of each child, in the table
    times = np.ones(len(place), dtype=int) if unit == "children" else rng.integers(1, 5, len(place))
    child = np.repeat(np.arange(len(place)), times)
    records = {"period": np.repeat("2023/24", len(child)), "child": child,
               "row": np.array(rows)[place[child] // 4], "column": np.array(columns)[place[child] % 4]}  # fmt: skip
    cells = counted(dimensions, {unit: records}, [(unit, ("row", "column"), 0)])
    return cells, place, times


@pytest.mark.parametrize(
    ("unit", "seed"),
    [("children", 0), ("children", 1), ("children", 15), ("outcomes", 0), ("outcomes", 2), ("outcomes", 4)],
)
def test_a_child_concludes_no_more_from_what_is_promised(unit, seed):
    """Each child knows of themselves, and that a small count could be nobody but them: no other one is narrowed to them,
    though where only outsiders are asked what they can conclude, in each of these tables some child tells more. Nor is one
    to whoever has several of the outcomes, and knows of enough others in a large count beside all of these."""
    cells, place, times = of_several_each(unit, seed)
    protected = protect(cells, policies.load())
    small, combinations = np.flatnonzero(protected.primary), rows_of(cells)
    assert len(small)
    for child in np.flatnonzero((cells.at[:, 1:] > 0).all(axis=1) & (cells.count > 0)):
        row, column = cells.at[child, 1:] - 1
        own = combinations[child] * times[place == 4 * row + column].max()
        known = ends_of(cells, protected.shown, small, 5, 0, own)
        for cell in small:
            low, high = interval(cells, protected.shown, cell, *known, own)
            assert low <= combinations[cell] @ own + 1e-6 and high >= 4 - 1e-6, (cells.at[child], cells.at[cell])


@pytest.mark.parametrize("seed", [6, 8])
def test_a_certificate_that_forgets_enough_others_does_not_hold(seed, monkeypatch):
    cells, *_ = of_several_each("outcomes", seed)

    def faults_of(protected):
        there = ~protected.left_out
        seen = published(cells.only(there), ~protected.shown[there])
        return faults(protected.certificate, seen)

    assert faults_of(protect(cells, policies.load())) == ()
    monkeypatch.setattr(
        insiders, "_others", lambda system, _, records, __: sparse.csr_array((records.shape[0], system.size))
    )
    assert faults_of(protect(cells, policies.load()))


@pytest.mark.parametrize("seed", range(6))
def test_a_table_is_printed_as_if_cell_by_cell_or_counts_for_more(seed):
    """The coarsest and largest cells first, each where no small one can be told from 0 or from 4 thereafter, by scipy;
    unless one of them stands in the way of others as fine that between them count for more."""
    rng = np.random.default_rng(100 + seed)
    cells = table(rng.permutation(60)[:30].reshape(6, 5) // (1 + seed % 3))
    small = np.flatnonzero(cells.count < 5)
    shown = np.zeros(len(cells.count), dtype=bool)
    for cell in np.lexsort((-cells.count, (cells.at > 0).sum(axis=1))):
        more = shown.copy()
        more[cell] = True
        if cell not in small and tells_no_more(cells, more, small):
            shown = more
    assert 5 < (~shown).sum() > len(small)
    printed, totals = protect(cells, policies.load()).shown, (cells.at == 0).any(axis=1)
    better = cells.count[printed].sum() > cells.count[shown].sum()
    assert tells_no_more(cells, printed, small) and np.array_equal(printed[totals], shown[totals])
    assert better == (seed in (0, 5)) and (better or np.array_equal(printed, shown))


def drawn(rng, children, sizes):
    """Dimensions of so many values, after two years, and children with values of their own by chance."""
    years = ("2022/23", "2023/24")
    dimensions = [flat_dimension("year", years, axis="period")]
    records = {"period": rng.choice(years, children), "child": np.arange(children)}
    for name, size in sizes.items():
        values = tuple(f"{name}{i}" for i in range(size))
        dimensions.append(flat_dimension(name, values))
        records[name] = rng.choice(values, children, p=np.arange(size, 0, -1) / np.arange(size + 1).sum())
    return tuple(dimensions), records


def _printed_as_if_one_after_the_other(cells, monkeypatch) -> None:
    together = protect(cells, policies.load()).shown
    attempt = Stage._attempt
    monkeypatch.setattr(
        Stage,
        "_attempt",
        lambda stage, tables, *how, **so: attempt(stage, tables, *how, **so) if len(tables) == 1 else None,
    )
    assert np.array_equal(together, protect(cells, policies.load()).shown)
    assert 0 < together.sum() < len(together)


@pytest.mark.parametrize(("children", "seed"), [(45, 5), (100, 33), (120, 6)])
def test_tables_of_a_tier_are_printed_as_if_one_after_the_other(children, seed, monkeypatch):
    """Readers of the tables alone: a tier is first tried at once, with other worlds than a table by itself."""
    dimensions, records = drawn(np.random.default_rng(seed), children, {"a": 2, "b": 2, "c": 3, "d": 3})
    tables = [("children", ("year", *pair), 0) for pair in combinations("abcd", 2)]
    _printed_as_if_one_after_the_other(outsiders(counted(dimensions, {"children": records}, tables)), monkeypatch)


@pytest.mark.parametrize("seed", [32, 33])
def test_what_is_known_of_children_by_their_outcomes_is_taken_back_with_these(seed, monkeypatch):
    """A hidden number of outcomes that cannot be small tells of children, and what told it can be taken back: tables of
    both, tried at once, are printed as if one after the other."""
    rng = np.random.default_rng(seed)
    dimensions, children = drawn(rng, 60, {"ethnicity": 4, "sex": 3, "care": 3})
    times = rng.integers(1, 3, 60)
    records = {"children": children, "outcomes": {axis: np.repeat(at, times) for axis, at in children.items()}}
    tables = [(unit, ("year", d.name), 0) for d in dimensions[1:] for unit in records]
    _printed_as_if_one_after_the_other(outsiders(counted(dimensions, records, tables)), monkeypatch)


def by_tiers(counts):
    """A table of two characteristics whose totals are printed in a tier before it."""
    cells = table(counts)
    totals = np.flatnonzero((cells.at == 0).any(axis=1))
    twice = np.concatenate([totals, np.arange(len(cells.at))])
    later = (np.arange(len(twice)) >= len(totals)).astype(int)
    arrays = {name: getattr(cells, name)[twice] for name in ("unit", "at", "count", "children")}
    return replace(cells, **arrays, table=later, tier=later)


def test_a_table_stays_for_half_of_its_cells_and_for_what_is_new_in_it(monkeypatch):
    """Of girls and boys of two large groups and a small one two numbers can be printed; all totals are already."""
    cells = by_tiers([[58, 246], [17, 143], [2, 20]])
    result = protect(cells, policies.load())
    assert not result.left_out.any()
    assert result.shown[cells.tier == 1].sum() == 6 + 2  # of 6 totals and 5 numbers that the threshold lets print
    monkeypatch.setattr(stage, "KEEP", 0.75)
    assert np.array_equal(protect(cells, policies.load()).left_out, cells.tier == 1)
    monkeypatch.setattr(stage, "KEEP", 0.5)
    cells = by_tiers([[58, 246], [2, 20]])
    assert np.array_equal(protect(cells, policies.load()).left_out, cells.tier == 1)


def of_known_sex():
    """Cells of children by sex and age, of whom nobody's sex is unknown; and (n,) bool, those of unknown sex."""
    year, sex, age = flat_dimension("year", ("2022/23",), axis="period"), dimension("sex"), dimension("age").cut(1)
    counts = {("Boys", "14"): 14, ("Boys", "17"): 21, ("Girls", "14"): 1, ("Girls", "17"): 4}
    places = [place for place, count in counts.items() for _ in range(count)]
    records = {
        "period": ["2022/23"] * 40,
        "child": np.arange(40),
        **dict(zip(("sex", "age"), zip(*places), strict=True)),
    }
    records = {axis: np.array(column) for axis, column in records.items()}
    cells = counted((year, sex, age), {"children": records}, [("children", ("year", "sex", "age"), 0)])
    return cells, cells.at[:, 1] == sex.values.index("Unknown")


def test_what_is_part_of_a_printed_zero_is_printed():
    """Nobody's sex is unknown, which is printed, so nobody's is of an age either. Hidden these zeros would be no cover: that
    few girls are 10 to 14 would follow from their being hidden beside many boys."""
    cells, unknown = of_known_sex()
    result = protect(cells, policies.load())
    assert not result.left_out.any() and not result.shown.all()
    assert result.shown[unknown].all() and not result.value[unknown].any()


def test_a_rounded_zero_is_not_made_exact_by_its_parts():
    """0 stands for 0 to 2. Were its parts printed only where there truly is nobody, it would be known to be 0."""
    cells, unknown = of_known_sex()
    result = protect(cells, policies.load("round5"))
    part = unknown & (cells.at > 0)[:, 2]
    assert result.shown[unknown & ~part].any() and not result.shown[part].any()


def test_a_table_of_which_a_finer_one_is_published_is_not_said_to_be_left_out():
    coarse = PlanTable("children", ("ethnicity", "gravity"))
    assert coarse.is_in(PlanTable("children", ("gravity", "ethnicity"), {"gravity": 2}))
    assert not PlanTable("children", ("ethnicity", "gravity"), {"gravity": 2}).is_in(coarse)
    assert not coarse.is_in(PlanTable("outcomes", ("ethnicity", "gravity")))


def test_a_table_that_is_left_out_is_told_from_a_coarser_one_that_is_published():
    said = [reason(table) for table in plans.load().tables]
    assert len(set(said)) == len(said)
    finer = PlanTable("children", ("year", "ethnicity", "outcome"), {"outcome": 2})
    assert reason(finer) == "The numbers of children by year, ethnicity and tier of outcome are too small to publish."
    assert reason(PlanTable("outcomes", ())) == "The numbers of outcomes are too small to publish."


def test_a_mark_does_not_make_readers_forget_what_an_earlier_release_told():
    """Where zeros are shown a mark says at least 1; a count that was printed before stays known beside it."""
    cells = table([[9, 0, 7], [8, 12, 6]])
    nothing = np.zeros(len(cells.count), dtype=bool)
    earlier = Entry(published(cells, nothing), nothing.astype(float))
    rules = policies.Policy("zeros shown", 5, zeros="shown")
    marked = Decided(~nothing, nothing)
    readers = Readers(cells, rules, [earlier], History(({}, {})), {}, lambda: None)
    Stage(cells, rules, marked, readers)
    assert np.array_equal(readers.search.low[readers.figure], cells.count)


def test_progress_rises_through_long_work_and_can_cancel_it(tmp_path):
    class Stop(Exception):
        pass

    def stop_at(end):
        def heard(share, text):
            shares.append(share)
            if len(shares) == end:
                raise Stop

        return heard

    cells = cells_of(service(tmp_path, 20, 9), PAIRS)
    for end in (1, 30):
        shares: list[float] = []
        with pytest.raises(Stop):
            protect(cells, policies.load(), progress=stop_at(end))
    shares = []
    protect(cells, policies.load(), progress=stop_at(0))
    assert shares == sorted(shares) and 0 <= shares[0] and shares[-1] <= 1
    assert max(shares.count(share) for share in shares) > 10  # also within a tier, not only from table to table


@pytest.mark.parametrize("seed", range(8))
def test_a_walk_ends_where_a_program_of_all_rows_does(seed):
    """Rows of which some are sums of others and some bound nothing, beside scipy."""
    rng = np.random.default_rng(seed)
    rows = rng.integers(0, 2, (10, 25)).astype(float)
    rows = np.vstack([rows, rows[:3].sum(axis=0), rows[[4]], rows[5] - rows[6], np.ones((1, 25))])
    total = rows @ rng.integers(0, 6, 25)
    exact = (rng.random(14) < 0.5) | (np.arange(14) < 3) | (np.arange(14) == 13)
    low, high = (
        np.where(exact, total, np.minimum(total, 0)),
        np.where(exact, total, np.where(total > 9, np.inf, total + 4)),
    )
    walk = Walk(sparse.csr_array(rows), low, high)
    capped = np.isfinite(high)
    for _ in range(12):
        cost = rng.integers(-3, 4, 25).astype(float)
        found, least = (
            walk.least(cost),
            linprog(cost, np.vstack([rows[capped], -rows]), np.concatenate([high[capped], -low])),
        )
        assert cost @ found == pytest.approx(least.fun)
        assert (rows @ found >= low - 1e-6).all() and (rows @ found <= high + 1e-6).all()


def test_a_walk_finds_nothing_where_a_sum_contradicts_its_parts():
    rows = sparse.csr_array([[1.0, 1, 0, 0], [0, 0, 1, 1], [1, 1, 1, 1]])
    for total, possible in ((7.0, True), (8.0, False)):
        counts = np.array([3.0, 4.0, total])
        assert (Walk(rows, counts, counts).least(np.ones(4)) is not None) == possible


def test_a_model_names_rows_that_forbid_a_solution():
    """Some rows of which no solution is left, by scipy; the others are left out of them as far as they have no part."""
    rng = np.random.default_rng(4)
    rows = sparse.csr_array(rng.integers(0, 2, (12, 20)).astype(float))
    low = rows @ rng.integers(0, 5, 20)
    high = low.copy()
    low[7] = high[7] = rows[[7]].sum() * 100
    high[3] = np.inf
    model = Model(rows, low, high)
    assert model.solve() is None
    named = model.conflict.tolist()
    assert 7 in named and len(named) < 12

    def possible(chosen):
        at_most = [r for r in chosen if np.isfinite(high[r])]
        full = rows.toarray()
        left = np.vstack([full[at_most], -full[chosen]])
        return linprog(np.zeros(20), left, np.concatenate([high[at_most], -low[chosen]])).status == 0

    assert not possible(named) and possible([r for r in range(12) if r != 7])


@settings(max_examples=25)
@given(
    groups=st.lists(st.sampled_from(["Indian", "African", "Irish", "Unknown"]), min_size=1, max_size=40),
    threshold=st.sampled_from([1, 3, 10]),
    seed=st.integers(0, 5),
)
def test_any_caseload_and_threshold(groups, threshold, seed):
    """One child, everybody in one cell, all below the threshold: whatever is printed is right and enough children."""
    n = len(groups)
    sexes = np.random.default_rng(seed).choice(["Boys", "Girls"], n)
    rows = pd.DataFrame({"child": range(n), "outcome_id": range(n), "day": 19000, "quarter": "2021/22 Q1"})
    rows = rows.assign(area="", ethnicity=groups, sex=sexes, age="15", send="No SEN", care="Not looked after")
    rows = rows.assign(offence="Robbery|5", disposal="Youth caution|Police", recommended_outcome="Unknown")
    rows = rows.assign(first_time_entrant="Unknown", reoffended="Unknown", further_offences=None)
    cells = cells_of(counting.encode(rows), PAIRS)
    policy = policies.Policy("any", threshold, exempt=("Unknown",))
    protected = protect(cells, policy)
    assert (protected.value[protected.shown] == cells.count[protected.shown]).all()
    exempt = np.zeros(len(cells.count), dtype=bool)
    for d, of in enumerate(cells.dimensions):
        exempt |= np.array([v == "Unknown" for v in of.values])[cells.at[:, d]]
    assert (cells.children[protected.shown & ~exempt] >= threshold).all()


def test_a_rounded_category_that_could_be_all_of_its_group_is_hidden_as_one_that_is():
    """8 of 12 are printed as 10 of 10. Were all of a group in it, the category would be hidden, so print tells that not
    all are: the 4 beside it were known to be 1 or more."""
    cells = table([[8, 4], [30, 20], [25, 25]], names=("row", "outcome"))
    policy = policies.Policy("rounded", 5, rounding=5, sensitive=("outcome",))
    told, kept = (where(cells, row, "outcome0") for row in ("row0", "row1"))
    protected = protect(cells, policy)
    assert protected.primary[told] and not protected.shown[told]
    assert not protected.primary[kept] and protected.shown[kept]
    assert protect(cells, replace(policy, sensitive=())).shown[told]


def test_what_happened_is_published_by_two_things_at_once_of_outcomes_alone():
    """A child with one outcome is counted by just what that is: who has both tables knows more than either tells."""
    by, of = (
        ("gravity", "outcome"),
        (tuple(f"Theft and handling|{n}" for n in (2, 6)), ("Youth caution|Police", "Fine|Court")),
    )
    kinds = list(product(*of))
    records = {"offence": np.repeat([o for o, _ in kinds], 20), "disposal": np.repeat([d for _, d in kinds], 20)}
    records |= {"child": np.arange(80), "period": np.repeat("2023/24 Q1", 80)}
    flat = (
        flat_dimension(n, values, axis=axis) for n, values, axis in zip(by, of, ("offence", "disposal"), strict=True)
    )
    dimensions = (flat_dimension("period", ("2023/24 Q1",)), *flat)

    def published_of(*units: str):
        cells = counted(dimensions, {u: records for u in units}, [(u, by, 0) for u in units])
        plan = Plan("both", (Tier("both", tuple(PlanTable(u, by) for u in units)),))
        made = protect_plan(cells, policies.Policy("five", 5), plan)
        return [t.unit for t in made.plan.tables], [t.unit for t in made.left_out]

    assert published_of("children", "outcomes", "offences") == (["outcomes"], ["children", "offences"])
    assert published_of("children") == (["children"], [])
