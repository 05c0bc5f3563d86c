"""The command line: the same core without a browser."""

from __future__ import annotations

import argparse
import io
import json
import os
import sys
import traceback
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

try:
    import pandas as pd

    from yjdisp import comparison, release
    from yjdisp.vocabulary import COUNTED, UNITS, normalise
except KeyboardInterrupt:  # loading takes a second
    sys.exit(130)

UNREADABLE = 2
PROBLEMS = 1
CLOSED = 141  # as of any program whose reader has gone
MERGED = "several outcomes of one child on one day, without outcome_id: {days}; each such day counts as one outcome"


class Failure(Exception):
    """A message for the user and the exit code that goes with it."""

    def __init__(self, message: str, code: int = PROBLEMS) -> None:
        super().__init__(message)
        self.code = code


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code. Errors are one line on standard error, a traceback only with --debug."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")
    if not sys.warnoptions:
        warnings.simplefilter("ignore", FutureWarning)  # of libraries: nothing that who runs a command can act on
    options = _parser().parse_args(arguments)
    try:
        code = options.run(options) or 0
        if sys.stdout:
            sys.stdout.flush()
        return code
    except BrokenPipeError:  # who reads has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return CLOSED
    except KeyboardInterrupt:
        return _fail("stopped; nothing was written", 130)
    except Failure as failure:
        return _fail(str(failure), failure.code)
    except Exception as error:
        if options.debug:
            traceback.print_exc()
        return _explain(error)


def _fail(message: str, code: int) -> int:
    print(f"yjdisp: {' '.join(message.split())}", file=sys.stderr)
    return code


def _explain(error: Exception) -> int:
    """Known errors carry their own message; of any other only its type is said, for its text could hold a row."""
    if type(error).__module__.startswith("yjdisp."):
        unreadable = type(error).__name__ == "CaseFileError"
        return _fail(str(error), UNREADABLE if unreadable else PROBLEMS)
    if isinstance(error, OSError):
        named = f": {Path(str(error.filename)).name}" if error.filename else ""
        what = f"{error.strerror or 'cannot read or write'}{named}"
        return _fail(f"{what}; check the path, and that you may read and write there", UNREADABLE)
    if isinstance(error, ModuleNotFoundError):
        return _fail(f"the package {error.name} is not installed; `pip install {error.name}` and run again", UNREADABLE)
    return _fail(f"an unexpected fault ({type(error).__name__}); run again with --debug and report it", PROBLEMS)


def check(options: argparse.Namespace) -> int:
    from yjdisp import intake

    read = intake.read(options.cases, mapping=options.mapping)
    marks, merged = getattr(read, "marks", 0), getattr(read, "merged", 0)
    if options.json:
        records = [vars(problem) for problem in read.problems]
        found = {"rows": read.read, "left_out": read.left_out, "unused": read.unused, "problems": records}
        print(json.dumps(found | {"marks": marks, "merged": merged}, ensure_ascii=False))
    else:
        said = [f"rows left out: {reason}, {rows}" for reason, rows in read.left_out.items()]
        said += [f"columns not used: {', '.join(read.unused)}"] if read.unused else []
        said += [f"marks instead of counts: {marks}; a table with one is not published"] if marks else []
        said += [MERGED.format(days=merged)] if merged else []
        print(*read.problems, *said, f"{read.read} rows read, {len(read.problems) or 'no'} problems", sep="\n")
    return PROBLEMS if read.problems else 0


def make_release(options: argparse.Namespace) -> int:
    from yjdisp import publish

    made_with = publish.rules(policy=options.policy, plan=options.plan, baseline_file=options.baselines)
    try:
        identity = publish.publish(
            options.cases,
            options.out,
            made_with=made_with,
            mapping=options.mapping,
            area=options.area,
            previous=[release.read(folder) for folder in options.previous],
            engine=options.engine,
            progress=_progress if sys.stderr.isatty() else None,
        )
    except publish.Refused as refused:
        raise Failure(_with_first_problem(refused)) from None
    made = release.read(options.out)
    hidden = int((made.cells["symbol"] == release.HIDDEN).sum())
    print(f"release {identity}: {len(made.cells)} cells, {hidden} hidden, written to {options.out}")
    for reason, rows in made.manifest["rows"]["left_out"].items():
        print(f"rows left out: {reason}, {rows}")
    for reason in dict.fromkeys(table["reason"] for table in made.manifest["left_out"]):
        print(f"left out: {reason}")
    return 0


