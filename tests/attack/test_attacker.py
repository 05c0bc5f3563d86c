"""The attacker proven: known answers, and every pattern that is known to give cells away."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp

from . import handmade, leaks
from .attacker import Insider, Target, attack, bounds, targets, whole_bounds
from .facts import Contradiction, Growth
from .folder import ALL, Cell, Folder
from .promise import with_small
from .services import service
from .truth import Truth

ROW_COLUMN = ("row", "column")


def table(counts: list, names: tuple[str, ...] = ROW_COLUMN) -> dict[tuple[str, ...], int]:
    """The cells of an array, keyed by their positions."""
    array = np.array(counts)
    return {tuple(f"{n}{i}" for n, i in zip(names, at, strict=True)): int(array[at]) for at in np.ndindex(array.shape)}


def folder_of(counts: list, hidden, names: tuple[str, ...] = ROW_COLUMN, **policy) -> Folder:
    """A folder of one table with its margins, some cells of it hidden."""
    array = np.array(counts)
    records = {n: handmade.flat(f"{n}{i}" for i in range(size)) for n, size in zip(names, array.shape, strict=True)}
    cells = handmade.hide(handmade.grid_cells(table(counts, names), names), hidden)
    return handmade.folder_of(cells, records, **({"threshold": 0} | policy))


def position(cell: Cell) -> tuple[str, ...]:
    return tuple(ALL if v == ALL else v[-1] for _, v in cell.at)


def at(*positions: str):
    """A rule that hides the cells at some positions, each written "01"."""
    return lambda cell: "".join("*" if v == ALL else v for v in position(cell)) in positions


def hidden_bounds(folder: Folder, how=bounds) -> dict[str, tuple[float, float]]:
    hidden = [(0, c) for c in folder.cells if c.count is None]
    return {"".join(position(c)): b for (_, c), b in zip(hidden, how([folder], hidden), strict=True)}


def small(folder: Folder, most: int = 4) -> list[Target]:
    """Every hidden cell as a target that must be able to be 0 and `most`."""
    return [Target(0, c, 0.0, float(most)) for c in folder.cells if c.count is None]


# golden/disclosure.md


@pytest.mark.parametrize("how", [bounds, whole_bounds])
def test_geurts(how):
    folder = folder_of([[3, 4], [3, 0], [3, 3]], at("00", "01", "10", "11"))
    assert hidden_bounds(folder, how) == {"00": (3, 6), "01": (1, 4), "10": (0, 3), "11": (0, 3)}


INVESTMENT = [[20, 50, 10], [8, 19, 22], [17, 32, 12]]


@pytest.mark.parametrize("how", [bounds, whole_bounds])
def test_investment(how):
    found = hidden_bounds(folder_of(INVESTMENT, at("12", "10", "20", "22")), how)
    assert found == {"12": (5, 30), "10": (0, 25), "20": (0, 25), "22": (4, 29)}


THREE_SINGLETONS = [[1, 1, 7, 1, 0], [1, 0, 0, 2, 8]]


def singletons(**policy) -> Folder:
    folder = folder_of(THREE_SINGLETONS, lambda cell: False, **policy)
    return replace(folder, cells=tuple(handmade.hide(folder.cells, lambda c: c.count in (1, 2))))


def test_three_singletons_are_wide_where_a_mark_may_be_a_zero():
    found = hidden_bounds(singletons())
    assert len(found) == 7 and set(found.values()) == {(0, 3)}


@pytest.mark.parametrize("how", [bounds, whole_bounds])
def test_three_singletons_are_exact_where_a_mark_is_at_least_one(how):
    folder = singletons(zeros="shown", threshold=3)
    truth = {"".join(position(c)): c.count for c in folder_of(THREE_SINGLETONS, lambda cell: False).cells}
    found = hidden_bounds(folder, how)
    assert sorted(truth[k] for k in found) == [1, 1, 1, 1, 1, 2, 2]
    assert found == {k: (truth[k], truth[k]) for k in found}
    aims = targets([folder], [(0, c) for c in folder.cells if c.count is None])
    assert attack([folder], aims).cells == 7


SSB = [[1, 1, 1, 5, 5], [9, 9, 9, 9, 9], [0, 0, 0, 7, 7]]


@pytest.mark.parametrize("rows", ["12", "1"])
def test_linear_algebra_alone_is_not_enough(rows):
    """SSBtools' example: no primary cell is determined, and with a threshold of 5 all three are narrowed: they sum to 3."""
    folder = folder_of(SSB, at(*(f"{r}{c}" for r in f"0{rows}" for c in "012")))
    first = [(0, c) for c in folder.cells if c.count is None and position(c)[0] == "0"]
    assert bounds([folder], first) == [(0, 3)] * 3
    assert attack([folder], [Target(0, c, 0, 3) for _, c in first]).narrowed == ()
    report = attack([folder], [Target(0, c, 0, 4) for _, c in first])
    assert {(position(n.cell), n.end, n.bound) for n in report.narrowed} == {(("0", c), "high", 3) for c in "012"}


