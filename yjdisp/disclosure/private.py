"""What stays on the analyst's side: arrays in a folder beside a release, for the owner's eyes only."""

from __future__ import annotations

import os
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


class PrivateError(ValueError):
    """A file that cannot be read as arrays."""


def beside(release: Path) -> Path:
    """The folder beside a release that stays on the analyst's side."""
    release = Path(os.path.abspath(release))
    return release.with_name(f"{release.name}.private")


def save(arrays: Mapping[str, NDArray], release: Path, name: str) -> None:
    """Keep arrays beside a release, whole or not at all."""
    home = beside(release)
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    home.chmod(0o700)
    handle, temporary = tempfile.mkstemp(dir=home, prefix=f".{name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            np.savez_compressed(file, **arrays)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, home / name)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def load(release: Path, name: str) -> dict[str, NDArray] | None:
    """The arrays kept beside a release; None where there are none.

    Raises:
        PrivateError: the file is not one of arrays, or not a whole one.
    """
    path = beside(release) / name
    if not path.is_file():
        return None
    try:
        with np.load(path, allow_pickle=False) as file:
            return {key: file[key] for key in file.files}
    except (ValueError, EOFError, OSError, zipfile.BadZipFile) as error:
        raise PrivateError(f"{path.name} beside {path.parent.stem} cannot be read ({type(error).__name__})") from None
