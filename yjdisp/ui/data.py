"""The analyst's page: a case file goes in, a release comes out. Nothing of the file's rows is shown."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from io import BytesIO

import pandas as pd
import streamlit as st

from yjdisp import baselines
from yjdisp.disclosure.plan import PlanError
from yjdisp.disclosure.policy import DEFAULT, PolicyError, names
from yjdisp.disclosure.private import PrivateError
from yjdisp.problems import CaseFileError, Problem
from yjdisp.release import Release, ReleaseError
from yjdisp.ui import blocks, library
from yjdisp.ui.filters import MADE
from yjdisp.wording import capital

INTRODUCTION = (
    "Choose the file that your case-management system exports (one row an offence), or a file of counts. It is read "
    "in memory, checked, counted and protected. Names, dates of birth and identifiers never leave this page. Kept are "
    "the protected release and, in a folder beside it that nobody else may see, the codes of each record without them: "
    "the next release needs it."
)
TYPES = ["csv", "xlsx", "ods", "parquet"]
AS_IN_FILE = "As the file says"
EARLIER = "Earlier releases of this service that somebody may have seen"
EARLIER_HELP = "What they show is taken into account, so that no child can be worked out from two releases together."
PROTECTION_HELP = (
    "caseload: counts below 5 are hidden, zeros too. ten: below 10. published: zeros are shown, for caseloads of many "
    "hundreds. round5: the rest is rounded to the nearest 5."
)
CHOOSE = "Choose a case file to make a release from."
CANCEL_HINT = "Nothing is written until the end, so you can cancel at any time."
NOTHING_WRITTEN = "No release was made."
DONE = "The release {id} is made, and every page now shows it."
PROBLEMS = "What is wrong with the file, and what to do:"
TABLES_LEFT_OUT = "{tables} of the plan not made: the file does not have what they need, or the numbers are too small."
LISTED = 200
FAILURES = (CaseFileError, ReleaseError, PolicyError, PlanError, PrivateError, baselines.BaselineError, OSError)


def page(shown: Release | None) -> None:
    """The whole page."""
    st.markdown(INTRODUCTION)
    left, right = st.columns(2)
    area = left.selectbox("Area", [AS_IN_FILE, *_areas()], help="Needed where the file has no column of areas.")
    policy = right.selectbox("Protection", names(), index=names().index(DEFAULT), help=PROTECTION_HELP)
    earlier = {library.name(entry.release): entry.release for entry in _own_releases()}
    mapping = st.file_uploader("Mapping, if your headings differ (TOML)", type=["toml"], key="mapping")
    with st.form("case file", clear_on_submit=True):  # the file is dropped as soon as it has been used
        file = st.file_uploader("Case file or counts file", type=TYPES, key="case_file")
        previous = st.multiselect(EARLIER, list(earlier), default=list(earlier), help=EARLIER_HELP) if earlier else []
        asked = st.form_submit_button("Check and make a release", type="primary")
    said = CHOOSE
    if asked and not file:
        blocks.trouble(NOTHING_WRITTEN, blocks.FILE_FIRST)
        said = f"{NOTHING_WRITTEN} {blocks.FILE_FIRST}"
    elif asked:
        said = _make(
            file.getvalue(),
            file.name,
            mapping=mapping.getvalue().decode("utf-8-sig", errors="replace") if mapping else None,
            area=None if area == AS_IN_FILE else area,
            policy=policy,
            previous=[earlier[label] for label in previous],
        )
    elif shown and st.session_state.get("made") == shown.id:
        said = _done(shown)
    blocks.status(said)


def _areas() -> list[str]:
    """The areas that have a baseline of their own."""
    rows = baselines.read(baselines.default_file())
    return sorted(set(rows["area"]) - set(baselines.NATIONAL))


def _own_releases() -> list[library.Found]:
    return [entry for entry in library.found() if entry.release and entry.path != library.sample()]


def _make(content: bytes, name: str, *, mapping, area, policy, previous: Sequence[Release]) -> str:
    """Make a release and show it; says why, where there is none."""
    from yjdisp import publish  # the solvers load only where somebody makes a release

    progress, cancel = st.progress(0.0, "Starting"), st.empty()
    cancel.button("Cancel", help=CANCEL_HINT)
    out = library.folder() / f"{datetime.now():%Y-%m-%d-%H%M%S}"
    try:
        identity = publish.publish(
            BytesIO(content),
            out,
            made_with=publish.rules(policy=policy),
            name=name,
            mapping=mapping,
            area=area,
            previous=previous,
            progress=progress.progress,
        )
    except (publish.Refused, *FAILURES) as failed:
        progress.empty()
        cancel.empty()
        said = str(failed)
        why = f"{said if said.startswith(name) else capital(said)}."
        blocks.trouble(NOTHING_WRITTEN, blocks.plain(why))
        problems(getattr(failed, "problems", ()))
        return f"{NOTHING_WRITTEN} {why}"
    st.session_state["made"] = st.session_state[MADE] = identity
    st.rerun()


def problems(found: Sequence[Problem]) -> None:
    """Problems as a table: where, what, how often and the remedy; nothing of the rows."""
    if not found:
        return
    rows = [
        {
            "Line": "" if p.line is None else str(p.line),
            "Column": p.column,
            "Problem": p.kind,
            "Rows": str(p.count or ""),
            "What to do": p.remedy,
        }
        for p in found[:LISTED]
    ]
    blocks.table(pd.DataFrame(rows), PROBLEMS)


def _done(made: Release) -> str:
    said = DONE.format(id=made.id)
    st.success(said, icon=":material/check:")
    attack, rows = made.manifest["attack"], made.manifest["rows"]
    st.markdown(
        f"{attack['cells']:,} cells, of which {attack['hidden']:,} are hidden. "
        f"An attack on everything published narrowed {attack['narrowed']:,} of them."
    )
    left_out = [f"{reason}: {number} rows" for reason, number in rows["left_out"].items()]
    if left_out:
        st.markdown("Left out of the file: " + "; ".join(left_out) + ".")
    if tables := made.manifest["left_out"]:
        st.markdown(TABLES_LEFT_OUT.format(tables=f"{len(tables)} table{'s' if len(tables) > 1 else ''}"))
        st.page_link("pages/methods.py", label="See what is left out, and why", icon=":material/arrow_forward:")
    st.page_link("pages/overview.py", label="See the overview", icon=":material/arrow_forward:")
    return said
