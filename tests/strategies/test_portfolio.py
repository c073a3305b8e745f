"""Several strategies on one account: each trades as it would alone, on its own bars and with its own positions."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from tests.promises.random_graphs import random_validated_graph
from wickwork import (
    Bars,
    FrameStrategy,
    InputError,
    Member,
    Strategy,
    backtest,
    demo_bars,
    portfolio,
    strategy,
    ta,
    trade,
)
from wickwork.graph.check import GraphFaults, check
from wickwork.graph.document import Graph, Part, WireEntry, from_data, from_text, to_text
from wickwork.graph.parts import part_graphs
from wickwork.graph.program import plan
from wickwork.market.resample import resample
from wickwork.model.timeframe import parse_timeframe
from wickwork.nodes import builtin

pd = pytest.importorskip("pandas")
BTC, ETH = (demo_bars(name, "15m").slice(0, 6_000) for name in ("BTC/USDT", "ETH/USDT"))
FIGURES = ["opened_at", "closed_at", "quantity", "entry", "exit", "gain", "fees"]


def trend() -> Strategy:
    with strategy("Trend") as s:
        close = s.bars.close
        fast, slow = ta.ema(close, period=12), ta.ema(close, period=26)
        calm = close > ta.ema(s.bars("4h").close, period=5)
        trade.buy(when=ta.crosses_above(fast, slow) & calm, size=trade.quantity(0.1), stop_loss=trade.percent(2))
        trade.close(when=ta.crosses_below(fast, slow))
    return s


def dip() -> Strategy:
    with strategy("Dip") as s:
        rsi = ta.rsi(s.bars.close)
        trade.buy(when=rsi < 30, size=trade.quantity(0.2), limit=s.bars.close * 0.999, good_for=3)
        trade.close(when=(rsi > 60) & (ta.bars_held() > 3))
    return s


def grid() -> Strategy:
    with strategy("Grid") as s:
        up = ta.crosses_above(ta.rsi(s.bars.close), 50.0)
        trade.grid(when=up, levels=4, spacing=trade.percent(0.15), size=trade.quantity(0.01))
    return s


class Breakout(FrameStrategy):
    warmup = 21
    window = 60
    size = trade.quantity(0.3)

    def __init__(self, highest: int = 20) -> None:
        self.highest = highest

    def generate_signals(self, df: Any) -> Any:
        up = df.close > df.close.shift(1).rolling(self.highest).max()
        down = df.close < df.close.shift(1).rolling(10).min()
        df["signal"] = up.astype(int) - down.astype(int)
        return df


def trades_of(run: Any, name: str = "") -> list[list[Any]]:
    """The closed trades of a run, or of one of its strategies, in order of instrument and time."""
    table = run.trades[~run.trades.open]
    table = table[table.strategy == name] if name else table
    return table.sort_values(["instrument", "opened_at"])[FIGURES].to_numpy().tolist()  # type: ignore[no-any-return]


def slower(bars: Bars, timeframe: str) -> Bars:
    return resample(bars, timeframe)


@pytest.mark.parametrize("timeframe", ["15m", "1h", "4h"])
@pytest.mark.parametrize("made", [trend, dip, grid, Breakout])
def test_each_trades_as_it_does_alone(made: Any, timeframe: str) -> None:
    """Alone on slower bars, with the bars of the run inside them; sizes do not depend on the account."""
    if made is trend and timeframe == "4h":
        timeframe = "2h"  # its own slower timeframe is 4h
    other = Member("other", dip(), "ETH/USDT", "15m")
    both = portfolio(Member("one", made(), ["BTC/USDT", "ETH/USDT"], timeframe), other)
    together = backtest(both, [BTC, ETH], capital=1e6)
    finer = [] if timeframe == "15m" else [BTC, ETH]
    alone = backtest(made(), [slower(BTC, timeframe), slower(ETH, timeframe)], finer=finer, capital=1e6)
    shared = [name for name in FIGURES if not name.endswith("_at")]
    assert len(trades_of(alone)) > (0 if timeframe == "4h" else 4)
    found, expected = trades_of(together, "one"), trades_of(alone)
    pick = [FIGURES.index(name) for name in shared]
    # The times of a slower bar are those of the bars of the run inside it.
    assert [[row[i] for i in pick] for row in found][: len(expected)] == [[row[i] for i in pick] for row in expected]
    assert trades_of(together, "other") == trades_of(backtest(dip(), [ETH], capital=1e6))


def test_the_account_holds_the_sum() -> None:
    both = portfolio(Member("a", trend(), "BTC/USDT", "1h"), Member("b", dip(), "BTC/USDT", "15m"))
    run = backtest(both, BTC, capital=1e6)
    parts = [backtest(trend(), slower(BTC, "1h"), finer=BTC, capital=1e6), backtest(dip(), BTC, capital=1e6)]
    assert sum(float(p.history.account["fees"]) for p in parts) == pytest.approx(float(run.history.account["fees"]))
    gains = sum(float(p.equity.iloc[-1]) - 1e6 for p in parts)
    assert float(run.equity.iloc[-1]) - 1e6 == pytest.approx(gains)
    held = run.history.fills
    assert {int(lane) for lane in held["lane"]} == {0, 1}
    assert set(run.trades.strategy) == set(run.orders.strategy) == set(run.fills.strategy) == {"a", "b"}


def test_a_close_closes_its_own_position_alone() -> None:
    """Both hold the instrument; the one that closes leaves the other's position as it is."""
    with strategy("Holds") as holds:
        trade.buy(when=holds.bars.close > 0, size=trade.quantity(0.5))
    with strategy("Turns") as turns:
        up = ta.crosses_above(ta.ema(turns.bars.close, period=5), ta.ema(turns.bars.close, period=20))
        trade.buy(when=up, size=trade.quantity(0.25))
        trade.close(when=ta.bars_held() >= 4)
    run = both_hourly(holds, turns)
    table = run.trades
    assert table[table.strategy == "first"].open.tolist() == [True]
    assert len(table[table.strategy == "second"]) > 10
    assert set(table[table.strategy == "second"].quantity) == {0.25}


