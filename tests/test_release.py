"""A release: whole or not at all, read only when unchanged, and asked for its tables."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
import time

import pandas as pd
import pytest

from yjdisp import release
from yjdisp.release import ReleaseError
from yjdisp.vocabulary import dimension, flat_dimension

YEARS = flat_dimension("year", ("2020/21", "2021/22"), axis="period")
SEX = dimension("sex")


def write(path, count=20, **manifest):
    """A small release: children by year and sex, with girls of one year hidden."""
    rows = [
        ("2020/21", "Boys", count), ("2020/21", "Girls", None), ("2020/21", "All", count + 3),
        ("2021/22", "Boys", 10), ("2021/22", "Girls", 9), ("2021/22", "All", 19),
        ("All", "Boys", count + 10), ("All", "Girls", None), ("All", "All", count + 22),
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["year", "sex", "count"]).assign(unit="children", table="year × sex")
    frame["count"] = frame["count"].astype("Int64")
    frame["symbol"] = frame["count"].isna().map({True: "[c]", False: ""})
    frame["low"], frame["high"] = frame["count"].fillna(0), frame["count"].fillna(9)
    about = {"synthetic": True, "areas": ["Here"], "period": {"years": ["2020/21", "2021/22"]}, **manifest}
    baselines = pd.DataFrame({"baseline": ["Census 2021"]})
    return release.write(
        path, cells=frame, dimensions=(YEARS, SEX), baselines=baselines, policy="", plan="", manifest=about
    )


def test_what_is_written_is_read(tmp_path):
    identity = write(tmp_path / "R")
    made = release.read(tmp_path / "R")
    assert made.id == identity
    assert made.years == ("2020/21", "2021/22")
    assert made.dimensions == {"year": YEARS, "sex": SEX}
    assert sorted(p.name for p in (tmp_path / "R").iterdir()) == sorted([*release.FILES, release.MANIFEST])
    assert [p.name for p in tmp_path.iterdir()] == ["R"]


def count_left(frame):
    return frame.assign(count=frame["count"].fillna(3))


def mark_left(frame):
    return frame.assign(symbol="[c]")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (count_left, "both a count and a mark"),
        (mark_left, "both a count and a mark"),
        (lambda frame: frame.assign(secret=1), "not of the format, secret"),
        (lambda frame: frame.rename(columns={"count": "n"}), "lacks the column count"),
    ],
)
def test_tables_that_are_not_of_the_format_are_refused(tmp_path, monkeypatch, change, says):
    """Hashes are no secret: who changes a release can make them again."""
    written = release._parquet
    monkeypatch.setattr(release, "_parquet", lambda frame: written(change(frame) if "count" in frame else frame))
    write(tmp_path / "R")
    with pytest.raises(ReleaseError, match=says):
        release.read(tmp_path / "R")


@pytest.mark.skipif(sys.platform != "linux", reason="counts the threads of /proc")
def test_reading_starts_no_thread_that_could_outlive_the_command(sample_folder):
    """Such a thread aborted one command in thirty after its work was done, when the machine was busy."""
    script = """
        import os, pathlib, sys
        import pyarrow.parquet
        from yjdisp import release
        threads = lambda: len(os.listdir("/proc/self/task"))
        before = threads()
        release.read(pathlib.Path(sys.argv[1]))
        print(threads() - before)
    """
    command = [sys.executable, "-c", textwrap.dedent(script), str(sample_folder)]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip() == "0"


def test_tables_come_in_display_order_with_margins(tmp_path):
    write(tmp_path / "R")
    made = release.read(tmp_path / "R")
    table = release.table(made, by=["sex"], where={"year": "2021-22"})
    assert table["sex"].tolist() == ["All", "Boys", "Girls"]
    assert table["count"].tolist() == [19, 10, 9]
    pooled = release.table(made, by=["sex"])
    assert pooled["count"].isna().tolist() == [False, False, True]
    assert pooled["symbol"].tolist() == ["", "", "[c]"]


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ({"by": ["send"]}, "not in this release"),
        ({"by": ["colour"]}, "no dimension 'colour'"),
        ({"by": ["sex"], "where": {"year": "1999/00"}}, "no value"),
        ({"by": ["sex"], "unit": "offences"}, "no tables of offences"),
    ],
)
def test_what_is_not_published_is_said(tmp_path, query, says):
    write(tmp_path / "R")
    with pytest.raises(ReleaseError, match=says):
        release.table(release.read(tmp_path / "R"), **query)


@pytest.mark.parametrize("name", [*release.FILES, release.MANIFEST])
def test_a_changed_byte_in_any_file_is_refused_by_name(tmp_path, name):
    write(tmp_path / "R")
    path = tmp_path / "R" / name
    content = bytearray(path.read_bytes()) or bytearray(b" ")
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(ReleaseError, match=name):
        release.read(tmp_path / "R")


def test_a_missing_file_is_refused_by_name(tmp_path):
    write(tmp_path / "R")
    (tmp_path / "R" / "dimensions.json").unlink()
    with pytest.raises(ReleaseError, match=r"dimensions\.json is missing"):
        release.read(tmp_path / "R")
    with pytest.raises(ReleaseError, match="not a release"):
        release.read(tmp_path)


def test_a_newer_release_takes_the_place_of_the_older(tmp_path):
    first, second = write(tmp_path / "R", 20), write(tmp_path / "R", 30)
    assert first != second == release.read(tmp_path / "R").id
    assert [p.name for p in tmp_path.iterdir()] == ["R"]


def test_something_else_is_never_replaced(tmp_path):
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "keep.txt").write_text("mine")
    with pytest.raises(ReleaseError, match="not a release"):
        write(tmp_path / "notes")
    assert (tmp_path / "notes" / "keep.txt").read_text() == "mine"


@pytest.mark.parametrize("delay", [0.0, 0.01, 0.03, 0.08, 0.2, 0.4])
def test_a_kill_at_any_moment_leaves_a_whole_release(tmp_path, delay):
    """A process that does nothing but replace the release is killed; what stands there is whole."""
    write(tmp_path / "R", 20)
    loop = textwrap.dedent(
        f"""
        import sys; sys.path.insert(0, {os.path.dirname(__file__)!r})
        from pathlib import Path
        from test_release import write
        print("ready", flush=True)
        for count in range(5, 100_000):
            write(Path({str(tmp_path)!r}) / "R", count)
        """
    )
    process = subprocess.Popen([sys.executable, "-c", loop], stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "ready\n"
    time.sleep(delay)
    process.send_signal(signal.SIGKILL)
    process.wait()
    made = release.read(tmp_path / "R")
    assert len(made.cells) == 9


def test_the_manifest_is_plain_json(tmp_path):
    write(tmp_path / "R", service="Here")
    manifest = json.loads((tmp_path / "R" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["service"] == "Here"
    assert set(manifest["files"]) == set(release.FILES)


def test_a_dimension_at_all_is_not_held(tmp_path):
    write(tmp_path / "R")
    made = release.read(tmp_path / "R")
    assert release.held(made, {"year": "all", "sex": "boys"}) == {"sex": "Boys"}
    assert release.table(made, by=["sex"], where={"year": "All"}).equals(release.table(made, by=["sex"]))


def test_a_manifest_that_was_written_anew_is_refused(tmp_path):
    """The same content in other bytes is not what was sealed."""
    write(tmp_path / "R")
    manifest = tmp_path / "R" / release.MANIFEST
    manifest.write_text(json.dumps(json.loads(manifest.read_text(encoding="utf-8"))), encoding="utf-8")
    with pytest.raises(ReleaseError, match="manifest.json was changed"):
        release.read(tmp_path / "R")
