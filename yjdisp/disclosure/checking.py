"""Checking a certificate against a release as anybody can read it: sparse products, and nothing is searched for."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from yjdisp.disclosure.cells import Published, exempt_cells, exempt_values
from yjdisp.disclosure.certificate import Certificate, keys
from yjdisp.disclosure.facts import lines
from yjdisp.disclosure.facts.blocks import axes_of, block, pieces
from yjdisp.disclosure.facts.boxes import CellsError
from yjdisp.disclosure.facts.ground import Ground, ground
from yjdisp.disclosure.facts.units import PERIOD
from yjdisp.disclosure.facts.versions import MARK
from yjdisp.disclosure.primary import one_category
from yjdisp.disclosure.siege import known, promised
from yjdisp.disclosure.system import System, build

TOLERANCE = 1e-5


def faults(certificate: Certificate, published: Published) -> tuple[str, ...]:
    """What of a certificate does not hold for a release; empty where it holds.

    Every world must look like the release, and every primary cell must be as small and as large in some of them as its
    mark allows, for every reader in worlds that hold the records that the reader knows beside others that obey the
    definitions by themselves, and are enough where that is known.
    """
    try:
        view = _view(certificate, published)
        cells, groups = _primary(certificate, view)
    except CellsError as error:
        return (str(error),)
    exempt = np.isin(cells, view.system.figure[0][_of_exempt(published)])
    value, mine = (_less_groups(certificate, of, cells, groups) for of in (view.figures, view.own))
    low, high = (bound[:, None] for bound in known(view.system, published, ()))
    there = certificate.held[certificate.change.indices] + certificate.change.data
    holds, sure = _knowing_others(cells, view, _holds(certificate, view))
    held = {
        "a world has less than no records": min(there.min(initial=0), certificate.held.min(initial=0)) >= -TOLERANCE,
        "a world has other numbers than are printed": (view.figures >= low - TOLERANCE).all()
        and (view.figures <= high + TOLERANCE).all(),
        "a world contradicts itself": (np.abs(view.base) <= TOLERANCE).all(),
        "a world breaks the definitions of the units": (view.ordered >= -TOLERANCE).all(),
        "a small cell is not among the primary ones": _complete(cells, view),
        "the only category of a group is not among the primary cells": _no_group_is_told(cells, view),
        "a primary cell is not shown to be safe": _shown(certificate, holds, value, mine, exempt),
        "a world forgets what follows from the promise": _nothing_follows(cells[groups < 0], sure, view),
    }
    return tuple(fault for fault, holds in held.items() if not holds)


def primary(certificate: Certificate, published: Published) -> NDArray[np.bool_]:
    """(n,) bool: the hidden cells of a release that are primary by a certificate, wherever the same count stands."""
    figure = build([published]).figure[0]
    named = np.isin(keys(published), certificate.cells)
    return published.hidden & np.isin(figure, figure[named])


@dataclass(frozen=True)
class _View:
    """The worlds of a certificate in the terms of a release: of the truth first, then of each world.

    Attributes:
        figures: (f, 1 + w) float.
        base, ordered: (rows, 1 + w) float, what must be 0, and what must not be negative.
        own: (f, i) float, what each insider's own records are of every figure.
        floor: (i, rows) sparse, what `ordered` must come to for others to obey the definitions without an insider.
    """

    published: Published
    system: System
    figures: NDArray[np.float64]
    base: NDArray[np.float64]
    ordered: NDArray[np.float64]
    own: NDArray[np.float64]
    floor: sparse.csr_array


def _view(certificate: Certificate, published: Published) -> _View:
    """Raises CellsError like `_seen_from`."""
    system = build([published])
    whole, atom = _seen_from(certificate, system)
    first, change = certificate.held[atom], certificate.change[:, atom].T
    sums = whole.all_figures(system.size)
    figures, base, ordered = (
        np.column_stack([np.zeros(rows.shape[0]), (rows @ change).toarray()]) + (rows @ first)[:, None]
        for rows in (sums, whole.base, whole.ordered)
    )
    own = certificate.own[:, atom]
    floor = replace(whole, held=first).floor(own)
    return _View(published, system, figures, base, ordered, (sums @ own.T).toarray(), floor)


def _seen_from(certificate: Certificate, system: System) -> tuple[Ground, NDArray[np.int64]]:
    """The blocks of a system over the atoms of a certificate, and which atom of the certificate each of theirs is.

    Raises:
        CellsError: a block that the certificate has no atoms for.
    """
    starts = np.cumsum([0, *(len(piece.at) for piece in certificate.pieces)])
    chosen, atoms = [], []
    for unit, part in pieces(system):
        space, axes = system.spaces[unit], axes_of(system, unit, part)
        fits = [i for i, p in enumerate(certificate.pieces) if p.unit == unit and set(axes) <= set(p.axes)]
        if not fits:
            raise CellsError("the release has cells that the worlds do not know")
        piece = certificate.pieces[fits[0]]
        place = np.full((len(piece.at), len(axes)), -1)
        for column, axis in enumerate(axes):
            class_of = dict(zip(system.positions[axis], space.class_of[space.axes.index(axis)].tolist(), strict=True))
            names, which = np.unique(piece.at[:, piece.axes.index(axis)], return_inverse=True)
            place[:, column] = np.array([class_of.get(name, -1) for name in names.tolist()], dtype=np.int64)[which]
        times = piece.at[:, piece.axes.index(PERIOD)].tolist() if PERIOD in piece.axes else [""] * len(piece.at)
        today = np.array([MARK not in name for name in times], dtype=bool)
        there = (place >= 0).all(axis=1) & today  # other atoms are of earlier releases
        chosen.append(block(system, unit, part, place[there], np.zeros(0, dtype=np.int64)))
        atoms.append(np.flatnonzero(there) + starts[fits[0]])
    return ground(system, tuple(chosen)), np.concatenate(atoms)


def _primary(certificate: Certificate, view: _View) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(t,) the figures of the primary cells, and of their groups; -1 where there is no group.

    Raises:
        CellsError: one of them is not in the release, or not hidden there.
    """
    position = {key: i for i, key in enumerate(keys(view.published))}
    cells = [position.get(key, -1) for key in certificate.cells.tolist()]
    grouped = certificate.groups != ""
    groups = [position.get(key, -1) for key in certificate.groups[grouped].tolist()]
    if -1 in cells + groups or not view.published.hidden[cells].all():
        raise CellsError("a primary cell is not hidden in the release")
    of_groups = np.full(len(cells), -1)
    of_groups[grouped] = view.system.figure[0][groups]
    return view.system.figure[0][cells], of_groups


