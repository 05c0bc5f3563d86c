"""What only rises, what only grows between two releases, and what of it a child knows who takes the own record out."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from handmade import counted, outsiders, published, where
from scipy.optimize import linprog

from yjdisp.disclosure import ledger, policy
from yjdisp.disclosure.attack import audit
from yjdisp.disclosure.facts import versions
from yjdisp.disclosure.facts.blocks import blocks
from yjdisp.disclosure.facts.rising import steps
from yjdisp.disclosure.facts.units import EVERYTHING, NO_LESS, THEIR_CHILD
from yjdisp.disclosure.protector.gains import with_gains
from yjdisp.disclosure.protector.insiders import insiders
from yjdisp.disclosure.protector.readers import Readers
from yjdisp.disclosure.siege import Siege
from yjdisp.disclosure.suppress import protect
from yjdisp.disclosure.system import build
from yjdisp.vocabulary import ALL, dimension, flat_dimension, offence_positions, period_dimensions, quarters_between

POLICY = policy.Policy("five", 5)
YEAR = period_dimensions(quarters_between("2023/24", "2023/24"))[0]
SEX = flat_dimension("sex", ("Boys", "Girls"))
DIMENSIONS = (YEAR, SEX, dimension("outcome").cut(1))
CAUTION, REFERRAL = "Youth caution|Police", "Referral order|Court"


def unit(*rows: tuple[str, str, int]) -> dict[str, np.ndarray]:
    """Records of one year by sex and disposal, and how many of each; every one is another child's."""
    sex, disposal, times = zip(*rows, strict=True)
    total = sum(times)
    known = {"sex": np.repeat(sex, times), "disposal": np.repeat(disposal, times)}
    return {"period": np.repeat("2023/24 Q1", total), **known, "child": np.arange(total)}


# what rises


def test_seriousness_is_told_as_far_as_classes_do():
    names = ("No further action|Police", CAUTION, "Fine|Court", REFERRAL)
    assert steps("disposal", names, np.arange(4)).tolist() == [0, 1, 2, 3]
    assert steps("disposal", names, np.array([0, 0, 1, 1])).tolist() == [0, 0, 1, 1]
    assert steps("disposal", names, np.array([0, 1, 0, 2])).tolist() == [0, 0, 0, 1]
    assert steps("disposal", names, np.array([0, 0, 1, 1]), np.array([0, 1, 1, 2])).tolist() == [0, 0, 0, 0]
    assert steps("sex", ("Boys", "Girls"), np.arange(2)).tolist() == [0, 0]


def test_unknown_gravity_is_the_least_and_serious_violence_the_most_of_its_gravity():
    names = ("Robbery|6", "Arson|6", "Robbery|Unknown", "Arson|7")
    assert set(names) <= set(offence_positions())
    assert steps("offence", names, np.arange(4)).tolist() == [2, 1, 0, 3]


# what belongs to something makes it as serious at least


def test_where_a_court_decided_there_is_a_child_whose_most_serious_outcome_is_a_courts():
    """7 outcomes of girls are a court's: of the 23 girls there is one at least whose most serious outcome is."""
    outcomes = unit(("Boys", CAUTION, 30), ("Girls", CAUTION, 30), ("Girls", REFERRAL, 7))
    children = unit(("Boys", CAUTION, 30), ("Girls", CAUTION, 20), ("Girls", REFERRAL, 3))
    tables = [("outcomes", ["sex", "outcome"], 0), ("children", ["sex"], 0), ("children", ["sex", "outcome"], 1)]
    cells = counted(DIMENSIONS, {"children": children, "outcomes": outcomes}, tables)
    divided = (cells.unit == "children") & (cells.at[:, 2] > 0)
    small = divided & (cells.count < 5)
    girls = cells.at[:, 1] == 2
    found = audit(published(cells, divided), primary=small)
    assert (small & girls)[found.positions].any()
    protected = protect(outsiders(cells), POLICY)
    there = ~protected.left_out
    seen = published(cells.only(there), ~protected.shown[there])
    assert protected.shown.any() and not audit(seen, primary=protected.primary[there]).narrowed


