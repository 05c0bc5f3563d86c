"""Real releases, made by the command line of synthetic services, attacked; the full campaign is tests/bench/campaign.py."""

from __future__ import annotations

from itertools import product

import pytest

from . import trial
from .attacker import bounds
from .folder import read
from .services import COLUMNS, QUARTERS, of_several_areas, service, write_cases
from .test_successive import PLAN

SERVICES = [(2, 90, "caseload", (QUARTERS - 1,)), (11, 30, "published", (QUARTERS - 1,))]


@pytest.fixture(scope="module", params=SERVICES, ids=[f"{n} children, {profile}" for _, n, profile, _ in SERVICES])
def tried(request, tmp_path_factory) -> trial.Trial:
    """A service's trial: its releases made and attacked, by an outsider and by the child with the most records."""
    seed, children, profile, quarters = request.param
    return trial.run(service(seed, children), profile, tmp_path_factory.mktemp("trial"), quarters, insiders=1)


def test_releases_are_made(tried):
    assert tried.refused == ""
    assert tried.primary > 0


def test_no_primary_cell_is_narrowed(tried):
    assert tried.narrowed == {}


def test_what_is_printed_is_true(tried):
    assert tried.wrong == []


def test_nothing_else_tells(tried):
    assert tried.leaks == []


def test_several_areas_in_one_file_give_nothing_of_each_other_away(tmp_path):
    make = trial.release_by(PLAN, tmp_path)
    tried = trial.run(of_several_areas(700, 15), "caseload", tmp_path, (QUARTERS - 1,), make, insiders=1)
    assert (tried.refused, tried.narrowed, tried.wrong, tried.leaks) == ("", {}, [], [])
    assert tried.primary > 0


def test_the_bounds_of_hidden_cells_are_what_all_tables_allow(tmp_path):
    make = trial.release_by(PLAN, tmp_path)
    cases = write_cases(tmp_path / "cases.csv", service(5, 45).extract(QUARTERS - 1))
    make(cases, tmp_path / "release", "caseload", [])
    folder = read(tmp_path / "release")
    hidden = [cell for cell in folder.cells if cell.count is None]
    allowed = bounds([folder], [(0, cell) for cell in hidden], claims=False, extended=True)
    assert [(cell.low, cell.high) for cell in hidden] == [pytest.approx(ends, abs=1e-6) for ends in allowed]


VIOLENT = """
[[tier]]
tables = [
    { unit = "children", dimensions = ["year", "gravity"] },
    { unit = "children", dimensions = ["year", "serious_violence"] },
    { unit = "offences", dimensions = ["year", "gravity"] },
    { unit = "offences", dimensions = ["year", "serious_violence"] },
]
"""


def case(child: int, group: str, gravity: int, day: str = "2021-05-03") -> dict[str, str]:
    return dict.fromkeys(COLUMNS, "") | {
        "child_id": f"SYNTHETIC-{child}", "outcome_date": day, "age": "15", "ethnicity": "W1", "sex": "M",
        "outcome": "Referral order", "offence_group": group, "gravity": str(gravity),
    }  # fmt: skip


def test_how_many_children_are_violent_is_not_told_by_offences_that_are_grave_and_not_violent(tmp_path):
    """7 children have a grave offence; of 10 grave offences 6 are violent, by 6 children, of whom 3 have a graver one that
    is not. Printed together they say that the violence of 3 children or more is their most serious offence."""
    robberies = [case(child, "Robbery", 6) for child in range(6)]
    graver = [case(child, "Sexual offences", 7) for child in range(3)] + [case(6, "Domestic burglary", 6)]
    others = [case(child, "Theft and handling", 3) for child in range(7, 40)]
    later = [case(child, "Robbery", 6, "2022-05-03") for child in range(50, 60)]
    later += [case(child, "Theft and handling", 3, "2022-05-03") for child in range(60, 90)]
    cases = write_cases(tmp_path / "cases.csv", [*robberies, *graver, *others, *later])
    trial.release_by(VIOLENT, tmp_path)(cases, tmp_path / "release", "caseload", [])
    folder = read(tmp_path / "release")
    at = (("year", "2021/22"), ("serious_violence", "Serious violence"))
    (asked,) = (c for c in folder.cells if c.unit == "children" and c.at == at)
    assert asked.count is None
    ((low, high),) = bounds([folder], [(0, asked)], claims=False, extended=True)
    assert (low, high >= 4) == (0, True)


TWO_ON_A_DAY = """
[[tier]]
tables = [
    { unit = "outcomes", dimensions = ["year", "gravity", "outcome"] },
    { unit = "offences", dimensions = ["year", "gravity"] },
    { unit = "offences", dimensions = ["year", "outcome"] },
]
"""


def test_the_most_serious_offence_of_an_outcome_need_not_be_the_one_that_court_decided(tmp_path):
    """Without outcome_id what 20 children had on one day is one outcome each: grave by one row, in court by the other."""
    grave = [case(child, "Robbery", 7) | {"outcome": "Youth caution"} for child in range(20)]
    lesser = [case(child, "Theft and handling", 2) for child in range(20)]
    others = [
        case(100 * n + child, "Robbery", gravity) | {"outcome": outcome}
        for n, (gravity, outcome) in enumerate(product((2, 7), ("Youth caution", "Referral order")), 1)
        for child in range(11)
    ]
    cases = write_cases(tmp_path / "cases.csv", [*grave, *lesser, *others])
    trial.release_by(TWO_ON_A_DAY, tmp_path)(cases, tmp_path / "release", "caseload", [])
    folder = read(tmp_path / "release")
    grave, court = ("gravity", "5–8"), ("outcome", "Court")
    printed = {(c.unit, c.at[1:]): c for c in folder.cells if c.at[:1] == (("year", "2021/22"),)}
    both = printed["outcomes", (grave, court)]
    assert (both.count, printed["offences", (grave,)].count, printed["offences", (court,)].count) == (31, 42, 42)
    assert bounds([folder], [(0, both)], claims=False, extended=True) == [(31, 31)]
