"""Everything that can be read in a file: the members of its archives, and of the archives inside them, to the last."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from math import log

import pyarrow.parquet as pq

NUMBER = re.compile(r"(?<![\w.])[-−]?\d[\d,]*(?:\.\d+)?(?:[eE][-+]?\d+)?")
RATIOS, SHARES = ">Times as likely (1 = equally likely)<", ">Share, %<"  # axes: of comparisons, and of shares over time


def everything(content: bytes, path: str = "") -> Iterator[tuple[str, bytes]]:
    """The file itself and whatever it holds, as path and bytes."""
    yield path, content
    if content[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            yield f"{path}//comment", archive.comment
            for member in archive.infolist():
                yield f"{path}/{member.filename}//extra", member.extra + member.comment
                yield from everything(archive.read(member), f"{path}/{member.filename}")
    elif content[:4] == b"PAR1":
        table = pq.read_table(io.BytesIO(content))
        yield f"{path}//rows", table.to_pandas().to_csv(index=False).encode()
        yield f"{path}//schema", str([(f, f.metadata) for f in table.schema] + [table.schema.metadata]).encode()
        yield f"{path}//statistics", str(pq.ParquetFile(io.BytesIO(content)).metadata.to_dict()).encode()
    elif content[:5] == b"%PDF-":
        yield from _of_pdf(content, path)


def _of_pdf(content: bytes, path: str) -> Iterator[tuple[str, bytes]]:
    import pypdf

    reader = pypdf.PdfReader(io.BytesIO(content))
    for number, page in enumerate(reader.pages, start=1):
        yield f"{path}//page {number}", page.extract_text().encode()
    for number in range(1, len(reader.xref.get(0, {})) + 1):
        found = reader.get_object(number)
        data = found.get_data() if hasattr(found, "get_data") else repr(found).encode()
        yield f"{path}//object {number}", data


def whole_numbers(content: bytes) -> set[int]:
    """Every whole number of six digits or more that some bytes spell, with or without commas."""
    plain, spaced = re.findall(rb"(?<![\d.])\d{6,}", content), re.findall(rb"(?<![\d.])\d{1,3}(?:,\d{3})+", content)
    return {int(found.replace(b",", b"")) for found in (*plain, *spaced)}


def numbers(text: str) -> set[float]:
    """Every number in a text, however it is written."""
    return {float(found.replace(",", "").replace("−", "-").rstrip(".")) for found in NUMBER.findall(text)}


def charts(page: str) -> list[str]:
    """The charts of a report, as SVG."""
    return re.findall(r"<svg.*?</svg>", page, re.DOTALL)


def stray_across(chart: str, values: Iterable[float]) -> set[float]:
    """The horizontal positions of a chart of rows, on a logarithmic axis, that stand for none of some values."""
    ticks = {float(t): float(x) for x, t in re.findall(r'<text x="([\d.]+)"[^>]*text-anchor="middle">([\d.]+)<', chart)}
    bottom = max(float(y) for y in re.findall(r"M[\d.]+ 0V([\d.]+)", chart))
    below = re.findall(r'(?:<path d="M|cx=")([\d.]+)(?: |" cy=")([\d.]+)', chart)
    legend = {float(x) for x, y in below if float(y) > bottom}
    drawn = {float(x) for x in re.findall(r'(?:<path d="M|cx="|H)([\d.]+)', chart)} - legend
    low, high = min(ticks), max(ticks)
    allowed = [
        ticks[low] + (ticks[high] - ticks[low]) * log(min(max(x, low), high) / low) / log(high / low)
        for x in (*values, *ticks)
    ]
    return _far(drawn, allowed)


def stray_upwards(chart: str, values: Iterable[float]) -> set[float]:
    """The heights in a chart over time, on an even axis, that stand for none of some values."""
    scale = re.findall(r'<text x="[\d.]+" y="([\d.]+)"[^>]*text-anchor="end">([\d.]+)<', chart)
    ticks = {float(t): float(y) - 5 for y, t in scale}
    low, high = min(ticks), max(ticks)
    ends = re.findall(r'<path d="M[\d.]+ ([\d.]+)(?:V|L[\d.]+ )([\d.]+)"', chart)
    drawn = {float(y) for pair in ends for y in pair} | {
        float(y) for y in re.findall(r'cx="[\d.]+" cy="([\d.]+)"', chart)
    }
    drawn = {y for y in drawn if y <= ticks[low] + 0.11}  # the legend stands below
    allowed = [ticks[low] + (ticks[high] - ticks[low]) * (min(max(x, low), high) - low) / (high - low) for x in values]
    return _far(drawn, [*allowed, *ticks.values()])


def _far(drawn: Iterable[float], allowed: Iterable[float]) -> set[float]:
    """What lies further than a tenth of a pixel from everything that is allowed."""
    allowed = list(allowed)
    return {at for at in drawn if min(abs(at - a) for a in allowed) > 0.11}
