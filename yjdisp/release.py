"""A release: protected tables as immutable files. What is left of this wall is never seen on the right of it."""

from __future__ import annotations

import ctypes
import hashlib
import json
import os
import sys
import tempfile
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import Any

import pandas as pd

from yjdisp.vocabulary import ALL, LABELS, Dimension, normalise

FILES = ("tables.parquet", "dimensions.json", "baselines.parquet", "policy.toml", "plan.toml")
MANIFEST = "manifest.json"
HIDDEN = "[c]"
MEASURED = ("count", "symbol", "low", "high")


class ReleaseError(ValueError):
    """A folder that is not a whole, unchanged release, or a table that it does not publish."""


@dataclass(frozen=True)
class Release:
    """What everyone may see.

    Attributes:
        manifest: what the release is and how it came about.
        cells: one row a published cell: unit, table, a column a dimension, count, symbol, low, high.
        dimensions: the dimensions by name.
        baselines: the baseline rows that came with it.
        policy, plan: their TOML texts.
        folder: where it was read from.
    """

    manifest: Mapping[str, Any] = field(repr=False)
    cells: pd.DataFrame = field(repr=False)
    dimensions: Mapping[str, Dimension] = field(repr=False)
    baselines: pd.DataFrame = field(repr=False)
    policy: str = field(repr=False)
    plan: str = field(repr=False)
    folder: Path | None = field(default=None, repr=False, compare=False)

    @property
    def id(self) -> str:
        return self.manifest["id"]

    @property
    def synthetic(self) -> bool:
        """Whether no real child stands behind the counts."""
        return self.manifest["synthetic"]

    @property
    def created(self) -> datetime:
        """When it was made: the date of every export, so that the same release gives the same file."""
        return datetime.fromisoformat(self.manifest["created"])

    @property
    def years(self) -> tuple[str, ...]:
        """The financial years that it covers."""
        return tuple(self.manifest["period"]["years"])

    @property
    def areas(self) -> tuple[str, ...]:
        """The areas that it covers; never empty."""
        return tuple(self.manifest["areas"])

    def area_of(self, where: Mapping[str, str]) -> str:
        """The area whose population fits what is held at these values: the one held, or the only one there is.

        Raises:
            ReleaseError: there are several.
        """
        if "area" not in where and len(self.areas) > 1:
            raise ReleaseError(f"several areas have no population in common; choose one: {', '.join(self.areas)}")
        return where.get("area", self.areas[0])

    @cached_property
    def rounding(self) -> int:
        """To the nearest what counts are printed; 0 where they are exact."""
        return tomllib.loads(self.policy).get("rounding", 0)

    @cached_property
    def published(self) -> frozenset[tuple[str, frozenset[str]]]:
        """Which tables there are: pairs of unit and dimensions."""
        tables = self.cells[["unit", "table"]].drop_duplicates()
        return frozenset((u, _dimensions_of(t)) for u, t in tables.itertuples(index=False))

    def offers(self, unit: str, *dimensions: str) -> bool:
        """Whether some table of that unit holds all these dimensions."""
        return any(unit == u and set(dimensions) <= names for u, names in self.published)


def _dimensions_of(table: str) -> frozenset[str]:
    return frozenset(table.split(" × ")) - {"total"}


def held(release: Release, where: Mapping[str, str] | None) -> dict[str, str]:
    """The values that dimensions are held at, as the release writes them; a dimension at "All" is not held at all, nor is
    the only area that there is.

    Raises:
        ReleaseError: an unknown dimension or value.
    """
    everywhere = [normalise(area) for area in release.areas] if len(release.areas) == 1 else []
    asked = {n: value for n, value in (where or {}).items() if n != "area" or normalise(value) not in everywhere}
    known = {name: _value_of(release, name, value) for name, value in asked.items()}
    return {name: value for name, value in known.items() if value != ALL}


