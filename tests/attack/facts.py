"""From what is printed to linear facts about the atoms: counts, links between the units, links between releases.

An atom is a combination of one position on every axis, in one unit. The period positions of `outcomes` and `offences`
are quarters; those of `children` and of `further offences` are years, since a child is counted once a year. A position
whose records differ between two releases has a label for each of its versions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import product

from .folder import Cell, Folder, Region
from .serious import at_least, rank

CHILD_AXES = ("area", "ethnicity", "sex", "age", "send", "care")
WIDER = (("children", "outcomes"), ("outcomes", "offences"), ("children", "offences"))
FURTHER = "further offences"
YEARLY = ("children", FURTHER)
RANKED = ("offence", "disposal", "reoffended")
REOFFENDED = ("reoffended", frozenset({"Yes"}))

Version = Callable[[int, str, str], str]
Classes = list[frozenset[str]]


class Contradiction(ValueError):
    """No world fits the printed numbers: one of them is wrong, or a belief about them is."""


EACH = 100  # outcomes of a child, offences of an outcome: more than anybody has


@dataclass(frozen=True)
class Fact:
    """low ≤ sum of coefficient × atoms of (unit, region) ≤ high; of at least so many distinct children, as far as known."""

    terms: tuple[tuple[float, str, Region], ...]
    low: float
    high: float
    children: int = 0

    def of_others(self, own: float) -> float:
        """The least that is left of the sum without a child who counts for so much of it: nobody counts for less than 1."""
        return max(self.low - own, self.children - 1) if own else self.low


@dataclass(frozen=True)
class Growth:
    """Period labels of an earlier release whose records are all in a later one: no corrections, only late records.

    Attributes:
        how: "added" where they are all there as they were (children by characteristic), "risen" where they may have
            become more serious, "same" where no others came.
        between: the two releases.
    """

    unit: str
    later: dict[str, str]
    how: str = "added"
    between: tuple[int, int] = (0, 1)


def unchanged(release: int, unit: str, period: str) -> str:
    """The version of a period where the reader takes no record to have been changed."""
    return ""


def year_of(quarter: str) -> str:
    """The financial year of a quarter written "2021/22 Q1"."""
    return quarter.split(" ")[0]


def label(folder: Folder, release: int, unit: str, quarter: str, version: Version) -> str:
    """The label of a quarter's records in a release; of a yearly unit, of its year as far as that release reaches."""
    if unit not in YEARLY:
        return quarter + version(release, unit, quarter)
    year = year_of(quarter)
    reached = max(q for q in folder.positions["period"] if year_of(q) == year)
    return f"{year} to {reached.split(' ')[-1]}{version(release, unit, year)}"


def quarters_behind(folder: Folder, release: int, unit: str, version: Version) -> dict[str, frozenset[str]]:
    """For each period label of a unit in a release, the quarters that it is made of."""
    behind: dict[str, frozenset[str]] = {}
    for quarter in folder.positions.get("period", ()):
        name = label(folder, release, unit, quarter, version)
        behind[name] = behind.get(name, frozenset()) | {quarter}
    return behind


def labelled(folder: Folder, release: int, unit: str, region: Region, version: Version) -> Region:
    """A region with its quarters replaced by the labels of their versions."""
    swap = {"period": lambda q: label(folder, release, unit, q, version)}
    return tuple((axis, frozenset(map(swap.get(axis, str), kept))) for axis, kept in region)


def printed_facts(folder: Folder, release: int, version: Version, claims: bool) -> Iterable[Fact]:
    """What each cell says of itself, and of the distinct children behind it where it is printed."""
    for cell in folder.cells:
        region = folder.region(cell)
        if region is None:
            continue
        low, high = folder.interval(cell, claims)
        many = folder.threshold if low >= folder.threshold and not folder.silent(cell) else 0
        yield Fact(((1, cell.unit, labelled(folder, release, cell.unit, region, version)),), low, high, many)
        if cell.unit != "children" and stands_on_threshold(folder, cell):
            children = labelled(folder, release, "children", children_behind(folder, cell.unit, region), version)
            yield Fact(((1, "children", children),), folder.threshold, float("inf"), folder.threshold)


