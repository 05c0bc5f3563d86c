"""The frame around every page: which pages there are, the guard, the release on show and what to say without one."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass

import streamlit as st

from yjdisp import wording
from yjdisp.baselines import BaselineError
from yjdisp.release import Release, ReleaseError
from yjdisp.ui import blocks, filters, library


@dataclass(frozen=True)
class Page:
    """A page of the app: its file in pages/, its place in the menu and the question that it answers."""

    file: str
    title: str
    group: str
    question: str
    needs_release: bool = True

    @property
    def path(self) -> str:
        return f"pages/{self.file}.py"


PAGES = (
    Page("overview", "Overview", "Who", "Which groups of children are over-represented?"),
    Page("ethnicity", "Ethnicity", "Who", "Are children of some ethnic groups over-represented?"),
    Page("data", "Data", "Behind the numbers", "Load a case file and make a release", needs_release=False),
    Page("methods", "Methods", "Behind the numbers", "How are these numbers made and protected?", needs_release=False),
)

_open: ContextVar[tuple[Page, Release | None] | None] = ContextVar("open", default=None)


def main() -> None:
    """Draw the frame and run the page that the address asks for."""
    menu: dict[str, list] = {}
    for i, page in enumerate(PAGES):
        menu.setdefault(page.group, []).append(st.Page(page.path, title=page.title, default=i == 0))
    chosen = st.navigation(menu, position="top")
    page = next(p for p in PAGES if p.title == chosen.title)
    st.set_page_config(page_title=f"{page.title} · yjdisp", layout="wide")
    found = library.found()
    banner = st.container()
    blocks.heading(page.question)
    source = filters.release(found)
    if source and source.synthetic:
        banner.warning(wording.SYNTHETIC, icon=":material/science:")
    for entry in found:
        if not entry.release:
            blocks.trouble(wording.REFUSED, entry.refused)
    if page.needs_release and not source:
        blocks.trouble(wording.NO_RELEASE, wording.NO_RELEASE_REMEDY)
        st.page_link("pages/data.py", label="Go to the Data page", icon=":material/upload_file:")
        return
    token = _open.set((page, source))
    try:
        chosen.run()
    except (ReleaseError, BaselineError) as refused:
        blocks.trouble(wording.NOT_PUBLISHED, f"{wording.capital(str(refused))}. {wording.NOT_PUBLISHED_REMEDY}")
    finally:
        _open.reset(token)


def page() -> Release | None:
    """The release on show; the first line of every page.

    A page that Streamlit runs by itself (an address opened before app.py ever ran) gets the whole frame around it.
    """
    opened = _open.get()
    if opened is None:
        main()
        st.stop()
    return opened[1]