SIX_BY_FOUR = [[11, 13, 17, 11], [5, 11, 20, 18], [3, 5, 12, 13], [1, 6, 1, 5], [7, 7, 17, 35], [8, 37, 3, 8]]
FOUR_BY_THREE_BY_THREE = [
    [[12, 6, 14], [4, 6, 11], [37, 22, 6]],
    [[3, 8, 9], [1, 5, 4], [3, 6, 10]],
    [[15, 25, 6], [34, 6, 11], [22, 13, 4]],
    [[0, 6, 8], [2, 7, 10], [14, 14, 11]],
]


def cheapest(folder: Folder, aims: list[Target], weight) -> tuple[int, Folder]:
    """The least weight of secondary cells that leaves no aim narrowed, and the folder with them hidden.

    By implicit hitting sets (Moreno-Centeno and Karp, 2013): each proof that an aim is narrowed names printed cells of
    which at least one must be hidden; the cheapest set that hits all proofs is safe or yields a further proof.
    """
    printed = [c for c in folder.cells if c.count is not None]
    index = {folder.region(c): k for k, c in enumerate(printed)}
    weights = np.array([weight(c) for c in printed], float)
    proofs: list[np.ndarray] = []
    chosen = np.zeros(len(printed))
    while True:
        secondary = {c for c, x in zip(printed, chosen, strict=True) if x > 0.5}
        trial = replace(folder, cells=tuple(handmade.hide(folder.cells, secondary.__contains__)))
        report = attack([trial], aims)
        if not report.narrowed:
            return round(weights @ chosen), trial
        for narrowed in report.narrowed:
            proof = np.zeros(len(printed))
            proof[[index[fact.terms[0][2]] for fact in narrowed.because]] = 1
            proofs.append(proof)
        limits = LinearConstraint(np.array(proofs), 1, np.inf)
        chosen = milp(weights, constraints=limits, integrality=np.ones(len(printed)), bounds=Bounds(0, 1)).x.round()


@pytest.mark.parametrize(("weight", "least"), [(lambda c: c.count, 37), (lambda c: 1, 3)])
def test_investment_optimum(weight, least):
    """Fischetti and Salazar: the cell of 22 must be able to be 5 to 30, by hiding 37 in three cells."""
    folder = folder_of(INVESTMENT, at("12"))
    aims = [Target(0, c, 5.0, 30.0) for c in folder.cells if c.count is None]
    found, _ = cheapest(folder, aims, weight)
    assert found == least