def table(
    release: Release, *, by: Sequence[str], unit: str = "children", where: Mapping[str, str] | None = None
) -> pd.DataFrame:
    """The published cells of one unit over some dimensions, margins ("All") included.

    Args:
        by: the dimensions, in the order of the columns.
        where: values that other dimensions are held at; those left out are at "All".

    Returns:
        One row a cell in display order: the dimensions, count (null where hidden), symbol, low, high.

    Raises:
        ReleaseError: an unknown dimension or value, or a table that the release does not publish.
    """
    at = held(release, where)
    needed = [*by, *at]
    unknown = [name for name in needed if name not in LABELS]
    if unknown:
        raise ReleaseError(f"there is no dimension {unknown[0]!r}; this release has {', '.join(release.dimensions)}")
    cells = release.cells[release.cells["unit"] == unit]
    if not release.offers(unit, *needed):
        raise ReleaseError(_not_published(release, unit, needed))
    for name in release.dimensions:
        column = cells[name]
        if name in at:
            cells = cells[column == at[name]]
        elif name in by:
            cells = cells[column.notna()]
        else:
            cells = cells[column.isna() | (column == ALL)]
    cells = cells.drop_duplicates(list(by)) if by else cells.head(1)
    if cells.empty:
        raise ReleaseError(_not_published(release, unit, needed))
    order = {name: {v: i for i, v in enumerate(release.dimensions[name].values)} for name in by}
    if by:
        cells = cells.sort_values(list(by), key=lambda column: column.map(order[column.name]))
    return cells[[*by, *MEASURED]].reset_index(drop=True)


def _value_of(release: Release, name: str, value: str) -> str:
    dimension = release.dimensions.get(name)
    if dimension is None and name == "area":
        raise ReleaseError(f"this release has no area {value!r}: all of it is {release.areas[0] or 'one area'}")
    if dimension is None:
        raise ReleaseError(f"this release is not divided by {name!r}; it has {', '.join(release.dimensions)}")
    for known in dimension.values:
        if normalise(known) == normalise(value):
            return known
    raise ReleaseError(f"{name} has no value {value!r}; it has {', '.join(dimension.values)}")


def _not_published(release: Release, unit: str, needed: Sequence[str]) -> str:
    asked = " × ".join(needed) or "total"
    there = dict.fromkeys(release.cells.loc[release.cells["unit"] == unit, "table"])
    return (
        f"{unit} by {asked} is not in this release: the numbers are too small or the plan leaves it out; "
        f"it has {'; '.join(there) or f'no tables of {unit}'}"
    )


def check_place(path: Path) -> None:
    """Refuse a place where no release can be written.

    Raises:
        ReleaseError: something else than a release is there, or no folder can be made there.
    """
    if path.exists() and not (path / MANIFEST).is_file() and (not path.is_dir() or any(path.iterdir())):
        raise ReleaseError(f"{path.name} exists and is not a release; choose another place")
    if within(path):
        raise ReleaseError(f"{path.name} would be inside a release, which must not change; choose another place")
    above = next(folder for folder in Path(os.path.abspath(path)).parents if folder.exists())
    if not above.is_dir() or not os.access(above, os.W_OK | os.X_OK):
        raise ReleaseError(f"{path.name} cannot be made in {above.name or above}; choose another place")


def within(path: Path) -> bool:
    """Whether a place is inside the folder of a release."""
    return any((folder / MANIFEST).is_file() for folder in Path(path).resolve().parents)


def write(
    path: Path,
    *,
    cells: pd.DataFrame,
    dimensions: Sequence[Dimension],
    baselines: pd.DataFrame,
    policy: str,
    plan: str,
    manifest: Mapping[str, Any],
    keep: Callable[[str], None] = lambda identity: None,
) -> str:
    """Write a release whole or not at all, in place of an older one of the same path; returns its id.

    The files are written to a temporary folder beside `path`, flushed to disk and moved in one step.

    Args:
        keep: called with the id before the release takes its place, to keep what belongs to it; where it raises, the
            older release stays.

    Raises:
        OSError: the place cannot be written to.
        ReleaseError: as `check_place`.
    """
    path = Path(path)
    check_place(path)
    contents = {
        "tables.parquet": _parquet(cells),
        "dimensions.json": _json({d.name: _records(d) for d in dimensions}),
        "baselines.parquet": _parquet(baselines),
        "policy.toml": policy.encode(),
        "plan.toml": plan.encode(),
    }
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}
    created = datetime.now(UTC).replace(microsecond=0)
    identity = hashlib.sha256(_json([hashes, created.isoformat()])).hexdigest()[:8]
    whole = {
        "id": f"{created:%Y%m%d}-{identity}",
        "created": created.isoformat(),
        **manifest,
        "files": hashes,
    }
    contents[MANIFEST] = _json(whole | {"seal": _seal(whole)})
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{path.name}.", dir=path.parent) as temporary:
        fresh = Path(temporary) / "release"
        fresh.mkdir()
        for name, content in contents.items():
            _write_through(fresh / name, content)
        keep(whole["id"])
        _swap(fresh, path)
    return whole["id"]


def _seal(manifest: Mapping[str, Any]) -> str:
    return hashlib.sha256(_json(manifest)).hexdigest()


def _json(content: Any) -> bytes:
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode()