def _less_groups(certificate: Certificate, of, cells, groups) -> NDArray[np.float64]:
    """(t, columns) the value of each primary cell, or of the rest of its group."""
    return np.where((certificate.groups != "")[:, None], of[groups] - of[cells], of[cells])


def _complete(cells: NDArray[np.int64], view: _View) -> bool:
    """Whether all hidden cells that are truly below the threshold are among the primary ones; exempt values aside."""
    seen, figure = view.published, view.system.figure[0]
    small = seen.hidden & (view.figures[figure, 0] < seen.threshold - TOLERANCE) & ~_of_exempt(seen)
    return bool(np.isin(figure[small], cells).all())


def _no_group_is_told(cells: NDArray[np.int64], view: _View) -> bool:
    """Whether each cell of something sensitive that truly has all of its group in it is among the primary ones."""
    seen, figure = view.published, view.system.figure[0]
    truth = np.rint(view.figures[figure, 0])
    pairs = one_category(seen, truth, truth, seen.sensitive, seen.exempt)
    return bool(np.isin(figure[pairs[:, 1]], cells).all())


def _nothing_follows(small: NDArray[np.int64], sure: NDArray[np.int64], view: _View) -> bool:
    """Whether who knows the promise tells nothing more: what is `_surely_large` is large in all worlds; and where all
    others are that are hidden beside a small one, that one is small in all."""
    seen, figure = view.published, view.system.figure[0]
    behind = view.system.behind[0][sure]
    large = view.figures[np.concatenate([figure[sure], behind[behind >= 0]])]
    told = promised(view.system, [seen], [np.isin(figure, small)], ())
    doubted = told.doubted.copy()
    doubted[figure[sure]] = False
    alone = lines.alone(lines.lines(seen, figure, view.system.size), told.printed, doubted)[:, 1]
    most = told.few[alone, None]
    return bool((large >= seen.threshold - TOLERANCE).all() and (view.figures[alone] <= most + TOLERANCE).all())


