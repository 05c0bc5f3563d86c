"""One service's releases, made by the real command line and attacked with all that a reader may hold."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np

from . import leaks
from .attacker import Insider, Target, attack, distinct, targets
from .facts import Contradiction
from .folder import Folder, read
from .promise import with_small
from .services import QUARTERS, Service, write_cases
from .truth import History, Truth

PROFILES = ("caseload", "published", "ten", "round5")
SUCCESSIVE = tuple(range(QUARTERS - 4, QUARTERS))
INSIDERS = 2

Make = Callable[[Path, Path, str, Sequence[Path]], None]


class Refused(RuntimeError):
    """The command line made no release; the text is what it said."""


@dataclass
class Trial:
    """What came of a service: `narrowed` by how much the reader knows, what is untrue, what else tells."""

    seed: int
    children: int
    profile: str
    cells: int = 0
    hidden: int = 0
    primary: int = 0
    narrowed: dict[str, list[str]] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    leaks: list[str] = field(default_factory=list)
    refused: str = ""
    seconds: float = 0.0
    attack_seconds: float = 0.0


def release(cases: Path, out: Path, profile: str, previous: Sequence[Path], plan: Path | None = None) -> None:
    """Makes a release by the command line, of the default plan where no other is given.

    Raises:
        Refused: it did not.
    """
    more = [word for folder in previous for word in ("--previous", str(folder))]
    more += ["--plan", str(plan)] if plan else []
    command = [
        sys.executable,
        "-m",
        "yjdisp.cli",
        "release",
        str(cases),
        "--out",
        str(out),
        "--policy",
        profile,
        *more,
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Refused(done.stderr.strip() or done.stdout.strip())


def release_by(plan: str, home: Path) -> Make:
    """Makes releases by a plan that is given as the text of its file, which is kept at home."""
    (home / "plan.toml").write_text(plan, encoding="utf-8")
    return partial(release, plan=home / "plan.toml")


def run(
    service: Service,
    profile: str,
    directory: Path,
    quarters: Sequence[int] = SUCCESSIVE,
    make: Make = release,
    insiders: int = INSIDERS,
    sharpness: int = leaks.SAMPLE,
) -> Trial:
    """Makes the releases of a service at the ends of the given quarters, each after the ones before, and attacks them all.

    `sharpness` is how many bounds of a release are checked for saying more than its numbers do.
    """
    trial = Trial(service.seed, service.children, profile)
    began = time.monotonic()
    folders: list[Folder] = []
    truths: list[Truth] = []
    try:
        for quarter in quarters:
            rows = service.extract(quarter)
            cases = write_cases(directory / f"{quarter}.csv", rows)
            make(cases, directory / f"release-{quarter}", profile, [f.path for f in folders])
            folders.append(read(directory / f"release-{quarter}"))
            truths.append(Truth(rows, folders[-1]))
    except Refused as refused:
        trial.refused = str(refused)
    trial.seconds = time.monotonic() - began
    if folders:
        inspect(trial, folders, truths, insiders, sharpness)
    trial.attack_seconds = time.monotonic() - began - trial.seconds
    return trial


def inspect(trial: Trial, folders: list[Folder], truths: list[Truth], insiders: int, sharpness: int) -> None:
    """Fills in what the releases say that is untrue or tells too much."""
    trial.cells = sum(len(f.cells) for f in folders)
    trial.hidden = sum(c.count is None for f in folders for c in f.cells)
    for i, (folder, truth) in enumerate(zip(folders, truths, strict=True)):
        trial.wrong += [f"release {i}: {w}" for c in folder.cells if (w := truth.wrong(c))]
        trial.leaks += [f"release {i}: {found}" for found in everything_else(folder, sharpness)]
    history = History(folders, truths)
    primary = [(i, c) for i, f in enumerate(folders) for c in f.cells if c.count is None and truths[i].primary(c)]
    aims = distinct(folders, targets(folders, primary), history.version)
    trial.primary = len(aims)
    derived = [with_small(leaks.with_derived(f), t.primary) for f, t in zip(folders, truths, strict=True)]
    for name, reader in readers(history, insiders, trial.seed).items():
        try:
            found = narrowed_by_degrees(derived, aims, history, reader)
        except Contradiction as contradiction:
            trial.wrong.append(f"{name}: no world fits the printed numbers: {contradiction}")
            continue
        trial.narrowed |= {f"{name}, {degree}": cells for degree, cells in found.items() if cells}


def readers(history: History, insiders: int, seed: int) -> dict[str, Insider | None]:
    """An outsider, the child with the most records, half of the others who were all that changed between two releases,
    and further children at random."""
    certain, random = history.certain(), np.random.default_rng(seed)
    alone = [child for child in random.permutation(history.alone()).tolist() if child in certain][: insiders // 2]
    chosen = list(dict.fromkeys([*certain[:1], *alone, *random.permutation(certain[1:]).tolist()]))
    known = {f"insider {child}": Insider(history.insider(child), history.growths(child)) for child in chosen[:insiders]}
    return {"outsider": None} | known


def narrowed_by_degrees(
    folders: list[Folder], aims: list[Target], history: History, insider: Insider | None
) -> dict[str, list[str]]:
    """The narrowed cells, by the least that a reader must take for granted to narrow them.

    Public: numbers, rules and that children ≤ outcomes ≤ offences by characteristic. Growth: that late records only add
    where they did. Definitions: what the definitions of the units imply for gravity and outcome.
    """
    growths = insider.growths if insider else history.growths()
    degrees = {
        "definitions": {"growths": growths, "extended": True},
        "growth": {"growths": growths},
        "public": {},
    }
    found: dict[str, list[str]] = {}
    for degree, known in degrees.items():
        report = attack(folders, aims, history.version, insider=insider, hint=history.atoms(), **known)
        named = {(n.release, n.cell): str(n) for n in report.narrowed}
        found = {k: [x for x in v if x not in named.values()] for k, v in found.items()} | {
            degree: sorted(named.values())
        }
        aims = [aim for aim in aims if (aim.release, aim.cell) in named]
        if not aims:
            break
    return found


def everything_else(folder: Folder, sharpness: int = leaks.SAMPLE) -> list[str]:
    """What else in a folder might tell of its hidden cells."""
    files = [found for name in ("tables.parquet", "baselines.parquet") if (folder.path / name).exists()
             for found in leaks.parquet_leftovers(folder.path / name)]  # fmt: skip
    strays = [f"unknown file {name}" for name in leaks.stray_files(folder.path)]
    order = [f"rows out of order: {table}" for table in leaks.order_by_counts(folder)]
    marks = [f"a column not in the format: {name}" for name in sorted({n for c in folder.cells for n, _ in c.extra})]
    sharper = [*leaks.sharper_numbers(folder), *leaks.sharper_columns(folder, sharpness)]
    return [*strays, *files, *leaks.missing_cells(folder), *order, *marks, *sharper]
