"""What truly is behind figures: the records, whose they are, and the value of each figure."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from yjdisp.disclosure.blocks import Block, Occupied, blocks
from yjdisp.disclosure.boxes import CellsError
from yjdisp.disclosure.cells import Cells
from yjdisp.disclosure.ground import ground
from yjdisp.disclosure.model import TOLERANCE, Model
from yjdisp.disclosure.system import System
from yjdisp.disclosure.units import COUNTED


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


def insiders(found: tuple[Block, ...], occupied: Occupied) -> sparse.csr_array:
    """(insiders, atoms) sparse: the records of each child, in all their versions and in all blocks side by side; those
    alike in one row."""
    starts = np.cumsum([0, *(len(b.held) for b in found)])
    who = [occupied.get(COUNTED[b.unit], {}).get("child", np.zeros(0, dtype=np.int64)) for b in found]
    children, row = np.unique(np.concatenate([*who, np.zeros(0, dtype=np.int64)]), return_inverse=True)
    atom = np.concatenate([b.atom_of[: len(w)] for b, w in zip(found, who, strict=True)])
    start = np.repeat(starts[:-1], [len(w) for w in who])
    at = atom >= 0
    own = sparse.csr_array((np.ones(at.sum()), (row[at], (start + atom)[at])), shape=(len(children), starts[-1]))
    own.sum_duplicates()
    first: dict[tuple[bytes, bytes], int] = {}
    for i, (begin, end) in enumerate(pairwise(own.indptr.tolist())):
        first.setdefault((own.indices[begin:end].tobytes(), own.data[begin:end].tobytes()), i)
    return sparse.csr_array(own[list(first.values())])


def depth(cells: Cells, figure: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    """(f,) int: how fine each figure is, as levels below "All", summed."""
    level = np.zeros(len(figure), dtype=np.int64)
    for d, dimension in enumerate(cells.dimensions):
        level += np.asarray(dimension.levels)[cells.at[:, d]]
    least = np.full(size, np.iinfo(np.int64).max)
    np.minimum.at(least, figure, level)
    return least
