"""Sweeps of parameters that sub-graphs promote: each combination is its own backtest."""

from __future__ import annotations

from typing import Annotated, Any

import pytest

from wickwork import (
    Member,
    WickworkError,
    backtest,
    demo_bars,
    portfolio,
    strategy,
    subgraph,
    sweep,
    ta,
    trade,
)
from wickwork.graph.types import Between, Series
from wickwork.strategies.load import as_loaded
from wickwork.strategies.strategy import Strategy

BARS = demo_bars("BTC/USDT", "1h").slice(0, 600)


def twice() -> Strategy:
    """A promoted parameter that sets two nodes, in a sub-graph and in one inside of another."""

    @subgraph
    def pair(source: Series, *, period: int = 10, kind: str = "above") -> Any:
        slow = ta.sma(source, period=period, name="slow")
        return ta.crosses_above(ta.ema(source, period=period, name="fast"), slow)

    @subgraph
    def either(source: Series, *, period: Annotated[int, Between(2, 50)] = 12, other: int = 9) -> Any:
        return ta.or_(pair(source, period=period, name="first"), pair(source, period=other, name="second"))

    with strategy("Twice") as s:
        up = ta.or_(pair(s.bars.close, period=7, name="trend"), either(s.bars.close, name="deep"))
        trade.buy(when=up, stop_loss=trade.percent(3), take_profit=trade.percent(4), name="buy")
    return s


@pytest.mark.parametrize(
    "over",
    [
        {"trend.period": [5, 8, 30]},
        {"deep.period": [4, 20], "deep__second__slow.period": [3, 15]},
        {"deep__first.period": [4, 20], "trend.period": [6]},
        {"trend__fast.period": [4, 20], "deep.other": [6, 7], "buy.stop_loss": [2, 4]},
    ],
)
def test_a_sweep_varies_what_sub_graphs_promote(over: dict[str, list[int]]) -> None:
    result = sweep(twice(), BARS, over=over)
    assert result.tried > 1
    for number in range(result.tried):
        one = result.combination(number)
        assert list(one.params) == list(over)
        run = backtest(twice(), BARS, params=one.params)
        assert (one.stats["total_return"], one.stats["trades"]) == (run.stats["total_return"], run.stats["trades"])
    assert len(set(result.columns()["total_return"].tolist())) > 1


def test_a_promoted_parameter_can_be_set_after_its_sub_graph_was_replaced() -> None:
    changed = as_loaded(twice()).with_params({"deep__second__slow.period": 4}).with_params({"trend.period": 33})
    values = changed.check().values
    assert values["trend__slow"]["period"] == values["trend__fast"]["period"] == 33
    assert values["deep__second__slow"]["period"] == 4
    result = sweep(twice(), BARS, over={"trend.period": [5, 33]}, params={"deep__second__slow.period": 4})
    assert result.combination(1).stats["trades"] == backtest(changed, BARS).stats["trades"]


def test_a_sweep_varies_what_a_sub_graph_in_a_portfolio_promotes() -> None:
    joined = portfolio(Member("one", twice(), str(BARS.instrument), str(BARS.timeframe)))
    result = sweep(joined, BARS, over={"one__trend.period": [5, 33]})
    runs = [backtest(joined, BARS, params={"one__trend.period": n}) for n in (5, 33)]
    assert result.columns()["trades"].tolist() == [run.stats["trades"] for run in runs]


@pytest.mark.parametrize(
    ("over", "message"),
    [
        ({"trend.period": [5, 0]}, r"trend__slow.period must be between 1 and 5000, was 0|trend__fast.period must be"),
        ({"deep.period": [5, 51]}, r"deep.period: period must be between 2 and 50, was 51"),
        ({"trend.perod": [5, 6]}, r"trend.perod: the sub-graph has no parameter 'perod'; did you mean 'period'"),
        ({"deep__first.perod": [5, 6]}, r"deep__first.perod: the sub-graph has no parameter 'perod'. Did you mean"),
        (
            {"trend.period": [5, 6], "trend__slow.period": [7, 8]},
            r"trend.period and trend__slow.period both set trend__slow.period; give one of them",
        ),
    ],
)
def test_wrong_promoted_parameters_of_a_sweep_are_sentences(over: dict[str, list[int]], message: str) -> None:
    with pytest.raises(WickworkError, match=message):
        sweep(twice(), BARS, over=over)
