"""The command line on the sample and on files that cannot be used: messages, exit codes, nothing of a row."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path
from shutil import copytree, rmtree

import pandas as pd
import pytest
from attack import folder as folders
from attack.leaks import order_by_counts
from attack.services import QUARTERS, service, write_cases
from attack.truth import Truth
from conftest import SAMPLES

from yjdisp import cli, intake, release
from yjdisp.comparison import COLUMNS

CANARY = "ZEBEDEE-4711"
GOOD = f"child_id,outcome_date,ethnicity,sex,age,outcome\n{CANARY},2021-05-01,W1,M,15,youth caution\n"


def run(capsys, *arguments: str) -> tuple[int, str, str]:
    code = cli.main([str(a) for a in arguments])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_the_published_case_through_the_command_line(capsys, sample_folder):
    code, out, _ = run(capsys, "compare", sample_folder, "--by", "ethnicity", "--year", "2021/22", "--format", "csv")
    table = pd.read_csv(io.StringIO(out)).set_index("group")
    row = table.loc["All other ethnic groups combined"]
    assert code == 0
    assert [*table.reset_index().columns] == COLUMNS
    assert (row["count"], row["total"], row["baseline"]) == (16, 45, "Census 2021")
    assert (100 * row[["share", "share_low", "share_high"]].astype(float)).round(1).tolist() == [35.6, 22.7, 50.3]
    assert row[["rri", "rri_low", "rri_high"]].astype(float).round(2).tolist() == [4.81, 2.55, 8.80]


def test_the_release_of_today_is_the_sample_that_ships(tmp_path, capsys, sample):
    """A small plan of the sample's own tables, made again, has the same counts wherever both print them."""
    plan = tmp_path / "plan.toml"
    plan.write_text(
        'name = "small"\n[[tier]]\nname = "one"\ntables = [{ unit = "children", dimensions = ["year", "ethnicity"] }]\n',
        encoding="utf-8",
    )
    out = tmp_path / "R"
    code, _, err = run(capsys, "release", SAMPLES / "bathavon.csv", "--out", out, "--plan", plan)
    assert (code, err) == (0, "")
    made = release.table(release.read(out), by=["ethnicity"], where={"year": "2021/22"})
    shipped = release.table(sample, by=["ethnicity"], where={"year": "2021/22"})
    both = made.merge(shipped, on="ethnicity").dropna(subset=["count_x", "count_y"])
    assert len(both) >= 3
    assert (both["count_x"] == both["count_y"]).all()
    code, text, _ = run(capsys, "audit", out, "--json")
    assert (code, json.loads(text)["narrowed"]) == (0, 0)


def test_an_audit_counts_each_cell_of_each_table_and_the_primary_ones_where_they_are_at_hand(tmp_path, capsys):
    rows = service(3, 15).extract(QUARTERS - 1)
    plan = tmp_path / "plan.toml"
    one = '{{ unit = "children", dimensions = {} }}'
    tables = ", ".join(one.format(json.dumps(by)) for by in (["sex"], ["year", "sex"]))
    plan.write_text(f"[[tier]]\ntables = [{tables}]\n", encoding="utf-8")
    cases, out = write_cases(tmp_path / "cases.csv", rows), tmp_path / "R"
    _, made, _ = run(capsys, "release", cases, "--out", out, "--plan", plan)
    printed = pd.read_parquet(out / "tables.parquet")
    folder = folders.read(out)
    small = sum(Truth(rows, folder).primary(cell) for cell in folder.cells)
    said = json.loads(run(capsys, "audit", out, "--json")[1])
    assert printed["table"].nunique() == 2
    assert (said["cells"], said["hidden"]) == (len(printed), printed["count"].isna().sum())
    assert f": {said['cells']} cells, {said['hidden']} hidden" in made
    assert said["primary"] == small > 0
    rmtree(tmp_path / "R.private")
    assert ", primary not known, " in run(capsys, "audit", out)[1]


