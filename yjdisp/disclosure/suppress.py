"""Secondary suppression: tables in the order of their importance, each cell printed only if every hidden one stays safe.

Nothing that a later table wants is paid for by an earlier one: what is printed stays printed, and the later cell stays
hidden. Where even that is not enough (earlier numbers already say too much of a hidden cell of the later table), the
later table is left out of the release.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, fields, replace

import numpy as np
from numpy.typing import NDArray

from yjdisp.disclosure import primary, rounding
from yjdisp.disclosure.cells import Cells, Published, exempt_cells
from yjdisp.disclosure.certificate import Certificate, of
from yjdisp.disclosure.facts import lines, versions
from yjdisp.disclosure.facts.blocks import joined
from yjdisp.disclosure.facts.units import CHILD_AXES
from yjdisp.disclosure.ledger import Entry
from yjdisp.disclosure.plan import Plan, PlanTable
from yjdisp.disclosure.policy import Policy
from yjdisp.disclosure.protector.carried import Found
from yjdisp.disclosure.protector.readers import Readers
from yjdisp.disclosure.protector.stage import Decided, Stage
from yjdisp.disclosure.system import History, build
from yjdisp.vocabulary import FURTHER, IN_A_SENTENCE, LABELS, listing

Progress = Callable[[float, str], None]
AT_ONCE = "The numbers of {table} are not published beside others by both: who compares them could learn of a child."


@dataclass(frozen=True)
class Protected:
    """What may be printed.

    Attributes:
        shown: (n,) bool, whether the cell's count is printed.
        value: (n,) int, the printed count, rounded where the policy says so; 0 where none is printed.
        primary: (n,) bool, hidden by the policy itself.
        need: (n,) float, what each small cell must be able to rise to; 0 for all others, also for those that are
            primary because a whole group is in them.
        left_out: (n,) bool, not part of the release at all: neither count nor mark may be printed.
        low, high: (n,) float, what anyone can work out with a pencil; high is infinite where there is no bound.
        certificate: the worlds that show the primary cells safe; None where no table is published.
    """

    shown: NDArray[np.bool_]
    value: NDArray[np.int64]
    primary: NDArray[np.bool_]
    need: NDArray[np.float64]
    left_out: NDArray[np.bool_]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    certificate: Certificate | None = field(default=None, repr=False)

    def only(self, which: NDArray[np.bool_]) -> Protected:
        """Some of the cells, under the same certificate."""
        arrays = [f.name for f in fields(self) if f.name != "certificate"]
        return replace(self, **{name: getattr(self, name)[which] for name in arrays})


def protect(
    cells: Cells, policy: Policy, *, earlier: Sequence[Entry] = (), progress: Progress | None = None
) -> Protected:
    """Decide which counts may be printed.

    Args:
        cells: the true counts.
        policy: the rules.
        earlier: earlier releases of the same service.
        progress: called with a share done and what is going on; may raise to cancel.

    Raises:
        CellsError: the cells are not counts of the same records.
    """
    n = len(cells.unit)
    gone, promised, decided = np.zeros(n, dtype=bool), np.zeros(n, dtype=bool), Decided(*np.zeros((2, n), dtype=bool))
    count = len(np.unique(cells.table))
    history, records = versions.history(cells.occupied, earlier, cells.dimensions)
    beliefs = [versions.either_way(history), history] if earlier else [history]
    found: Sequence[Found] = ()
    proof, passed = None, 0

    def beat() -> None:
        if progress:
            progress(passed / (2 * count), "Protecting tables")

    def staged(inside: NDArray[np.int64], belief: History, before: Sequence[Found]) -> Stage:
        mine, plan = cells.only(inside), cells if earlier else None
        readers = Readers(mine, policy, earlier, belief, records, beat, plan, before)
        return Stage(mine, policy, decided.only(inside), readers)

    def heard(tried: Iterable[tuple[int, NDArray[np.bool_] | None]], inside: NDArray[np.int64], steps: int) -> None:
        nonlocal passed
        for table, printed in tried:
            passed += steps if printed is None else 1
            if printed is None:
                gone[cells.table == table] = True
            else:
                promised[inside[printed]] = True

    for tier in np.unique(cells.tier):
        settled = ~gone & (cells.tier < tier)
        for tables in _apart(cells, settled, np.unique(cells.table[cells.tier == tier]).tolist()):
            inside = np.flatnonzero(settled | np.isin(cells.table, tables))
            heard(staged(inside, beliefs[-1], ()).promise(tables), inside, steps=2)
        inside = np.flatnonzero(~gone & (cells.tier <= tier))
        tables = np.unique(cells.table[~gone & (cells.tier == tier)]).tolist()
        if not tables:
            continue
        stage = staged(inside, beliefs[0], found)
        if len(beliefs) > 1 and stage.readers.know_too_much():  # who believes that is told something already
            beliefs, found = beliefs[1:], stage.readers.found()
            del stage
            stage = staged(inside, beliefs[0], found)
        stage.readers.accept()
        heard(stage.publish(tables, promised[inside]), inside, steps=1)
        if not gone[np.isin(cells.table, tables)].all():
            decided, found = stage.decided(inside, n), stage.readers.found()
            proof = of(stage.readers, stage.cells, ~gone[inside])
        del stage  # before the next one: their programs take most of the room
    return replace(_protected(cells, policy, decided.printed & ~gone, gone), certificate=proof)


def _apart(cells: Cells, settled: NDArray[np.bool_], tables: Sequence[int]) -> Iterator[list[int]]:
    """Tables in groups within which none makes atoms of another one's finer: each is looked at as if by itself."""
    axes = [dimension.axis for dimension in cells.dimensions]
    divided: dict[int, tuple[str, frozenset[str]]] = {}
    for table in np.unique(cells.table[settled | np.isin(cells.table, tables)]).tolist():
        mine = cells.table == table
        used = (cells.at[mine] > 0).any(axis=0)
        divided[table] = str(cells.unit[mine][0]), frozenset(a for a, some in zip(axes, used, strict=True) if some)

    def parts(chosen: Sequence[int]) -> set[tuple[str, tuple[str, ...]]]:
        there = [*(table for table in divided if table not in tables), *chosen]
        units = {divided[table][0] for table in there}
        return {(u, part) for u in units for part in joined(divided[t][1] for t in there if divided[t][0] == u)}

    left = list(tables)
    while left:
        group = left[:1]
        for table in left[1:]:
            if parts([*group, table]) <= set().union(*(parts([t]) for t in [*group, table])):
                group.append(table)
        left = [table for table in left if table not in group]
        yield group


