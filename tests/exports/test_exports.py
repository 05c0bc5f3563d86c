"""Files as a whole: whole or not at all, the same again, named after what they hold, and text where text is meant."""

from __future__ import annotations

import csv
import io
import re
import time
import zipfile
from xml.etree import ElementTree

import openpyxl
import pytest

from exports.conftest import FORMULAS
from exports.reading import everything
from yjdisp import exhibits, exports, wording
from yjdisp.comparison import compare
from yjdisp.exports import ExportError, content

WHOLE = [suffix for suffix, kind in exports.FORMATS.items() if "release" in kind.holds]
QUICK = [suffix for suffix in WHOLE if suffix != ".pdf"]
TEXTS = (".xlsx", ".pptx", ".html")


@pytest.mark.parametrize("suffix", WHOLE)
def test_the_same_release_gives_the_same_file(one, suffix):
    first = exports.build(one.release, suffix)
    time.sleep(1.1 if suffix in (".xlsx", ".pptx") else 0)
    assert exports.build(one.release, suffix) == first


@pytest.mark.parametrize("suffix", QUICK)
def test_every_export_says_where_it_comes_from(one, suffix):
    shown = (
        [(), [exhibits.compared([compare(one.release, by="ethnicity")], one.release.years)]]
        if suffix in TEXTS
        else [()]
    )
    for views in shown:
        text = readable(exports.build(one.release, suffix, views))
        for needed in (
            one.release.id,
            "caseload",
            "Census 2021",
            "invented for a test",
            "conditional mid-P",
            wording.CHANCE,
            wording.SYNTHETIC,
            "2020/21",
        ):
            assert needed in text, f"{suffix} does not say {needed!r}"


@pytest.mark.parametrize("suffix", QUICK)
def test_every_whole_export_names_the_tables_left_out(one, suffix):
    assert "children by year and gravity are too small to publish." in readable(exports.build(one.release, suffix))


def test_real_data_bear_no_notice(one):
    manifest = {**one.release.manifest, "synthetic": False}
    real = type(one.release)(
        **{f: getattr(one.release, f) for f in one.release.__dataclass_fields__} | {"manifest": manifest}
    )
    for suffix in QUICK:
        assert "invented. No real" not in readable(exports.build(real, suffix))


def readable(file: bytes) -> str:
    """All text of a file, without markup."""
    found = [member.decode(errors="replace") for _, member in everything(file)]
    return re.sub(r"\s+", " ", " ".join(found).replace("&quot;", '"').replace("&#x27;", "'").replace("&amp;", "&"))


def test_progress_is_told_and_can_cancel(one):
    told = []
    exports.build(one.release, ".pptx", progress=lambda fraction, stage: told.append((fraction, stage)))
    fractions = [fraction for fraction, _ in told]
    assert fractions == sorted(fractions) and 0 <= fractions[0] and fractions[-1] < 1
    assert told[0][1] == "Ethnicity" and told[-1][1] == "Writing the slides"
    with pytest.raises(KeyboardInterrupt):
        exports.build(one.release, ".pptx", progress=cancelling)


def cancelling(fraction: float, stage: str) -> None:
    raise KeyboardInterrupt(stage)


def test_names_hold_subject_release_and_date(one):
    c = compare(one.release, by="ethnicity", where={"year": "2021/22"})
    day = f"{one.release.created:%Y-%m-%d}"
    name = exports.file_name(one.release, ".xlsx", exhibits.compared([c], one.release.years).name)
    assert name == f"yjdisp-ethnicity-children-2021-22-{day}-{one.release.id}.xlsx"
    assert exports.file_name(one.release, ".zip") == f"yjdisp-whole-release-{day}-{one.release.id}.zip"


def test_a_file_is_written_whole_or_not_at_all(one, tmp_path, monkeypatch):
    path = tmp_path / "new" / "pack.html"
    exports.write(one.release, path)
    assert path.read_bytes() == exports.build(one.release, ".html")
    monkeypatch.setattr("os.replace", broken)
    path.write_text("older")
    with pytest.raises(OSError, match="disk"):
        exports.write(one.release, path)
    assert path.read_text() == "older"
    assert [p.name for p in path.parent.iterdir()] == ["pack.html"]


def broken(*_):
    raise OSError("the disk is full")


@pytest.mark.parametrize("name", ["pack.docx", "pack", "pack.csv"])
def test_an_unknown_ending_is_said(one, tmp_path, name):
    with pytest.raises(ExportError, match=r"choose one of \.xlsx, \.pptx"):
        exports.write(one.release, tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_no_text_of_a_workbook_is_a_formula_or_a_link(odd):
    for path, member in everything(exports.build(odd, ".xlsx"), "xlsx"):
        if path.endswith(".xml") and "worksheets/" in path:
            sheet = ElementTree.fromstring(member)
            assert not list(sheet.iter("{*}f"))
            links = [link.get("location") for link in sheet.iter("{*}hyperlink")]
            assert all(location and location.endswith("!A1") for location in links)
    book = openpyxl.load_workbook(io.BytesIO(exports.build(odd, ".xlsx")))
    labels = {str(cell.value) for cell in book["1"]["A"]}
    assert {"=1+1", "@SUM(A1)", "=HYPERLINK(A1)", "\t=4"} <= labels
    assert all(cell.data_type == "s" for cell in book["1"]["A"] if cell.value)


def test_no_text_of_a_csv_file_starts_a_formula(odd):
    with zipfile.ZipFile(io.BytesIO(exports.build(odd, ".zip"))) as archive:
        for name in (n for n in archive.namelist() if n.endswith(".csv")):
            for row in csv.reader(io.StringIO(archive.read(name).decode())):
                risky = [cell for cell in row if cell.startswith(content.FORMULA)]
                assert all(re.fullmatch(r"-[\d.e-]+|-INF", cell) for cell in risky), name
        labels = [row[0] for row in csv.reader(io.StringIO(archive.read("children-by-area-year.csv").decode()))]
    assert "'=1+1" in labels and "'\t=4" in labels


def test_markup_in_names_stays_text_in_the_report(odd):
    page = exports.build(odd, ".html").decode()
    assert "&lt;b&gt;&amp;" in page and "<b>" not in page
    assert all(label in page for label in FORMULAS if "<" not in label)


def test_slides_can_be_made_of_odd_names(odd):
    assert exports.build(odd, ".pptx")