def _with_first_problem(refused) -> str:
    if not refused.problems:
        return str(refused)
    first, *others = refused.problems
    rest = f"; and {len(others)} more problems, which `yjdisp check` lists" if others else ""
    return f"{refused}: {first}{rest}"


def _progress(fraction: float, stage: str) -> None:
    end = "\n" if fraction >= 1 else ""
    print(f"\r{fraction:4.0%} {stage:<60.60}", end=end, file=sys.stderr, flush=True)


def audit(options: argparse.Namespace) -> int:
    from yjdisp import publish

    result = publish.audit(options.dir)
    if options.json:
        print(json.dumps(result))
    else:
        said = result | {"primary": "not known" if result["primary"] is None else result["primary"]}
        print(", ".join(f"{name} {value}" for name, value in said.items() if name != "certificate"))
        print(f"certificate: {result['certificate']}")
    return 0 if result["safe"] else PROBLEMS


def show_table(options: argparse.Namespace) -> int:
    where = dict(_condition(text) for text in options.where)
    if len(where) < len(options.where) or len(set(options.by)) < len(options.by):
        raise Failure("a dimension can be given once; make a table for each of its values", UNREADABLE)
    _print(release.table(release.read(options.dir), by=options.by, unit=options.unit, where=where), options.format)
    return 0


