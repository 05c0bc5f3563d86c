"""Tables and caseloads made by hand, what is published of them, and solvers that share nothing with the package."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

from yjdisp.disclosure.cells import Cells, Published
from yjdisp.vocabulary import ALL, Dimension, flat_dimension


def table(counts, names=("row", "column", "layer"), unit="children") -> Cells:
    """Cells of one table with all margins: a dimension for each axis of the array, positions row0, row1, …; no records."""
    counts = np.asarray(counts)
    dimensions = tuple(
        flat_dimension(n, tuple(f"{n}{i}" for i in range(k))) for n, k in zip(names, counts.shape, strict=False)
    )
    at = np.array(list(product(*(range(len(d.values)) for d in dimensions))))
    inside = [np.ix_(*(range(k) if v == 0 else [v - 1] for v, k in zip(row, counts.shape, strict=True))) for row in at]
    value = np.array([counts[part].sum() for part in inside])
    nothing = np.zeros(len(at), dtype=np.int64)
    return Cells(dimensions, np.repeat(unit, len(at)), nothing, at, value, value, nothing)


def grouped(name: str, groups: dict[str, tuple[str, ...]]) -> Dimension:
    """A dimension with one level of groups above its positions."""
    values, covers, parents, levels = [ALL], [frozenset(p for g in groups.values() for p in g)], [None], [0]
    for group, positions in groups.items():
        for value, cover, parent, level in [(group, positions, ALL, 1), *((p, (p,), group, 2) for p in positions)]:
            if level == 1 or len(positions) > 1:
                values.append(value)
                covers.append(frozenset(cover))
                parents.append(parent)
                levels.append(level)
    return Dimension(name, name, tuple(values), tuple(covers), tuple(parents), tuple(levels))


def counted(dimensions, records, tables) -> Cells:
    """Cells of tables [(unit, dimension names, tier), …] of the records {unit: {axis: positions, "child": numbers}}."""
    names = [d.name for d in dimensions]
    unit, number, at, count, children, tiers = [], [], [], [], [], []
    for k, (of, divided, tier) in enumerate(tables):
        child = np.asarray(records[of]["child"])
        inside = {d.name: [np.isin(records[of][d.axis], list(cover)) for cover in d.covers] for d in dimensions}
        for values in product(*(range(len(dimensions[names.index(d)].values)) for d in divided)):
            mine = np.ones(len(child), dtype=bool)
            for d, v in zip(divided, values, strict=True):
                mine &= inside[d][v]
            unit.append(of)
            number.append(k)
            at.append([dict(zip(divided, values, strict=True)).get(n, 0) for n in names])
            count.append(int(mine.sum()))
            children.append(len(np.unique(child[mine])))
            tiers.append(tier)
    return Cells(dimensions, np.array(unit), np.array(number), np.array(at), np.array(count), np.array(children),
                 np.array(tiers), records)  # fmt: skip


def outsiders(cells: Cells) -> Cells:
    """The same cells, where nobody is to be guarded against who knows a record."""
    known = {u: {axis: at for axis, at in records.items() if axis != "child"} for u, records in cells.occupied.items()}
    return replace(cells, occupied=known)


def where(cells: Cells, *values: str) -> int:
    """Position of the cell at these values, and at "All" of all other dimensions."""
    place = [next((d.values.index(v) for v in values if v in d.values), 0) for d in cells.dimensions]
    return int(np.flatnonzero((cells.at == place).all(axis=1))[0])


def at(cells: Cells, *places: tuple[str, ...]) -> np.ndarray:
    """(n,) bool, true for the cells at these places."""
    return np.isin(np.arange(len(cells.unit)), [where(cells, *place) for place in places])


def published(cells: Cells, hidden, *, least=0, threshold=5) -> Published:
    """What a reader sees of cells of which some are hidden."""
    hidden = np.asarray(hidden)
    low, high = np.where(hidden, least, cells.count).astype(float), np.where(hidden, np.inf, cells.count)
    return Published(cells.dimensions, cells.unit, cells.at, low, high, hidden, threshold)


# --- solvers of their own: every combination of positions is a variable


def rows_of(cells: Cells) -> np.ndarray:
    """(cells, combinations) float: which combinations of positions each cell sums up."""
    axes = {d.axis: sorted(frozenset().union(*d.covers)) for d in cells.dimensions}
    grid = [dict(zip(axes, names, strict=True)) for names in product(*axes.values())]
    inside = [[[names[d.axis] in cover for names in grid] for cover in d.covers] for d in cells.dimensions]
    return np.array(
        [np.logical_and.reduce([inside[d][v] for d, v in enumerate(place)]) for place in cells.at], dtype=float
    )


def interval(cells: Cells, shown, cell: int, least=None, most=None, own=0.0) -> tuple[float, float]:
    """The least and the greatest value of a cell that shown cells allow, where no cell is below its least or above its
    most, and no combination below what is one's own of it."""
    rows = rows_of(cells)
    told = {"A_eq": rows[shown], "b_eq": cells.count[shown]} if np.any(shown) else {}
    limits = [(-rows, -least)] if least is not None else []
    if most is not None and (capped := np.isfinite(most)).any():
        limits.append((rows[capped], most[capped]))
    if limits:
        told |= {"A_ub": np.vstack([rows for rows, _ in limits]), "b_ub": np.concatenate([end for _, end in limits])}
    told["bounds"] = [(one, None) for one in np.broadcast_to(own, rows.shape[1])]
    low, high = linprog(rows[cell], **told), linprog(-rows[cell], **told)
    return low.fun, np.inf if high.status == 3 else -high.fun


