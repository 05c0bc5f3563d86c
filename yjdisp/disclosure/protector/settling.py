"""How much of a table is safe to print: each number just if it is beside those that are more important."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from yjdisp.disclosure.protector.readers import Check, Readers


def settle(readers: Readers, order: NDArray[np.int64], promised: NDArray[np.int64], checks: Sequence[Check]) -> bool:
    """Take back what leaves somebody without a world, and give back what does not: in the end a figure is printed
    just if it is safe beside those before it. Gives whether the marks alone are.

    Args:
        checks: the cheapest first; a later one is made only when nothing else can be printed by those before it.
    """
    against: dict[int, list[int]] = {}  # of what is taken back, all before it that forbid it
    level, printed = 0, readers.known.printed
    while True:
        readers.say()
        if (blame := readers.blame(checks[level])) is not None:
            guilty = order[np.isin(order, blame) & printed[order]].tolist()
            if not guilty:
                return False
            *others, last = guilty
            readers.known.take_back(last)
            against[last] = others
            continue
        if readers.deduce(checks[level]):
            continue
        forbidden = [figure for figure, others in against.items() if printed[others].all()]
        free = order[~printed[order] & ~np.isin(order, forbidden)].tolist()
        if free and not printed[promised].all():  # beside all that is promised nothing else is safe
            printed[free[0]], level = True, 0
            readers.ask_near(free[0])
        elif level + 1 < len(checks):
            level += 1
        else:
            return True


def exchange(readers: Readers, order: NDArray[np.int64], check: Check) -> bool:
    """Hide a figure, where that lets others be printed that are no finer and between them count for more; gives
    whether there is such a one. Only who knows no record is asked, as for what is promised."""
    value, depth = readers.facts.value, readers.facts.depth
    hidden = order[~readers.known.printed[order]].tolist()
    if len(hidden) < 2:
        return False
    against = {figure: blame for figure in hidden if (blame := _print_if_safe(readers, figure, check)) is not None}
    costs = [
        (value[figure] - value[others].sum(), figure, others)
        for figure in order[readers.known.printed[order]].tolist()
        if (others := [f for f, blame in against.items() if figure in blame and depth[f] <= depth[figure]])
    ]
    for cost, figure, others in sorted(costs):
        if cost >= 0:
            break
        before = readers.known.copy()
        readers.known.take_back(figure)
        for other in others:
            if _print_if_safe(readers, other, check) is not None:
                cost += value[other]
            if cost >= 0:
                break
        else:
            return True
        readers.known = before
    return False


def _print_if_safe(readers: Readers, figure: int, check: Check) -> NDArray[np.int64] | None:
    """Print a figure if who knows no record has every world beside it; else gives what forbids it."""
    before = readers.known.copy()
    readers.ask_near(figure)
    readers.known.printed[figure] = True
    if (blame := readers.conflict(check)) is not None:
        readers.known = before
    return blame
