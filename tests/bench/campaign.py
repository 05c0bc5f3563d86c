"""200 synthetic services through the real command line, four releases each, attacked: python tests/bench/campaign.py

Releases are of the default plan, or of the one given; `--releases 1` makes only the last. Prints a line a service and
the total. Results are kept in a file, so that a campaign can be stopped and taken up again.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from attack import leaks, services, trial


def one(seed: int, profile: str, insiders: int, sharpness: int, releases: int, plan: Path | None) -> dict:
    """The trial of one service, as a record."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    quarters, make = range(services.QUARTERS - releases, services.QUARTERS), partial(trial.release, plan=plan)
    with tempfile.TemporaryDirectory(prefix="campaign-") as directory:
        return asdict(trial.run(services.service(seed), profile, Path(directory), quarters, make, insiders, sharpness))


def line(r: dict) -> str:
    """A service's line: what was made, how it held."""
    narrowed = sum(len(cells) for cells in r["narrowed"].values())
    told = "; ".join(f"{name}: {len(cells)}" for name, cells in r["narrowed"].items())
    faults = [f"{len(r[name])} {name}" for name in ("wrong", "leaks") if r[name]] + (
        [r["refused"]] if r["refused"] else []
    )
    return (
        f"service {r['seed']:>4} {r['profile']:<9} {r['children']:>3} children a year  {r['cells']:>6} cells "
        f"{r['hidden']:>6} hidden  narrowed {narrowed} of {r['primary']} primary  "
        f"{r['seconds']:.0f} s made, {r['attack_seconds']:.0f} s attacked  {told} {'; '.join(faults)}".rstrip()
    )


def total(records: list[dict]) -> str:
    """The campaign's result."""
    narrowed = sum(len(cells) for r in records for cells in r["narrowed"].values())
    counts = {name: sum(bool(r[name]) for r in records) for name in ("wrong", "leaks", "refused")}
    return (
        f"{len(records)} services: narrowed {narrowed} of {sum(r['primary'] for r in records)} primary cells; "
        f"services with something wrong {counts['wrong']}, a leak {counts['leaks']}, refused {counts['refused']}"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--services", type=int, default=200)
    parser.add_argument("--first", type=int, default=1000, help="the seed of the first service")
    parser.add_argument("--profiles", nargs="+", default=list(trial.PROFILES), help="taken in turn")
    parser.add_argument("--insiders", type=int, default=trial.INSIDERS)
    parser.add_argument(
        "--sharpness", type=int, default=leaks.SAMPLE, help="bounds of a release checked for telling more"
    )
    parser.add_argument(
        "--releases", type=int, default=len(trial.SUCCESSIVE), help="one a quarter, the last at the end"
    )
    parser.add_argument("--plan", type=Path, help="a plan file instead of the default plan")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--results", type=Path, default=Path("campaign.jsonl"))
    options = parser.parse_args()
    wanted = [(options.first + i, options.profiles[i % len(options.profiles)]) for i in range(options.services)]
    kept = [json.loads(text) for text in options.results.read_text().splitlines()] if options.results.exists() else []
    records = {(r["seed"], r["profile"]): r for r in kept if (r["seed"], r["profile"]) in set(wanted)}
    with ProcessPoolExecutor(options.processes) as pool, options.results.open("a") as results:
        how = options.insiders, options.sharpness, options.releases, options.plan
        jobs = {pool.submit(one, *key, *how): key for key in wanted if key not in records}
        for record in records.values():
            print(line(record))
        for job in as_completed(jobs):
            records[jobs[job]] = job.result()
            results.write(json.dumps(job.result(), ensure_ascii=False) + "\n")
            results.flush()
            print(line(job.result()), flush=True)
    print(total(list(records.values())))
    return int(any(r["narrowed"] or r["wrong"] or r["leaks"] or r["refused"] for r in records.values()))


if __name__ == "__main__":
    sys.exit(main())
