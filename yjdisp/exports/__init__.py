"""Exports: files that can be published as they are, made from a release alone."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from yjdisp.exhibits import Exhibit, slug
from yjdisp.exports import pack
from yjdisp.exports.content import Contents
from yjdisp.exports.pack import Progress
from yjdisp.release import Release, within


class ExportError(ValueError):
    """An export that cannot be made: the text says why and what to do."""


@dataclass(frozen=True)
class Format:
    """One kind of file.

    Attributes:
        label, use: what it is called, and what it is for.
        made_by: the module and the function that make it; they need the package `needs`.
        holds: what it can hold: "release" (the whole), "view" (what is on screen) or both.
    """

    label: str
    use: str
    mime: str
    made_by: str
    needs: str = "yjdisp"
    holds: frozenset[str] = frozenset({"release", "view"})


WRITING = 0.8  # of the work is done when the views are made
OFFICE = "application/vnd.openxmlformats-officedocument."
FORMATS = {
    ".xlsx": Format(
        "Spreadsheet",
        "Every table, with notes, by the rules for government statistics.",
        f"{OFFICE}spreadsheetml.sheet",
        "spreadsheet.workbook",
        "gptables",
    ),
    ".pptx": Format(
        "Slides",
        "A board pack: a slide for every page, with charts that can be edited.",
        f"{OFFICE}presentationml.presentation",
        "slides.deck",
        "pptx",
    ),
    ".html": Format(
        "Report",
        "One page that opens in any browser and prints on A4.",
        "text/html",
        "report.page",
    ),
    ".pdf": Format(
        "Report as PDF",
        "The same report, tagged so that it can be read aloud.",
        "application/pdf",
        "report.pdf",
        "weasyprint",
    ),
    ".csv": Format(
        "Table as CSV",
        "The table alone.",
        "text/csv",
        "open_data.table",
        holds=frozenset({"view"}),
    ),
    ".zip": Format(
        "Open data, CSV",
        "A CSV file a table, with metadata and a data dictionary.",
        "application/zip",
        "open_data.archive",
        holds=frozenset({"release"}),
    ),
    ".parquet": Format(
        "Open data, Parquet",
        "Every cell in one file for analysts.",
        "application/vnd.apache.parquet",
        "open_data.parquet",
        holds=frozenset({"release"}),
    ),
}


def offered(what: str = "release") -> dict[str, Format]:
    """The formats that can hold a whole "release", or a "view" on screen, and whose packages work here."""
    return {suffix: chosen for suffix, chosen in FORMATS.items() if what in chosen.holds and _works(chosen.needs)}


@cache
def _works(package: str) -> bool:
    """Whether a package is installed; weasyprint, whether the libraries are there that it needs beside."""
    if not find_spec(package):
        return False
    try:
        return package != "weasyprint" or bool(import_module(package))
    except OSError:
        return False


def build(
    release: Release, suffix: str, views: Sequence[Exhibit] = (), progress: Progress = lambda fraction, stage: None
) -> bytes:
    """The content of an export.

    Args:
        suffix: one of `FORMATS`.
        views: what is on screen; the whole release where left out.
        progress: told how much is done (a fraction) and what is next; what it raises cancels.

    Raises:
        ExportError: no such format, or one that needs something that is not installed.
    """
    what = "view" if views else "release"
    chosen = FORMATS.get(suffix.lower())
    if chosen is None or what not in chosen.holds:
        fit = ", ".join(s for s, f in FORMATS.items() if what in f.holds)
        raise ExportError(f"no export ends in {suffix or 'nothing'!r}; choose one of {fit}")
    if not find_spec(chosen.needs):
        raise ExportError(
            f"{suffix} needs {chosen.needs}: install it (`pip install {chosen.needs}`) or choose another format"
        )
    if views:
        contents = Contents(release, tuple(views))
    else:
        contents = pack.contents(release, lambda fraction, stage: progress(WRITING * fraction, stage))
    progress(WRITING, f"Writing the {chosen.label.lower()}")
    return _maker(chosen)(contents)


def _maker(chosen: Format) -> Callable[[Contents], bytes]:
    """The function that makes a format. Its module brings heavy packages with it, so it is imported only now."""
    module, name = chosen.made_by.split(".")
    return getattr(import_module(f"{__name__}.{module}"), name)


def file_name(release: Release, suffix: str, what: str = "whole-release") -> str:
    """What an export is called: what is in it, the release and its date."""
    return f"yjdisp-{slug(what)}-{release.created:%Y-%m-%d}-{release.id}{suffix}"


def write(release: Release, path: Path) -> None:
    """Write an export of the whole release, in the format that the file's name ends in; whole or not at all.

    Raises:
        ExportError: as `build`; or the place is in the release. OSError: the place cannot be written to.
    """
    path = Path(path)
    if within(path):
        raise ExportError("that place is inside a release, which must not change; choose another place")
    built = build(release, path.suffix)
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{path.name}.", dir=path.parent) as temporary:
        fresh = Path(temporary) / path.name
        fresh.write_bytes(built)
        os.replace(fresh, path)
