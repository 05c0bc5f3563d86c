"""Inspection facts and national indicators, by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from made_up import OTHER, made_up

from yjdisp import indicators, measures, wording
from yjdisp.charts import places as charts_places
from yjdisp.indicators import INDICATORS, facts, offered, rates
from yjdisp.release import ReleaseError
from yjdisp.wording import indicators as wording_indicators

ENTRANTS, CUSTODY, REOFFENDING, FREQUENCY = INDICATORS
NATION = "England and Wales, 2018/19"
YEARS = ("2021/22",)
CASELOAD = (
    (("sex",), {("All",): 100, ("Boys",): 70, ("Girls",): 30, ("Unknown",): 0}),
    (("age",), {("All",): 100, ("10–14",): 20, ("15–17",): 80}),
    (("ethnicity",), {("All",): 100, (OTHER,): 4, ("White",): None, ("Unknown",): None}),
)


def test_shares_are_of_everybody_beside_the_published_ones():
    table = facts(made_up(*CASELOAD)).table.set_index("group")
    assert table.loc["Girls", "share"] == 0.3
    assert table.loc["Girls", NATION] == 0.15
    assert table.loc["10–14", NATION] == 0.23
    assert table.loc["White", NATION] == pytest.approx(0.70)
    assert np.isnan(table.loc["Boys", NATION])


def test_a_share_differs_only_where_its_interval_leaves_the_published_one_out():
    verdict = facts(made_up(*CASELOAD)).table.set_index("group")["verdict"]
    assert verdict["Girls"] == indicators.HIGHER
    assert verdict["10–14"] == indicators.SAME
    assert verdict[OTHER] == indicators.LOWER
    assert verdict["White"] == indicators.HIDDEN
    assert verdict["Boys"] == indicators.NOT_PUBLISHED


def test_no_child_is_never_a_finding():
    counts = {("All",): 100, ("Boys",): 100, ("Girls",): 0, ("Unknown",): 0}
    table = facts(made_up((("sex",), counts))).table.set_index("group")
    assert table.loc["Girls", "verdict"] == indicators.NO_CHILD


def test_the_year_nearest_in_time_is_compared():
    tables = [(("year", *names), {("2017/18", *v): n for v, n in counts.items()}) for names, counts in CASELOAD]
    source = made_up(*tables, years=("2017/18",))
    assert list(facts(source, where={"year": "2017/18"}).others) == ["England and Wales, 2017/18"]


def test_the_answer_names_both_shares():
    first, *rest = wording_indicators.facts_answer(facts(made_up(*CASELOAD)), YEARS)
    assert "girls were a larger part of this caseload than of the published one" in first
    assert "against 15.0% in England and Wales, 2018/19" in first
    assert any(s.startswith("Hidden: White children") for s in rest)


def test_where_all_are_hidden_nothing_is_said_of_a_difference():
    hidden = {("All",): 8, ("Girls",): None, ("Boys",): None, ("Unknown",): 0}
    first, *_ = wording_indicators.facts_answer(facts(made_up((("sex",), hidden))), YEARS)
    assert "cannot be told" in first and "by more than chance" not in first


def test_without_its_tables_there_are_no_facts():
    with pytest.raises(ReleaseError):
        facts(made_up((("gravity",), {("All",): 9})))


def test_a_rate_is_per_year_of_its_population():
    """24 entrants over two years among 16,718 children."""
    counts = {("All",): 50, ("Yes",): 24, ("No",): 26, ("Unknown",): 0}
    source = made_up((("first_time_entrant",), counts), years=("2020/21", "2021/22"))
    (row,) = rates(source, ENTRANTS).table.to_dict("records")
    interval = measures.rate_interval(24, 2 * 16718)
    assert row["rate"] == pytest.approx(1e5 * 24 / (2 * 16718))
    assert (row["rate_low"], row["rate_high"]) == pytest.approx((1e5 * interval.low, 1e5 * interval.high))


def test_custody_by_group_with_a_hidden_one():
    counts = {("White", "Custody"): None, (OTHER, "Custody"): 6, ("All", "Custody"): 9, ("Unknown", "Custody"): 0}
    source = made_up((("ethnicity", "outcome"), counts), bounds=(0, 4))
    assert offered(source) == {CUSTODY: ["ethnicity", None]}
    table = rates(source, CUSTODY, by="ethnicity").table.set_index("group")
    assert table.loc[OTHER, "rate"] == pytest.approx(1e3 * 6 / 1721)
    assert np.isnan(table.loc["White", "rate"])
    assert table.loc["White", "most"] == pytest.approx(1e3 * 4 / 14997)
    assert "Unknown" not in table.index


def test_a_group_of_whom_nobody_lives_there_has_no_rate():
    counts = {("White", "Yes"): 9, ("Black", "Yes"): 0, ("All", "Yes"): 12}
    source = made_up((("ethnicity", "first_time_entrant"), counts))
    rows = source.baselines
    source = replace(source, baselines=rows.assign(population=rows["population"].mask(rows["group"] == "Black", 0)))
    rate = rates(source, ENTRANTS, by="ethnicity").table.set_index("group")["rate"]
    assert np.isnan(rate["Black"]) and rate["White"] == pytest.approx(1e5 * 9 / 14997)


def test_reoffending_is_a_share_of_those_who_are_known():
    """5 of 20, as Bath and North East Somerset published."""
    counts = {("All",): 23, ("Yes",): 5, ("No",): 15, ("Unknown",): 3}
    found = rates(made_up((("reoffended",), counts)), REOFFENDING)
    (row,) = found.table.to_dict("records")
    assert (row["rate"], row["base"]) == (0.25, 20)
    assert wording_indicators.rate_text(row, found).startswith("25.0% (")


def reoffending(children: int, further: int | None):
    """A release of the children who reoffended and of their further offences."""
    people = made_up((("reoffended",), {("All",): 20, ("Yes",): children, ("No",): 20 - children, ("Unknown",): 0}))
    offences = made_up((("year",), {("All",): further, ("2021/22",): further}), unit="further offences", bounds=(0, 12))
    return replace(people, cells=pd.concat([people.cells, offences.cells], ignore_index=True))


@pytest.mark.parametrize(("children", "further", "mean"), [(5, 10, "2.00"), (6, 22, "3.67")])
def test_the_frequency_of_reoffending_is_a_mean_without_an_interval(children, further, mean):
    """As Bath and North East Somerset published: 5 of 20 and 10 further offences; the cohort before 6 and 22."""
    source = reoffending(children, further)
    assert offered(source) == {REOFFENDING: [None], FREQUENCY: [None]}
    found = rates(source, FREQUENCY)
    (row,) = found.table.to_dict("records")
    assert (row["count"], row["base"], row["rate"]) == (further, children, further / children)
    assert np.isnan(row["rate_low"])
    (said,) = wording_indicators.rates_answer(found, YEARS)
    assert said == f"In 2021/22, children who reoffended had {mean} further offences each on average."
    caveats = wording_indicators.rates_caveats(found, YEARS, ())
    assert wording_indicators.NO_INTERVAL in caveats and wording.CHANCE not in caveats
    (mark,) = charts_places.rates(found).marks
    assert "interval" not in mark.look.words
    assert (mark.estimate, mark.low, mark.high) == (further / children, None, None)


def test_groups_of_reoffenders_are_not_said_to_differ():
    people = {("Boys", "Yes"): 8, ("Boys", "No"): 20, ("Girls", "Yes"): 6, ("Girls", "No"): 9, ("All", "Yes"): 14}
    children = made_up((("sex", "reoffended"), people | {("All", "No"): 29}))
    offences = made_up((("sex",), {("All",): 30, ("Boys",): 22, ("Girls",): 8}), unit="further offences")
    source = replace(children, cells=pd.concat([children.cells, offences.cells], ignore_index=True))
    found = rates(source, FREQUENCY, by="sex")
    assert wording_indicators.rates_shown(found, YEARS).startswith("Further offences · frequency of reoffending")
    _, said = wording_indicators.rates_answer(found, YEARS)
    assert said == f"By group: boys 2.75; girls 1.33. {wording_indicators.NOT_TOLD}"


def test_groups_without_a_number_of_further_offences_are_left_out():
    people = {(g, "Yes"): n for g, n in (("All", 30), ("White", 18), (OTHER, 12), ("Black", 7), ("Mixed", 5))}
    children = made_up((("ethnicity", "reoffended"), people))
    offences = made_up((("ethnicity",), {("All",): 60, ("White",): 36, (OTHER,): 24}), unit="further offences")
    source = replace(children, cells=pd.concat([children.cells, offences.cells], ignore_index=True))
    table = rates(source, FREQUENCY, by="ethnicity").table.set_index("group")
    assert table["rate"].to_dict() == {"All": 2.0, OTHER: 2.0, "White": 2.0}


def test_a_hidden_number_of_further_offences_leaves_a_range():
    (said,) = wording_indicators.rates_answer(rates(reoffending(6, None), FREQUENCY), YEARS)
    assert said == (
        "In 2021/22, the number of further offences of children who reoffended is hidden: between 0 and 12, which is "
        "0.00 to 2.00 per child who reoffended."
    )


def test_pictures_have_a_mark_for_each_number():
    found = facts(made_up(*CASELOAD))
    marks = charts_places.facts(found, "Here").marks
    assert [m.label for m in marks if m.heading == "Sex: Girls"] == ["Here", NATION]
    assert not any(m.heading == "Sex: Boys" for m in marks)
    hidden = next(m for m in marks if m.heading == "Ethnicity: White")
    assert hidden.estimate is None and hidden.text == "hidden count: between 0 and 9"


def test_a_hidden_rate_says_what_it_leaves_possible():
    counts = {("All",): 50, ("Yes",): None, ("No",): None, ("Unknown",): 0}
    found = rates(made_up((("first_time_entrant",), counts), bounds=(0, 5)), ENTRANTS)
    (said,) = wording_indicators.rates_answer(found, YEARS)
    assert said == (
        "In 2021/22, the number of first-time entrants to the youth justice system is hidden: between 0 and 5, which is "
        "0 to 29.9 per 100,000 a year."
    )


def test_without_those_who_did_not_reoffend_there_is_no_share():
    counts = {("All",): 23, ("Yes",): 5, ("No",): None, ("Unknown",): 3}
    (found,) = rates(made_up((("reoffended",), counts)), REOFFENDING).table.to_dict("records")
    assert np.isnan(found["base"]) and np.isnan(found["rate"])


def test_a_finding_is_against_the_nation_and_not_a_region():
    """30% here and in a region, 15% in the nation."""
    source = made_up((("sex",), {("All",): 100, ("Boys",): 70, ("Girls",): 30, ("Unknown",): 0}))
    region = {"baseline": "Regional caseload 2018/19", "characteristic": "sex", "group": "Girls", "area": "Anyshire"}
    region |= {"year": "2018/19", "age_range": "10–17", "population": np.nan, "percentage": 30, "source": "made up"}
    source = replace(source, baselines=pd.concat([source.baselines, pd.DataFrame([region])], ignore_index=True))
    assert facts(source).table.set_index("group").loc["Girls", "verdict"] == indicators.HIGHER