def children_behind(folder: Folder, unit: str, region: Region) -> Region:
    """Where the children behind a region of another unit are counted: those of further offences reoffended, those of all
    else by what is no less serious."""
    who = [(axis, kept) for axis, kept in region if axis in (*CHILD_AXES, "period")]
    if unit == FURTHER:
        return tuple(sorted([*who, REOFFENDED] if "reoffended" in folder.positions else who))
    for axis, kept in region:
        if axis in RANKED:
            least = min(rank(axis, position) for position in kept)
            who.append((axis, frozenset(p for p in folder.positions[axis] if rank(axis, p) >= least)))
    return tuple(sorted(who))


def stands_on_threshold(folder: Folder, cell: Cell) -> bool:
    """Whether a printed cell tells that at least a threshold of distinct children is behind it."""
    return bool(cell.count) and not folder.silent(cell)


def merged(facts: Iterable[Fact]) -> list[Fact]:
    """One fact for all that say something of the same sum.

    Raises:
        Contradiction: two of them exclude each other.
    """
    seen: dict[tuple, Fact] = {}
    for fact in facts:
        one = seen.get(fact.terms, fact)
        both = max(one.low, fact.low), min(one.high, fact.high), max(one.children, fact.children)
        seen[fact.terms] = Fact(fact.terms, *both)
    for fact in seen.values():
        if fact.low > fact.high:
            raise Contradiction(f"{fact.low} to {fact.high} for {fact.terms}")
    return list(seen.values())


def classes(regions: Iterable[Region], positions: Iterable[str], axis: str) -> Classes:
    """The positions of an axis, those together that no region tells apart."""
    sets = {kept for region in regions for name, kept in region if name == axis}
    order = sorted(sets, key=sorted)
    alike: dict[tuple[bool, ...], set[str]] = {}
    for position in sorted(positions):
        alike.setdefault(tuple(position in kept for kept in order), set()).add(position)
    return [frozenset(together) for together in alike.values()]


def join(*partitions: Classes) -> Classes:
    """The finest classes that are unions of classes of every one of the partitions."""
    parts: Classes = []
    for kept in (kept for partition in partitions for kept in partition):
        touching = [part for part in parts if part & kept]
        parts = [part for part in parts if not part & kept] + [frozenset().union(kept, *touching)]
    return parts


def unit_classes(facts: list[Fact], positions: dict[str, frozenset[str]]) -> dict[str, dict[str, Classes]]:
    """For each unit and each axis that its regions restrict, the classes of positions.

    Of a child's characteristics they are the same in all units: who is counted in one of them may be in another. Of what
    happens they are where those of two units cross, so that something of the one excludes something of the other.
    """
    regions: dict[str, list[Region]] = {}
    for fact in facts:
        for _, unit, region in fact.terms:
            regions.setdefault(unit, []).append(region)
    everybody = [region for known in regions.values() for region in known]
    answer: dict[str, dict[str, Classes]] = {}
    for unit, known in regions.items():
        axes = sorted({axis for region in known for axis, _ in region})
        periods = frozenset(p for region in known for axis, kept in region if axis == "period" for p in kept)
        universe = {**positions, "period": periods}
        answer[unit] = {
            axis: classes(everybody if axis in CHILD_AXES else known, universe[axis], axis) for axis in axes
        }
    for axis, unit, other in product(RANKED, answer, answer):
        if axis in answer[unit] and axis in answer[other] and _cross(answer[unit][axis], answer[other][axis]):
            meets = [one & two for one in answer[unit][axis] for two in answer[other][axis] if one & two]
            answer[unit] = answer[unit] | {axis: meets}
    return answer


def _cross(one: Classes, other: Classes) -> bool:
    """Whether classes of two partitions that hang together by others have no position in common."""
    return any(
        not (mine & theirs)
        for part in join(one, other)
        for mine in one
        for theirs in other
        if mine <= part and theirs <= part
    )


