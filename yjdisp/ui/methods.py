"""How the numbers come about: what this release was made with and leaves out; then how they are protected, and worked out."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import streamlit as st

from yjdisp import wording
from yjdisp.baselines import NATIONAL
from yjdisp.project import project_folder
from yjdisp.release import Release
from yjdisp.ui import blocks, library

TEXTS = [project_folder() / "docs" / name for name in ("protection.md", "methods.md")]
NO_TABLE_LEFT_OUT = "Every table of the plan is published."


def page(source: Release | None) -> None:
    """The whole page."""
    if source:
        _release(source)
    for file in filter(Path.is_file, TEXTS):
        title, _, text = file.read_text(encoding="utf-8").partition("\n")
        blocks.section(title.removeprefix("# "))
        st.markdown(text.replace("\n## ", "\n### "))
    blocks.status(library.name(source) if source else wording.NO_RELEASE)


def _release(source: Release) -> None:
    blocks.section("This release")
    st.markdown(library.name(source))
    manifest = source.manifest
    blocks.table_to_take(_facts(source), "What this release was made from", "facts")
    blocks.section("What is not published, and why")
    left_out = manifest["left_out"]
    if left_out:
        blocks.table_to_take(
            pd.DataFrame({"Counted": t["unit"], "Why": t["reason"]} for t in left_out).drop_duplicates(),
            "Tables of the plan that are left out",
            "left-out",
        )
    else:
        st.markdown(NO_TABLE_LEFT_OUT)
    summary = pd.DataFrame(manifest["suppression"])
    if len(summary):
        summary["table"] = summary["table"].map(blocks.labelled)
        summary = summary.rename(columns={"unit": "Counted", "table": "Table", "cells": "Cells", "hidden": "Hidden"})
        with st.expander("The published tables"):
            blocks.table_to_take(
                summary.astype("str"), "Each table with its cells, and how many of them are hidden", "published-tables"
            )
    with st.expander("Who the caseload can be compared with"):
        columns = {"baseline": "Baseline", "area": "Area", "age_range": "Ages", "source": "Source"}
        here = source.baselines[source.baselines["area"].isin([*source.areas, *NATIONAL])]
        listed = here[list(columns)].drop_duplicates(["baseline", "area"]).rename(columns=columns)
        blocks.table_to_take(listed, "Baselines of the area and of the nation, with their sources", "baselines")
    for title, text in (
        ("rules of protection (policy.toml)", source.policy),
        ("plan of tables (plan.toml)", source.plan),
    ):
        with st.expander(f"The {title}"):
            st.code(text, language=None, wrap_lines=True)


def _facts(source: Release) -> pd.DataFrame:
    manifest, rows = source.manifest, source.manifest["rows"]
    left_out = [f"{reason}: {number}" for reason, number in rows["left_out"].items()]
    attack = manifest["attack"]
    facts = {
        "Made": f"{source.created:%d %B %Y, %H:%M %Z}".removeprefix("0"),
        "Years": ", ".join(manifest["period"]["years"]),
        "Offences counted": "hidden" if rows["used"] is None else f"{rows['used']:,}",
        "Rows left out": "; ".join(left_out) or "none",
        "Policy": manifest["policy"],
        "Plan": manifest["plan"],
        "Cells": f"{attack['cells']:,}, of which {attack['hidden']:,} hidden",
        "Narrowed by the attack": f"{attack['narrowed']:,}",
    }
    return pd.DataFrame({"What": facts.keys(), "This release": facts.values()})