@pytest.mark.parametrize(
    ("axis", "less", "more"),
    [
        ("reoffended", "No", "Yes"),
        ("first_time_entrant", "No", "Yes"),
        ("recommended_outcome", "Youth caution", "Referral order"),
        ("disposal", CAUTION, REFERRAL),
    ],
)
def test_each_child_is_of_what_one_of_its_outcomes_is(axis, less, more):
    """Of 11 children at most 8 are of the more serious kind, which is that of 8 outcomes: 3 at least are of the other."""
    year = np.repeat("2023/24 Q1", 16)
    outcomes = {"period": year, axis: np.repeat([more, less], 8), "child": np.append(np.arange(11), np.arange(5))}
    children = {"period": year[:11], axis: np.repeat([more, less], [8, 3]), "child": np.arange(11)}
    of = dimension("outcome" if axis == "disposal" else axis).cut(1)
    tables = [("outcomes", [of.name], 0), ("children", [of.name], 1)]
    cells = counted((YEAR, of), {"outcomes": outcomes, "children": children}, tables)
    protected = protect(cells, POLICY)
    few = (cells.unit == "children") & (cells.count == 3)
    assert protected.shown[cells.unit == "outcomes"].any()
    assert not protected.shown[few | (cells.unit == "children") & (cells.at == 0).all(axis=1)].any()


# from one release to the next

BEFORE = unit(("Boys", CAUTION, 30), ("Boys", REFERRAL, 9), ("Girls", CAUTION, 20), ("Girls", REFERRAL, 3))
RISEN = unit(("Boys", CAUTION, 30), ("Boys", REFERRAL, 10), ("Girls", CAUTION, 18), ("Girls", REFERRAL, 5))
FALLEN = unit(("Boys", CAUTION, 30), ("Boys", REFERRAL, 10), ("Girls", CAUTION, 21), ("Girls", REFERRAL, 2))
OF_ANOTHER_SEX = unit(("Boys", CAUTION, 30), ("Boys", REFERRAL, 10), ("Girls", CAUTION, 19), ("Girls", REFERRAL, 3))


def beside(of, before, after):
    """Cells of a later release by sex and outcome, the entry of an earlier one that hides what it divides, and history."""
    then, now = (counted(DIMENSIONS, {of: records}, [(of, ["sex", "outcome"], 0)]) for records in (before, after))
    hidden = (then.at[:, 1:] > 0).all(axis=1)
    entry = ledger.Entry(published(then, hidden), np.where(hidden & (then.count < 5), 4.0, 0.0), {of: before})
    return now, entry, *versions.history({of: after}, [entry], DIMENSIONS)


@pytest.mark.parametrize(
    ("of", "after", "how"),
    [
        ("children", RISEN, NO_LESS),
        ("children", FALLEN, THEIR_CHILD),
        ("children", OF_ANOTHER_SEX, None),
        ("outcomes", RISEN, None),  # an outcome stays the one that it is
        ("outcomes", unit(("Boys", CAUTION, 30), ("Boys", REFERRAL, 10), ("Girls", CAUTION, 20), ("Girls", REFERRAL, 3)), EVERYTHING),
        ("offences", RISEN, None),
    ],
)  # fmt: skip
def test_how_records_have_grown(of, after, how):
    *_, history, _ = beside(of, BEFORE, after)
    grown = {of: {f"2023/24 Q1{versions.MARK}1": ("2023/24 Q1", how)}}
    assert history.growths == ({} if how is None else grown,)


def test_the_most_serious_outcome_of_a_child_only_rises_where_records_only_came():
    """12 children of the first release were in court, and of the second 10 boys: of the first at most so many were boys,
    so that 2 were girls at least."""
    now, earlier, history, _ = beside("children", BEFORE, RISEN)
    siege = Siege(published(now, np.zeros(len(now.unit), dtype=bool)), [earlier.published], history)
    girls = int(siege.system.figure[1][where(now, "Girls", "Court")])
    assert siege.least(girls) == 2
    now, earlier, history, _ = beside("children", BEFORE, FALLEN)
    siege = Siege(published(now, np.zeros(len(now.unit), dtype=bool)), [earlier.published], history)
    assert siege.least(girls) == 0


