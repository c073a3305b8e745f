"""The differences between the start of a run and the one that its journal began, in words."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.engine.test_live import EXAMPLES, paper
from wickwork import Terms
from wickwork.engine.differences import Changed, changes, listed
from wickwork.engine.journal_entries import Start
from wickwork.graph.check import ValidatedGraph
from wickwork.model.instrument import Instrument, Rules
from wickwork.model.timeframe import parse_timeframe
from wickwork.strategies.load import load_strategy


@pytest.fixture
def start(tmp_path: Path) -> Start:
    return paper(tmp_path).start


@pytest.fixture(scope="module")
def validated() -> ValidatedGraph:
    return load_strategy(EXAMPLES / "ema_cross.py").check()


def universe(start: Start, **changed: Any) -> dict[str, Any]:
    return {"universe": replace(start.universe, **changed)}


def texts(then: Start, now: Start, validated: ValidatedGraph) -> list[tuple[str, bool]]:
    return [(one.text, one.fatal) for one in changes(then, now, validated)]


def test_a_start_does_not_differ_from_itself(start: Start, validated: ValidatedGraph) -> None:
    assert changes(start, replace(start), validated) == []


def test_code_is_not_compared(start: Start, validated: ValidatedGraph) -> None:
    now = replace(start, engine="another", nodes={"mine": "0"}, files=("mine.py",))
    assert changes(start, now, validated) == []


OTHER_NODES = ("with other nodes or wires in the strategy", True)


def test_wires_alone_make_another_strategy(start: Start, validated: ValidatedGraph) -> None:
    graph = replace(start.graph, wires=start.graph.wires[1:])
    assert texts(start, replace(start, graph=graph), validated) == [OTHER_NODES]


def test_an_interface_alone_makes_another_strategy(start: Start, validated: ValidatedGraph) -> None:
    graph = replace(start.graph, interface={"parameters": ["fast.period"]})
    assert texts(start, replace(start, graph=graph), validated) == [OTHER_NODES]


def test_a_node_of_another_type_or_version_makes_another_strategy(start: Start, validated: ValidatedGraph) -> None:
    fast = start.graph.nodes["fast"]
    for other in (replace(fast, type="sma"), replace(fast, version=fast.version + 1)):
        graph = replace(start.graph, nodes={**start.graph.nodes, "fast": other})
        assert texts(start, replace(start, graph=graph), validated) == [OTHER_NODES]


def test_a_node_more_makes_another_strategy(start: Start, validated: ValidatedGraph) -> None:
    graph = replace(start.graph, nodes={**start.graph.nodes, "third": start.graph.nodes["fast"]})
    assert texts(start, replace(start, graph=graph), validated) == [OTHER_NODES]
    assert texts(replace(start, graph=graph), start, validated) == [OTHER_NODES]


def test_parameters_are_named_with_both_values(start: Start, validated: ValidatedGraph) -> None:
    graph = start.graph.with_params({"fast.period": 7})
    assert texts(start, replace(start, graph=graph), validated) == [("with fast.period (--set) 12, not 7", True)]


def test_rules_of_an_instrument_do_not_end_a_run(start: Start, validated: ValidatedGraph) -> None:
    (btc,) = start.universe.instruments
    ruled = replace(btc, rules=replace(btc.rules, tick=0.5))
    alone = texts(start, replace(start, **universe(start, instruments=(ruled,))), validated)
    assert alone == [(f"with --tick {btc.rules.tick:g}, not 0.5", False)]
    two = (btc, Instrument("ETH", "USDT", rules=Rules()))
    then = replace(start, **universe(start, instruments=two))
    now = replace(start, **universe(start, instruments=(ruled, two[1])))
    assert texts(then, now, validated) == [(f"with --tick of BTC/USDT {btc.rules.tick:g}, not 0.5", False)]


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"terms": Terms(capital=5000.0)}, ("with --capital 10000, not 5000", True)),
        ({"terms": Terms(maker_fee=0.0, taker_fee=0.002)}, ("with --fees 0.1/0.1, not 0/0.2", True)),
        ({"terms": Terms(spread=0.001)}, ("with --spread 0, not 0.1", True)),
        ({"source": "elsewhere"}, ("with bars (--data) of a test, not elsewhere", True)),
        ({"synthetic": False}, ("with synthetic prices True, not False", True)),
        ({"reported": True}, ("without --reported", True)),
    ],
)
def test_what_the_run_was_started_with(
    changed: dict[str, Any], expected: tuple[str, bool], start: Start, validated: ValidatedGraph
) -> None:
    assert texts(start, replace(start, **changed), validated) == [expected]


def test_timeframe_and_finer_bars(start: Start, validated: ValidatedGraph) -> None:
    other = replace(start, **universe(start, timeframe=parse_timeframe("4h")))
    assert texts(start, other, validated) == [("with --timeframe 1h, not 4h", True)]
    finer = replace(start, **universe(start, finer=parse_timeframe("15m")))
    assert texts(start, finer, validated) == [("with --finer none, not 15m", False)]


def test_series(tmp_path: Path) -> None:
    run = paper(tmp_path, "bollinger_long_short.py")
    start, validated = run.start, run.strategy.check()
    for option, name in (("--funding", "funding"), ("--mark-prices", "marks")):
        given = replace(start, **universe(start, **{name: ("BTC/USDT:USDT",)}))
        assert texts(start, given, validated) == [(f"without {option}, which is BTC/USDT:USDT now", True)]
        assert texts(given, start, validated) == [(f"with {option} BTC/USDT:USDT, not none", True)]


def test_a_list_of_many_differences_is_short() -> None:
    found = [Changed(f"with --{name} 1, not 2") for name in "abcde"]
    assert listed(found) == "with --a 1, not 2; with --b 1, not 2; with --c 1, not 2; and 2 more differences"
    assert listed(found[:3]) == "with --a 1, not 2; with --b 1, not 2; with --c 1, not 2"
