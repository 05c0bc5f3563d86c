"""The Data page in a browser: what was chosen for a file outlives a file that is refused."""

from __future__ import annotations

import pytest

from browser.test_app import BRIEF, address, opened, persist, settled
from yjdisp.ui.data import NOTHING_WRITTEN
from yjdisp.ui.shell import PAGES

pytestmark = pytest.mark.browser
DATA = next(page for page in PAGES if page.file == "data")


def choose(page, number: int, file: dict) -> None:
    """Choose a file; Streamlit drops one that is chosen while the page is made anew, and then a person chooses again."""

    def chosen() -> None:
        settled(page)
        page.locator("input[type=file]").nth(number).set_input_files(file)
        page.get_by_text(file["name"]).wait_for(timeout=BRIEF)

    persist(chosen)


def test_a_refused_file_changes_nothing_of_what_was_chosen(served, page):
    from playwright.sync_api import expect

    opened(page, address(served, DATA), DATA)
    protection = page.get_by_role("combobox", name="Protection")
    protection.click()
    page.get_by_role("option", name="ten").click()
    mapping = {"name": "ours.toml", "mimeType": "application/toml", "buffer": b'[columns]\nsex = "Gender"\n'}
    choose(page, 0, mapping)
    cases = {"name": "bad.csv", "mimeType": "text/csv", "buffer": b"child_id,outcome_date\n1,2021-01-01\n"}
    choose(page, 1, cases)
    settled(page)
    page.get_by_role("button", name="Check and make a release").click()
    page.get_by_text(NOTHING_WRITTEN).first.wait_for()
    expect(page.get_by_role("status")).to_contain_text(NOTHING_WRITTEN)
    expect(protection).to_have_value("ten")
    expect(page.get_by_text("ours.toml")).to_be_visible()
