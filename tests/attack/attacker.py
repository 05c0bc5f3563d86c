"""What a reader with a solver can work out about hidden cells, from the public files of one or several releases."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from .facts import (
    Contradiction,
    Fact,
    Growth,
    Version,
    gain_links,
    growth_links,
    labelled,
    merged,
    printed_facts,
    unchanged,
    unit_classes,
    unit_links,
)
from .folder import Cell, Folder, Region
from .solver import TOLERANCE, Grid, Program, grid

Hint = dict[str, list[dict[str, frozenset[str]]]]

GROUP = 200
PATIENCE = 2
UNBOUNDED = 1e5
WHOLE = 20_000


@dataclass(frozen=True)
class Knowledge:
    """All that a reader holds: facts, the atoms that they are about, and the sums asked about as facts of no content."""

    facts: tuple[Fact, ...]
    asked: tuple[Fact, ...]
    grids: tuple[Grid, ...]


@dataclass(frozen=True)
class Insider:
    """One child's own record: what it counts for in a (unit, region) of labels, and how those of others have grown."""

    counts: Callable[[str, Region], int]
    growths: Sequence[Growth] = ()


@dataclass(frozen=True)
class Target:
    """A hidden cell, and the two values that a reader must not be able to exclude."""

    release: int
    cell: Cell
    least: float
    most: float


@dataclass(frozen=True)
class Narrowed:
    """A cell of which a reader can exclude one of the two values, with the facts that prove it."""

    release: int
    cell: Cell
    end: str
    bound: float
    because: tuple[Fact, ...]

    def __str__(self) -> str:
        return f"release {self.release}, {self.cell}: at {'least' if self.end == 'low' else 'most'} {self.bound:g}"


@dataclass(frozen=True)
class Report:
    """The narrowed ends of the cells attacked."""

    attacked: int
    narrowed: tuple[Narrowed, ...]
    atoms: int
    solves: int

    @property
    def cells(self) -> int:
        """How many cells are narrowed, at one end or both."""
        return len({(n.release, n.cell) for n in self.narrowed})


def know(
    folders: Sequence[Folder],
    asked: Sequence[tuple[int, Cell]],
    version: Version = unchanged,
    growths: Sequence[Growth] = (),
    claims: bool = True,
    extended: bool = False,
) -> Knowledge:
    """Everything that the folders say, with the cells asked about.

    Args:
        folders: releases, earliest first.
        asked: cells, each with the index of its release.
        version: which version of a period's records a release holds.
        growths: periods to which later releases only add.
        claims: believe the `low` and `high` columns.
        extended: use the links that the definitions imply for gravity and outcome too.
    """
    axes = {axis for folder in folders for axis in folder.positions}
    positions = {axis: frozenset().union(*(f.positions.get(axis, ()) for f in folders)) for axis in axes}
    questions = [
        Fact(((1, cell.unit, labelled(folders[i], i, cell.unit, folders[i].region(cell), version)),), 0, np.inf)
        for i, cell in asked
    ]
    printed = [fact for i, f in enumerate(folders) for fact in printed_facts(f, i, version, claims) if says(fact)]
    of = unit_classes([*printed, *questions], positions)
    links = [fact for i, f in enumerate(folders) for fact in unit_links(f, i, version, of, extended)]
    gains = gain_links(folders, growths, version, of) if extended else ()
    facts = merged([*printed, *links, *growth_links(growths, of), *gains])
    grids = [grid(unit, known, [*facts, *questions]) for unit, known in of.items()]
    return Knowledge(tuple(facts), tuple(questions), tuple(grids))


def says(fact: Fact) -> bool:
    """Whether a fact says more than that a count is at least 0."""
    return fact.low > 0 or np.isfinite(fact.high)


def targets(folders: Sequence[Folder], primary: Sequence[tuple[int, Cell]]) -> list[Target]:
    """What the mark promises of primary cells: 0 (1 where zeros are shown) and threshold − 1 both remain possible."""
    return [Target(i, c, 1.0 if folders[i].zeros_shown else 0.0, folders[i].threshold - 1.0) for i, c in primary]


