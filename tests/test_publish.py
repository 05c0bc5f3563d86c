"""A release that gives something away is refused, whoever protected it; nothing of it is written."""

from __future__ import annotations

import pytest
from attack.services import service, write_cases

from yjdisp import publish, release

PLAN = """
[[tier]]
tables = [
    { unit = "children", dimensions = ["sex"] },
    { unit = "children", dimensions = ["year", "sex"] },
    { unit = "children", dimensions = ["year", "ethnicity"] },
]
"""


def one_quarter_published(tmp_path, seed: int, children: int):
    """The rules, the cases of a service's last quarter, and the release of the quarter before."""
    (tmp_path / "plan.toml").write_text(PLAN, encoding="utf-8")
    made_with, of = publish.rules(plan=tmp_path / "plan.toml"), service(seed, children)
    before, now = (write_cases(tmp_path / f"{quarter}.csv", of.extract(quarter)) for quarter in (10, 11))
    publish.publish(before, tmp_path / "before", made_with=made_with)
    return made_with, now, release.read(tmp_path / "before")


@pytest.mark.parametrize(
    ("seed", "reason"),
    [(1, "its own attack narrows 1 hidden cells"), (35, r"it narrows hidden cells of earlier releases \(2\)")],
)
def test_a_release_whose_protector_forgot_the_one_before_is_refused(tmp_path, monkeypatch, seed, reason):
    made_with, now, before = one_quarter_published(tmp_path, seed, 20)
    protect = publish.protect_plan
    monkeypatch.setattr(publish, "protect_plan", lambda *known, earlier, **how: protect(*known, **how))
    with pytest.raises(publish.Refused, match=reason):
        publish.publish(now, tmp_path / "now", made_with=made_with, previous=[before])
    assert not list(tmp_path.glob("now*"))


def test_the_attack_tells_how_far_it_is_and_can_be_cancelled(tmp_path):
    """Beside an earlier release too, whose hidden cells are attacked last."""

    class Stop(Exception):
        pass

    def heard(share: float, text: str) -> None:
        if text == "Attacking hidden cells":
            shares.append(share)
            if len(shares) == end:
                raise Stop

    made_with, now, before = one_quarter_published(tmp_path, 3, 15)
    shares, end = [], 0
    publish.publish(now, tmp_path / "whole", made_with=made_with, previous=[before], progress=heard)
    assert shares == sorted(shares) and shares[0] >= 0.8 and 0.9 <= shares[-1] < 0.95
    assert len(shares) > 5
    shares, end = [], len(shares) - 1
    with pytest.raises(Stop):
        publish.publish(now, tmp_path / "now", made_with=made_with, previous=[before], progress=heard)
    assert not list(tmp_path.glob("now*"))
