"""`wick paper` goes on where it was although the store has changed: rules of the exchange, shorter bars."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import EMA, EXAMPLES, JANUARY, Wick
from wickwork import demo_bars
from wickwork.context import Context
from wickwork.model.bars import Bars
from wickwork.model.instrument import Rules
from wickwork.model.timeframe import HOUR

RUN = (EMA, "--speed", "max", "--data", "store", "--instrument", "BTC/USDT", "--timeframe", "1h")


def fill_store(hours: int, timeframe: str = "1h", rules: Rules | None = None) -> None:
    bars: Bars = demo_bars("BTC/USDT", timeframe, JANUARY, JANUARY + hours * HOUR)
    instrument = replace(bars.instrument, venue="binance", rules=rules or Rules(tick=0.01, lot=0.001))
    Context().store.append(replace(bars, instrument=instrument))


def start_of(journal: Path) -> Any:
    return json.loads(journal.read_text().splitlines()[0])


def test_new_rules_of_the_exchange(wick: Wick, tmp_path: Path) -> None:
    """The run goes on with the rules of its journal and says so; its replay finds no difference."""
    journal = tmp_path / "run.jsonl"
    fill_store(300)
    assert wick("paper", *RUN, "--journal", journal).code == 0
    fill_store(400, rules=Rules(tick=0.5, lot=0.001))
    answer = wick("paper", *RUN, "--journal", journal)
    assert answer.code == 0
    assert "tick" in answer.err
    assert "0.01" in answer.err
    assert "0.5" in answer.err
    assert start_of(journal)["instruments"][0]["rules"]["tick"] == 0.01
    replayed = wick("replay", journal, "--json").json
    assert (replayed["bars"], replayed["differences"]) == (400, [])


@pytest.mark.parametrize(("before", "after", "kept"), [((), ("5m",), None), (("5m",), ("1m",), "5m")])
def test_shorter_bars_that_came_into_the_store(
    before: tuple[str, ...], after: tuple[str, ...], kept: str | None, wick: Wick, tmp_path: Path
) -> None:
    """The run goes on with the shorter bars, or without, as it was begun, and with the same bits as a run at once."""
    journal, whole = tmp_path / "run.jsonl", tmp_path / "whole.jsonl"
    for frame in ("1h", *before):
        fill_store(400, frame)
    assert wick("paper", *RUN, "--journal", whole, "--bars", 400).code == 0
    assert wick("paper", *RUN, "--journal", journal, "--bars", 300).code == 0
    for frame in after:
        fill_store(400, frame)
    answer = wick("paper", *RUN, "--journal", journal, "--bars", 400)
    assert answer.code == 0
    assert all(frame in answer.err for frame in after)
    assert start_of(journal)["finer"] == kept
    assert events(journal) == events(whole)
    assert wick("replay", journal, "--json").json["differences"] == []


@pytest.mark.parametrize(
    ("then", "now", "sentence"),
    [
        ((), ("--reported",), "The run was started without --reported."),
        (("--reported",), (), "The run was started with --reported."),
        ((), ("--capital", "5000"), "The run was started with --capital 10000, not 5000."),
        ((), ("--fees", "0.02/0.05"), "The run was started with --fees 0.1/0.1, not 0.02/0.05."),
        (("--slippage", "0.1"), ("--slippage", "0.2"), "The run was started with --slippage 0.1, not 0.2."),
        ((), ("--set", "fast.period=5"), "The run was started with fast.period (--set) 12, not 5."),
        ((), ("--timeframe", "4h"), "with --timeframe 1h, not 4h"),
        ((), ("--instrument", "ETH/USDT"), "The run was started with --instrument BTC/USDT, not BTC/USDT ETH/USDT"),
        (("--spread", "0.1"), ("--volume-limit", "10"), "with --spread 0.1, not 0; with --volume-limit 0, not 10."),
    ],
)
def test_other_options_are_named(
    then: tuple[str, ...], now: tuple[str, ...], sentence: str, wick: Wick, tmp_path: Path
) -> None:
    run = ("paper", EMA, "--speed", "max", "--from", "2024-01-01", "--bars", "20", "--instrument", "BTC/USDT")
    wick(*run, *then, "--journal", tmp_path / "run.jsonl")
    answer = wick(*run, *now, "--journal", tmp_path / "run.jsonl")
    assert answer.code == 2
    assert sentence in " ".join(answer.err.split())
    assert "None" not in answer.err


def test_another_strategy_is_named(wick: Wick, tmp_path: Path) -> None:
    quick = ("--speed", "max", "--from", "2024-01-01", "--bars", "20", "--journal", tmp_path / "run.jsonl")
    wick("paper", EMA, *quick)
    answer = wick("paper", EXAMPLES / "grid.py", *quick)
    assert answer.code == 2
    assert "The run was started with other nodes or wires in the strategy." in " ".join(answer.err.split())


def test_a_renamed_strategy_is_the_same(wick: Wick, tmp_path: Path) -> None:
    """Name, notes and layout do not change what a strategy does."""
    quick = ("--speed", "max", "--from", "2024-01-01", "--bars", "20", "--journal", tmp_path / "run.jsonl")
    wick("paper", EMA, *quick)
    other = tmp_path / "other.json"
    other.write_text(json.dumps({**json.loads(EMA.read_text()), "name": "Another", "notes": "changed"}))
    assert wick("paper", other, *quick).code == 0


def events(journal: Path) -> list[Any]:
    """The bars of each line, and the shorter ones inside them."""
    entries = map(json.loads, journal.read_text().splitlines())
    return [(one["rows"], one.get("finer")) for one in entries if one["kind"] == "input"]