def attack(
    folders: Sequence[Folder],
    aims: Sequence[Target],
    version: Version = unchanged,
    growths: Sequence[Growth] = (),
    claims: bool = True,
    extended: bool = False,
    insider: Insider | None = None,
    hint: Hint | None = None,
) -> Report:
    """Which cells are narrowed: no world that fits everything printed has the least value, or none has the most.

    With an insider, the counts are those of all other children: a cell must allow no other child at all, and as many as
    make its most with the insider's own; what is of enough children is of one less. A hint is combinations of positions
    to start from: it saves time and changes no answer, for every atom of the product is priced. For the other arguments
    see `know`.

    Raises:
        Contradiction: no world fits.
    """
    knowledge = know(folders, [(aim.release, aim.cell) for aim in aims], version, growths, claims, extended)
    own = own_counts(knowledge, insider)
    asked = own[len(knowledge.facts) :]
    least = np.maximum(np.array([aim.least for aim in aims]) - asked, 0.0)
    most = np.maximum(np.array([aim.most for aim in aims]) - asked, least)
    program = program_of(knowledge, own[: len(knowledge.facts)], most)
    for which, g in enumerate(knowledge.grids):
        program.add(which, g.atoms((hint or {}).get(g.unit, [])))
    program.begin()
    atoms = sum(len(known) for known in program.known)
    named = tuple(
        Narrowed(aims[i].release, aims[i].cell, end, bound + asked[i], tuple(knowledge.facts[k] for k in because))
        for i, end, bound, because in search(program, least, most)
    )
    return Report(len(aims), named, atoms, program.solves)


def distinct(folders: Sequence[Folder], aims: Sequence[Target], version: Version = unchanged) -> list[Target]:
    """One aim for all that ask the same of the same count: margins stand in many tables, old years in many releases."""
    seen: dict[tuple, Target] = {}
    for aim in aims:
        region = folders[aim.release].region(aim.cell)
        count = aim.cell.unit, labelled(folders[aim.release], aim.release, aim.cell.unit, region, version)
        seen.setdefault((count, aim.least, aim.most), aim)
    return list(seen.values())


def own_counts(knowledge: Knowledge, insider: Insider | None) -> np.ndarray:
    """What the insider's own record counts for in each fact and question; 0 in the links, which hold for the others too."""
    facts = [*knowledge.facts, *knowledge.asked]
    if insider is None:
        return np.zeros(len(facts))
    return np.array([insider.counts(*f.terms[0][1:]) if len(f.terms) == 1 else 0 for f in facts], float)


def program_of(knowledge: Knowledge, own: np.ndarray, need: np.ndarray) -> Program:
    """The linear program of all that is known, less what is the insider's own."""
    low = np.array([f.of_others(n) for f, n in zip(knowledge.facts, own, strict=True)])
    high = np.array([f.high for f in knowledge.facts]) - own
    return Program(list(knowledge.grids), low, high, need)


