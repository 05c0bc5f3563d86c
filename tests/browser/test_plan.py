"""Trends and the action plan with an action in it: on a phone, through a screen reader's eyes, and as a file."""

from __future__ import annotations

import zipfile
from datetime import date

import pytest

from browser.test_app import address, assert_accessible, opened
from yjdisp import actions, wording
from yjdisp.actions import Action
from yjdisp.ui.shell import PAGES

pytestmark = pytest.mark.browser
TRENDS, PLAN = (next(page for page in PAGES if page.file == file) for file in ("trends", "action_plan"))
TRAINING = Action(
    action="Train all staff",
    owner="Board",
    start=date(2020, 4, 1),
    target_date=date(2023, 3, 31),
    by="ethnicity",
    group="All other ethnic groups combined",
    measure="share",
    unit="children",
    baseline_value=30.0,
    target_value=15.0,
)


@pytest.fixture(scope="module", autouse=True)
def plan(releases):
    """A plan of one action beside the folder of releases that is served."""
    engine = actions.connect(f"sqlite:///{releases.parent / 'action-plan.db'}")
    if not actions.plan(engine):
        actions.add(engine, TRAINING, who="Ann")
    engine.dispose()


@pytest.mark.parametrize("width", [1366, 320])
@pytest.mark.parametrize("entry", [TRENDS, PLAN], ids=lambda p: p.file)
def test_accessibility_with_an_action(served, page, entry, width):
    from axe_playwright_python.sync_playwright import Axe

    page.set_viewport_size({"width": width, "height": 900})
    opened(page, address(served, entry), entry)
    if entry is TRENDS:
        page.wait_for_selector(".js-plotly-plot .main-svg .infolayer", state="attached")
    page.get_by_role("table").nth(1 if entry is TRENDS else 0).wait_for()
    frames = "[...document.querySelectorAll('[data-testid=\"stTable\"] > div')]"
    page.wait_for_function(
        f"{frames}.every((frame) => (frame.scrollWidth > frame.clientWidth) === (frame.tabIndex === 0))"
    )
    assert_accessible(page, Axe())
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_trend_and_the_actions_for_it_are_taken_away(served, page, tmp_path):
    opened(page, address(served, TRENDS), TRENDS)
    buttons = page.get_by_role("button", name=wording.DOWNLOAD)
    buttons.nth(1).wait_for()
    for number, needed in ((0, b"up 6.0 percentage points (20.3% more)"), (1, b"Train all staff")):
        with page.expect_download() as download:
            buttons.nth(number).click()
        path = tmp_path / download.value.suggested_filename
        download.value.save_as(path)
        with zipfile.ZipFile(path) as book:
            assert needed in book.read("xl/sharedStrings.xml")


def test_what_is_typed_survives_a_plan_that_cannot_be_reached(served, page, releases):
    from playwright.sync_api import expect

    opened(page, address(served, PLAN), PLAN)
    action, notes = (page.get_by_label(name).first for name in ("Action (needed)", "Notes"))
    page.get_by_role("combobox", name="Action to change").click()
    page.get_by_role("option", name="Train all staff").click()
    expect(action).to_have_value("Train all staff")
    action.fill("Train all staff again")
    notes.fill("twice")
    file = releases.parent / "action-plan.db"
    kept = file.read_bytes()
    file.write_bytes(b"no database" * 3000)
    try:
        page.get_by_role("button", name="Save").click()
        page.get_by_text("cannot be used just now").wait_for()
        expect(action).to_have_count(0)
    finally:
        file.write_bytes(kept)
    page.get_by_role("link", name="Overview").click()
    page.get_by_role("heading", name=PAGES[0].question).wait_for()
    page.go_back()
    expect(action).to_have_value("Train all staff again")
    expect(notes).to_have_value("twice")