@pytest.mark.parametrize(("counts", "least"), [(SIX_BY_FOUR, 4), (FOUR_BY_THREE_BY_THREE, 11)], ids=["6x4", "4x3x3"])
def test_exact_optimum(counts, least):
    """With fewer cells hidden the attacker finds a narrowed cell, with the right ones it finds none."""
    names = ("row", "column", "layer")[: np.ndim(counts)]
    folder = folder_of(counts, lambda c: 1 <= c.count <= 4, names)
    found, safe = cheapest(folder, small(folder, 5), lambda c: 1)
    assert found == least
    primary = [(0, aim.cell) for aim in small(folder, 5)]
    assert all(low == 0 and high >= 5 for low, high in whole_bounds([safe], primary))


@pytest.mark.parametrize(("printed", "low", "high"), [(0, 0, 2), (10, 8, 12)])
def test_nearest_rounding(printed, low, high):
    """Handbook on Statistical Disclosure Control, 5.5."""
    cell = Cell("children", "row", (("row", "Unknown"),), printed, None, None)
    folder = handmade.folder_of([cell], {"row": handmade.flat(["Unknown"])}, rounding=5)
    assert folder.interval(cell) == (low, high)


def test_a_rounded_cell_is_at_least_the_threshold():
    cell = Cell("children", "row", (("row", "a"),), 5, None, None)
    folder = handmade.folder_of([cell], {"row": handmade.flat("ab")}, rounding=5)
    assert folder.interval(cell) == (5, 7)


def test_what_is_hidden_beside_surely_large_counts_alone_is_small():
    """3 and 12 of 15, 2 and 18 of 20, columns of 5 and 30: sums leave 0 to 5 of the 3 and of the 2, 10 to 15 and 15 to 20
    of the others. These are large, so the 3 and the 2 are at most 4 each, and neither is 0."""
    folder = folder_of([[3, 12], [2, 18]], at("00", "01", "10", "11"), threshold=5)
    known = hidden_bounds(folder)
    assert known == {"00": (0, 5), "01": (10, 15), "10": (0, 5), "11": (15, 20)}
    ends = {c: known["".join(position(c))] for c in folder.cells if c.count is None}
    told = replace(
        folder, cells=tuple(replace(c, low=ends[c][0], high=ends[c][1]) if c in ends else c for c in folder.cells)
    )
    few = at("00", "10")
    assert hidden_bounds(with_small(told, few)) == {"00": (1, 4), "01": (11, 14), "10": (1, 4), "11": (16, 19)}
    assert with_small(told, at("01", "11")) == told
    assert with_small(folder, few) == folder  # without the bounds nothing is surely large
    others = replace(told, cells=tuple(replace(c, low=0) for c in told.cells))
    assert with_small(others, few) == others


# two formulations of the same attack


@pytest.mark.parametrize("seed", range(8))
def test_columns_on_demand_equal_the_whole_product(seed):
    random = np.random.default_rng(seed)
    counts = random.poisson(3, (4, 3, 3))
    names = ("row", "column", "layer")
    folder = folder_of(counts, lambda c: 0 < c.count < 5 or random.random() < 0.2, names)
    hidden = [(0, c) for c in folder.cells if c.count is None]
    whole = whole_bounds([folder], hidden, integers=False)
    assert np.array(bounds([folder], hidden)) == pytest.approx(np.array(whole), abs=1e-5)


# patterns that are known to be bad

QUARTERS = [f"{y}/{y - 1999} Q{k}" for y in (2021, 2022, 2023) for k in (1, 2, 3, 4)]
TRAITS = ("ethnicity", "sex", "send", "gravity", "outcome")
TABLES = [("children", "year", d) for d in TRAITS] + [
    ("children", *pair) for pair in (("ethnicity", "sex"), ("sex", "send"), ("send", "outcome"))
]


@pytest.fixture(scope="module")
def small_service() -> tuple[Folder, Truth]:
    """All one-way tables by year and some pairs, of a service of some 15 children a year: printed in full, and the truth."""
    rows = service(8, 15).extract(11)
    folder = handmade.counted(rows, TABLES, handmade.service_dimensions(QUARTERS))
    return folder, Truth(rows, folder)


