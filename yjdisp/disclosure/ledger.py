"""What earlier releases of a service have printed, and what they were counted from.

To know which of their records are still today's (see `versions`), the analyst's side keeps the records that a release was
counted from beside it (never in it). Of a release without them every hidden cell is taken for a small one, and its
records for today's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from yjdisp.disclosure import private
from yjdisp.disclosure.cells import Published

FILE = "ledger.npz"
Records = Mapping[str, Mapping[str, NDArray]]  # `Cells.occupied`


@dataclass(frozen=True)
class Entry:
    """An earlier release: what it printed, and as far as it is known what it was counted from.

    Attributes:
        published: what anybody can read in it.
        need: (n,) float, what each of its primary cells must be able to rise to; 0 for all other cells. Where nobody
            knows which hidden cells are primary, all of them are.
        records: its records, as in `Cells.occupied`; empty where they are not known.
    """

    published: Published
    need: NDArray[np.float64]
    records: Records = field(default_factory=dict, repr=False)


def save(entry: Entry, release: Path, identity: str) -> None:
    """Keep what the release of this id was counted from in the folder beside it, whole or not at all."""
    arrays = {"need": entry.need}
    for unit, columns in entry.records.items():
        for axis, values in columns.items():
            arrays[f"{unit}/{axis}"] = np.asarray(values) if axis == "child" else np.asarray(values).astype(str)
    private.save(arrays, release, identity, FILE)


def load(published: Published, release: Path | None, identity: str) -> Entry:
    """The entry of the release of this id, with its records where they are in the folder beside it.

    Raises:
        PrivateError: the file beside it cannot be read, or is another release's.
    """
    arrays = private.load(release, identity, FILE) if release else None
    if arrays is None:
        if release and (home := private.beside(release)).is_dir():
            raise private.PrivateError(f"{home.name} belongs to another release; put its own back")
        return Entry(published, np.where(published.hidden, np.maximum(published.threshold - 1, published.low), 0))
    records: dict[str, dict[str, NDArray]] = {}
    for name in arrays:
        if "/" in name:
            unit, axis = name.split("/")
            records.setdefault(unit, {})[axis] = arrays[name]
    return Entry(published, arrays["need"], records)
