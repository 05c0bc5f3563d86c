"""The sample with all its tables in a real browser: every page before and after a filter, and where the filter goes."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from browser.conftest import free_port, running, serving
from browser.test_app import BRIEF, address, assert_accessible, go_to, opened, persist, pick, settled
from yjdisp.ui.shell import PAGES

pytestmark = pytest.mark.browser
FILTERS = '[data-testid="stSidebar"] [data-testid="stSelectbox"]'
WITHOUT_FILTERS = ("action_plan", "data", "export", "methods")
WIDE, NARROW = 1366, 320
DRAWN = """() => [...document.querySelectorAll(".st-key-chart")].every(
    (c) => c.scrollWidth <= c.clientWidth && c.scrollHeight <= c.clientHeight)"""

# One filter of that label, and it shows the value. The page before may stand beside this one for a moment, and what the
# browser's back brings may be drawn twice: both are asked for in one look, again until it holds.
ALONE = """([label, value]) => {
    const boxes = [...document.querySelectorAll('[role="combobox"]')].filter((b) => b.ariaLabel === label);
    return boxes.length === 1 && boxes[0].value === value;
}"""


@pytest.fixture(scope="module")
def whole(sample_folder, tmp_path_factory) -> Iterator[str]:
    """The address of a server with the release that ships."""
    folder = tmp_path_factory.mktemp("whole")
    shutil.copytree(sample_folder, folder / "bathavon")
    port = free_port()
    with running(serving(port, folder), port, "/healthz", folder) as at:
        yield at


@pytest.mark.parametrize("entry", PAGES, ids=lambda p: p.file)
def test_every_page_before_and_after_a_filter(whole, page, entry):
    opened(page, address(whole, entry), entry)
    accessible_at(page, WIDE, NARROW)
    page.set_viewport_size({"width": WIDE, "height": 900})
    if not (label := first_filter(page, entry)):
        return
    chosen = choose_another(page, label)
    accessible_at(page, WIDE)
    link = page.url
    assert urlsplit(link).query
    page.reload()
    shows(page, entry, label, chosen)
    go_to(page, PAGES[1] if entry is PAGES[0] else PAGES[0])
    page.wait_for_timeout(1000)  # an address that Streamlit writes late would take who goes back at once forward again
    page.go_back()
    shows(page, entry, label, chosen)
    page.goto("about:blank")
    page.goto(link)
    shows(page, entry, label, chosen)
    accessible_at(page, NARROW)
    name, asked = parse_qsl(urlsplit(link).query)[0]
    opened(page, link.replace(urlencode({name: asked}), urlencode({name: "Martians"})), entry)
    expect(page.get_by_text("“Martians” is not published here")).to_be_visible()


def accessible_at(page, *widths: int) -> None:
    for width in widths:
        page.set_viewport_size({"width": width, "height": 900})
        settled(page)
        page.wait_for_timeout(700)  # tables that came to be too wide are made focusable a moment later
        page.wait_for_function(DRAWN)  # a chart is drawn anew for another width, on a busy machine later still
        assert_accessible(page, Axe())
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def first_filter(page, entry) -> str | None:
    """The label of the first filter that offers a choice; None where a page has none."""
    if entry.file in WITHOUT_FILTERS:
        return None
    expect(page.locator(FILTERS).first).to_be_visible()
    for box in page.locator(FILTERS).get_by_role("combobox").all():
        expect(box).to_have_attribute("aria-label", re.compile("."))  # it comes a moment after the box
        label = box.get_attribute("aria-label")
        if len(options(page, label)) > 1:
            return label
    raise AssertionError("no filter offers a choice")


def options(page, label: str) -> list[str]:
    listed = page.get_by_role("option")

    def unfold() -> None:
        page.get_by_role("combobox", name=label, exact=True).click(timeout=BRIEF)
        listed.first.wait_for(timeout=BRIEF)

    persist(unfold)
    found = listed.all_inner_texts()
    page.keyboard.press("Escape")
    listed.first.wait_for(state="detached")
    return found


def choose_another(page, label: str) -> str:
    """Takes the last option of a filter and gives its text."""
    last = options(page, label)[-1]
    before = page.url
    pick(page, label, last)
    expect(page).not_to_have_url(re.compile(f"^{re.escape(before)}$"))
    settled(page)
    return last


def shows(page, entry, label: str, chosen: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(entry.question)
    page.wait_for_function(ALONE, arg=[label, chosen])
    settled(page)
