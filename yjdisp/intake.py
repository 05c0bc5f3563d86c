"""A file comes in: it is opened once, and its headings say what it is checked as, a case file or a file of counts."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

from yjdisp import cases, counts_file
from yjdisp.cases import CaseFile
from yjdisp.columns import read_mapping
from yjdisp.counts_file import CountsFile
from yjdisp.opening import open_grid
from yjdisp.problems import CaseFileError

ONLY_ITS_SHEET = "the mapping: of a file of counts it can say the sheet alone; leave [columns] and [values] out"


def read(
    source: str | Path | BinaryIO, *, name: str | None = None, mapping: str | Path | None = None
) -> CaseFile | CountsFile:
    """Read and check a file that is one or the other.

    Args:
        source, name, mapping: as for `cases.read`.

    Raises:
        CaseFileError: the file, or the mapping, cannot be read at all, or the mapping does not fit the kind of file.
    """
    used = read_mapping(mapping)
    grid = open_grid(source, name, used.sheet)
    if not counts_file.is_counts_file(grid.headings):
        return cases.checked(grid, used)
    if used.columns or used.values:
        raise CaseFileError(ONLY_ITS_SHEET)
    return counts_file.checked(grid)
