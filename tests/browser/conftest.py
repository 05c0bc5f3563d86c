"""A real server and a real browser."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from ui import small

from yjdisp.project import project_folder

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
HERE = re.compile(r"(https?|wss?)://127\.0\.0\.1:\d+/|blob:|data:|about:blank$")
SYSTEM = Path("/usr/bin/chromium")


def missing(why: str) -> None:
    """A browser that is not there is a skip on a desk and a failure in CI."""
    (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(f"no browser: {why}")


@pytest.fixture(scope="session")
def browser():
    try:
        from playwright.sync_api import Error, expect, sync_playwright
    except ImportError as error:
        missing(str(error))
    expect.set_options(timeout=20_000)  # a busy machine is slow, not wrong
    with sync_playwright() as playwright:
        try:
            launched = playwright.chromium.launch(
                executable_path=str(SYSTEM) if SYSTEM.exists() else None, args=ARGUMENTS
            )
        except Error as error:
            missing(str(error).splitlines()[0])
        yield launched
        launched.close()


@pytest.fixture
def page(browser):
    """A page of a new profile; errors in its console fail the test, and so does all that is fetched from elsewhere."""
    context = browser.new_context(viewport={"width": 1366, "height": 900})
    opened = context.new_page()
    errors, elsewhere = [], []
    opened.on("request", lambda r: None if HERE.match(r.url) else elsewhere.append(r.url))
    opened.on("pageerror", lambda error: errors.append(str(error)))
    opened.on("console", lambda m: errors.append(m.text) if m.type == "error" and "404" not in m.text else None)
    yield opened
    context.close()
    assert not errors
    assert not elsewhere


@pytest.fixture(scope="session")
def releases(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("releases")
    small.write(folder / "small")
    return folder


@pytest.fixture(scope="session")
def served(releases) -> Iterator[str]:
    """The address of a server that `yjdisp serve` started."""
    port = free_port()
    with running(serving(port, releases), port, "/healthz", releases) as address:
        yield address


@pytest.fixture
def fresh(releases) -> Iterator[str]:
    """The address of a plain Streamlit server that nobody has visited yet."""
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless=true", f"--server.port={port}"]
    with running(command, port, "/_stcore/health", releases) as address:
        yield address


def serving(port: int, releases: Path) -> list[str]:
    """The command of `yjdisp serve`."""
    return [sys.executable, "-m", "yjdisp.cli", "serve", "--port", str(port), "--releases", str(releases)]


@contextmanager
def running(command: list[str], port: int, health: str, releases: Path) -> Iterator[str]:
    environment = os.environ | {"YJDISP_RELEASES": str(releases), "PYTHONPATH": str(project_folder())}
    quiet = subprocess.DEVNULL
    server = subprocess.Popen(command, cwd=project_folder(), env=environment, stdout=quiet, stderr=quiet)
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for(address + health)
        yield address
    finally:
        server.terminate()
        server.wait(20)


def wait_for(address: str, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if urllib.request.urlopen(address, timeout=1).status == 200:
                return
        except OSError:
            time.sleep(0.05)
    raise TimeoutError(f"{address} did not come up")


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]
