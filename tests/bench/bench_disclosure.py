"""The disclosure core beside its design's figures: python tests/bench/bench_disclosure.py [services] [optimum] [argus]

Services are synthetic: six independent characteristics, all one- and two-way tables by year. Each is protected from
readers of the tables alone, as in the design's figures, and again from every child who knows their own record, as in a
release; in a process of its own, which is stopped after `--limit` seconds. `--keep 0` leaves no table out for how much
it prints, as in the design's figures, of which those of 540 and 2,000 children are with `--zeros shown`. `optimum`
compares the secondary cells of random tables with a mixed integer program, `argus` with τ-ARGUS's port (pip install
pytauargus).
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from itertools import product
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "disclosure"))

import numpy as np
from handmade import counted, fewest, outsiders, published, rows_of, table
from scipy.optimize import linprog

from yjdisp.disclosure import attack, checking, model, suppress
from yjdisp.disclosure.policy import Policy
from yjdisp.disclosure.protector import stage
from yjdisp.vocabulary import flat_dimension

YEARS = ("2021/22", "2022/23", "2023/24")
QUARTERS = tuple(f"{year} Q{q}" for year in YEARS for q in (1, 2, 3, 4))
SIZES = {  # cells: how many values each characteristic has, and the periods
    896: ((3, 3, 4, 4, 4, 4), YEARS),
    2624: ((3, 5, 6, 7, 7, 11), YEARS),
    12768: ((4, 5, 7, 7, 9, 11), QUARTERS),
}
DESIGN = {896: "5 s, attack 2 s", 2624: "30 s", 12768: "120 s"}
CHILDREN = (45, 135, 540, 2000)
SHARE = {  # of the cells of 5 and more, and of their value
    (896, 135, "hidden"): "49%",
    (896, 540, "shown"): "80%, value 90%",
    (896, 2000, "shown"): "93%, value 97.7%",
}
READERS = ("public", "children")  # who read the tables alone; and children who know their own record, too
SCIPY = 5  # programs that the reference solves


def service(size: int, children: int):
    """Cells of a synthetic service: periods on their own, with each characteristic, and with each pair of them."""
    values, periods = SIZES[size]
    rng = np.random.default_rng(children)
    dimensions = [flat_dimension("year", periods, axis="period")]
    records = {"period": rng.choice(periods, children), "child": np.arange(children)}
    for name, k in zip("abcdef", values, strict=True):
        positions = tuple(f"{name}{i}" for i in range(k))
        dimensions.append(flat_dimension(name, positions))
        share = 0.5 ** np.arange(k)
        records[name] = rng.choice(positions, children, p=share / share.sum())
    names = "abcdef"
    tables = [("children", ("year", n), 0) for n in names]
    tables += [("children", ("year", m, n), 1) for i, m in enumerate(names) for n in names[i + 1 :]]
    cells = counted(tuple(dimensions), {"children": records}, tables)
    first = np.unique(np.column_stack([cells.at, np.zeros(len(cells.at))]), axis=0, return_index=True)[1]
    return cells, np.sort(first)


def one(size: int, children: int, keep: float, insiders: bool, zeros: str) -> dict:
    """What a service takes: seconds, programs, memory, and what is published of it."""
    solve, programs, stage.KEEP = model.Model.solve, [0], keep

    def counting(self, like=()):
        programs[0] += 1
        return solve(self, like)

    model.Model.solve = counting
    cells, different = service(size, children)
    cells = cells if insiders else outsiders(cells)
    rules = Policy("bench", 5, zeros=zeros)
    begun = time.perf_counter()
    result = suppress.protect(cells, rules)
    protected, needed = time.perf_counter() - begun, programs[0]
    kept = ~result.left_out
    seen = published(cells.only(kept), ~result.shown[kept], least=rules.floor)
    found = attack.audit(seen, primary=result.primary[kept])
    begun = time.perf_counter()
    faults = checking.faults(result.certificate, seen) if result.certificate else ()
    large = different[cells.count[different] >= 5]
    return {
        "cells": len(different), "protect": protected, "programs": needed, "attack": found.seconds,
        "attacked": found.attacked, "narrowed": found.narrowed, "attack_programs": programs[0] - needed,
        "check": time.perf_counter() - begun, "faults": len(faults), "large": len(large),
        "published": int(result.shown[large].sum()),
        "value": cells.count[large[result.shown[large]]].sum() / cells.count[large].sum(),
        "worlds": result.certificate.change.shape[0] if result.certificate else 0,
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, "scipy": reference(cells, different, result),
    }  # fmt: skip


def reference(cells, different, result) -> float:
    """Seconds that scipy takes for one program over everything that is printed of the first two characteristics."""
    few = cells.only(different[(cells.at[different, 3:] == 0).all(axis=1)])
    shown = result.shown[different[(cells.at[different, 3:] == 0).all(axis=1)]]
    few = type(few)(few.dimensions[:3], few.unit, few.table, few.at[:, :3], few.count, few.children, few.tier)
    rows = rows_of(few)
    begun = time.perf_counter()
    for cell in range(SCIPY):
        linprog(rows[cell], A_eq=rows[shown] if shown.any() else None, b_eq=few.count[shown] if shown.any() else None)
    return (time.perf_counter() - begun) / SCIPY


def services(sizes, children, keep, zeros, limit) -> None:
    print(f"{'cells':>6} {'children':>8} {'readers':>8} {'protect':>9} {'programs':>8} {'attack':>8} "
          f"{'check':>8} {'memory':>8} "
          f"{'of 5 and more published':>24} {'value':>5} {'narrowed':>8} {'worlds':>6}  scipy, one small program; design")  # fmt: skip
    for size, n, readers in product(sizes, children, READERS):
        command = [sys.executable, __file__, "--one", str(size), str(n), readers, "--keep", str(keep),
                   "--zeros", zeros]  # fmt: skip
        try:
            done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=limit)
        except subprocess.TimeoutExpired:
            print(f"{size:>6} {n:>8} {readers:>8} stopped after {limit} s; design {DESIGN[size]}", flush=True)
            continue
        if done.returncode:
            print(f"{size:>6} {n:>8} {readers:>8} failed: {done.stderr.strip().splitlines()[-1]}", flush=True)
            continue
        r = json.loads(done.stdout.splitlines()[-1])
        share = r["published"] / max(r["large"], 1)
        print(f"{r['cells']:>6} {n:>8} {readers:>8} {r['protect']:>7.1f} s {r['programs']:>8} {r['attack']:>6.1f} s "
              f"{r['check']:>6.2f} s "
              f"{r['memory']:>5.0f} MB {r['published']:>10} of {r['large']:>5} {share:>4.0%} {r['value']:>5.0%} {r['narrowed']:>8} "
              f"{r['worlds']:>6}  {1000 * r['scipy']:.1f} ms a program; design {DESIGN[size]}, "
              f"published {SHARE.get((size, n, zeros), 'not said')}", flush=True)  # fmt: skip


def random_table(rng, shape) -> np.ndarray:
    """Counts with a tenth to a third of them small."""
    return rng.poisson(rng.gamma(1.2, 14, shape))


def optimum(tables: int) -> None:
    """Random tables of up to 80 cells: secondary cells, and what they count, beside the least that they can be: for who
    does not know the promise, as in the literature; and for who does, with the totals that we print."""
    rng, rules, lines = np.random.default_rng(2), Policy("bench", 5), []
    while len(lines) < tables:
        shape = [(6, 4), (7, 7), (8, 7), (3, 3, 3), (4, 3, 3)][len(lines) % 5]
        cells = table(random_table(rng, shape))
        primary, totals = cells.count < 5, (cells.at == 0).any(axis=1)
        if not 2 <= primary.sum() <= 4:
            continue
        begun = time.perf_counter()
        result = suppress.protect(cells, rules)
        ours = time.perf_counter() - begun
        begun = time.perf_counter()
        few, least = fewest(cells, primary, 0, 4)[0], fewest(cells, primary, 0, 4, cells.count)[0]
        known = fewest(cells, primary, 0, 4, cells.count, threshold=5, printed=totals & result.shown)[0]
        programs = time.perf_counter() - begun
        secondary = ~result.shown & ~result.primary
        lines.append((secondary.sum(), few, cells.count[secondary].sum(), least, known, ours, programs))
        print(f"{'×'.join(map(str, shape)):>6} {len(cells.unit):>3} cells, {primary.sum()} primary: {secondary.sum():>2} "
              f"secondary, the fewest {few:.0f}; they count {lines[-1][2]:>4}, the least {least:>4.0f}, beside the "
              f"promise {known:>4.0f}; {ours:.2f} s beside {programs:.2f} s", flush=True)  # fmt: skip
    mine, best, value, least, known, ours, programs = np.array(lines, dtype=float).T
    print(f"mean ratio {np.mean(mine / np.maximum(best, 1)):.2f} by cells; by what they count {np.mean(value / least):.2f}, "
          f"beside the promise {np.mean(value / known):.2f}, over {tables} tables; {ours.sum():.1f} s beside "
          f"{programs.sum():.1f} s")  # fmt: skip


def argus(tables: int) -> None:
    """Random tables of up to 700 cells beside τ-ARGUS's port, and what the attack makes of its protection."""
    try:
        import pandas as pd
        from pytauargus import protect
    except ImportError:
        print("τ-ARGUS: pytauargus is not installed (pip install pytauargus)")
        return
    rng, rules, ratios = np.random.default_rng(3), Policy("bench", 5, zeros="shown"), []
    for number in range(tables):
        shape = [(10, 10), (4, 5, 6), (5, 6, 7), (6, 9, 9)][number % 4]
        counts = random_table(rng, shape)
        cells = table(counts)
        begun = time.perf_counter()
        result = suppress.protect(cells, rules)
        ours = time.perf_counter() - begun
        rows = np.repeat(np.argwhere(counts >= 0), counts.ravel(), axis=0)
        names = [d.name for d in cells.dimensions]
        data = pd.DataFrame({d: [f"{d}{i}" for i in rows[:, k]] for k, d in enumerate(names)}).assign(n=1.0)
        with tempfile.TemporaryDirectory() as place:
            begun, here = time.perf_counter(), os.getcwd()
            os.chdir(place)
            try:
                told = protect(data, names, response="n", safety_rules="FREQ(5,100)", suppress="OPT(1)", workdir=place)
            finally:
                os.chdir(here)
            theirs = time.perf_counter() - begun
        frame = told.tables[0].dataframe().replace("Total", "All").set_index(names)
        places = [tuple(d.values[v] for d, v in zip(cells.dimensions, at, strict=True)) for at in cells.at]
        status = np.array([frame["status"].get(place, "E") for place in places])
        hidden = np.isin(status, ["U", "M"])
        attacked = attack.audit(published(cells, hidden, least=1), primary=status == "U")
        mine = attack.audit(published(cells, ~result.shown, least=1), primary=result.primary)
        pair = int((~result.shown & ~result.primary).sum()), int((status == "M").sum())
        ratios.append(pair[0] / max(pair[1], 1))
        print(f"{len(cells.unit):>4} cells, {int(result.primary.sum()):>3} primary: {pair[0]:>3} secondary, {mine.narrowed} "
              f"narrowed, {ours:.1f} s; τ-ARGUS {pair[1]:>3} secondary, {attacked.narrowed} narrowed, {theirs:.1f} s", flush=True)  # fmt: skip
    print(f"mean ratio {np.mean(ratios):.2f} (τ-ARGUS asks that a cell may be 0 and twice its count, not 1 and 4)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", default=["services", "optimum", "argus"])
    parser.add_argument("--cells", nargs="+", type=int, default=list(SIZES))
    parser.add_argument("--children", nargs="+", type=int, default=list(CHILDREN))
    parser.add_argument("--keep", type=float, default=stage.KEEP, help="the least of a table, or it is left out")
    parser.add_argument("--zeros", choices=["hidden", "shown"], default="hidden")
    parser.add_argument("--tables", type=int, default=20)
    parser.add_argument("--limit", type=int, default=1800, help="seconds that a service may take")
    parser.add_argument("--one", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        size, children, readers = options.one
        print(json.dumps(one(int(size), int(children), options.keep, readers == READERS[1], options.zeros)))
        return
    if "services" in options.parts:
        services(options.cells, options.children, options.keep, options.zeros, options.limit)
    if "optimum" in options.parts:
        optimum(options.tables)
    if "argus" in options.parts:
        argus(options.tables)


if __name__ == "__main__":
    main()
