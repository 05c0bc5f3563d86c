"""From a case file to a release: read, count, protect, attack, write. The whole of the analyst's side in one call."""

from __future__ import annotations

import platform
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, as_completed
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from yjdisp import baselines, counting, intake, release
from yjdisp.cases import CaseFile
from yjdisp.counts_file import CountsFile
from yjdisp.disclosure import attack, certificate, checking, ledger, private, siege
from yjdisp.disclosure import plan as plans
from yjdisp.disclosure import policy as policies
from yjdisp.disclosure.cells import Cells, Published
from yjdisp.disclosure.facts import versions
from yjdisp.disclosure.suppress import LeftOut, ProtectedPlan, in_words, protect_plan
from yjdisp.problems import Problem
from yjdisp.release import HIDDEN, Release
from yjdisp.tabulate import as_published, bounded, printed_total, published, to_frame
from yjdisp.vocabulary import FURTHER, IN_A_SENTENCE, LABELS, Dimension, listing, normalise, years_of

Progress = Callable[[float, str], None]
OPTIONAL = ("send", "care", "decided_by", "recommended_outcome", "first_time_entrant", "reoffended")
NEEDS = {name: {name} for name in (*OPTIONAL, "gravity", "offence_group")} | {
    "serious_violence": {"gravity", "offence_group"}
}
NOTHING_ON = "The file has nothing on {label}, so no table of it is made."
HIDDEN_BEFORE = (
    "The counts file hides a number of {table} already. What it hides cannot be protected, so none is published."
)
NOT_WRITTEN = "the release was not written: "
OTHER_AREA, FEW = "another area", "fewer than 10"
CONTRADICTED = (
    "its numbers and those of {ids} cannot both be true, and nothing tells which records changed; put the folder "
    ".private back beside each earlier release of cases"
)


class Refused(ValueError):
    """An input with problems, or a release that its own attack narrows; nothing was written.

    Attributes:
        problems: what is wrong with the input; empty where the release itself was refused.
    """

    def __init__(self, message: str, problems: tuple[Problem, ...] = ()) -> None:
        super().__init__(message)
        self.problems = problems


@dataclass(frozen=True)
class Rules:
    """What a release is made with."""

    policy: policies.Policy
    plan: plans.Plan
    baselines: pd.DataFrame = field(repr=False)


@dataclass(frozen=True)
class Counts:
    """An input, counted: all that protection needs, and what the manifest says of it.

    Attributes:
        not_counted: the tables that the input does not allow, with the reason.
    """

    cells: Cells = field(repr=False)
    plan: plans.Plan
    areas: tuple[str, ...]
    years: tuple[str, ...]
    synthetic: bool
    left_out: Mapping[str, str]
    mapping: str = ""
    not_counted: tuple[LeftOut, ...] = ()


def rules(*, policy: str | Path | None = None, plan: Path | None = None, baseline_file: Path | None = None) -> Rules:
    """Read policy, plan and baselines, or the defaults that ship. Raises PolicyError, PlanError, BaselineError."""
    return Rules(
        policies.load(policy or policies.DEFAULT),
        plans.load(plan),
        baselines.read(baseline_file or baselines.default_file()),
    )


def publish(
    source: Path | BinaryIO,
    out: Path,
    *,
    made_with: Rules,
    name: str | None = None,
    mapping: Path | str | None = None,
    area: str | None = None,
    previous: Sequence[Release] = (),
    engine: str = "pandas",
    progress: Progress | None = None,
) -> str:
    """Make a release of a case file or a counts file at `out`, whole or not at all; returns its id.

    Args:
        source: a path, or an open binary file that goes by `name` in messages.
        mapping: a TOML file (or its text) that says which heading is which column.
        area: the area that the cases belong to, or the only one of the file's areas to publish.
        previous: earlier releases of the same service, whose numbers are public already.
        engine: one of `counting.ENGINES`.
        progress: called with a fraction and a stage; raising from it cancels, and nothing is written.

    Raises:
        CaseFileError: the file cannot be read. Refused: it has problems, or its release would give something away.
        ReleaseError: `out` cannot be written to.
    """
    report = progress or (lambda fraction, stage: None)
    release.check_place(out)
    if any(r.folder and r.folder.resolve() == Path(out).resolve() for r in previous):
        raise Refused(
            f"{NOT_WRITTEN}{out.name} is one of the earlier releases, and what it told must stay known; choose another place"
        )
    report(0.0, "Reading and counting")
    counts = _counted(intake.read(source, name=name, mapping=mapping), made_with, area, engine)
    previous = _same_areas(previous, counts)
    earlier = [ledger.load(published(r), r.folder, r.id) for r in previous]
    protection = protect_plan(
        counts.cells, made_with.policy, counts.plan, earlier=earlier, progress=_between(report, 0.1, 0.8)
    )
    if not protection.plan.tables:
        beside = " beside what earlier releases have told" if earlier else ""
        raise Refused(f"{NOT_WRITTEN}the numbers are too small to publish any of its tables{beside}")
    try:
        made = _attacked(protection, counts, made_with.policy, earlier, _between(report, 0.8, 0.95))
    except siege.AttackError as error:
        unknown = [r.id for r, entry in zip(previous, earlier, strict=True) if not entry.records]
        contradicted = unknown and not isinstance(error, siege.TooFine)
        why = CONTRADICTED.format(ids=listing(unknown)) if contradicted else error
        raise Refused(f"{NOT_WRITTEN}{why}") from None
    report(0.95, "Writing")
    identity = _write(out, made, counts, made_with)
    report(1.0, "Done")
    return identity


