"""Words and tiles of two characteristics at once."""

from __future__ import annotations

import pytest
from made_up import OTHER, made_up
from test_intersections import COUNTS

from yjdisp.charts import intersections as charts_intersections
from yjdisp.intersections import intersections
from yjdisp.wording import intersections as wording_intersections

YEARS = ("2021/22",)


@pytest.fixture(scope="module")
def found():
    return intersections(made_up((("ethnicity", "send"), COUNTS)), rows="ethnicity", columns="send")


def test_the_answer_names_who_stands_out_with_both_ends_of_the_interval(found):
    first, *rest = wording_intersections.answer(found, YEARS)
    assert first.startswith(
        "In 2021/22, children with an EHC plan made up 66.7% of children from all other ethnic groups combined in the "
        "caseload: 2.3 times the share among all other children in it, and between "
    )
    assert wording_intersections.WITHIN in rest
    assert any(s.startswith("Hidden") and "(0 to 0.46 times whatever the hidden count is" in s for s in rest)


def test_a_hidden_cell_is_a_mark_with_what_it_leaves_possible(found):
    table = wording_intersections.table(found).set_index(["Ethnicity", "Special educational needs"])
    hidden = table.loc[(OTHER, "No SEN")]
    assert hidden["Children"] == "[c] between 0 and 9"
    assert hidden["Share"] == "[c]"
    assert hidden["Times as often as among all others"] == "[c] 0 to 0.46"
    assert hidden["Finding"] == "hidden"


def test_a_tile_is_coloured_only_where_size_and_certainty_agree(found):
    figure = charts_intersections.heat_map(found)
    colours = [bar.marker.color for bar in figure.data]
    table = found.table
    for colour, verdict, symbol in zip(colours, table["verdict"], table["symbol"], strict=True):
        assert (colour in charts_intersections.MORE + charts_intersections.LESS) == verdict.endswith("represented")
        assert (symbol == "[c]") <= (colour == "white")
    patterns = [bar.marker.pattern.shape for bar in figure.data]
    assert patterns == ["/" if hidden else "" for hidden in table["symbol"] == "[c]"]
    texts = [a.text for a in figure.layout.annotations]
    assert "[c] 0–9<br>0 to 0.46" in texts
    assert OTHER in texts and "EHC plan" in texts


def test_the_key_names_only_what_is_shown(found):
    words = " ".join(text for _, _, text in charts_intersections.heat_key(found))
    assert "more often together" in words and "hidden" in words
    assert "in line" not in words


def test_the_description_holds_every_cell(found):
    text = wording_intersections.describe(found, YEARS)
    assert text.count("children with an EHC plan among") == 2
    assert "Chart of" in text


def test_in_line_and_more_than_chance_is_not_said_to_be_chance():
    counts = {("All", "All"): 9000, ("All", "SEN support"): 3400, ("All", "No SEN"): 5600}
    for group, support, rest in (("Boys", 2400, 3600), ("Girls", 1000, 2000)):
        counts |= {(group, "All"): support + rest, (group, "SEN support"): support, (group, "No SEN"): rest}
    of = intersections(made_up((("sex", "send"), counts)), rows="sex", columns="send")
    boys = of.table.set_index(["group", "value"]).loc[("Boys", "SEN support")]
    assert boys["rri"] == pytest.approx(1.2) and boys["rri_low"] > 1  # 40.0% of 6,000 beside 33.3% of 3,000
    said = wording_intersections.answer(of, YEARS)[0]
    assert said.endswith(wording_intersections.ALL_IN_LINE.format(pair="sex and special educational needs") + ".")
