"""A real release with children who reoffended and their further offences, made by the command line and attacked."""

from __future__ import annotations

import pytest

from . import trial
from .facts import FURTHER
from .folder import read
from .services import QUARTERS, followed_up, service

PLAN = """
[[tier]]
tables = [
    { unit = "children", dimensions = ["year", "ethnicity"] },
    { unit = "children", dimensions = ["year", "reoffended"] },
    { unit = "children", dimensions = ["ethnicity", "reoffended"] },
]
[[tier]]
tables = [
    { unit = "further offences", dimensions = ["year"] },
    { unit = "further offences", dimensions = ["ethnicity"] },
    { unit = "outcomes", dimensions = ["year", "outcome"] },
    { unit = "offences", dimensions = ["year", "ethnicity"] },
]
"""


# In the second, a child with most of the further offences of a year could subtract them until others were known.
SERVICES = [(31, 32, 1), (4, 30, 99)]


@pytest.fixture(scope="module", params=SERVICES, ids=["the most records", "every child"])
def tried(request, tmp_path_factory) -> tuple[trial.Trial, list]:
    """A service's trial by an outsider and by insiders, and its cells of further offences."""
    seed, children, insiders = request.param
    home = tmp_path_factory.mktemp("reoffending")
    make = trial.release_by(PLAN, home)
    found = trial.run(followed_up(service(seed, children)), "caseload", home, [QUARTERS - 1], make, insiders)
    return found, [c for c in read(home / f"release-{QUARTERS - 1}").cells if c.unit == FURTHER]


def test_further_offences_are_published_and_hidden(tried):
    found, further = tried
    assert (found.refused, found.wrong, found.leaks) == ("", [], [])
    assert {c.count is None for c in further} == {True, False}


def test_no_primary_cell_is_narrowed_by_them(tried):
    found, _ = tried
    assert found.primary > 0
    assert found.narrowed == {}
