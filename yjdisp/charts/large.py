"""Any figure in large type, for a screen at the end of a room."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go

FACTOR = 1.4
IN_PIXELS = {"size", "standoff", "height", "thickness"}
IN_PIXELS_OF = {"margin": {"l", "r", "t", "b"}, "line": {"width"}, "error_x": {"width"}, "error_y": {"width"}}


def enlarged(figure: go.Figure) -> go.Figure:
    """The same figure with its type, marks, lines, height and margins larger; its width is that of the screen."""
    return go.Figure(_grown(figure.to_plotly_json()))


def _grown(node: Any, name: str = "", within: str = "") -> Any:
    if isinstance(node, dict):
        return {key: _grown(value, key, name) for key, value in node.items()}
    if isinstance(node, list | tuple):
        return [_grown(value, name, within) for value in node]
    pixels = name in IN_PIXELS or name in IN_PIXELS_OF.get(within, ())
    return node * FACTOR if pixels and isinstance(node, int | float) else node
