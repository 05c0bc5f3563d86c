"""Random plans and hierarchies over few dimensions, attacked by linear programs that share nothing with the package."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from handmade import counted, grouped, published, rows_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from yjdisp.disclosure.checking import faults
from yjdisp.disclosure.policy import Policy
from yjdisp.disclosure.suppress import protect
from yjdisp.vocabulary import flat_dimension

SOME = settings(max_examples=50, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
YEAR = flat_dimension("year", ("2021/22 Q1", "2022/23 Q1"), axis="period")
SEX = flat_dimension("sex", ("Boys", "Girls"))
PEOPLE = ("Asian", "Black", "British", "Irish", "Mixed")
HIERARCHIES = (
    grouped("ethnicity", {"White": ("British", "Irish"), "Other": ("Asian", "Black", "Mixed")}),
    grouped("ethnicity", {"White": ("British", "Irish"), "Asian": ("Asian",), "Mixed or Black": ("Black", "Mixed")}),
    flat_dimension("ethnicity", PEOPLE),
)
TABLES = ((), ("year",), ("ethnicity",), ("sex",), ("year", "sex"), ("ethnicity", "sex"), ("year", "ethnicity"),
          ("year", "ethnicity", "sex"))  # fmt: skip


@st.composite
def services(draw, most=60):
    """Cells of a random plan of 1 to 4 tables in random tiers; nobody, one child, everybody alike among them."""
    children = draw(st.sampled_from([0, 1, 4, 20, 40, most]))
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    evenness = draw(st.sampled_from([0.02, 0.5, 5.0]))  # near 0 everybody is alike
    ethnicity = draw(st.sampled_from(HIERARCHIES))
    tables = draw(st.lists(st.sampled_from(TABLES), min_size=1, max_size=4, unique=True))
    tiers = sorted(draw(st.integers(0, 2)) for _ in tables)
    record = {"child": np.arange(children)}
    for axis, names in (("period", sorted(YEAR.covers[0])), ("ethnicity", PEOPLE), ("sex", ("Boys", "Girls"))):
        share = rng.dirichlet(np.full(len(names), evenness))
        record[axis] = rng.choice(names, children, p=share)
    listed = [("children", table, tier) for table, tier in zip(tables, tiers, strict=True)]
    return counted((YEAR, ethnicity, SEX), {"children": record}, listed)


def narrowed(cells, result, rules):
    """Primary cells of which what is printed tells more than the mark."""
    rows, kept, bad = rows_of(cells), ~result.left_out, []
    shown = result.shown & kept
    hidden = kept & ~result.shown & (rules.floor > 0)
    told = {
        "A_eq": rows[shown] if shown.any() else None, "b_eq": cells.count[shown] if shown.any() else None,
        "A_ub": -rows[hidden] if hidden.any() else None, "b_ub": np.full(hidden.sum(), -1.0) if hidden.any() else None,
    }  # fmt: skip
    for cell in np.flatnonzero(result.primary & kept):
        low, high = linprog(rows[cell], **told), linprog(-rows[cell], **told)
        most = np.inf if high.status == 3 else -high.fun
        if low.status or low.fun > rules.floor + 1e-6 or most < max(rules.threshold - 1, rules.floor) - 1e-6:
            bad.append(int(cell))
    return bad


@SOME
@given(cells=services(), threshold=st.sampled_from([1, 3, 10]), zeros=st.sampled_from(["hidden", "shown"]))
def test_nothing_is_narrowed(cells, threshold, zeros):
    rules = Policy("any", threshold, zeros=zeros)
    result = protect(cells, rules)
    assert narrowed(cells, result, rules) == []
    assert (result.value == cells.count)[result.shown].all()
    least = cells.children[result.shown & ((cells.count > 0) | (zeros == "hidden"))]
    assert (least >= threshold).all()
    if result.certificate:
        seen = published(
            cells.only(~result.left_out), ~result.shown[~result.left_out], least=rules.floor, threshold=threshold
        )
        assert faults(result.certificate, seen) == ()


@SOME
@given(cells=services(), threshold=st.sampled_from([3, 5]))
def test_a_finer_table_never_costs_a_coarser_cell(cells, threshold):
    rules = Policy("any", threshold)
    everything = protect(cells, rules)
    for tier in range(int(cells.tier.max())):
        coarse = cells.tier <= tier
        if coarse.any():
            alone = protect(cells.only(coarse), rules)
            assert np.array_equal(alone.shown, everything.shown[coarse])
            assert np.array_equal(alone.left_out, everything.left_out[coarse])


@settings(SOME, max_examples=8)
@given(cells=services(), threshold=st.sampled_from([3, 10]))
def test_the_same_input_gives_the_same_release(cells, threshold):
    one, two = (protect(cells, Policy("any", threshold)) for _ in range(2))
    for name in ("shown", "value", "primary", "left_out", "low", "high"):
        assert np.array_equal(getattr(one, name), getattr(two, name))
    if one.certificate:
        assert (one.certificate.change != two.certificate.change).nnz == 0


@settings(SOME, max_examples=10)
@given(cells=services(most=30), threshold=st.sampled_from([31, 100]))
def test_nothing_is_printed_where_all_are_below_the_threshold(cells, threshold):
    few = replace(cells, count=cells.count, children=np.minimum(cells.children, threshold - 1))
    assert not protect(few, Policy("any", threshold)).shown.any()
