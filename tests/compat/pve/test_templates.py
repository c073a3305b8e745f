"""PVE's templates run: their decisions are those of their description, and exports run to the same trades."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.compat.pve.lite import FREE, ORACLES, refuse_others, values
from tests.compat.pve.long_grid import long_grid
from tests.compat.pve.trend_long import Decision, decisions, trend_long
from wickwork import Bars, backtest, demo_bars, load_bars, parse_instrument
from wickwork.compat.pve import export_litegraph, import_litegraph
from wickwork.graph.check import check
from wickwork.graph.document import from_text, to_text
from wickwork.market.resample import resample
from wickwork.nodes import builtin
from wickwork.strategies.sentences.explain import explained

REAL = ORACLES / "litegraph"
DATA = ORACLES.parent / "data" / "binance_perp" / "1m" / "XRPUSDT_2025_01_27.parquet"
EXAMPLE = Path(__file__).parents[3] / "examples" / "pve" / "long_grid_bot.json"


@cache
def market(timeframe: str) -> Bars:
    """Real bars of XRP where they are beside the checkout, else of the demo market."""
    if not DATA.exists():
        bars = demo_bars("SOL/USDT:USDT", "15m", 1_704_067_200_000, 1_704_067_200_000 + 4000 * 900_000)
        return replace(bars, instrument=parse_instrument("SOL/USDT:USDT"))  # without a tick and a lot
    bars = load_bars(DATA, instrument="XRP/USDT:USDT", timeframe="1m")
    return resample(bars.slice(0, 15_000), timeframe)


def template(name: str) -> Callable[[], Any]:
    def read() -> Any:
        if not (REAL / name).exists():
            pytest.skip("the real file is not beside the checkout")
        return json.loads((REAL / name).read_text())

    read.__name__ = name.removesuffix(".json")
    return read


FILES = [template("Trend_Long_Simple.json"), template("Short_Grid_Bot.json"), long_grid, trend_long]


def test_the_sentences_of_an_import_write_a_repeated_condition_once() -> None:
    text = str(explained(check(import_litegraph(long_grid()).graph, builtin())))
    assert text.count("one of the orders of *n57 create order* fills") == 1
    assert "*n69 get order executed* is true" in text
    for clause in re.findall(r"([^,(]+) equals ([^,.)]+)", text):
        assert clause[0].strip() != clause[1].strip()
    assert len(text) < 2100


@pytest.mark.parametrize("read", FILES, ids=lambda read: read.__name__)
def test_a_template_runs_and_its_export_runs_to_the_same_trades(read: Callable[[], Any]) -> None:
    found = import_litegraph(read())
    assert not found.report.placeholders
    refuse_others(found)
    bars = market(found.graph.suggested_run["timeframe"])
    run = backtest(from_text(to_text(found.graph)), bars, capital=10_000.0)
    assert len(run.trades) >= 3
    again = import_litegraph(json.loads(export_litegraph(found.graph).text())).graph
    assert again.hash() == found.graph.hash()
    assert backtest(again, bars, capital=10_000.0).trades.equals(run.trades)


@pytest.mark.parametrize("read", [FILES[0], trend_long], ids=lambda read: read.__name__)
def test_the_decisions_of_trend_long_are_those_of_its_description(read: Callable[[], Any]) -> None:
    """Every order over the whole run; and, around the first entry, fifty bars with what was decided on each."""
    bars = market("3m")
    wanted = decisions(bars)
    entries = [one.bar for one in wanted if one.kind == "market"]
    assert len(entries) >= 3
    found = import_litegraph(read())
    run = backtest(found.graph, bars, **FREE)
    bar_of = {int(moment): bar for bar, moment in enumerate(bars.opened_at)}
    orders = [
        Decision(bar_of[int(row["placed_at"].timestamp() * 1000)], row["kind"], row["quantity"],
                 row["limit"] if row["kind"] == "limit" else row["stop"] if row["kind"] == "stop" else 0.0)
        for row in run.orders.to_dict("records")
    ]  # fmt: skip
    placed = [one for one in wanted if one.kind != "cancel all"]
    assert [(one.bar, one.kind) for one in orders] == [(one.bar, one.kind) for one in placed]
    for mine, other in zip(orders, placed, strict=True):
        assert (mine.quantity, mine.price) == pytest.approx((other.quantity, other.price), rel=1e-9)

    first = entries[0] - 20
    names = {}
    for wire in found.graph.wires:
        kind = found.graph.nodes[wire.target].type
        names |= {kind: f"{wire.source}.{wire.source_port}"} if wire.target_port == "when" else {}
    enter, cancel = (values(found.graph, names[kind], bars) for kind in ("place_order", "cancel_orders"))
    for bar in range(first, first + 50):
        assert (enter[bar] == 1.0) == any(one.bar == bar and one.kind == "market" for one in wanted), bar
        assert (cancel[bar] == 1.0) == any(one.bar == bar and one.kind == "cancel all" for one in wanted), bar


def test_the_example_is_the_long_grid_of_the_tests() -> None:
    assert json.loads(EXAMPLE.read_text(encoding="utf-8")) == long_grid()