def protect_plan(
    cells: Cells,
    policy: Policy,
    plan: Plan,
    *,
    earlier: Sequence[Entry] = (),
    progress: Progress | None = None,
) -> ProtectedPlan:
    """Protect the cells of a plan, without the tables for which the numbers are too small.

    Args and raises as in `protect`; `Cells.table` numbers the tables of the plan.
    """
    barred = _compared_by_two(cells, plan)
    at_once = [plan.tables[number] for number in barred]
    left_out = [LeftOut(t.unit, t.name, AT_ONCE.format(table=in_words(t))) for t in at_once]
    cells, plan = _only(cells, plan, set(range(len(plan.tables))) - set(barred))
    result = protect(cells, policy, earlier=earlier, progress=progress)
    gone = {int(t) for t in np.unique(cells.table[result.left_out])}
    kept = set(range(len(plan.tables))) - gone
    there = [plan.tables[number] for number in sorted(kept)]
    missing = [
        t for number, t in enumerate(plan.tables) if number in gone and not any(t.is_in(other) for other in there)
    ]
    left_out += [LeftOut(t.unit, t.name, reason(t)) for t in missing]
    return ProtectedPlan(*_only(cells, plan, kept), result.only(np.isin(cells.table, list(kept))), tuple(left_out))


def _only(cells: Cells, plan: Plan, kept: set[int]) -> tuple[Cells, Plan]:
    """Some tables of a plan, numbered anew."""
    stay = np.isin(cells.table, list(kept))
    return replace(cells.only(stay), table=np.searchsorted(sorted(kept), cells.table[stay])), plan.only(kept)