def sums(cells: Cells) -> list[tuple[int, np.ndarray]]:
    """Every total with its parts, along one dimension without groups."""
    found = []
    for total, dimension in np.argwhere(cells.at == 0):
        others = np.delete(cells.at, dimension, axis=1)
        beside = (others == others[total]).all(axis=1) & (cells.unit == cells.unit[total])
        if (parts := np.flatnonzero(beside & (cells.at[:, dimension] > 0))).size:
            found.append((int(total), parts))
    return found


def ends_of(cells: Cells, shown, small, threshold: int, floor: int, own=0.0) -> tuple[np.ndarray, np.ndarray]:
    """(n,) each, what every cell is at least, and at most, for who sees shown cells, and has something of their own in
    them, and knows that a small one could be as small as its mark says: a hidden one that could not is large, with enough
    others in it beside all that is their own. And who takes for granted that nothing is hidden for nothing: beside large
    ones alone, the last hidden part of a total of children is small. Either may tell the same of others."""
    hidden, rows = ~np.asarray(shown), rows_of(cells)
    least, most = np.zeros(len(hidden)), np.full(len(hidden), np.inf)
    mine = rows @ np.broadcast_to(own, rows.shape[1])
    falls, enough = np.maximum(mine, floor) + 1e-6, threshold - 1 + np.maximum(mine, 1)
    doubted = hidden.copy()
    while True:
        before = doubted.sum(), np.isfinite(most).sum()
        for total, parts in sums(cells):
            left = parts[doubted[parts]]
            alone = not hidden[total] and len(left) == 1 < hidden[parts].sum()
            if alone and left[0] in small and cells.unit[total] == "children":
                most[left] = threshold - 1
        asked = [cell for cell in np.flatnonzero(doubted) if cell not in small]
        large = [cell for cell in asked if interval(cells, shown, cell, least, most, own)[0] > falls[cell]]
        least[large], doubted[large] = enough[large], False
        if before == (doubted.sum(), np.isfinite(most).sum()):
            return least, most


def tells_no_more(cells: Cells, shown, small, threshold=5, floor=0) -> bool:
    """Whether every small cell could be as small, and as large, as its mark says for who sees what is shown, and knows
    what is promised."""
    known = ends_of(cells, shown, small, threshold, floor)
    ends = (interval(cells, shown, cell, *known) for cell in small)
    return all(low < floor + 1e-6 and high > threshold - 1 - 1e-6 for low, high in ends)


