"""The page that makes files of the whole release, with progress that can be cancelled."""

from __future__ import annotations

import streamlit as st

from yjdisp import exports, wording
from yjdisp.exports import ExportError
from yjdisp.release import Release
from yjdisp.ui import blocks

INTRODUCTION = (
    "Files of the whole release, protected as it is: they can be published as they are. What a page shows can be taken "
    "away from that page, below its table."
)
KIND, MAKE, MADE = "Kind of file", "Make the file", "made file"
CANCEL_HINT = "Nothing is kept of a file that is not finished."
READY = "The file is ready: {name}."
NOT_MADE = "No file was made."


def page(source: Release) -> None:
    """The whole page."""
    st.markdown(INTRODUCTION)
    kinds = exports.offered()
    suffix = st.radio(
        KIND,
        list(kinds),
        format_func=lambda s: f"{kinds[s].label} ({s})",
        captions=[kind.use for kind in kinds.values()],
        key="export_kind",
    )
    if st.button(MAKE, type="primary"):
        _make(source, suffix)
    release_id, made_suffix, content = st.session_state.get(MADE, ("", "", b""))
    if (release_id, made_suffix) == (source.id, suffix):
        name = exports.file_name(source, suffix)
        st.success(READY.format(name=name), icon=":material/check:")
        st.download_button(wording.DOWNLOAD, content, name, kinds[suffix].mime, on_click="ignore")
        blocks.status(READY.format(name=name))
    else:
        blocks.status(INTRODUCTION)


def _make(source: Release, suffix: str) -> None:
    """Make a file and keep it for this visit. Any click, also on Cancel, ends the making at its next step."""
    progress = st.progress(0.0, "Starting")
    st.button("Cancel", help=CANCEL_HINT)
    try:
        content = exports.build(source, suffix, progress=progress.progress)
    except ExportError as failed:
        blocks.trouble(NOT_MADE, f"{wording.capital(str(failed))}.")
        return
    st.session_state[MADE] = (source.id, suffix, content)
    st.rerun()