def unit_links(
    folder: Folder, release: int, version: Version, of: dict[str, dict[str, Classes]], extended: bool
) -> Iterable[Fact]:
    """Children ≤ outcomes ≤ offences, for each combination of child characteristics and period that both units tell apart.
    Nor is there an outcome without a child, or an offence without an outcome.

    In the same way, children who reoffended ≤ their further offences, and none has these without.

    `extended` adds what the definitions of the units imply beyond the characteristics of a child: an outcome is counted
    with the most serious of its offences, and with the most serious of its decisions, which another of its offences can
    have; a child with the most serious offence of the year, which is one of its offences and the one that one of its
    outcomes is counted with, and with the most serious outcome: children ≤ outcomes ≤ offences within each kind of offence,
    and within each outcome. And what is counted of the finer unit makes what it belongs to as serious at least.
    """
    for few, many in WIDER:
        if few not in of or many not in of:
            continue
        for axes in dict.fromkeys((CHILD_AXES, *_link_axes(few, many, extended))):
            yield from _dominance(folder, release, version, of, (few, many), axes, extended=extended)
    if FURTHER in of and REOFFENDED[1] in of.get("children", {}).get("reoffended", []):
        yield from _dominance(folder, release, version, of, YEARLY, CHILD_AXES, (REOFFENDED,))


def _link_axes(few: str, many: str, extended: bool) -> list[tuple[str, ...]]:
    if not extended:
        return [CHILD_AXES]
    if few == "outcomes":
        return [(*CHILD_AXES, axis) for axis in ("offence", "disposal")]
    return [(*CHILD_AXES, axis) for axis in RANKED]


def _dominance(
    folder: Folder,
    release: int,
    version: Version,
    of: dict[str, dict[str, Classes]],
    units: tuple[str, str],
    axes: tuple[str, ...],
    among: Region = (),
    extended: bool = False,
) -> Iterable[Fact]:
    """The first unit, among some of what it counts, ≤ the second, for each combination that both tell apart."""
    few, many = units
    shared = [axis for axis in axes if axis in of[few] and axis in of[many]]
    joined = [join(of[few][axis], of[many][axis]) for axis in shared]
    for periods in _common_periods(folder, release, version, of, units):
        for combination in product(*joined):
            kept = dict(zip(shared, combination, strict=True))
            less, more = (_side(u, of[u], kept, period) for u, period in zip(units, periods, strict=True))
            less = few, tuple(sorted([*less[1], *among]))
            yield at_most(less, more)
            if axes == CHILD_AXES:
                for kind in _as_serious(of, units) if extended else ({},):
                    ends = [(u, tuple(sorted([*region, *kind.items()]))) for u, region in (less, more)]
                    yield Fact(((1 / EACH, *ends[1]), (-1, *ends[0])), -float("inf"), 0.0)


def _as_serious(of: dict[str, dict[str, Classes]], units: tuple[str, str]) -> Iterable[dict[str, frozenset[str]]]:
    """Nothing, and on each axis of what happens that both units divide, what is as serious as that at least."""
    yield {}
    for axis in RANKED:
        if all(axis in of[unit] for unit in units):
            _, *upward = at_least(axis, *(of[unit][axis] for unit in units))
            yield from ({axis: kept} for kept in upward)


def at_most(few: tuple[str, Region], many: tuple[str, Region]) -> Fact:
    """The fact that one (unit, region) counts no more than another."""
    return Fact(((1, *few), (-1, *many)), -float("inf"), 0.0)


def _side(
    unit: str, known: dict[str, Classes], kept: dict[str, frozenset[str]], period: frozenset[str]
) -> tuple[str, Region]:
    restricted = {axis: k for axis, k in kept.items() if k != frozenset().union(*known[axis])}
    return unit, tuple(sorted((restricted | ({"period": period} if period else {})).items()))


def _common_periods(
    folder: Folder, release: int, version: Version, of: dict[str, dict[str, Classes]], units: tuple[str, str]
) -> list[tuple[frozenset[str], frozenset[str]]]:
    """The smallest periods that are made of whole classes of both units, as labels of each."""
    if "period" not in folder.positions:
        return [(frozenset(), frozenset())]
    behind = [quarters_behind(folder, release, unit, version) for unit in units]
    made = [
        {frozenset().union(*(names[n] for n in c)): c for c in of[unit]["period"] if c <= set(names)}
        for unit, names in zip(units, behind, strict=True)
    ]
    pairs = []
    for period in join(*map(list, made)):
        inside = [{q: c for q, c in m.items() if q <= period} for m in made]
        if all(frozenset().union(*i) == period for i in inside):
            pairs.append(tuple(frozenset().union(*i.values()) for i in inside))
    return pairs


