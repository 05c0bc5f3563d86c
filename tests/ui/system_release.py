"""A release written by hand in which everything about the system is published by group, and nothing is real."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pandas as pd
from made_up import OTHER, made_up

from ui import small
from yjdisp import release
from yjdisp.vocabulary import ALL, code_list, dimension

# ethnicity: (gravity, outcome, who decided, recommended outcome): how many
COURT, DTO = "Referral order", "Detention and training order"
COUNTS = {
    "White": {
        ("2", "Outcome 22", "Panel", "Outcome 22"): 160,
        ("3", "Community resolution", "Police", "Outcome 22"): 140,
        ("3", COURT, "Court", "Outcome 22"): 60,
        ("4", "Youth caution", "Panel", COURT): 40,
        ("6", COURT, "Court", COURT): 80,
        ("7", DTO, "Court", COURT): 12,
    },
    "Asian": {("2", "Outcome 22", "Panel", "Outcome 22"): 6, ("6", COURT, "Court", COURT): 9},
    "Black": {
        ("3", "Outcome 22", "Panel", "Outcome 22"): 20,
        ("4", COURT, "Court", "Outcome 22"): 22,
        ("5", COURT, "Court", COURT): 21,
        ("8", DTO, "Court", COURT): 11,
    },
    "Mixed": {("1", "Community resolution", "Police", "Outcome 22"): 21, ("5", COURT, "Court", COURT): 19},
}
PARTS = ("gravity", "outcome", "decided_by", "recommended_outcome")
GROUPS = (ALL, OTHER, "White", "Unknown", "Asian", "Black", "Mixed", "Other")
TABLES = (
    ("gravity",),
    ("outcome",),
    ("decided_by",),
    ("gravity", "outcome"),
    ("recommended_outcome", "outcome"),
)
SERIOUS = {"White": (50, 700), OTHER: (30, 220), ALL: (80, 920)}  # serious violence, and all offences


def write(path: Path, *, hide: tuple[str, str] | None = None) -> str:
    """Write the release and return its id.

    Args:
        hide: an ethnicity and an outcome whose counts are hidden in every table, as between 0 and 9.
    """
    tables = [(("ethnicity", *names), _counts(names, hide)) for names in TABLES]
    serious = {
        (group, value): count
        for group, (some, whole) in SERIOUS.items()
        for value, count in (("Serious violence", some), ("Not serious violence", whole - some), (ALL, whole))
    }
    children = made_up((("ethnicity",), _counts((), None)), *tables, bounds=(0, 200))
    offences = made_up((("ethnicity", "serious_violence"), serious), unit="offences")
    cells = pd.concat([children.cells, offences.cells], ignore_index=True)
    used = children.dimensions | offences.dimensions
    return release.write(
        path,
        cells=cells,
        dimensions=list(used.values()),
        baselines=children.baselines,
        policy=small.POLICY,
        plan=small.PLAN,
        manifest={
            "service": small.AREA,
            "areas": [small.AREA],
            "period": {"first": "2021/22 Q1", "last": "2021/22 Q4", "years": ["2021/22"]},
            "synthetic": True,
            "rows": {"used": 600, "left_out": {}},
            "policy": "caseload",
            "plan": "system",
            "left_out": [],
            "sources": [],
            "suppression": [],
            "attack": {"cells": len(cells), "hidden": 0, "narrowed": 0},
            "software": {},
        },
    )


def _counts(names: tuple[str, ...], hide: tuple[str, str] | None) -> dict[tuple[str, ...], int | None]:
    """The counts by ethnicity and some parts, with every margin."""
    values = [dimension(name).values for name in names]
    found = {}
    for group, combination in product(GROUPS, product(*values)):
        asked = dict(zip(names, combination, strict=True))
        count = sum(
            number
            for ethnicity, cells in COUNTS.items()
            for leaves, number in cells.items()
            if _holds("ethnicity", group, ethnicity)
            and all(_holds(name, value, leaves[PARTS.index(name)]) for name, value in asked.items())
        )
        found[group, *combination] = None if hide == (group, asked.get("outcome")) else count
    return found


def _holds(name: str, value: str, leaf: str) -> bool:
    return value in (ALL, leaf) or value in code_list(name).above(leaf)
