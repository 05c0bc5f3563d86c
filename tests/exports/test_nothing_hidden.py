"""No byte of any export holds a hidden number, or one that gives it away."""

from __future__ import annotations

import struct
from collections.abc import Iterator

import pytest

from exports.reading import RATIOS, SHARES, charts, everything, numbers, stray_across, stray_upwards, whole_numbers
from exports.services import Service, service
from yjdisp import exhibits, exports
from yjdisp.comparison import compare
from yjdisp.release import Release, table
from yjdisp.trends import trend
from yjdisp.vocabulary import ALL

SERVICES = range(20)
WITH_PDF = range(1)  # a PDF is made of the same page and takes longer


@pytest.fixture(scope="module")
def services(tmp_path_factory) -> list[Service]:
    folder = tmp_path_factory.mktemp("services")
    return [service(folder, seed) for seed in SERVICES]


def files(s: Service, seed: int) -> Iterator[tuple[str, bytes]]:
    """Every export of the whole release and of one comparison on screen."""
    view = exhibits.compared([compare(s.release, by="ethnicity")], s.release.years)
    for suffix, kind in exports.FORMATS.items():
        if suffix == ".pdf" and seed not in WITH_PDF:
            continue
        if "release" in kind.holds:
            yield suffix, exports.build(s.release, suffix)
        if "view" in kind.holds:
            yield f"view{suffix}", exports.build(s.release, suffix, [view])


def giving_away(s: Service) -> set[int]:
    """The hidden counts, and what is left of each published total around them."""
    totals = {int(n) for n in s.release.cells["count"].dropna()}
    counts = set(s.hidden.values())
    return counts | {abs(total - count) for total in totals for count in counts if abs(total - count) > 100_000}


def derived(s: Service) -> list[float]:
    """The share, the index and the ratios that a hidden group would have."""
    cells = table(s.release, by=["ethnicity"]).set_index("ethnicity")["count"]
    known = float(cells[ALL] - cells["Unknown"]) if cells.notna()["Unknown"] else float(cells[ALL])
    whole = s.populations["White"] + s.populations["All other ethnic groups combined"]
    found = []
    for (dimensions, values), count in s.hidden.items():
        if dimensions == ("year", "ethnicity") and values[0] == ALL:
            share, population_share = count / known, s.populations[values[1]] / whole
            against_white = count / s.populations[values[1]] / (cells["White"] / s.populations["White"])
            odds = share / (1 - share) * (1 - population_share) / population_share
            found += [share, 100 * share, share - population_share, share / population_share, against_white, odds]
    return found


@pytest.mark.parametrize("seed", SERVICES)
def test_no_byte_gives_a_hidden_number_away(services, seed):
    s = services[seed]
    published = {int(n) for column in ("count", "low", "high") for n in s.release.cells[column].dropna()}
    day = int(s.release.id.split("-")[0])  # in which the release was made: what is left of a total may look like it
    secrets = giving_away(s) - published - set(s.populations.values()) - {day}
    assert set(s.hidden.values()) <= secrets
    in_memory = [struct.pack(code, n) for n in set(s.hidden.values()) for code in ("<q", "<d", ">d")]
    ratios = derived(s)
    for name, file in files(s, seed):
        for path, content in everything(file, name):
            assert not secrets & whole_numbers(content), f"{path} holds a hidden number"
            assert not any(pattern in content for pattern in in_memory), f"{path} holds a hidden number"
            if not path.endswith("//extra"):
                close = {n for n in numbers(content.decode(errors="replace")) for r in ratios if near(n, r)}
                assert not close, f"{path} holds a figure made from a hidden number"


def near(number: float, secret: float) -> bool:
    """Whether a number is a secret as far as its own digits go; numbers of few digits prove nothing."""
    return len(f"{abs(number):.10g}".replace(".", "").strip("0")) >= 8 and abs(number - secret) < 1e-7 * abs(secret)


def test_the_search_finds_what_is_planted(services):
    s = services[0]
    count = next(iter(s.hidden.values()))
    rows = s.release.cells.copy()
    rows.loc[rows["symbol"] != "", "count"] = count
    open_release = type(s.release)(
        **{**{f: getattr(s.release, f) for f in s.release.__dataclass_fields__}, "cells": rows}
    )
    for name, file in files(Service(open_release, s.hidden, s.populations), 0):
        if not name.startswith("view"):
            members = everything(file, name)
            assert any(count in whole_numbers(content) for _, content in members), f"the search misses it in {name}"


@pytest.mark.parametrize("seed", SERVICES)
def test_no_coordinate_of_a_chart_stands_where_a_hidden_figure_would(services, seed):
    """Every position along an axis, turned back into a figure through the ticks, is one that is published."""
    of = services[seed].release
    drawn = charts(exports.build(of, ".html").decode())
    (ratios,) = (chart for chart in drawn if RATIOS in chart)
    trends = [chart for chart in drawn if SHARES in chart]
    c = compare(of, by="ethnicity").table
    ends = [x for name in ("rri", "rri_low", "rri_high", "rri_least", "rri_most") for x in c[name].dropna()]
    assert not stray_across(ratios, [*ends, 0.8, 1.25])
    assert stray_across(ratios, [])
    for chart in trends:
        shares = [100 * x for by in ("ethnicity", "sex") for x in shown_over_time(of, by)]
        assert not stray_upwards(chart, shares)
        assert stray_upwards(chart, [])


def shown_over_time(of: Release, by: str) -> list[float]:
    """Every published share, its limits, and what is left possible of a hidden one, by year."""
    found = []
    for group in [g for g in of.dimensions[by].values if g not in (ALL, "Unknown")]:
        points = trend(of, by=by, group=group, measure="share").points
        found += [x for name in ("value", "value_low", "value_high", "least", "most") for x in points[name].dropna()]
    return found