def fewest(cells: Cells, primary, low, high, weight=None, threshold=None, printed=False) -> tuple[float, np.ndarray]:
    """The least weight of secondary cells with which every primary cell can be as small as low and as large as high.

    Each primary cell and side has a table of its own that agrees with every printed cell (Fischetti and Salazar 2001).
    With a threshold everybody knows that a secondary cell is at least that, unless it, too, has a table in which it is
    as small as low; and that a primary cell is below it, where all others that are hidden beside it are known to be
    large. Cells that are printed, (n,) bool, stay so.

    Returns:
        The weight, and (n,) bool the cells to hide.
    """
    rows, count = rows_of(cells), cells.count.astype(float)
    n, primary = len(count), np.asarray(primary)
    weight = np.ones(n) if weight is None else np.asarray(weight, dtype=float)
    alone = [(total, cell, np.setdiff1d(parts, cell)) for total, parts in sums(cells) for cell in parts[primary[parts]]]
    alone = alone if threshold else []
    doubted: list[int] = []
    while True:
        hidden, large = _least_weight(rows, count, primary, low, high, weight, threshold, printed, doubted, alone)
        known = ends_of(cells, ~hidden, np.flatnonzero(primary), threshold, low) if threshold else (np.zeros(n), None)
        told = np.flatnonzero((known[0] > 0) & hidden & ~large & ~np.isin(np.arange(n), doubted))
        if not len(told):
            return round(weight[hidden & ~primary].sum(), 6), hidden
        doubted += told.tolist()


def _least_weight(rows, count, primary, low, high, weight, threshold, printed, doubted, alone):
    """The cells to hide, and which of them everybody knows to be large, where of the others only those that are doubted
    need a table in which they are small."""
    n, atoms = rows.shape
    wanted = [(cell, side) for cell in np.flatnonzero(primary) for side in (0, 1)] + [(cell, 0) for cell in doubted]
    most = count.sum() + high  # no count has to move by more
    ends = np.cumsum([0, n, n, len(alone), atoms * len(wanted)])
    columns, constraints = ends[-1], []
    moves, large, small = np.zeros((n, columns)), np.zeros((n, columns)), np.zeros((len(alone), columns))
    moves[:, :n], large[:, n : 2 * n] = most * np.eye(n), np.eye(n)
    small[:, ends[2] : ends[3]] = np.eye(len(alone))
    for k, (cell, side) in enumerate(wanted):
        world = np.zeros((n, columns))
        world[:, ends[3] + k * atoms : ends[3] + (k + 1) * atoms] = rows
        constraints += [LinearConstraint(world - moves, ub=count), LinearConstraint(world + moves, lb=count)]
        if threshold:
            constraints.append(LinearConstraint(world - threshold * large, lb=0.0))
        if alone:
            few = world[[cell for _, cell, _ in alone]]
            constraints.append(LinearConstraint(few + most * small, ub=threshold - 1 + most))
        if side:
            constraints.append(LinearConstraint(world[[cell]], lb=high))
        elif primary[cell]:
            constraints.append(LinearConstraint(world[[cell]], ub=low))
        else:
            constraints.append(LinearConstraint((world + moves - most * large)[[cell]], ub=low + most))
    if threshold:
        constraints.append(LinearConstraint(large - moves / most, ub=0.0))
    for (total, _, others), known in zip(alone, small, strict=True):
        doubts = moves[[total, *others]].sum(axis=0) / most - large[others].sum(axis=0)
        constraints.append(LinearConstraint((known + doubts)[None], lb=1.0))
    cost = np.concatenate([np.where(primary, 0.0, weight), np.zeros(columns - n)])
    least = np.concatenate([primary.astype(float), np.zeros(columns - n)])
    greatest = np.concatenate([np.where(np.broadcast_to(printed, n), 0.0, 1.0), np.where(primary | (not threshold), 0.0, 1.0),
                               np.ones(len(alone)), np.full(ends[4] - ends[3], np.inf)])  # fmt: skip
    found = milp(
        cost, constraints=constraints, bounds=Bounds(least, greatest), integrality=np.arange(columns) < ends[3]
    )
    return found.x[:n] > 0.5, found.x[n : 2 * n] > 0.5