TABLES = (("children", ["outcome"], 0), ("outcomes", ["sex"], 1))
CHILDREN = unit(("Girls", CAUTION, 2), ("Girls", REFERRAL, 10), ("Boys", CAUTION, 18), ("Boys", REFERRAL, 10))
LATER = CHILDREN | {"disposal": np.append([REFERRAL], CHILDREN["disposal"][1:])}  # the first girl is referred, too
REFERRED = {axis: np.append(at, LATER[axis][:1]) for axis, at in CHILDREN.items()}


def outcome_or_sex(children, outcomes, tables=TABLES):
    """Cells of these children and outcomes."""
    return counted(DIMENSIONS, {"children": children, "outcomes": outcomes}, list(tables))


def told_before(outcomes):
    """The entry of a release that hides children by sex and outcome, and prints outcomes by sex."""
    cells = outcome_or_sex(CHILDREN, outcomes, (("children", ["sex", "outcome"], 0), ("outcomes", ["sex"], 0)))
    hidden = (cells.at[:, 1:] > 0).all(axis=1)
    return ledger.Entry(published(cells, hidden), np.where(hidden & (cells.count < 5), 4.0, 0.0), cells.occupied)


def printed_boys(now, earlier):
    """Whether outcomes of boys are printed beside children by outcome, which are."""
    shown = protect(now, POLICY, earlier=earlier).shown
    assert shown[where(now, "Court")]
    return shown[int(np.flatnonzero((now.unit == "outcomes") & (now.at[:, 1] == 1))[0])]


def test_a_child_becomes_more_serious_only_by_a_record_that_came():
    """Of 40 children 12 are girls, 2 of them with a caution. One of these is referred later: a child of the court more,
    and one outcome more, a girl's. Beside both, she had been cautioned for certain: at least 1 of what was to be 0 to 4."""
    assert not printed_boys(outcome_or_sex(LATER, REFERRED), [told_before(CHILDREN)])
    assert printed_boys(outcome_or_sex(LATER, REFERRED), [])


def gained(now, *earlier):
    """How much readers are thought to know of what units gained together, who believe that records came, or went."""
    history, records = versions.history(now.occupied, earlier, DIMENSIONS)
    system = build([now, *(entry.published for entry in earlier)], versions.either_way(history))
    return sum(len(rows) for rows in with_gains(system, blocks(system, records), {}).values())


def test_who_believes_that_records_went_takes_no_gains_for_granted():
    """One girl more has one outcome more: that outcomes lost no less than children would be so as well."""
    more = {axis: np.append(at, at[2:3]) for axis, at in CHILDREN.items()} | {"child": np.arange(41)}
    assert gained(outcome_or_sex(more, more), told_before(CHILDREN))
    assert not gained(outcome_or_sex(CHILDREN, CHILDREN), told_before(more))


def test_the_cautious_do_not_believe_in_gains():
    """What two earlier releases gave away by them is kept from who does not believe that records only came."""
    then, now = told_before(CHILDREN), outcome_or_sex(LATER, REFERRED, (*TABLES, ("children", ["sex"], 0)))
    second = ledger.Entry(published(now, np.zeros(len(now.unit), dtype=bool)), np.zeros(len(now.unit)), now.occupied)
    history, records = versions.history(now.occupied, [then, second], DIMENSIONS)
    readers = Readers(now, POLICY, [then, second], history, records, lambda: None, now)
    readers.say()
    assert readers.know_too_much()
    readers.accept()
    everybody, cautious = (search.waived[:, 0, readers.old] for search in readers._searches())
    assert everybody.any() and not (everybody & cautious).any()


# for who takes the own record out of both


