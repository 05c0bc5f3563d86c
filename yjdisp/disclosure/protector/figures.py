"""What the analyst's side knows of every figure: its value, what print would tell of it, and what the policy makes of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yjdisp.disclosure import primary, rounding
from yjdisp.disclosure.cells import Cells, exempt_cells
from yjdisp.disclosure.facts.blocks import Block
from yjdisp.disclosure.facts.units import CHILDREN
from yjdisp.disclosure.ledger import Entry
from yjdisp.disclosure.policy import Policy
from yjdisp.disclosure.protector import truth
from yjdisp.disclosure.system import System


@dataclass(frozen=True)
class Crowds:
    """Figures that tell of enough children in another one, release by release, (k,) each.

    Attributes:
        figure: int, those that tell it where they are known to be large.
        children: int, the figures of these children.
        enough: float, how many there are at least.
        today: bool, whether print tells it, too: cells of today's tables.
    """

    figure: NDArray[np.int64]
    children: NDArray[np.int64]
    enough: NDArray[np.float64]
    today: NDArray[np.bool_]


@dataclass(frozen=True)
class Figures:
    """Facts of figures, (f,) each; of those that no cell of today shows, only the value is of use.

    Attributes:
        looked_at: bool, those that the blocks sum up.
        value: float, what truly is.
        low, high: float, what a printed figure is known to be between.
        children: float, how many are behind it; infinity where no cell of today says.
        depth: int, how fine it is, as levels below "All", summed.
        small: bool, primary.
        forced: bool, printed however small: zeros where they are shown or known, and what is exempt.
        of_exempt: bool, part of what is exempt.
        large: bool, of enough children, and not exempt: if it is hidden, it is so for the sake of others.
        exempt: bool, what is exempt itself: if it is hidden, it is so for the sake of others.
        few: float, the most that fewer children than the threshold can make of it; infinity where there are not so few, or
            it counts something else.
        hidden_before: bool, hidden by an earlier release, exempt values aside.
        crowds: which of them tell of enough children.
    """

    looked_at: NDArray[np.bool_]
    value: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    children: NDArray[np.float64]
    depth: NDArray[np.int64]
    small: NDArray[np.bool_]
    forced: NDArray[np.bool_]
    of_exempt: NDArray[np.bool_]
    large: NDArray[np.bool_]
    exempt: NDArray[np.bool_]
    few: NDArray[np.float64]
    hidden_before: NDArray[np.bool_]
    crowds: Crowds


def figures_of(
    cells: Cells,
    policy: Policy,
    system: System,
    found: Sequence[Block],
    earlier: Sequence[Entry],
    small: NDArray[np.bool_],
) -> Figures:
    """The facts of a system's figures.

    Args:
        small: (n,) bool, the primary cells.

    Raises:
        CellsError: the cells are not sums of the records that occur.
    """
    f, size = system.figure[0], system.size
    value = truth.values(system, tuple(found), f, cells)
    exempt = exempt_cells(cells, policy.exempt)
    too_few = cells.children < policy.threshold

    def of_cells(some: NDArray, otherwise: NDArray) -> NDArray:
        result = otherwise.copy()
        result[f] = some
        return result

    nothing = np.zeros(size, dtype=bool)
    low, high = (of_cells(end, value) for end in rounding.interval(cells.count, exempt, policy))
    primary_ones = of_cells(small, nothing)
    zero = (value == 0) & ((policy.zeros == "shown") | of_cells(primary.of_nothing(cells, policy), nothing))
    looked_at = np.isin(np.arange(size), np.concatenate([block.figures for block in found]))
    then = [
        _large_then(entry, figures, value, looked_at) for entry, figures in zip(earlier, system.figure[1:], strict=True)
    ]
    hidden_before, large_before = _before(earlier, system, looked_at, then)
    return Figures(
        looked_at=looked_at,
        value=value,
        low=low,
        high=high,
        children=of_cells(cells.children, np.full(size, np.inf)),
        depth=truth.depth(cells, f, size),
        small=primary_ones,
        forced=zero | (of_cells(exempt & too_few, nothing) & ~primary_ones),
        of_exempt=of_cells(np.isfinite(primary.exempt_around(cells, policy)), nothing),
        large=of_cells(~exempt & ~too_few, nothing) | large_before,
        exempt=of_cells(exempt, nothing),
        few=np.where(looked_at, _few(small & too_few, policy, system, earlier, value), np.inf),
        hidden_before=hidden_before,
        crowds=_crowds(low[f] > 0, np.where(exempt, 1.0, policy.threshold), system, earlier, value, looked_at, then),
    )


def _before(
    earlier: Sequence[Entry], system: System, looked_at: NDArray[np.bool_], then: Sequence[NDArray[np.bool_]]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """(f,) bool each: the figures that are looked at and that an earlier release has hidden, exempt values aside; and
    those of them that were large, as `_large_then` has it."""
    hidden, large = np.zeros((2, system.size), dtype=bool)
    for entry, figures, of in zip(earlier, system.figure[1:], then, strict=True):
        told = entry.published
        hidden[figures[told.hidden & ~exempt_cells(told, told.exempt) & looked_at[figures]]] = True
        large[figures[of]] = True
    return hidden, large


def _large_then(
    entry: Entry, figures: NDArray[np.int64], value: NDArray[np.float64], looked_at: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """(n,) bool: cells that an earlier release has hidden for the sake of others."""
    told = entry.published
    large = told.hidden & ~exempt_cells(told, told.exempt) & (entry.need == 0)
    return large & looked_at[figures] & (value[figures] >= told.threshold)


def _crowds(
    some: NDArray[np.bool_],
    enough: NDArray[np.float64],
    system: System,
    earlier: Sequence[Entry],
    value: NDArray[np.float64],
    looked_at: NDArray[np.bool_],
    then: Sequence[NDArray[np.bool_]],
) -> Crowds:
    """What tells of enough children, as far as it is true of the records that there are.

    Args:
        some, enough: (n,) of today's cells, whether print tells of any, and of how many.
        then: of each earlier release the cells that do, as `_large_then` has it.
    """
    least = [
        enough,
        *(np.full(len(cells), float(e.published.threshold)) for e, cells in zip(earlier, then, strict=True)),
    ]
    figure, behind, of = map(np.concatenate, (system.figure, system.behind, least))
    true = np.concatenate([some, *then]) & (behind >= 0) & looked_at[behind] & (value[behind] >= of)
    return Crowds(figure[true], behind[true], of[true], (np.arange(len(figure)) < len(some))[true])


def _few(
    today: NDArray[np.bool_], policy: Policy, system: System, earlier: Sequence[Entry], value: NDArray[np.float64]
) -> NDArray[np.float64]:
    """(f,) float: the most that so few children can make of what today's policy hides, or an earlier release's of which that
    is known, as far as it is true; infinity for all other figures."""
    small = [today, *((entry.need > 0) & bool(entry.records) for entry in earlier)]
    most = [policy.threshold - 1, *(entry.published.threshold - 1 for entry in earlier)]
    years, result = system.years(), np.full(system.size, np.inf)
    for figures, hidden, children in zip(system.figure, small, most, strict=True):
        of = figures[hidden]
        of = of[(system.unit[of] == CHILDREN) & (value[of] <= children * years[of])]
        result[of] = np.minimum(result[of], children * years[of])
    return result