def _parquet(frame: pd.DataFrame) -> bytes:
    target = BytesIO()
    frame.to_parquet(target, index=False)
    return target.getvalue()


def _frame(content: bytes) -> pd.DataFrame:
    """Read in this thread alone: a worker of pyarrow that outlives the interpreter aborts a command that is done (apache/arrow#34314)."""
    from pyarrow import BufferReader
    from pyarrow.parquet import ParquetFile

    return ParquetFile(BufferReader(content)).read(use_threads=False).to_pandas(use_threads=False)


def _records(dimension: Dimension) -> list[dict[str, Any]]:
    return [
        {"value": value, "level": level, "parent": parent, "axis": dimension.axis, "covers": sorted(covers)}
        for value, level, parent, covers in zip(
            dimension.values, dimension.levels, dimension.parents, dimension.covers, strict=True
        )
    ]


def _write_through(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _swap(fresh: Path, path: Path) -> None:
    """Put a folder in the place of another in one step; the old one ends up where the new one was."""
    if not path.exists():
        os.replace(fresh, path)
    elif not _exchanged(fresh, path):
        old = fresh.with_name("old")
        os.replace(path, old)
        os.replace(fresh, path)


def _exchanged(one: Path, other: Path) -> bool:
    """Whether the system could exchange two folders in one step (Linux can)."""
    if sys.platform != "linux":
        return False
    here, exchange = -100, 2
    rename = getattr(ctypes.CDLL(None), "renameat2", None)
    return rename is not None and rename(here, os.fsencode(one), here, os.fsencode(other), exchange) == 0


def read(path: Path) -> Release:
    """A release, after every file has been found whole and unchanged.

    Raises:
        ReleaseError: not a release; a file that is missing or changed, by name; tables that hold something else than the
            format says.
    """
    path = Path(path).absolute()
    if not (path / MANIFEST).is_file():
        raise ReleaseError(f"{path.name} is not a release: it has no {MANIFEST}; make one with `yjdisp release`")
    manifest = _manifest(path)
    contents = {}
    for name in FILES:
        try:
            contents[name] = (path / name).read_bytes()
        except FileNotFoundError:
            raise ReleaseError(f"{path.name}: {name} is missing; get a fresh copy of the release") from None
        except OSError:
            raise ReleaseError(f"{path.name}: {name} cannot be read; check that you may") from None
        if hashlib.sha256(contents[name]).hexdigest() != manifest["files"].get(name):
            raise ReleaseError(f"{path.name}: {name} was changed after the release; get a fresh copy")
    dimensions = json.loads(contents["dimensions.json"])
    return Release(
        manifest=manifest,
        cells=_cells(path, _frame(contents["tables.parquet"]), dimensions),
        dimensions={name: _dimension(name, records) for name, records in dimensions.items()},
        baselines=_frame(contents["baselines.parquet"]),
        policy=contents["policy.toml"].decode(),
        plan=contents["plan.toml"].decode(),
        folder=path,
    )


def _cells(path: Path, cells: pd.DataFrame, dimensions: Iterable[str]) -> pd.DataFrame:
    """Tables as the format says: its columns and no others, and a count or a mark in every row, never both."""
    wanted = {"unit", "table", *dimensions, *MEASURED}
    if odd := sorted(wanted ^ set(cells.columns)):
        verb = "lacks the column" if odd[0] in wanted else "holds a column that is not of the format,"
        raise ReleaseError(f"{path.name}: tables.parquet {verb} {odd[0]}; make the release again")
    hidden = cells["symbol"] == HIDDEN
    if not (hidden == cells["count"].isna()).all() or not (hidden | (cells["symbol"] == "")).all():
        raise ReleaseError(
            f"{path.name}: tables.parquet has a row with both a count and a mark, or neither; make it again"
        )
    return cells


def _manifest(path: Path) -> dict[str, Any]:
    content = (path / MANIFEST).read_bytes()
    try:
        manifest = json.loads(content)
        sealed = {key: value for key, value in manifest.items() if key != "seal"}
        whole = content == _json(manifest) and manifest["seal"] == _seal(sealed)
    except (ValueError, AttributeError, KeyError):
        whole = False
    if not whole:
        raise ReleaseError(f"{path.name}: {MANIFEST} was changed after the release; get a fresh copy")
    return manifest


def _dimension(name: str, records: list[dict[str, Any]]) -> Dimension:
    return Dimension(
        name,
        records[0]["axis"],
        tuple(r["value"] for r in records),
        tuple(frozenset(r["covers"]) for r in records),
        tuple(r["parent"] for r in records),
        tuple(r["level"] for r in records),
    )
