"""Findings of several comparisons at once: adjusted as scipy adjusts them, and said on the page."""

from __future__ import annotations

import numpy as np
import pytest
from made_up import OTHER, made_up
from scipy.stats import false_discovery_control

from yjdisp import at_once
from yjdisp.comparison import VERDICTS, Comparison, compare
from yjdisp.wording import comparison as wording_comparison

FEW = {"Asian": 3, "Black": 4, "Mixed": 6, "Other": 2}
MANY = {"Asian": 30, "Black": 40, "Mixed": 60, "Other": 20}


def compared(white: int, groups: dict[str, int]) -> Comparison:
    others = sum(groups.values())
    counts = {("White",): white, (OTHER,): others, ("Unknown",): 0, ("All",): white + others}
    return compare(made_up((("ethnicity",), counts | {(g,): n for g, n in groups.items()})), by="ethnicity")


def judged(c: Comparison) -> list[tuple[dict, Comparison]]:
    return [(row, c) for row in c.table.to_dict("records") if row["verdict"] in VERDICTS]


@pytest.mark.parametrize(("white", "groups"), [(80, FEW), (80, MANY), (100, FEW | {"Other": 0})])
def test_p_values_are_adjusted_as_scipy_does(white, groups):
    rows = judged(compared(white, groups))
    assert len(rows) == 5
    assert at_once.adjusted(rows) == pytest.approx(false_discovery_control([row["p"] for row, _ in rows]))


def test_groups_that_could_never_be_significant_do_not_count():
    """Three children, half of the population boys: all three being boys has a mid-P of about 0.14."""
    counts = {("Boys",): 3, ("Girls",): 0, ("Unknown",): 0, ("All",): 3}
    sex = judged(compare(made_up((("sex",), counts)), by="sex"))
    ethnicity = judged(compared(80, FEW))
    found = at_once.adjusted([*sex, *ethnicity])
    assert np.isnan(found[: len(sex)]).all()
    assert found[len(sex) :] == pytest.approx(at_once.adjusted(ethnicity))


def said(c: Comparison) -> str:
    return " ".join(wording_comparison.caveats([c], ("2021/22",)))


def test_a_page_says_which_findings_do_not_outlast_their_number():
    """Black: p = 0.017, the smallest of five, so 0.083."""
    assert wording_comparison.FALLEN.format(groups="Black children") in said(compared(80, FEW))


def test_a_page_says_that_findings_outlast_their_number():
    assert wording_comparison.ALL_STAND in said(compared(80, MANY))


def test_without_a_finding_or_beside_few_groups_nothing_is_said_of_it():
    none, few = compared(100, {"Asian": 3, "Black": 1, "Mixed": 6, "Other": 1}), compared(29, {})
    assert "at once" in said(none) and "Hochberg" not in said(none)
    assert "Hochberg" not in said(few)


def test_what_a_group_could_reach_is_by_its_share_of_both():
    """2 of 167 Black children and none of 508 Asian ones: that both are Black has a mid-P of (167/675)^2, about 0.06."""
    counts = {("Black",): 2, ("Asian",): 0, (OTHER,): 2, ("White",): 9, ("Unknown",): 0, ("All",): 11}
    rows = judged(compare(made_up((("ethnicity",), counts)), by="ethnicity", reference="Asian"))
    adjusted = dict(zip((row["group"] for row, _ in rows), at_once.adjusted(rows), strict=True))
    assert np.isnan(adjusted["Black"])
