"""The workbook, reopened: the Analysis Function's "Accessible spreadsheets: a checklist of the basics", item by item."""

from __future__ import annotations

import io
import shutil
import subprocess
import warnings
from math import nan

import openpyxl
import pandas as pd
import pytest
from ui import small

from yjdisp import comparison, exhibits, exports, indicators, release, wording
from yjdisp.comparison import compare
from yjdisp.exports import content, sheets
from yjdisp.exports.package import unpacked

FRONT = ["Cover", "Contents", "Notes"]


@pytest.fixture(scope="module")
def made(one) -> bytes:
    with warnings.catch_warnings():
        warnings.simplefilter("error", DeprecationWarning)  # pandas announces its next version by these
        return exports.build(one.release, ".xlsx")


@pytest.fixture(scope="module")
def book(made):
    return openpyxl.load_workbook(io.BytesIO(made))


@pytest.fixture(scope="module")
def tables(book):
    return {sheet.title: next(iter(sheet.tables.values())) for sheet in book if sheet.title != "Cover"}


def test_worksheets_are_named_and_none_is_blank_or_hidden(book):
    assert book.sheetnames[:3] == FRONT
    assert book.sheetnames[3:] == [str(n) for n in range(1, len(book.sheetnames) - 2)]
    assert all(sheet.sheet_state == "visible" and sheet["A1"].value for sheet in book)


def test_every_sheet_but_the_cover_has_one_tagged_table_with_a_name_of_its_own(book):
    assert not book["Cover"].tables
    assert all(len(sheet.tables) == 1 for sheet in book if sheet.title != "Cover")
    names = [name for sheet in book for name in sheet.tables]
    assert len(set(names)) == len(names)
    assert {"compared_ethnicity_children_ethnicity", "children_by_year_ethnicity"} <= set(names)


def test_no_cell_is_merged_and_none_of_a_table_is_empty(book, tables):
    assert not any(sheet.merged_cells.ranges for sheet in book)
    for name, table in tables.items():
        assert all(cell.value not in (None, "") for row in book[name][table.ref] for cell in row)


def test_each_table_has_one_header_row_of_different_texts(book, tables):
    for name, table in tables.items():
        assert table.headerRowCount == 1
        header = [cell.value for cell in book[name][table.ref][0]]
        assert all(isinstance(text, str) for text in header) and len(set(header)) == len(header)


def test_tables_stand_at_the_left_edge_with_nothing_beside_or_below(book, tables):
    for name, table in tables.items():
        sheet = book[name]
        first, last = table.ref.split(":")
        assert first.startswith("A") and sheet[last].row == sheet.max_row and sheet[last].column == sheet.max_column
        above = [cell for row in sheet.iter_rows(max_row=sheet[first].row - 1) for cell in row]
        assert all(cell.value is None for cell in above if cell.column > 1)
        assert all(cell.value for cell in above if cell.column == 1)


def test_no_filter_frozen_pane_or_hidden_row(book, tables):
    assert all(sheet.freeze_panes is None and sheet.auto_filter.ref is None for sheet in book)
    assert all(table.autoFilter is None for table in tables.values())
    for sheet in book:
        assert not any(d.hidden for d in (*sheet.row_dimensions.values(), *sheet.column_dimensions.values()))


def test_texts_wrap(book):
    assert all(cell.alignment.wrap_text for cell in book["Cover"]["A"])
    assert all(cell.alignment.wrap_text for cell in book["Notes"]["B"][3:])


def test_notes_are_numbered_in_a_table_of_their_own_and_referred_to_in_words(book):
    numbers = [cell.value for cell in book["Notes"]["A"][3:]]
    assert numbers == list(range(1, len(numbers) + 1))
    for sheet in book.worksheets[3:]:
        above = [cell.value for cell in sheet["A"][:8] if isinstance(cell.value, str)]
        assert any("[note " in text for text in above)
    referred = {
        text for sheet in book.worksheets[3:] for (text,) in sheet.iter_rows(max_row=8, max_col=1, values_only=True)
    }
    assert all(any(f"[note {n}]" in str(text) for text in referred) for n in numbers)


def test_marks_are_explained_above_the_table_that_has_them(book):
    for sheet in book.worksheets[3:]:
        texts = [str(cell.value) for row in sheet.iter_rows() for cell in row]
        for mark in ("[c]", "[x]", "[z]"):
            assert (mark in texts) == any(text.startswith(f"{mark} marks") for text in texts)
    whole = {str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None}
    assert "[c]" in whole and not whole & {"-", "–", "*", ".", "..", "…", "n/a", "nan", "None"}


def test_every_contents_entry_leads_to_its_sheet(book):
    entries = [row for row in book["Contents"].iter_rows(min_row=4)]
    assert [row[0].value for row in entries] == [name for name in book.sheetnames[3:]]
    for label, description in entries:
        assert label.hyperlink.location == f"'{label.value}'!A1"
        assert description.value == book[str(label.value)]["A1"].value


