"""What else is public in a folder, and the tester's own counting: each check proven to find what it looks for."""

from __future__ import annotations

import csv
import json
from dataclasses import replace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from . import handmade, leaks, trial
from .facts import Growth
from .folder import ALL, Cell, read
from .services import FOLLOW_UP, QUARTERS, Service, followed_up, service
from .truth import History, Truth, quarter_of

COUNTS = {("A", "x"): 12, ("A", "y"): 7, ("B", "x"): 9, ("B", "y"): 30}
RECORDS = {"letter": handmade.flat("AB"), "end": handmade.flat("xy")}


@pytest.fixture
def folder(tmp_path):
    return handmade.write(tmp_path / "release", handmade.grid_cells(COUNTS, ("letter", "end")), RECORDS)


def test_a_plain_folder_tells_nothing_else(folder):
    assert trial.everything_else(folder) == []


def test_a_stray_file(folder):
    (folder.path / "certificate.npz").write_bytes(b"")
    assert trial.everything_else(folder) == ["unknown file certificate.npz"]


def test_a_missing_cell(folder):
    less = replace(folder, cells=folder.cells[:-1])
    assert leaks.missing_cells(less) == [
        "children: letter × end lacks 1 cells, such as (('letter', 'B'), ('end', 'y'))"
    ]


def test_rows_in_the_order_of_counts(folder):
    by_count = replace(folder, cells=tuple(sorted(folder.cells, key=lambda c: -c.count)))
    assert leaks.order_by_counts(by_count) == ["children: letter × end"]


def test_a_column_that_the_format_does_not_know(tmp_path):
    cells = [replace(c, extra=(("rate", 1.5),)) for c in handmade.grid_cells(COUNTS, ("letter", "end"))]
    folder = handmade.write(tmp_path / "release", cells, RECORDS)
    assert trial.everything_else(folder) == ["a column not in the format: rate"]


def test_unused_dictionary_entries(tmp_path):
    column = pa.DictionaryArray.from_arrays([0, 0], ["shown", "once there"])
    pq.write_table(pa.table({"note": column}), tmp_path / "t.parquet")
    assert leaks.parquet_leftovers(tmp_path / "t.parquet") == ["t.parquet: note keeps unused values ['once there']"]


def test_further_metadata(tmp_path):
    pq.write_table(pa.table({"n": [1]}).replace_schema_metadata({"true_total": "17"}), tmp_path / "t.parquet")
    assert leaks.parquet_leftovers(tmp_path / "t.parquet") == ["t.parquet: metadata true_total"]


def test_numbers_of_a_manifest():
    manifest = {"rows": {"used": 122, "id": "a7"}, "tables": [{"primary": 3, "safe": True}], "none": None}
    assert leaks.numbers(manifest) == {"/rows/used": 122, "/tables/0/primary": 3}


def test_an_exact_total_beside_a_rounded_one(folder):
    rounded = replace(folder, policy=folder.policy | {"rounding": 5}, manifest={"rows": {"used": 58}})
    total = Cell("offences", "total", (), 60, 58, 62)
    assert leaks.sharper_numbers(replace(rounded, cells=(total,))) == [
        "manifest/rows/used is 58, the tables say 58 to 62"
    ]
    assert leaks.sharper_numbers(replace(folder, cells=(replace(total, count=58, low=58, high=58),))) == []


def test_bounds_that_the_numbers_do_not_tell():
    cells = handmade.hide(
        handmade.grid_cells({("Boys",): 40, ("Girls",): 3, ("Unknown",): 5}, ("sex",)), lambda c: c.at[0][1] == "Girls"
    )
    girls, unknown = (next(c for c in cells if c.at[0][1] == value) for value in ("Girls", "Unknown"))
    records = {"sex": handmade.flat(["Boys", "Girls", "Unknown"])}
    told = cells

    def said(change: Cell, to: Cell, **policy) -> list[str]:
        return leaks.sharper_columns(handmade.folder_of([to if c == change else c for c in told], records, **policy))

    assert said(girls, replace(girls, low=3, high=3)) == []  # 48 less 40 and 5
    assert said(girls, replace(girls, low=4, high=3)) == [
        "children: sex=Girls: at least 4 is more than the numbers tell"
    ]
    told = [replace(c, low=None, high=None) for c in cells]
    assert said(told[3], replace(unknown, low=3, high=7), rounding=5) == []
    assert said(told[3], replace(unknown, low=5, high=7), rounding=5) == [
        "children: sex=Unknown: at least 5 is more than the numbers tell"
    ]


