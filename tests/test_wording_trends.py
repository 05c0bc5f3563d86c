"""What a trend says of itself: the change, whether it is more than chance, and what is missing."""

from __future__ import annotations

import re

from made_up import OTHER, made_up
from test_change import of_ethnicity, of_one
from test_trends import ETHNICITY, SEND, YEARS, by_year, of

from yjdisp import change, comparison, exhibits
from yjdisp.charts import trends as charts_trends
from yjdisp.charts.trends import Drawn
from yjdisp.wording import trends as wording_trends

COHORTS = ("cohort before", "latest cohort")


def test_reoffending_of_the_published_case():
    made = of_one([(6, 20), (5, 20)], periods=COHORTS, measure="share")
    first, *rest = wording_trends.answer(made)
    assert first.startswith("No clear change. ")
    assert "30.0% to 25.0%, down 5.0 percentage points (16.7% less), well within chance" in first
    assert "from −30.9 to +21.8 percentage points (p = 0.72)" in rest[0]
    assert "three points" in rest[1] and "12 points" in rest[2]


def test_first_time_entrants_of_the_published_case():
    made = of_one([16, 24], dimension="first_time_entrant", periods=("2023", "2024"), measure="count")
    first, second, *_ = wording_trends.answer(made)
    assert "16 to 24, up 50.0%, within chance" in first
    assert "from −20.2% to +188.0% (p = 0.21)" in second


def test_the_direction_in_words():
    falling = of_one([(24, 60), (18, 60), (12, 60), (8, 60)], measure="share")
    assert "falling, p < 0.001" in wording_trends.direction(falling)
    level = of_one([(12, 60), (18, 60), (14, 60), (13, 60)], measure="share")
    assert "no evidence of change, p = 1.00" in wording_trends.direction(level)


def test_a_hidden_point_is_named_and_bounded():
    source = made_up(ETHNICITY, SEND, years=YEARS)
    share = of(source, "share")
    assert "2021/22 is left out as a gap" in " ".join(wording_trends.answer(share))
    row = wording_trends.table(share).iloc[2]
    assert (row["Children"], row["Share"]) == ("[c] between 0 and 9", "hidden: between 0.0% and 12.9%")
    assert wording_trends.table(share).iloc[3]["Change from the point before"].startswith("down 16.4 percentage points")
    assert "hidden" in wording_trends.describe(share)
    nothing = of_one([(None, 20), (None, 20)], measure="share")
    assert wording_trends.answer(nothing)[0] == wording_trends.NOTHING_SHOWN


def test_published_shares_stand_beside_the_years():
    table = wording_trends.table(of(made_up(SEND, years=YEARS), "share", "EHC plan", "send"))
    assert table["Population, England"].tolist() == ["3.3%", "3.7%", "4.0%", "4.3%"]


def test_an_rri_from_nothing_has_no_percentage():
    first, second, *_ = wording_trends.answer(of_ethnicity((20, 0), (20, 5)))
    assert "0 to 2.2, up, chance cannot be judged" in first and "one of the figures is 0" in second


def test_the_course_in_words():
    made = of_one([(24, 60), (2, 60)], measure="share")
    found = change.Course(change.ON_COURSE, 0.3)
    assert wording_trends.course(made, found) == "on course: the line to the target asks for 30.0% at 2020/21"
    assert "cannot tell yet" in wording_trends.course(made, change.Course(change.CANNOT_TELL, None))


def test_the_chart_draws_no_more_than_the_table_says():
    source = made_up(ETHNICITY, SEND, years=YEARS)
    share = of(source, "share")
    figure = charts_trends.line(share, [Drawn("Mentoring", 2020.25, 2024.25, 35.0, 20.0), Drawn("Later", None, None)])
    (points,) = (t for t in figure.data if "intervals" in (t.name or ""))
    assert points.y[2] is None and points.error_y.array[2] == 0 and not points.connectgaps
    (hidden,) = (t for t in figure.data if "hidden" in (t.name or ""))
    assert [round(y, 1) for y in hidden.y[:2]] == [0, 12.9]
    assert [a.text for a in figure.layout.annotations] == ["Mentoring"]
    (target,) = (t for t in figure.data if "target" in (t.name or ""))
    assert target.y[:2] == (35.0, 20.0)


AGE = by_year("age", ("All", "10–14", "15–17"), (47, 16, 31), (45, 16, 29), (43, 16, 27))
CARE = by_year(
    "care",
    ("All", "Looked after", "Not looked after", "Unknown"),
    *((47, 12, 30, 5), (45, 11, 34, 0), (43, 12, 31, 0)),
    periods=YEARS[1:],
)


def test_set_against_a_national_caseload_nothing_is_called_likely():
    source = made_up(AGE, years=YEARS)
    view = exhibits.over_time(of(source, "rri", "10–14", "age"))
    everything = " ".join([view.title, view.shown, *view.answer, view.alt, *view.table, view.picture.axis])
    assert "likely" not in everything and "Times as many as in that caseload" in everything
    assert "not whether these children are more often in one" in " ".join(view.caveats)
    assert charts_trends.line(of(source, "rri", "10–14", "age")).layout.yaxis.title.text == view.picture.axis


def test_each_period_names_who_it_is_set_against_and_nobody_else_is_named():
    view = exhibits.over_time(of(made_up(CARE, years=YEARS), "rri", "Looked after", "care"))
    for year, of_year in (("2020/21", "Looked after 2021"), ("2021/22", "Looked after 2022")):
        assert re.search(rf"{of_year}, [^()]*\({year}\)\. Source: ", view.compared_with)
    assert "Looked after 2025" not in view.compared_with
    assert "compared with Looked after 2021, Looked after 2022 and Looked after 2023" in view.shown
    share = exhibits.over_time(of(made_up(CARE, years=YEARS), "share", "Looked after", "care"))
    assert share.compared_with == "" and share.against == ()


def test_a_year_without_anybody_to_compare_with_is_not_called_hidden():
    counts = [(29, 20, 9, 0), (8, 0, 8, 0), (29, 22, 7, 0)]
    source = made_up(by_year("ethnicity", ("All", "White", OTHER, "Unknown"), *counts), years=YEARS[:3])
    view = exhibits.over_time(of(source, "rri"))
    everything = " ".join([*view.answer, view.alt, view.table.to_csv()])
    assert "2020/21: left out as a gap, because there is nobody to set the number against." in view.answer
    assert wording_trends.LEANING not in view.answer and "hidden" not in everything and "inf" not in everything
    assert view.table.iloc[1]["Times as likely"] == comparison.NOBODY
    assert not any("hidden" in look.words for look in view.picture.looks)


def test_the_unknown_of_the_shown_years_are_counted():
    source = made_up(ETHNICITY, SEND, years=YEARS)
    said = wording_trends.caveats(of(source, "share"))
    assert any(s.startswith("11 of the children have no recorded ethnicity") for s in said)  # 5, 3 and 3
    assert not any("recorded" in s for s in wording_trends.caveats(of(source, "count")))
    hidden = made_up(by_year("ethnicity", ("All", "White", OTHER, "Unknown"), *[(60, 40, 18, None)] * 2), years=YEARS)
    assert any(s.startswith("How many children have no recorded") for s in wording_trends.caveats(of(hidden, "share")))
