"""What many tests stand on: the sample release, made once a run through the real command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from yjdisp import cli, release
from yjdisp.project import project_folder

SAMPLES = project_folder() / "data_samples"


@pytest.fixture(scope="session")
def sample_folder(tmp_path_factory) -> Path:
    """The release of data_samples/bathavon.csv under the default plan and policy."""
    folder = tmp_path_factory.mktemp("sample") / "release"
    assert cli.main(["release", str(SAMPLES / "bathavon.csv"), "--out", str(folder)]) == 0
    return folder


@pytest.fixture(scope="session")
def sample(sample_folder) -> release.Release:
    """The sample release, read."""
    return release.read(sample_folder)
