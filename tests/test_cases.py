"""Case files: what is read, what is refused, and that nothing of a row is ever repeated."""

import io
import logging
import tempfile
import tomllib
import zipfile
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from yjdisp import cases, sheet_xml
from yjdisp.problems import LISTED, CaseFileError, Problem, may_be_shown
from yjdisp.reading import read_date

CANARY = "Zebedee Quillington 07700"
SAMPLE = Path(__file__).parent.parent / "data_samples" / "bathavon.csv"
TODAY = date(2024, 1, 1)
GOOD = {
    "child_id": ["A1", "A1", "A2", "A3"],
    "outcome_id": ["7", "7", "8", "9"],
    "outcome_date": ["2021-04-01", "2021-04-01", "2022-03-31", "2021-12-25"],
    "area": ["Bathavon"] * 4,
    "ethnicity": ["W1", "W1", "not stated", "M1"],
    "sex": ["M", "M", "F", ""],
    "age": ["15", "15", "10", "17"],
    "send": ["EHCP", "EHCP", "N", ""],
    "care": ["no", "no", "placed", "home"],
    "offence_group": ["Robbery", "Drugs", "Arson", ""],
    "gravity": ["6", "3", "2", ""],
    "outcome": ["Referral order", "Referral order", "YCC", "CR"],
    "decided_by": ["Court", "Court", "Panel", ""],
    "recommended_outcome": ["", "", "YC", "CR"],
    "first_time_entrant": ["Y", "Y", "N", ""],
    "reoffended": ["yes", "yes", "no", ""],
    "further_offences": ["2", "2", "0", ""],
}


def frame(**changed):
    return pd.DataFrame(GOOD | changed)


def as_csv(table, **options):
    return io.BytesIO(table.to_csv(index=False, **options).encode())


def as_excel(engine, **sheets):
    out = io.BytesIO()
    with pd.ExcelWriter(out, engine=engine) as book:
        for name, table in sheets.items():
            table.to_excel(book, sheet_name=name, index=False)
    return out


def as_parquet(table):
    out = io.BytesIO()
    table.to_parquet(out, index=False)
    return out


def read(source, name="cases.csv", **options):
    return cases.read(source, name=name, today=TODAY, **options)


def kinds(file):
    return [(p.kind, p.column, p.line, p.count) for p in file.problems]


def one(file):
    assert len(file.problems) == 1, file.problems
    return file.problems[0]


def of_whom(file):
    """Whose each row is, numbered as they come."""
    return pd.factorize(file.rows["child"])[0]


def test_a_child_has_the_same_number_in_every_file():
    one, other = (read(as_csv(part)).rows["child"].tolist() for part in (frame(), frame()[::-1]))
    assert one == other[::-1] and min(one) >= 0


def test_rows_are_in_the_words_of_the_lists():
    file = read(as_csv(frame()))
    assert file.problems == () and file.left_out == {} and file.read == 4
    assert file.rows.dtypes.astype(str).to_dict() == cases.ROWS
    assert file.rows.iloc[0].drop("child").to_dict() == {
        "outcome_id": 0,
        "day": date(2021, 4, 1).toordinal(),
        "quarter": "2021/22 Q1",
        "area": "Bathavon",
        "ethnicity": "English, Welsh, Scottish, Northern Irish or British",
        "sex": "Boys",
        "age": "15",
        "send": "EHC plan",
        "care": "Not looked after",
        "offence": "Robbery|6",
        "disposal": "Referral order|Court",
        "recommended_outcome": "Unknown",
        "first_time_entrant": "Yes",
        "reoffended": "Yes",
        "further_offences": 2,
    }
    assert list(file.rows["quarter"]) == ["2021/22 Q1", "2021/22 Q1", "2021/22 Q4", "2021/22 Q3"]
    assert list(of_whom(file)) == [0, 0, 1, 2] and list(file.rows["outcome_id"]) == [0, 0, 1, 2]
    assert file.rows.loc[2, "ethnicity"] == "Unknown" and file.rows.loc[3, "sex"] == "Unknown"
    assert file.rows.loc[3, "offence"] == "Unknown|Unknown" and file.rows.loc[3, "disposal"].endswith("|Unknown")
    assert pd.isna(file.rows.loc[3, "further_offences"])


def test_the_sample_reads_clean():
    file = cases.read(SAMPLE)
    assert file.problems == () and file.left_out == {} and file.synthetic and len(file.rows) == file.read > 300


typed = pd.DataFrame(
    GOOD
    | {
        "outcome_date": pd.to_datetime(GOOD["outcome_date"]),
        "age": [15, 15, 10, 17],
        "gravity": [6.0, 3.0, 2.0, None],
        "outcome_id": [7, 7, 8, 9],
        "first_time_entrant": [True, True, False, None],
        "further_offences": pd.array([2, 2, 0, None], dtype="Int64"),
    }
)


