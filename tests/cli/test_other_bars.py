"""Bars that a strategy reads and the run does not trade: from the source of the run, or from `--with-bars`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import DAY, JANUARY, Wick, write_csv
from wickwork import demo_bars

SPAN = ["--from", "2024-01-01", "--to", "2024-01-20", "--finer", "none"]
ETH = ["--instrument", "ETH/USDT"]


@pytest.fixture(autouse=True)
def files(home: Path) -> Path:
    """A strategy, and files of two instruments: those of BTC/USDT are of 15 minutes, one says not whose bars it has."""
    (home / "filter.py").write_text(
        "from wickwork import strategy, ta, trade\n"
        "with strategy('filter') as s:\n"
        "    btc = s.bars_of('BTC/USDT')\n"
        "    up = btc.close > ta.sma(btc.close, period=20)\n"
        "    trade.buy(when=up, size=trade.percent_of_equity(20))\n"
        "    trade.close(when=~up)\n"
    )
    stop = JANUARY + 20 * DAY
    (home / "both").mkdir()
    write_csv(home / "ETHUSDT_1h.csv", demo_bars("ETH/USDT", "1h", JANUARY, stop))
    for name in ("BTCUSDT_15m.csv", "prices.csv"):
        write_csv(home / name, demo_bars("BTC/USDT", "15m", JANUARY, stop))
    for name in ("ETH", "BTC"):
        write_csv(home / "both" / f"{name}USDT_1h.csv", demo_bars(f"{name}/USDT", "1h", JANUARY, stop))
    return home


def trades(wick: Wick, *options: object) -> Any:
    answer = wick("backtest", "filter.py", *SPAN, *options, "--json")
    assert answer.code == 0, answer.err
    assert {one["instrument"] for one in answer.json["manifest"]["data"]} == {"ETH/USDT"}
    return [(one["opened_at"], one["closed_at"]) for one in answer.json["trades"]]


@pytest.mark.parametrize(
    "options",
    [
        [*ETH, "--data", "both"],
        ["--data", "ETHUSDT_1h.csv", "--with-bars", "BTCUSDT_15m.csv"],
        ["--data", "ETHUSDT_1h.csv", "--with-bars", "both"],
        ["--data", "ETHUSDT_1h.csv", "--with-bars", "demo"],
        ["--data", "ETHUSDT_1h.csv", "--with-bars", "btcusdt=prices.csv"],
    ],
)
def test_bars_that_are_read_come_from_the_run_s_source_or_from_another(wick: Wick, options: list[str]) -> None:
    assert trades(wick, *options) == trades(wick, *ETH)
    assert len(trades(wick, *ETH)) > 5


def test_the_store_gives_what_the_strategy_reads(wick: Wick) -> None:
    for file in ("both/ETHUSDT_1h.csv", "both/BTCUSDT_1h.csv"):
        assert wick("data", "import", file, "--venue", "binance").code == 0
    assert trades(wick, *ETH, "--data", "store") == trades(wick, *ETH)
    given = ["--data", "ETHUSDT_1h.csv", "--with-bars", "BINANCE:BTC/USDT=store"]
    assert trades(wick, *given) == trades(wick, *ETH)


def test_the_summary_names_the_bars_that_were_only_read(wick: Wick) -> None:
    assert "Read only     BTC/USDT" in wick("backtest", "filter.py", *SPAN, *ETH).out
    assert "Read only" not in wick("backtest", "filter.py", *SPAN).out
    sweep = wick("sweep", "filter.py", *SPAN, *ETH, "--set", "sma.period=10,20")
    assert any(line.split() == ["Read", "only", "BTC/USDT"] for line in sweep.out.splitlines())


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--data", "ETHUSDT_1h.csv"], "reads the bars of BTC/USDT, but the run has ETH/USDT"),
        (["--data", "ETHUSDT_1h.csv"], "--with-bars BTC/USDT=FILE"),
        (["--data", "ETHUSDT_1h.csv", "--with-bars", "ETHUSDT_1h.csv"], "--with-bars BTC/USDT=FILE"),
        (["--data", "ETHUSDT_1h.csv", "--with-bars", "prices.csv"], "--with-bars BTC/USDT=prices.csv"),
        (["--data", "ETHUSDT_1h.csv", "--with-bars", "no.csv"], "no.csv"),
        (["--data", "ETHUSDT_1h.csv", "--with-bars", "="], "names no bars"),
        ([*ETH, "--with-bars", "SOL/USDT=demo"], "it reads those of BTC/USDT"),
        ([*ETH, "--with-bars", "what is this=demo"], "not an instrument"),
        ([*ETH, "--with-bars", "BTC/USDT=demo", "--with-bars", "BTCUSDT=both"], "twice"),
        (["--with-bars", "BTC/USDT=demo"], "the run trades BTC/USDT"),
        (["--with-bars", "demo"], "does not read"),
        (
            [*ETH, "--with-bars", "both", "--with-bars", "demo"],
            "--with-bars demo gives bars that the strategy does not",
        ),
        ([*ETH, "--set", "bars_of.instrument=XXX/USDT"], "reads the bars of XXX/USDT"),
        ([*ETH, "--set", "bars_of.instrument=a b c"], "bars_of.instrument"),
        ([*ETH, "--timeframe", "5m", "--with-bars", "BTCUSDT_15m.csv"], "no bars of BTC/USDT that make 5m"),
    ],
)
@pytest.mark.parametrize("command", ["backtest", "paper"])
def test_bars_that_are_not_there_or_not_read_are_a_sentence(
    wick: Wick, command: str, options: list[str], sentence: str
) -> None:
    answer = wick(command, "filter.py", *SPAN, *options)
    assert (answer.code, answer.out) == (2, "")
    assert sentence in answer.err
    assert "Traceback" not in answer.err


def test_paper_reads_them_too_goes_on_and_is_replayed(wick: Wick, home: Path) -> None:
    given = ["filter.py", *SPAN, "--data", "ETHUSDT_1h.csv", "--with-bars", "BTCUSDT_15m.csv"]
    paper = ["paper", *given, "--speed", "max", "--journal", "run.jsonl", "--json"]
    for bars in ("150", "400"):
        assert wick(*paper, "--bars", bars).code == 0
    events = [json.loads(line) for line in (home / "run.jsonl").read_text().splitlines()]
    taken = [event["columns"]["BTC/USDT.close"] for event in events if event["kind"] == "input"]
    assert taken == [[close] for close in demo_bars("BTC/USDT", "1h", JANUARY, JANUARY + 20 * DAY).close[:400]]
    replayed = wick("replay", "run.jsonl", "--json").json
    assert (replayed["differences"], replayed["bars"]) == ([], 400)
    backtest = wick("backtest", *given, "--to", "2024-01-17T16:00", "--json").json
    assert replayed["fills"] == len(backtest["fills"]) > 10


def test_bars_that_were_not_there_in_time_stay_missing_and_the_journal_says_so(wick: Wick, home: Path) -> None:
    whole = demo_bars("BTC/USDT", "1h", JANUARY, JANUARY + 20 * DAY)
    given = ["filter.py", *SPAN, "--data", "ETHUSDT_1h.csv", "--with-bars", "btc"]
    paper = ["paper", *given, "--speed", "max", "--journal", "run.jsonl"]
    (home / "btc").mkdir()
    write_csv(home / "btc" / "BTCUSDT_1h.csv", whole, leave_out=(60, 61, 70, 200))
    assert wick(*paper, "--bars", "100").code == 0
    write_csv(home / "btc" / "BTCUSDT_1h.csv", whole, leave_out=(200,))
    again = wick(*paper, "--bars", "300")
    assert "BTC/USDT: 3 bars from 2024-01-03T12:00:00Z to 2024-01-03T22:00:00Z came too late" in again.err
    assert "came too late" not in wick(*paper, "--bars", "310").err
    replayed = wick("replay", "run.jsonl", "--json").json
    assert (replayed["differences"], replayed["bars"], len(replayed["not_taken"])) == ([], 310, 1)


def test_the_venue_chooses_among_files_of_several_venues(wick: Wick, home: Path) -> None:
    stop = JANUARY + 20 * DAY
    for folder, name in (("kraken", "BTC"), ("kraken", "ETH"), ("bybit", "BTC"), ("bybit", "ETH")):
        (home / "two" / folder).mkdir(parents=True, exist_ok=True)
        bars = demo_bars(f"{name if folder == 'kraken' else 'SOL'}/USDT", "1h", JANUARY, stop)
        write_csv(home / "two" / folder / f"{name}USDT_1h.csv", bars)
    assert trades(wick, *ETH, "--data", "two", "--venue", "kraken") == trades(wick, *ETH)
    answer = wick("backtest", "filter.py", *SPAN, *ETH, "--data", "two")
    assert (answer.code, "of several venues (bybit, kraken)" in answer.err) == (2, True)