def _between(report: Progress, start: float, end: float) -> Progress:
    """Progress of a part of the work, which takes from one share of the whole to another."""
    return lambda fraction, stage: report(start + (end - start) * fraction, stage)


def _same_areas(previous: Sequence[Release], counts: Counts) -> list[Release]:
    """Earlier releases, the first made first. Raises Refused where one of them is of other areas."""
    if others := [r.id for r in previous if set(r.areas).isdisjoint(counts.areas)]:
        raise Refused(f"{NOT_WRITTEN}{listing(others)} has other areas; leave out other services'")
    return sorted(previous, key=lambda r: r.manifest["created"])


@dataclass(frozen=True)
class Made:
    """A release that is ready to be written.

    Attributes:
        protection: what may be printed, and the tables that are left out.
        frame: one row a published cell.
        dimensions: those that the cells use.
        seen: the cells as anybody can read them.
        need: (n,) float, what each primary cell must be able to rise to; 0 for all others.
        low, high: (n,) float, what anybody can work out that each cell is between.
        result: what the attack found.
    """

    protection: ProtectedPlan
    frame: pd.DataFrame
    dimensions: tuple[Dimension, ...]
    seen: Published
    need: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    result: attack.AuditResult


def _attacked(
    protection: ProtectedPlan,
    counts: Counts,
    policy: policies.Policy,
    earlier: Sequence[ledger.Entry],
    progress: Progress,
) -> Made:
    """A release of what may be printed, that has stood the attack on it, and on earlier ones beside it.

    Raises:
        Refused: something is narrowed, or the certificate does not hold. AttackError: no records can look like this.
    """
    frame, dimensions = to_frame(protection.cells, protection.protected, protection.plan)
    seen, need = as_published(frame, dimensions, policy, counts.years), protection.protected.need[frame.index]
    history, _ = versions.history(counts.cells.occupied, earlier, counts.cells.dimensions)
    result = attack.audit(
        seen,
        [entry.published for entry in earlier],
        history=history,
        primary=need > 0,
        owed=[entry.need for entry in earlier],
        guessed=[number for number, entry in enumerate(earlier) if not entry.records],
        progress=_between(progress, 0.0, 2 / 3),
    )
    if result.narrowed:
        raise Refused(f"{NOT_WRITTEN}its own attack narrows {result.narrowed} hidden cells")
    if result.taken:
        told = f"hidden cells of earlier releases ({result.taken}); a plan with fewer tables tells less"
        raise Refused(f"{NOT_WRITTEN}it narrows {told}")
    low, high = attack.bounds(seen, progress=_between(progress, 2 / 3, 1.0))
    proof = protection.protected.certificate
    if proof and (faults := checking.faults(proof, seen)):
        raise Refused(f"{NOT_WRITTEN}its certificate does not hold; {faults[0]}")
    return Made(protection, frame, dimensions, seen, need, low, high, result)


def _write(out: Path, made: Made, counts: Counts, made_with: Rules) -> str:
    """Write a release, and what the analyst's side keeps of it, whole or not at all; returns its id."""
    kept, proof = [], made.protection.protected.certificate

    def keep(identity: str) -> None:
        kept.append(identity)
        ledger.save(ledger.Entry(made.seen, made.need, counts.cells.occupied), out, identity)
        if proof:
            certificate.save(proof, out, identity)

    try:
        identity = release.write(
            out,
            cells=bounded(made.frame, made.low, made.high),
            dimensions=made.dimensions,
            baselines=made_with.baselines,
            policy=policies.to_toml(made_with.policy),
            plan=plans.to_toml(made.protection.plan),
            manifest=_manifest(made, counts, made_with),
            keep=keep,
        )
    except OSError:
        for identity in kept:
            private.drop(out, identity)
        raise
    private.keep_only(out, identity)
    return identity


