"""What a chart shows, before any form is given to it: screen, slides, reports and spreadsheets show the same marks."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor, isfinite, log10

TICKS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100)
LEAST, MOST = 0.1, 20  # how far a logarithmic axis follows an interval
INTERVALS = 5  # of an evenly divided axis, about


@dataclass(frozen=True)
class Look:
    """A kind of mark: what it stands for, its colour ("#rrggbb"), and its shape: "circle", "circle-open", "square",
    "diamond", "line" for a line over time without marks, None for the range of a hidden value."""

    words: str
    colour: str
    shape: str | None


@dataclass(frozen=True)
class Mark:
    """One value with its interval, or the range that is left to a hidden one.

    Attributes:
        label: what it is the value of: a group, or a period.
        text: the value in words.
        estimate, low, high: None where there is nothing to draw; a hidden value has `low` and `high` alone.
        heading: what several labels stand under.
        strong: whether its text stands out.
        hidden: whether there is no estimate because a count behind it is hidden.
    """

    label: str
    text: str
    look: Look
    estimate: float | None = None
    low: float | None = None
    high: float | None = None
    heading: str = ""
    strong: bool = False
    hidden: bool = False

    def cut(self, left: float, right: float) -> tuple[bool, bool]:
        """Whether an arrow stands at the left and at the right end of an axis: an interval goes on beyond it, or the
        whole range of a hidden count lies there."""
        if self.low is None or self.high is None:
            return False, False
        if self.look.shape:
            return self.low < left, self.high > right
        return self.high < left, self.low > right


@dataclass(frozen=True)
class Picture:
    """A chart: a mark a row, or marks from left to right over time.

    Attributes:
        axis: what the axis of values says.
        log: whether that axis is logarithmic, as ratios need it.
        equal: the value that means no difference, a line; None for none.
        band: the values that mean no difference worth the name; None for none.
        over_time: whether labels are periods in their order; marks of one look are then joined.
    """

    marks: tuple[Mark, ...]
    axis: str
    log: bool = True
    equal: float | None = 1.0
    band: tuple[float, float] | None = None
    over_time: bool = False

    @property
    def looks(self) -> tuple[Look, ...]:
        """The kinds of marks that it draws, in order of appearance."""
        return tuple(dict.fromkeys(m.look for m in self.marks if m.estimate is not None or m.low is not None))

    @property
    def limits(self) -> tuple[float, float]:
        """The ticks at the two ends of the axis."""
        return self.ticks[0], self.ticks[-1]

    @property
    def ticks(self) -> tuple[float, ...]:
        """The ticks of the axis, around all values that are drawn; of what chance or a hidden count leaves possible, never
        beyond what can be read."""
        values = [m.estimate for m in self.marks if m.estimate is not None and isfinite(m.estimate)]
        ends = [x for m in self.marks for x in (m.low, m.high) if x is not None and isfinite(x)]
        if self.log:
            return log_ticks(values, ends)
        return even_ticks([*values, *ends, 0 if self.equal is None else self.equal])


def log_ticks(values: list[float], ends: list[float]) -> tuple[float, ...]:
    """Ticks of a logarithmic axis around some values, around the ends of intervals from `LEAST` to `MOST`, and around 1 at
    least from a half to two."""
    inside = [*(x for x in values if x > 0), *(min(max(x, LEAST), MOST) for x in ends if x > 0)]
    left = max((t for t in TICKS if t <= min([*inside, 0.5])), default=TICKS[0])
    right = min((t for t in TICKS if t >= max([*inside, 2])), default=TICKS[-1])
    return tuple(t for t in TICKS if left <= t <= right)


def even_ticks(ends: list[float]) -> tuple[float, ...]:
    """Ticks at round distances (1, 2 or 5 times a power of ten) around some values."""
    low, high = min(ends), max(ends)
    if low == high:
        low, high = min(low, 0), max(high, 0) or 1
    rough = (high - low) / INTERVALS
    power = 10 ** floor(log10(rough))
    step = power * next(m for m in (1, 2, 5, 10) if m * power >= rough * (1 - 1e-9))
    return tuple(round(step * i, 10) for i in range(floor(low / step + 1e-9), ceil(high / step - 1e-9) + 1))
