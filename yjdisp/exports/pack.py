"""The whole release as views: what the board pack, the report and the workbook hold."""

from __future__ import annotations

from collections.abc import Callable

from yjdisp.baselines import BaselineError
from yjdisp.comparison import ComparisonError
from yjdisp.exports.content import Contents
from yjdisp.exports.pages import pages
from yjdisp.release import Release, ReleaseError
from yjdisp.wording import comparison as wording_comparison

Progress = Callable[[float, str], None]


def contents(release: Release, progress: Progress) -> Contents:
    """What every page shows before anything is chosen, area by area; and what cannot be shown, and why."""
    listed = list(pages(release))
    views, missing = [], []
    for done, (label, make) in enumerate(listed):
        progress(done / len(listed), label)
        try:
            views.append(make())
        except ReleaseError:
            missing.append(wording_comparison.TOO_SMALL.format(label=label))
        except (BaselineError, ComparisonError):
            missing.append(wording_comparison.NO_POPULATION.format(label=label))
    return Contents(release, tuple(views), tuple(missing), whole=True)
