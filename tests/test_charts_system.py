"""The pictures of the system: intervals drawn, hidden counts as ranges, stages that are turned round or multiplied."""

from __future__ import annotations

import pytest
from made_up import OTHER
from test_pathway import by_outcome
from test_treatment import cells
from test_wording_system import BANDS, GRAVITY, PUBLISHED, divided, way

from yjdisp import charts
from yjdisp.charts import system as charts_system
from yjdisp.treatment import treatment
from yjdisp.wording import pathway as wording_pathway


def marks(picture) -> dict:
    return {(m.heading, m.label): m for m in picture.marks}


def test_shares_of_both_groups_stand_under_each_value_with_intervals():
    picture = charts_system.shares(divided(GRAVITY), BANDS)
    found = marks(picture)
    assert list(found) == [(f"Gravity {band}", group) for band in ("1–4", "5–8") for group in (OTHER, "White")]
    mark = found["Gravity 5–8", OTHER]
    assert mark.estimate == pytest.approx(37.5)
    assert mark.low < 37.5 < mark.high
    assert mark.text.startswith("37.5% (")
    assert not picture.log and picture.ticks[0] == 0


def test_groups_differ_in_shape_and_colour_and_the_key_names_them():
    key = charts.signs(charts_system.shares(divided(GRAVITY), BANDS))
    assert [words for _, _, words in key] == ["children from all other ethnic groups combined", "White children"]
    assert len({sign for sign, _, _ in key}) == len({colour for _, colour, _ in key}) == 2


def test_a_hidden_share_is_a_range_without_a_dot():
    picture = charts_system.shares(divided(GRAVITY | {(OTHER, "5–8"): None}, bounds=(16, 32)), BANDS)
    mark = marks(picture)["Gravity 5–8", OTHER]
    assert mark.estimate is None and mark.look.shape is None
    assert (mark.low, mark.high) == pytest.approx((10, 20))
    assert mark.text == "hidden: 10.0% to 20.0%"


def test_a_group_without_anybody_has_a_row_and_nothing_in_it():
    of = divided({key: 0 if key[0] == OTHER else n for key, n in GRAVITY.items()})
    mark = marks(charts_system.shares(of, BANDS))["Gravity 5–8", OTHER]
    assert (mark.estimate, mark.low, mark.text) == (None, None, "none to take a share of")


def test_raw_bands_and_adjusted_are_ratios_with_intervals():
    picture = charts_system.proportion(treatment(cells(*PUBLISHED), group=OTHER))
    assert [m.label for m in picture.marks] == [
        "All gravities, as they are (raw)", "Gravity 1–4", "Gravity 5–8", "At the same gravity (adjusted)",
    ]  # fmt: skip
    assert all(m.low < m.estimate < m.high for m in picture.marks)
    assert picture.log and picture.band == (0.8, 1.25)


def test_a_hidden_band_is_the_range_that_is_left_to_its_ratio():
    picture = charts_system.proportion(treatment(cells([(None, 20), (8, 10)], [(6, 60), (9, 12)]), group=OTHER))
    low = marks(picture)["", "Gravity 1–4"]
    assert (low.low, low.high) == (0, pytest.approx((9 / 20) / (6 / 60)))
    adjusted = marks(picture)["", "At the same gravity (adjusted)"]
    assert adjusted.estimate is None and adjusted.low < adjusted.high


def test_the_favourable_stage_is_drawn_the_way_round_that_is_worse():
    found = marks(charts_system.stages(way(by_outcome())))
    diverted = found[wording_pathway.EACH, "Diverted, of the caseload (turned round)"]
    assert diverted.estimate == pytest.approx((18 / 29) / (7 / 16))


def test_below_the_stages_stand_their_products_with_intervals():
    found = marks(charts_system.stages(way(by_outcome())))
    custody = found[wording_pathway.TOGETHER, "Custody"]
    each = [
        m.estimate for (heading, label), m in found.items() if heading == wording_pathway.EACH and "turned" not in label
    ]
    product = 1
    for estimate in each:
        product *= estimate
    assert custody.estimate == pytest.approx(product)
    assert custody.low < custody.estimate < custody.high


def test_one_stage_alone_is_not_multiplied():
    counts = {key: n for key, n in by_outcome().items() if key[1] == "All"}
    found = charts_system.stages(way(counts))
    assert {m.heading for m in found.marks} == {wording_pathway.EACH}
    assert [m.text for m in found.marks[1:]] == ["not published"] * 4


@pytest.mark.parametrize("hide", [{}, {"Custody": None}, {"All": None}, {"Court": 0, "Custody": 0}])
def test_every_picture_can_be_drawn(hide):
    figure = charts.rows(charts_system.stages(way(by_outcome(group=hide))))
    assert figure.layout.height > 100
    assert {trace.type for trace in figure.data} == {"scatter"}
