"""Screenshots of every page on the sample release: `python docs/screenshots.py [PAGE …]`, into this folder."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import urlopen

from playwright.sync_api import sync_playwright

from yjdisp.ui.shell import PAGES

HERE = Path(__file__).parent
MEETING = "meeting"
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]


def main(names: list[str]) -> None:
    """Start the app, open each page at 1366 pixels wide and save what is seen."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", f"--server.port={port}", "--server.headless=true"]
    server = subprocess.Popen(command, cwd=HERE.parent, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait(f"http://127.0.0.1:{port}/_stcore/health")
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
            page = browser.new_page(viewport={"width": 1366, "height": 1000})
            for name in names:
                path = "ethnicity?meeting=on" if name == MEETING else name.removeprefix(PAGES[0].file)
                page.goto(f"http://127.0.0.1:{port}/{path}")
                page.wait_for_selector("h1")
                page.wait_for_function("!document.querySelector('[data-testid=stSkeleton]')")
                page.wait_for_timeout(3000)
                page.screenshot(path=HERE / f"{name}.png")
            browser.close()
    finally:
        server.terminate()


def _wait(address: str) -> None:
    for _ in range(300):
        try:
            urlopen(address, timeout=1)
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the app did not start")


if __name__ == "__main__":
    main(sys.argv[1:] or [*(page.file for page in PAGES), MEETING])