def _compared_by_two(cells: Cells, plan: Plan) -> list[int]:
    """The tables of children, or of offences, by two things that happened at once, by which another unit is counted, too.

    A child with one outcome is counted by just what that outcome is; and how many have several, who counts both can see.
    Nothing here reckons with that, so such a table is not published; the one of outcomes can be.
    """
    axis = {dimension.name: dimension.axis for dimension in cells.dimensions}
    happened = [{axis[name] for name in table.dimensions} - CHILD_AXES for table in plan.tables]
    by: dict[str, set[str]] = {}
    for table, axes in zip(plan.tables, happened, strict=True):
        by.setdefault(table.unit, set()).update(axes)
    return [
        number
        for number, (table, axes) in enumerate(zip(plan.tables, happened, strict=True))
        if table.unit in ("children", "offences")
        and any(len(axes & of) > 1 for unit, of in by.items() if unit not in (table.unit, FURTHER))
    ]


def reason(table: PlanTable) -> str:
    """Why a table is left out, fit for a page; it tells the table from a coarser one that may well be published."""
    return f"The numbers of {in_words(table)} are too small to publish."


def in_words(table: PlanTable) -> str:
    """What a table counts and by what."""
    names = [IN_A_SENTENCE.get((d, table.levels(d)), LABELS[d].lower()) for d in table.dimensions]
    return f"{table.unit} by {listing(names)}" if names else table.unit


@dataclass(frozen=True)
class LeftOut:
    """A table that is not published: unit, name, and a reason fit for a page."""

    unit: str
    table: str
    reason: str


@dataclass(frozen=True)
class ProtectedPlan:
    """The kept tables of a plan with their protected cells, and the tables that are left out."""

    cells: Cells
    plan: Plan
    protected: Protected
    left_out: tuple[LeftOut, ...]


def _protected(cells: Cells, policy: Policy, shown: NDArray[np.bool_], gone: NDArray[np.bool_]) -> Protected:
    """The decisions, with what anyone can work out with a pencil: bounds that follow from sums alone."""
    there = cells.only(~gone)
    system = build([there])
    figure = system.figure[0]
    small, targets, owner = primary.targets(there, policy, figure, system.size)
    need = np.zeros(system.size)
    single = np.diff(targets.rows.indptr) == 1
    need[owner[single]] = targets.high[single]
    low, high = rounding.interval(there.count, exempt_cells(there, policy.exempt), policy)
    low = np.where(shown[~gone], low, np.where(there.count > 0, float(policy.floor), 0.0))
    high = np.where(shown[~gone], high, np.inf)
    known_low, known_high = np.zeros(system.size), np.full(system.size, np.inf)
    known_low[figure], known_high[figure] = low, high
    part = Published(there.dimensions, there.unit, there.at, low, high, ~shown[~gone], policy.threshold)
    known_low, known_high = lines.tighten(lines.lines(part, figure, system.size), known_low, known_high, system.links)
    n = len(cells.unit)
    result = Protected(
        shown, np.where(shown, rounding.printed(cells.count, policy), 0), np.zeros(n, dtype=bool), np.zeros(n), gone,
        np.zeros(n), np.full(n, np.inf),
    )  # fmt: skip
    result.primary[~gone], result.need[~gone] = small, np.where(small, need[figure], 0.0)
    result.low[~gone], result.high[~gone] = known_low[figure], known_high[figure]
    return result
