"""The chart of ratios as inline SVG: what the screen shows, for a file without scripts.

Only published numbers become coordinates: a hidden count is drawn as the range that anyone can work out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from math import log

from yjdisp import wording
from yjdisp.charts import BAND_FILL, INK, LINES, TICKS
from yjdisp.comparison import HIDDEN, OVER, UNDER, Comparison
from yjdisp.exports.content import Exhibit
from yjdisp.exports.marks import ESTIMATED, Mark, limits, marks, style, words
from yjdisp.vocabulary import LABELS

WIDTH, MARGIN = 560, 8
LINE, ROW, HEADING, AXIS, LEGEND = 18, 46, 30, 44, 22
LETTER = 6.8  # the mean width of one
GRID = "#e5e6e7"
SHAPES = {
    "circle": '<circle cx="{x:.1f}" cy="{y:.1f}" r="6" fill="{colour}"/>',
    "circle-open": '<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="white" stroke="{colour}" stroke-width="2"/>',
    "square": '<rect x="{x:.1f}" y="{y:.1f}" width="11" height="11" transform="translate(-5.5 -5.5)" fill="{colour}"/>',
    "diamond": '<path d="M{x:.1f} {y:.1f}m0-7l7 7l-7 7l-7-7z" fill="{colour}"/>',
}


def ratios(view: Exhibit, identity: str) -> str:
    """The chart of a view as an SVG element; `identity` makes the ids of its title and description unique."""
    several = len(view.comparisons) > 1
    rows = [(c, marks(c)) for c in view.comparisons]
    drawn = [m for _, of_comparison in rows for m in of_comparison]
    axis = _Axis(*limits(drawn))
    parts, y = [], MARGIN
    for c, of_comparison in rows:
        if several:
            parts.append(_text(MARGIN, y + LINE, f"{LABELS[c.by]}, against {wording.who(c.reference)}", bold=True))
            y += HEADING
        for mark in of_comparison:
            parts += [_text(MARGIN, y + LINE, mark.group), *_row(mark, axis, y)]
            y += ROW
    legend, height = _legend(view.comparisons[0], drawn, y + AXIS)
    return "".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" ',
            f'aria-labelledby="{identity}-title {identity}-desc" font-family="Arial, sans-serif" font-size="14">',
            f'<title id="{identity}-title">{escape(view.title)}</title>',
            f'<desc id="{identity}-desc">{escape(view.alt)}</desc>',
            *_frame(axis, y, view.axis),
            *parts,
            *legend,
            "</svg>",
        ]
    )


class _Axis:
    """Positions on a logarithmic axis between two ticks."""

    def __init__(self, low: float, high: float) -> None:
        self.low, self.high = low, high

    def __call__(self, value: float) -> float:
        inside = min(max(value, self.low), self.high)
        length = WIDTH - 4 * MARGIN
        return 2 * MARGIN + length * log(inside / self.low) / log(self.high / self.low)


def _frame(axis: _Axis, bottom: float, label: str) -> Iterable[str]:
    """The band of 0.80 to 1.25, the line at 1, the grid with its numbers and what they are."""
    left, right = (axis(value) for value in wording.BAND)
    yield f'<rect x="{left:.1f}" y="0" width="{right - left:.1f}" height="{bottom}" fill="{BAND_FILL}"/>'
    for tick in (t for t in TICKS if axis.low <= t <= axis.high):
        x, colour = axis(tick), LINES if tick == 1 else GRID
        yield f'<path d="M{x:.1f} 0V{bottom}" stroke="{colour}"/>'
        yield _text(x, bottom + LINE, f"{tick:g}", anchor="middle")
    yield _text(WIDTH / 2, bottom + 2 * LINE, label, anchor="middle")


def _row(mark: Mark, axis: _Axis, top: float) -> Iterable[str]:
    """The words, the interval and the dot of one group; an end beyond the axis is an arrow."""
    yield _text(WIDTH - MARGIN, top + LINE, mark.text, anchor="end", bold=mark.verdict in (OVER, UNDER))
    if mark.low is None or mark.high is None:
        return
    y = top + LINE + 14
    colour, shape = style(mark.verdict)
    width = 9 if mark.verdict == HIDDEN else 2
    yield f'<path d="M{axis(mark.low):.1f} {y}H{axis(mark.high):.1f}" stroke="{colour}" stroke-width="{width}"/>'
    if mark.verdict == HIDDEN:
        return
    if mark.low < axis.low:
        yield f'<path d="M{axis(axis.low):.1f} {y}l8-5v10z" fill="{colour}"/>'
    if mark.high > axis.high:
        yield f'<path d="M{axis(axis.high):.1f} {y}l-8-5v10z" fill="{colour}"/>'
    if shape and mark.estimate is not None and axis.low <= mark.estimate <= axis.high:
        yield SHAPES[shape].format(x=axis(mark.estimate), y=y, colour=colour)


def _legend(c: Comparison, drawn: Sequence[Mark], top: float) -> tuple[list[str], float]:
    """What the marks that are there stand for, from left to right; and where the chart ends."""
    there = {m.verdict for m in drawn if m.low is not None}
    parts, x, y = [], 2 * MARGIN, top + LEGEND / 2
    for verdict in (v for v in (*ESTIMATED, HIDDEN) if v in there):
        name = words(verdict, c)
        width = 50 + LETTER * len(name)
        if x + width > WIDTH and x > 2 * MARGIN:
            x, y = 2 * MARGIN, y + LEGEND
        colour, shape = style(verdict)
        parts.append(f'<path d="M{x:.0f} {y}h20" stroke="{colour}" stroke-width="{2 if shape else 9}"/>')
        if shape:
            parts.append(SHAPES[shape].format(x=x + 10, y=y, colour=colour))
        parts.append(_text(x + 28, y + 5, name))
        x += width
    return parts, y + LEGEND


def _text(x: float, y: float, text: str, *, anchor: str = "start", bold: bool = False) -> str:
    weight = ' font-weight="bold"' if bold else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" fill="{INK}" text-anchor="{anchor}"{weight}>{escape(text)}</text>'