@pytest.mark.parametrize(
    "source",
    [
        as_csv(frame(), sep=";"),
        as_csv(frame(), sep="\t", lineterminator="\r\n"),
        io.BytesIO(frame().to_csv(index=False).encode("utf-8-sig")),
        io.BytesIO(frame().to_csv(index=False).encode("utf-16")),
        io.BytesIO(
            ("\n\n" + frame().to_csv(index=False) + "\n,,\n\n").replace("\n,,\n", "\n" + "," * 16 + "\n").encode()
        ),
        as_excel("xlsxwriter", Data=frame()),
        as_excel("xlsxwriter", Data=typed),
        as_excel("openpyxl", Data=typed, Blank=pd.DataFrame()),
        as_excel("odf", Data=frame()),
        as_excel("odf", Data=typed),
        as_parquet(frame()),
        as_parquet(typed),
    ],
)
def test_every_format_gives_the_same_rows(source):
    file = read(source)
    assert file.problems == ()
    assert_frame_equal(file.rows, read(as_csv(frame())).rows)


def test_cp1252_is_understood():
    file = read(io.BytesIO(frame(area=["Ynys Môn"] * 4).to_csv(index=False).encode("cp1252")))
    assert set(file.rows["area"]) == {"Ynys Môn"}


def test_required_columns_are_enough():
    table = frame()[["child_id", "outcome_date", "ethnicity", "sex", "age", "outcome"]]
    rows = read(as_csv(table)).rows
    assert read(as_csv(table)).columns == frozenset()
    assert (
        set(rows["area"]) == {""} and set(rows["care"]) == {"Unknown"} and set(rows["offence"]) == {"Unknown|Unknown"}
    )
    assert list(rows["outcome_id"]) == [0, 0, 1, 2]
    assert rows["further_offences"].isna().all()


def test_identifiers_and_dates_of_birth_are_dropped():
    table = frame(child_id=[CANARY] * 4, outcome_id=list("abcd")).drop(columns="age")
    table = table.assign(date_of_birth=["02/04/2005", "01/04/2005", "2011-06-30", "25 December 2004"], notes=CANARY)
    file = read(as_csv(table))
    assert file.problems == () and list(file.rows["age"]) == ["15", "16", "10", "17"]
    assert list(file.rows.columns) == list(cases.ROWS)
    assert CANARY not in file.rows.to_csv() and "2005" not in file.rows.to_csv()
    assert CANARY not in repr(file) and "Bathavon" not in repr(file)


def test_an_age_that_is_given_goes_before_a_date_of_birth():
    file = read(as_csv(frame(age=["14", "14", "", "17"]).assign(date_of_birth=["", "nonsense", "2010-01-01", ""])))
    assert file.problems == () and list(file.rows["age"]) == ["14", "14", "12", "17"]


def test_synthetic_only_where_every_child_is():
    assert read(as_csv(frame(child_id=["SYNTHETIC-1", "SYNTHETIC-1", "SYNTHETIC-2", "SYNTHETIC-3"]))).synthetic
    assert not read(as_csv(frame(child_id=["SYNTHETIC-1", "SYNTHETIC-1", "SYNTHETIC-2", "3"]))).synthetic


def test_children_placed_by_another_area_are_left_out_and_counted():
    wrong = ["2021-04-01", "2021-04-01", "nonsense", "2021-12-25"]
    file = read(
        as_csv(frame(outcome_date=wrong).assign(residence=["local", "", "Placed here by another area", "home"]))
    )
    assert file.left_out == {cases.PLACED: 1} and len(file.rows) == 3 and file.read == 4 and file.problems == ()


@pytest.mark.parametrize("heading", ["Child ID", "child-id", "CHILD_ID", " ChildId ", "Person ID", "Child I.D."])
def test_headings_are_matched_however_they_are_written(heading):
    assert read(as_csv(frame().rename(columns={"child_id": heading}))).problems == ()


@pytest.mark.parametrize(
    "text",
    ["2021-04-05", "2021-04-05 13:45:00", "2021-04-05T13:45:00Z", "05/04/2021", "5-4-2021", "05.04.2021 00:00", "44291"]
    + ["5 April 2021", "05-Apr-2021"],
)
def test_dates_are_read_day_first(text):
    assert read_date(text) == date(2021, 4, 5)


@pytest.mark.parametrize(
    "text", ["", "04/25/2021", "05/04/21", "2021-02-30", "yesterday", "5 Foo 2021", "1", "20210405x"]
)
def test_other_dates_are_not_guessed(text):
    assert read_date(text) is None


