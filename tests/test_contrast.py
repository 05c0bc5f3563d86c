"""Two groups inside the system, against worked shares and ratios; what hidden counts leave, against every world."""

from __future__ import annotations

import pytest
from made_up import OTHER, made_up

from yjdisp import comparison
from yjdisp.contrast import division
from yjdisp.release import ReleaseError

COUNTS = {
    (OTHER, "All"): 16, (OTHER, "1–4"): 10, (OTHER, "5–8"): 6,
    ("White", "All"): 29, ("White", "1–4"): 25, ("White", "5–8"): 4,
    ("Unknown", "All"): 2,
}  # fmt: skip


def rows(counts, **options):
    found = division(made_up((("ethnicity", "gravity"), counts), **options), of="gravity", group=OTHER)
    return found, found.rows.set_index("value")


def test_each_group_is_set_against_its_own_whole():
    found, by_value = rows(COUNTS)
    high = by_value.loc["5–8"]
    assert (high["group_share"], high["reference_share"]) == (6 / 16, 4 / 29)
    assert high["gap"] == pytest.approx(6 / 16 - 4 / 29)
    assert high["rri"] == pytest.approx((6 / 16) / (4 / 29))
    assert high["group_share_low"] < high["group_share"] < high["group_share_high"]
    assert (high["level"], high["parent"]) == (1, "All")
    assert found.unknown == 2


def test_the_verdict_needs_size_and_certainty():
    assert rows(COUNTS)[1].loc["5–8", "verdict"] == comparison.TOO_FEW
    larger = {key: 20 * n for key, n in COUNTS.items()}
    assert rows(larger)[1].loc["5–8", "verdict"] == comparison.OVER


def test_a_hidden_count_leaves_a_range_that_holds_every_world():
    hidden = COUNTS | {(OTHER, "5–8"): None}
    row = rows(hidden, bounds=(2, 9))[1].loc["5–8"]
    assert row["verdict"] == comparison.HIDDEN
    assert row[["group_share", "rri", "gap", "p"]].isna().all()
    assert (row["group_share_least"], row["group_share_most"]) == (2 / 16, 9 / 16)
    worlds = [(count / 16) / (4 / 29) for count in range(2, 10)]
    assert (row["rri_least"], row["rri_most"]) == pytest.approx((min(worlds), max(worlds)))


def test_a_hidden_base_widens_the_range_and_a_share_stays_a_share():
    hidden = COUNTS | {(OTHER, "5–8"): None, (OTHER, "All"): None}
    row = rows(hidden, bounds=(3, 9))[1].loc["5–8"]
    assert (row["group_share_least"], row["group_share_most"]) == (3 / 9, 1)


def test_a_reference_that_may_be_nought_leaves_the_ratio_open():
    row = rows(COUNTS | {("White", "5–8"): None})[1].loc["5–8"]
    assert row["rri_most"] == float("inf")
    assert row["rri_least"] == pytest.approx((6 / 16) / (9 / 29))


def test_none_of_none_cannot_be_told():
    counts = COUNTS | {(OTHER, "All"): 0, (OTHER, "1–4"): 0, (OTHER, "5–8"): 0}
    assert rows(counts)[1].loc["5–8", "verdict"] == comparison.TOO_FEW


def test_a_group_that_is_not_published_is_refused():
    with pytest.raises(ReleaseError, match="Asian is not published by gravity"):
        division(made_up((("ethnicity", "gravity"), COUNTS)), of="gravity", group="Asian")


def test_a_hidden_base_is_hidden_and_not_too_few():
    assert rows(COUNTS | {(OTHER, "All"): None}, bounds=(10, 20))[1].loc["5–8", "verdict"] == comparison.HIDDEN


def test_unknown_that_is_not_published_is_not_nought():
    assert rows({at: n for at, n in COUNTS.items() if at[0] != "Unknown"})[0].unknown is None