def _condition(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise Failure(f"--where takes DIMENSION=VALUE, such as year=2021/22; got no '=' in {text!r}", UNREADABLE)
    return _name(name), value


def compare(options: argparse.Namespace) -> int:
    source = release.read(options.dir)
    where = {name: value for name in ("year", "area") if (value := getattr(options, name))}
    if not 0 < options.confidence < 1:
        raise Failure("--confidence is a fraction between 0 and 1, such as 0.95", UNREADABLE)
    compared = comparison.compare(
        source,
        by=options.by,
        unit=options.unit,
        where=where,
        baseline=options.baseline,
        reference=options.reference,
        confidence=options.confidence,
        method=options.method,
    )
    _print(compared.table[comparison.COLUMNS], options.format)
    return 0


def _print(table: pd.DataFrame, style: str) -> None:
    if style == "csv":
        print(table.to_csv(index=False), end="")
    elif style == "json":
        known = table.replace([float("inf"), -float("inf")], float("nan")).astype(object)  # JSON has no infinity
        print(json.dumps(known.where(known.notna(), None).to_dict("records"), ensure_ascii=False))
    else:
        texts = (
            table.astype(object).where(table.notna(), "").map(lambda v: f"{v:.4g}" if isinstance(v, float) else str(v))
        )
        for row in (list(table.columns), ["---"] * len(table.columns), *texts.to_numpy().tolist()):
            print("| " + " | ".join(row) + " |")


def export(options: argparse.Namespace) -> int:
    from yjdisp import exports

    exports.write(release.read(options.dir), options.to)
    print(f"written to {options.to}")
    return 0


def make_sample(options: argparse.Namespace) -> int:
    from yjdisp import sample

    target = options.dir / "cases.csv"
    if target.exists() and b"SYNTHETIC" not in target.read_bytes()[:1000]:
        raise Failure(f"{target} is there already and not synthetic; choose another folder")
    options.dir.mkdir(parents=True, exist_ok=True)
    sample.write(target, children=options.children, years=options.years, areas=options.areas, seed=options.seed)
    print(f"synthetic case file written to {target}")
    return 0


def serve(options: argparse.Namespace) -> int:
    from yjdisp import serve as server

    if options.releases and not options.releases.is_dir():
        raise Failure(f"{options.releases} is not a folder; name the folder of the releases", UNREADABLE)
    server.serve(port=options.port, releases=options.releases)
    return 0


class _Parser(argparse.ArgumentParser):
    """A parser whose errors are one line."""

    def error(self, message: str) -> NoReturn:
        raise SystemExit(_fail(f"{message}; `{self.prog} --help` shows how it is used", UNREADABLE))


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="yjdisp", description="Disproportionality in youth justice, safe to publish.")
    parser.add_argument("--debug", action="store_true", help="show a traceback when something fails")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    one = _command(commands, "check", check, "what is wrong with a case file")
    one.add_argument("cases", type=Path)
    one.add_argument("--mapping", type=Path, help="TOML file that says which heading is which column")
    one.add_argument("--json", action="store_true")

    one = _command(commands, "release", make_release, "make a protected release of a case file")
    one.add_argument("cases", type=Path)
    one.add_argument("--out", type=Path, required=True, help="folder of the release")
    one.add_argument("--mapping", type=Path)
    one.add_argument("--area", help="the area that the cases belong to")
    one.add_argument("--baselines", type=Path)
    one.add_argument("--plan", type=Path)
    one.add_argument("--policy", help="a profile's name or a TOML file")
    one.add_argument("--previous", type=Path, action="append", default=[], help="an earlier release; may be repeated")
    one.add_argument("--engine", default="pandas", choices=["pandas", "pyarrow", "polars", "duckdb", "dask", "spark"])

    one = _command(commands, "audit", audit, "attack a release from its own files")
    one.add_argument("dir", type=Path)
    one.add_argument("--json", action="store_true")

    one = _command(commands, "table", show_table, "one table of a release")
    one.add_argument("dir", type=Path)
    one.add_argument("--by", action="append", required=True, type=_name)
    one.add_argument("--where", action="append", default=[], metavar="D=V")
    one.add_argument("--unit", default="children", choices=COUNTED, type=str.lower)
    one.add_argument("--format", default="csv", choices=["csv", "json", "md"])

    one = _command(commands, "compare", compare, "a characteristic against a baseline")
    one.add_argument("dir", type=Path)
    one.add_argument("--by", required=True, type=_name)
    one.add_argument("--year")
    one.add_argument("--area")
    one.add_argument("--unit", default="children", choices=UNITS, type=str.lower)
    one.add_argument("--baseline")
    one.add_argument("--reference")
    one.add_argument("--confidence", type=float, default=0.95)
    one.add_argument("--method", default="midp", choices=["midp", "exact"])
    one.add_argument("--format", default="csv", choices=["csv", "json", "md"])

    one = _command(commands, "export", export, "a file that can be published as it is")
    one.add_argument("dir", type=Path)
    one.add_argument(
        "--to", type=Path, required=True, help="a file ending in .xlsx, .pptx, .html, .pdf, .zip or .parquet"
    )

    one = _command(commands, "sample", make_sample, "a synthetic case file")
    one.add_argument("dir", type=Path)
    one.add_argument("--children", type=_between(1, 100_000), default=45)
    one.add_argument("--years", type=_between(1, 50), default=3)
    one.add_argument("--areas", type=_between(1, 100_000), default=1)
    one.add_argument("--seed", type=_between(0, 2**32), default=0)

    one = _command(commands, "serve", serve, "the dashboard behind a warm, hardened server")
    one.add_argument("--port", type=_between(1, 65535), default=8501)
    one.add_argument("--releases", type=Path, help="folder of releases")
    return parser


def _name(text: str) -> str:
    """The name of a dimension, however it is written."""
    return normalise(text).replace(" ", "_")


def _between(least: int, most: int) -> Callable[[str], int]:
    """The whole numbers that an option takes."""

    def number(text: str) -> int:
        if not text.isdecimal() or not least <= int(text) <= most:
            raise argparse.ArgumentTypeError(f"{text} is not a whole number from {least} to {most}")
        return int(text)

    return number


def _command(commands, name: str, run: Callable[[argparse.Namespace], int], says: str) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=says, description=says[0].upper() + says[1:] + ".")
    parser.add_argument("--debug", action="store_true", default=argparse.SUPPRESS, help=argparse.SUPPRESS)
    parser.set_defaults(run=run)
    return parser


if __name__ == "__main__":
    sys.exit(main())