def test_exits_of_all_come_before_entries_of_all() -> None:
    """On one bar the orders of exits have lower numbers; each kind is in the order of the strategies."""
    with strategy("Enters") as enters:
        trade.buy(when=at_hour(7), size=trade.quantity(0.1))
        trade.close(when=at_hour(3))
    with strategy("Leaves") as leaves:
        trade.buy(when=at_hour(3), size=trade.quantity(0.1))
        trade.close(when=at_hour(7))
    run = backtest(
        portfolio(Member("a", enters, "BTC/USDT", "1h"), Member("b", leaves, "BTC/USDT", "1h")), slower(BTC, "1h")
    )
    orders = run.orders
    seen = 0
    for _, bar in orders.groupby("created_at"):
        exits = bar[bar.node.str.contains("close")].order
        entries = bar[bar.node.str.contains("enter")].order
        if len(exits) and len(entries):
            assert exits.max() < entries.min()
            seen += 1
    assert seen > 20


def at_hour(rest: int) -> Any:
    """True on every eighth hour."""
    return ta.equal(ta.remainder(ta.hour(), 8.0), float(rest))


def both_hourly(first: Strategy, second: Strategy) -> Any:
    members = [Member(name, one, "BTC/USDT", "1h") for name, one in (("first", first), ("second", second))]
    return backtest(portfolio(*members), slower(BTC, "1h"), capital=1e6)


def test_of_random_strategies_each_trades_as_it_does_alone() -> None:
    """On instruments of their own, and with sizes that do not depend on the account."""
    busy = 0
    hour = parse_timeframe("1h")
    bars = [slower(BTC, "1h").slice(0, 300), slower(ETH, "1h").slice(0, 300)]
    for seed in range(150):
        r = random.Random(f"portfolio {seed}")
        graphs = [_of_fixed_size(random_validated_graph(r, 8, 3).graph) for _ in bars]
        programs = [plan(check(graph, builtin()), hour) for graph in graphs]
        of_equity = any(entry.type == "rebalance" for graph in graphs for entry in graph.nodes.values())
        by_number = any(wire.source_port == "number" for graph in graphs for wire in graph.wires)  # of all orders
        if of_equity or by_number or any(one.reads_account or one.external for one in programs):
            continue
        members = [Member(n, g, str(b.instrument), "1h") for n, g, b in zip("ab", graphs, bars, strict=True)]
        together = backtest(portfolio(*members), bars, capital=1e7)
        for lane, (graph, one) in enumerate(zip(graphs, bars, strict=True)):
            alone = backtest(graph, one, capital=1e7)
            mine = together.history.fills[together.history.fills["lane"] == lane]
            for name in ("bar", "side", "quantity", "price", "position"):
                assert np.array_equal(mine[name], alone.history.fills[name]), f"{seed}: {name} of {lane}"
            busy += len(mine) > 0
    assert busy > 4


def _of_fixed_size(graph: Graph) -> Graph:
    sized = [n for n, e in graph.nodes.items() if any(p.name == "size_as" for p in builtin()[e.type].parameters)]
    return graph.with_params({f"{name}.size_as": "quantity" for name in sized})