def left_over(of, *known):
    """For each child who knows more than everybody of some releases of records, the last today's, how much more there is
    than they know of, row by row."""
    *earlier, now = (counted(DIMENSIONS, {of: records}, [(of, ["sex", "outcome"], 0)]) for records in known)
    entries = [ledger.Entry(published(c, c.count < 5), np.zeros(len(c.unit)), c.occupied) for c in earlier]
    history, records = versions.history(now.occupied, entries, DIMENSIONS)
    system = build([now, *(entry.published for entry in entries)], history)
    found = blocks(system, records)
    known = insiders(system, found, records, 5)
    value = known.rows @ np.concatenate([block.held for block in found])
    ends = zip(known.least.indptr[:-1], known.least.indptr[1:], strict=True)
    entries = [slice(*two) for two in ends]
    return [value[known.least.indices[e]] - known.least.data[e] for e in entries if e.stop > e.start]


def of_the_last(records, sex, *more):
    """The same records, but that the last child is of this sex; and more children with a referral order."""
    children = len(records["sex"]) + len(more)
    later = {"sex": np.append(records["sex"][:-1], [sex, *more]), "period": np.repeat("2023/24 Q1", children)}
    return later | {"disposal": np.append(records["disposal"], [REFERRAL] * len(more)), "child": np.arange(children)}


@pytest.mark.parametrize("of", ["children", "outcomes", "offences"])
def test_who_is_all_that_was_corrected_knows_that_the_others_are_the_same(of):
    (more,) = left_over(of, BEFORE, of_the_last(BEFORE, "Boys"))
    assert len(more) > 4 and (more == 0).all()


@pytest.mark.parametrize("of", ["children", "outcomes", "offences"])
def test_who_alone_was_corrected_knows_that_others_only_came(of):
    (more,) = left_over(of, BEFORE, of_the_last(BEFORE, "Boys", "Boys"))
    assert (more >= 0).all() and more.any()


def test_who_came_late_and_alone_knows_that_the_others_are_the_same():
    (more,) = left_over("children", BEFORE, of_the_last(BEFORE, "Girls", "Girls"))
    assert len(more) > 4 and (more == 0).all()


def test_nobody_knows_more_where_two_were_corrected():
    two = of_the_last(BEFORE | {"sex": np.append(["Girls"], BEFORE["sex"][1:])}, "Boys")
    assert left_over("children", BEFORE, two) == []


@pytest.mark.parametrize("of", ["children", "outcomes", "offences"])
@pytest.mark.parametrize("seed", range(20))
def test_what_a_child_knows_of_others_is_true(of, seed):
    """Three releases: in each, children came late, were corrected or were taken out."""
    random = np.random.default_rng(seed)
    everybody = of_the_last(BEFORE, "Girls", *random.choice(SEX.values[1:], 6))
    releases = []
    for _ in range(3):
        there = random.random(len(everybody["sex"])) > 0.01
        releases.append({axis: values[there] for axis, values in everybody.items()})
        corrected = random.random(len(there)) < 0.02
        sex, disposal = (np.where(corrected, random.choice(two, len(there)), everybody[axis])
                         for axis, two in (("sex", ["Boys", "Girls"]), ("disposal", [CAUTION, REFERRAL])))  # fmt: skip
        everybody |= {"sex": sex, "disposal": disposal}
    assert all((more >= 0).all() for more in left_over(of, *releases))


NEXT = {"s1": "s2", "s2": "s3", "s3": "s1"}
AGE, SEND = flat_dimension("age", ("12", "13")), flat_dimension("send", ("s1", "s2", "s3"))


def by_send(sex, send, age):
    """Cells of children by sex and send, and by age."""
    records = {"period": np.repeat("2023/24 Q1", len(sex)), "sex": sex, "send": send, "age": age}
    tables = [("children", ["sex", "send"], 0), ("children", ["age"], 1)]
    return counted((YEAR, SEX, SEND, AGE), {"children": records | {"child": np.arange(len(sex))}}, tables)


