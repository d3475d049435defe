"""Fixtures that several test modules share."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

from cts_lib import errors, jobs
from cts_lib.sample import write_sample

settings.register_profile("steady", deadline=None)  # how long an example takes says how busy the machine is
settings.load_profile("steady")

SAMPLE_LINES = 20_000


@pytest.fixture(autouse=True)
def nothing_hidden_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test starts as a process does: no value of an environment variable is hidden before it was read."""
    monkeypatch.setattr(errors, "_hidden", {})


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """Return a folder that the first worker makes and all others wait for; nobody writes into it afterwards."""
    base = factory.getbasetemp()
    common = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder = common / f"made_{name}"
    with (common / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            own = factory.mktemp(name)
            make(own)
            own.rename(folder)
    return folder


@pytest.fixture(scope="session")
def small_sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A made-up distributor of two business units and three years: the folder that holds ``params`` and ``data``."""
    return made_once(tmp_path_factory, "small_sample", lambda folder: write_sample(folder, lines=SAMPLE_LINES, units=2))


@pytest.fixture(scope="session")
def one_unit(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A made-up business unit with its profile and segments of 2026-Q3 stored in ``reports``."""

    def make(folder: Path) -> None:
        write_sample(folder, 40_000, 1)
        stages = ("profile", "segment")
        order = jobs.Order(folder / "params", folder / "reports", periods=["2026-Q3"], stages=stages)
        assert jobs.work(order, report=False) == 0

    return made_once(tmp_path_factory, "one_unit", make)


@pytest.fixture(scope="session")
def planned_unit(tmp_path_factory: pytest.TempPathFactory, one_unit: Path) -> Path:
    """The made-up business unit with its strategy stored too."""

    def make(folder: Path) -> None:
        shutil.copytree(one_unit, folder, dirs_exist_ok=True)
        order = jobs.Order(folder / "params", folder / "reports", periods=["2026-Q3"], stages=("strategy",))
        assert jobs.work(order, report=False) == 0

    return made_once(tmp_path_factory, "planned_unit", make)
