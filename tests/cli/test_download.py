"""`wick data download` and `wick data update` against a local exchange, as a user runs them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import EMA, JANUARY, Wick, write_csv
from tests.market.exchange_server import HOUR, MINUTE, Exchange, serving
from wickwork import demo_bars
from wickwork.market.download import request
from wickwork.market.store import Store

FEBRUARY = JANUARY + 31 * 24 * HOUR
SPAN = ("--from", "2024-01-01", "--to", "2024-02-01")
WICK = [sys.executable, "-m", "wickwork"]
posix = pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")


@pytest.fixture
def exchange(monkeypatch: pytest.MonkeyPatch) -> Iterator[Exchange]:
    """An exchange whose time is three minutes into February, reached without --address."""
    made = Exchange(now=lambda: FEBRUARY + 3 * MINUTE)
    with serving(made) as address:
        monkeypatch.setenv("WICKWORK_EXCHANGE_ADDRESS", address)
        monkeypatch.setattr("wickwork.cli.download._now", made.now)
        monkeypatch.setattr("wickwork.cli.download.time.sleep", lambda seconds: None)
        yield made


def stored(name: str, timeframe: str, venue: str = "binance") -> list[int]:
    times: list[int] = Store().load(name, timeframe, venue=venue).opened_at.tolist()
    return times


def test_several_instruments_and_timeframes(exchange: Exchange, wick: Wick) -> None:
    args = ("data", "download", "BTC/USDT", "ethusdt", "--venue", "Binance", "--timeframe", "1h", "--timeframe", "1d")
    answer = wick(*args, *SPAN)
    assert (answer.code, answer.err) == (0, "")
    assert [line.split()[:6] for line in answer.out.splitlines()[1:]] == [
        ["binance", "BTC/USDT", "1h", "744", "744", "0"],
        ["binance", "BTC/USDT", "1d", "31", "31", "0"],
        ["binance", "ETH/USDT", "1h", "744", "744", "0"],
        ["binance", "ETH/USDT", "1d", "31", "31", "0"],
    ]
    exchange.log.clear()
    again = wick(*args, *SPAN, "--json").json
    assert exchange.asked() == []
    assert again[0] == {
        "instrument": "BTC/USDT",
        "venue": "binance",
        "timeframe": "1h",
        "added": 0,
        "bars": 744,
        "absent": 0,
        "first": "2024-01-01T00:00:00Z",
        "last": "2024-01-31T23:00:00Z",
        "findings": [],
        "error": None,
    }


def test_pages_limits_a_broken_line_and_a_hole(exchange: Exchange, wick: Wick) -> None:
    """What the exchange has is there once, and the second call asks only for the tail."""
    exchange.holes = [(JANUARY + 2000 * MINUTE, JANUARY + 2004 * MINUTE)]
    exchange.faults["klines"].extend([None, "429:2", "drop", None, "500"])
    args = ("data", "download", "BTC/USDT", "--venue", "binance", "--timeframe", "1m", "--from", "2024-01-01")
    answer = wick(*args, "--to", "2024-01-04")
    assert answer.code == 0
    assert [line.split(".")[0] for line in answer.err.splitlines()] == [
        "wick: binance limits the rate of requests (HTTP 429)",
        "wick: binance cannot be reached at 127",
        "wick: binance has an internal error (HTTP 500)",
    ]
    rows = exchange.rows("BTC", MINUTE, JANUARY, JANUARY + 3 * 24 * HOUR)
    assert stored("BTC/USDT", "1m") == [row[0] for row in rows]
    assert answer.out.splitlines()[1].split()[3:6] == ["4,316", "4,316", "4"]
    exchange.log.clear()
    assert wick(*args, "--to", "2024-01-05", "--json").json[0]["added"] == 1440
    day = JANUARY + 3 * 24 * HOUR
    pages = [(day, day + 1000 * MINUTE - 1), (day + 1000 * MINUTE, day + 1440 * MINUTE - 1)]
    assert exchange.asked() == pages


def test_without_from_a_stored_series_goes_on(exchange: Exchange, wick: Wick) -> None:
    args = ("data", "download", "bybit:BTC/USDT:USDT")
    assert wick(*args, "--from", "2024-01-30", "--to", "2024-01-31").code == 0
    exchange.log.clear()
    assert wick(*args, "--json").json[0]["added"] == 24
    assert [start for start, _ in exchange.asked()] == [FEBRUARY - 24 * HOUR]


def test_update_brings_every_series_of_an_exchange_up_to_date(exchange: Exchange, wick: Wick, hourly: Path) -> None:
    wick("data", "import", hourly)
    for venue in ("binance", "bybit", "kucoin"):
        wick("data", "download", "BTC/USDT", "BTC/USDT:USDT", "--venue", venue, *SPAN[:2], "--to", "2024-01-31")
    wick("data", "resample", "BTC/USDT", "--venue", "bybit", "--to", "8h")
    exchange.log.clear()
    answer = wick("data", "update")
    assert (answer.code, answer.err) == (0, "")
    assert len(exchange.asked()) == 6
    assert all(start == FEBRUARY - 24 * HOUR for start, _ in exchange.asked())
    assert [line.split()[3] for line in answer.out.splitlines()[1:8]] == ["24", "24", "24", "0", "24", "24", "24"]
    assert "bybit:BTC/USDT 8h: bybit has no 8h bars" in answer.out
    for venue in ("binance", "bybit", "kucoin"):
        assert stored("BTC/USDT", "1h", venue)[-1] == FEBRUARY - HOUR
    exchange.log.clear()
    assert {one["added"] for one in wick("data", "update", "--json").json} == {0}
    assert exchange.asked() == []


def test_update_of_some(exchange: Exchange, wick: Wick) -> None:
    wick("data", "download", "BTC/USDT", "ETH/USDT", "--venue", "binance", *SPAN[:2], "--to", "2024-01-31")
    wick("data", "download", "BTC/USDT", "--venue", "kucoin", *SPAN[:2], "--to", "2024-01-31")
    assert [one["instrument"] for one in wick("data", "update", "eth", "--json").json] == ["ETH/USDT"]
    assert [one["venue"] for one in wick("data", "update", "btc", "--json").json] == ["binance", "kucoin"]
    assert [one["venue"] for one in wick("data", "update", "--venue", "KuCoin", "--json").json] == ["kucoin"]
    assert len(wick("data", "update", "--timeframe", "1h", "--json").json) == 3


def test_holes_can_be_asked_for_again(exchange: Exchange, wick: Wick) -> None:
    exchange.holes = [(JANUARY + 20 * HOUR, JANUARY + 24 * HOUR)]
    args = ("data", "download", "BTC/USDT", "--venue", "kucoin", *SPAN)
    assert wick(*args, "--json").json[0]["absent"] == 4
    exchange.holes = []
    assert wick(*args, "--json").json[0]["absent"] == 4
    assert wick(*args, "--holes", "--json").json[0]["absent"] == 0


def test_what_was_stored_is_told_when_an_exchange_fails(exchange: Exchange, wick: Wick) -> None:
    exchange.faults["klines"].extend([None, None, *["503"] * request.TRIES])
    args = ("data", "download", "BTC/USDT", "ETH/USDT", "--venue", "binance", "--timeframe", "1m", *SPAN[:2])
    answer = wick(*args, "--to", "2024-01-04")
    assert answer.code == 2
    assert answer.out.splitlines()[1].split()[3:5] == ["2,000", "2,000"]
    assert answer.err.splitlines()[-1] == (
        "wick: binance:BTC/USDT 1m: binance has an internal error (HTTP 503). It was requested 6 times. "
        "2,000 new bars up to 2024-01-02 09:20 stored; the same command goes on from there. 1 further series not done."
    )
    exchange.log.clear()
    assert wick(*args, "--to", "2024-01-04").code == 0
    assert exchange.asked()[0][0] == JANUARY + 2000 * MINUTE
    assert stored("BTC/USDT", "1m") == list(range(JANUARY, JANUARY + 72 * HOUR, MINUTE))


def test_an_exchange_that_is_away_does_not_keep_update_from_the_others(exchange: Exchange, wick: Wick) -> None:
    for venue in ("binance", "bybit"):
        wick("data", "download", "BTC/USDT", "ETH/USDT", "--venue", venue, *SPAN[:2], "--to", "2024-01-31")
    exchange.faults["time"].extend(["503"] * 3)
    answer = wick("data", "update", "--json")
    assert answer.code == 2
    assert [(one["venue"], one["added"]) for one in answer.json] == [
        ("binance", 0), ("binance", 0), ("bybit", 24), ("bybit", 24),
    ]  # fmt: skip
    assert "binance has an internal error" in answer.err
    assert answer.json[1]["error"] == "it was not begun."


WRONG = {
    "no exchange": (["BTC/USDT", *SPAN], ("--venue", "binance, bybit, kucoin")),
    "unknown exchange": (["BTC/USDT", "--venue", "binanse", *SPAN], ("'binanse'", "'binance'")),
    "unknown instrument": (["BTC/USDD", "--venue", "bybit", *SPAN], ("BTC/USDD", "'BTC/USDT'")),
    "unknown perpetual": (["BTC/USDC:USDC", "--venue", "kucoin", *SPAN], ("perpetual", "'BTC/USDT:USDT'")),
    "no instrument": (["BTC/", "--venue", "kucoin", *SPAN], ("'BTC/'",)),
    "no such timeframe": (["BTC", "--venue", "bybit", "--timeframe", "7m", *SPAN], ("7m", "5m", "resample")),
    "no timeframe": (["BTC", "--venue", "bybit", "--timeframe", "often", *SPAN], ("'often'",)),
    "months": (["BTC", "--venue", "bybit", "--timeframe", "1M", *SPAN], ("months",)),
    "no beginning": (["BTC/USDT", "--venue", "bybit"], ("--from", "bybit")),
    "no time": (["BTC/USDT", "--venue", "bybit", "--from", "yesterday"], ("--from", "yesterday")),
    "the end before": (["BTC", "--venue", "bybit", "--from", "2024-02-01", "--to", "2024-01-01"], ("--from", "--to")),
    "the future": (["BTC/USDT", "--venue", "bybit", "--from", "2034-01-01"], ("2034-01-01", "future")),
    "no address": (["BTC/USDT", "--venue", "bybit", *SPAN, "--address", "ftp://here"], ("--address", "ftp://here")),
    "the second is wrong": (["BTC/USDT", "XYZ/USDT", "--venue", "bybit", *SPAN], ("XYZ/USDT",)),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_input_is_told_in_a_sentence(case: str, exchange: Exchange, wick: Wick) -> None:
    args, words = WRONG[case]
    answer = wick("data", "download", *args)
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith("wick: ")
    assert answer.err.count("\n") == 1
    assert answer.err.rstrip()[-1] in ".?"
    assert "Traceback" not in answer.err
    for word in words:
        assert word in answer.err, answer.err
    assert exchange.asked() == []
    told = wick("data", "download", *args, "--json")
    assert told.json == {"error": {"message": answer.err.removeprefix("wick: ").strip(), "exit_code": 2}}


def test_update_where_there_is_nothing_to_update(exchange: Exchange, wick: Wick, home: Path) -> None:
    for setup in (lambda: None, lambda: write_csv(home / "BTCUSDT_1h.csv", demo_bars("BTC", "1h", JANUARY, FEBRUARY))):
        if setup():
            wick("data", "import", "BTCUSDT_1h.csv")
        answer = wick("data", "update")
        assert (answer.code, answer.err.count("\n")) == (2, 1)
        assert "no such series of binance, bybit, kucoin" in answer.err
    assert "ETH/USDT" in wick("data", "update", "ETH/USDT").err
    assert "no such timeframe" in wick("data", "update", "BTC/USDT", "--timeframe", "4h").err


def test_without_ccxt(exchange: Exchange, wick: Wick, monkeypatch: pytest.MonkeyPatch) -> None:
    wick("data", "download", "BTC/USDT", "--venue", "binance", *SPAN)
    monkeypatch.setitem(sys.modules, "ccxt", None)
    for args in (("download", "BTC/USDT", "--venue", "binance", *SPAN), ("update",)):
        answer = wick("data", *args)
        assert answer.code == 2
        assert answer.err == (
            "wick: Downloading needs the package ccxt, which is not installed; "
            "install it with `pip install 'wickwork[exchanges]'`.\n"
        )


# ---- as processes: the perpetuals of KuCoin, whose pages are the smallest

PAGE = 200 * MINUTE
END = JANUARY + 45 * PAGE


def started(address: str, *args: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "WICKWORK_EXCHANGE_ADDRESS": address}
    span = ("--timeframe", "1m", "--from", "2024-01-01", "--to", "2024-01-07T06:00")
    command = [*WICK, "data", "download", "BTC/USDT:USDT", "--venue", "kucoin", *span, *args]
    return subprocess.Popen(  # noqa: S603
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def wait_for_pages(exchange: Exchange, count: int, process: subprocess.Popen[str]) -> None:
    while len(exchange.asked()) < count:
        assert process.poll() is None
        time.sleep(0.01)


@posix
def test_killed_in_the_middle_it_goes_on_from_the_last_batch(home: Path) -> None:
    exchange = Exchange(now=lambda: FEBRUARY)
    with serving(exchange) as address:
        first = started(address)
        wait_for_pages(exchange, 25, first)  # the batch of the first twenty is stored by then
        first.kill()
        first.communicate()
        assert first.returncode == -signal.SIGKILL
        there = stored("BTC/USDT:USDT", "1m", "kucoin")
        pages = len(there) // 200
        assert pages in (20, 40)
        assert there == list(range(JANUARY, JANUARY + pages * PAGE, MINUTE))
        exchange.log.clear()
        second = started(address)
        assert (second.communicate(timeout=60)[1], second.returncode) == ("", 0)
    assert stored("BTC/USDT:USDT", "1m", "kucoin") == list(range(JANUARY, END, MINUTE))
    assert [start for start, _ in exchange.asked()] == list(range(JANUARY + pages * PAGE, END, PAGE))


@posix
def test_ctrl_c_keeps_what_came_and_says_so(home: Path) -> None:
    exchange = Exchange(now=lambda: FEBRUARY)
    with serving(exchange) as address:
        process = started(address, "--json")
        wait_for_pages(exchange, 5, process)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    there = stored("BTC/USDT:USDT", "1m", "kucoin")
    assert len(there) >= 800
    assert there == list(range(JANUARY, JANUARY + len(there) * MINUTE, MINUTE))
    told, last = err.splitlines()
    assert told.startswith(f"wick: kucoin:BTC/USDT:USDT 1m: {len(there):,} new bars up to 2024-01-")
    assert told.endswith("stored; the same command goes on from there.")
    assert (last, '"exit_code": 130' in out) == ("wick: interrupted.", True)


def test_funding_is_downloaded_and_charged_from_the_store(exchange: Exchange, wick: Wick) -> None:
    name = "BTC/USDT:USDT"
    args = ("data", "funding", name, "--venue", "bybit")
    wick("data", "download", name, "--venue", "bybit", *SPAN)
    run = ("backtest", EMA, "--data", "store", "--instrument", name, "--json")
    without = wick(*run, "--funding", "store")
    assert (without.code, "wick data funding BTC/USDT:USDT" in without.err) == (2, True)
    assert (wick(*args).code, wick("data", "funding", "BTC/USDT", *SPAN, "--venue", "bybit").code) == (2, 2)
    answer = wick(*args, *SPAN)
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.splitlines()[1].split()[:4] == ["bybit", name, "186", "186"]
    exchange.log.clear()
    (again,) = wick(*args, "--json").json
    assert (again["added"], again["rates"], again["first"]) == (1, 187, "2024-01-01T00:00:00Z")
    assert all(start > FEBRUARY - 5 * HOUR for start, _ in exchange.asked_funding())
    (series,) = wick(*run, "--funding", "store").json["manifest"]["funding_data"]
    assert (series["rates"], series["source"]) == (187, "bybit (store)")
    assert wick(*run, "--funding", again["file"]).json["manifest"]["funding_data"][0]["sha256"] == series["sha256"]


def test_a_download_of_funding_that_breaks_off_says_what_is_stored(exchange: Exchange, wick: Wick) -> None:
    exchange.faults["funding"].extend([None, *["500"] * 6])
    args = ("data", "funding", "BTC/USDT:USDT", "--venue", "bybit", *SPAN)
    answer = wick(*args)
    assert (answer.code, answer.out) == (2, "")
    assert "50 new rates up to 2024-01-09" in " ".join(answer.err.split())
    assert wick(*args, "--json").json[0]["rates"] == 186
