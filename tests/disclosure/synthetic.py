"""Synthetic caseloads for the tests and the bench of the disclosure core: records, and their cells."""

from __future__ import annotations

from itertools import product

import numpy as np

from yjdisp.disclosure.cells import Cells
from yjdisp.vocabulary import ALL, Dimension


def flat(name, positions, axis=None):
    """A dimension without hierarchy: "All" and its positions."""
    positions = tuple(positions)
    return Dimension(name, axis or name, (ALL, *positions), (frozenset(positions), *(frozenset([p]) for p in positions)),
                     (None, *([ALL] * len(positions))))


def grouped(name, groups, axis=None):
    """A dimension with one level of groups above its positions: {"White": ["British", "Irish"], …}."""
    values, covers, parents = [ALL], [frozenset(p for g in groups.values() for p in g)], [None]
    for group, positions in groups.items():
        values.append(group)
        covers.append(frozenset(positions))
        parents.append(ALL)
        if list(positions) != [group]:
            for position in positions:
                values.append(position)
                covers.append(frozenset([position]))
                parents.append(group)
    return Dimension(name, axis or name, tuple(values), tuple(covers), tuple(parents))


def count(dimensions, records, tables):
    """Cells of tables [(unit, dimension names, tier), …] from {unit: {axis: positions, "child": ids}}."""
    dimensions = tuple(dimensions)
    names = [d.name for d in dimensions]
    inside = {}
    for unit, columns in records.items():
        for d in dimensions:
            values = np.asarray(columns[d.axis])
            inside[unit, d.name] = np.array([np.isin(values, list(c)) for c in d.covers])
    unit_of, table_of, at, counts, children, tier_of = [], [], [], [], [], []
    for number, (unit, dims, tier) in enumerate(tables):
        child = np.asarray(records[unit]["child"])
        for values in product(*(range(len(dimensions[names.index(d)].values)) for d in dims)):
            rows = np.ones(len(child), dtype=bool)
            place = [0] * len(dimensions)
            for d, v in zip(dims, values, strict=True):
                rows &= inside[unit, d][v]
                place[names.index(d)] = v
            unit_of.append(unit)
            table_of.append(number)
            at.append(place)
            counts.append(int(rows.sum()))
            children.append(len(np.unique(child[rows])))
            tier_of.append(tier)
    occupied = {unit: {a: np.asarray(v) for a, v in columns.items() if a != "child"}
                for unit, columns in records.items()}
    return Cells(dimensions, np.array(unit_of), np.array(table_of), np.array(at).reshape(len(counts), len(dimensions)),
                 np.array(counts), np.array(children), np.array(tier_of), occupied)


YEARS = ("2021/22", "2022/23", "2023/24")


def six_way(children, seed=1, sizes=(3, 3, 4, 4, 4, 4), years=YEARS):
    """All one- and two-way tables by year over six independent characteristics: 896 cells with the default sizes."""
    rng = np.random.default_rng(seed)
    dims = [flat("year", years, "period")] + [flat(n, [f"{n}{i}" for i in range(k)])
                                              for n, k in zip("abcdef", sizes, strict=False)]
    columns = {"period": rng.choice(years, children), "child": np.arange(children)}
    for d in dims[1:]:
        weights = 0.5 ** np.arange(len(d.values) - 1)
        columns[d.axis] = rng.choice(d.values[1:], children, p=weights / weights.sum())
    names = [d.name for d in dims[1:]]
    tables = [("children", ("year", n), 0) for n in names]
    tables += [("children", ("year", m, n), 1) for i, m in enumerate(names) for n in names[i + 1:]]
    return count(dims, {"children": columns}, tables)
