"""`wick paper` goes on where it was although the store has changed: rules of the exchange, shorter bars."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import EMA, JANUARY, Wick
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


def events(journal: Path) -> list[Any]:
    """The bars of each line, and the shorter ones inside them."""
    entries = map(json.loads, journal.read_text().splitlines())
    return [(one["rows"], one.get("finer")) for one in entries if one["kind"] == "input"]
