"""Counts files: cells that somebody has already counted, with marks instead of the hidden ones."""

import io
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yjdisp import counts_file, opening
from yjdisp.problems import CaseFileError

CANARY = "Zebedee Quillington 07700"
FOLDER = Path(__file__).parent.parent / "data_samples"
GOOD = """unit,year,area,ethnicity,outcome,count,source
children,2021/22,Bathavon,,,45,A plan
children,2021-22,Bathavon,White,all,29,A plan
Children,2021/2022,Bathavon,Asian,All,[c],A plan
offences,2021/22,Bathavon,M1,Pre-court,"1,122",Another
"""


def read(text, **options):
    return counts_file.read(io.BytesIO(text.encode()), name="counts.csv", **options)


def kinds(file):
    return [(p.kind, p.column, p.line, p.count) for p in file.problems]


def test_cells_are_in_the_words_of_the_lists():
    file = read(GOOD)
    assert file.problems == () and file.dimensions == ("area", "ethnicity", "outcome") and file.read == 4
    assert file.sources == ("A plan", "Another") and not file.synthetic
    assert file.rows.astype(object).where(file.rows.notna(), None).to_dict("list") == {
        "unit": ["children", "children", "children", "offences"],
        "year": ["2021/22"] * 4,
        "area": ["Bathavon"] * 4,
        "ethnicity": ["All", "White", "Asian", "White and Black Caribbean"],
        "outcome": ["All", "All", "All", "Pre-court"],
        "count": [45, 29, None, 1122],
        "mark": ["", "", "[c]", ""],
    }
    assert str(file.rows["count"].dtype) == "Int64"


def test_the_published_caseload_reads_clean():
    file = counts_file.read(FOLDER / "published_caseload.csv")
    assert file.problems == () and file.left_out == {} and len(file.rows) == file.read > 20


def test_no_area_and_no_dimensions_is_a_total():
    rows = read("Unit,Year,Count\noutcomes,,7\n").rows
    assert rows.to_dict("records") == [{"unit": "outcomes", "year": "All", "area": "All", "count": 7, "mark": ""}]


@pytest.mark.parametrize(
    ("text", "mark"),
    [("[c]", "[c]"), ("c", "[c]"), ("C", "[c]"), ("*", "[c]"), ("<5", "[c]"), ("< 10", "[c]"), ("[x]", "[x]")]
    + [("x", "[x]"), ("z", "[z]"), ("[z]", "[z]"), ("low", "[low]"), ("[low]", "[low]"), ("k", "[low]")],
)
def test_marks_stand_for_counts_that_are_not_there(text, mark):
    row = read(f"unit,year,count\nchildren,2021/22,{text}\n").rows.iloc[0]
    assert row["mark"] == mark and row["count"] is pd.NA


@pytest.mark.parametrize("text", ["2021/23", "1821/22", "21/22", "April 2021", "202122"])
def test_a_wrong_year(text):
    assert kinds(read(f"unit,year,count\nchildren,{text},5\n")) == [("wrong year", "year", 2, 1)]


@pytest.mark.parametrize(("column", "text"), [("quarter", "2021-22 Q3"), ("rolling_year", "Year to 2021/22 q3")])
def test_quarters_and_rolling_years(column, text):
    file = read(f"unit,year,{column},count\nchildren,,{text},5\n")
    assert file.problems == () and file.rows[column].iloc[0].endswith("2021/22 Q3")


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("people,2021/22,,,,5,", ("unknown code", "unit", 2, 1)),
        (",2021/22,,,,5,", ("unknown code", "unit", 2, 1)),
        ("children,2021/22,,W77,,5,", ("unknown code", "ethnicity", 2, 1)),
        ("children,2021/22,,,,,", ("missing value", "count", 2, 1)),
        ("children,2021/22,,,,-1,", ("wrong number", "count", 2, 1)),
        ("children,2021/22,,,,12.5,", ("wrong number", "count", 2, 1)),
        ("children,2021/22,,,,some,", ("wrong number", "count", 2, 1)),
        ("children,2021/22,1 Mill Lane BA1 2AB,,,5,", ("not an area", "area", 2, 1)),
        ("children,2021/22,5", ("wrong width", "", 2, 1)),
    ],
)
def test_a_bad_row_is_named_counted_and_left_out(row, problem):
    file = read(f"{GOOD.splitlines()[0]}\n{row}\n{GOOD.splitlines()[1]}\n")
    assert problem in kinds(file) and set(file.left_out.values()) == {1} and len(file.rows) == 1
    assert not any("mapping" in str(found) for found in file.problems)  # there is none of a counts file


@pytest.mark.parametrize("area", ["Bathavon", "BATHAVON"])
def test_the_same_cell_twice(area):
    file = read(GOOD + f"children,2021/22,{area},All,,46,A plan\n")
    assert kinds(file) == [("same cell twice", "", 2, 1), ("same cell twice", "", 6, 1)]
    assert file.left_out == {"same cell twice": 2}