def test_programs_get_nothing_but_the_answer(tmp_path):
    """What libraries print by themselves, below Python, belongs to no answer either."""
    plan = tmp_path / "plan.toml"
    plan.write_text('[[tier]]\ntables = [{ unit = "children", dimensions = ["year", "sex"] }]\n', encoding="utf-8")
    cases, out = write_cases(tmp_path / "cases.csv", service(3, 15).extract(QUARTERS - 1)), tmp_path / "R"
    command = [sys.executable, "-m", "yjdisp.cli"]
    made = subprocess.run(
        [*command, "release", cases, "--out", out, "--plan", plan], check=False, capture_output=True, text=True
    )
    assert (made.returncode, made.stderr) == (0, "")
    assert [line.split(" ")[0] for line in made.stdout.splitlines()] == ["release"]
    said = subprocess.run([*command, "audit", out, "--json"], check=False, capture_output=True, text=True)
    assert (said.returncode, said.stderr, json.loads(said.stdout)["narrowed"]) == (0, "", 0)


def test_a_table_and_a_deeper_one_of_its_name_come_in_one_order(tmp_path, capsys):
    one = '{{ unit = "children", dimensions = ["ethnicity", "gravity"], depth = {{ gravity = {} }} }}'
    plan = tmp_path / "plan.toml"
    plan.write_text("".join(f"[[tier]]\ntables = [{one.format(depth)}]\n" for depth in (1, 2)), encoding="utf-8")
    cases, out = write_cases(tmp_path / "cases.csv", service(2, 300).extract(QUARTERS - 1)), tmp_path / "R"
    assert run(capsys, "release", cases, "--out", out, "--plan", plan)[0] == 0
    cells = folders.read(out).cells
    assert {dict(c.at)["gravity"] for c in cells} > {"1–4", "1", "5–8", "8"}
    assert order_by_counts(folders.read(out)) == []


def test_an_area_that_is_not_there_is_not_answered_with_another(capsys, sample_folder):
    right = run(capsys, "compare", sample_folder, "--by", "sex", "--area", "bath and north east somerset")
    assert right == run(capsys, "compare", sample_folder, "--by", "sex") and right[0] == 0
    there = run(capsys, "table", sample_folder, "--by", "sex", "--where", "area=bath and north east somerset")
    assert there == run(capsys, "table", sample_folder, "--by", "sex") and there[0] == 0
    code, out, err = run(capsys, "compare", sample_folder, "--by", "sex", "--area", "Nowhere")
    assert code != 0 and out == "" and len(err.splitlines()) == 1


def test_words_are_understood_however_they_are_written(capsys, sample_folder):
    plain = ("compare", sample_folder, "--by", "ethnicity", "--reference", "White", "--unit", "offences")
    assert run(capsys, *plain) == run(
        capsys, "compare", sample_folder, "--by", "Ethnicity", "--reference", "white", "--unit", "Offences"
    )
    where = ("table", sample_folder, "--by", "serious_violence", "--where", "year=2021/22")
    assert run(capsys, *where) == run(
        capsys, "table", sample_folder, "--by", "Serious violence", "--where", "Year = 2021-22"
    )


