"""Random strategies at several timeframes on one account: each computes and trades as it does alone."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.promises.random_graphs import random_validated_graph
from tests.strategies.test_portfolio_gaps import appears, without
from wickwork import Bars, Member, backtest, demo_bars, portfolio
from wickwork.graph.check import check
from wickwork.graph.document import Graph
from wickwork.graph.program import instruments_read, plan
from wickwork.market.resample import resample
from wickwork.model.errors import InputError
from wickwork.model.timeframe import parse_timeframe
from wickwork.nodes import builtin

pytest.importorskip("pandas")
NAMES = ("BTC/USDT", "ETH/USDT")
TIMEFRAMES = {"15m": 1, "30m": 2, "1h": 4, "2h": 8}
"""How many quarters of an hour each has."""
BTC, ETH = (demo_bars(name, "15m").slice(0, 1_500) for name in NAMES)
HOUR = 3_600_000


def members(r: random.Random, instruments: list[str], quarters: int = 8) -> Iterator[Member]:
    """Some whose sizes do not depend on the account, and which read nothing of it; their bars have that many quarters.

    Orders that may work for a limited number of bars do.
    """
    nodes = builtin()
    for name in "abc":
        timeframe = r.choice([one for one, length in TIMEFRAMES.items() if length <= quarters])
        graph = random_validated_graph(r, 8, 3).graph
        params: dict[str, object] = {}
        for n, entry in graph.nodes.items():
            if "size_as" in entry.params:
                params[f"{n}.size_as"] = "quantity"
            if any(p.name == "good_for" for p in nodes[entry.type].parameters):
                params[f"{n}.good_for"] = r.randrange(4)
        graph = graph.with_params(params)
        if not _depends_on_the_account(graph, timeframe):
            yield Member(name, graph, r.choice([[one] for one in instruments] + [instruments]), timeframe)


def _depends_on_the_account(graph: Graph, timeframe: str) -> bool:
    validated = check(graph, builtin())
    numbers = any(wire.source_port == "number" for wire in graph.wires)  # of orders: they count those of all
    types = {entry.type for entry in graph.nodes.values()}
    try:
        reads = plan(validated, parse_timeframe(timeframe)).reads_account
    except InputError:  # a node of a timeframe that is no longer than that
        return True
    return reads or numbers or bool(types & {"rebalance", "column"} or instruments_read(validated))


def alone(member: Member, bars: list[Bars]) -> Any:
    """The run of one member on its own bars, with those of the portfolio's run inside them."""
    own = [one for one in bars if str(one.instrument) in member.instruments]
    finer = [] if member.timeframe == "15m" else own
    return backtest(member.strategy, [resample(one, member.timeframe) for one in own], finer=finer, capital=1e12)


@pytest.mark.parametrize("begin", range(0, 60, 20))
def test_each_trades_as_it_does_alone(begin: int) -> None:
    """Whole slower bars are missing, and all but the last bar inside of some; the run may begin inside of one.

    A slower bar of which one bar is there is matched on that one, alone and in the portfolio. With more of them it
    would be the whole slower bar alone (docs/matching.md, section 12).
    """
    fills = 0
    for seed in range(begin, begin + 20):
        r = random.Random(f"mixed {seed}")
        first = int(BTC.opened_at[0]) // HOUR // 2
        gone = [np.isin(one.opened_at // HOUR // 2 - first, r.sample(range(3, 180), 20)) for one in (BTC, ETH)]
        quarters = r.choice((2, 4, 8))
        gone = [g | _all_but_the_last(r, one, quarters) for one, g in zip((BTC, ETH), gone, strict=True)]
        bars = [without(one, g).slice(r.randrange(9), 1_500) for one, g in zip((BTC, ETH), gone, strict=True)]
        chosen = list(members(r, list(NAMES), quarters))
        if not chosen:
            continue
        together, lane = backtest(portfolio(*chosen), bars, capital=1e12).history.fills, 0
        for member in chosen:
            expected = alone(member, bars).history.fills
            for own in range(len(member.instruments)):
                mine, his = together[together["lane"] == lane], expected[expected["lane"] == own]
                for name in ("side", "quantity", "price", "position", "kind"):
                    # The last slower bar may be incomplete, and then is no bar of the run alone.
                    np.testing.assert_array_equal(mine[name][: len(his)], his[name], f"{seed}: {name} of {member.name}")
                lane, fills = lane + 1, fills + len(his)
    assert fills > 20


def test_each_computes_what_it_does_alone_where_slower_bars_appear_late() -> None:
    late = 0
    for seed in range(30):
        r = random.Random(f"late {seed}")
        bars = without(BTC, _last_of_hours(r))
        for member in members(r, [NAMES[0]]):
            if member.timeframe not in ("1h", "2h"):
                continue
            run, own = backtest(portfolio(member), bars), resample(bars, member.timeframe)
            expected, rows = backtest(member.strategy, own), appears(bars, own)
            late += int((bars.opened_at[rows] >= own.opened_at + own.timeframe.milliseconds).sum())
            names = expected.history.program.names
            for name, column in names.items():
                if not column.dynamic and column.index >= 0:
                    found = run.columns[f"{member.name}__{name}"][rows]
                    np.testing.assert_array_equal(found, expected.columns[name], f"{seed}: {name} of {member.name}")
    assert late > 500


def _all_but_the_last(r: random.Random, bars: Bars, quarters: int) -> NDArray[np.bool_]:
    """The bars of some slower bars of that many quarters, without the last one of each."""
    quarter = bars.opened_at // (HOUR // 4)
    slower = quarter // quarters
    some = r.sample(range(int(slower[0]) + 3, int(slower[-1])), len(np.unique(slower)) // 5)
    return (quarter % quarters != quarters - 1) & np.isin(slower, some)


def _last_of_hours(r: random.Random) -> NDArray[np.bool_]:
    """The last quarters of some hours."""
    quarter = BTC.opened_at // (HOUR // 4)
    first = int(quarter[0]) // 4
    return (quarter % 4 == 3) & np.isin(quarter // 4, r.sample(range(first + 3, first + 370), 80))
