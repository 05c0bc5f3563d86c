"""The wall: what is right of it never imports what is left of it, and imports run downwards only."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from yjdisp.project import project_folder

ROOT = project_folder()
ANALYST = {
    "cases",
    "problems",
    "opening",
    "sheet_xml",
    "columns",
    "reading",
    "margins",
    "counts_file",
    "intake",
    "counting",
    "disclosure",
    "tabulate",
    "publish",
    "sample",
}
LAYERS = [
    {"vocabulary", "project", "measures", "picture"},
    {"baselines", "release"},
    {"comparison"},
    {"contrast"},
    {"pathway", "treatment", "intersections", "areas", "indicators", "trends", "unknowns", "scale", "at_once"},
    {"actions", "change"},
    {"wording"},
    {"charts"},
    {"exhibits"},
    {"exports"},
    {"ui"},
    {"cli", "serve"},
]
MAY_CROSS = {ROOT / "yjdisp" / "cli.py", ROOT / "pages" / "data.py", ROOT / "yjdisp" / "ui" / "data.py"}
SOURCES = sorted([ROOT / "app.py", *(ROOT / "pages").glob("*.py"), *(ROOT / "yjdisp").rglob("*.py")])


def imported(path: Path) -> set[str]:
    """The parts of yjdisp that a file imports, and the packages from outside."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name} imports relatively"
            found |= {f"{node.module}.{alias.name}" for alias in node.names} | {node.module}
    return found


def parts(path: Path) -> set[str]:
    """The first names below yjdisp that a file imports."""
    return {name.split(".")[1] for name in imported(path) if name.startswith("yjdisp.")}


def part_of(path: Path) -> str:
    return path.relative_to(ROOT / "yjdisp").parts[0].removesuffix(".py") if "yjdisp" in path.parts else "ui"


def layer(part: str) -> int | None:
    return next((i for i, names in enumerate(LAYERS) if part in names), None)


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_run_downwards_and_never_across_the_wall(path):
    own = part_of(path)
    if own in ANALYST:
        assert not parts(path) & {"comparison", "charts", "wording", "exports", "ui", "cli", "serve"}
    elif path not in MAY_CROSS:
        assert not parts(path) & ANALYST
        for other in parts(path) - {own}:
            if layer(own) is not None and layer(other) is not None:
                assert layer(other) < layer(own), f"{own} imports {other}"


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_only_the_screen_imports_streamlit(path):
    uses = any(name.split(".")[0] == "streamlit" for name in imported(path))
    on_screen = "ui" in path.parts or path.parent.name == "pages" or path.name in ("app.py", "serve.py")
    assert on_screen or not uses


def test_every_part_has_a_place():
    known = ANALYST.union(*LAYERS) | {"__init__", "lists"}
    unplaced = {part_of(p) for p in SOURCES if "yjdisp" in p.parts} - known
    assert not unplaced


def reached(module: str) -> set[str]:
    """The modules of the disclosure core that a module imports, and those that they import."""
    found, left = set(), {module}
    while left:
        path = ROOT.joinpath(*left.pop().split(".")).with_suffix(".py")
        new = {name for name in imported(path) if ROOT.joinpath(*name.split(".")).with_suffix(".py").exists()} - found
        new = {name for name in new if name.startswith("yjdisp.disclosure.")}
        found, left = found | new, left | new
    return found


def test_the_attack_knows_nothing_of_how_it_was_protected():
    attack, suppress = reached("yjdisp.disclosure.attack"), reached("yjdisp.disclosure.suppress")
    own = {f"yjdisp.disclosure.protector.{p.stem}" for p in (ROOT / "yjdisp/disclosure/protector").glob("[a-z]*.py")}
    assert own <= suppress
    assert "yjdisp.disclosure.siege" in attack
    assert not attack & {*own, "yjdisp.disclosure.suppress", "yjdisp.disclosure.primary"}
