"""The meeting view: the pages' answers one after the other in large type, by keys. Whether it is on is in the address."""

from __future__ import annotations

import streamlit as st

from yjdisp import wording
from yjdisp.ui.pages import PAGES, Page

PARAMETER, ON = "meeting", "on"
BARE = """<style>
[data-testid="stSidebar"], [data-testid="stExpandSidebarButton"] { display: none; }
[data-testid="stMainBlockContainer"] { padding-top: 4rem; padding-bottom: 1rem; }
</style>"""


def on() -> bool:
    """Whether the address asks for the meeting view."""
    return st.query_params.get(PARAMETER) == ON


def offer(page: Page) -> None:
    """The button that starts it, on pages that have an answer."""
    if not on() and page.answers:
        st.sidebar.button(wording.MEETING, on_click=_start, icon=":material/present_to_all:", width="stretch")


def controls(page: Page) -> None:
    """Back, next and leave, each by a button or its key; and how far it is, on the pages that it goes through."""
    steps = [step for step in PAGES if step.answers]
    at = steps.index(page) if page in steps else -1
    st.html(BARE)
    with st.container(horizontal=True, vertical_alignment="center"):
        back = st.button(wording.BACK, shortcut="Left", disabled=at < 1)
        onward = st.button(wording.NEXT, shortcut="Right", disabled=at == len(steps) - 1)
        st.button(wording.LEAVE, shortcut="Esc", on_click=_leave)
        if page in steps:
            st.markdown(wording.STEP.format(at=at + 1, of=len(steps), title=page.title), width="content")
    if back or onward:
        step = steps[at - 1 if back else at + 1]
        st.switch_page(step.path, query_params={PARAMETER: ON})  # bound filters come along by themselves


def _start() -> None:
    st.query_params[PARAMETER] = ON


def _leave() -> None:
    del st.query_params[PARAMETER]
