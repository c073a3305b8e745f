"""A file of another kind is refused with the command that takes it, and a summary says why orders did not fill."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import EMA, EXAMPLES, Wick

LITE = EXAMPLES / "pve" / "long_grid_bot.json"
SELL = """from wickwork import strategy, ta, trade
with strategy("Sells what it does not have") as s:
    trade.place(when=s.bars.close > 0, side="sell", order="market", size=trade.quantity(1))
"""


@pytest.mark.parametrize(
    ("args", "remedy"),
    [
        (["graph", "explain", LITE], "`wick graph import FILE --output NEW.json`"),
        (["backtest", LITE], "`wick graph import FILE --output NEW.json`"),
        (["graph", "import", EMA, "--output", "never.json"], "needs no import"),
        (["backtest", EXAMPLES / "config.yaml"], "`wick run FILE` runs it"),
        (["graph", "show", "bars.csv"], "give it with --data"),
        (["run", EXAMPLES / "ema_cross.py"], "`wick backtest FILE`"),
        (["run", EMA], "`wick backtest FILE`"),
        (["run", LITE], "`wick backtest FILE`"),
    ],
)
def test_a_file_of_another_kind(wick: Wick, tmp_path: Path, args: list[object], remedy: str) -> None:
    (tmp_path / "bars.csv").write_text("time,open\n", encoding="utf-8")
    answer = wick(*args)
    assert (answer.code, answer.out) == (2, "")
    assert remedy in answer.err


def test_the_summary_counts_orders_that_the_venue_ended(wick: Wick, tmp_path: Path) -> None:
    file = tmp_path / "sell.py"
    file.write_text(SELL, encoding="utf-8")
    answer = wick("backtest", str(file), "--to", "2021-01-08")
    assert "orders that the venue ended: " in answer.out
    assert "cannot be sold short" in answer.out


@pytest.mark.parametrize("source", ["demo", "store"])
def test_an_instrument_that_nobody_typed_is_explained(wick: Wick, tmp_path: Path, source: str) -> None:
    file = tmp_path / "pepe.py"
    file.write_text(SELL.replace('have")', 'have", instrument="PEPE/USDT")'), encoding="utf-8")
    answer = wick("backtest", file, "--data", source)
    assert answer.code == 2
    assert "was made for PEPE/USDT, and no --instrument is given" in answer.err
    assert "was made for" not in wick("backtest", file, "--data", source, "--instrument", "PEPE/USDT").err


def test_a_word_as_speed_is_answered_with_max(wick: Wick) -> None:
    answer = wick("paper", EMA, "--speed", "fast")
    assert (answer.code, answer.err.endswith("such as 1000, or max.\n")) == (2, True)
