"""What a child knows beside everybody: their own records, and what is left of two releases without these."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from yjdisp.disclosure.facts.blocks import Block, Occupied
from yjdisp.disclosure.facts.ground import wide
from yjdisp.disclosure.facts.growth import of_others
from yjdisp.disclosure.facts.units import COUNTED
from yjdisp.disclosure.system import System


@dataclass(frozen=True)
class Insiders:
    """i children, over k atoms.

    Attributes:
        records: (i, k) sparse, the records of each.
        rows: (r, k) sparse, what some of them know more of than everybody does.
        least: (i, r) sparse, what a row comes to at least for who knows that, an entry each, be it 0.
        others: (i, f) sparse, what each figure comes to at least where enough children are known to be in it, for who
            counts several times: enough others, beside all of their own.
    """

    records: sparse.csr_array
    rows: sparse.csr_array
    least: sparse.csr_array
    others: sparse.csr_array

    def within(self, home: slice) -> Insiders:
        """The same over some blocks, by the place of their atoms."""
        here = np.flatnonzero(np.diff(self.rows[:, home].indptr))
        return replace(self, records=self.records[:, home], rows=self.rows[here][:, home], least=self.least[:, here])


def insiders(system: System, found: tuple[Block, ...], occupied: Occupied, enough: int) -> Insiders:
    """Each child of the records, over the atoms of all blocks side by side; those once who know the same.

    Args:
        enough: how many children that are.
    """
    starts = np.cumsum([0, *(len(b.held) for b in found)])
    children, own = _records(found, occupied, starts)
    changed = {child for step in system.others for child in step}
    first: dict[tuple, int] = {}
    for i, (begin, end) in enumerate(pairwise(own.indptr.tolist())):
        knows = int(children[i]) if children[i] in changed else -1
        first.setdefault((own.indices[begin:end].tobytes(), own.data[begin:end].tobytes(), knows), i)
    chosen = list(first.values())
    records, number = sparse.csr_array(own[chosen]), {int(children[i]): k for k, i in enumerate(chosen)}
    rows, least = [records[:0]], [records[:, :0]]
    for i, block in enumerate(found):
        for known, who in of_others(system, block, records[:, starts[i] : starts[i + 1]], number):
            rows.append(wide(known, starts, i))
            least.append(_entries(records, rows[-1], who))
    return Insiders(
        records,
        sparse.csr_array(sparse.vstack(rows)),
        sparse.csr_array(sparse.hstack(least)),
        _others(system, found, records, enough),
    )


def _others(system: System, found: tuple[Block, ...], records: sparse.csr_array, enough: int) -> sparse.csr_array:
    """(insiders, figures): as many others as make enough with an insider who counts several times, beside all of the own;
    as far as there are."""
    own, there, start = np.zeros((records.shape[0], system.size)), np.zeros(system.size), 0
    for block in found:
        end = start + len(block.held)
        own[:, block.figures] = records[:, start:end] @ block.inside.T
        there[block.figures] = block.inside @ block.held
        start = end
    return sparse.csr_array(np.where(own > 1, np.minimum(own + enough - 1, there), 0.0))


def _entries(records: sparse.csr_array, rows: sparse.csr_array, numbers: list[int]) -> sparse.csr_array:
    """(insiders, rows): what the records of some insiders bring to each row, an entry each."""
    place = np.repeat(numbers, rows.shape[0]), np.tile(np.arange(rows.shape[0]), len(numbers))
    brought = (records[numbers] @ rows.T).toarray()
    return sparse.csr_array((brought.reshape(-1), place), shape=(records.shape[0], rows.shape[0]))


def _records(
    found: tuple[Block, ...], occupied: Occupied, starts: NDArray[np.int64]
) -> tuple[NDArray[np.int64], sparse.csr_array]:
    """(i,) the children, and (i, atoms) sparse the records of each, in all their versions."""
    who = [occupied.get(COUNTED[b.unit], {}).get("child", np.zeros(0, dtype=np.int64)) for b in found]
    children, row = np.unique(np.concatenate([*who, np.zeros(0, dtype=np.int64)]), return_inverse=True)
    atom = np.concatenate([b.atom_of[: len(w)] for b, w in zip(found, who, strict=True)])
    start = np.repeat(starts[:-1], [len(w) for w in who])
    at = atom >= 0
    own = sparse.csr_array((np.ones(at.sum()), (row[at], (start + atom)[at])), shape=(len(children), starts[-1]))
    own.sum_duplicates()
    return children, own