def found_in(folder: Folder, truth: Truth) -> list:
    """The narrowed cells of a protected folder; every bound found must hold for the true count."""
    primary = [(0, c) for c in folder.cells if truth.primary(c)]
    report = attack([folder], targets([folder], primary))
    for n in report.narrowed:
        true = truth.cell(n.cell)
        assert n.bound <= true.high + 1e-6 if n.end == "low" else n.bound >= true.low - 1e-6
    return list(report.narrowed)


def test_hiding_primary_cells_only(small_service):
    folder, truth = small_service
    assert len({n.cell for n in found_in(handmade.primary_only(folder, truth), truth)}) > 30


def test_the_row_and_column_rule_of_each_table(small_service):
    folder, truth = small_service
    protected = handmade.row_and_column(handmade.primary_only(folder, truth))
    assert handmade.lone_marks(protected) == []
    narrowed = found_in(protected, truth)
    assert narrowed
    cells = [(n.release, n.cell) for n in narrowed]
    assert any(low == high for low, high in bounds([protected], cells))


def test_gauss_alone(small_service):
    """No primary cell is in the span of what is printed, and many are narrowed all the same."""
    folder, truth = small_service
    protected = handmade.gauss_only(folder, truth)
    assert sum(c.count is not None for c in protected.cells) > 50
    assert found_in(protected, truth)


def test_zeros_shown_with_hidden_at_least_one(small_service):
    folder, _ = small_service
    shown = replace(folder, policy=folder.policy | {"zeros": "shown"})
    truth = Truth(service(8, 15).extract(11), shown)
    protected = handmade.row_and_column(handmade.primary_only(shown, truth))
    if any(c.count is None and truth.cell(c).high == 0 for c in protected.cells):
        pytest.fail("the rule hid a zero: a mark would not mean at least 1")
    believed = {n.cell for n in found_in(protected, truth)}
    assert believed
    primary = [(0, c) for c in protected.cells if truth.primary(c)]
    widened = replace(protected, policy=folder.policy | {"threshold": 0})
    loose = {n.cell for n in attack([widened], [Target(0, c, 1.0, 4.0) for _, c in primary], claims=False).narrowed}
    assert loose < believed


def test_nothing_but_the_total_is_safe(small_service):
    folder, truth = small_service
    everything = {p for kept in folder.positions.values() for p in kept}
    bare = handmade.hide(
        folder.cells, lambda c: any(kept != everything & folder.positions[a] for a, kept in folder.region(c))
    )
    assert found_in(replace(folder, cells=tuple(bare)), truth) == []


def two_releases() -> list[Folder]:
    """The same year twice: A, B, C are 3, 6, 20. One release hides A and B, the other A and C; each is safe by itself."""
    counts = {("A",): 3, ("B",): 6, ("C",): 20}
    cells = handmade.grid_cells(counts, ("ethnicity",))
    records = {"ethnicity": handmade.flat("ABC")}
    return [
        handmade.folder_of(handmade.hide(cells, lambda c, pair=pair: c.at[0][1] in pair), records)
        for pair in ("AB", "AC")
    ]


def test_each_release_alone():
    releases = two_releases()
    first = [(0, c) for c in releases[0].cells if c.at == (("ethnicity", "A"),)]
    for release in releases:
        assert attack([release], targets([release], first)).narrowed == ()
    assert bounds(releases, first) == [(3, 3)]
    assert attack(releases, targets(releases, first)).cells == 1