def test_no_fill_picture_macro_header_or_footer(made, book):
    members = unpacked(made)
    assert not any(part in name for name in members for part in ("media", "drawing", "vba", "comment", "externalLink"))
    assert all(cell.fill.fill_type is None for sheet in book for row in sheet.iter_rows() for cell in row)
    assert not any(sheet.oddHeader.center.text or sheet.oddFooter.center.text for sheet in book)


def test_the_file_opens_at_its_first_cell(book):
    assert book.active.title == "Cover"
    assert all(sheet.sheet_view.selection[0].activeCell in (None, "A1") for sheet in book)


def test_document_information_is_set(one, book):
    properties = book.properties
    assert properties.title == content.title(one.release)
    assert properties.creator == one.release.manifest["service"]
    assert properties.subject and properties.language == "en-GB"
    assert one.release.id in properties.description


def test_a_hidden_count_is_marked_and_so_is_all_that_is_made_of_it(one, book):
    group = next(values[1] for (table, values) in one.hidden if table == ("year", "ethnicity"))
    sheet = book["1"]
    header, *rows = [[cell.value for cell in row] for row in sheet[next(iter(sheet.tables.values())).ref]]
    line = dict(zip(header, next(row for row in rows if row[0] == group), strict=True))
    public = ("Group", "Lowest possible count", "Highest possible count", "Share of the population (%)", "Finding")
    assert {value for heading, value in line.items() if heading not in public} == {"[c]"}
    assert line["Finding"] == "Hidden"
    counted = book[next(s.title for s in book if "children_by_year_ethnicity" in s.tables)]
    of_group = next(row for row in counted.iter_rows(values_only=True) if row[0] == group)
    assert set(of_group[1:]) == {"[c]"}


def test_numbers_are_numbers(one, book):
    sheet = book[next(s.title for s in book if "children_by_year_ethnicity" in s.tables)]
    white = next(row for row in sheet.iter_rows() if row[0].value == "White")
    assert all(cell.data_type == "n" for cell in white[1:])


def test_what_is_on_screen_is_one_table(one):
    c = compare(one.release, by="ethnicity", where={"year": "2021/22"})
    book = openpyxl.load_workbook(
        io.BytesIO(exports.build(one.release, ".xlsx", [exhibits.compared([c], one.release.years)]))
    )
    assert book.sheetnames == [*FRONT, "1"]
    assert "2021/22" in book["1"]["A1"].value
    cover = " ".join(cell.value for cell in book["Cover"]["A"])
    assert wording.SYNTHETIC in cover and one.release.id in cover


@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not installed")
@pytest.mark.parametrize("suffix", [".xlsx", ".pptx"])
def test_libreoffice_opens_it(one, tmp_path, suffix):
    path = tmp_path / f"pack{suffix}"
    exports.write(one.release, path)
    command = ["soffice", f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}", "--headless"]
    subprocess.run(
        [*command, "--convert-to", "pdf", "--outdir", tmp_path, path], check=True, timeout=180, capture_output=True
    )
    assert (tmp_path / "pack.pdf").stat().st_size > 10_000


@pytest.mark.parametrize("start", "=+-@")
def test_no_start_of_a_formula_is_left(start):
    assert content.literal(f"{start}1+1") == f"'{start}1+1"


def test_what_a_hidden_number_hides_is_marked_as_hidden_and_not_as_absent():
    row = {"group": "Black", "verdict": comparison.HIDDEN, "count": 6, "total": pd.NA, "share": nan, "rri": nan}
    assert sheets._figure(row, "share", 100, 1) == "[c]" and sheets._figure(row | {"total": 60}, "rri", 1, 2) == "[c]"
    row = {"Group": "Black", "Children": "[c] between 0 and 9", "Share": "[c]", "Elsewhere": "–"}
    assert sheets._cells(row) == row | {"Elsewhere": "[x]"}


def test_beside_a_hidden_share_what_is_not_published_elsewhere_is_marked_as_absent(tmp_path):
    small.write(
        tmp_path / "made",
        children=small.CHILDREN | {"sex": {"Boys": ((38, 42), 37), "Girls": ((5, 9), 8), "Unknown": (0, 0)}},
    )
    source = release.read(tmp_path / "made")
    view = exhibits.inspected(indicators.facts(source, where={"year": "2020/21"}), source.areas[0], source.years)
    boys = sheets._shown(view).frame.set_index("Group").loc["Boys"]
    assert (boys["Children"], boys["Share of this caseload"]) == ("[c] between 38 and 42", "[c]")
    assert "[c]" not in set(boys[list(view.table)[4:-1]])
