"""The figures of a sweep are the metrics of a run, also where accounts come to nothing or only grow."""

from __future__ import annotations

import numpy as np

from wickwork import Bars, Strategy, Terms, backtest, parse_instrument, parse_timeframe, strategy, sweep, ta, trade
from wickwork.research.figures import imprecise

START, HOUR = 1_609_459_200_000, 3_600_000
EXACT = ("total_return", "max_drawdown", "win_rate", "trades")


def bars_of(close: np.ndarray, instrument: str = "BTC/USDT:USDT") -> Bars:
    """Bars that open where they close, so that every change is a gap."""
    times = START + HOUR * np.arange(len(close))
    volume = np.ones(len(close))
    frame = parse_timeframe("1h")
    return Bars.of(parse_instrument(instrument), frame, times, close, close, close, close, volume)


def holding() -> Strategy:
    """Buys on the bar at which the close rises over a number, and leaves over another one."""
    with strategy("holding") as s:
        close = s.bars.close
        trade.buy(when=ta.crosses_above(close, 100.5), size=trade.percent_of_equity(50), name="buy")
        trade.close(when=ta.crosses_above(close, ta.number(value=1e9, name="end")), name="sell")
    return s


def compare(bars: Bars, over: dict[str, list[float]], terms: Terms) -> tuple[int, list[float | None]]:
    """How many combinations were imprecise, and their Sharpe ratios."""
    found = sweep(holding(), bars, over, terms=terms)
    ratios = []
    for i in range(found.tried):
        wanted, got = backtest(holding(), bars, params=found.space.params(i), terms=terms).stats, found.combination(i)
        assert {name: got.stats[name] for name in EXACT} == {name: wanted[name] for name in EXACT}
        assert got.stats["sharpe"] == wanted["sharpe"]
        ratios.append(wanted["sharpe"])
    return len(imprecise(found.account)), ratios


def test_accounts_that_are_used_up() -> None:
    """Funding of a tenth of the position every eight hours uses its margin up, which may be the account."""
    close = np.concatenate((np.full(500, 100.0), np.linspace(101.0, 102.0, 300)))
    _, ratios = compare(bars_of(close), {"buy.size": [1.0, 2.0, 50.0, 100.0]}, Terms(funding_rate=0.1))
    assert [ratio is None for ratio in ratios] == [False, False, False, True]


def test_steady_growth_where_rounding_would_show() -> None:
    """Every bar gains the same, so the deviation is next to nothing of Σr²."""
    close = 100.0 * 1.0002 ** np.arange(2000)
    count, ratios = compare(bars_of(close, "BTC/USDT"), {"buy.size": [50.0, 100.0], "end.value": [120.0, 1e9]}, Terms())
    assert count > 0
    assert all(ratio is not None for ratio in ratios)


def test_bars_with_holes_are_annualised_as_in_a_run() -> None:
    rng = np.random.default_rng(7)
    whole = bars_of(101.0 * np.cumprod(1.0 + rng.normal(0.0002, 0.01, 4000)), "BTC/USDT")
    for kept in (np.arange(4000) % 4 == 0, rng.random(4000) < 0.5, abs(np.arange(4000) - 2000) > 500):
        close = np.concatenate(([100.0, 102.0], whole.close[kept][2:]))
        sparse = Bars.of(whole.instrument, whole.timeframe, whole.opened_at[kept], *([close] * 4), whole.volume[kept])
        _, ratios = compare(sparse, {"buy.size": [50.0, 100.0]}, Terms())
        assert all(ratio is not None for ratio in ratios)


def test_too_little_to_say() -> None:
    flat, few = np.full(1000, 100.0), np.linspace(100.0, 110.0, 200)
    for close in (flat, few):
        _, ratios = compare(bars_of(close, "BTC/USDT"), {"buy.size": [50.0, 100.0]}, Terms())
        assert ratios == [None, None]
