"""Open data: CSV files that fit their metadata, a dictionary of every value, Parquet that explains itself."""

from __future__ import annotations

import io
import json
import warnings
import zipfile

import pandas as pd
import pyarrow.parquet as pq
import pytest

from yjdisp import exhibits, exports
from yjdisp.comparison import COLUMNS, compare

METADATA = "csv-metadata.json"


@pytest.fixture(scope="module")
def folder(one, tmp_path_factory):
    return unpacked_to(tmp_path_factory.mktemp("data"), exports.build(one.release, ".zip"))


def unpacked_to(folder, archive: bytes):
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        opened.extractall(folder)
    return folder


def read(path) -> pd.DataFrame:
    return pd.read_csv(path, keep_default_na=False, dtype=str)


def fits(folder) -> bool:
    """Whether all files keep what their metadata say, by the csvw package; it tells by warnings."""
    csvw = pytest.importorskip("csvw")
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        return csvw.CSVW(str(folder / METADATA), validate=True).is_valid


def test_every_file_fits_its_metadata(folder):
    assert fits(folder)


def test_a_wrong_value_does_not_fit(one, tmp_path):
    other = unpacked_to(tmp_path, exports.build(one.release, ".zip"))
    path = other / "children-by-year-sex.csv"
    path.write_text(path.read_text().replace("All,All,", "All,All,many", 1))
    assert not fits(other)


def test_the_metadata_describe_every_file_and_column(folder):
    described = {t["url"]: t for t in json.loads((folder / METADATA).read_text(encoding="utf-8"))["tables"]}
    assert set(described) == {path.name for path in folder.glob("*.csv")}
    for name, table in described.items():
        columns = table["tableSchema"]["columns"]
        assert [c["titles"] for c in columns] == list(read(folder / name))
        assert all(c["dc:description"] and c["datatype"] for c in columns) and table["dc:title"]


@pytest.mark.parametrize("name", ["year-ethnicity", "year-sex", "ethnicity-sex"])
def test_a_table_is_the_published_cells(one, folder, name):
    dimensions = name.split("-")
    rows = read(folder / f"children-by-{name}.csv")
    assert list(rows) == [*dimensions, "count", "symbol", "low", "high"]
    cells = one.release.cells[one.release.cells["table"] == " × ".join(dimensions)].set_index(dimensions)
    assert len(rows) == len(cells)
    for row in rows.to_dict("records"):
        cell = cells.loc[tuple(row[d] for d in dimensions)]
        assert row["symbol"] == cell["symbol"] and row["low"] == str(cell["low"])
        assert row["count"] == ("" if cell["symbol"] else str(cell["count"]))


def test_the_dictionary_knows_every_value(one, folder):
    rows = read(folder / "data-dictionary.csv")
    known = set(zip(rows["dimension"], rows["value"], strict=True))
    for table in one.release.cells["table"].unique():
        for dimension in table.split(" × "):
            assert {(dimension, v) for v in one.release.cells[dimension].dropna()} <= known
    assert rows.set_index("value").loc["Black", "parent"] == "All other ethnic groups combined"


def test_comparisons_have_the_columns_of_the_command_line_and_hide_what_is_hidden(one, folder):
    rows = read(folder / "comparisons.csv")
    assert set(COLUMNS) <= set(rows)
    hidden = rows[(rows["symbol"] == "[c]")]
    assert len(hidden) == 2
    figures = ["count", "share", "share_low", "gap", "index", "rri", "rri_high", "rri_rest", "p", "parity_removal"]
    assert (hidden[figures] == "").all(axis=None)


def test_parquet_explains_its_columns_and_itself(one):
    table = pq.read_table(io.BytesIO(exports.build(one.release, ".parquet")))
    assert all(field.metadata[b"description"] for field in table.schema)
    assert one.release.id.encode() in table.schema.metadata[b"about"]
    assert table.to_pandas()["count"].isna().tolist() == one.release.cells["count"].isna().tolist()


def test_what_is_on_screen_is_a_table_alone(one):
    c = compare(one.release, by="ethnicity", where={"year": "2021/22"})
    view = exhibits.compared([c], one.release.years)
    view.table.loc[0, "Group"] = "=1+1"
    rows = pd.read_csv(io.BytesIO(exports.build(one.release, ".csv", [view])), encoding="utf-8-sig", dtype=str)
    assert list(rows) == list(view.table) and len(rows) == len(view.table)
    assert rows["Group"].tolist() == ["'=1+1", *view.table["Group"][1:]]
