"""What truly is behind figures: the records, whose they are, and the value of each figure."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from yjdisp.disclosure.cells import Cells
from yjdisp.disclosure.facts.blocks import Block, blocks
from yjdisp.disclosure.facts.boxes import CellsError
from yjdisp.disclosure.facts.ground import ground
from yjdisp.disclosure.model import TOLERANCE, Model
from yjdisp.disclosure.system import System


def values(system: System, found: tuple[Block, ...], figure: NDArray[np.int64], cells: Cells) -> NDArray[np.float64]:
    """(f,) float: the true value of every figure.

    Raises:
        CellsError: the cells are not sums of the records that occur.
    """
    truth = np.zeros(system.size)
    for block in found:
        truth[block.figures] = block.inside @ block.held
    truth = np.where(np.abs(truth - np.rint(truth)) < TOLERANCE, np.rint(truth), truth)
    if not np.allclose(truth[figure], cells.count, atol=TOLERANCE):
        raise CellsError("the cells do not add up: they are not counts of the same records")
    return truth


def fitted(system: System, cells: Cells) -> tuple[Block, ...]:
    """Blocks that hold records which add up to every cell, where the combinations that occur are not known.

    Raises:
        CellsError: there are none.
    """
    found = blocks(system)
    whole = ground(system, found)
    first = np.full(system.size, -1)
    first[system.figure[0][::-1]] = np.arange(len(cells.count))[::-1]
    first = first[whole.figures]
    told = np.flatnonzero(first >= 0)
    count = cells.count[first[told]].astype(float)
    cost = np.random.default_rng(0).random(len(whole.held))
    records = Model(*whole.program(count, count, told), cost=cost).solve()
    if records is None:
        raise CellsError("the cells do not add up: they are not counts of the same records")
    pieces = zip(found, pairwise(whole.starts), strict=True)
    return tuple(replace(block, held=records[start:end]) for block, (start, end) in pieces)


def depth(cells: Cells, figure: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    """(f,) int: how fine each figure is, as levels below "All", summed."""
    level = np.zeros(len(figure), dtype=np.int64)
    for d, dimension in enumerate(cells.dimensions):
        level += np.asarray(dimension.levels)[cells.at[:, d]]
    least = np.full(size, np.iinfo(np.int64).max)
    np.minimum.at(least, figure, level)
    return least
