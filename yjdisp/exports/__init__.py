"""Exports: files that can be published as they are, made from a release alone."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from yjdisp.comparison import Comparison
from yjdisp.exports import content
from yjdisp.release import Release


class ExportError(ValueError):
    """An export that cannot be made: the text says why and what to do."""


@dataclass(frozen=True)
class Format:
    """One kind of file: what it is called, what it is for, and the function and package that make it."""

    label: str
    use: str
    mime: str
    made_by: str
    needs: str = "yjdisp"


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
        "A board pack: one slide a characteristic, with charts that can be edited.",
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
    ".zip": Format(
        "Open data, CSV",
        "A CSV file a table, with metadata and a data dictionary.",
        "application/zip",
        "open_data.archive",
    ),
    ".parquet": Format(
        "Open data, Parquet",
        "Every cell in one file for analysts.",
        "application/vnd.apache.parquet",
        "open_data.parquet",
    ),
}


def offered() -> dict[str, Format]:
    """The formats whose packages are installed."""
    return {suffix: chosen for suffix, chosen in FORMATS.items() if find_spec(chosen.needs)}


def build(release: Release, suffix: str, comparisons: Sequence[Comparison] | None = None) -> bytes:
    """The content of an export.

    Args:
        suffix: one of `FORMATS`.
        comparisons: what is on screen, of one unit, period and area; the whole release where left out.

    Raises:
        ExportError: no such format, or one that needs something that is not installed.
    """
    chosen = FORMATS.get(suffix.lower())
    if chosen is None:
        raise ExportError(f"no export ends in {suffix or 'nothing'!r}; choose one of {', '.join(FORMATS)}")
    if not find_spec(chosen.needs):
        raise ExportError(
            f"{suffix} needs {chosen.needs}: install it (`pip install {chosen.needs}`) or choose another format"
        )
    return _maker(chosen)(release, comparisons)


def _maker(chosen: Format) -> Callable[[Release, Sequence[Comparison] | None], bytes]:
    """The function that makes a format. Its module brings heavy packages with it, so it is imported only now."""
    module, name = chosen.made_by.split(".")
    return getattr(import_module(f"{__name__}.{module}"), name)


def file_name(release: Release, suffix: str, comparisons: Sequence[Comparison] | None = None) -> str:
    """What an export is called: what is in it, the release and its date."""
    what = content.exhibit(release, comparisons).name if comparisons else "whole-release"
    return f"yjdisp-{what}-{content.created(release):%Y-%m-%d}-{release.id}{suffix}"


def write(release: Release, path: Path) -> None:
    """Write an export of the whole release, in the format that the file's name ends in; whole or not at all.

    Raises:
        ExportError: as `build`. OSError: the place cannot be written to.
    """
    path = Path(path)
    built = build(release, path.suffix)
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{path.name}.", dir=path.parent) as temporary:
        fresh = Path(temporary) / path.name
        fresh.write_bytes(built)
        os.replace(fresh, path)