def _surely_large(cells: NDArray[np.int64], view: _View, holds: NDArray[np.float32]) -> NDArray[np.int64]:
    """The hidden cells that are not primary and that some reader is not shown to be as small as their mark says."""
    seen, figure = view.published, view.system.figure[0]
    second = np.flatnonzero(seen.hidden & ~exempt_cells(seen, seen.exempt) & ~np.isin(figure, cells))
    value, mine = view.figures[figure[second]], view.own[figure[second]]
    return second[~_falls(value, mine, seen.low[second], holds).all(axis=0)]


def _knowing_others(
    cells: NDArray[np.int64], view: _View, holds: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """As `_holds`, where each insider knows, too, of enough others beside all of the own in what is sure to be of enough
    children; and what is `_surely_large` then."""
    seen, figure, behind = view.published, view.system.figure[0], view.system.behind[0]
    printed = ~seen.hidden & ~exempt_cells(seen, seen.exempt) & (seen.low > 0)
    least = np.where(view.own > 1, np.minimum(view.own + seen.threshold - 1, view.figures[:, :1]), 0.0)
    while True:
        sure = _surely_large(cells, view, holds)
        many = np.union1d(np.flatnonzero(printed), sure)
        of = np.concatenate([figure[many], behind[many][behind[many] >= 0]])
        knowing = holds.copy()
        for insider in range(least.shape[1]):
            several = of[least[of, insider] > 0]
            short = view.figures[several] < least[several, insider, None] - TOLERANCE
            knowing[short.any(axis=0), insider + 1] = 0
        if (knowing == holds).all():
            return holds, sure
        holds = knowing


def _of_exempt(seen: Published) -> NDArray[np.bool_]:
    """(n,) bool: cells at an exempt value, whose count is printed however small: who is of it can leave themselves out."""
    return exempt_values(seen, seen.exempt)[0].any(axis=1)


def _shown(
    certificate: Certificate,
    holds: NDArray[np.float32],
    value: NDArray[np.float64],
    mine: NDArray[np.float64],
    exempt: NDArray[np.bool_],
) -> bool:
    """Whether every reader is shown every primary cell at its least and at its need.

    Args:
        holds: as `_knowing_others` gives it.
        value: (t, 1 + w) of the cells in the truth and in each world.
        mine: (t, i) what each insider's own records are of them.
        exempt: (t,) bool, whether it is at an exempt value, whose need is not for insiders.
    """
    rises = holds.T @ (value >= certificate.need[:, None] - TOLERANCE).T > 0
    rises[1:] |= exempt
    return bool(rises.all() and _falls(value, mine, certificate.least, holds).all())


def _falls(
    value: NDArray[np.float64], mine: NDArray[np.float64], least: NDArray[np.float64], holds: NDArray[np.float32]
) -> NDArray[np.bool_]:
    """(1 + i, t) bool: whether every reader is shown each cell at its least, or as small as their own records in it."""
    shown = holds.T @ (value <= least[:, None] + TOLERANCE).T > 0
    for cell, insider in np.argwhere((mine > least[:, None]) & ~shown[1:].T):
        small = value[cell] <= mine[cell, insider] + TOLERANCE
        shown[insider + 1, cell] = holds[small, insider + 1].any()
    return shown


def _holds(certificate: Certificate, view: _View) -> NDArray[np.float32]:
    """(1 + w, 1 + i): 1 where the truth and the worlds hold the records that each reader knows, beside others that
    obey the definitions; else 0."""
    change, own = certificate.change, certificate.own
    there = certificate.held[change.indices] + change.data
    lacking = np.zeros((1 + change.shape[0], 1 + own.shape[0]))
    for records in np.unique(own.data):
        short = sparse.csr_array((there < records - TOLERANCE, change.indices, change.indptr), shape=change.shape)
        known = sparse.csr_array((own.data == records, own.indices, own.indptr), shape=own.shape)
        lacking[1:, 1:] += (short.astype(np.float32) @ known.T.astype(np.float32)).toarray()
    for insider in range(own.shape[0]):
        floor = view.floor[[insider]]
        lacking[:, insider + 1] += (view.ordered[floor.indices] < floor.data[:, None] - TOLERANCE).any(axis=0)
    return (lacking == 0).astype(np.float32)
