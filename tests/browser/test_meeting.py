"""The meeting view by its keys, in a real browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from browser.test_app import address, assert_accessible, opened, settled
from yjdisp import wording
from yjdisp.ui.shell import PAGES

pytestmark = pytest.mark.browser


def arrived(page, entry) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(entry.question)
    settled(page)


def press(page, key: str, button: str) -> None:
    """Press a key as a person would who sees its button: the key is heard only once the button is drawn."""
    expect(page.get_by_role("button", name=button)).to_be_enabled()
    page.wait_for_timeout(300)
    page.keyboard.press(key)


def test_the_keyboard_starts_it_goes_through_it_and_leaves_it(served, page):
    overview, ethnicity, send = PAGES[:3]
    opened(page, address(served, ethnicity, "?year=2021/22"), ethnicity)
    page.get_by_role("button", name=wording.MEETING).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name=wording.LEAVE)).to_be_visible()
    expect(page.locator("table")).to_have_count(0)
    expect(page.get_by_test_id("stSidebar")).to_be_hidden()
    press(page, "ArrowRight", wording.NEXT)
    arrived(page, send)
    press(page, "ArrowLeft", wording.BACK)
    arrived(page, ethnicity)
    press(page, "ArrowLeft", wording.BACK)
    arrived(page, overview)
    assert "meeting=on" in page.url
    page.reload()
    arrived(page, overview)
    expect(page.locator("p", has_text="In 2021/22").first).to_be_visible()
    press(page, "Escape", wording.LEAVE)
    expect(page.locator("table")).to_have_count(1)
    assert "meeting" not in page.url
    assert "year=2021" in page.url


@pytest.mark.parametrize("width", [1366, 320])
def test_accessibility(served, page, width):
    from axe_playwright_python.sync_playwright import Axe

    page.set_viewport_size({"width": width, "height": 900})
    opened(page, address(served, PAGES[1], "?meeting=on"), PAGES[1])
    assert_accessible(page, Axe())
    assert page.evaluate("document.documentElement.scrollWidth") <= width
