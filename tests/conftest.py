"""Fixtures that several test modules share."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

from cts_lib.sample import write_sample

settings.register_profile("steady", deadline=None)  # how long an example takes says how busy the machine is
settings.load_profile("steady")

SAMPLE_LINES = 20_000


@pytest.fixture(scope="session")
def small_sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A made-up distributor of two business units and three years: the folder that holds ``params`` and ``data``."""
    folder = tmp_path_factory.mktemp("small_sample")
    write_sample(folder, lines=SAMPLE_LINES, units=2)
    return folder
