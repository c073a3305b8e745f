"""Arguments of backtest and sweep that take one series or several."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from wickwork import InputError, Run, Sweep, backtest, demo_bars, strategy, sweep, trade

BARS = demo_bars("BTC/USDT:USDT", "1d").slice(0, 40)
with strategy("long once") as LONG:
    trade.buy(when=LONG.bars.close > 0, size=trade.quantity(0.01), stop_loss=trade.percent(50))


def swept(**given: Any) -> Sweep:
    return sweep(LONG, given.pop("bars", BARS), {"enter_long.stop_loss": [40, 50]}, workers=1, **given)


def run(**given: Any) -> Run:
    return backtest(LONG, given.pop("bars", BARS), **given)


@pytest.mark.parametrize("name", ["bars", "finer", "funding", "mark_prices", "with_bars"])
@pytest.mark.parametrize("wrong", ["bars.csv", ["bars.csv"], pd.DataFrame({"open": [1.0]}), {"BTC/USDT:USDT": BARS}, 5])
@pytest.mark.parametrize("call", [run, swept])
def test_what_is_no_series_is_refused_by_the_name_of_the_argument(call: Any, name: str, wrong: Any) -> None:
    with pytest.raises(InputError, match=rf"^{name}= takes what .*; was given"):
        call(**{name: wrong})


@pytest.mark.parametrize("call", [run, swept])
def test_none_is_no_series(call: Any) -> None:
    call(finer=None, funding=None, mark_prices=None, with_bars=None)


def test_a_context_is_no_folder() -> None:
    with pytest.raises(InputError, match=r"takes a .*, was given .folder."):
        run(context="folder")