# the tester's own counting

DAY = {
    "child_id": "k1",
    "outcome_date": "2022-03-31",
    "age": "15",
    "ethnicity": "W1",
    "sex": "M",
    "send": "",
    "care": "no",
}


def row(
    child: str = "k1",
    day: str = "2022-03-31",
    group: str = "Drugs",
    gravity: int = 3,
    outcome: str = "Fine",
    at: str = "",
) -> dict:
    by = "Court" if outcome in ("Fine", "Referral order") else "Police"
    return DAY | {
        "child_id": child, "outcome_date": day, "offence_group": group, "gravity": str(gravity), "outcome": outcome,
        "decided_by": by, "outcome_id": f"{child}{day}{at}",
    }  # fmt: skip


ROWS = [
    row(gravity=3), row(gravity=6, group="Robbery"), row(day="2022-02-01", outcome="Outcome 22"),
    row(day="2022-04-01", gravity=4), row("k2", gravity=2, group="Arson"), row("k2", gravity=2),
]  # fmt: skip
TABLES = [
    ("children", "year", "gravity"),
    ("outcomes", "quarter", "outcome"),
    ("offences", "year", "offence_group"),
    ("children", "offence_group"),
]


@pytest.fixture
def counted():
    return handmade.counted(ROWS, TABLES, handmade.service_dimensions(["2021/22 Q4", "2022/23 Q1"]))


def count(folder, unit, **at):
    return next(c.count for c in folder.cells if c.unit == unit and dict(c.at) == at)


@pytest.mark.parametrize(
    ("day", "quarter"), [("2022-03-31", "2021/22 Q4"), ("2022-04-01", "2022/23 Q1"), ("2021-12-31", "2021/22 Q3")]
)
def test_quarters(day, quarter):
    assert quarter_of(day) == quarter


def test_units_are_counted_as_defined(counted):
    assert count(counted, "children", year="2021/22", gravity=ALL) == 2
    assert count(counted, "children", year="2021/22", gravity="5–8") == 1
    assert count(counted, "children", year=ALL, gravity="1–4") == 2
    assert count(counted, "outcomes", quarter="2021/22 Q4", outcome="Court") == 2
    assert count(counted, "outcomes", quarter="2021/22", outcome="Pre-court") == 1
    assert count(counted, "offences", year="2021/22", offence_group="Drugs") == 3
    assert count(counted, "offences", year=ALL, offence_group=ALL) == 6


def test_ties_are_a_range(counted):
    truth = Truth(ROWS, counted)
    cell = next(c for c in counted.cells if dict(c.at) == {"offence_group": "Arson"} and c.unit == "children")
    found = truth.cell(cell)
    assert (found.low, found.high) == (0, 1)


def test_distinct_children_are_behind_a_primary_cell(counted):
    truth = Truth(ROWS * 5, counted)
    cell = next(c for c in counted.cells if dict(c.at) == {"year": "2021/22", "offence_group": "Drugs"})
    assert truth.cell(cell).low == 15
    assert truth.primary(cell)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"count": 16, "low": 16, "high": 16}, "printed 16, true 15"),
        ({"count": 15}, "2 distinct children"),
        ({"count": None, "low": 16, "high": None}, "low 16, true 15"),
        ({"count": None, "low": 0, "high": 9}, "high 9, true 15"),
    ],
)
def test_wrong_cells_are_named(counted, change, said):
    truth = Truth(ROWS * 5, counted)
    cell = next(c for c in counted.cells if dict(c.at) == {"year": "2021/22", "offence_group": "Drugs"})
    assert said in truth.wrong(replace(cell, **change))
    assert truth.wrong(replace(cell, count=None, low=0, high=None)) is None


