"""Which of two things that happened is the more serious: of a child's year, and of an outcome, the most serious counts."""

from __future__ import annotations

LADDER = (
    "No further action", "Outcome 21", "Community resolution", "Outcome 22", "Youth caution", "Youth conditional caution",
    "Absolute discharge", "Conditional discharge", "Fine", "Compensation", "Bind-over", "Referral order", "Reparation order",
    "Youth rehabilitation order", "Detention and training order", "Section 250, 254 or 259 detention",
)  # fmt: skip
ANSWERS = ("Unknown", "No", "Yes")


def rank(axis: str, position: str) -> int:
    """The gravity of "group|gravity", 0 where it is unknown; the place of an outcome; whether a child is known to reoffend."""
    if axis == "offence":
        gravity = position.split("|")[1]
        return int(gravity) if gravity.isdigit() else 0
    if axis == "disposal":
        return LADDER.index(position.split("|")[0])
    return ANSWERS.index(position)


def at_least(axis: str, *partitions: list[frozenset[str]]) -> list[frozenset[str]]:
    """All positions, and those from each rank on that no class has some of and not others."""
    ranks = {position: rank(axis, position) for position in frozenset().union(*partitions[0])}
    upward = [frozenset(p for p, r in ranks.items() if r >= least) for least in sorted(set(ranks.values()))]
    return [u for u in upward if all(kept <= u or not kept & u for classes in partitions for kept in classes)]
