"""The frame around every page: the guard, the release on show and what to say without one."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass

import streamlit as st

from yjdisp import wording
from yjdisp.baselines import BaselineError
from yjdisp.comparison import ComparisonError
from yjdisp.release import Release, ReleaseError
from yjdisp.ui import blocks, filters, library, meeting
from yjdisp.ui.pages import PAGES

STYLE = """<style>
    :is(a, button, summary, [role="menuitem"], [data-testid="stMain"]):focus-visible,
    [data-testid="stTopNavSection"]:focus-visible, label:has(input[type="radio"]:focus-visible),
    [data-testid="stSelectbox"] div:has(> input:focus-visible) {
        outline: 3px solid #12436D !important; outline-offset: -3px !important; box-shadow: none !important;
    }
    [data-testid="stSidebar"][data-collapsed="true"] { visibility: hidden; }
    [data-testid="stHeaderActionElements"] { display: none; }
    [data-testid="stTable"] th [data-testid="stMarkdownContainer"] { overflow: visible; }
</style>"""  # Streamlit marks where the keyboard is too palely to see, and takes it into a closed sidebar; and lets a heading of
# a table scroll by a pixel, which the keyboard cannot reach


@dataclass(frozen=True)
class View:
    """What a page has to work with: the release on show and what is chosen in the sidebar."""

    release: Release | None
    choice: filters.Choice | None


_view: ContextVar[View | None] = ContextVar("view", default=None)


def main() -> None:
    """Draw the frame and run the page that the address asks for."""
    st.html(STYLE)
    menu = [st.Page(page.path, title=page.title, default=page is PAGES[0]) for page in PAGES]
    chosen = st.navigation(menu, position="hidden" if meeting.on() else "top")
    page = next(p for p in PAGES if p.title == chosen.title)
    st.set_page_config(page_title=f"{page.title} · yjdisp", layout="wide")
    found = library.found()
    if meeting.on():
        meeting.controls(page)
    banner = st.container()
    blocks.heading(page.question)
    source = filters.release(found)
    meeting.offer(page)
    library.on_show.set(source)
    if source and source.synthetic:
        banner.warning(wording.SYNTHETIC, icon=":material/science:")
    for entry in found:
        if not entry.release:
            blocks.trouble(wording.REFUSED, entry.refused)
    if page.needs_release and not source:
        blocks.nothing(wording.NO_RELEASE, wording.NO_RELEASE_REMEDY)
        st.page_link("pages/data.py", label="Go to the Data page", icon=":material/upload_file:")
        return
    try:
        # the filters are drawn here and not by the pages: Streamlit forgets what belongs to a page when it is left
        choice = filters.choose(source, *page.by) if page.by else None
        token = _view.set(View(source, choice))
        try:
            chosen.run()
        finally:
            _view.reset(token)
    except (ReleaseError, BaselineError, ComparisonError) as refused:
        why = wording.capital(blocks.labelled(str(refused)))
        blocks.nothing(wording.NOT_PUBLISHED, f"{why}. {wording.NOT_PUBLISHED_REMEDY}")


def page() -> View:
    """The first line of every page.

    A page that Streamlit runs by itself (an address opened before app.py ever ran) gets the whole frame around it.
    """
    view = _view.get()
    if view is None:
        main()
        st.stop()
    return view
