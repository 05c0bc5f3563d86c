"""What the browser receives over all pages and filters: no hidden count, and no number from which one follows."""

from __future__ import annotations

import json
import math
import re
from itertools import product

import numpy as np
import pytest
from conftest import SAMPLES
from streamlit.testing.v1.element_tree import Selectbox

from ui import small, weighed
from yjdisp import measures
from yjdisp.comparison import EVERYONE_ELSE
from yjdisp.measures.trends import Trend
from yjdisp.ui.shell import PAGES

# Counts that occur nowhere else, so that each of them, or anything worked out with it, is known when it is seen.
TIMES = 10_000
IDENTIFIER = re.compile(
    r"\b(?=[0-9a-f]*[a-f])[0-9a-f]{8,}\b"
)  # hashes differ in every run: six digits of one mean nothing
VALUES = {"Everyone else": EVERYONE_ELSE}  # what the screen shows with a capital
TRUE = {"Asian": (61_007, 61_121), "Black": (52_009, 52_127), "Other": (43_013, 43_133)}
POPULATION = {"White": 14997, "Asian": 508, "Black": 167, "Mixed": 918, "Other": 128}
WHITE, MIXED, UNKNOWN = (700_001, 700_027), (97_001, 97_003), (11_003, 13_001)


def hidden(groups: dict) -> dict:
    return {group: ((0, 200_003), (0, 200_003)) for group in groups}


@pytest.fixture(scope="module")
def marked_folder(tmp_path_factory):
    """A release whose hidden counts, were they to come out, would be recognised."""
    folder = tmp_path_factory.mktemp("marked")
    others = tuple(sum(n) for n in zip(MIXED, *TRUE.values(), strict=True))
    groups = {"White": WHITE, "All other ethnic groups combined": others, "Unknown": UNKNOWN, "Mixed": MIXED}
    total = tuple(sum(n) for n in zip(WHITE, others, UNKNOWN, strict=True))
    children = small.CHILDREN | {"ethnicity": groups | hidden(TRUE)}
    small.write(folder / "marked", children=children, total=total, times=TIMES)
    return folder


def forbidden() -> tuple[set[int], list[float]]:
    """The hidden counts; and their shares and ratios."""
    counts, worked_out = set(), []
    for group, of_years in TRUE.items():
        for counted, white, other in [
            *zip(of_years, WHITE, zip(MIXED, *TRUE.values(), strict=True), strict=True),
            (sum(of_years), sum(WHITE), (sum(MIXED), *map(sum, TRUE.values()))),
        ]:
            known = white + sum(other)
            counts.add(counted)
            worked_out += [counted / known, counted / white * POPULATION["White"] / POPULATION[group]]
    return counts, worked_out


def numbers(message) -> set[float]:
    """Every number in a message, in its texts and its JSON, with and without thousands separators."""
    text = str(message)
    for spec in re.findall(r'spec: "((?:[^"\\]|\\.)*)"', text):
        text += json.dumps(json.loads(spec.encode().decode("unicode_escape")))
    found = re.findall(r"\d+(?:,\d{3})*(?:\.\d+)?", IDENTIFIER.sub("", text))
    return {float(n.replace(",", "")) for n in found}


def received(app) -> set[float]:
    tree = [block for root in (app.main, app.sidebar) for block in _walk(root)]
    tables = {
        float(n)
        for t in app.table
        for cell in t.value.reset_index().to_numpy().ravel()
        for n in re.findall(r"\d+\.?\d*", cell)
    }
    return tables.union(*(numbers(element.proto) for element in tree if getattr(element, "proto", None) is not None))


def _walk(block):
    for child in block.children.values():
        yield child
        if hasattr(child, "children"):
            yield from _walk(child)


def assert_nothing_hidden(seen: set[float]) -> None:
    counts, worked_out = forbidden()
    assert not counts & seen
    for value in worked_out:
        close = [n for n in seen for scale in (1, 100) if n > 0.5 and math.isclose(n, value * scale, rel_tol=1e-6)]
        assert not close, f"{close} follows from a hidden count"