def growth_links(growths: Iterable[Growth], of: dict[str, dict[str, Classes]]) -> Iterable[Fact]:
    """Earlier ≤ later for each combination of classes, where late records only add; for children by characteristic, and
    where nothing became less serious by how serious it is at least. Earlier = later where they are the same."""
    for growth in growths:
        known = of.get(growth.unit, {"period": []})
        for before in known["period"]:
            after = frozenset(growth.later.get(name, name) for name in before)
            if after == before or after not in known["period"] or not before <= growth.later.keys():
                continue
            for kept in _kinds(growth, known):
                then, now = (_side(growth.unit, known, kept, period) for period in (before, after))
                yield Fact(((1, *then), (-1, *now)), 0.0 if growth.how == "same" else -float("inf"), 0.0)


def gain_links(
    folders: Sequence[Folder], growths: Iterable[Growth], version: Version, of: dict[str, dict[str, Classes]]
) -> Iterable[Fact]:
    """Where late records only add: no more children came, or became as serious as something at least, than outcomes came,
    or offences, for each combination of characteristics."""
    became: dict[tuple[int, int], dict[str, dict[str, str]]] = {}
    for growth in growths:
        if growth.how == ("risen" if growth.unit == "children" else "added"):
            became.setdefault(growth.between, {}).setdefault(growth.unit, {}).update(growth.later)
    for both, later in became.items():
        for units in (("children", "outcomes"), ("children", "offences")):
            if set(units) <= of.keys():
                before, after = (_common_periods(folders[i], i, version, of, units) for i in both)
                ends = [
                    tuple(
                        frozenset(later.get(u, {}).get(name, name) for name in names)
                        for u, names in zip(units, then, strict=True)
                    )
                    for then in before
                ]
                steps = [(then, now) for then, now in zip(before, ends, strict=True) if now in after and now != then]
                yield from _gains(of, units, steps)


def _gains(of: dict[str, dict[str, Classes]], units: tuple[str, str], steps: list) -> Iterable[Fact]:
    few, many = units
    shared = [axis for axis in CHILD_AXES if axis in of[few] and axis in of[many]]
    kinds: list[dict[str, frozenset[str]]] = [{}]
    for axis in ("offence", "disposal"):
        if axis in of[few]:
            _, *upward = at_least(axis, of[few][axis])
            kinds += [{axis: serious} for serious in upward]
    for (then, now), combination, kind in product(
        steps, product(*(join(of[few][a], of[many][a]) for a in shared)), kinds
    ):
        kept = dict(zip(shared, combination, strict=True))
        sides = [[_side(u, of[u], kept | (kind if u == few else {}), period) for u, period in zip(units, at, strict=True)]
                 for at in (then, now)]  # fmt: skip
        (few_then, many_then), (few_now, many_now) = sides
        yield Fact(((1, *few_now), (-1, *few_then), (-1, *many_now), (1, *many_then)), -float("inf"), 0.0)


def _kinds(growth: Growth, known: dict[str, Classes]) -> Iterable[dict[str, frozenset[str]]]:
    """What has grown: by all that stays as it is, and by each axis of what rises."""
    axes = [axis for axis in known if axis != "period"]
    if growth.how == "added" and growth.unit == "children":
        axes = [axis for axis in axes if axis in CHILD_AXES]
    rising = [a for a in RANKED if a in axes and (growth.unit, a) != ("outcomes", "disposal")]
    if growth.how == "risen":
        axes = [axis for axis in axes if axis not in rising]
    for combination in product(*(known[axis] for axis in axes)):
        kept = dict(zip(axes, combination, strict=True))
        yield kept
        for axis in rising if growth.how == "risen" else ():
            _, *upward = at_least(axis, known[axis])
            yield from (kept | {axis: serious} for serious in upward)
