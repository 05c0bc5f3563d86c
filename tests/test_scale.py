"""How many children a finding is, and what could not have been seen: golden values on the way to the page."""

from __future__ import annotations

from dataclasses import replace

import pytest
from made_up import OTHER, made_up

from yjdisp import measures, scale
from yjdisp.comparison import OVER, TOO_FEW, compare
from yjdisp.wording import scale as wording_scale

CENSUS_2011 = {"baseline": "Census 2011"}


def compared(others: int | None, white: int, **options):
    counts = {(OTHER,): others, ("White",): white, ("Unknown",): 0}
    counts[("All",)] = None if others is None else others + white
    return compare(made_up((("ethnicity",), counts)), by="ethnicity", **CENSUS_2011, **options)


def test_children_to_parity_are_the_golden_ones_in_whole_children():
    """16 of 45 beside 1,047 of 15,764: removal 13.94 (7.72 to 21.02), replacement 13.01 (7.21 to 19.63) by mid-P."""
    (row,) = scale.parity(compared(16, 29)).to_dict("records")
    assert (row["removal"], row["removal_low"], row["removal_high"]) == (14, 8, 22)
    assert (row["replacement"], row["replacement_low"], row["replacement_high"]) == (13, 7, 20)
    shown = wording_scale.parity(scale.parity(compared(16, 29)))
    assert shown.to_dict("records") == [
        {
            "Group": OTHER,
            "Children": "16",
            "Fewer, nobody in their place": "14 (8 to 22)",
            "Fewer, others in their place": "13 (7 to 20)",
        }
    ]


@pytest.mark.parametrize(("others", "white"), [(3, 42), (2, 58), (None, 45)])
def test_only_what_is_over_represented_has_children_to_parity(others, white):
    c = compared(others, white)
    assert OVER not in set(c.table["verdict"])
    assert scale.parity(c).empty


def test_a_group_too_small_to_tell_has_the_ratio_that_would_have_been_seen():
    c = compared(6, 50)
    found = scale.detectable(c)
    (row,) = found.to_dict("records")
    assert set(c.table["verdict"]) >= {TOO_FEW}
    assert row["ratio"] == pytest.approx(measures.detectable_ratio(1047, 15764 - 1047, 50).ratio)
    assert row["rri_high"] > row["ratio"] > 1.25
    (shown,) = wording_scale.detectable(found, c).to_dict("records")
    assert shown["Times as likely, to be seen"] == f"{row['ratio']:.1f} or more"
    assert "White children" in wording_scale.detectable_caption(c)


@pytest.mark.parametrize(("others", "white"), [(16, 29), (1, 0), (None, 45)])
def test_what_was_found_or_has_nobody_to_compare_with_has_none(others, white):
    assert scale.detectable(compared(others, white)).empty


def test_a_group_is_not_too_many_where_its_gap_against_everybody_is_no_gap():
    """Over-represented beside one group, not beside everybody: there are no children to name."""
    c = compared(16, 29)
    assert scale.parity(c)["group"].tolist() == [OTHER]
    doubtful = replace(c, table=c.table.assign(gap_low=-0.01))
    assert scale.parity(doubtful).empty