MAPPING = """
sheet = "Cases"
[columns]
child_id = "Our number"
[values.ethnicity]
WBRI = "W1"
[values.residence]
Z9 = "placed here by another area"
"""


def test_a_mapping_names_sheet_headings_and_codes(tmp_path):
    table = frame(ethnicity=["WBRI", "wbri", "M1", "M1"]).rename(columns={"child_id": "Our number"})
    table = table.assign(child_id="another number", residence=["local", "local", "Z9", ""])
    book = as_excel("xlsxwriter", Cases=table, Other=frame())
    path = tmp_path / "mapping.toml"
    path.write_text(MAPPING, encoding="utf-8")
    for mapping in (MAPPING, path):
        file = read(book, mapping=mapping)
        assert file.problems == () and file.left_out == {cases.PLACED: 1} and file.mapping == MAPPING
        assert list(of_whom(file)) == [0, 0, 1]
        assert file.rows.loc[0, "ethnicity"].startswith("English")


@pytest.mark.parametrize("heading", ['"Person #"', "'Person \"#'", '"P\\"#"'])
def test_what_is_kept_of_a_mapping_has_no_comments(heading):
    text = f"# ask {CANARY}\n[columns] # {CANARY}\nchild_id = {heading}  # not '{CANARY}\n"
    kept = read(as_csv(frame()), mapping=text).mapping
    assert CANARY not in kept and tomllib.loads(kept) == tomllib.loads(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("sheets = 'A'", "no “sheets”"),
        ("[columns]\nchild = 'A'", "no “child”"),
        ("[columns]\nchild_id = 3", "heading"),
        ("[values.shoe]\nA = 'B'", "no “shoe”"),
        ("[values.sex]\nA = 'B'", "not in the list"),
        ("[values]\nsex = 'B'", "values.sex"),
        ("columns = 3", "[columns]"),
        ("[columns]\nchild_id = 'Sex'\nsex = 'sex'", "one heading for both child_id and sex"),
        ("[values.sex]\nM = 'Boys'\nm = 'Girls'", "twice with different values"),
        ("child_id = ", "not TOML"),
        (Path("nowhere.toml"), "no such file"),
    ],
)
def test_a_mapping_that_is_not_understood_is_an_error(text, said):
    with pytest.raises(CaseFileError, match=r"mapping") as caught:
        read(as_csv(frame()), mapping=text)
    assert said in str(caught.value) and "\n" not in str(caught.value)


def test_a_mapping_can_say_what_a_number_stands_for():
    file = read(as_csv(frame(gravity=["9", "7", "2", ""])), mapping='[values.gravity]\n9 = "Unknown"\n7 = "6"\n')
    assert file.problems == ()
    assert [offence.split("|")[1] for offence in file.rows["offence"]] == ["Unknown", "6", "2", "Unknown"]


@pytest.mark.parametrize(("letters", "kept"), [(60, True), (61, False)])
def test_the_name_of_an_area_has_at_most_60_letters(letters, kept):
    file = read(as_csv(frame(area=["Bathavon", "", "", "x" * letters])))
    assert [p.kind for p in file.problems] == ([] if kept else ["not an area"])
    assert ("x" * letters in set(file.rows["area"])) == kept


def test_an_area_that_one_child_alone_has_beside_an_area_of_many_may_be_a_name():
    of = [f"A{i}" for i in range(7)]
    table = pd.DataFrame({name: [values[0]] * 7 for name, values in GOOD.items()} | {"child_id": of, "outcome_id": of})
    for other, wrong in (("Zebedee Quill", True), ("E06000022", False), ("", False)):
        file = read(as_csv(table.assign(area=["Bathavon"] * 6 + [other])))
        assert kinds(file) == ([("not an area", "area", 8, 1)] if wrong else [])
        assert "Zebedee" not in str(file.problems)
    assert not read(as_csv(table.assign(area=["Bathavon"] * 5 + ["Zebedee Quill"] * 2))).problems


def test_times_of_another_zone_are_of_the_day_that_it_is_here():
    """Midnight of 1 April in summer time is an hour before it in the universal one."""
    there = pd.to_datetime(["2022-03-31T23:00:00Z"] * 4)
    for table in (as_parquet(frame(outcome_date=there)), as_csv(frame(outcome_date=["2022-03-31T23:00:00Z"] * 4))):
        assert set(read(table).rows["quarter"]) == {"2022/23 Q1"}


