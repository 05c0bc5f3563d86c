"""The disclosure rules of a release, as a named file that a service can read and change."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from importlib import resources
from pathlib import Path
from typing import Any

from yjdisp.vocabulary import LABELS

MOST = 1000  # children
DEFAULT = "caseload"


class PolicyError(ValueError):
    """A policy that cannot be used: the text says what is wrong and what to do."""


@dataclass(frozen=True)
class Policy:
    """Disclosure rules.

    Attributes:
        name: printed on every export.
        threshold: the least number of distinct children that may be printed.
        zeros: "hidden" under the same mark as small counts, or "shown".
        rounding: 0 for counts as they are, 5 for the nearest multiple of 5.
        exempt: values that say nothing about a child; a cell with no other value is never primary.
        sensitive: dimensions for which "all of them" may not be learned of any group.
        bad_rows: "refuse" a case file with any problem, or "leave out" its bad rows and say how many there were.
    """

    name: str
    threshold: int
    zeros: str = "hidden"
    rounding: int = 0
    exempt: tuple[str, ...] = ()
    sensitive: tuple[str, ...] = ()
    bad_rows: str = "refuse"

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not self.name:
            raise PolicyError("policy: give it a name")
        if not isinstance(self.threshold, int) or isinstance(self.threshold, bool) or not 1 <= self.threshold <= MOST:
            raise PolicyError(f"policy: threshold must be a whole number of children, 1 to {MOST}")
        if self.zeros not in ("hidden", "shown"):
            raise PolicyError('policy: zeros must be "hidden" or "shown"')
        if self.rounding not in (0, 5):
            raise PolicyError("policy: rounding must be 0 or 5")
        if self.bad_rows not in ("refuse", "leave out"):
            raise PolicyError('policy: bad_rows must be "refuse" or "leave out"')
        for name in ("exempt", "sensitive"):
            if not all(isinstance(value, str) for value in getattr(self, name)):
                raise PolicyError(f"policy: {name} must be a list of texts")

    @property
    def floor(self) -> int:
        """The least count that the mark can stand for."""
        return 0 if self.zeros == "hidden" else 1


def names() -> tuple[str, ...]:
    """The profiles that come with the package."""
    folder = resources.files(__package__).joinpath("profiles")
    return tuple(sorted(f.name.removesuffix(".toml") for f in folder.iterdir() if f.name.endswith(".toml")))


def load(name_or_path: str | Path = DEFAULT) -> Policy:
    """Read a policy by the name of a profile, or from a TOML file.

    Raises:
        PolicyError: no such profile or file, not TOML, an unknown or missing key, a value that is not allowed.
    """
    if str(name_or_path) in names():
        text = resources.files(__package__).joinpath("profiles", f"{name_or_path}.toml").read_text(encoding="utf-8")
    else:
        path = Path(name_or_path)
        if not path.is_file():
            raise PolicyError(f"policy: no profile or file {path.name!r}; profiles are {', '.join(names())}")
        text = path.read_bytes().decode("utf-8-sig", errors="replace")
    return from_toml(text)


def from_toml(text: str) -> Policy:
    """A policy from the text of its file. Raises PolicyError like `load`."""
    try:
        return from_dict(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise PolicyError(f"policy: not a TOML file ({error})") from None


def from_dict(data: Mapping[str, Any]) -> Policy:
    """A policy from the content of its file. Raises PolicyError like `load`."""
    known = {field.name for field in fields(Policy)}
    unknown = sorted(set(data) - known)
    if unknown:
        raise PolicyError(f"policy: unknown key {unknown[0]!r}; known are {', '.join(sorted(known))}")
    missing = sorted({"name", "threshold"} - set(data))
    if missing:
        raise PolicyError(f"policy: {missing[0]!r} is missing")
    for key in ("exempt", "sensitive"):
        if not isinstance(data.get(key, []), list):
            raise PolicyError(f"policy: {key} must be a list of texts")
    others = [name for name in data.get("sensitive", ()) if name not in tuple(LABELS)]
    if others:
        raise PolicyError(f"policy: sensitive takes dimensions, and {others[0]!r} is none: {', '.join(LABELS)}")
    return Policy(**{key: tuple(value) if isinstance(value, list) else value for key, value in data.items()})


def to_toml(policy: Policy) -> str:
    """The policy as a file that `load` reads back to an equal policy."""
    lines = []
    for field in fields(Policy):
        lines.append(f"{field.name} = {json.dumps(getattr(policy, field.name), ensure_ascii=False)}")
    return "\n".join(lines) + "\n"