def test_a_reader_that_has_seen_enough_is_no_fault(sample_folder):
    """The pipe is closed after one byte, before all of the table can be in it."""
    command = [sys.executable, "-m", "yjdisp.cli", "table", str(sample_folder), "--by", "year", "--by", "ethnicity"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        running.stdout.close()
        assert running.stderr.read() == ""
    assert running.returncode == 141


def test_without_a_standard_output_a_command_does_what_it_can(sample_folder):
    command = f"{sys.executable} -m yjdisp.cli audit {sample_folder.parent / 'nowhere'} >&-"
    done = subprocess.run(
        ["sh", "-c", command.replace("audit", "table")], stderr=subprocess.PIPE, text=True, check=False
    )
    assert "unexpected" not in done.stderr
    listed = f"{sys.executable} -m yjdisp.cli table {sample_folder} --by sex >&-"
    done = subprocess.run(["sh", "-c", listed], stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_sample_that_ships_is_safe(capsys, sample_folder):
    code, out, _ = run(capsys, "audit", sample_folder, "--json")
    assert code == 0
    assert json.loads(out)["narrowed"] == 0


def test_a_counts_file_is_released_too(tmp_path, capsys):
    out = tmp_path / "C"
    assert run(capsys, "release", SAMPLES / "published_caseload.csv", "--out", out)[0] == 0
    where = ["--where", "year=2021/22", "--where", "area=Bath and North East Somerset"]
    _, text, _ = run(capsys, "table", out, "--by", "ethnicity", *where)
    assert pd.read_csv(io.StringIO(text)).set_index("ethnicity")["count"].to_dict() == {
        "All": 45,
        "All other ethnic groups combined": 16,
        "White": 29,
    }


@pytest.mark.parametrize("boys", [32, 45])
def test_without_a_total_nothing_bounds_a_hidden_count(tmp_path, capsys, boys):
    counts = tmp_path / "counts.csv"
    counts.write_text(f"unit,year,sex,count\nchildren,2021/22,Boys,{boys}\nchildren,2021/22,Girls,3\n")
    assert run(capsys, "release", counts, "--out", tmp_path / "R")[0] == 0
    cells = release.read(tmp_path / "R").cells.set_index("sex")
    assert cells.loc["Girls", ["symbol", "low"]].tolist() == ["[c]", 0] and pd.isna(cells.loc["Girls", "high"])


def workbook(path: Path) -> None:
    with pd.ExcelWriter(path, engine="xlsxwriter") as writer:
        for name in ("One", "Two"):
            pd.read_csv(io.StringIO(GOOD)).to_excel(writer, sheet_name=name, index=False)


BAD = {
    "missing column": ("cases.csv", GOOD.replace("ethnicity,", "").replace("W1,", ""), 1, "ethnicity"),
    "wrong date": ("cases.csv", GOOD.replace("2021-05-01", "31/31/2021"), 1, "outcome_date"),
    "unknown ethnicity": ("cases.csv", GOOD.replace("W1", "Q7"), 1, "ethnicity"),
    "empty": ("cases.csv", "", 2, "empty"),
    "picture": ("cases.csv", b"\x89PNG\r\n\x1a\n" + bytes(100), 2, "picture"),
    "too large": ("cases.csv", b"x" * 100_000_000, 2, "MB"),
    "two sheets": ("cases.xlsx", workbook, 2, "sheet"),
}


@pytest.mark.parametrize("kind", BAD)
@pytest.mark.parametrize("command", ["check", "release"])
def test_a_file_that_cannot_be_used(tmp_path, capsys, caplog, kind, command):
    name, content, code, says = BAD[kind]
    path = tmp_path / name
    if callable(content):
        content(path)
    else:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    extra = ["--out", tmp_path / "R"] if command == "release" else []
    got, out, err = run(capsys, command, path, *extra)
    said = out + err
    assert got == code
    assert says in said
    assert CANARY not in said + caplog.text and "Traceback" not in said
    assert len(err.splitlines()) <= 1
    assert not (tmp_path / "R").exists()


def test_numbers_too_small_for_any_table_are_refused_in_words(tmp_path, capsys, caplog):
    (tmp_path / "cases.csv").write_text(GOOD, encoding="utf-8")
    code, out, err = run(capsys, "release", tmp_path / "cases.csv", "--out", tmp_path / "R")
    assert (code, out) == (1, "") and "too small to publish any of its tables" in err
    assert not (tmp_path / "R").exists() and CANARY not in err + caplog.text


def test_check_lists_problems_as_json_too(tmp_path, capsys):
    path = tmp_path / "cases.csv"
    path.write_text(GOOD.replace("W1", "Q7"))
    code, out, _ = run(capsys, "check", path, "--json")
    assert code == 1
    assert json.loads(out)["problems"][0]["column"] == "ethnicity"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["compare", "R", "--by", "ethnicity", "--year", "1999/00"], "no value"),
        (["compare", "R", "--by", "ethnicity", "--baseline", "1801"], "Census 2021"),
        (["compare", "R", "--by", "ethnicity", "--confidence", "95"], "fraction"),
        (["table", "R", "--by", "colour"], "no dimension"),
        (["table", "R", "--by", "sex", "--where", "year"], "="),
        (["release", "CASES", "--out", "X", "--policy", "nobody"], "caseload"),
        (["release", "FOLDER", "--out", "X"], "is a folder"),
        (["check", "."], "yjdisp: .: is a folder"),
        (["release", "CASES", "--out", "X", "--plan", "nope.toml"], "nope.toml; check the path"),
        (["table", "R", "--by", "sex", "--by", "sex"], "once"),
        (["table", "R", "--by", "sex", "--where", "year=2021/22", "--where", "year=2022/23"], "once"),
        (["serve", "--releases", "X"], "not a folder"),
    ],
)
def test_a_wrong_option_is_one_line_with_a_remedy(tmp_path, capsys, sample_folder, arguments, says):
    places = {"R": sample_folder, "CASES": SAMPLES / "bathavon.csv", "X": tmp_path / "X", "FOLDER": tmp_path}
    code, _, err = run(capsys, *(places.get(a, a) for a in arguments))
    assert code in (1, 2)
    assert says in err and len(err.splitlines()) == 1