def test_a_late_record_tells_which_count_it_was():
    """A total grows from 20 to 21 and A from hidden to 5: if records are only added, A was 4 or 5."""
    records = {"year": handmade.level("period", {"2021/22": ["2021/22 Q1"]}), "ethnicity": handmade.flat("ABC")}
    releases = []
    for counts, marked in (({"A": 4, "B": 10, "C": 6}, "AC"), ({"A": 5, "B": 10, "C": 6}, "C")):
        cells = handmade.grid_cells({("2021/22", k): n for k, n in counts.items()}, ("year", "ethnicity"), "outcomes")
        marks = handmade.hide(cells, lambda c, marked=marked: dict(c.at)["ethnicity"] in marked)
        releases.append(handmade.folder_of(marks, records))
    releases[1] = replace(
        releases[1], cells=tuple(handmade.hide(releases[1].cells, lambda c: dict(c.at)["ethnicity"] == "B"))
    )

    def version(release: int, unit: str, period: str) -> str:
        return " #1" if release else ""

    aim = targets(releases, [(0, c) for c in releases[0].cells if dict(c.at) == {"year": "2021/22", "ethnicity": "A"}])
    growth = [Growth("outcomes", {"2021/22 Q1": "2021/22 Q1 #1"})]
    assert attack(releases, aim, version).narrowed == ()
    (narrowed,) = attack(releases, aim, version, growth).narrowed
    assert (narrowed.end, narrowed.bound) == ("low", 4)


def test_a_child_rises_only_by_a_record_that_came():
    """Of 12 girls some had gravity 2 alone. A year's report later one child more is of gravity 6, and the one outcome that
    came is a girl's: she was of gravity 2 before."""
    positions = {"1–4": ["Theft|2"], "5–8": ["Theft|6"]}
    records = {"year": handmade.level("period", {"2021/22": ["2021/22 Q1"]}), "sex": handmade.flat(("Boys", "Girls")),
               "gravity": handmade.level("offence", positions)}  # fmt: skip
    year = ("year", "2021/22")

    def outcomes(girls: int) -> list[Cell]:
        made = {("2021/22", "Boys"): 28, ("2021/22", "Girls"): girls}
        return handmade.grid_cells(made, ("year", "sex"), "outcomes")

    counts = {("Boys", "1–4"): 18, ("Boys", "5–8"): 10, ("Girls", "1–4"): 2, ("Girls", "5–8"): 10}
    inner = {("2021/22", *at): n for at, n in counts.items()}
    first = handmade.hide(
        handmade.grid_cells(inner, ("year", "sex", "gravity")),
        lambda c: ALL not in [dict(c.at)[name] for name in ("sex", "gravity")],
    )
    second = handmade.grid_cells({("2021/22", "1–4"): 19, ("2021/22", "5–8"): 21}, ("year", "gravity"))
    releases = [
        handmade.folder_of([*first, *outcomes(12)], records),
        handmade.folder_of([*second, *outcomes(13)], records),
    ]

    def version(release: int, unit: str, period: str) -> str:
        return " #1" if release else ""

    growths = [Growth("children", {"2021/22 to Q1": "2021/22 to Q1 #1"}, "risen"),
               Growth("outcomes", {"2021/22 Q1": "2021/22 Q1 #1"})]  # fmt: skip
    girls = [c for c in first if c.at == (year, ("sex", "Girls"), ("gravity", "1–4"))]
    aim = targets(releases, [(0, c) for c in girls])
    assert attack(releases, aim, version, growths).narrowed == ()
    (narrowed,) = attack(releases, aim, version, growths, extended=True).narrowed
    assert (narrowed.end, narrowed.bound) == ("low", 1)


def test_children_are_no_more_than_their_outcomes():
    """12 children, two groups hidden; 9 outcomes are printed for B, so A has at least 3 children."""
    records = {"ethnicity": handmade.flat("AB")}
    children = handmade.hide(handmade.grid_cells({("A",): 3, ("B",): 9}, ("ethnicity",)), lambda c: c.at[0][1] != ALL)
    outcomes = handmade.hide(
        handmade.grid_cells({("A",): 4, ("B",): 9}, ("ethnicity",), "outcomes"), lambda c: c.at[0][1] != "B"
    )
    folder = handmade.folder_of([*children, *outcomes], records)
    aim = targets([folder], [(0, c) for c in folder.cells if c.unit == "children" and c.at[0][1] == "A"])
    alone = replace(folder, cells=tuple(children))
    assert attack([alone], aim).narrowed == ()
    assert [(n.end, n.bound) for n in attack([folder], aim).narrowed] == [("low", 3)]


