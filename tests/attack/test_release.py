"""Real releases, made by the command line of synthetic services, attacked; the full campaign is tests/bench/campaign.py."""

from __future__ import annotations

import pytest

from . import trial
from .attacker import bounds
from .folder import read
from .services import QUARTERS, of_several_areas, service, write_cases
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
