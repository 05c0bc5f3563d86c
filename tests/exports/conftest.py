"""Two releases that every export is tried on: one as services have them, one whose names would be formulas."""

from __future__ import annotations

import pytest

from exports.services import MINORITIES, Service, service, write
from yjdisp import release
from yjdisp.release import Release
from yjdisp.vocabulary import ALL, flat_dimension

FORMULAS = ("=1+1", "+2", "-3", "@SUM(A1)", "\t=4", "=HYPERLINK(A1)", "[here](http://example.org)", "$$note$$", "<b>&")


@pytest.fixture(scope="session")
def one(tmp_path_factory) -> Service:
    """A service with hidden minorities and sexes."""
    return service(tmp_path_factory.mktemp("one"), seed=7)


@pytest.fixture(scope="session")
def odd(tmp_path_factory) -> Release:
    """A release whose areas, service and sources are named like formulas, links and markup."""
    path = tmp_path_factory.mktemp("odd") / "release"
    area, year = flat_dimension("area", FORMULAS), flat_dimension("year", ("2020/21", "2021/22"), axis="period")
    rows = [
        {
            "unit": "children",
            "table": "area × year",
            "area": a,
            "year": y,
            "count": 20,
            "symbol": "",
            "low": 20,
            "high": 20,
        }
        for a in (ALL, *FORMULAS)
        for y in (ALL, "2020/21", "2021/22")
    ]
    populations = {"White": 800, "All other ethnic groups combined": 200} | {m: 50 for m in MINORITIES}
    write(path, rows, [area, year], populations, service="=1+1", areas=FORMULAS, source="@SUM(A1)")
    return release.read(path)
