"""A portfolio whose fills a venue reports: the same bits as with its fills simulated."""

from __future__ import annotations

import numpy as np

from tests.engine.slow_venue import fast, slow
from tests.strategies.test_portfolio_gaps import without
from wickwork import Member, demo_bars, portfolio, strategy, ta, trade
from wickwork.engine.window import Universe
from wickwork.graph.parts import lanes_of
from wickwork.graph.program import plan
from wickwork.market.stream import stream
from wickwork.sim.terms import Terms

QUARTER = 15 * 60_000


def test_orders_of_slower_bars_expire_as_simulated_where_bars_are_missing() -> None:
    with strategy("Dips") as dips:
        order = trade.buy(
            when=ta.rsi(dips.bars.close, period=2) < 50,
            size=trade.quantity(0.01),
            limit=dips.bars.close * 0.998,
            good_for=2,
            stop_loss=trade.percent(0.5),
        )
        trade.close(when=ta.order_state(order).age > 4)
    r, bars = np.random.default_rng(3), []
    for name in ("BTC/USDT", "ETH/USDT"):
        one = demo_bars(name, "15m").slice(0, 800)
        bars.append(without(one, r.random(800) < 0.3))
    both = portfolio(Member("a", dips, "BTC/USDT", "1h"), Member("b", dips, "ETH/USDT", "15m"))
    lanes = lanes_of(both.graph, bars)
    universe = Universe(tuple(one.instrument for one in lanes), lanes[0].timeframe)
    program = plan(both.check(), lanes[0].timeframe)
    expected, _ = fast(program, universe, Terms(), stream(lanes))
    found, _, _ = slow(program, universe, Terms(), stream(lanes))
    assert len(expected.tables["fills"]) > 20
    assert len(expected.tables["closed_orders"]) > 40
    assert found.equity == expected.equity
