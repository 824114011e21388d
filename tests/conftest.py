"""What every test stands on: one torch thread, and a home of its own, never the repository's."""

import sys
from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def _own_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SEQSCOPE_HOME", str(tmp_path / "home"))


@pytest.fixture(autouse=True)
def _one_torch_thread() -> None:
    if "torch" in sys.modules:  # a test of a page does not pay for the import
        sys.modules["torch"].set_num_threads(1)
