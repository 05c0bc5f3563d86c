"""The app as people meet it: cold, by link, by filter, by keyboard, on a phone, through a screen reader's eyes."""

from __future__ import annotations

import re
import urllib.request
from contextlib import suppress

import pytest
from playwright.sync_api import TimeoutError, expect

from yjdisp import wording
from yjdisp.ui.shell import PAGES

pytestmark = pytest.mark.browser
pages = pytest.mark.parametrize("entry", PAGES, ids=lambda p: p.file)

SETTLED = """() => document.querySelector('[data-test-script-state="notRunning"]')
    && !document.querySelector('[data-stale="true"]')
    && document.getAnimations().every((a) => a.playState !== "running")"""
BRIEF = 3_000  # milliseconds

# What Streamlit itself brings and nobody here can change: rule -> why it may stand.
ALLOWED = {"presentation-role-conflict": "the drop zone of st.file_uploader, on the Data page (minor)"}


def address(server: str, entry, query: str = "") -> str:
    return f"{server}/{'' if entry is PAGES[0] else entry.file}{query}"


def settled(page) -> None:
    """Wait until the script has ended and nothing that it replaced fades any more."""
    page.wait_for_function(SETTLED)


def opened(page, url: str, entry) -> None:
    page.goto(url)
    expect(page.get_by_role("heading", level=1)).to_have_text(entry.question, timeout=30_000)
    if entry.by:
        page.wait_for_selector(".js-plotly-plot .main-svg .infolayer", state="attached")
        expect(page.get_by_role("status").filter(has_text=wording.SHOWING)).to_be_attached()
    settled(page)


def persist(action) -> None:
    """What opens on a click may close where the page still moves under it: then a person clicks again, and so do we."""
    for _ in range(9):
        with suppress(TimeoutError):
            return action()
    action()


def go_to(page, entry) -> None:
    def follow() -> None:
        link = page.get_by_role("link", name=entry.title, exact=True)
        more = page.get_by_text(re.compile(r"^\d+ more$"))
        link.or_(more).first.wait_for()
        if not link.count():
            more.click(timeout=BRIEF)
            link = page.get_by_role("menuitem", name=entry.title, exact=True)
        link.click(timeout=BRIEF)

    persist(follow)
    expect(page.get_by_role("heading", level=1)).to_have_text(entry.question)
    settled(page)


def pick(page, label: str, option: str) -> None:
    def choose() -> None:
        page.get_by_role("combobox", name=label, exact=True).click(timeout=BRIEF)
        page.get_by_role("option", name=option, exact=True).click(timeout=BRIEF)

    persist(choose)


@pages
def test_every_address_opens_on_a_server_that_never_ran_the_app(fresh, page, entry):
    opened(page, address(fresh, entry, "?year=2021/22"), entry)
    expect(page.get_by_text(wording.SYNTHETIC)).to_be_visible()
    if entry.by:
        expect(page.get_by_text("In 2021/22").first).to_be_visible()


def test_a_filter_survives_reload_other_pages_and_back(served, page):
    overview, ethnicity, data = (next(p for p in PAGES if p.file == f) for f in ("overview", "ethnicity", "data"))
    opened(page, served, overview)
    expect(page.get_by_text("Over 2020/21 to 2021/22").first).to_be_visible()
    pick(page, "Period", "2021/22")
    sentence = page.locator("p", has_text="In 2021/22").first
    expect(sentence).to_be_visible()
    said = sentence.inner_text()
    page.reload()
    expect(page.locator("p", has_text="In 2021/22").first).to_have_text(said)
    go_to(page, ethnicity)
    expect(page.get_by_text("4.8 times as likely as White children").first).to_be_visible()
    page.go_back()
    expect(page.locator("p", has_text="In 2021/22").first).to_have_text(said)
    go_to(page, data)
    go_to(page, ethnicity)
    expect(page.get_by_text("4.8 times as likely as White children").first).to_be_visible()
    assert "year=2021" in page.url


def test_an_impossible_filter_falls_back_with_a_notice(served, page):
    opened(page, address(served, PAGES[1], "?year=1999/00&ethnicity_reference=Martians"), PAGES[1])
    expect(page.get_by_text("“1999/00” is not published here")).to_be_visible()
    expect(page.get_by_text("“Martians” is not published here")).to_be_visible()


def test_a_screen_reader_is_told_what_changed(served, page):
    opened(page, served, PAGES[0])
    status = page.get_by_role("status").filter(has_text=wording.SHOWING)
    node = status.element_handle()
    pick(page, "Period", "2021/22")
    expect(status).to_contain_text("In 2021/22")
    assert status.evaluate("(now, before) => now === before", node)


def test_the_download_is_the_table(served, page):
    opened(page, served, PAGES[0])
    pick(page, wording.FORMAT, "Table as CSV (.csv)")
    expect(page.get_by_role("combobox", name=wording.FORMAT)).to_have_value("Table as CSV (.csv)")
    page.wait_for_timeout(500)
    settled(page)
    with page.expect_download() as download:
        page.get_by_role("button", name=wording.DOWNLOAD).click()
    text = download.value.path().read_text(encoding="utf-8-sig")
    assert download.value.suggested_filename.endswith(".csv")
    header = page.locator("table").first.locator("thead th").all_inner_texts()
    assert text.splitlines()[0].replace('"', "").replace(",", "") == "".join(header).replace(",", "")
    assert len(text.splitlines()) == page.locator("table").first.locator("tbody tr").count() + 1


def assert_accessible(page, axe) -> None:
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    found = axe.run(page, options={"runOnly": {"type": "tag", "values": tags}}).response["violations"]
    assert not {v["id"]: [n["html"][:200] for n in v["nodes"]] for v in found if v["id"] not in ALLOWED}


def test_the_server_is_hardened_and_compresses(served):
    with urllib.request.urlopen(served) as answer:
        policy, page = answer.headers["Content-Security-Policy"], answer.read().decode()
        assert "default-src 'self'" in policy
        assert "unsafe-eval" not in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    bundle = page.split('crossorigin src="./')[1].split('"')[0]
    request = urllib.request.Request(f"{served}/{bundle}", headers={"Accept-Encoding": "gzip"})
    with urllib.request.urlopen(request) as answer:
        assert answer.headers["Content-Encoding"] == "gzip"
        assert "immutable" in answer.headers["Cache-Control"]
        assert len(answer.read()) == int(answer.headers["Content-Length"])
        assert answer.headers["Content-Type"].startswith("text/javascript")
    with urllib.request.urlopen(f"{served}/healthz") as answer:
        assert answer.read() == b'{"status":"ok"}'
