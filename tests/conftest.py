"""What many tests stand on: the sample release that ships, as the dashboard shows it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

from yjdisp import release
from yjdisp.project import project_folder

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

SAMPLES = project_folder() / "data_samples"


@pytest.fixture(scope="session")
def sample_folder() -> Path:
    """The release of data_samples/bathavon.csv under the default plan and policy, as it ships."""
    return SAMPLES / "bathavon"


@pytest.fixture(scope="session")
def sample(sample_folder) -> release.Release:
    """The sample release, read."""
    return release.read(sample_folder)
