"""Where the project's own files are: the app, its pages and the samples."""

from __future__ import annotations

from pathlib import Path


def project_folder() -> Path:
    """The folder that holds app.py, pages/ and data_samples/: the checkout, or their copy in an installed package."""
    package = Path(__file__).parent
    checkout = package.parent
    return checkout if (checkout / "app.py").is_file() else package / "project"
