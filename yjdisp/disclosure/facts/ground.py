"""Blocks side by side: the atoms of a program, and the rows that every world keeps to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from yjdisp.disclosure.facts.blocks import Block
from yjdisp.disclosure.facts.growth import grown
from yjdisp.disclosure.facts.ties import Ties, ties
from yjdisp.disclosure.system import System


@dataclass(frozen=True)
class Ground:
    """Some blocks side by side: k atoms, and what every world keeps to.

    Attributes:
        blocks: the blocks.
        starts: (blocks + 1,) int, where each block's atoms begin.
        figures: (r,) int, the figures that the atoms sum up to.
        sums: (r, k) sparse, their atoms.
        base: (b, k) sparse, the base of each part as its atoms sum it up; less the base block's own, where it is here.
        ordered: (d, k) sparse, rows that the definitions of the units, and what grew, keep at 0 or above.
        held: (k,) float, the records that truly are there.
    """

    blocks: tuple[Block, ...]
    starts: NDArray[np.int64]
    figures: NDArray[np.int64]
    sums: sparse.csr_array
    base: sparse.csr_array
    ordered: sparse.csr_array
    held: NDArray[np.float64]

    def program(
        self, low: NDArray[np.float64], high: NDArray[np.float64], told: NDArray[np.int64] | slice = slice(None)
    ) -> tuple[sparse.csr_array, NDArray[np.float64], NDArray[np.float64]]:
        """Rows with bounds that every world keeps to: the told of `figures` between low and high, then the others."""
        fixed, free = np.zeros(self.base.shape[0]), np.zeros(self.ordered.shape[0])
        rows = sparse.csr_array(sparse.vstack([self.sums[told], self.base, self.ordered]))
        return rows, np.concatenate([low, fixed, free]), np.concatenate([high, fixed, free + np.inf])

    def all_figures(self, size: int) -> sparse.csr_array:
        """(size, k) sparse, the atoms of every figure of a system; none of those that these blocks do not sum up."""
        put = sparse.csr_array((np.ones(len(self.figures)), (self.figures, np.arange(len(self.figures)))),
                               shape=(size, len(self.figures)))  # fmt: skip
        return sparse.csr_array(put @ self.sums)

    def floor(self, own: sparse.csr_array) -> sparse.csr_array:
        """(insiders, d) sparse: what each row of `ordered` must come to for the records of others to obey it by
        themselves, as they truly do: as much as an insider's own records, (insiders, k), bring to it."""
        result = sparse.csr_array((self.ordered @ own.T).T)
        result.data = np.clip(result.data, 0, np.maximum(self.ordered @ self.held, 0)[result.indices])
        result.eliminate_zeros()
        return result


def ground(system: System, chosen: tuple[Block, ...], tied: Ties | None = None) -> Ground:
    """Blocks put side by side. Figures of the base are summed by the base block, or without it by the first part.

    Args:
        tied: the `ties` of these and perhaps other blocks; worked out where it is not given.
    """
    starts = np.cumsum([0, *(len(b.held) for b in chosen)])
    base_of = {b.unit: i for i, b in enumerate(chosen) if not b.part}
    summed: set[int] = set()
    figures, sums, base = [], [], []
    for i, block in enumerate(chosen):
        mine = block.own if block.unit in base_of else ~np.isin(block.figures, list(summed))
        summed |= set(block.figures[mine].tolist())
        figures.append(block.figures[mine])
        sums.append(wide(sparse.csr_array(block.inside[mine].astype(float)), starts, i))
        if block.part:
            row = wide(block.base_rows, starts, i)
            if block.unit in base_of:
                k = base_of[block.unit]
                row = row - wide(chosen[k].base_rows, starts, k)
            base.append(row)
    place = {(b.unit, b.part): i for i, b in enumerate(chosen)}
    ordered = [
        wide(more, starts, place[many]) - wide(few, starts, place[of])
        for (of, many), rows in (ties(system, chosen) if tied is None else tied).items()
        if of in place and many in place
        for few, more in rows
    ]
    ordered += [wide(row, starts, i) for i, b in enumerate(chosen) for row in grown(system, b)]
    nothing = sparse.csr_array((0, int(starts[-1])))
    return Ground(
        blocks=chosen,
        starts=starts,
        figures=np.concatenate(figures),
        sums=sparse.csr_array(sparse.vstack(sums)),
        base=sparse.csr_array(sparse.vstack([nothing, *base])),
        ordered=_telling(sparse.csr_array(sparse.vstack([nothing, *ordered]))),
        held=np.concatenate([b.held for b in chosen]),
    )


def _telling(rows: sparse.csr_array) -> sparse.csr_array:
    """Each row once, without those that are at 0 or above wherever no atom holds less than nothing."""
    rows.sum_duplicates()
    rows.eliminate_zeros()
    row = np.repeat(np.arange(rows.shape[0]), np.diff(rows.indptr))
    kept = {}
    for i in np.unique(row[rows.data < 0]).tolist():
        mine = slice(rows.indptr[i], rows.indptr[i + 1])
        kept.setdefault((rows.indices[mine].tobytes(), rows.data[mine].tobytes()), i)
    return sparse.csr_array(rows[list(kept.values())])


def wide(rows: sparse.csr_array, starts: NDArray[np.int64], block: int) -> sparse.csr_array:
    """Rows over one block's atoms as rows over all atoms."""
    rows = sparse.csr_array(rows)
    return sparse.csr_array((rows.data, rows.indices + starts[block], rows.indptr), shape=(rows.shape[0], starts[-1]))
