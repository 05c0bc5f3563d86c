"""Baselines: the shipped figures chosen as a user would, and files that cannot be used."""

from __future__ import annotations

import pytest

from yjdisp import baselines
from yjdisp.baselines import BaselineError

HERE = "Bath and North East Somerset"
HEADINGS = "characteristic,group,area,year,age_range,population,percentage,source\n"


def rows_of(characteristic: str, *, percentage: bool = False, **groups: int) -> str:
    """A file of one baseline."""
    numbers = {group: f",{number}" if percentage else f"{number}," for group, number in groups.items()}
    return HEADINGS + "".join(f"{characteristic},{g},X,2021,10–17,{number},s\n" for g, number in numbers.items())


@pytest.fixture(scope="module")
def shipped():
    return baselines.read(baselines.default_file())


def test_the_nearest_in_time_is_chosen(shipped):
    def name(**options):
        return baselines.choose(shipped, area=HERE, **options).name

    assert name(characteristic="ethnicity", year="2021/22") == "Census 2021"
    assert name(characteristic="ethnicity", year="2010/11") == "Census 2011"
    assert name(characteristic="send", year="2021/22") == "School census 2022"
    assert name(characteristic="care", year="2023/24") == "Looked after 2024"
    assert name(characteristic="sex", year="2018/19") == "Census 2021"
    assert name(characteristic="ethnicity", name="2011") == "Census 2011"


def test_shares_of_the_census(shipped):
    census = baselines.choose(shipped, characteristic="ethnicity", area=HERE, name="Census 2021")
    assert census.populations["All other ethnic groups combined"] == 508 + 167 + 918 + 128
    assert census.shares["White"] == pytest.approx(14997 / 16718)


def test_percentages_leave_the_unknown_out(shipped):
    national = baselines.choose(shipped, characteristic="ethnicity", area=HERE, name="caseload 2018/19")
    assert national.shares == pytest.approx({"White": 70 / 96, "All other ethnic groups combined": 26 / 96})
    assert "known" in national.note


def test_one_group_of_two_gives_the_other(shipped):
    care = baselines.choose(shipped, characteristic="care", area=HERE, year="2021/22")
    assert care.populations == {"Looked after": 134}  # numbers of two tables are never subtracted from each other
    assert care.shares == pytest.approx({"Looked after": 134 / 16718, "Not looked after": 1 - 134 / 16718})
    assert "Census 2021 (source: ONS" in care.note and care.of_census
    girls = baselines.choose(shipped, characteristic="sex", area=HERE, name="National caseload 2018/19")
    assert girls.shares == {"Girls": 0.15}  # of the others some may be unknown


def test_an_area_without_a_baseline_gets_the_national_one_and_is_told(shipped):
    chosen = baselines.choose(shipped, characteristic="ethnicity", area="Elsewhere")
    assert chosen.area == "England and Wales"
    assert "stands in" in chosen.note


def test_a_name_may_be_given_as_a_comparison_prints_it(shipped):
    printed = "National caseload 2018/19, England and Wales"
    assert baselines.choose(shipped, characteristic="sex", area=HERE, name=printed).name == "National caseload 2018/19"


@pytest.mark.parametrize("name", ["2030", "Census"])
def test_a_name_that_fits_none_or_several_is_refused(shipped, name):
    with pytest.raises(BaselineError, match="Census 2011"):
        baselines.choose(shipped, characteristic="ethnicity", area=HERE, name=name)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a,b\n1,2\n", "no column"),
        (HEADINGS + "height,Tall,X,2021,10–17,5,,s\n", "line 2"),
        (HEADINGS + "sex,Tall,X,2021,10–17,5,,s\n", "no such group"),
        (HEADINGS + "sex,Girls,X,2021,10–17,,,s\n", "either population or percentage"),
        (HEADINGS + "sex,Girls,X,2021,10–17,5,5,s\n", "either population or percentage"),
        (HEADINGS + "sex,Girls,X,2021,10–17,,137,s\n", "0 to 100"),
        (HEADINGS + "sex,Girls,X,2021,10–17,5,,s\n" * 2, "twice"),
        (HEADINGS + "sex,Girls,X,2021,10–17,5.5,,s\n", "whole number"),
        (HEADINGS + "sex,Girls,X,2021,10–17,1e400,,s\n", "whole number from 0 to"),
        (HEADINGS + "sex,Girls,X,2021,10–17,many,,s\n", "line 2: a population is a number"),
        (HEADINGS, "headings and no rows"),
        (HEADINGS + "sex,Girls,X,2021,10–17,5,,\n", "no source"),
        (rows_of("sex", percentage=True, Boys=90, Girls=60), "more than 100% together"),
        (rows_of("ethnicity", All=500, White=900), r"more children than all of them \(500\)"),
        (rows_of("ethnicity", All=500, White=200, Asian=300, Black=60), "more children"),
        ("", "not a CSV file"),
    ],
)
def test_a_file_that_cannot_be_used_says_why(tmp_path, text, says):
    path = tmp_path / "baselines.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BaselineError, match=says):
        baselines.read(path)


def test_headings_are_tolerant_and_the_source_can_be_the_name(tmp_path):
    path = tmp_path / "own.csv"
    path.write_text(
        'Characteristic,GROUP,Area,Year,Age range,Population,Source\nSex,GIRLS,X,2021,10–17,"1,200",Own estimate\n',
        encoding="utf-8",
    )
    rows = baselines.read(path)
    assert rows["baseline"].tolist() == ["Own estimate"]
    assert rows["population"].tolist() == [1200]


def test_numbers_leave_the_unknown_out_as_percentages_do(tmp_path):
    path = tmp_path / "own.csv"
    rows = [
        f"ethnicity,{group},X,mid-2021,10–17,{n},,s\n" for group, n in (("All", 1000), ("White", 600), ("Unknown", 200))
    ]
    path.write_text(HEADINGS + "".join(rows), encoding="utf-8")
    own = baselines.choose(baselines.read(path), characteristic="ethnicity", area="X", year="2021/22")
    assert own.shares == pytest.approx({"White": 0.75, "All other ethnic groups combined": 0.25})
    assert own.populations == pytest.approx({"White": 600, "All other ethnic groups combined": 200})
    assert "known" in own.note


def test_groups_may_be_a_few_more_than_all(tmp_path):
    path = tmp_path / "baselines.csv"
    parts = rows_of("ethnicity", All=16718, White=14997, Asian=508, Black=167, Mixed=918, Other=131)
    for text in (parts, rows_of("sex", percentage=True, Boys=85, Girls=15.4)):
        path.write_text(text, encoding="utf-8")
        assert not baselines.read(path).empty


def test_a_population_of_the_area_comes_before_a_caseload_of_the_nation(shipped):
    """However near in time the caseload is; the nation's population before its caseload, too."""
    assert baselines.choose(shipped, characteristic="ethnicity", area=HERE, year="2017/18").name.startswith("Census")
    nation = baselines.choose(shipped, characteristic="ethnicity", area="Elsewhere", year="2018/19")
    assert (nation.name, nation.area) == ("Census 2021", "England and Wales")
