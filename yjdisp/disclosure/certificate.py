"""The certificate of a release: worlds that look exactly like it from outside and are unlike the truth where it matters.

Whoever has it need not search to know that a release is safe: one sparse product shows it (see `checking`). It holds the
true records, so it stays on the analyst's side.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from yjdisp.disclosure import private
from yjdisp.disclosure.cells import Cells
from yjdisp.disclosure.facts.blocks import Block
from yjdisp.disclosure.facts.boxes import Numbered
from yjdisp.disclosure.protector.readers import Readers
from yjdisp.disclosure.protector.worlds import LOW
from yjdisp.disclosure.system import System

FILE = "certificate.npz"


@dataclass(frozen=True)
class Piece:
    """The atoms of a block.

    Attributes:
        unit: position in `COUNTED`.
        axes: the names of the axes that it divides.
        at: (k, axes) str, for each atom and axis the name of a position that stands for its class.
    """

    unit: int
    axes: tuple[str, ...]
    at: NDArray[np.str_]


@dataclass(frozen=True)
class Certificate:
    """Worlds, and the primary cells for whose sake they were found.

    Attributes:
        pieces: the atoms, block by block: k in all.
        held: (k,) float, the records that truly are there.
        change: (w, k) sparse, what is different in each world.
        own: (i, k) sparse, the records that each insider knows.
        cells: (t,) str, the primary cells, by `keys`.
        groups: (t,) str, the group that must not be known to be all in the cell; "" for a cell that is small.
        least, need: (t,) float, what the cell (or the rest of the group) must be able to fall and to rise to; an
            infinite least asks for nothing.
    """

    pieces: tuple[Piece, ...]
    held: NDArray[np.float64]
    change: sparse.csr_array
    own: sparse.csr_array
    cells: NDArray[np.str_]
    groups: NDArray[np.str_]
    least: NDArray[np.float64]
    need: NDArray[np.float64]


def keys(cells: Numbered) -> list[str]:
    """What each cell is, in words that do not depend on the order of cells: "children sex=Girls year=2021/22"."""
    order = sorted(range(len(cells.dimensions)), key=lambda d: cells.dimensions[d].name)
    named = [
        [f" {cells.dimensions[d].name}={v}" if i else "" for i, v in enumerate(cells.dimensions[d].values)]
        for d in order
    ]
    return [
        unit + "".join(words[v] for words, v in zip(named, row, strict=True))
        for unit, row in zip(np.asarray(cells.unit).tolist(), cells.at[:, order].tolist(), strict=True)
    ]


def of(readers: Readers, cells: Cells, kept: NDArray[np.bool_]) -> Certificate:
    """The certificate of what readers are told.

    Args:
        cells: the tables that they see.
        kept: (n,) bool, the cells that are published, as counts or marks.
    """
    search, goals = readers.search, readers.goals
    search.secure()
    names = keys(cells)
    name_of = {int(readers.figure[i]): names[i] for i in np.flatnonzero(kept)[::-1]}
    hidden = search.active & ~readers.known.printed[goals.owner] & ~readers.old
    mine = [t for t in np.flatnonzero(hidden) if int(goals.owner[t]) in name_of]
    needed = np.zeros(search.waived.shape, dtype=bool)
    needed[:, :, mine] = ~(search.waived | search.worlds.shows(0))[:, :, mine]  # the first world is the truth
    needed[LOW] |= readers.unsure()
    whole, worlds = search.everything.part, search.worlds.few(needed)
    truth = sparse.kron(np.ones((worlds.shape[0], 1)), sparse.csr_array(search.held[None]))
    groups = [goals.rows.indices[goals.rows.indptr[t] : goals.rows.indptr[t + 1]].tolist() for t in mine]
    return Certificate(
        pieces=tuple(_piece(readers.system, cells, b) for b in whole.blocks),
        held=search.held,
        change=sparse.csr_array(worlds - truth),
        own=search.insiders.records,
        cells=np.array([name_of[int(goals.owner[t])] for t in mine], dtype=str),
        groups=np.array(
            [next((name_of[f] for f in row if f != goals.owner[t]), "") for t, row in zip(mine, groups, strict=True)],
            dtype=str,
        ),
        least=goals.low[mine],
        need=goals.high[mine],
    )


def _piece(system: System, cells: Cells, atoms: Block) -> Piece:
    """The atoms of a block by names: of the positions of a class, one that today's cells know, if any."""
    at = np.empty(atoms.place.shape, dtype=object)
    for column, axis in enumerate(atoms.axes):
        space = system.spaces[atoms.unit]
        class_of = space.class_of[space.axes.index(axis)]
        today = frozenset().union(*(c for d in cells.dimensions if d.axis == axis for c in d.covers))
        class_by_name = dict(zip(system.positions[axis], class_of.tolist(), strict=True))
        stands = {class_by_name[name]: name for name in sorted(class_by_name, key=lambda name: name in today)}
        at[:, column] = [stands[k] for k in atoms.place[:, column].tolist()]
    return Piece(atoms.unit, atoms.axes, at.astype(str))


# --- on disk


def save(certificate: Certificate, release: Path, identity: str) -> None:
    """Keep the certificate of the release of this id, whole or not at all, in the folder beside it."""
    arrays = {name: getattr(certificate, name) for name in ("held", "cells", "groups", "least", "need")}
    for name in ("change", "own"):
        matrix = getattr(certificate, name)
        arrays |= {f"{name}.{key}": getattr(matrix, key) for key in ("data", "indices", "indptr")}
        arrays[f"{name}.shape"] = np.array(matrix.shape)
    for number, piece in enumerate(certificate.pieces):
        arrays |= {f"{number}.unit": np.array(piece.unit), f"{number}.axes": np.array(piece.axes, dtype=str)}
        arrays[f"{number}.at"] = piece.at
    private.save(arrays, release, identity, FILE)


def load(release: Path, identity: str) -> Certificate | None:
    """The certificate of the release of this id; None where there is none of it, or it is not for who asks.

    Raises:
        PrivateError: the file is not a certificate, or not a whole one.
    """
    try:
        arrays = private.load(release, identity, FILE)
    except private.NotYours:
        return None
    if arrays is None:
        return None
    try:
        count = sum(name.endswith(".unit") for name in arrays)
        found = {n: arrays[n] for n in ("held", "cells", "groups", "least", "need")}
        for name in ("change", "own"):
            matrix = tuple(arrays[f"{name}.{key}"] for key in ("data", "indices", "indptr"))
            found[name] = sparse.csr_array(matrix, shape=tuple(arrays[f"{name}.shape"].tolist()))
        parts = [tuple(arrays[f"{n}.{key}"] for key in ("unit", "axes", "at")) for n in range(count)]
    except KeyError as error:
        raise private.PrivateError(f"{FILE} has no {error}; make the release again") from None
    return Certificate(tuple(Piece(int(u), tuple(axes.tolist()), at) for u, axes, at in parts), **found)
