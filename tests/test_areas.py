"""Areas side by side: the funnel by hand, and a hidden area."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from made_up import HERE, OTHER, made_up

from yjdisp import areas as side_by_side
from yjdisp import comparison, exhibits
from yjdisp.areas import areas
from yjdisp.comparison import compare
from yjdisp.release import ReleaseError
from yjdisp.wording import CENSUS_PERTURBED
from yjdisp.wording import places as wording_places

THERE = "Bristol, City of"


def release(here=(16, 29), there=(60, 60)):
    counts = {}
    for area, (group, white) in ((HERE, here), (THERE, there)):
        counts |= {(area, OTHER): group, (area, "White"): white, (area, "Unknown"): 0}
        counts[(area, "All")] = None if group is None else group + white
    return made_up((("area", "ethnicity"), counts), areas=(HERE, THERE))


def test_the_common_ratio_lies_between_those_of_the_areas():
    found = areas(release(), group=OTHER)
    rri = dict(zip(found.table["area"], found.table["rri"], strict=True))
    assert rri[HERE] == pytest.approx(16 / 1721 / (29 / 14997))
    assert rri[THERE] == pytest.approx(12234 / 12234 * (60 / 12234) / (60 / 26950))
    assert rri[THERE] < float(found.common.estimate) < rri[HERE]


def test_limits_hold_the_common_ratio_and_narrow_with_size():
    table = areas(release(here=(30, 150), there=(400, 900)), group=OTHER).table.set_index("area")
    width = np.log(table["limit_high"] / table["limit_low"])
    assert width[THERE] < width[HERE]
    assert (table["limit_low_998"] < table["limit_low"]).all()
    assert (table["limit_high_998"] > table["limit_high"]).all()


def test_an_area_far_from_the_others_is_named():
    table = areas(release(here=(40, 20), there=(400, 900)), group=OTHER).table.set_index("area")
    assert table.loc[HERE, "place"] == side_by_side.BEYOND_998
    assert table.loc[THERE, "place"] == side_by_side.INSIDE


def test_a_hidden_area_has_no_place_and_no_part_in_the_common_ratio():
    found = areas(release(here=(None, 29)), group=OTHER)
    assert found.common is None
    assert found.table.set_index("area").loc[HERE, "place"] == ""


@pytest.mark.parametrize(
    ("here", "there", "untold"),
    [
        ((16, 29), (60, 60), ["", ""]),
        ((None, 29), (60, 60), [comparison.HIDDEN, side_by_side.CANNOT_TELL]),
        ((0, 0), (60, 60), [comparison.NOBODY, ""]),
        ((3, 0), (4, 0), [side_by_side.CANNOT_TELL] * 2),
        ((0, 0), (4, 0), [comparison.NOBODY, side_by_side.CANNOT_TELL]),
        ((2000, 9), (4, 9), [comparison.MORE_THAN_POPULATION, side_by_side.CANNOT_TELL]),
    ],
)
def test_an_area_without_a_place_says_why(here, there, untold):
    table = areas(release(here, there), group=OTHER).table.set_index("area").loc[[HERE, THERE]]
    assert table["untold"].tolist() == untold
    assert (table["place"] == "").tolist() == [why != "" for why in untold]


def test_nobody_at_all_is_nobody_to_compare_with_everyone_else_too():
    table = areas(release((0, 0), (60, 60)), group=OTHER, reference="everyone else").table.set_index("area")
    assert table.loc[HERE, "untold"] == comparison.NOBODY


def test_an_area_with_more_children_than_live_there_has_no_part_in_the_common_ratio():
    """1,721 live here, so 2,000 cannot be, and one area alone has nothing in common."""
    found = areas(release((2000, 9), (4, 9)), group=OTHER)
    assert found.common is None and found.table["limit_low"].isna().all()


def test_a_view_of_areas_names_whom_they_and_the_nation_are_compared_with():
    view = exhibits.side_by_side(areas(release(), group=OTHER), ("2021/22",))
    assert "caseload (National caseload 2018/19) and population (Census 2021)" in " ".join(view.answer)
    for named in (
        f"Census 2021, {HERE}",
        f"Census 2021, {THERE}",
        "National caseload 2018/19, England and Wales",
        "ONS",
    ):
        assert named in view.compared_with
    assert [b.area for b in view.against] == [HERE, THERE, "England and Wales", "England and Wales"]
    assert CENSUS_PERTURBED in view.caveats


def test_with_one_area_to_show_a_page_says_so_and_what_the_hidden_count_leaves_possible():
    found = areas(release(here=(None, 29)), group=OTHER)
    view = exhibits.side_by_side(found, ("2021/22",))
    assert "fewer than two services can be shown" in view.answer[0]
    line = view.table.set_index("Area").loc[HERE]
    assert line[OTHER] == "[c] between 0 and 9"
    assert line["Times as likely as White children"] == "[c] 0 to 2.8"  # 9/1,721 over 29/14,997 is 2.7044
    assert view.picture.marks[1].low == 0 and view.picture.marks[1].high == pytest.approx(9 / 1721 / (29 / 14997))


@pytest.mark.parametrize(
    ("here", "there", "together"),
    [((3, 0), (4, 0), "were at least 6.8 times as likely"), ((0, 0), (0, 0), "nobody of either group")],
)
def test_what_services_have_in_common_can_be_told_without_a_child_of_one_group(here, there, together):
    said = " ".join(wording_places.areas_answer(areas(release(here, there), group=OTHER), ("2021/22",)))
    assert together in said and not re.search(r"\b(inf|nan)\b", said)
    assert "no service differs" not in said and "Hidden" not in said
    assert wording_places.NO_RATIO_IN_COMMON in said


def test_children_of_several_areas_are_not_set_against_the_population_of_one():
    together = {("All",): 165, (OTHER,): 76, ("White",): 89, ("Unknown",): 0}
    source = made_up((("ethnicity",), together), areas=(HERE, THERE))
    with pytest.raises(ReleaseError, match=f"choose one: {HERE}, {THERE}"):
        compare(source, by="ethnicity")
    assert compare(replace(source, manifest=source.manifest | {"areas": [HERE]}), by="ethnicity").total == 165


def test_the_national_ratio_follows_from_published_shares():
    """2018/19: 26% and 70% of the caseload; Census 2021: 1,473,207 and 4,161,949 children."""
    expected = 26 / 70 / (1473207 / 4161949)
    (nation,) = areas(release(), group=OTHER).elsewhere
    assert (nation.area, nation.rri) == ("England and Wales", pytest.approx(expected))
    assert (nation.caseload.name, nation.population.name) == ("National caseload 2018/19", "Census 2021")


def test_a_region_counts_where_its_caseload_and_population_are_published():
    """Shares of 10% and 90% in the caseload, 5% and 95% in the population."""
    source = release()
    region = [
        {"baseline": name, "characteristic": "ethnicity", "group": group, "area": "South West", "year": "2019/20"}
        | {"age_range": "10–17", "population": np.nan, "percentage": percentage, "source": "made up"}
        for name, shares in (("Regional caseload 2019/20", (10, 90)), ("Census 2021", (5, 95)))
        for group, percentage in zip((OTHER, "White"), shares, strict=True)
    ]
    source = replace(source, baselines=pd.concat([source.baselines, pd.DataFrame(region)], ignore_index=True))
    ratios = {e.area: e.rri for e in areas(source, group=OTHER).elsewhere}
    assert ratios["South West"] == pytest.approx((10 / 90) / (5 / 95))


def test_a_ratio_without_an_end_is_said_as_at_least():
    found = areas(release(here=(16, 0), there=(60, 600)), group=OTHER)
    said = " ".join(wording_places.areas_answer(found, ("2021/22",)))
    assert f"{HERE} (at least " in said and "inf" not in said.replace("information", "")


def test_a_group_that_one_area_does_not_publish_is_named():
    counts = {(HERE, "Black"): 9, (HERE, "White"): 29, (THERE, "White"): 60, (THERE, OTHER): 60}
    with pytest.raises(ReleaseError, match="Black is not published for Bristol"):
        areas(made_up((("area", "ethnicity"), counts), areas=(HERE, THERE)), group="Black")


def test_a_service_within_the_limits_is_not_said_to_differ():
    said = wording_places.areas_answer(areas(release((40, 20), (400, 900)), group=OTHER), ("2021/22",))[0]
    assert f"{HERE} (" in said and THERE not in said


@pytest.mark.parametrize(
    ("here", "place"), [(26, side_by_side.INSIDE), (30, side_by_side.BEYOND_95), (36, side_by_side.BEYOND_998)]
)
def test_each_limit_is_a_limit(here, place):
    """More than 12 a 150 as they have in common, on the side that nothing else bounds."""
    found = areas(release((here, 150), (400, 900)), group=OTHER)
    assert found.table.set_index("area").loc[HERE, "place"] == place


def test_a_hidden_reference_has_bounds_of_its_own():
    counts = {}
    for area, group, white in ((HERE, 16, None), (THERE, 60, 60)):
        counts |= {(area, OTHER): group, (area, "White"): white, (area, "Unknown"): 0, (area, "All"): 200}
    found = areas(made_up((("area", "ethnicity"), counts), areas=(HERE, THERE), bounds=(2, 9)), group=OTHER)
    assert wording_places.areas_table(found).set_index("Area").loc[HERE, "White"] == "[c] between 2 and 9"