@pytest.mark.parametrize("seed", range(24))
def test_two_releases_tell_nothing_to_the_child_who_was_corrected(seed):
    """The sex or send of one child is corrected, and the age of another: by sex and send the others are the same."""
    random = np.random.default_rng(seed)
    number = int(random.integers(22, 40))
    sex, age = random.choice(["Boys", "Girls"], number), random.choice(["12", "13"], number)
    send = random.choice(["s1", "s2", "s3"], number, p=[0.5, 0.3, 0.2])
    new_sex, new_send, new_age = sex.copy(), send.copy(), age.copy()
    changed, other = (new_sex, {"Boys": "Girls", "Girls": "Boys"}) if seed % 2 else (new_send, NEXT)
    changed[0] = other[changed[0]]
    new_age[1] = {"12": "13", "13": "12"}[age[1]]
    then, now = by_send(sex, send, age), by_send(new_sex, new_send, new_age)
    first = protect(then, POLICY)
    there = ~first.left_out
    entry = ledger.Entry(published(then.only(there), ~first.shown[there]), first.need[there], then.occupied)
    second = protect(now, POLICY, earlier=[entry])
    found = [(then, first, (sex[0], send[0])), (now, second, (new_sex[0], new_send[0]))]
    rows = [row for release in found for row in rows_of_others(*release)]
    told = [(row, count - mine) for row, mine, count, shown in rows if shown]
    known = {"A_eq": np.array([row for row, _ in told]), "b_eq": [left for _, left in told]} if told else {}
    for row, mine, *_ in (one for one in rows if not one[-1]):
        low, high = (linprog(sign * row, **known) for sign in (1, -1))
        assert low.fun < 1e-6 and (high.status == 3 or mine - high.fun > 4 - 1e-6)


def rows_of_others(cells, made, child):
    """Of each printed or primary cell by sex and send: which combinations it sums up, whether the child of this sex and send
    is in it, its count, and whether it is printed."""
    everywhere = list(product(SEX.values[1:], SEND.values[1:]))
    for cell in np.flatnonzero((cells.table == 0) & ~made.left_out & (made.shown | made.primary)):
        names = SEX.values[cells.at[cell, 1]], SEND.values[cells.at[cell, 2]]
        inside = [all(n in (ALL, x) for n, x in zip(names, place, strict=True)) for place in [*everywhere, child]]
        yield np.array(inside[:-1], dtype=float), inside[-1], cells.count[cell], made.shown[cell]


def test_a_file_of_counts_comes_after_a_release_of_which_the_records_are_known():
    cells = by_send(
        *(np.tile(one, 5) for one in zip(*product(SEX.values[1:], SEND.values[1:], AGE.values[1:]), strict=True))
    )
    nothing = np.zeros(len(cells.unit))
    entry = ledger.Entry(published(cells, cells.count < 5), nothing, cells.occupied)
    assert protect(replace(cells, occupied={}), POLICY, earlier=[entry]).shown.any()


def test_further_offences_of_years_in_which_nobody_is_counted_say_nothing():
    """One release counts further offences, and a later one children of other years by whether they reoffended."""
    years = [period_dimensions(quarters_between(year, year))[0] for year in ("2022/23", "2023/24")]
    again = dimension("reoffended")
    none = {"period": np.array([], dtype=str), "reoffended": np.array([], dtype=str), "child": np.array([], dtype=int)}
    offences = {"period": np.repeat("2022/23 Q1", 9), "reoffended": np.repeat("Yes", 9), "child": np.arange(9)}
    then = {"further offences": offences, "children": none}
    now = {"period": np.repeat("2023/24 Q1", 20), "reoffended": np.repeat(["Yes", "No"], 10), "child": np.arange(20)}
    now = {"children": now, "further offences": none}
    earlier = counted(years[:1], then, [("further offences", ["year"], 0)])
    today = counted((years[1], again), now, [("children", ["year", "reoffended"], 0)])
    entry = ledger.Entry(published(earlier, earlier.count < 5), np.zeros(len(earlier.unit)), then)
    assert protect(today, POLICY, earlier=[entry]).shown.any()
