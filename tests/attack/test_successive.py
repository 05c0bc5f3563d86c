"""Quarterly releases one after the other, with late and corrected records and rolling years, attacked together."""

from __future__ import annotations

import pytest

from . import trial
from .services import QUARTERS, service

PLAN = """
[[tier]]
tables = [{ unit = "children", dimensions = ["sex"] }, { unit = "outcomes", dimensions = ["ethnicity"] }]
[[tier]]
tables = [
    { unit = "children", dimensions = ["year", "sex"] },
    { unit = "children", dimensions = ["year", "ethnicity"] },
    { unit = "outcomes", dimensions = ["year", "outcome"] },
    { unit = "offences", dimensions = ["year", "gravity"] },
]
[[tier]]
tables = [
    { unit = "outcomes", dimensions = ["quarter"] },
    { unit = "outcomes", dimensions = ["rolling_year"] },
    { unit = "outcomes", dimensions = ["rolling_year", "ethnicity"] },
    { unit = "children", dimensions = ["ethnicity", "sex"] },
]
"""


SERVICES = [
    (5, 45, "caseload"),
    *((141, 30, "caseload"), (217, 30, "ten"), (5130, None, "caseload")),  # once narrowed, as were
    *((5104, None, "round5"), (5224, None, "round5"), (41011, None, "round5")),
    *((43000, None, "caseload"), (43006, None, "ten")),  # to children who were all that changed between two releases
]


@pytest.fixture(scope="module", params=SERVICES, ids=lambda p: f"service {p[0]}, {p[2]}")
def tried(request, tmp_path_factory) -> trial.Trial:
    """Up to four releases of a service, each after the ones before, attacked together by an outsider and by
    children, those among them who were all that changed between two."""
    seed, children, profile = request.param
    home = tmp_path_factory.mktemp("successive")
    make = trial.release_by(PLAN, home)
    return trial.run(service(seed, children), profile, home, range(QUARTERS - 4, QUARTERS), make, insiders=4)


def test_releases_are_made(tried):
    assert (tried.wrong, tried.leaks) == ([], [])
    assert tried.primary > 0
    assert not tried.refused


def test_together_they_narrow_nothing(tried):
    assert tried.narrowed == {}
