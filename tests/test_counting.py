"""Counts against the published margins, against hand-made rows, and across dataframe engines."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd
import pytest
from conftest import SAMPLES

from yjdisp import cases, counting
from yjdisp.disclosure import plan as plans
from yjdisp.vocabulary import ALL, OUTCOME_FLAGS, seriousness


@pytest.fixture(scope="module")
def bathavon():
    return counting.encode(cases.read(SAMPLES / "bathavon.csv").rows)


def cell(cells, unit, **at):
    """Count and distinct children of a cell, wherever the plan has it."""
    here = cells.unit == unit
    for j, dimension in enumerate(cells.dimensions):
        here = here & (cells.at[:, j] == dimension.values.index(at.get(dimension.name, ALL)))
    found = {(int(n), int(c)) for n, c in zip(cells.count[here], cells.children[here], strict=True)}
    assert len(found) == 1
    return found.pop()


def cells_of(coded, plan=None):
    return counting.cells_of(counting.count_units(coded), coded, plan or plans.load())


def rows(**columns):
    """Case rows with everything not given the same."""
    n = len(next(iter(columns.values())))
    usual = {
        "child": range(n),
        "outcome_id": range(n),
        "day": [19000] * n,
        "quarter": ["2021/22 Q1"] * n,
        "area": ["Here"] * n,
        "ethnicity": ["Irish"] * n,
        "sex": ["Boys"] * n,
        "age": ["15"] * n,
        "send": ["No SEN"] * n,
        "care": ["Not looked after"] * n,
        "offence": ["Robbery|5"] * n,
        "disposal": ["Youth caution|Police"] * n,
        "recommended_outcome": ["Unknown"] * n,
        "first_time_entrant": ["Unknown"] * n,
        "reoffended": ["Unknown"] * n,
        "further_offences": [None] * n,
    }
    return counting.encode(pd.DataFrame({**usual, **columns}))


def test_the_published_margins_of_2021_22(bathavon):
    cells = cells_of(bathavon)
    other = "All other ethnic groups combined"
    year = {"year": "2021/22"}
    assert cell(cells, "children", **year) == (45, 45)
    assert cell(cells, "outcomes", **year)[0] == 50
    assert cell(cells, "offences", **year)[0] == 122
    assert cell(cells, "children", **year, ethnicity="White") == (29, 29)
    assert cell(cells, "children", **year, ethnicity=other) == (16, 16)
    assert cell(cells, "offences", **year, ethnicity="White")[0] == 95
    assert cell(cells, "offences", **year, ethnicity=other)[0] == 27
    assert cell(cells, "children", **year, ethnicity="White", outcome="Court") == (12, 12)
    assert cell(cells, "children", **year, ethnicity=other, outcome="Court") == (4, 4)


def test_a_child_counts_once_a_year_by_its_most_serious_gravity_and_outcome():
    cells = cells_of(
        rows(
            child=[7, 7, 7],
            outcome_id=[1, 2, 2],
            offence=["Arson|Unknown", "Robbery|6", "Motoring|2"],
            disposal=["Referral order|Court", "Youth caution|Police", "Youth caution|Police"],
        )
    )
    assert cell(cells, "children") == (1, 1)
    assert cell(cells, "children", gravity="5–8") == (1, 1)
    assert cell(cells, "children", gravity="1–4") == (0, 0)
    assert cell(cells, "children", outcome="Court") == (1, 1)
    assert cell(cells, "outcomes") == (2, 1)
    assert cell(cells, "outcomes", outcome="Pre-court") == (1, 1)
    assert cell(cells, "outcomes", gravity="5–8") == (1, 1)
    assert cell(cells, "offences") == (3, 1)
    assert cell(cells, "offences", gravity="1–4") == (1, 1)


def test_a_characteristic_is_the_last_known_value_of_the_year():
    coded = rows(
        child=[1, 1, 1],
        day=[100, 200, 300],
        ethnicity=["Irish", "Indian", "Unknown"],
        send=["Unknown", "EHC plan", "No SEN"],
    )
    cells = cells_of(coded)
    for unit, number in (("children", 1), ("offences", 3)):
        assert cell(cells, unit, ethnicity="Asian") == (number, 1)
        assert cell(cells, unit, ethnicity="White") == (0, 0)
    assert cell(cells, "children", send="No SEN") == (1, 1)


def test_a_known_area_and_who_decided_come_before_unknown_ones():
    coded = rows(
        child=[1, 1, 2, 2],
        day=[100, 200, 100, 100],
        outcome_id=[1, 2, 3, 3],
        area=["Here", "Unknown", "There", "There"],
        disposal=["Youth caution|Police", "Youth caution|Unknown"] * 2,
    )
    plan = plans.from_dict({"tier": [{"tables": [
        {"unit": "children", "dimensions": ["area"]}, {"unit": "children", "dimensions": ["decided_by"]},
        {"unit": "outcomes", "dimensions": ["decided_by"]},
    ]}]})  # fmt: skip
    cells = cells_of(coded, plan)
    assert cell(cells, "children", area="Here") == cell(cells, "children", area="There") == (1, 1)
    assert cell(cells, "children", decided_by="Police") == (2, 2)
    assert cell(cells, "outcomes", decided_by="Police") == (2, 2)  # of three: one of child 1 is by nobody known


def test_all_years_sums_the_years_and_counts_a_child_once_in_each():
    cells = cells_of(rows(child=[1, 1], quarter=["2020/21 Q4", "2021/22 Q1"]))
    assert cell(cells, "children", year="2020/21") == (1, 1)
    assert cell(cells, "children", year="2021/22") == (1, 1)
    assert cell(cells, "children") == (2, 1)


def test_a_rolling_year_is_four_quarters():
    cells = cells_of(rows(quarter=["2020/21 Q1", "2020/21 Q4", "2021/22 Q1", "2021/22 Q2"]))
    assert cell(cells, "outcomes", rolling_year="year to 2020/21 Q4") == (2, 2)
    assert cell(cells, "outcomes", rolling_year="year to 2021/22 Q1") == (2, 2)
    assert cell(cells, "outcomes", rolling_year="year to 2021/22 Q2") == (3, 3)


def test_a_plan_may_name_the_area_itself():
    plan = plans.from_dict({"tier": [{"tables": [{"unit": "children", "dimensions": ["sex", "area"]}]}]})
    for areas, there in ((["Here", "There", "There"], 2), (["There"] * 3, 3)):
        cells = cells_of(rows(area=areas), plan)
        assert sorted(d.name for d in cells.dimensions) == ["area", "sex", "year"]  # records are of a time
        assert cell(cells, "children", area="There", sex="Boys") == (there, there)


def test_several_areas_divide_every_table():
    cells = cells_of(rows(area=["Here", "There", "There"]))
    assert cells.dimensions[0].name == "area"
    assert cell(cells, "children", area="There", sex="Boys") == (2, 2)
    assert cell(cells, "children", sex="Boys") == (3, 3)


@pytest.mark.parametrize("engine", ["pyarrow", "polars", "duckdb", "dask"])
def test_every_engine_counts_the_same(bathavon, engine):
    expected, found = cells_of(bathavon), cells_of(counting.on_engine(bathavon, engine))
    for name in ("count", "children", "at"):
        assert np.array_equal(getattr(expected, name), getattr(found, name))


def test_an_unknown_engine_is_refused(bathavon):
    with pytest.raises(ValueError, match="choose one of"):
        counting.on_engine(bathavon, "abacus")


def test_a_counts_file_becomes_cells_with_its_coarser_rows_as_margins():
    rows = pd.DataFrame(
        {
            "unit": ["children", "children", "children", "offences", "offences", "children"],
            "year": ["2021/22"] * 5 + ["All"],
            "area": ["All"] * 6,
            "sex": ["All", "Boys", "Girls", "All", "Boys", "All"],
            "count": pd.array([45, 39, 6, 122, 100, 90], dtype="Int64"),
        }
    )
    cells, plan, _ = counting.cells_of_counts(rows, ("area", "sex"))
    assert [(t.unit, t.dimensions) for t in plan.tables] == [
        ("children", ("year",)),
        ("children", ("year", "sex")),
        ("offences", ("year",)),
        ("offences", ("year", "sex")),
    ]
    assert cell(cells, "children", year="2021/22", sex="Girls") == (6, 6)
    assert cell(cells, "offences", year="2021/22", sex="Boys") == (100, 39)
    assert cell(cells, "children") == (90, 90)


@pytest.mark.parametrize(("by_year", "behind"), [([3, 3], 3), ([2, 4], 4), ([], 3), ([1], 3)])
def test_all_years_of_a_counts_file_may_be_the_same_children(by_year, behind):
    """6 in two years are at least 3, and at least as many as in one of them."""
    years = ["2020/21", "2021/22"]
    rows = pd.DataFrame(
        {
            "unit": "children",
            "year": [*years, "All", *years[: len(by_year)], "All"],
            "area": "Here",
            "sex": ["All"] * 3 + ["Girls"] * (len(by_year) + 1),
            "count": pd.array([20, 30, 50, *by_year, 6], dtype="Int64"),
        }
    )
    cells, *_ = counting.cells_of_counts(rows, ("area", "sex"))
    assert cell(cells, "children", sex="Girls") == (6, behind)
    assert cell(cells, "children", year="2021/22") == (30, 30)


def test_a_table_with_a_mark_is_left_out_of_a_counts_file():
    rows = pd.DataFrame(
        {
            "unit": ["children"] * 3,
            "year": ["2021/22"] * 3,
            "area": ["Here"] * 3,
            "sex": ["All", "Boys", "Girls"],
            "count": pd.array([45, 39, None], dtype="Int64"),
        }
    )
    cells, plan, marked = counting.cells_of_counts(rows, ("area", "sex"))
    assert [(t.unit, t.dimensions) for t in marked] == [("children", ("year", "sex"))]
    assert [t.dimensions for t in plan.tables] == [("year",)]
    assert cells.count.tolist() == [45]


def test_outcomes_without_rows_of_children_have_nobody_known_behind_them():
    table = {"unit": "outcomes", "year": ["2021/22"] * 3, "area": "Here", "sex": ["All", "Boys", "Girls"]}
    found, *_ = counting.cells_of_counts(
        pd.DataFrame(table | {"count": pd.array([45, 40, 5], dtype="Int64")}), ("area", "sex")
    )
    assert not found.children.any()


def test_only_who_reoffended_is_behind_further_offences():
    plan = plans.from_dict({"tier": [{"tables": [{"unit": "further offences", "dimensions": ["year"]}]}]})
    coded = rows(child=[1, 2, 3], reoffended=["Yes", "No", "No"], further_offences=[2, 0, 0])
    assert cell(cells_of(coded, plan), "further offences") == (2, 1)


@pytest.mark.parametrize(
    ("again", "number", "tells"),
    [("Yes", 2, True), ("No", 0, True), ("Yes", None, False), ("Yes", 0, False), ("No", 1, False)],
)
def test_further_offences_are_counted_only_where_they_fit(again, number, tells):
    row = {"child": [1], "quarter": ["2021/22 Q1"], "reoffended": [again]}
    row |= {"further_offences": pd.array([number], dtype="Int64")}
    assert counting.tells_further_offences(pd.DataFrame(row)) is tells


@pytest.mark.parametrize("other", ["Theft", "Public order"])
def test_of_offences_as_grave_as_each_other_serious_violence_comes_first(other):
    """Robbery and another offence of gravity 6 on one day."""
    rows = pd.DataFrame(
        {
            "child_id": ["A"] * 2,
            "outcome_date": ["2021-05-01"] * 2,
            "ethnicity": ["W1"] * 2,
            "sex": ["M"] * 2,
            "age": ["15"] * 2,
            "outcome": ["Referral order"] * 2,
            "offence_group": ["Robbery", other],
            "gravity": ["6", "6"],
        }
    )
    coded = counting.encode(cases.read(io.BytesIO(rows.to_csv(index=False).encode()), name="cases.csv").rows)
    units = counting.count_units(coded)
    for unit in ("children", "outcomes"):
        (offence,) = units[unit].at["offence"]
        assert coded.axes["offence"][offence] == "Robbery|6"


@pytest.mark.parametrize("axis", ["offence", "disposal", *OUTCOME_FLAGS])
def test_of_a_year_and_of_an_outcome_the_most_serious_counts(axis):
    """What `seriousness` says of two positions, which is what readers take for granted, is how they are counted."""
    rank = seriousness(axis)
    first, second = np.random.default_rng(3).choice(list(rank), (2, 200))
    who = np.repeat(np.arange(200), 2)
    coded = rows(child=who, outcome_id=who, **{axis: np.stack([first, second], axis=1).reshape(-1)})
    units = counting.count_units(coded)
    for unit in ("children", "outcomes"):
        of_child = dict(zip(units[unit].child.tolist(), units[unit].at[axis].tolist(), strict=True))
        counted = [rank[coded.axes[axis][of_child[i]]] for i in range(200)]
        assert counted == [max(rank[a], rank[b]) for a, b in zip(first, second, strict=True)]