def test_numbers_that_have_lost_their_last_figures_are_no_identifiers():
    long = [20230000000000001.0, 20230000000000002.0, 20230000000000003.0, 20230000000000004.0]
    for name in ("child_id", "outcome_id"):
        assert {p.kind for p in read(as_parquet(frame(**{name: long}))).problems} >= {"wrong number"}


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        ('<table:table-cell office:value-type="string" calcext:value-type="error"><text:p>#N/A</text:p>', "an error"),
        ('<table:table-cell table:formula="of:=[.Z1]">', "a formula"),
        ("<table:covered-table-cell/><table:table-cell>", "merged"),
    ],
)
def test_an_open_document_in_which_a_cell_has_no_value_of_its_own_is_refused(cell, why):
    whole, out = as_excel("odf", Data=frame()), io.BytesIO()
    with zipfile.ZipFile(whole) as book, zipfile.ZipFile(out, "w") as changed:
        for part in book.namelist():
            content = book.read(part).decode("utf-8", errors="surrogateescape")
            if part == "content.xml":
                at = content.rindex("<table:table-cell")
                content = content[:at] + cell + content[content.index(">", at) + 1 :]
            changed.writestr(part, content.encode("utf-8", errors="surrogateescape"))
    with pytest.raises(CaseFileError, match=why):
        read(out)


def test_an_open_document_of_cells_that_count_for_many_is_refused_before_it_is_opened(monkeypatch):
    content = b'<table:table-row table:number-rows-repeated="60000"><table:table-cell office:value-type="float" '
    content += b'table:number-columns-repeated="1000" office:value="1"/></table:table-row>'
    assert sheet_xml.repeated(content) == 60_000_000
    book = io.BytesIO()
    with zipfile.ZipFile(book, "w") as archive:
        archive.writestr("content.xml", content)
    with pytest.raises(CaseFileError, match="far below"):
        read(book)


def test_a_sheet_of_blanks_without_a_tag_is_read_once():
    pieces = list(sheet_xml._pieces(io.BytesIO(b"<row>" + b" " * (5 << 20) + b"</row>")))
    assert sum(map(len, pieces)) < 6 << 20


def test_an_area_has_one_spelling():
    file = read(as_csv(frame(area=["Bath & Avon", "BATH AND AVON", "Bath  & Avon", ""])))
    assert file.problems == () and file.rows["area"].tolist() == [*["Bath & Avon"] * 3, "Unknown"]


def test_a_sheet_or_heading_that_the_mapping_names_has_to_be_there():
    with pytest.raises(CaseFileError, match=r"no sheet of the name"):
        read(as_excel("xlsxwriter", Data=frame()), mapping='sheet = "Cases"')
    problem = one(read(as_csv(frame()), mapping='[columns]\nsend = "SEN code"'))
    assert (problem.kind, problem.column) == ("missing column", "send")


@pytest.mark.parametrize("column", ["child_id", "outcome_date", "ethnicity", "sex", "outcome"])
def test_a_missing_column_empties_the_rows(column):
    file = read(as_csv(frame().drop(columns=column)))
    problem = one(file)
    assert (problem.kind, problem.column, problem.line) == ("missing column", column, None)
    assert "[columns]" in problem.remedy
    assert file.rows.empty and file.left_out == {"missing column": 4}
    assert file.rows.dtypes.astype(str).to_dict() == cases.ROWS


def test_age_or_date_of_birth_is_enough():
    assert one(read(as_csv(frame().drop(columns="age")))).column == "age or date_of_birth"


def test_two_headings_for_one_column():
    problem = one(read(as_csv(frame().assign(Gender="M"))))
    assert (problem.kind, problem.column) == ("duplicate heading", "sex")
    assert read(as_csv(frame().assign(Gender="M")), mapping='[columns]\nsex = "Gender"').problems == ()