@pytest.mark.parametrize(
    "arguments",
    [[], ["table"], ["sample", "S", "--children", "0"], ["compare", "R", "--by", "sex", "--method", "wald"],
     ["serve", "--port", "99999"], ["check", "cases.csv", "--what"]],
)  # fmt: skip
def test_wrong_usage_is_one_line_too(capsys, arguments):
    with pytest.raises(SystemExit) as stopped:
        run(capsys, *arguments)
    said = capsys.readouterr()
    assert (stopped.value.code, said.out, len(said.err.splitlines())) == (2, "", 1)
    assert "--help" in said.err


def test_the_exit_code_is_the_same_with_a_traceback(tmp_path, capsys):
    code, _, err = run(capsys, "check", tmp_path / "nowhere.csv", "--debug")
    assert code == run(capsys, "check", tmp_path / "nowhere.csv")[0] == 2
    assert "Traceback" in err and err.splitlines()[-1].startswith("yjdisp: ")


def test_json_has_the_numbers_of_the_csv_file(capsys, sample_folder):
    asked = ["compare", sample_folder, "--by", "ethnicity", "--format"]
    csv, text = (run(capsys, *asked, style)[1] for style in ("csv", "json"))
    table, records = pd.read_csv(io.StringIO(csv)), json.loads(text)
    assert 0 < min(r["p"] for r in records if r["p"] is not None) < 1e-10
    assert [r["p"] for r in records] == [None if pd.isna(p) else p for p in table["p"]]
    assert [r["count"] for r in records] == [None if pd.isna(c) else c for c in table["count"]]
    unknown = table.set_index("group").loc["Unknown"]
    assert unknown[["total", "share"]].isna().all()


def test_the_mapping_is_saved_with_the_release(tmp_path, capsys):
    cases = write_cases(tmp_path / "cases.csv", service(3, 15).extract(QUARTERS - 1))
    cases.write_text(cases.read_text().replace("child_id", "Person", 1))
    mapping, plan, out = tmp_path / "mapping.toml", tmp_path / "plan.toml", tmp_path / "R"
    mapping.write_text('[columns]\nchild_id = "Person"\n', encoding="utf-8")
    plan.write_text('[[tier]]\ntables = [{ unit = "children", dimensions = ["year", "sex"] }]\n', encoding="utf-8")
    assert run(capsys, "release", cases, "--out", out, "--plan", plan, "--mapping", mapping)[0] == 0
    assert release.read(out).manifest["mapping"] == mapping.read_text(encoding="utf-8")


