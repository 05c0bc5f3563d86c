"""Pictures as inline SVG: what the screen shows, for a file without scripts.

Only published numbers become coordinates: a hidden value is drawn as the range that anyone can work out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from itertools import cycle, pairwise
from math import log

from yjdisp.charts import BAND_FILL, HIDDEN_FILL, INK, LINES
from yjdisp.exhibits import Exhibit
from yjdisp.picture import Look, Mark, Picture

WIDTH, MARGIN = 560, 8
LINE, ROW, HEADING, AXIS, LEGEND = 18, 46, 30, 44, 22
TALL, SCALE = 260, 52  # the field of a chart over time, and the room for its scale on the left
MOST_LABELS = 8
LETTER = 6.8  # the mean width of one
GRID = "#e5e6e7"
DASHES = ("6 4", "2 4", "8 3 2 3")  # of lines without marks, one after another
SHAPES = {
    "circle": '<circle cx="{x:.1f}" cy="{y:.1f}" r="6" fill="{colour}"/>',
    "circle-open": '<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="white" stroke="{colour}" stroke-width="2"/>',
    "square": '<rect x="{x:.1f}" y="{y:.1f}" width="11" height="11" transform="translate(-5.5 -5.5)" fill="{colour}"/>',
    "diamond": '<path d="M{x:.1f} {y:.1f}m0-7l7 7l-7 7l-7-7z" fill="{colour}"/>',
}


def chart(view: Exhibit, identity: str) -> str:
    """The chart of a view as an SVG element; `identity` makes the ids of its title and description unique."""
    shown = view.picture
    parts, bottom = _over_time(shown) if shown.over_time else _rows(shown)
    legend, height = _legend(shown.looks, bottom)
    return "".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" role="img" ',
            f'aria-labelledby="{identity}-title {identity}-desc" font-family="Arial, sans-serif" font-size="14">',
            f'<title id="{identity}-title">{escape(view.title)}</title>',
            f'<desc id="{identity}-desc">{escape(view.alt)}</desc>',
            *parts,
            *legend,
            "</svg>",
        ]
    )


class _Axis:
    """Positions on an axis between the first and the last tick."""

    def __init__(self, shown: Picture, start: float, end: float) -> None:
        self.low, self.high = shown.limits
        self.log, self.start, self.end = shown.log, start, end

    def __call__(self, value: float) -> float:
        inside = min(max(value, self.low), self.high)
        if self.log:
            part = log(inside / self.low) / log(self.high / self.low)
        else:
            part = (inside - self.low) / (self.high - self.low)
        return self.start + (self.end - self.start) * part


def _rows(shown: Picture) -> tuple[list[str], float]:
    """A mark a row, under its heading if it has one; and where the chart ends."""
    axis = _Axis(shown, 2 * MARGIN, WIDTH - 2 * MARGIN)
    parts, y, heading = [], MARGIN, ""
    for mark in shown.marks:
        if mark.heading != heading:
            parts.append(_text(MARGIN, y + LINE, mark.heading, bold=True))
            y, heading = y + HEADING, mark.heading
        parts += [_text(MARGIN, y + LINE, mark.label), *_row(mark, axis, y)]
        y += ROW
    return [*_frame(shown, axis, y), *parts], y + AXIS


def _frame(shown: Picture, axis: _Axis, bottom: float) -> Iterable[str]:
    """The band and the line of no difference, the grid with its numbers and what they are."""
    if shown.band:
        left, right = map(axis, shown.band)
        yield f'<rect x="{left:.1f}" y="0" width="{right - left:.1f}" height="{bottom}" fill="{BAND_FILL}"/>'
        for x in (left, right):
            yield f'<path d="M{x:.1f} 0V{bottom}" stroke="{HIDDEN_FILL}" stroke-dasharray="2 3"/>'
    for tick in shown.ticks:
        x, colour = axis(tick), LINES if tick == shown.equal else GRID
        yield f'<path d="M{x:.1f} 0V{bottom}" stroke="{colour}"/>'
        yield _text(x, bottom + LINE, _number(tick), anchor="middle")
    yield _text(WIDTH / 2, bottom + 2 * LINE, shown.axis, anchor="middle")


def _row(mark: Mark, axis: _Axis, top: float) -> Iterable[str]:
    """The words, the interval and the dot of one mark; an end beyond the axis is an arrow."""
    yield _text(WIDTH - MARGIN, top + LINE, mark.text, anchor="end", bold=mark.strong)
    y = top + LINE + 14
    colour, shape = mark.look.colour, mark.look.shape
    if mark.low is not None and mark.high is not None:
        width = 2 if shape else 9
        yield f'<path d="M{axis(mark.low):.1f} {y}H{axis(mark.high):.1f}" stroke="{colour}" stroke-width="{width}"/>'
        at_left, at_right = mark.cut(axis.low, axis.high)
        if at_left:
            yield f'<path d="M{axis(axis.low):.1f} {y}l8-5v10z" fill="{colour}"/>'
        if at_right:
            yield f'<path d="M{axis(axis.high):.1f} {y}l-8-5v10z" fill="{colour}"/>'
    if shape in SHAPES and mark.estimate is not None and axis.low <= mark.estimate <= axis.high:
        yield SHAPES[shape].format(x=axis(mark.estimate), y=y, colour=colour)


def _over_time(shown: Picture) -> tuple[list[str], float]:
    """Marks from left to right in the order of their periods, those of one look joined; and where the chart ends."""
    labels = list(dict.fromkeys(mark.label for mark in shown.marks))
    step = (WIDTH - SCALE - 2 * MARGIN) / len(labels)
    at = {label: SCALE + (i + 0.5) * step for i, label in enumerate(labels)}
    top = LINE + 2 * MARGIN
    axis = _Axis(shown, top + TALL, top)
    parts = [_text(0, LINE, shown.axis)]
    for tick in shown.ticks:
        colour = LINES if tick in (0, shown.equal) else GRID
        parts.append(f'<path d="M{SCALE} {axis(tick):.1f}H{WIDTH - MARGIN}" stroke="{colour}"/>')
        parts.append(_text(SCALE - MARGIN, axis(tick) + 5, _number(tick), anchor="end"))
    for label in labels[:: -(-len(labels) // MOST_LABELS)]:
        parts.append(_text(at[label], top + TALL + LINE, label, anchor="middle"))
    dashes = cycle(DASHES)
    for look in shown.looks:
        marks = [m for m in shown.marks if m.look == look]
        parts += _joined(marks, look.colour, next(dashes) if look.shape == "line" else "", labels, at, axis)
        for mark in marks:
            parts += _upright(mark, axis, at[mark.label])
    return parts, top + TALL + AXIS


def _joined(
    marks: Sequence[Mark], colour: str, dashes: str, labels: Sequence[str], at: dict, axis: _Axis
) -> Iterator[str]:
    """Lines between neighbouring periods that both have a value."""
    values = {mark.label: mark.estimate for mark in marks if mark.estimate is not None}
    style = f'fill="none" stroke="{colour}" stroke-width="2"' + (f' stroke-dasharray="{dashes}"' if dashes else "")
    for one, two in pairwise(labels):
        if one in values and two in values:
            ends = f"M{at[one]:.1f} {axis(values[one]):.1f}L{at[two]:.1f} {axis(values[two]):.1f}"
            yield f'<path d="{ends}" {style}/>'


def _upright(mark: Mark, axis: _Axis, x: float) -> Iterator[str]:
    """The interval and the dot of one period."""
    colour, shape = mark.look.colour, mark.look.shape
    if mark.low is not None and mark.high is not None:
        ends = f"M{x:.1f} {axis(mark.low):.1f}V{axis(mark.high):.1f}"
        yield f'<path d="{ends}" stroke="{colour}" stroke-width="{2 if shape else 9}"/>'
    if shape in SHAPES and mark.estimate is not None:
        yield SHAPES[shape].format(x=x, y=axis(mark.estimate), colour=colour)


def _legend(looks: Sequence[Look], top: float) -> tuple[list[str], float]:
    """What the marks that are there stand for, from left to right; and where the chart ends."""
    parts, x, y, dashes = [], 2 * MARGIN, top + LEGEND / 2, cycle(DASHES)
    for look in looks:
        width = 50 + LETTER * len(look.words)
        if x + width > WIDTH and x > 2 * MARGIN:
            x, y = 2 * MARGIN, y + LEGEND
        dash = f' stroke-dasharray="{next(dashes)}"' if look.shape == "line" else ""
        width_of_line = 2 if look.shape else 9
        parts.append(f'<path d="M{x:.0f} {y}h20" stroke="{look.colour}" stroke-width="{width_of_line}"{dash}/>')
        if look.shape in SHAPES:
            parts.append(SHAPES[look.shape].format(x=x + 10, y=y, colour=look.colour))
        parts.append(_text(x + 28, y + 5, look.words))
        x += width
    return parts, y + LEGEND


def _number(tick: float) -> str:
    return f"{tick:g}".replace("-", "−")


def _text(x: float, y: float, text: str, *, anchor: str = "start", bold: bool = False) -> str:
    weight = ' font-weight="bold"' if bold else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" fill="{INK}" text-anchor="{anchor}"{weight}>{escape(text)}</text>'
