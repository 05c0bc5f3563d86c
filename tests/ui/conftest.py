"""The app on a small hand-written release, without a browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from ui import small
from yjdisp.project import project_folder


@pytest.fixture(scope="session")
def small_folder(tmp_path_factory) -> Path:
    """A folder of releases that holds the small one."""
    folder = tmp_path_factory.mktemp("releases")
    small.write(folder / "small")
    return folder


@pytest.fixture
def app(small_folder, monkeypatch) -> AppTest:
    """The app, not yet run, on the small release."""
    monkeypatch.setenv("YJDISP_RELEASES", str(small_folder))
    return AppTest.from_file(str(project_folder() / "app.py"), default_timeout=30)
