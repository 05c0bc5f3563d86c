"""Protection of a whole plan: as many tables as the service's numbers allow, and a sentence for each that is left out."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

from yjdisp.disclosure.cells import Cells, Published
from yjdisp.disclosure.plan import Plan
from yjdisp.disclosure.policy import Policy
from yjdisp.disclosure.suppress import Progress, Protected, protect

KEEP = 0.5
TOO_SMALL = "Numbers are too small to publish {unit} by {table}: fewer than half of its cells could be shown."
NOTHING_NEW = "{unit} by {table} is left out: no number in it could be shown that coarser tables do not show already."
LESS_DETAIL = "{unit} by {table} is published in less detail: coarser totals already say too much about small groups."


@dataclass(frozen=True)
class LeftOut:
    """A table that is not published, or not in full.

    Attributes:
        table: its number in the plan.
        unit, name: what it counts, by what.
        whole: whether all of it is left out.
        reason: a sentence that can stand on a page.
    """

    table: int
    unit: str
    name: str
    whole: bool
    reason: str


@dataclass(frozen=True)
class ProtectedPlan:
    """A protected plan.

    Attributes:
        protected: about all cells that were counted; those of tables left out are `left_out`.
        plan: the plan with only the tables that are kept.
        kept: their numbers in the plan that was asked for.
        left_out: what is not published, and why.
    """

    protected: Protected
    plan: Plan
    kept: tuple[int, ...]
    left_out: tuple[LeftOut, ...]


def protect_plan(cells: Cells, policy: Policy, plan: Plan, *, earlier: Sequence[Published] = (),
                 progress: Progress | None = None, executor: Executor | None = None, keep: float = KEEP
                 ) -> ProtectedPlan:
    """Protect the cells of a plan, leaving out the tables for which the numbers are too small.

    A table is kept when at least the share `keep` of those of its cells that have the threshold's children or more, and
    that no more important table holds, stays printed. (That share is not told: it would count small cells.)

    Args:
        cells: the true counts of all tables of the plan.
        plan: the plan that they were counted by; `Cells.table` numbers its tables.

    Raises:
        CellsError: the cells are not sums of the same records.
    """
    result = protect(cells, policy, earlier=earlier, progress=progress, executor=executor, keep=keep)
    left_out, kept = [], []
    for number, table in enumerate(plan.tables):
        mine = cells.table == number
        gone = result.left_out[mine]
        words = {"unit": table.unit.capitalize(), "table": table.name.replace("_", " ")}
        if number in result.dropped or gone.all():
            small = result.dropped.get(number, "nothing") == "small"
            reason = (TOO_SMALL.format(**words | {"unit": table.unit}) if small else NOTHING_NEW.format(**words))
            left_out.append(LeftOut(number, table.unit, table.name, True, reason))
            continue
        kept.append(number)
        if gone.any():
            left_out.append(LeftOut(number, table.unit, table.name, False, LESS_DETAIL.format(**words)))
    return ProtectedPlan(result, plan.only(set(kept)), tuple(kept), tuple(left_out))