@dataclass(frozen=True)
class Job:
    """The release of one service among many: the arguments of `publish`, with earlier releases as folders."""

    source: Path
    out: Path
    made_with: Rules
    mapping: Path | str | None = None
    area: str | None = None
    previous: tuple[Path, ...] = ()
    engine: str = "pandas"

    def run(self) -> str:
        """Make the release; returns its id. Raises like `publish`."""
        return publish(
            self.source,
            self.out,
            made_with=self.made_with,
            mapping=self.mapping,
            area=self.area,
            previous=[release.read(folder) for folder in self.previous],
            engine=self.engine,
        )


def publish_all(jobs: Sequence[Job], executor: Executor, progress: Progress | None = None) -> tuple[str, ...]:
    """Make the releases of many services at once; returns their ids in the order of the jobs.

    Args:
        executor: any: of threads, of processes, of a cluster.
        progress: called with the share of services that are done and which was the last; raising from it cancels all
            that have not begun, and those that have are finished.

    Raises:
        ExceptionGroup: what single jobs raised, when all others are published.
    """
    futures = {executor.submit(job.run): job for job in jobs}
    try:
        for done, future in enumerate(as_completed(futures), start=1):
            if progress:
                progress(done / len(futures), futures[future].out.name)
    finally:
        for future in futures:
            future.cancel()
    if errors := [error for future in futures if (error := future.exception())]:
        raise ExceptionGroup("releases that were not written", errors)
    return tuple(future.result() for future in futures)


def _counted(read: CaseFile | CountsFile, made_with: Rules, area: str | None, engine: str) -> Counts:
    return (
        _of_counts(read, made_with, area) if isinstance(read, CountsFile) else _of_cases(read, made_with, area, engine)
    )


def _of_cases(read: CaseFile, made_with: Rules, area: str | None, engine: str) -> Counts:
    rows = _of_area(_usable(read, made_with.policy), "area" in read.columns, area)
    coded = counting.on_engine(counting.encode(rows), engine)
    plan, not_counted = _answerable(made_with.plan, read.columns, rows)
    cells = counting.cells_of(counting.count_units(coded), coded, plan)
    years = years_of(coded.axes["period"])
    return Counts(
        cells, plan, coded.axes["area"], years, read.synthetic, _left_out(read, rows, read.whose, made_with.policy), read.mapping,
        not_counted,
    )  # fmt: skip


def _of_counts(read: CountsFile, made_with: Rules, area: str | None) -> Counts:
    rows = _of_area(_usable(read, made_with.policy), "area" in read.dimensions, area)
    if {"quarter", "rolling_year"} & set(read.dimensions):
        raise Refused("a counts file is counted by year; leave the columns quarter and rolling_year out")
    cells, plan, marked = counting.cells_of_counts(rows, read.dimensions)
    if not plan.tables:
        raise Refused("the counts file has no table without a mark in it; what is hidden already cannot be protected")
    areas = counting.named(rows["area"]) or ("",)
    years = tuple(sorted(counting.named(rows["year"])))
    not_counted = tuple(LeftOut(t.unit, t.name, HIDDEN_BEFORE.format(table=in_words(t))) for t in marked)
    return Counts(
        cells, plan, areas, years, read.synthetic, _left_out(read, rows, {}, made_with.policy), not_counted=not_counted
    )


def _usable(read: CaseFile | CountsFile, policy: policies.Policy) -> pd.DataFrame:
    """The rows to count. Raises Refused where problems forbid it or nothing is left."""
    if read.problems and (policy.bad_rows == "refuse" or read.rows.empty):
        raise Refused("the file has problems; nothing was written", read.problems)
    if read.rows.empty:
        raise Refused("the file has no row to count; nothing was written")
    return read.rows


def _of_area(rows: pd.DataFrame, has_areas: bool, area: str | None) -> pd.DataFrame:
    """The rows of one area; rows that name none are all of it. Raises Refused where none is."""
    if area is None:
        return rows
    if not has_areas:
        return rows.assign(area=area)
    of_area = rows[rows["area"].map(normalise) == normalise(area)]
    if of_area.empty:
        raise Refused(f"the file has no row of the area {area!r}; leave the area out or correct it")
    return of_area