def test_a_misspelt_heading_is_named_and_so_is_what_is_not_made_without_it(tmp_path, capsys):
    rows = (SAMPLES / "bathavon.csv").read_text(encoding="utf-8").replace("gravity", "gravty", 1)
    cases, plan, out = tmp_path / "cases.csv", tmp_path / "plan.toml", tmp_path / "R"
    cases.write_text(rows, encoding="utf-8")
    plan.write_text(
        '[[tier]]\ntables = [\n{ unit = "children", dimensions = ["year", "sex"] },\n'
        '{ unit = "offences", dimensions = ["gravity"] },\n{ unit = "outcomes", dimensions = ["year", "gravity"] },\n]\n',
        encoding="utf-8",
    )
    code, said, _ = run(capsys, "check", cases)
    assert code == 0 and "columns not used: gravty\n" in said
    assert json.loads(run(capsys, "check", cases, "--json")[1])["unused"] == ["gravty"]
    code, said, _ = run(capsys, "release", cases, "--out", out, "--plan", plan)
    reason = "The file has nothing on gravity, so no table of it is made."
    assert code == 0 and said.count("left out: ") == 1 and f"left out: {reason}\n" in said
    tables = [(t["unit"], t["table"], t["reason"]) for t in release.read(out).manifest["left_out"]]
    assert tables == [("offences", "gravity", reason), ("outcomes", "year × gravity", reason)]


def test_that_two_outcomes_of_a_day_are_counted_as_one_is_said(tmp_path, capsys):
    (tmp_path / "cases.csv").write_text(
        "child_id,outcome_date,ethnicity,sex,age,outcome\n"
        "1,2021-05-03,W1,M,15,Referral order\n1,2021-05-03,W1,M,15,Fine\n2,2021-05-03,W1,M,15,Fine\n"
    )
    code, said, _ = run(capsys, "check", tmp_path / "cases.csv")
    assert code == 0 and "without outcome_id: 1; each such day counts as one outcome\n" in said


def test_a_heading_that_could_be_somebodys_is_not_repeated(tmp_path, capsys):
    cases = tmp_path / "cases.csv"
    header, rest = GOOD.split("\n", 1)
    extra = rest.replace("\n", ",x\n") if rest.endswith("\n") else rest.replace("\n", ",x\n") + ",x"
    cases.write_text(f"{header},{CANARY} 12/03/2009\n{extra}", encoding="utf-8")
    code, out, err = run(capsys, "check", cases)
    assert code == 0 and CANARY not in out + err


def test_a_counts_file_is_checked_as_one(tmp_path, capsys):
    assert run(capsys, "check", SAMPLES / "published_caseload.csv")[0] == 0
    path = tmp_path / "counts.csv"
    path.write_text("unit,year,ethnicity,count\nchildren,2021/22,Q7,5\n")
    code, out, _ = run(capsys, "check", path)
    assert code == 1 and "ethnicity" in out and "missing column" not in out


def test_a_sample_takes_no_real_files_place(tmp_path, capsys):
    (tmp_path / "cases.csv").write_text(GOOD)
    code, _, err = run(capsys, "sample", tmp_path, "--children", "5")
    assert code == 1 and "choose another folder" in err
    assert (tmp_path / "cases.csv").read_text() == GOOD
    (tmp_path / "cases.csv").unlink()
    for seed in (1, 2):
        assert run(capsys, "sample", tmp_path, "--children", "5", "--seed", seed)[0] == 0


def test_a_synthetic_case_file_can_be_made_and_read(tmp_path, capsys):
    assert run(capsys, "sample", tmp_path / "S", "--children", "20", "--years", "2", "--seed", "3")[0] == 0
    code, out, _ = run(capsys, "check", tmp_path / "S" / "cases.csv")
    assert code == 0 and "no problems" in out