def search(
    program: Program, least: np.ndarray, most: np.ndarray, seed: int = 0
) -> list[tuple[int, str, float, np.ndarray]]:
    """Worlds in which every target reaches its least and its most; what none reaches, its bound and the facts behind it.

    One world serves many targets: wishes are tried together, and in ever smaller groups, before a target is alone.
    """
    random = np.random.default_rng(seed)
    pending = {(i, end) for i in range(len(least)) for end in ("low", "high")}
    narrowed: list[tuple[int, str, float, np.ndarray]] = []
    size = GROUP
    while pending:
        group = _group(sorted(pending), size, random)
        reached, bound, because = _reach(program, group, least, most, random)
        pending -= reached
        if reached & group:
            size = min(2 * size, GROUP)
        else:
            if len(group) == 1:
                ((i, end),) = group
                narrowed.append((i, end, _whole(bound, end), because))
                pending -= group
            size = max(1, min(size, len(group)) // 3)
    return sorted(narrowed, key=lambda found: found[:2])


def _group(pending: list[tuple[int, str]], size: int, random: np.random.Generator) -> set[tuple[int, str]]:
    """At most `size` of the wishes that are left, with no more than one for each target."""
    chosen: dict[int, str] = {}
    for k in random.permutation(len(pending)):
        if len(chosen) < size:
            chosen.setdefault(*pending[k])
    return set(chosen.items())


def _reach(
    program: Program,
    group: set[tuple[int, str]],
    least: np.ndarray,
    most: np.ndarray,
    random: np.random.Generator,
) -> tuple[set[tuple[int, str]], float, np.ndarray]:
    """All wishes fulfilled by the worlds met on the way to the group's best; a single wish's best value, the facts that bind."""
    cost = np.zeros(program.columns)
    for i, end in sorted(group):
        weight = random.uniform(0.5, 1.5)
        cost[program.share[i]] = weight if end == "low" else -weight
        cost[program.excess[i]] = weight if end == "low" else 0.0
    reached: set[tuple[int, str]] = set()
    idle = 0
    while True:
        _, values, duals = program.solve(cost)
        before = len(group & reached)
        reached |= {(int(i), "low") for i in np.flatnonzero(values <= least + TOLERANCE)}
        reached |= {(int(i), "high") for i in np.flatnonzero(values >= most - TOLERANCE)}
        idle = 0 if len(group & reached) > before else idle + 1
        tired = len(group) > 1 and idle > PATIENCE
        if group <= reached or tired or not program.price(duals):
            binding = np.flatnonzero(np.abs(duals[: -len(least)]) > TOLERANCE)
            return reached, float(values[next(iter(group))[0]]), binding


def bounds(folders: Sequence[Folder], asked: Sequence[tuple[int, Cell]], **known) -> list[tuple[float, float]]:
    """The smallest and largest value that each cell can have, given everything printed (infinity: no limit).

    Raises:
        Contradiction: no world fits.
    """
    knowledge = know(folders, asked, **known)
    need = np.full(len(asked), UNBOUNDED)
    program = program_of(knowledge, np.zeros(len(knowledge.facts)), need)
    program.begin()
    found = []
    random = np.random.default_rng(0)
    for i in range(len(asked)):
        ends = [_reach(program, {(i, end)}, np.full(len(asked), -1.0), need, random)[1] for end in ("low", "high")]
        high = _whole(ends[1], "high") if ends[1] < UNBOUNDED - 1 else float("inf")
        found.append((_whole(ends[0], "low"), high))
    return found


def _whole(bound: float, end: str) -> float:
    """The whole number that a count can reach at an end."""
    return float(np.ceil(bound - TOLERANCE) if end == "low" else np.floor(bound + TOLERANCE))


def whole_bounds(
    folders: Sequence[Folder], asked: Sequence[tuple[int, Cell]], integers: bool = True, **known
) -> list[tuple[float, float]]:
    """As `bounds`, by whole numbers and with every atom a column from the start: only for small products.

    Raises:
        ValueError: the product of atoms is too large.
        Contradiction: no world fits.
    """
    knowledge = know(folders, asked, **known)
    sizes = [int(np.prod(g.shape, dtype=int)) for g in knowledge.grids]
    if sum(sizes) > WHOLE:
        raise ValueError(f"{sum(sizes)} atoms are too many")
    matrix = sparse.hstack([g.columns(np.arange(n)) for g, n in zip(knowledge.grids, sizes, strict=True)], format="csr")
    m = len(knowledge.facts)
    ask = matrix[m:].toarray()
    limits = (
        LinearConstraint(matrix[:m], [f.low for f in knowledge.facts], [f.high for f in knowledge.facts]) if m else ()
    )
    found = []
    for row in ask:
        ends = [
            milp(
                sign * row,
                constraints=limits,
                integrality=np.full(len(row), int(integers)),
                bounds=Bounds(0, UNBOUNDED),
            )
            for sign in (1, -1)
        ]
        if any(end.status == 2 for end in ends):
            raise Contradiction("no world of whole numbers")
        low, high = round(float(ends[0].fun), 6), round(float(-ends[1].fun), 6)
        found.append((low, high if high < UNBOUNDED else float("inf")))
    return found