@pytest.mark.parametrize("how", [bounds, whole_bounds])
def test_units_that_divide_children_differently_still_tell_of_each_other(how):
    """Of 20 outcomes 6 are of B, and 5 at least of the 5 children of A: D has 9 at most, though outcomes do not tell A
    from C, nor children C from D."""
    records = {"ethnicity": handmade.flat("ABCD")}
    children = handmade.grid_cells({("A",): 5, ("B",): 5, ("C",): 2, ("D",): 3}, ("ethnicity",))
    outcomes = handmade.grid_cells({("A",): 7, ("B",): 6, ("C",): 2, ("D",): 5}, ("ethnicity",), "outcomes")
    hidden = [
        *handmade.hide(children, lambda c: c.at[0][1] in "CD"),
        *handmade.hide(outcomes, lambda c: c.at[0][1] in "ACD"),
    ]
    folder = handmade.folder_of(hidden, records)
    asked = next(c for c in folder.cells if c.unit == "outcomes" and c.at[0][1] == "D")
    assert how([folder], [(0, asked)]) == [pytest.approx((0, 9))]


def test_a_printed_offence_count_stands_on_a_threshold_of_children():
    """8 children in two hidden groups; the 20 offences of B are printed, so B has 5 children or more and A 3 or fewer."""
    records = {"ethnicity": handmade.flat("AB")}
    children = handmade.hide(handmade.grid_cells({("A",): 3, ("B",): 5}, ("ethnicity",)), lambda c: c.at[0][1] != ALL)
    offences = handmade.hide(
        handmade.grid_cells({("A",): 4, ("B",): 20}, ("ethnicity",), "offences"), lambda c: c.at[0][1] != "B"
    )
    folder = handmade.folder_of([*children, *offences], records)
    aim = targets([folder], [(0, c) for c in children if c.at[0][1] == "A"])
    assert [(n.end, n.bound) for n in attack([folder], aim).narrowed] == [("high", 3)]


GRAVE = 7, 10, 6  # children with a grave offence, grave offences, and those of them that are violent
OF_OFFENCES = {
    "gravity": handmade.level("offence", {"1–4": ["theft|3", "violence|3"], "5–8": ["theft|6", "violence|6"]}),
    "serious_violence": handmade.level(
        "offence", {"Other": ["theft|3", "violence|3", "theft|6"], "Serious violence": ["violence|6"]}
    ),
}


def grave_and_violent(violent_children: int) -> tuple[Folder, list[Target]]:
    """A service that prints how many are grave, and of the offences how many are violent, but not of the children."""
    children, offences, violent = GRAVE
    cells = [
        *handmade.grid_cells({("1–4",): 30, ("5–8",): children}, ("gravity",)),
        *handmade.grid_cells({("1–4",): 80, ("5–8",): offences}, ("gravity",), "offences"),
        *handmade.grid_cells(
            {("Other",): 90 - violent, ("Serious violence",): violent}, ("serious_violence",), "offences"
        ),
        *handmade.hide(
            handmade.grid_cells(
                {("Other",): 37 - violent_children, ("Serious violence",): violent_children}, ("serious_violence",)
            ),
            lambda c: c.at[0][1] != ALL,
        ),
    ]
    folder = handmade.folder_of(cells, OF_OFFENCES)
    asked = [c for c in folder.cells if c.count is None and c.at[0][1] == "Serious violence"]
    return folder, targets([folder], [(0, c) for c in asked])


