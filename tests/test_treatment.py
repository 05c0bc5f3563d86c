"""Outcomes for the gravity: raw, at the same gravity, and the split, against published worked values."""

from __future__ import annotations

from dataclasses import replace

import pytest
from made_up import OTHER, made_up

from yjdisp import comparison
from yjdisp.treatment import treatment, verdict
from yjdisp.wording import treatment as wording_treatment

BANDS = ("1–4", "5–8")


def cells(group, white, unknown=(0, 0)):
    """group and white: (court, all) in each band."""
    counts = {}
    for name, bands, out in ((OTHER, group, unknown[0]), ("White", white, unknown[1])):
        for band, (court, all_) in zip(BANDS, bands, strict=True):
            counts |= {(name, band, "Court"): court, (name, band, "All"): all_}
        counts[(name, "Unknown", "All")] = out
    totals = {}
    for name, bands in ((OTHER, group), ("White", white)):
        whole = [None if any(b[i] is None for b in bands) else sum(b[i] for b in bands) for i in (0, 1)]
        totals |= {(name, "Court"): whole[0], (name, "All"): whole[1]}
    return made_up((("ethnicity", "outcome"), totals), (("ethnicity", "gravity", "outcome"), counts), unit="outcomes")


def test_the_adjusted_ratio_is_the_published_one():
    """Agresti's death-penalty data as two strata: 53 of 467 and 0 of 16 against 11 of 48 and 4 of 143."""
    found = treatment(cells([(53, 467), (0, 16)], [(11, 48), (4, 143)]), group=OTHER)
    assert float(found.adjusted.estimate) == pytest.approx(0.476021573581659)
    assert float(found.adjusted.low) == pytest.approx(0.274971393225143)
    assert float(found.adjusted.high) == pytest.approx(0.871413007594055)
    assert float(found.homogeneity.p) == pytest.approx(0.653910751616054)
    assert verdict(found) == comparison.UNDER


def test_mix_and_treatment_add_up_to_the_gap():
    found = treatment(cells([(4, 20), (8, 10)], [(6, 60), (9, 12)]), group=OTHER)
    assert found.split.composition + found.split.rate == pytest.approx(12 / 30 - 15 / 72)
    assert 0 < found.split.composition < found.split.gap


def test_a_hidden_band_leaves_the_raw_gap_only():
    release = cells([(None, 20), (8, 10)], [(6, 60), (9, 12)])
    found = treatment(release, group=OTHER)
    assert found.raw is None and found.adjusted is None
    assert verdict(found) == comparison.HIDDEN


def test_outcomes_without_a_gravity_score_are_counted():
    assert treatment(cells([(4, 20), (8, 10)], [(6, 60), (9, 12)], (2, 3)), group=OTHER).unknown_gravity == 5


def test_without_gravity_the_raw_gap_is_shown():
    totals = {(OTHER, "Court"): 4, (OTHER, "All"): 16, ("White", "Court"): 12, ("White", "All"): 29}
    found = treatment(made_up((("ethnicity", "outcome"), totals), unit="outcomes"), group=OTHER)
    assert float(found.raw.estimate) == pytest.approx((4 / 16) / (12 / 29))
    assert found.adjusted is None and found.strata.empty
    assert verdict(found) == comparison.TOO_FEW


def test_hidden_bands_leave_the_adjusted_ratio_a_range_that_holds_every_world():
    release = cells([(None, 20), (8, 10)], [(6, 60), (9, 12)])
    found = treatment(release, group=OTHER)
    assert found.adjusted is None
    worlds = [
        float(treatment(cells([(court, 20), (8, 10)], [(6, 60), (9, 12)]), group=OTHER).adjusted.estimate)
        for court in range(10)
    ]
    assert found.possible == pytest.approx((min(worlds), max(worlds)))
    assert found.strata.set_index("band").loc["1–4", "group_share_most"] == 9 / 20


def test_what_is_shown_leaves_one_ratio():
    found = treatment(cells([(4, 20), (8, 10)], [(6, 60), (9, 12)]), group=OTHER)
    assert found.possible == pytest.approx((float(found.adjusted.estimate),) * 2)
    assert found.overall["group_share"] == 12 / 30


def test_none_at_court_is_never_less_often_at_the_same_gravity_either():
    found = treatment(cells([(0, 20), (0, 20)], [(30, 60), (40, 60)]), group=OTHER)
    assert float(found.adjusted.high) < 1 and verdict(found) == comparison.TOO_FEW


def test_a_count_without_a_bound_bounds_nothing():
    release = cells([(None, None), (8, 10)], [(6, 60), (9, 12)])
    release = replace(
        release, cells=release.cells.assign(high=release.cells["high"].where(release.cells["count"].notna()))
    )
    assert treatment(release, group=OTHER).possible is None


def test_a_hidden_count_of_the_reference_leaves_every_world_too():
    known = [(4, 20), (8, 10)]
    worlds = [float(treatment(cells(known, [(n, 60), (9, 12)]), group=OTHER).adjusted.estimate) for n in range(10)]
    found = treatment(cells(known, [(None, 60), (9, 12)]), group=OTHER)
    assert found.possible == pytest.approx((min(worlds), max(worlds)))


def test_a_hidden_base_of_a_band_hides_the_adjusted_ratio():
    found = treatment(cells([(4, 20), (8, 10)], [(6, 60), (9, None)]), group=OTHER)
    assert found.adjusted is None and verdict(found) == comparison.HIDDEN


def test_none_in_the_bands_is_no_finding_though_some_have_no_score():
    source = cells([(0, 20), (0, 20)], [(30, 60), (40, 60)])
    table = source.cells
    raw = table["table"].eq("ethnicity × outcome") & table["ethnicity"].eq(OTHER) & table["outcome"].eq("Court")
    found = treatment(replace(source, cells=table.assign(count=table["count"].mask(raw, 3))), group=OTHER)
    assert float(found.adjusted.high) < 1 and verdict(found) == comparison.TOO_FEW


def test_a_hidden_number_without_a_score_is_said_to_be_hidden():
    found = treatment(cells([(4, 20), (8, 10)], [(6, 60), (9, 12)], (None, 3)), group=OTHER)
    assert found.unknown_gravity is None
    said = wording_treatment.caveats(found, ("2021/22",), ())
    assert any(text.startswith("How many outcomes have no gravity score is hidden") for text in said)
