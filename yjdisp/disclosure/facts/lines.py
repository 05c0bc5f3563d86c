"""Additive lines (a total and its parts) and the bounds that they give by themselves.

Bounds from lines are what anyone can work out with a pencil. They are outer bounds: a solver that looks at all atoms at
once may know more, never less. They cost milliseconds, whatever the size of the release.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from yjdisp.disclosure.facts.boxes import Numbered
from yjdisp.vocabulary import Dimension


@dataclass(frozen=True)
class Lines:
    """k additive lines over f figures: total = sum of parts.

    Attributes:
        total: (k,) int figures.
        parts: (k, f) sparse 0/1.
    """

    total: NDArray[np.int64]
    parts: sparse.csr_array

    @cached_property
    def members(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Every part with its line: the numbers of lines, and the figures."""
        return np.repeat(np.arange(self.parts.shape[0]), np.diff(self.parts.indptr)), self.parts.indices


def lines(cells: Numbered, figure: NDArray[np.int64], size: int) -> Lines:
    """Every line whose total and parts are all among the cells.

    A value is divided by the values right below it, or by the finest values of another dimension that looks at the
    same axis (a rolling year by its quarters), wherever those cover it without overlap.

    Args:
        cells: anything with cells.
        figure: (n,) the figure of each cell.
        size: how many figures there are.
    """
    splits = _splits(cells.dimensions)
    unit = np.asarray(cells.unit).astype(str).tolist()
    known = dict(zip(zip(unit, map(tuple, cells.at.tolist()), strict=True), figure.tolist(), strict=True))
    found: dict[tuple[int, ...], None] = {}
    for (u, place), total in known.items():
        for d, value in enumerate(place):
            for other, values in splits[d].get(value, ()):
                if other != d and place[other]:
                    continue
                base = list(place)
                base[d] = 0
                parts = []
                for v in values:
                    base[other] = v
                    part = known.get((u, tuple(base)))
                    if part is None:
                        break
                    parts.append(part)
                else:
                    if total not in parts:
                        found[(total, *sorted(parts))] = None
    rows = list(found)
    index = np.array([p for row in rows for p in row[1:]], dtype=np.int64)
    starts = np.cumsum([0, *(len(row) - 1 for row in rows)])
    return Lines(
        np.array([row[0] for row in rows], dtype=np.int64),
        sparse.csr_array((np.ones(len(index)), index, starts), shape=(len(rows), size)),
    )


def joined(several: Sequence[Lines]) -> Lines:
    """Lines over the same figures, one after the other."""
    return Lines(
        np.concatenate([of.total for of in several]), sparse.csr_array(sparse.vstack([of.parts for of in several]))
    )


def alone(lines: Lines, printed: NDArray[np.bool_], doubted: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Lines whose total is printed and of whose hidden parts just one is doubted, with that part: who takes for granted
    that no number is hidden for nothing concludes that it is small, since none of the others is.

    Args:
        printed: (f,) bool.
        doubted: (f,) bool, the hidden figures that are not known to be hidden for the sake of others.

    Returns:
        (a, 2) int: numbers of lines, and figures.
    """
    row, part = lines.members
    one = np.bincount(row, doubted[part], minlength=len(lines.total)) == 1
    chosen = (printed[lines.total] & one)[row] & doubted[part]
    return np.column_stack([row[chosen], part[chosen]])


def _splits(dimensions: tuple[Dimension, ...]) -> list[dict[int, list[tuple[int, tuple[int, ...]]]]]:
    """For each dimension and value: (dimension, values) that divide it without overlap."""
    result: list[dict[int, list[tuple[int, tuple[int, ...]]]]] = []
    for d, dimension in enumerate(dimensions):
        of: dict[int, list[tuple[int, tuple[int, ...]]]] = {}
        for v, (value, cover) in enumerate(zip(dimension.values, dimension.covers, strict=True)):
            ways = [(d, tuple(i for i, p in enumerate(dimension.parents) if p == value))]
            for e, other in enumerate(dimensions):
                if e != d and other.axis == dimension.axis and v > 0:
                    leaves = set(other.values) - set(other.parents)
                    ways.append(
                        (
                            e,
                            tuple(
                                i
                                for i, (w, c) in enumerate(zip(other.values, other.covers, strict=True))
                                if w in leaves and c <= cover
                            ),
                        )
                    )
            for e, values in ways:
                covers = [dimensions[e].covers[i] for i in values]
                if covers and sum(map(len, covers)) == len(cover) and frozenset().union(*covers) == cover:
                    of.setdefault(v, []).append((e, values))
        result.append(of)
    return result


def tighten(
    lines: Lines,
    low: NDArray[np.float64],
    high: NDArray[np.float64],
    links: sparse.csr_array | None = None,
    rounds: int = 60,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Bounds on every figure that follow from the lines, one line at a time, until nothing changes.

    Args:
        low, high: (f,) what is known of every figure; infinite where nothing is.
        links: (l, f) sparse rows with one -1 and one +1: the first figure is at most the second.
    """
    low, high = low.copy(), high.copy()
    total, (row, part) = lines.total, lines.members
    less = more = np.zeros(0, dtype=np.int64)
    if links is not None and links.shape[0]:
        coo = links.tocoo()
        order = np.argsort(coo.row[coo.data < 0]), np.argsort(coo.row[coo.data > 0])
        less, more = coo.col[coo.data < 0][order[0]], coo.col[coo.data > 0][order[1]]
    for _ in range(rounds):
        before = low.sum(), np.isfinite(high).sum(), high[np.isfinite(high)].sum()
        np.minimum.at(high, less, high[more])
        np.maximum.at(low, more, low[less])
        least = np.bincount(row, low[part], minlength=len(total))
        open_ = np.bincount(row, ~np.isfinite(high[part]), minlength=len(total))
        capped = np.where(np.isfinite(high), high, 0.0)
        most = np.bincount(row, capped[part], minlength=len(total))
        np.maximum.at(low, total, least)
        np.minimum.at(high, total, np.where(open_ > 0, np.inf, most))
        np.minimum.at(high, part, high[total][row] - (least[row] - low[part]))
        others_open = open_[row] - ~np.isfinite(high[part]) > 0
        rest = most[row] - capped[part]
        np.maximum.at(low, part, np.where(others_open, -np.inf, low[total][row] - rest))
        if (low.sum(), np.isfinite(high).sum(), high[np.isfinite(high)].sum()) == before:
            break
    return low, high