def _left_out(
    read: CaseFile | CountsFile,
    rows: pd.DataFrame,
    whose: Mapping[str, int],
    policy: policies.Policy,
) -> dict[str, str]:
    """About how many rows of the file are not among those that are counted, by reason; where they are of fewer children
    than the threshold no more is said than that they are few.

    Args:
        whose: reason -> children, as far as that is known.
    """
    number, children = dict(read.left_out), dict(whose)
    others = read.rows.drop(index=rows.index)
    if len(others):
        number[OTHER_AREA] = len(others)
        children |= {OTHER_AREA: others["child"].nunique()} if "child" in others else {}
    return _about(number) | {reason: FEW for reason, n in children.items() if n < policy.threshold}


def _answerable(
    plan: plans.Plan, columns: frozenset[str], rows: pd.DataFrame
) -> tuple[plans.Plan, tuple[LeftOut, ...]]:
    """The tables of a plan whose columns the case file has, and the others."""
    absent = {dimension for dimension, needed in NEEDS.items() if not needed <= columns}
    if not counting.tells_further_offences(rows):
        absent.add(FURTHER)
    lacking = [[name for name in (t.unit, *t.dimensions) if name in absent] for t in plan.tables]
    labels = {name: IN_A_SENTENCE.get((name, 1), LABELS.get(name, name).lower()) for name in absent}
    without = [
        LeftOut(t.unit, t.name, NOTHING_ON.format(label=labels[lacks[0]]))
        for t, lacks in zip(plan.tables, lacking, strict=True)
        if lacks
    ]
    return plan.only({i for i, lacks in enumerate(lacking) if not lacks}), tuple(without)


def _manifest(made: Made, counts: Counts, made_with: Rules) -> dict[str, Any]:
    symbol = made.frame.groupby(["unit", "table"], sort=False)["symbol"]
    summary = symbol.agg(cells="size", hidden=lambda symbols: int((symbols == HIDDEN).sum())).reset_index()
    packages = ("yjdisp", "numpy", "pandas", "scipy", "highspy")
    return {
        "service": ", ".join(filter(None, counts.areas)) or "not named",
        "areas": list(counts.areas),
        "period": {"years": list(counts.years)},
        "synthetic": counts.synthetic,
        **({"mapping": counts.mapping} if counts.mapping else {}),
        "rows": {"used": printed_total(made.frame, "offences"), "left_out": counts.left_out},
        "policy": made_with.policy.name,
        "plan": made.protection.plan.name,
        "left_out": [vars(table) for table in (*made.protection.left_out, *counts.not_counted)],
        "sources": sorted(made_with.baselines["source"].unique()),
        "suppression": summary.to_dict("records"),
        "attack": {name: getattr(made.result, name) for name in ("cells", "hidden", "narrowed")},
        "software": {name: version(name) for name in packages} | {"python": platform.python_version()},
    }


def _about(reasons: Mapping[str, int]) -> dict[str, str]:
    """Rows left out, by reason, to the nearest 10: a few rows could be one child's."""
    return {reason: FEW if n < 10 else f"about {round(n, -1)}" for reason, n in reasons.items()}


def audit(folder: Path) -> dict[str, Any]:
    """Attack a release from its own files, and check its certificate where that is at hand.

    Returns:
        cells, hidden, primary (None without a certificate: from public files nobody can tell), attacked, narrowed,
        undecided, seconds, certificate ("holds", "does not hold" or "none"), safe.

    Raises:
        ReleaseError: the folder is not a whole, unchanged release. AttackError: its tables contradict each other.
        PrivateError: what lies beside it is not a certificate.
    """
    source = release.read(folder)
    seen = published(source)
    result = attack.audit(
        seen, said=tuple(source.cells[end].to_numpy(float, na_value=np.inf) for end in ("low", "high"))
    )
    worlds = certificate.load(folder, source.id)
    proof = "none" if worlds is None else "does not hold" if checking.faults(worlds, seen) else "holds"
    return {
        "cells": result.cells,
        "hidden": result.hidden,
        "primary": None if worlds is None else int(checking.primary(worlds, seen).sum()),
        "attacked": result.attacked,
        "narrowed": result.narrowed,
        "undecided": result.undecided,
        "seconds": round(result.seconds, 2),
        "certificate": proof,
        "safe": result.narrowed == 0 and proof != "does not hold",
    }