def test_a_strategy_compares_its_own_instruments_alone() -> None:
    """Beside one whose conditions all depend on the position, so that nothing of it is computed from bars alone."""
    with strategy("First of two") as first:
        trade.buy(when=ta.rank(ta.roc(first.bars.close, period=20)) < 1.5, size=trade.quantity(0.1))
        trade.close(when=ta.rank(ta.roc(first.bars.close, period=20)) > 1.5)
    with strategy("Turns") as turns:
        trade.buy(when=ta.equal(ta.position_quantity(), 0.0), size=trade.quantity(0.1))
        trade.close(when=ta.bars_held() > 5)
    members = [Member("a", first, ["BTC/USDT", "ETH/USDT"], "15m"), Member("b", turns, ["ETH/USDT", "BTC/USDT"], "15m")]
    alone = trades_of(backtest(first, [BTC, ETH], capital=1e6))
    assert len(alone) > 20
    for order in (members, members[::-1]):
        assert trades_of(backtest(portfolio(*order), [BTC, ETH], capital=1e6), "a") == alone


def test_a_portfolio_is_a_document() -> None:
    both = portfolio(Member("a", trend(), ["BTC/USDT"], "1h"), Member("b", dip(), ["ETH/USDT"], "15m"), name="Both")
    read = from_text(to_text(both.graph))
    assert read == both.graph
    assert read.hash() == both.graph.hash() != both.check().graph.with_params({"a__ema.period": 13}).hash()
    assert part_graphs(read)["b"].hash() == dip().graph.hash()
    assert trades_of(backtest(read, [BTC, ETH])) == trades_of(backtest(both, [BTC, ETH]))


def test_parameters_of_its_strategies_change() -> None:
    both = portfolio(Member("a", trend(), "BTC/USDT", "1h"), Member("b", Breakout, "ETH/USDT", "1h", {"highest": 30}))
    changed = both.with_params({"a__ema.period": 9, "b.highest": 10})
    assert changed.graph.nodes["a__ema"].params["period"] == 9
    assert len(trades_of(backtest(changed, [BTC, ETH]), "b")) > len(trades_of(backtest(both, [BTC, ETH]), "b")) > 0


@pytest.mark.parametrize(
    ("members", "bars", "sentence"),
    [
        ([], [BTC], "at least one"),
        ([Member("a", trend(), "SOL/USDT", "1h")], [BTC], "trades SOL/USDT, but there are bars of BTC/USDT"),
        ([Member("a", trend(), "BTC/USDT", "1h")] * 2, [BTC], "Two parts are called 'a'"),
        ([Member("a__b", trend(), "BTC/USDT", "1h")], [BTC], "two underlines"),
        ([Member("a b", trend(), "BTC/USDT", "1h")], [BTC], "cannot name a node"),
        ([Member("a", trend(), [], "1h")], [BTC], "trades no instrument"),
        ([Member("a", trend(), ["BTC/USDT", "BTC/USDT"], "1h")], [BTC], "twice"),
        ([Member("a", trend(), "BTC/USDT", "10m")], [BTC], "do not make up"),
        ([Member("a", dip(), "BTC/USDT", "1w")], [resample(BTC, "28h")], "do not make up"),
        ([Member("a", trend(), "BTC/USDT", "soon")], [BTC], "not a timeframe"),
        (
            [Member("a", portfolio(Member("b", trend(), "BTC/USDT", "1h")), "BTC/USDT", "1h")],
            [BTC],
            "is a portfolio itself",
        ),
        (["trend"], [BTC], "takes members"),
    ],
)
def test_what_cannot_be_joined_is_refused(members: Sequence[Any], bars: list[Bars], sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        backtest(portfolio(*members), bars)


def test_faults_of_a_document_are_sentences() -> None:
    both = portfolio(Member("a", trend(), "BTC/USDT", "1h"), Member("b", dip(), "BTC/USDT", "1h")).graph
    crossed = Graph(both.nodes, (*both.wires, WireEntry("a__rsi", "value", "b__greater", "a")), parts=both.parts)
    stray = Graph({**both.nodes, "x": both.nodes["a__bars"]}, both.wires, parts=both.parts)
    for graph, sentence in ((crossed, "from one part to another"), (stray, "belongs to no part")):
        with pytest.raises(GraphFaults, match=sentence):
            check(graph, builtin())
    for parts in (3, [3], [{"name": "a"}], [{"name": 1, "timeframe": "1h", "instruments": []}]):
        with pytest.raises(InputError):
            from_data({"nodes": {}, "parts": parts})
    assert both.parts[0] == Part("a", "1h", ("BTC/USDT",))