CHECKS = [
    ("child_id", "1.23457E+11", "wrong number", "child_id"),
    ("child_id", "4E+09", "wrong number", "child_id"),
    ("child_id", "#VALUE!", "wrong number", "child_id"),
    ("child_id", "#N/A", "wrong number", "child_id"),
    ("child_id", "#DIV/0!", "wrong number", "child_id"),
    ("child_id", "########", "wrong number", "child_id"),
    ("outcome_id", "Err:502", "wrong number", "outcome_id"),
    ("outcome_id", "1,5E+12", "wrong number", "outcome_id"),
    ("ethnicity", "#N/A", "unknown code", "ethnicity"),
    ("child_id", "", "missing value", "child_id"),
    ("outcome_date", "", "missing value", "outcome_date"),
    ("outcome_date", "31/02/2021", "wrong date", "outcome_date"),
    ("outcome_date", "1/4/21", "wrong date", "outcome_date"),
    ("outcome_date", "1999-12-31", "implausible date", "outcome_date"),
    ("outcome_date", "2024-01-02", "implausible date", "outcome_date"),
    ("outcome", "", "missing value", "outcome"),
    ("outcome", "XYZ", "unknown code", "outcome"),
    ("ethnicity", "W77", "unknown code", "ethnicity"),
    ("age", "", "missing value", "age"),
    ("age", "fifteen", "wrong number", "age"),
    ("age", "9", "age outside 10–17", "age"),
    ("age", "18", "age outside 10–17", "age"),
    ("gravity", "9", "gravity outside 1–8", "gravity"),
    ("gravity", "-3", "gravity outside 1–8", "gravity"),
    ("gravity", "high", "unknown code", "gravity"),
    ("decided_by", "Court", "does not fit the outcome", "decided_by"),
    ("further_offences", "-1", "wrong number", "further_offences"),
    ("further_offences", "some", "wrong number", "further_offences"),
    ("area", "12 High Street BA1 2AB", "not an area", "area"),
    ("area", "#REF!", "not an area", "area"),
]


def test_an_identifier_may_begin_with_a_hash():
    ids = ["#123", "#A-7", "#N", "# 9"]
    assert read(as_csv(frame(child_id=ids, outcome_id=ids))).problems == ()


@pytest.mark.parametrize(("column", "text", "kind", "where"), CHECKS)
def test_a_bad_row_is_named_counted_and_left_out(column, text, kind, where):
    file = read(as_csv(frame(**{column: [*GOOD[column][:3], text]})))
    problem = one(file)
    assert (problem.kind, problem.column, problem.line, problem.count) == (kind, where, 5, 1)
    assert problem.remedy and file.left_out == {kind: 1} and len(file.rows) == 3 and file.read == 4


def test_a_row_with_too_few_or_too_many_cells():
    text = frame().to_csv(index=False) + "A9,1,2021-01-01\n" + ",".join(["x"] * 18) + "\n"
    assert kinds(read(io.BytesIO(text.encode()))) == [("wrong width", "", 6, 1), ("wrong width", "", 7, 1)]


@pytest.mark.parametrize(
    "changed",
    [
        {"outcome": ["Referral order", "Fine", "YCC", "CR"]},
        {"outcome_date": ["2021-04-01", "2021-04-02", "2022-03-31", "2021-12-25"]},
        {"child_id": ["A1", "A9", "A2", "A3"]},
    ],
)
def test_one_outcome_cannot_have_two_stories(changed):
    file = read(as_csv(frame(**changed)))
    assert kinds(file) == [("one outcome, two stories", "outcome_id", line, 1) for line in (2, 3)]


@pytest.mark.parametrize(("second", "merged"), [("Fine", 1), ("Referral order", 0)])
def test_without_outcome_id_several_outcomes_of_a_day_are_one_and_that_is_said(second, merged):
    file = read(
        as_csv(frame(outcome=["Referral order", second, "YCC", "CR"]).drop(columns=["outcome_id", "decided_by"]))
    )
    assert list(file.rows["outcome_id"]) == [0, 0, 1, 2] and file.merged == merged


def test_month_first_dates_make_the_others_ambiguous():
    doubtful = ["04/25/2021", "04/03/2021", "2021-04-01", "04/03/2021"]
    table = frame(outcome_date=doubtful, outcome_id=list("abcd"))
    assert kinds(read(as_csv(table))) == [
        ("wrong date", "outcome_date", 2, 1),
        ("ambiguous date", "outcome_date", 3, 1),
        ("ambiguous date", "outcome_date", 5, 1),
    ]
    table.loc[2, "outcome_date"] = "25/03/2021"
    assert kinds(read(as_csv(table))) == [("wrong date", "outcome_date", 2, 1)]


def test_a_code_is_named_once_with_its_count_and_personal_values_never():
    table = pd.concat([frame()] * 2, ignore_index=True)
    table["ethnicity"] = ["WBRI", "W1", "WBRI", "a@b.cc", "01/02/2009", "A2", "BA1 2AB", "1234567"]
    problems = read(as_csv(table)).problems
    assert [(p.line, p.count) for p in problems] == [(2, 2), (5, 1), (6, 1), (8, 1), (9, 1)]
    assert "WBRI" in problems[0].remedy
    assert all("a value that is not a code" in p.remedy for p in problems[1:])


def test_many_unknown_values_are_a_wrong_column_and_none_is_named():
    table = pd.concat([frame()] * 10, ignore_index=True).assign(outcome_id=range(40), sex=[f"N{i}" for i in range(40)])
    problems = read(as_csv(table)).problems
    assert len(problems) == LISTED + 1 and problems[-1] == Problem(None, "sex", "unknown code", 20, problems[0].remedy)
    assert "right column" in problems[0].remedy and "N3" not in str(problems)


