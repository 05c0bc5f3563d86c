"""What stays on the analyst's side: arrays in a folder beside a release, for the owner's eyes only."""

from __future__ import annotations

import os
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


class PrivateError(ValueError):
    """A file that cannot be read as arrays."""


class NotYours(PrivateError):
    """A folder beside a release that only its owner may open."""


def beside(release: Path) -> Path:
    """The folder beside a release that stays on the analyst's side."""
    release = Path(os.path.abspath(release))
    return release.with_name(f"{release.name}.private")


def save(arrays: Mapping[str, NDArray], release: Path, identity: str, name: str) -> None:
    """Keep arrays of the release of this id beside its folder, whole or not at all."""
    home = beside(release) / identity
    for folder in (home.parent, home):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
    handle, temporary = tempfile.mkstemp(dir=home, prefix=f".{name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            np.savez_compressed(file, **arrays)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, home / name)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        if not any(home.iterdir()):
            home.rmdir()
        raise


def keep_only(release: Path, identity: str) -> None:
    """Delete what is kept beside a release's folder of others that stood there before it, or were to."""
    for other in beside(release).iterdir():
        if other.is_dir() and other.name != identity:
            shutil.rmtree(other)


def drop(release: Path, identity: str) -> None:
    """Delete what is kept of a release that could not be written."""
    home = beside(release)
    shutil.rmtree(home / identity, ignore_errors=True)
    if home.is_dir() and not any(home.iterdir()):
        home.rmdir()


def load(release: Path, identity: str, name: str) -> dict[str, NDArray] | None:
    """The arrays of the release of this id that are kept beside its folder; None where there are none.

    Raises:
        PrivateError: the file is not one of arrays, or not a whole one. NotYours: only somebody else may open it.
    """
    path = beside(release) / identity / name
    try:
        if not path.is_file():
            return None
    except PermissionError:
        raise NotYours(f"{beside(release).name} is somebody else's; ask them, or leave this release out") from None
    try:
        with np.load(path, allow_pickle=False) as file:
            return {key: file[key] for key in file.files}
    except (ValueError, EOFError, OSError, zipfile.BadZipFile, zlib.error) as error:
        why = type(error).__name__
        raise PrivateError(
            f"{name} beside {release.name} cannot be read ({why}); put its own back from a copy"
        ) from None