@pytest.mark.parametrize("how", [bounds, whole_bounds])
def test_a_childs_offence_is_one_of_its_own(how):
    """Of 10 grave offences 4 are not violent, so of 7 children with a grave one at most 4 have no violent one: 3 have."""
    folder, aims = grave_and_violent(violent_children=3)
    assert how([folder], [(0, aims[0].cell)], extended=True) == [pytest.approx((3, 6))]
    assert [(n.end, n.bound) for n in attack([folder], aims, extended=True).narrowed] == [("low", 3)]


REOFFENDING = {"ethnicity": handmade.flat("AB"), "reoffended": handmade.flat(("No", "Yes", "Unknown"))}


def reoffending(of_a: int, of_b: int, further: dict[str, int]) -> tuple[Folder, list[Target]]:
    """Who reoffended is hidden within A and B, whose margins are printed, beside some counts of further offences."""
    counts = {("A", "Yes"): of_a, ("A", "No"): 12 - of_a, ("B", "Yes"): of_b, ("B", "No"): 15 - of_b}
    inside = handmade.hide(
        handmade.grid_cells(counts, ("ethnicity", "reoffended")), lambda c: ALL not in dict(c.at).values()
    )
    beside = [Cell("further offences", "ethnicity", (("ethnicity", g),), n, n, n) for g, n in further.items()]
    folder = handmade.folder_of([*inside, *beside], REOFFENDING)
    wanted = {"ethnicity": "A", "reoffended": "Yes"}
    return folder, targets([folder], [(0, c) for c in inside if dict(c.at) == wanted])


@pytest.mark.parametrize(
    ("of_a", "of_b", "further", "ends"),
    [
        (2, 6, {ALL: 10, "B": 8}, [("high", 2), ("low", 1)]),
        (2, 6, {"B": 8}, [("high", 3)]),
        (4, 7, {"B": 8}, [("low", 3)]),
    ],
    ids=["2 further offences are of 2 children or fewer", "8 are of 5 or more", "and of 8 or fewer"],
)
def test_further_offences_are_of_children_who_reoffended(of_a, of_b, further, ends):
    """10 further offences less the 8 of B leave 2 for A, of a child or two; those 8, of 5 to 8 children, leave A the others
    who reoffended."""
    folder, aim = reoffending(of_a, of_b, further)
    alone = replace(folder, cells=tuple(c for c in folder.cells if c.unit == "children"))
    assert attack([alone], aim).narrowed == ()
    assert [(n.end, n.bound) for n in attack([folder], aim).narrowed] == ends


@pytest.mark.parametrize("how", [bounds, whole_bounds])
def test_further_offences_are_counted_within_the_year(how):
    """Of two years' 9 further offences 6 are the first's, so 1 to 3 of the second's children have reoffended."""
    years = {"2021/22": ["2021/22 Q3", "2021/22 Q4"], "2022/23": ["2022/23 Q1"]}
    records = {"year": handmade.level("period", years), "reoffended": REOFFENDING["reoffended"]}
    at = (("year", "2022/23"), ("reoffended", "Yes"))
    children = [Cell("children", "year × reoffended", at, None, None, None)]
    further = [Cell("further offences", "year", (("year", y),), n, n, n) for y, n in ((ALL, 9), ("2021/22", 6))]
    assert how([handmade.folder_of([*children, *further], records)], [(0, children[0])]) == [(1, 3)]


def test_an_insider_takes_the_own_record_away():
    """Hidden offences of A and B sum to 6; whoever knows that 3 of A's are one child's knows that B has at most 3."""
    records = {"ethnicity": handmade.flat("ABC")}
    cells = handmade.hide(
        handmade.grid_cells({("A",): 4, ("B",): 2, ("C",): 5}, ("ethnicity",), "offences"),
        lambda c: c.at[0][1] in "AB",
    )
    folder = handmade.folder_of(cells, records)
    aim = targets([folder], [(0, c) for c in cells if c.count is None])
    assert attack([folder], aim).narrowed == ()
    insider = Insider(lambda unit, region: 3 if "A" in dict(region).get("ethnicity", "A") else 0)
    found = {(n.cell.at[0][1], n.end, n.bound) for n in attack([folder], aim, insider=insider).narrowed}
    assert found == {("B", "high", 3)}