def test_the_scan_sees_what_is_published(app, marked_folder, monkeypatch):
    monkeypatch.setenv("YJDISP_RELEASES", str(marked_folder))
    app.run()
    seen = received(app)
    assert float(sum(WHITE)) in seen
    rri = sum(MIXED) / sum(WHITE) * POPULATION["White"] / POPULATION["Mixed"]
    assert any(math.isclose(n, rri, rel_tol=1e-6) for n in seen)


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.file)
@pytest.mark.parametrize("year", [None, *small.YEARS])
def test_no_page_sends_a_hidden_count(app, marked_folder, monkeypatch, page, year):
    monkeypatch.setenv("YJDISP_RELEASES", str(marked_folder))
    if year:
        app.query_params["year"] = year
    app.run()
    app.switch_page(page.path).run()
    assert not app.exception
    assert_nothing_hidden(received(app))


def test_no_baseline_or_reference_brings_a_hidden_count_out(app, marked_folder, monkeypatch):
    monkeypatch.setenv("YJDISP_RELEASES", str(marked_folder))
    app.run()
    app.switch_page("pages/ethnicity.py").run()
    baselines = app.selectbox(key="ethnicity_baseline").options
    references = app.selectbox(key="ethnicity_reference").options
    for baseline, reference in product(baselines[:3], references):
        app.selectbox(key="ethnicity_baseline").select(baseline)
        app.selectbox(key="ethnicity_reference").set_value(VALUES.get(reference, reference)).run()
        assert not app.exception
        assert_nothing_hidden(received(app))


# --- every table of the sample, every page, every option of every filter


@pytest.fixture(scope="module")
def weighed_release(tmp_path_factory, sample):
    """The folder of a release with all tables, and what is hidden in it."""
    folder = tmp_path_factory.mktemp("weighed")
    return folder, weighed.write(folder / "weighed", sample, SAMPLES / "bathavon.csv")


def given_away(seen: set[float], secret: weighed.Weighed) -> list[float]:
    """Numbers that are a hidden count, or its share of a printed one to nine digits, as a fraction or in per cent."""
    exact = [n for n in seen if n in secret.hidden]
    rough = np.array(sorted(n for n in seen if 0 < n <= 100 and len(repr(n)) > 9))
    found = []
    for scale in (1, 100):
        shares = scale * secret.shares
        at = np.clip(np.searchsorted(shares, rough), 1, len(shares) - 1)
        nearest = np.where(rough - shares[at - 1] < shares[at] - rough, shares[at - 1], shares[at])
        found += rough[np.isclose(rough, nearest, rtol=1e-9, atol=0)].tolist()
    return exact + found


def test_a_hidden_count_and_its_share_would_be_seen(weighed_release):
    _, secret = weighed_release
    assert len(secret.hidden) > 100
    count, share = next(iter(secret.hidden)), float(secret.shares[50])
    assert given_away({float(count)}, secret) == [count]
    assert given_away({share}, secret) and given_away({100 * share}, secret)


def take(box: Selectbox, option: str) -> Selectbox:
    """Choose what the screen shows, as a person does; `Selectbox.select` wants the value behind it."""
    shown = {"index": property(lambda self: self.options.index(option))}
    box.__class__ = type("Shown", (Selectbox,), shown)
    return box


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.file)
def test_no_option_of_any_filter_sends_a_hidden_count(app, weighed_release, monkeypatch, page):
    folder, secret = weighed_release
    monkeypatch.setenv("YJDISP_RELEASES", str(folder))
    quick = Trend(0.0, 1.0, 1.0, 1.0, "none")  # the exact one takes minutes for millions
    monkeypatch.setattr(measures, "poisson_trend", lambda *counts, **options: quick)
    app.run()
    app.switch_page(page.path).run()
    tried, shown = set(), set()
    while fresh := [
        (box.key, option) for box in app.sidebar.selectbox for option in box.options if (box.key, option) not in tried
    ]:
        key, option = fresh[0]
        tried.add((key, option))
        take(app.selectbox(key=key), option).run()
        assert not app.exception
        seen = received(app)
        shown |= seen
        assert not given_away(seen, secret)
    assert any(n > weighed.LEAST for n in shown) or not page.by
