"""Many services at once, in any executor."""

from __future__ import annotations

import sys
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from types import ModuleType

import pytest

from yjdisp import publish, release, sample

PLAN = '[[tier]]\ntables = [{ unit = "children", dimensions = ["year", "sex"] }]\n'


@pytest.fixture(scope="module")
def jobs(tmp_path_factory):
    home = tmp_path_factory.mktemp("services")
    (home / "plan.toml").write_text(PLAN, encoding="utf-8")
    made_with = publish.rules(plan=home / "plan.toml")
    for seed in range(3):
        sample.write(home / f"{seed}.csv", children=10, years=2, seed=seed)
    return [publish.Job(home / f"{seed}.csv", home / f"R{seed}", made_with) for seed in range(3)]


def elsewhere(jobs, folder):
    return [replace(job, out=folder / job.out.name) for job in jobs]


def processes(workers):
    return ProcessPoolExecutor(workers, mp_context=get_context("spawn"))


@pytest.mark.parametrize("executor", [ThreadPoolExecutor, processes])
def test_the_releases_are_the_ones_that_are_made_one_by_one(jobs, tmp_path, executor, monkeypatch):
    monkeypatch.setitem(sys.modules, "__main__", ModuleType("__main__"))  # a page test may have left its page there
    told = []
    wanted = elsewhere(jobs[:2], tmp_path)
    with executor(2) as pool:
        ids = publish.publish_all(wanted, pool, lambda share, name: told.append((share, name)))
    assert [share for share, _ in told] == [0.5, 1.0]
    assert sorted(name for _, name in told) == ["R0", "R1"]
    for job, identity in zip(wanted, ids, strict=True):
        made = release.read(job.out)
        assert made.id == identity
        alone = replace(job, out=tmp_path / f"{job.out.name} alone")
        alone.run()
        assert made.cells.equals(release.read(alone.out).cells)


def test_earlier_releases_are_taken_into_account(jobs, tmp_path):
    first = replace(jobs[0], out=tmp_path / "first")
    first.run()
    again = replace(first, out=tmp_path / "again", previous=(first.out,))
    with ThreadPoolExecutor(1) as pool:
        publish.publish_all([again], pool)
    assert release.read(again.out).cells.equals(release.read(first.out).cells)


def test_a_service_that_fails_does_not_stop_the_others(jobs, tmp_path):
    good, bad, more = elsewhere(jobs, tmp_path)
    with ThreadPoolExecutor(1) as pool, pytest.raises(ExceptionGroup) as caught:
        publish.publish_all([good, replace(bad, area="Nowhere", source=tmp_path / "none.csv"), more], pool)
    assert len(caught.value.exceptions) == 1
    assert sorted(p.name for p in tmp_path.iterdir() if not p.name.endswith(".private")) == ["R0", "R2"]


def test_cancelled_after_the_first(jobs, tmp_path):
    class Stop(Exception):
        pass

    def stop(share, name):
        raise Stop

    with ThreadPoolExecutor(1) as pool, pytest.raises(Stop):
        publish.publish_all(elsewhere(jobs, tmp_path), pool, stop)
    assert (tmp_path / "R0").exists() and not (tmp_path / "R2").exists()