def test_the_readme_and_ci_run_the_same_tests():
    root = SAMPLES.parent
    command = (
        "python3 -m venv .venv && .venv/bin/pip install -q -e '.[test]' && .venv/bin/pytest -n auto --dist worksteal"
    )
    assert command in (root / "README.md").read_text(encoding="utf-8")
    assert command in (root / ".ci" / "run").read_text(encoding="utf-8")


def test_a_release_without_an_area_is_compared_with_the_nation(tmp_path, capsys):
    cases = "".join(f"c{i},2021-05-0{1 + i % 9},{'W1' if i % 3 else 'B1'},M,15,youth caution\n" for i in range(60))
    (tmp_path / "cases.csv").write_text(GOOD.splitlines(keepends=True)[0] + cases, encoding="utf-8")
    assert run(capsys, "release", tmp_path / "cases.csv", "--out", tmp_path / "R")[0] == 0
    code, out, err = run(capsys, "compare", tmp_path / "R", "--by", "ethnicity", "--format", "csv")
    assert (code, err) == (0, "") and "England and Wales" in out


def test_the_sheet_that_the_mapping_names_is_read(tmp_path, capsys):
    path, mapping = tmp_path / "cases.xlsx", tmp_path / "mapping.toml"
    with pd.ExcelWriter(path) as book:
        pd.read_csv(io.StringIO(GOOD)).to_excel(book, sheet_name="Cases", index=False)
        pd.DataFrame({"note": ["x"]}).to_excel(book, sheet_name="Notes", index=False)
    mapping.write_text('sheet = "Cases"\n', encoding="utf-8")
    code, out, err = run(capsys, "check", path, "--mapping", mapping)
    assert (code, out, err) == (0, "1 rows read, no problems\n", "")


def test_an_export_does_not_change_the_release(tmp_path, capsys, sample_folder):
    copy = tmp_path / "R"
    copytree(sample_folder, copy)
    code, _, err = run(capsys, "export", copy, "--to", copy / "tables.parquet")
    assert code and "choose another place" in err
    assert release.read(copy).id == release.read(sample_folder).id


def test_an_unexpected_fault_repeats_nothing_of_a_row(tmp_path, monkeypatch, capsys):
    def fails(*_, **__):
        raise KeyError(f"{CANARY}, born 2008")

    monkeypatch.setattr(intake, "read", fails)
    (tmp_path / "c.csv").write_text(GOOD, encoding="utf-8")
    code, out, err = run(capsys, "check", tmp_path / "c.csv")
    assert code == 1 and CANARY not in out + err and "KeyError" in err


def test_a_mapping_names_the_sheet_of_a_file_of_counts_and_nothing_else(tmp_path, capsys):
    counts = pd.DataFrame({"unit": ["children"], "year": ["2021/22"], "count": ["12"]})
    with pd.ExcelWriter(tmp_path / "c.xlsx") as book:
        pd.DataFrame({"note": ["read me"]}).to_excel(book, sheet_name="Notes", index=False)
        counts.to_excel(book, sheet_name="Counts", index=False)
    mapping = tmp_path / "m.toml"
    mapping.write_text('sheet = "Counts"\n', encoding="utf-8")
    assert run(capsys, "check", tmp_path / "c.xlsx", "--mapping", mapping)[:2] == (0, "1 rows read, no problems\n")
    mapping.write_text('sheet = "Counts"\n[columns]\nsex = "Gender"\n', encoding="utf-8")
    code, _, err = run(capsys, "check", tmp_path / "c.xlsx", "--mapping", mapping)
    assert code == 2 and intake.ONLY_ITS_SHEET in err


def test_a_check_says_the_same_to_programs(tmp_path, capsys):
    (tmp_path / "c.csv").write_text("unit,year,count\nchildren,2021/22,[c]\n", encoding="utf-8")
    assert json.loads(run(capsys, "check", tmp_path / "c.csv", "--json")[1])["marks"] == 1