def test_identifiers_with_letters_are_no_shortened_numbers():
    assert read(as_csv(frame(child_id=["1E+", "1E+", "12E05", "E+11"]))).problems == ()


@pytest.mark.parametrize("engine", ["openpyxl", "xlsxwriter"])
def test_a_formula_that_failed_is_no_blank_cell(engine):
    """With columns beyond Z and empty rows above, too, beside a sheet that nobody sees."""
    send, wide = frame().columns.get_loc("send"), frame(**{f"note {i}": [""] * 4 for i in range(30)})
    book = io.BytesIO()
    with pd.ExcelWriter(book, engine=engine) as writer:
        wide.to_excel(writer, sheet_name="Data", startrow=2, startcol=12, index=False)
        frame().to_excel(writer, sheet_name="Other", index=False)
        sheet, other = writer.sheets["Data"], writer.sheets["Other"]
        if engine == "openpyxl":
            sheet.cell(7, 13 + send).value, other.sheet_state = "#N/A", "hidden"
        else:
            sheet.write_formula(6, 12 + send, "=NA()", None, "#N/A")
            other.hide()
    assert kinds(read(book)) == [("unknown code", "send", 7, 1)]


def saved(change) -> io.BytesIO:
    """The good cases as a workbook in which something was changed."""
    book = io.BytesIO()
    with pd.ExcelWriter(book, engine="openpyxl") as writer:
        frame().to_excel(writer, sheet_name="Data", index=False)
        change(writer.sheets["Data"])
    return book


COLUMN = {name: chr(ord("A") + i) for i, name in enumerate(GOOD)}


@pytest.mark.parametrize("column", ["ethnicity", "send", "gravity"])
def test_a_cell_that_is_merged_with_the_one_above_is_no_blank_cell(column):
    letter = COLUMN[column]
    problem = one(read(saved(lambda sheet: sheet.merge_cells(f"{letter}2:{letter}4"))))
    assert (problem.kind, problem.column, problem.line, problem.count) == ("unknown code", column, 3, 2)
    assert problem.remedy == sheet_xml.REMEDIES[sheet_xml.MERGED]


def test_a_merged_range_may_be_as_large_as_a_sheet():
    def everything(sheet) -> None:
        sheet.merged_cells.add(f"{COLUMN['further_offences']}2:XFD1048576")

    assert {(p.line, p.column) for p in read(saved(everything)).problems} == {
        (n, "further_offences") for n in (3, 4, 5)
    }


def test_a_formula_that_was_saved_without_its_result_is_no_blank_cell():
    def formula(sheet) -> None:
        sheet[f"{COLUMN['ethnicity']}3"].value = '=IF(A1="<&>", "W1", "W2")'

    problem = one(read(saved(formula)))
    assert (problem.line, problem.remedy) == (3, sheet_xml.REMEDIES[sheet_xml.FORMULA])


def test_a_heading_of_two_rows_that_are_merged_is_no_row():
    def two_rows(sheet) -> None:
        sheet.insert_rows(2)
        for letter in COLUMN.values():
            sheet.merge_cells(f"{letter}1:{letter}2")

    file = read(saved(two_rows))
    assert file.problems == () and len(file.rows) == 4


def test_a_cell_without_a_value_is_found_wherever_the_file_is_cut(monkeypatch):
    rows = b"".join(b'<row r="%d"><c r="B%d" t="s"><f>A%d+1</f><v></v></c></row>' % (i, i, i) for i in range(1, 400))
    monkeypatch.setattr(sheet_xml, "_PIECE", 37)
    monkeypatch.setattr(sheet_xml, "_OVERLAP", 200)
    found = set(sheet_xml.without_value(io.BytesIO(b"<sheetData>" + rows + b"</sheetData>"), 1000, 1000))
    assert found == {(row, 1, sheet_xml.FORMULA) for row in range(399)}


def test_lines_are_listed_up_to_a_limit_and_then_counted():
    table = pd.concat([frame()] * 50, ignore_index=True).assign(age="9")
    file = read(as_csv(table))
    assert [p.line for p in file.problems] == [*range(2, LISTED + 2), None]
    assert file.problems[-1].count == 180 and str(file.problems[-1]).startswith("and 180 more")
    assert file.left_out == {"age outside 10–17": 200} and file.rows.empty


