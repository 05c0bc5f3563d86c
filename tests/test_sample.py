"""The sample data: published figures as typed, and synthetic files with the margins they promise."""

import csv
import runpy
from collections import Counter, defaultdict
from datetime import date
from pathlib import Path

import pytest

from yjdisp import sample
from yjdisp.vocabulary import CHARACTERISTICS, UNITS, code_list, financial_year

FOLDER = Path(__file__).parents[1] / "data_samples"
BATH = "Bath and North East Somerset"
OTHER = "All other ethnic groups combined"
CODED = (
    *("ethnicity", "sex", "age", "send", "care", "offence_group", "gravity", "outcome", "decided_by"),
    *("recommended_outcome", "first_time_entrant", "reoffended"),
)


def rows(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def year(row):
    day = date.fromisoformat(row["outcome_date"])
    return financial_year(day.year - (day.month < 4))


def top(name, code):
    """The value directly below "All" that a code belongs to."""
    codes = code_list(name)
    value = codes.read(code)
    return (value, *codes.above(value))[-1]


@pytest.fixture(scope="module")
def bathavon():
    return rows(FOLDER / "bathavon.csv")


@pytest.fixture(scope="module")
def published(bathavon):
    return [row for row in bathavon if year(row) == "2021/22"]


@pytest.fixture(scope="module")
def baselines():
    return rows(FOLDER / "baselines.csv")


@pytest.fixture(scope="module")
def figures(baselines):
    return {
        (row["baseline"], row["area"], row["group"], row["characteristic"]): float(
            row["population"] or row["percentage"]
        )
        for row in baselines
    }


def most_serious(file):
    """Each child's most serious outcome and highest gravity, with its ethnic group, counted without the package."""
    order = code_list("outcome").leaves
    children = defaultdict(list)
    for row in file:
        children[row["child_id"]].append(row)
    return [
        (
            top("ethnicity", own[0]["ethnicity"]),
            top(
                "outcome", max((row["outcome"] for row in own), key=lambda o: order.index(code_list("outcome").read(o)))
            ),
            max(int(row["gravity"]) for row in own),
        )
        for own in children.values()
    ]


def test_bathavon_has_the_published_margins(published):
    children = most_serious(published)
    outcomes = {row["outcome_id"] for row in published}
    assert (len(children), len(outcomes), len(published)) == (45, 50, 122)
    assert Counter(group for group, _, _ in children) == {"White": 29, OTHER: 16}
    assert Counter(top("ethnicity", row["ethnicity"]) for row in published) == {"White": 95, OTHER: 27}
    assert Counter((group, outcome) for group, outcome, _ in children) == {
        ("White", "Court"): 12,
        ("White", "Pre-court"): 17,
        (OTHER, "Court"): 4,
        (OTHER, "Pre-court"): 12,
    }


def test_bathavon_has_the_published_shares_of_send_and_a_minority_of_serious_children(published):
    send = Counter({row["child_id"]: code_list("send").read(row["send"]) for row in published}.values())
    assert send == {"EHC plan": 16, "SEN support": 7, "No SEN": 22}
    assert (round(100 * 16 / 45), round(100 * 7 / 45)) == (36, 16)
    assert 5 <= sum(gravity >= 5 for _, _, gravity in most_serious(published)) <= 15


def test_bathavon_has_unknowns_in_the_other_years_only(bathavon):
    unknown = {
        year(row) for row in bathavon if "Unknown" in (top("ethnicity", row["ethnicity"]), top("send", row["send"]))
    }
    assert unknown == {"2020/21", "2022/23"}


def test_bathavon_made_again_is_the_same_file(tmp_path):
    make = runpy.run_path(str(FOLDER / "make_bathavon.py"))["make"]
    make(tmp_path / "again.csv")
    assert (tmp_path / "again.csv").read_bytes() == (FOLDER / "bathavon.csv").read_bytes()


def test_bathavon_is_marked_as_synthetic_and_of_one_area(bathavon):
    assert all(row["child_id"].startswith("SYNTHETIC-") for row in bathavon)
    assert {row["area"] for row in bathavon} == {BATH}
    assert {year(row) for row in bathavon} == {"2020/21", "2021/22", "2022/23"}


def test_some_children_of_bathavon_appear_in_more_than_one_year(bathavon):
    years = defaultdict(set)
    for row in bathavon:
        years[row["child_id"]].add(year(row))
    assert 5 <= sum(len(own) > 1 for own in years.values()) <= 20


@pytest.fixture(scope="module", params=["bathavon", "written"])
def case_file(request, tmp_path_factory):
    if request.param == "bathavon":
        return rows(FOLDER / "bathavon.csv")
    path = tmp_path_factory.mktemp("sample") / "cases.csv"
    sample.write(path, children=400, areas=2, seed=5)
    return rows(path)


@pytest.mark.parametrize("column", CODED)
def test_every_code_is_in_its_list(case_file, column):
    assert {row[column] for row in case_file if code_list(column).read(row[column]) is None} == set()


def test_an_outcome_has_one_child_date_and_decision(case_file):
    parts = defaultdict(set)
    whole = ("child_id", "outcome_date", "outcome", "decided_by", "recommended_outcome", "first_time_entrant")
    for row in case_file:
        parts[row["outcome_id"]].add(tuple(row[column] for column in whole))
    assert {len(found) for found in parts.values()} == {1}
    days = [(child, day) for [(child, day, *_)] in parts.values()]
    assert len(days) == len(set(days))


def test_a_child_has_one_value_of_everything_in_a_year(case_file):
    values = defaultdict(set)
    for row in case_file:
        own = (*(row[c] for c in CHARACTERISTICS), row["area"], row["reoffended"], row["further_offences"])
        values[row["child_id"], year(row)].add(own)
    assert {len(found) for found in values.values()} == {1}


def test_a_child_grows_a_year_older_each_year(case_file):
    born = defaultdict(set)
    for row in case_file:
        born[row["child_id"]].add(int(year(row)[:4]) - int(row["age"]))
    assert {len(found) for found in born.values()} == {1}


def test_courts_and_nobody_else_make_court_orders(case_file):
    assert all((row["decided_by"] == "Court") == (top("outcome", row["outcome"]) == "Court") for row in case_file)


def test_a_child_enters_for_the_first_time_once_and_formally(case_file):
    entries = {(row["child_id"], row["outcome_id"]): row for row in case_file if row["first_time_entrant"] == "Yes"}
    assert len({child for child, _ in entries}) == len(entries)
    assert all(row["outcome"] in ("YC", "YCC") or row["decided_by"] == "Court" for row in entries.values())


def test_who_returns_the_next_year_has_reoffended(case_file):
    seen = {(row["child_id"], year(row)) for row in case_file}
    for row in case_file:
        if (row["child_id"], financial_year(int(year(row)[:4]) + 1)) in seen:
            assert row["reoffended"] == "Yes"
        assert (int(row["further_offences"]) > 0) == (row["reoffended"] == "Yes")


@pytest.mark.parametrize(("children", "years", "areas"), [(1, 1, 1), (6, 2, 3), (45, 3, 1), (130, 5, 7)])
def test_write_makes_exactly_so_many_children_a_year(tmp_path, children, years, areas):
    path = tmp_path / "new" / "cases.csv"
    sample.write(path, children=children, years=years, areas=areas, seed=1)
    found = defaultdict(set)
    for row in rows(path):
        found[row["area"], year(row)].add(row["child_id"])
    assert {len(own) for own in found.values()} == {children}
    assert len(found) == years * areas
    names = list(dict.fromkeys([BATH, *sorted({area for area, _ in found})]))
    assert set(names) == {name for name, _ in found}
    assert max(y for _, y in found) == "2022/23"


def test_areas_beyond_those_with_baselines_are_numbered(tmp_path, baselines):
    sample.write(tmp_path / "cases.csv", children=3, years=1, areas=6)
    named = {row["area"] for row in rows(tmp_path / "cases.csv")} - {"Area 6"}
    assert named == {row["area"] for row in baselines if row["baseline"] == "Census 2021"} - {"England and Wales"}


def test_a_seed_always_gives_the_same_file_and_another_seed_another(tmp_path):
    for name, seed in (("a", 7), ("b", 7), ("c", 8)):
        sample.write(tmp_path / name, children=30, areas=2, seed=seed)
    a, b, c = ((tmp_path / name).read_bytes() for name in "abc")
    assert a == b != c


@pytest.mark.parametrize("wrong", [{"children": 0}, {"years": 0}, {"areas": -1}])
def test_write_refuses_to_make_nothing(tmp_path, wrong):
    with pytest.raises(ValueError, match="at least 1"):
        sample.write(tmp_path / "cases.csv", **wrong)
    assert not list(tmp_path.iterdir())


def test_attributes_hang_together(tmp_path):
    sample.write(tmp_path / "cases.csv", children=3000, years=1)
    file = rows(tmp_path / "cases.csv")
    serious = {row["child_id"] for row in file if int(row["gravity"]) >= 5}
    court = {row["child_id"] for row in file if row["decided_by"] == "Court"}
    everyone = {row["child_id"] for row in file}
    assert len(serious & court) / len(serious) > 1.5 * len(court - serious) / len(everyone - serious)
    plan = {row["child_id"] for row in file if row["send"] == "EHC plan"}
    care = {row["child_id"] for row in file if row["care"] != "No"}
    assert len(plan & care) / len(care) > 1.3 * len(plan - care) / len(everyone - care)


def test_baselines_have_every_published_figure(baselines):
    assert Counter((row["baseline"].rstrip("0123456789/ "), row["characteristic"]) for row in baselines) == {
        ("Census", "ethnicity"): 6 * 7 + 3 * 3,
        ("Census", "sex"): 5 * 3,
        ("School census", "send"): 7 * 6 * 4,
        ("Looked after", "care"): 5 * 5,
        ("National caseload", "ethnicity"): 6,
        ("National caseload", "sex"): 2,
        ("National caseload", "age"): 1,
    }


def test_baseline_rows_are_complete_and_distinct(baselines, figures):
    assert len(figures) == len(baselines)
    for row in baselines:
        assert bool(row["population"]) != bool(row["percentage"])
        assert all(row[c] for c in ("baseline", "area", "year", "age_range", "source"))
        assert row["year"] in row["baseline"]
        assert row["group"] in ("All", *code_list(row["characteristic"]).values)


@pytest.mark.parametrize(
    ("baseline", "area", "group", "value"),
    [
        ("Census 2021", BATH, "White", 14_997),
        ("Census 2021", BATH, "Asian", 508),
        ("Census 2021", BATH, OTHER, 1_721),
        ("Census 2021", BATH, "Girls", 8_114),
        ("Census 2021", BATH, "Boys", 8_604),
        ("Census 2021", "Bristol, City of", "Black", 4_407),
        ("Census 2021", "South Gloucestershire", "Mixed", 1_419),
        ("Census 2021", "England and Wales", "Other", 145_406),
        ("Census 2011", BATH, OTHER, 1_047),
        ("Census 2011", BATH, "White", 14_717),
        ("Census 2011", "North Somerset", OTHER, 751),
        ("Census 2011", "Gloucestershire", OTHER, 3_905),
        ("School census 2022", BATH, "EHC plan", 4.1),
        ("School census 2022", BATH, "EHC plan or SEN support", 16.7),
        ("School census 2022", BATH, "No SEN", 83.3),
        ("School census 2019", "North Somerset", "SEN support", 11.1),
        ("School census 2024", "Bristol, City of", "SEN support", 16.0),
        ("School census 2025", "England", "EHC plan", 5.3),
        ("Looked after 2022", BATH, "Looked after", 134),
        ("Looked after 2021", "North Somerset", "Looked after", 145),
        ("Looked after 2025", "England", "Looked after", 52_990),
        ("National caseload 2018/19", "England and Wales", "White", 70),
        ("National caseload 2017/18", "England and Wales", "Unknown", 3),
        ("National caseload 2018/19", "England and Wales", "Girls", 15),
        ("National caseload 2018/19", "England and Wales", "10–14", 23),
    ],
)
def test_a_published_figure(figures, baseline, area, group, value):
    assert [v for (b, a, g, _), v in figures.items() if (b, a, g) == (baseline, area, group)] == [value]


@pytest.mark.parametrize(
    ("area", "total"),
    [
        (BATH, 16_718),
        ("North Somerset", 19_935),
        ("Gloucestershire", 58_959),
        ("Bristol, City of", 39_184),
        ("South Gloucestershire", 25_957),
        ("England and Wales", 5_635_156),
    ],
)
def test_the_five_ethnic_groups_add_up_to_the_census_total(figures, area, total):
    groups = [figures["Census 2021", area, g, "ethnicity"] for g in ("Asian", "Black", "Mixed", "Other", "White")]
    assert figures["Census 2021", area, "All", "ethnicity"] == total == sum(groups)
    assert figures["Census 2021", area, OTHER, "ethnicity"] == sum(groups[:4])


@pytest.mark.parametrize(("area", "total"), [(BATH, 15_764), ("North Somerset", 19_364), ("Gloucestershire", 56_312)])
def test_census_2011_groups_add_up_and_a_mismatch_of_years_is_said(baselines, figures, area, total):
    own = [figures["Census 2011", area, group, "ethnicity"] for group in ("All", "White", OTHER)]
    assert own[0] == total == own[1] + own[2]
    sources = [row["source"] for row in baselines if (row["baseline"], row["area"]) == ("Census 2011", area)]
    assert all(("years do not match" in source) == (area != BATH) for source in sources)


@pytest.mark.parametrize(
    ("characteristic", "group", "total"),
    [("send", "EHC plan", 161.9), ("send", "SEN support", 556.9), ("care", "Looked after", 269_837)],
)
def test_figures_add_up_to_the_sum_of_the_published_tables(figures, characteristic, group, total):
    assert sum(v for (_, _, g, c), v in figures.items() if (g, c) == (group, characteristic)) == pytest.approx(total)


def test_published_caseload_rows_use_the_words_of_the_lists():
    file = rows(FOLDER / "published_caseload.csv")
    dimensions = [c for c in file[0] if c not in ("unit", "year", "area", "count", "source")]
    for row in file:
        assert row["unit"] in UNITS
        assert row["count"].isdigit() or row["count"] == "[c]"
        assert row["source"]
        assert all(not row[d] or row[d] in code_list(d).values for d in dimensions)
    assert len({tuple(v for c, v in row.items() if c not in ("count", "source")) for row in file}) == len(file)


def test_published_caseload_agrees_with_the_synthetic_year(published):
    file = [r for r in rows(FOLDER / "published_caseload.csv") if r["year"] == "2021/22" and r["ethnicity"]]
    children = most_serious(published)
    for row in file:
        if row["unit"] == "children":
            found = sum(g == row["ethnicity"] and row["outcome"] in ("", outcome) for g, outcome, _ in children)
        else:
            found = sum(top("ethnicity", r["ethnicity"]) == row["ethnicity"] for r in published)
        assert found == int(row["count"])
