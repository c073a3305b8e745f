"""The oscillators over windows: agreement with TA-Lib, and cases that random markets do not show."""

from __future__ import annotations

from typing import Any

import harness
import numpy as np
import pytest
import talib
from harness import Column, Market, market, walk

from wickwork.graph.signature import Value
from wickwork.nodes import builtin

FLAT = market("flat", np.full(80, 0.1), wick=0.0)


def outputs(name: str, where: Market, **values: Value) -> tuple[Column, ...]:
    return harness.run(builtin()[name], where.columns(builtin()[name]), values)


def bars(rows: list[tuple[float, ...]]) -> Market:
    """A market of (open, high, low, close, volume)."""
    columns = [np.array(c, dtype=np.float64) for c in zip(*rows, strict=True)]
    return Market("given", *columns, np.arange(len(rows), dtype=np.int64) * 60_000, 1)


def answers(w: Market, n: int) -> dict[str, tuple[dict[str, Value], Any]]:
    """By node: settings, and what TA-Lib gives. Its flat windows differ, so that this market has none."""
    h, lo, c, v = w.high, w.low, w.close, w.volume
    return {
        "cci": ({"period": n}, talib.CCI(h, lo, c, n)),
        "williams_r": ({"period": n}, talib.WILLR(h, lo, c, n)),
        "stochastic_rsi": (
            {"rsi_period": 14, "k_period": n, "smooth": 1, "d_period": 3},
            talib.STOCHRSI(c, 14, n, 3, 0),
        ),
        "mfi": ({"period": n}, talib.MFI(h, lo, c, v * 100.0, n)),
        "cmo": ({"period": n}, talib.CMOU(c, n)),
    }


@pytest.mark.parametrize("n", [5, 14, 20])
@pytest.mark.parametrize("seed", [8, 9])
def test_nodes_agree_with_talib(n: int, seed: int) -> None:
    where = market("walk", walk(2000, seed, start=6e4 if seed == 9 else 100.0), seed)
    for name, (values, theirs) in answers(where, n).items():
        for mine, b in zip(outputs(name, where, **values), np.atleast_2d(theirs), strict=False):
            np.testing.assert_allclose(mine, b, rtol=1e-7, atol=1e-7, err_msg=name)


@pytest.mark.parametrize(
    ("name", "neutral"), [("cci", 0.0), ("williams_r", -50.0), ("stochastic_rsi", 50.0), ("mfi", 50.0), ("cmo", 0.0)]
)
def test_a_flat_market_has_the_neutral_value(name: str, neutral: float) -> None:
    rest = np.concatenate([walk(60, step=0.5), np.full(200, 0.1)])
    for where in (FLAT, market("rest", rest, wick=0.0)):
        for column in outputs(name, where):
            assert set(column[-40:]) == {neutral}


def test_cci_of_a_worked_example() -> None:
    """Typical prices 1, 2, 6: mean 3, mean deviation 2, so (6 − 3) / (0.015 × 2)."""
    (mine,) = outputs("cci", bars([(p, p, p, p, 1.0) for p in (1.0, 2.0, 6.0)]), period=3)
    assert np.isnan(mine[:2]).all()
    assert mine[2] == pytest.approx(100.0)


def test_mfi_counts_small_turnover() -> None:
    """TA-Lib gives 0 where the turnover of the window is below 1; prices of small coins are below that."""
    where = market("walk", walk(300, 3), 3)
    small = market("walk", walk(300, 3) * 1e-9, 3)
    np.testing.assert_allclose(outputs("mfi", where)[0], outputs("mfi", small)[0], rtol=1e-6)


def test_extremes_of_the_ranges_are_reached() -> None:
    rising = bars([(p, p, p, p, 1.0) for p in np.arange(1.0, 60.0)])
    falling = bars([(p, p, p, p, 1.0) for p in np.arange(60.0, 1.0, -1.0)])
    for name, top, bottom in (("williams_r", 0.0, -100.0), ("mfi", 100.0, 0.0), ("cmo", 100.0, -100.0)):
        assert outputs(name, rising)[0][-1] == top
        assert outputs(name, falling)[0][-1] == bottom


def test_zero_has_no_sign() -> None:
    """A close at the high, and a price at its mean, are 0 and not −0."""
    rising = bars([(p, p, p, p, 1.0) for p in np.arange(1.0, 60.0)])
    assert str(float(outputs("williams_r", rising)[0][-1])) == "0.0"
    level = bars([(p, p, p, p, 1.0) for p in (1.0, 3.0, 2.0)])
    assert str(float(outputs("cci", level, period=3)[0][-1])) == "0.0"