AGAIN = [
    row() | {"reoffended": "No", "further_offences": "0"}, row(gravity=5) | {"reoffended": "Yes", "further_offences": "2"},
    row(day="2022-02-01") | {"reoffended": "Yes", "further_offences": "3"}, row("k2") | {"reoffended": "No", "further_offences": "0"},
    row("k1", "2022-04-02") | {"reoffended": "", "further_offences": ""}, row("k3") | {"reoffended": "Yes", "further_offences": "1"},
]  # fmt: skip


@pytest.fixture
def reoffended():
    tables = [("children", "year", "reoffended"), ("further offences", "year", "ethnicity"), ("outcomes", "reoffended")]
    return handmade.counted(AGAIN, tables, handmade.service_dimensions(["2021/22 Q4", "2022/23 Q1"]))


def test_further_offences_are_counted_once_a_child_and_year(reoffended):
    assert count(reoffended, "children", year="2021/22", reoffended="Yes") == 2
    assert count(reoffended, "children", year="2021/22", reoffended="No") == 1
    assert count(reoffended, "children", year="2022/23", reoffended="Unknown") == 1
    assert count(reoffended, "outcomes", reoffended="Yes") == 3
    assert count(reoffended, "further offences", year="2021/22", ethnicity="White") == 4
    assert count(reoffended, "further offences", year="2022/23", ethnicity=ALL) == 0


def test_the_children_behind_further_offences_are_those_who_reoffended(reoffended):
    cell = next(c for c in reoffended.cells if dict(c.at) == {"year": "2021/22", "ethnicity": "White"})
    assert Truth(AGAIN, reoffended).cell(cell).children == 2


def test_an_insider_knows_the_own_further_offences(reoffended):
    known = History([reoffended], [Truth(AGAIN, reoffended)]).insider("k1")
    year = ("period", frozenset({"2021/22 to Q4"}))
    assert known("further offences", (year,)) == 3
    assert known("further offences", (("ethnicity", frozenset({"Indian"})), year)) == 0
    assert known("children", (year, ("reoffended", frozenset({"Yes"})))) == 1


# successive releases


def test_versions_and_growth_of_periods(counted):
    later = [*ROWS, row("k3", day="2022-04-02")]
    corrected = [row(gravity=4), *later[1:]]
    truths = [Truth(rows, counted) for rows in (ROWS, later, corrected)]
    history = History([counted] * 3, truths)
    assert [history.version(i, "outcomes", "2022/23 Q1") for i in range(3)] == ["", " #1", " #1"]
    assert [history.version(i, "offences", "2021/22 Q4") for i in range(3)] == ["", "", " #1"]
    came = {"2021/22 Q4": "2021/22 Q4", "2022/23 Q1": "2022/23 Q1 #1"}
    assert Growth("offences", came, "added") in history.growths()
    assert Growth("offences", came, "same") not in history.growths()
    corrected = {"2021/22 Q4": "2021/22 Q4 #1", "2022/23 Q1": "2022/23 Q1 #1"}
    assert not [g for g in history.growths() if g.unit == "offences" and g.later == corrected]
    assert history.alone() == ["k1", "k3"]
    assert Growth("offences", corrected, "added", (0, 2)) in history.growths(without="k1")
    one_changed = {"2021/22 Q4": "2021/22 Q4 #1", "2022/23 Q1 #1": "2022/23 Q1 #1"}
    assert Growth("offences", one_changed, "same", (1, 2)) in history.growths(without="k1")


