"""The pages for those who come from another system: every block of code runs and prints what the page shows."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.test_guide import folder as folder
from tests.test_guide import run_blocks
from wickwork.compat.system_v4 import IndicatorRegistry

DOCS = Path(__file__).parents[1] / "docs"


def test_the_page_for_users_of_valvulin(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("plotly")
    assert run_blocks(DOCS / "coming-from-valvulin.md", folder, capsys) == 6
    assert (folder / "plots_output" / "backtest_btcusdt.html").exists()


def test_the_page_for_users_of_system_v4(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("pandas")
    monkeypatch.setenv("WICKWORK_KLINES", "")
    monkeypatch.setattr(IndicatorRegistry, "_indicators", dict(IndicatorRegistry._indicators))
    assert run_blocks(DOCS / "coming-from-system-v4.md", folder, capsys) == 7


def test_the_page_for_users_of_tradingview(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_blocks(DOCS / "coming-from-tradingview.md", folder, capsys) == 1
