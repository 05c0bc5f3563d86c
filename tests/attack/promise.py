"""What a reader concludes who takes for granted that nothing is hidden for nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from .facts import year_of
from .folder import Cell, Folder

Place = tuple[tuple[str, str], ...]


def with_small(folder: Folder, small: Callable[[Cell], bool]) -> Folder:
    """The folder as it is read by somebody who asks for whose sake each number is hidden.

    Of the hidden parts of a printed total, those that are surely large are hidden for the sake of others. Where that
    leaves one part, it is small: at most threshold - 1 children, each of them once a year. The reader may be wrong about
    it; who attacks with nothing but the truth says which cells are `small`.
    """
    lone = set()
    for total, parts in _sums(folder):
        hidden = [cell for cell in parts if cell.count is None]
        for_others = [c for c in hidden if folder.interval(c)[0] >= folder.threshold or folder.silent(c)]
        if total.unit == "children" and total.count is not None and len(for_others) == len(hidden) - 1:
            lone |= {c for c in hidden if c not in for_others and small(c)}
    return replace(folder, cells=tuple(_small(c, folder) if c in lone else c for c in folder.cells))


def _small(cell: Cell, folder: Folder) -> Cell:
    """The cell, with no more than too few children can make of it."""
    years = {year_of(quarter) for quarter in dict(folder.region(cell)).get("period", ())}
    most = (folder.threshold - 1) * max(1, len(years))
    return replace(cell, high=most if cell.high is None else min(cell.high, most))


def _sums(folder: Folder) -> Iterable[tuple[Cell, list[Cell]]]:
    """Every total of a table with the parts right below it along one dimension, where they are all of it."""
    tables: dict[tuple[str, str], dict[Place, Cell]] = {}
    for cell in folder.cells:
        tables.setdefault((cell.unit, cell.table), {})[cell.at] = cell
    for cells in tables.values():
        for at, total in cells.items():
            for name, value in at:
                dimension = folder.dimensions[name]
                below = [v for v, parent in dimension.parents.items() if parent == value]
                covers = [dimension.covers[v] for v in below]
                whole = frozenset().union(*covers) == dimension.covers[value]
                places = [tuple((d, v if d == name else other) for d, other in at) for v in below]
                apart = len(frozenset().union(*covers)) == sum(map(len, covers))
                if below and whole and apart and all(place in cells for place in places):
                    yield total, [cells[place] for place in places]