def test_lines_are_those_a_person_sees():
    text = (
        '\n"child id",outcome date,ethnicity,sex,age,outcome\n\nA,2021-04-01,W1,M,15,"C\nR"\nB,2021-04-01,W1,M,9,CR\n'
    )
    assert kinds(read(io.BytesIO(text.encode()))) == [
        ("unknown code", "outcome", 4, 1),
        ("age outside 10–17", "age", 6, 1),
    ]
    book = io.BytesIO()
    frame(age=["15", "15", "10", "9"]).to_excel(book, engine="xlsxwriter", index=False, startrow=3)
    assert one(read(book)).line == 8


def test_notes_beside_a_table_do_not_matter():
    book = as_excel("xlsxwriter", Data=frame().assign(**{" ": ["", CANARY, "", ""]}))
    assert read(book).problems == ()


def zipped(**members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in members.items():
            archive.writestr(name.replace("__", "/"), text)
    return out.getvalue()


SHEET = f'<worksheet><dimension ref="A1:B2"/><row r="1048576"><c s="1" r="XFD1048576"/></row>{CANARY}</worksheet>'
ROWS = f"child_id,outcome_date\n{CANARY},2021-01-01\n"
UNREADABLE = {
    "png": (b"\x89PNG\r\n\x1a\n" + CANARY.encode(), "picture"),
    "pdf": (b"%PDF-1.7 " + CANARY.encode(), "PDF"),
    "empty": (b"", "empty"),
    "blank": (b" \r\n\r\n", "empty"),
    "headings only": (b"child_id,outcome_date,ethnicity,sex,age,outcome\n", "no rows"),
    "nul": (ROWS.encode() + b"\x00", "damaged"),
    "not text": (ROWS.encode() + b"\x81\x8d", "not text"),
    "quotes": ((ROWS + f'"{CANARY},2021-01-01\n').encode(), "line 3"),
    "web page": (f"<html><td>{CANARY}</td></html>".encode(), "web page"),
    "two sheets": (as_excel("xlsxwriter", A=frame(area=[CANARY] * 4), B=frame()).getvalue(), "name the one to read"),
    "two sheets in ods": (as_excel("odf", A=frame(area=[CANARY] * 4), B=frame()).getvalue(), "name the one to read"),
    "headings only in xlsx": (as_excel("xlsxwriter", A=frame().head(0)).getvalue(), "no rows"),
    "empty xlsx": (as_excel("xlsxwriter", A=pd.DataFrame()).getvalue(), "empty"),
    "locked xlsx": (b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le") + CANARY.encode(), "password"),
    "old xls": (b"\xd0\xcf\x11\xe0" + CANARY.encode(), "save it as .xlsx"),
    "locked ods": (zipped(**{"content.xml": CANARY, "META-INF__manifest.xml": "<encryption-data/>"}), "password"),
    "cut xlsx": (as_excel("xlsxwriter", A=frame()).getvalue()[:3000], "damaged"),
    "broken xlsx": (zipped(**{"xl__workbook.xml": CANARY}), "damaged"),
    "far cells": (zipped(**{"xl__workbook.xml": CANARY, "xl__worksheets__sheet1.xml": SHEET}), "far below"),
    "other zip": (zipped(**{"cases.csv": ROWS}), "archive"),
    "cut parquet": (as_parquet(frame()).getvalue()[:-20], "damaged"),
    "broken parquet": (b"PAR1" + CANARY.encode() + b"PAR1", "damaged"),
}


@pytest.mark.parametrize("what", UNREADABLE)
def test_a_file_that_cannot_be_read_is_one_clear_line(what, caplog):
    data, said = UNREADABLE[what]
    with caplog.at_level(logging.DEBUG), pytest.raises(CaseFileError) as caught:
        read(io.BytesIO(data), name="april.csv")
    message = str(caught.value)
    assert message.startswith("april.csv: ") and said in message and "\n" not in message
    assert caught.value.__context__ is None, "the library's own error may hold what is in the file"
    assert CANARY not in message + repr(caught.value) + caplog.text


@pytest.mark.parametrize(
    ("name", "kind"),
    [("fake.parquet", "a Parquet file"), ("Fake.XLSX", "an Excel file"), ("fake.ods", "an OpenDocument spreadsheet")],
)
def test_a_file_that_is_not_what_its_name_says(name, kind):
    with pytest.raises(CaseFileError, match=f"^{name}: is not {kind}, whatever its name; "):
        read(io.BytesIO(b"junk!"), name=name)
    assert read(as_csv(frame()), name=name).problems == (), "what is in it decides"


def test_a_large_file_is_refused_before_it_is_read(tmp_path, monkeypatch):
    path = tmp_path / "large.csv"
    with path.open("wb") as file:
        file.truncate(100_000_000)
    monkeypatch.setattr(Path, "read_bytes", lambda self: pytest.fail("it was read"))
    with pytest.raises(CaseFileError, match=r"large.csv: is 100 MB and the limit is 50 MB"):
        cases.read(path)


def test_no_such_file():
    with pytest.raises(CaseFileError, match=r"april.csv: there is no such file"):
        cases.read(Path("nowhere/april.csv"))


@pytest.mark.parametrize("column", [*GOOD, "date_of_birth", "residence"])
def test_a_name_in_any_column_is_never_repeated(column, caplog):
    table = frame().assign(**{column: [CANARY, *("" for _ in range(3))]})
    with caplog.at_level(logging.DEBUG):
        file = read(as_csv(table))
    said = repr(file) + repr(file.problems) + "".join(map(str, file.problems)) + repr(file.left_out) + caplog.text
    assert CANARY not in said and "Zebedee" not in said


@pytest.mark.parametrize(
    ("code", "owners", "shown"),
    [("WBR", 1, True), ("W9XY", 1, True), ("WBRI", 1, False), ("WBRI", 2, True), ("Zebedee", 1, False)]
    + [("White Brit", 5, True), ("White Brit", 1, False), ("Zebedee Quill", 4, False), ("O'Quill", 4, False)]
    + [("01/02/2009", 9, False), ("3 Apr 2009", 9, False), ("123456", 9, False), ("12 34 56", 9, False)]
    + [("a@b", 9, False), ("BA1 2AB", 9, False), ("x" * 21, 9, False), ("a\nb", 9, False), ("", 9, False)],
)
def test_which_unknown_codes_may_be_shown(code, owners, shown):
    assert may_be_shown(code, owners=owners) is shown


def test_a_child_id_is_never_shown_as_a_code():
    problems = read(as_csv(frame(sex=["A1", "A2", "M", "Q"]))).problems
    assert [("“" in p.remedy, p.line) for p in problems] == [(True, 5), (False, 2), (False, 3)]


def _only_refused(data):
    try:
        file = cases.read(io.BytesIO(data), name="fuzz")
    except CaseFileError as error:
        said = str(error)
        assert "\n" not in said
    else:
        said = repr(file) + repr(file.problems) + "".join(map(str, file.problems)) + repr(file.left_out)
    assert "QUILLINGTON" not in said.upper(), "longer than a word that may be a code"


CANARIES = as_csv(frame(child_id=[CANARY] * 4, area=[CANARY] * 4)).getvalue()


@settings(max_examples=150)
@given(
    st.sampled_from([b"", b"PK\x03\x04", b"PAR1", b"\xff\xfe", b"\xd0\xcf\x11\xe0", b"child_id,"]),
    st.binary(max_size=300),
)
def test_random_bytes_are_refused(start, data):
    _only_refused(start + data)


@settings(max_examples=150)
@given(st.lists(st.tuples(st.integers(0, len(CANARIES) - 1), st.integers(0, 12), st.binary(max_size=4)), max_size=8))
def test_random_damage_never_repeats_a_row(damage):
    data = bytearray(CANARIES)
    for at, length, new in damage:
        data[at : at + length] = new
    _only_refused(bytes(data))


@settings(max_examples=40)
@given(st.sampled_from(["xlsxwriter", "odf", "parquet"]), st.data())
def test_damaged_workbooks_never_repeat_a_row(kind, draw):
    table = frame(area=[CANARY] * 4)
    data = bytearray(
        WORKBOOKS.setdefault(kind, (as_parquet(table) if kind == "parquet" else as_excel(kind, A=table)).getvalue())
    )
    for at, new in draw.draw(st.lists(st.tuples(st.integers(0, len(data) - 1), st.integers(0, 255)), max_size=5)):
        data[at] = new
    _only_refused(bytes(data))


WORKBOOKS = {}


def test_a_path_as_text_and_an_upload_are_the_same():
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "cases.csv"
        path.write_bytes(as_csv(frame()).getvalue())
        assert_frame_equal(cases.read(str(path)).rows, cases.read(as_csv(frame())).rows)


def test_the_twelfth_could_be_a_month():
    file = read(as_csv(frame(outcome_id=list("1234"), outcome_date=["04/25/2021", "12/03/2021", *["04/25/2021"] * 2])))
    assert ("ambiguous date", 3) in [(problem.kind, problem.line) for problem in file.problems]


def test_a_gravity_of_0_is_unknown():
    file = read(as_csv(frame(offence_group="Robbery", gravity="0")))
    assert file.problems == () and set(file.rows["offence"]) == {"Robbery|Unknown"}


def test_an_outcome_of_today_is_none_of_the_future():
    assert read(as_csv(frame(outcome_date=f"{TODAY:%d/%m/%Y}"))).problems == ()
