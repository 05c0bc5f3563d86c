"""Which releases there are to look at."""

from __future__ import annotations

import os
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from yjdisp import release, wording
from yjdisp.project import project_folder
from yjdisp.release import Release, ReleaseError

FOLDER = "YJDISP_RELEASES"

on_show: ContextVar[Release | None] = ContextVar("on_show", default=None)


@dataclass(frozen=True)
class Found:
    """A folder that should hold a release: the release, or why it is refused."""

    path: Path
    release: Release | None
    refused: str = ""


def folder() -> Path:
    """Where releases are kept: what YJDISP_RELEASES says, else a folder of the user's own."""
    given = os.environ.get(FOLDER)
    if given:
        return Path(given)
    home = os.environ.get("XDG_DATA_HOME") or os.environ.get("LOCALAPPDATA") or Path.home() / ".local" / "share"
    return Path(home) / "yjdisp" / "releases"


def sample() -> Path:
    """The release of the synthetic case file that comes with the project."""
    return project_folder() / "data_samples" / "bathavon"


def found() -> tuple[Found, ...]:
    """Every release of the folder, the newest first, refused ones last; the sample where no folder was named."""
    paths = [manifest.parent for manifest in folder().glob(f"*/{release.MANIFEST}")]
    entries = [_open(path, _stamp(path)) for path in paths]
    entries.sort(key=lambda entry: entry.release.manifest["created"] if entry.release else "", reverse=True)
    if FOLDER not in os.environ and sample().is_dir():
        entries.append(_open(sample(), _stamp(sample())))
    return tuple(sorted(entries, key=lambda entry: entry.release is None))


def _stamp(path: Path) -> tuple[tuple[str, int, int], ...]:
    """What changes whenever a file of the folder does."""
    return tuple(sorted((f.name, f.stat().st_mtime_ns, f.stat().st_size) for f in path.iterdir()))


@st.cache_resource(max_entries=50, show_spinner=False)
def _open(path: Path, stamp: tuple) -> Found:
    try:
        return Found(path, release.read(path))
    except ReleaseError as refused:
        return Found(path, None, str(refused))


def name(source: Release) -> str:
    """Service, period and id in one line."""
    return f"{source.manifest['service']}, {wording.first_to_last(source.years)}. Release {source.id}."