@pytest.mark.parametrize("column", ["unit", "year", "count"])
def test_a_missing_column_empties_the_rows(column):
    file = read(GOOD.replace(column, "what", 1))
    assert kinds(file) == [("missing column", column, None, 0)]
    assert file.rows.empty and file.left_out == {"missing column": 4}


def test_a_heading_twice():
    assert kinds(read(GOOD.replace("source", "Ethnicity"))) == [("duplicate heading", "ethnicity", None, 0)]


def test_synthetic_is_what_the_file_says():
    assert read("unit,year,count,synthetic\nchildren,2021/22,5,yes\n").synthetic
    assert not read("unit,year,count,synthetic\nchildren,2021/22,5,no\n").synthetic


ADDS_UP = """unit,year,ethnicity,outcome,count
children,2021/22,,,40
children,2021/22,White,,20
children,2021/22,Unknown,,4
children,2021/22,Asian,,6
children,2021/22,Black,,5
children,2021/22,Mixed,,5
children,2021/22,Other,,0
children,2021/22,White,Court,9
children,2021/22,White,Pre-court,11
outcomes,2021/22,,,50
offences,2021/22,,,50
children,2022/23,,,7
children,2022/23,White,,3
children,2022/23,Asian,,[c]
children,2022/23,,Court,7
offences,2022/23,,Court,6
"""


def test_counts_that_agree_are_no_problem():
    assert read(ADDS_UP).problems == ()


@pytest.mark.parametrize(
    ("row", "changed", "column", "line"),
    [
        ("2021/22,,,40", "2021/22,,,41", "ethnicity", 2),
        ("2021/22,,,40", "2021/22,,,39", "ethnicity", 2),
        ("2021/22,Asian,,6", "2021/22,Asian,,7", "ethnicity", 2),
        ("2021/22,White,Court,9", "2021/22,White,Court,10", "outcome", 3),
        ("2022/23,White,,3", "2022/23,White,,8", "ethnicity", 13),
        ("2022/23,,Court,7", "2022/23,,Court,8", "outcome", 13),
        ("outcomes,2021/22,,,50", "outcomes,2021/22,,,39", "unit", 2),
        ("offences,2021/22,,,50", "offences,2021/22,,,49", "unit", 11),
        ("children,2022/23,,,7\n", "children,2022/23,,,7\nchildren,,,,46\n", "year", 14),
        ("outcomes,2021/22,,,50\noffences,2021/22,,,50", "outcomes,2021/22,,,x\noffences,2021/22,,,39", "unit", 2),
    ],
)
def test_a_count_that_does_not_fit_the_others_is_named_and_left_out(row, changed, column, line):
    assert ADDS_UP.count(row) == 1
    file = read(ADDS_UP.replace(row, changed))
    assert kinds(file) == [("does not add up", column, line, 1)]
    assert file.left_out == {"does not add up": 1} and len(file.rows) == file.read - 1


def test_a_cell_that_is_there_twice_is_no_part_of_a_total():
    white = "children,2021/22,White,,20\n"
    file = read(ADDS_UP.replace(white, white + white.replace("20\n", "30\n")))
    assert kinds(file) == [("same cell twice", "", 3, 1), ("same cell twice", "", 4, 1)]


def test_what_is_left_of_counts_that_do_not_fit_agrees():
    file = read(
        "unit,year,sex,gravity,count\n" + "children,2021/22,,,10\nchildren,2021/22,,1–4,5\n"
        "children,2021/22,,1,7\nchildren,2021/22,,5–8,5\n"
    )
    assert kinds(file) == [("does not add up", "gravity", 2, 1), ("does not add up", "gravity", 3, 1)]


def test_a_counts_file_is_told_from_a_case_file():
    assert counts_file.is_counts_file(opening.open_grid(FOLDER / "published_caseload.csv").headings)
    assert not counts_file.is_counts_file(opening.open_grid(FOLDER / "bathavon.csv").headings)
    assert counts_file.is_counts_file(["UNIT", "Count"]) and not counts_file.is_counts_file(
        ["unit", "count", "Child ID"]
    )


def test_a_file_that_cannot_be_read():
    with pytest.raises(CaseFileError, match=r"^counts.csv: is empty"):
        read("")


@settings(max_examples=100)
@given(st.lists(st.tuples(st.integers(0, 300), st.integers(0, 12), st.binary(max_size=4)), max_size=8))
def test_random_damage_never_repeats_a_row(damage):
    data = bytearray((GOOD + f"children,2021/22,{CANARY},{CANARY},{CANARY},{CANARY},\n").encode())
    for at, length, new in damage:
        data[at : at + length] = new
    try:
        file = counts_file.read(io.BytesIO(bytes(data)), name="fuzz")
    except CaseFileError as error:
        said = str(error)
    else:
        said = repr(file) + repr(file.problems) + "".join(map(str, file.problems))
    assert "QUILLINGTON" not in said.upper(), "longer than a word that may be a code"


def test_a_mark_is_no_count_of_nought():
    """How many outcomes there are is hidden: that 30 children have 40 offences contradicts nothing."""
    file = read("unit,year,sex,count\nchildren,2021/22,,30\noutcomes,2021/22,,[c]\noffences,2021/22,,40\n")
    assert file.problems == ()
