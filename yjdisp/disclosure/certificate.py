"""The certificate of a release: worlds that look exactly like it from outside. It stays on the analyst's side."""

from __future__ import annotations

import os
import tempfile
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from yjdisp.disclosure.cells import Published
from yjdisp.disclosure.system import UNITS, CellsError, Numbered, System, build
from yjdisp.disclosure.worlds import Ground

TOLERANCE = 1e-5


class CertificateError(ValueError):
    """A file that is not a certificate."""


@dataclass(frozen=True)
class Certificate:
    """Alternative worlds, and the cells for whose sake they were found.

    Attributes:
        axes: the axes of the atoms.
        names: (p,) str, names of positions.
        unit: (k,) int, the unit of each atom as a position in `UNITS`.
        at: (k, axes) int, a position on each axis as a position in `names`: one that stands for its class.
        worlds: (w, k) sparse, records per atom in every world.
        primary: (p,) str, the primary cells of the release, by `keys`.
        need: (p,) float, what each of them must be able to rise to.
        groups: (g, 2) str cells: a group, and the group in a category that it must not be known to be all in.
        insiders: whether worlds were sought for every reader who knows one record.
    """

    axes: tuple[str, ...]
    names: NDArray[np.str_]
    unit: NDArray[np.int64]
    at: NDArray[np.int64]
    worlds: sparse.csr_array
    primary: NDArray[np.str_]
    need: NDArray[np.float64]
    groups: NDArray[np.str_]
    insiders: bool = False


def keys(cells: Numbered) -> list[str]:
    """What each cell is, in words that do not depend on the order of cells: "children year=2021/22 sex=Girls"."""
    named = [[f" {d.name}={v}" if i else "" for i, v in enumerate(d.values)] for d in
             sorted(cells.dimensions, key=lambda d: d.name)]
    order = sorted(range(len(cells.dimensions)), key=lambda i: cells.dimensions[i].name)
    return [str(unit) + "".join(words[v] for words, v in zip(named, row, strict=True))
            for unit, row in zip(cells.unit.tolist(), cells.at[:, order].tolist(), strict=True)]


def of(system: System, ground: Ground, worlds: Sequence[NDArray[np.float64]], primary: Sequence[str],
       need: NDArray[np.float64], groups: Sequence[tuple[str, str]], insiders: bool) -> Certificate:
    """The certificate for worlds over the atoms of a ground."""
    axes = tuple(system.positions)
    names = sorted({n for positions in system.positions.values() for n in positions})
    number = {n: i for i, n in enumerate(names)}
    units, places = [np.zeros(0, dtype=np.int64)], [np.zeros((0, len(axes)), dtype=np.int64)]
    for unit, codes in ground.chunks:
        space = system.spaces[unit]
        atoms = space.atoms(codes)
        place = np.zeros((len(codes), len(axes)), dtype=np.int64)
        for a, axis in enumerate(axes):
            positions = np.array([number[n] for n in system.positions[axis]], dtype=np.int64)
            if axis in space.axes:
                column = space.axes.index(axis)
                first = np.unique(space.class_of[column], return_index=True)[1]
                place[:, a] = positions[first[atoms[:, column]]]
            else:
                place[:, a] = positions[0]
        units.append(np.full(len(codes), unit, dtype=np.int64))
        places.append(place)
    unit = np.concatenate(units)
    rows = [np.append(w, np.zeros(len(unit) - len(w))) for w in worlds]
    matrix = sparse.csr_array(np.array(rows).reshape(len(rows), len(unit)))
    used = np.unique(matrix.indices) if len(rows) else np.zeros(0, dtype=np.int64)
    return Certificate(axes, np.array(names, dtype=str), unit[used], np.concatenate(places)[used],
                       sparse.csr_array(matrix[:, used]), np.array(primary, dtype=str), need,
                       np.array(groups, dtype=str).reshape(-1, 2), insiders)


def values(certificate: Certificate, system: System) -> NDArray[np.float64]:
    """(w, f) float: every figure of a system in every world."""
    total = np.zeros((certificate.worlds.shape[0], system.size))
    for unit in np.unique(certificate.unit):
        mine = np.flatnonzero(certificate.unit == unit)
        places = {a: certificate.names[certificate.at[mine, i]] for i, a in enumerate(certificate.axes)}
        atoms = system.locate({UNITS[unit]: places}, int(unit))
        total += (certificate.worlds[:, mine] @ system.columns(int(unit), atoms).T).toarray()
    return total


def check(certificate: Certificate, published: Published) -> bool:
    """Whether every world looks like the release, and every primary cell is as small and as large as its mark allows
    in some of them."""
    system = build([published])
    try:
        seen = values(certificate, system)
    except CellsError:
        return False
    cells = seen[:, system.figure[0]]
    if ((cells < published.low - TOLERANCE) | (cells > published.high + TOLERANCE)).any():
        return False
    if len(cells) and (system.links @ seen.T < -TOLERANCE).any():
        return False
    position = {key: i for i, key in enumerate(keys(published))}
    small = np.array([position.get(key, -1) for key in certificate.primary.tolist()], dtype=np.int64)
    pairs = np.array([position.get(key, -1) for key in certificate.groups.reshape(-1).tolist()], dtype=np.int64)
    group, category = pairs.reshape(-1, 2).T
    if (small < 0).any() or (pairs < 0).any() or not published.hidden[np.append(small, category)].all():
        return False
    if not len(small) and not len(pairs):
        return True
    mark = published.low[published.hidden].min()
    return bool(len(cells) and (cells[:, small].min(axis=0) <= mark + TOLERANCE).all()
                and (cells[:, small].max(axis=0) >= certificate.need - TOLERANCE).all()
                and ((cells[:, group] - cells[:, category]).max(axis=0) >= 1 - TOLERANCE).all())


def save(certificate: Certificate, path: str | Path) -> None:
    """Write a certificate, whole or not at all."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".certificate")
    try:
        with os.fdopen(handle, "wb") as file:
            np.savez_compressed(
                file, axes=np.array(certificate.axes, dtype=str), names=certificate.names, unit=certificate.unit,
                at=certificate.at, data=certificate.worlds.data, indices=certificate.worlds.indices,
                indptr=certificate.worlds.indptr, shape=np.array(certificate.worlds.shape),
                primary=certificate.primary, need=certificate.need, groups=certificate.groups,
                insiders=np.array(certificate.insiders))
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def load(path: str | Path) -> Certificate | None:
    """Read a certificate; None where there is no such file.

    Raises:
        CertificateError: not a certificate, or not a whole one.
    """
    if not Path(path).is_file():
        return None
    try:
        with np.load(path, allow_pickle=False) as f:
            worlds = sparse.csr_array((f["data"], f["indices"], f["indptr"]), shape=tuple(f["shape"].tolist()))
            return Certificate(tuple(f["axes"].tolist()), f["names"], f["unit"], f["at"], worlds, f["primary"],
                               f["need"], f["groups"], bool(f["insiders"]))
    except (KeyError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise CertificateError(f"{Path(path).name}: not a certificate ({type(error).__name__})") from None
