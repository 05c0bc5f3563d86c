"""The parts that pages are made of, always in the same order: question, answer, chart, table, how, caveats, download."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape

import pandas as pd
import streamlit as st

from yjdisp import exports, wording
from yjdisp.charts.large import enlarged
from yjdisp.exhibits import Exhibit, tabulated
from yjdisp.ui import library, meeting
from yjdisp.ui.results import Further, Result
from yjdisp.vocabulary import LABELS

FILE_FIRST = "Choose a file first."
CONFIG = {"displayModeBar": False, "showSendToCloud": False, "plotlyServerURL": "", "displaylogo": False}

_DIMENSIONS = re.compile(rf"\b({'|'.join(LABELS)})\b")
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~$:&^=@/])")

_status = st.components.v2.component(
    "yjdisp_status",
    html='<p role="status" aria-live="polite"></p>',
    css="""
    p { position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden; clip-path: inset(50%); }
    """,
    js="""
    const reach = () => {
        for (const frame of document.querySelectorAll('[data-testid="stTable"] > div')) {
            if (frame.scrollWidth > frame.clientWidth) {
                Object.assign(frame, { tabIndex: 0, role: "group", ariaLabel: frame.firstChild?.ariaLabel });
            } else if (frame.tabIndex === 0) {
                for (const name of ["tabindex", "role", "aria-label"]) frame.removeAttribute(name);
            }
        }
    };

    export default function ({ parentElement, data }) {
        parentElement.querySelector("p").textContent = data.text;
        if (data.present && document.activeElement === document.body) {
            document.querySelector('[data-testid="stMain"]')?.focus();
        }
        const watch = new MutationObserver(reach);
        watch.observe(document.body, { childList: true, subtree: true });
        window.addEventListener("resize", reach);
        reach();
        return () => {
            watch.disconnect();
            window.removeEventListener("resize", reach);
        };
    }
    """,
)


def show(result: Result) -> None:
    """A whole analytical page below its question; in the meeting view its answer and chart alone."""
    if meeting.on():
        _large(result)
        st.stop()
    view = result.view
    answer(view.answer)
    st.caption(view.shown)
    st.plotly_chart(result.chart, theme=None, config=CONFIG, alt=view.alt, key="chart")
    if result.key:
        key(result.key)
    table(view.table, f"{wording.TABLE} {view.shown}")
    download(view)
    source = library.on_show.get()
    rounded = [wording.ROUNDED.format(to=source.rounding)] if source and source.rounding else []
    caveats([*rounded, *view.caveats])
    explain(wording.HOW, view.worked_out)
    status(f"{wording.SHOWING} {view.shown}. {view.answer[0]}")


def _large(result: Result) -> None:
    view = result.view
    st.html(f'<p style="font-size: 1.75rem; font-weight: 600; line-height: 1.3">{escape(view.answer[0])}</p>')
    st.html(f'<p style="font-size: 1.2rem">{escape(view.shown)}</p>')
    st.plotly_chart(enlarged(result.chart), theme=None, config=CONFIG, alt=view.alt, key="chart")
    if result.key:
        key(result.key, size=1.2)
    for sentence in view.answer[1:]:
        st.html(f'<p style="font-size: 1.2rem">{escape(sentence)}</p>')
    status(f"{wording.SHOWING} {view.shown}. {view.answer[0]}")


def heading(question: str) -> None:
    """The question that a page answers."""
    st.title(question, anchor=False)


def key(marks: Sequence[tuple[str, str, str]], size: float = 0.875) -> None:
    """What the marks of a chart mean, as text that flows with the width of the screen."""
    entries = (
        f'<span style="color: {colour}; font-size: 1.2em">{sign}</span>&nbsp;{escape(words)}'
        for sign, colour, words in marks
    )
    st.html(f'<p style="font-size: {size}rem">{" &emsp; ".join(entries)}</p>')


def section(title: str) -> None:
    """A heading below the question."""
    st.header(title, anchor=False)


def answer(sentences: Sequence[str]) -> None:
    """The answer large, what it leaves open below it."""
    first, *rest = map(escape, sentences)
    lines = [f'<p style="font-size: 1.3rem; font-weight: 600; line-height: 1.4; max-width: 50em">{first}</p>']
    st.html("".join([*lines, *(f'<p style="max-width: 65em">{line}</p>' for line in rest)]))


def table(frame: pd.DataFrame, caption: str) -> None:
    """A real table below its caption, its rows headed by the first columns that tell them apart, where none is blank."""
    st.caption(caption)
    first = list(frame.columns[: 2 if frame.duplicated(frame.columns[:1]).any() else 1])
    if (frame[first] == "").any(axis=None):
        st.table(frame, hide_index=True, alt=caption)
    else:
        st.table(frame.set_index(first), alt=caption)


def table_to_take(frame: pd.DataFrame, caption: str, name: str, title: str | None = None) -> None:
    """A table by itself that can be taken away. Its texts are drawn as they are, whatever Markdown would make of them.

    Args:
        title: what it is called for short; the caption where that is short enough.
    """
    table(frame.map(plain), caption)
    download(tabulated(caption, frame, name), title or caption)


def further(questions: Sequence[Further]) -> None:
    """What else a reader may ask of a finding, each a table that can be taken away below its heading."""
    for question in questions:
        section(question.title)
        table_to_take(question.table, question.caption, question.name, question.title)


def download(view: Exhibit, title: str = "") -> None:
    """Exactly what is on screen as a file: a choice of its kind and a button; it is made when it is asked for.

    Args:
        title: what the two are told apart by from others of the page; nothing for the page's own view.
    """
    source = library.on_show.get()
    if source is None:
        return
    kinds, of = exports.offered("view"), f" ({title})" if title else ""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        suffix = st.selectbox(
            f"{wording.FORMAT}{of}",
            list(kinds),
            format_func=lambda s: f"{kinds[s].label} ({s})",
            key=f"format of {view.name}",
            width=260,
            filter_mode=None,
        )
        st.download_button(
            f"{wording.DOWNLOAD}{of}",
            data=lambda: exports.build(source, suffix, [view]),
            file_name=exports.file_name(source, suffix, view.name),
            mime=kinds[suffix].mime,
            on_click="ignore",
            key=f"download of {view.name}",
            wrap=True,
        )


def plain(text: str) -> str:
    """A text as it is, where Streamlit would take it for Markdown."""
    return _MARKDOWN.sub(r"\\\1", text)


def labelled(text: str) -> str:
    """A text of the core with the labels of dimensions in place of the names that they have in files and commands."""
    return _DIMENSIONS.sub(lambda name: LABELS[name[0]].lower(), text).replace(" × ", " and ")


def explain(title: str, paragraphs: Sequence[str]) -> None:
    """More than most readers need, folded away."""
    with st.expander(title):
        for paragraph in paragraphs:
            st.markdown(paragraph)


def caveats(items: Sequence[str]) -> None:
    """What a reader must know so as not to be misled."""
    section(wording.CAVEATS)
    st.markdown("\n".join(f"- {item}" for item in items))


def trouble(what: str, remedy: str) -> None:
    """A state without numbers: what is the matter and what to do."""
    st.error(f"**{what}** {remedy}", icon=":material/info:")


def nothing(what: str, remedy: str) -> None:
    """A page without anything to show: what is the matter and what to do, for screen readers, too."""
    trouble(what, remedy)
    status(what)


def status(text: str) -> None:
    """Tell screen readers what changed, without a word on screen; and let the keyboard reach tables that scroll, and in
    the meeting view the page."""
    _status(data={"text": text, "present": meeting.on()}, key="status")
