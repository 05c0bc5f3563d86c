"""The whole release as views: what the board pack, the report and the workbook hold, page by page."""

from __future__ import annotations

from collections.abc import Callable

from yjdisp import wording
from yjdisp.baselines import BaselineError
from yjdisp.comparison import Comparison, ComparisonError, compare
from yjdisp.exports.content import Contents, Exhibit, exhibit
from yjdisp.release import Release, ReleaseError
from yjdisp.vocabulary import CHARACTERISTICS, LABELS, UNKNOWN

Progress = Callable[[float, str], None]


def contents(release: Release, progress: Progress) -> Contents:
    """One view a characteristic (and area) of the children of all years together; and what cannot be shown, and why."""
    asked = [(area, by) for area in release.areas for by in CHARACTERISTICS]
    views, missing = [], []
    for done, (area, by) in enumerate(asked):
        label = LABELS[by] if len(release.areas) == 1 else f"{LABELS[by]} in {area}"
        progress(done / len(asked), label)
        try:
            views.append(_compared(release, by, {"area": area} if len(release.areas) > 1 else {}))
        except ReleaseError:
            missing.append(wording.TOO_SMALL.format(label=label))
        except (BaselineError, ComparisonError):
            missing.append(wording.NO_POPULATION.format(label=label))
    return Contents(release, tuple(views), tuple(missing), whole=True)


def _compared(release: Release, by: str, where: dict[str, str]) -> Exhibit:
    """A characteristic, without the finest groups for which no population is published."""
    c = compare(release, by=by, where=where)
    keep = c.table["population_share"].notna() | (c.table["level"] <= 2) | (c.table["group"] == UNKNOWN)
    return exhibit(release, [Comparison(**{**vars(c), "table": c.table[keep].reset_index(drop=True)})])