def test_an_insider_takes_one_child_from_enough():
    """Of 11 outcomes A's are surely large, so of 5 children: whoever has 4 of them knows of 4 others, and 3 at most for B."""
    records = {"ethnicity": handmade.flat("AB")}
    cells = handmade.hide(
        handmade.grid_cells({("A",): 10, ("B",): 1}, ("ethnicity",), "outcomes"), lambda c: c.at[0][1] != ALL
    )
    folder = handmade.folder_of([replace(c, low=5) if c.at[0][1] == "A" else c for c in cells], records)
    aim = targets([folder], [(0, c) for c in cells if c.at[0][1] == "B"])
    assert attack([folder], aim).narrowed == ()
    insider = Insider(lambda unit, region: 4 if "A" in dict(region).get("ethnicity", "A") else 0)
    assert [(n.end, n.bound) for n in attack([folder], aim, insider=insider).narrowed] == [("high", 3)]


def test_believed_bounds_are_facts():
    """A `high` of 3 on a hidden neighbour narrows what the rules alone leave open."""
    folder = folder_of([[2, 7]], at("00", "01", "*0", "*1"), threshold=5)
    aim = targets([folder], [(0, c) for c in folder.cells if position(c) == ("0", "0")])
    assert attack([folder], aim).narrowed == ()
    claimed = replace(
        folder, cells=tuple(replace(c, low=7) if c.count is None and position(c)[1] == "1" else c for c in folder.cells)
    )
    assert [(n.end, n.bound) for n in attack([claimed], aim).narrowed] == [("high", 2)]


def test_contradictions_are_told():
    folder = folder_of([[2, 7]], at("00"))
    wrong = replace(folder, cells=tuple(replace(c, count=1) if position(c) == (ALL, ALL) else c for c in folder.cells))
    with pytest.raises(Contradiction):
        attack([wrong], small(wrong))


# a rate or a percentage beside a public denominator


def rated(column: str, of) -> list[Cell]:
    counts = {("A",): 3, ("B",): 6, ("C",): 20, ("D",): 11, ("E",): 2}
    cells = handmade.hide(handmade.grid_cells(counts, ("ethnicity",)), lambda c: c.at[0][1] in "AE")
    true = {c.at: c.count for c in handmade.grid_cells(counts, ("ethnicity",))}
    return [replace(c, extra=((column, of(true[c.at], c.at[0][1])),)) for c in cells]


POPULATION = {"A": 1_200, "B": 2_310, "C": 9_875, "D": 4_120, "E": 655, ALL: 18_160}


@pytest.mark.parametrize(
    ("column", "of"),
    [
        ("rate", lambda n, group: round(1_000 * n / POPULATION[group], 2)),
        ("percentage", lambda n, group: round(100 * n / 42, 1)),
    ],
)
def test_a_rate_beside_a_public_denominator(tmp_path, column, of):
    baselines = [
        {"characteristic": "ethnicity", "group": g, "year": "2021", "population": n} for g, n in POPULATION.items()
    ]
    folder = handmade.write(tmp_path / "release", rated(column, of), {"ethnicity": handmade.flat("ABCDE")}, baselines)
    primary = [(0, c) for c in folder.cells if c.count is None]
    plain = replace(folder, baselines=(), cells=tuple(replace(c, extra=()) for c in folder.cells))
    assert attack([plain], targets([plain], [(0, c) for c in plain.cells if c.count is None])).cells == 0
    derived = leaks.with_derived(folder)
    hidden = [(0, c) for c in derived.cells if c.count is None]
    assert len(primary) == len(hidden) == 2
    assert bounds([derived], hidden) == [(3, 3), (2, 2)]
    assert attack([derived], targets([derived], hidden)).cells == 2