def test_extracts_grow_with_late_and_corrected_records():
    made = service(3, 120)
    early, late = made.extract(QUARTERS - 2), made.extract(QUARTERS - 1)
    assert len(late) > len(early)
    ended = quarter_of("2023-12-31")
    old = [[str(sorted(r.items())) for r in rows if quarter_of(r["outcome_date"]) <= ended] for rows in (early, late)]
    assert set(old[0]) - set(old[1])
    assert set(old[1]) - set(old[0])


def test_a_follow_up_changes_nothing_else_and_is_of_one_mind():
    plain, made = service(3, 60), followed_up(service(3, 60))
    for quarter in range(QUARTERS):
        rows = made.extract(quarter)
        assert [{k: v for k, v in r.items() if k not in FOLLOW_UP} for r in rows] == plain.extract(quarter)
        assert all((r["reoffended"] == "Yes") == (r["further_offences"] not in ("", "0")) for r in rows)
        by_disposal = {r["outcome_id"]: [r[name] for name in FOLLOW_UP] for r in rows}
        assert all(by_disposal[r["outcome_id"]] == [r[name] for name in FOLLOW_UP] for r in rows)


def test_follow_ups_come_late_and_are_corrected():
    early, late = (
        {r["outcome_id"]: r["further_offences"] for r in followed_up(service(3, 60)).extract(q)} for q in (8, 11)
    )
    changed = {(early[d], late[d]) for d in early.keys() & late.keys() if early[d] != late[d]}
    assert any(not before for before, _ in changed)
    assert any(before for before, _ in changed)


def test_a_service_is_the_same_each_time():
    assert service(3, 40) == service(3, 40)
    assert service(3, 40) != service(4, 40)


# a whole trial


def exposed(cases, out, profile, previous):
    """A bad release: everything printed but the small cells, one count wrong and the case file left inside."""
    with cases.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    last = max(quarter_of(r["outcome_date"]) for r in rows)
    quarters = [f"{y}/{y - 1999} Q{k}" for y in (2021, 2022, 2023) for k in (1, 2, 3, 4)]
    records = handmade.service_dimensions([q for q in quarters if q <= last])
    folder = handmade.counted(rows, [("children", "year", "ethnicity"), ("outcomes", "year", "sex")], records)
    protected = handmade.primary_only(folder, Truth(rows, folder))
    cells = [
        replace(c, count=c.count and c.count + (c.at == (("year", ALL), ("sex", "Boys")))) for c in protected.cells
    ]
    handmade.write(out, cells, records)
    (out / "cases.csv").write_text("")


def test_a_bad_release_fails_on_every_count(tmp_path):
    small: Service = service(9, 30)
    found = trial.run(small, "caseload", tmp_path, quarters=[QUARTERS - 1], make=exposed, insiders=0)
    assert any("printed" in w for w in found.wrong)
    assert any("no world fits" in w for w in found.wrong)
    assert found.leaks == ["release 0: unknown file cases.csv"]


def primary_only(cases, out, profile, previous):
    """A release that hides small cells only."""
    exposed(cases, out, profile, previous)
    (out / "cases.csv").unlink()
    folder = read(out)
    boys = (("year", ALL), ("sex", "Boys"))
    right = [replace(c, count=c.count - 1) if c.at == boys else c for c in folder.cells]
    records = json.loads((out / "dimensions.json").read_text(encoding="utf-8"))
    handmade.write(out.with_name(f"{out.name}-right"), right, records)
    out.rename(out.with_name(f"{out.name}-wrong"))
    out.with_name(f"{out.name}-right").rename(out)


def test_a_trial_names_narrowed_cells_of_outsider_and_insider(tmp_path):
    found = trial.run(
        service(9, 30), "caseload", tmp_path, quarters=[QUARTERS - 2, QUARTERS - 1], make=primary_only, insiders=1
    )
    assert found.wrong == []
    assert found.primary > 0
    assert {name.split(",")[0].split(" ")[0] for name in found.narrowed} == {"outsider", "insider"}


def test_a_refusal_is_told(tmp_path):
    def refuse(*_):
        raise trial.Refused("no")

    assert trial.run(service(9, 30), "caseload", tmp_path, make=refuse).refused == "no"
