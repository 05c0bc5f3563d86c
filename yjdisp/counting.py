"""Cases to tables of counts. Counted with narwhals, so on whatever dataframe engine the cases live in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product

import narwhals as nw
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from yjdisp import vocabulary as words
from yjdisp.disclosure.cells import Cells
from yjdisp.disclosure.plan import Plan, PlanTable, Tier
from yjdisp.vocabulary import ALL, FURTHER, Dimension

ENGINES = ("pandas", "pyarrow", "polars", "duckdb", "dask", "spark")
BRINGS = ("area", *words.CHARACTERISTICS)
HAPPENS = ("offence", "disposal", *words.OUTCOME_FLAGS)
AXES = ("period", *BRINGS, *HAPPENS)
_STEP = 1000  # more than the positions of any axis, so that a code can ride along under a larger key


@dataclass(frozen=True)
class Coded:
    """Cases as whole numbers: every column a position on an axis, ready for any dataframe engine.

    Attributes:
        frame: a native frame with the columns child, outcome_id, day, year, further (offences of who reoffended; 0 where
            that is not known) and one column an axis.
        axes: the names of the positions of each axis.
    """

    frame: object
    axes: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Counted:
    """One unit, counted at the finest positions: m entries, each some things that one child brings.

    Attributes:
        child: (m,) int.
        number: (m,) int, how many of the unit the entry stands for.
        at: for each axis, (m,) int positions.
    """

    child: NDArray[np.int64]
    number: NDArray[np.int64]
    at: Mapping[str, NDArray[np.int64]]


def encode(rows: pd.DataFrame) -> Coded:
    """Number the positions of checked case rows (`cases.CaseFile.rows`); the names stay in `axes`."""
    axes = {
        "period": words.quarters_between(rows["quarter"].min(), rows["quarter"].max()),
        "area": tuple(sorted(rows["area"].unique())),
        **{name: words.code_list(name).leaves for name in (*words.CHARACTERISTICS, *words.OUTCOME_FLAGS)},
        "offence": words.offence_positions(),
        "disposal": words.disposal_positions(),
    }
    columns = {"period": "quarter"} | {axis: axis for axis in axes if axis != "period"}
    coded = {axis: pd.Index(axes[axis]).get_indexer(rows[column]) for axis, column in columns.items()}
    keys = {name: rows[name].to_numpy() for name in ("child", "outcome_id", "day")}
    keys["further"] = rows["further_offences"].fillna(0).to_numpy()
    return Coded(pd.DataFrame({**keys, **coded, "year": coded["period"] // 4}).astype("int64"), axes)


def tells_further_offences(rows: pd.DataFrame) -> bool:
    """Whether just those children who reoffended have further offences, so that these can be counted."""
    said = pd.DataFrame({"again": rows["reoffended"] == "Yes", "number": rows["further_offences"].fillna(0) > 0})
    of_child = said.groupby([rows["child"], rows["quarter"].str.split().str[0]]).any()
    return bool((of_child["again"] == of_child["number"]).all())


def on_engine(coded: Coded, engine: str) -> Coded:
    """The same coded cases as a frame of another engine.

    Raises:
        ValueError: the engine is not one of `ENGINES`.
        ImportError: the engine's package is not installed.
    """
    frame = coded.frame
    if engine == "pyarrow":
        import pyarrow

        frame = pyarrow.Table.from_pandas(frame)
    elif engine == "polars":
        import polars

        frame = polars.from_pandas(frame).lazy()
    elif engine == "duckdb":
        import duckdb

        frame = duckdb.from_df(frame)
    elif engine == "dask":
        import dask.dataframe

        frame = dask.dataframe.from_pandas(frame, npartitions=4)
    elif engine == "spark":
        from pyspark.sql import SparkSession

        frame = SparkSession.builder.getOrCreate().createDataFrame(frame)
    elif engine != "pandas":
        raise ValueError(f"no engine is called {engine!r}; choose one of {', '.join(ENGINES)}")
    return Coded(frame, coded.axes)


def count_units(coded: Coded) -> dict[str, Counted]:
    """Count children, outcomes and offences, and the further offences of children who reoffended.

    A child's characteristics are one value a year: the last known one. `children` takes each child once a year, by
    the most serious gravity and the most serious outcome of that year; `outcomes` takes each disposal once, with its
    most serious offence; `offences` takes each row; further offences are counted once a year and child, as children are.
    """
    cases = _with_keys(coded)
    yearly = cases.group_by("child", "year").agg(*(nw.col(f"_{axis}").max() for axis in BRINGS))
    yearly = yearly.select("child", "year", *((nw.col(f"_{axis}") % _STEP).alias(axis) for axis in BRINGS))
    worst = [nw.col(f"_{axis}").max() for axis in HAPPENS]
    children = cases.group_by("child", "year").agg(nw.col("further").max(), *worst)
    children = children.with_columns((nw.col("year") * 4).alias("period"))
    units = {
        "children": children,
        "outcomes": cases.group_by("child", "year", "outcome_id").agg(nw.col("period").max(), *worst),
        "offences": cases.drop(*BRINGS),
        FURTHER: children.filter(nw.col("further") > 0),
    }
    return {
        unit: _counted(
            frame.join(yearly, on=["child", "year"], how="left"),
            nw.col("further").sum() if unit == FURTHER else nw.len(),
        )
        for unit, frame in units.items()
    }


def _with_keys(coded: Coded) -> nw.LazyFrame:
    """Keys whose maximum is the value wanted: the last known characteristic, the most serious offence and outcome.

    Each key is a rank times `_STEP` plus the position, so that the position can be had back from the maximum.
    Unknown always ranks lowest; of offences of the same gravity serious violence ranks highest.
    """
    positions = coded.axes
    latest = {name: _is_known(name, positions[name]) * 100_000 + nw.col("day") for name in BRINGS}
    gravities = words.code_list("gravity").leaves
    gravity = nw.col("offence") % len(gravities)
    serious = [
        place for place, offence in enumerate(positions["offence"]) if words.is_serious_violence(*offence.split("|"))
    ]
    rank = latest | {
        "offence": nw.when(gravity == gravities.index(words.UNKNOWN)).then(nw.lit(0)).otherwise(2 * gravity + 2)
        + nw.col("offence").is_in(serious).cast(nw.Int64()),
        "disposal": nw.col("disposal"),
        **{flag: _is_known(flag, positions[flag]) * _STEP + nw.col(flag) for flag in words.OUTCOME_FLAGS},
    }
    keys = [(key * _STEP + nw.col(name)).alias(f"_{name}") for name, key in rank.items()]
    return nw.from_native(coded.frame).lazy().with_columns(*keys)


def _is_known(name: str, positions: tuple[str, ...]) -> nw.Expr:
    if words.UNKNOWN not in positions:
        return nw.lit(1)
    return (nw.col(name) != positions.index(words.UNKNOWN)).cast(nw.Int64())


def _counted(frame: nw.LazyFrame, number: nw.Expr) -> Counted:
    entries = frame.with_columns((nw.col(f"_{axis}") % _STEP).alias(axis) for axis in HAPPENS)
    entries = entries.group_by("child", *AXES).agg(number.alias("number")).collect(backend="pyarrow").to_native()
    entries = entries.sort_by([(name, "ascending") for name in ("child", *AXES)])
    column = {name: entries[name].to_numpy().astype(np.int64) for name in ("child", "number", *AXES)}
    return Counted(column["child"], column["number"], {axis: column[axis] for axis in AXES})


def dimensions_of(coded: Coded) -> dict[str, Dimension]:
    """Every dimension by which these cases can be divided."""
    fixed = ("ethnicity", "sex", "age", "send", "care", "gravity", "offence_group", "serious_violence", "outcome")
    made = [words.dimension(name) for name in (*fixed, "decided_by", *words.OUTCOME_FLAGS)]
    made += words.period_dimensions(coded.axes["period"])
    made.append(words.flat_dimension("area", coded.axes["area"]))
    return {d.name: d for d in made}


def cells_of(units: Mapping[str, Counted], coded: Coded, plan: Plan) -> Cells:
    """The true counts of every cell of a plan's tables, occurring or not, with all margins.

    Where the cases come from several areas, every table is divided by area too.
    """
    several = len(coded.axes["area"]) > 1
    tables = [
        (tier, table, table.by_area if several else table.dimensions)
        for tier, t in enumerate(plan.tiers)
        for table in t.tables
    ]
    known = dimensions_of(coded)
    used = list(dict.fromkeys(name for *_, names in tables for name in names))
    used += [] if set(used) & set(words.PERIODS) else ["year"]  # records are of a time, also where no table tells it
    deepest = {name: max((t.levels(name) for _, t, names in tables if name in names), default=1) for name in used}
    dimensions = tuple(known[name].cut(deepest[name]) for name in used)
    of = dict(zip(used, dimensions, strict=True))
    blocks = [
        _count_table(units[table.unit], [(of[n], _kept(of[n], table)) for n in names], coded.axes)
        for _, table, names in tables
    ]
    size = [len(count) for _, count, _ in blocks]
    at = np.zeros((sum(size), len(used)), dtype=np.int64)
    start = 0
    for (_, _, names), (places, count, _) in zip(tables, blocks, strict=True):
        at[start : start + len(count), [used.index(n) for n in names]] = places
        start += len(count)
    return Cells(
        dimensions=dimensions,
        unit=np.repeat([table.unit for _, table, _ in tables], size),
        table=np.repeat(np.arange(len(tables)), size),
        at=at,
        count=np.concatenate([count for _, count, _ in blocks]),
        children=np.concatenate([children for *_, children in blocks]),
        tier=np.repeat([tier for tier, *_ in tables], size),
        occupied={
            unit: {axis: np.asarray(coded.axes[axis])[np.repeat(p, counted.number)] for axis, p in counted.at.items()}
            | {"child": np.repeat(counted.child, counted.number)}
            for unit, counted in units.items()
        },
    )


def _kept(dimension: Dimension, table: PlanTable) -> NDArray[np.int64]:
    """The positions in `dimension.values` that a table publishes."""
    return np.flatnonzero(np.asarray(dimension.levels) <= table.levels(dimension.name))


def _count_table(counted: Counted, divided: list, axes: Mapping[str, tuple[str, ...]]):
    """Places (cells × dimensions), counts and distinct children of one table."""
    inside = [_membership(d, keep, axes[d.axis]) for d, keep in divided]
    shape = [len(keep) for _, keep in divided]
    size = int(np.prod(shape))
    count, who = np.zeros(size, dtype=np.int64), []
    for choice in product(*(range(m.shape[1]) for m in inside)):
        places = [m[counted.at[d.axis], layer] for m, layer, (d, _) in zip(inside, choice, divided, strict=True)]
        covered = np.all([p >= 0 for p in places], axis=0) if places else np.ones(len(counted.child), dtype=bool)
        flat = np.ravel_multi_index([p[covered] for p in places], shape) if places else np.zeros(covered.sum(), int)
        count += np.bincount(flat, weights=counted.number[covered], minlength=size).astype(np.int64)
        who.append(np.stack([flat, counted.child[covered]]))
    distinct = np.unique(np.concatenate(who, axis=1), axis=1)
    children = np.bincount(distinct[0], minlength=size)
    corners = np.stack(np.unravel_index(np.arange(size), shape), axis=1) if shape else np.zeros((1, 0), dtype=int)
    places = np.stack([keep[corners[:, j]] for j, (_, keep) in enumerate(divided)], axis=1) if shape else corners
    return places, count, children


def _membership(dimension: Dimension, keep: NDArray[np.int64], positions: tuple[str, ...]) -> NDArray[np.int64]:
    """(positions × layers): the kept values that cover each position, -1 where a layer has none left."""
    of = [[i for i, k in enumerate(keep) if p in dimension.covers[k]] for p in positions]
    width = max(len(values) for values in of)
    return np.asarray([values + [-1] * (width - len(values)) for values in of])


def cells_of_counts(rows: pd.DataFrame, dimensions: tuple[str, ...]) -> tuple[Cells, Plan, tuple[PlanTable, ...]]:
    """The cells of a counts file (`counts_file.CountsFile.rows`), the plan that they amount to, and what is left out.

    Rows that are divided by the same things make a table, and the coarser rows of its unit are its margins; nothing is
    added up. A table with a mark in it is left out: what the mark hides is not known here, so it cannot be protected.
    """
    several = len(named(rows["area"])) > 1
    divided = [d for d in dimensions if d != "area"]
    known = {d: words.dimension(d) for d in divided} | {
        "area": words.flat_dimension("area", named(rows["area"])),
        "year": words.flat_dimension("year", named(rows["year"]), axis="period"),
    }
    context = ["area", "year"] if several else ["year"]
    names = [*context, *divided]
    at = np.stack([pd.Index(known[n].values).get_indexer(rows[n]) for n in names], axis=1)
    unit, count = rows["unit"].to_numpy(dtype=str), rows["count"].to_numpy(dtype=np.int64, na_value=-1)
    deep = at[:, len(context) :] > 0
    tables, marked, members = [], [], []
    for u, used in dict.fromkeys(zip(unit, map(tuple, deep), strict=True)):
        inside = np.flatnonzero((unit == u) & ~deep[:, ~np.array(used, dtype=bool)].any(axis=1))
        by = [d for d, is_used in zip(divided, used, strict=True) if is_used]
        depth = {d: max(known[d].levels[i] for i in at[inside, names.index(d)]) for d in by}
        table = PlanTable(u, ("year", *by), depth)
        if (count[inside] < 0).any():
            marked.append(table)
        else:
            tables.append(table)
            members.append(inside)
    size, place = [len(m) for m in members], np.concatenate([np.empty(0, int), *members])
    cells = Cells(
        dimensions=tuple(known[n] for n in names),
        unit=unit[place],
        table=np.repeat(np.arange(len(tables)), size),
        at=at[place],
        count=count[place],
        children=_children_behind(unit, at, count, names.index("year"))[place],
        tier=np.zeros(sum(size), dtype=np.int64),
    )
    return cells, Plan("counts file", (Tier("as counted", tuple(tables)),)), tuple(marked)


def named(column: pd.Series) -> tuple[str, ...]:
    """The values of a column in the order of the file, without "All"."""
    return tuple(value for value in dict.fromkeys(column) if value != ALL)


def _children_behind(
    unit: NDArray[np.str_], at: NDArray[np.int64], count: NDArray[np.int64], year: int
) -> NDArray[np.int64]:
    """The fewest different children that can be behind each cell; 0, which hides a cell, where a counts file does not
    say. Over all years a child may be counted in each of them.

    Args:
        year: the column of `at` that is the year's.
    """
    of_children = unit == "children"
    children = {tuple(a): n for a, n in zip(at[of_children].tolist(), count[of_children].tolist(), strict=True)}
    years = max(int(at[:, year].max(initial=0)), 1)

    def fewest(place: tuple[int, ...]) -> int:
        if place[year]:
            return children.get(place, 0)
        of_year = (children.get((*place[:year], y, *place[year + 1 :]), 0) for y in range(1, years + 1))
        return max(-(-children.get(place, 0) // years), *of_year)

    return np.array([fewest(tuple(a)) for a in at.tolist()], dtype=np.int64)
