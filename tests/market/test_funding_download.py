"""Funding rates from a local exchange: every rate once, no hole, and no question twice."""

from __future__ import annotations

from pathlib import Path

import pytest
from exchange_server import COINS, DAY, HOUR, funding_rows

from conftest import JANUARY, NOW, Desk
from wickwork.market.download.connection import find
from wickwork.market.download.exchanges import EXCHANGES
from wickwork.market.download.funding import FundingProgress, fill_funding
from wickwork.market.download.request import RequestFailed
from wickwork.market.funding_store import FundingStore
from wickwork.market.sources.funding import load_funding
from wickwork.model.errors import InputError, NotFound
from wickwork.model.funding import nominal_times
from wickwork.model.instrument import Kind, parse_instrument

VENUES = ["binance", "bybit", "kucoin"]
NAME = "BTC/USDT:USDT"
SEPTEMBER = 1_693_526_400_000
STOP = JANUARY + 60 * DAY
everywhere = pytest.mark.parametrize("venue", VENUES)


def fill(desk: Desk, venue: str, start: int, stop: int, name: str = NAME) -> int:
    """Download as `wick data funding` does, with a new connection; the log begins with it."""
    desk.exchange.log.clear()
    place = desk.place(venue, name)
    progress = FundingProgress()
    store, found = FundingStore(desk.store.folder.parent / "funding"), find(place, parse_instrument(name))
    fill_funding(store, place, found, (start, stop), progress, desk.on_pause)
    return progress.added


def stored(desk: Desk, venue: str, name: str = NAME) -> list[tuple[int, float]]:
    found = FundingStore(desk.store.folder.parent / "funding").load(parse_instrument(f"{venue}:{name}"))
    return list(zip(found.times.tolist(), found.rates.tolist(), strict=True))


def expected(desk: Desk, start: int, stop: int, name: str = NAME) -> list[tuple[int, float]]:
    rows = funding_rows(desk.exchange, name[:3], start, stop)
    return [(nominal_times(time), rate) for time, rate in rows]


@everywhere
def test_every_rate_comes_once_also_where_the_time_between_them_changes(venue: str, desk: Desk) -> None:
    start, stop = SEPTEMBER - 100 * DAY, SEPTEMBER + 100 * DAY
    added = fill(desk, venue, start, stop)
    assert stored(desk, venue) == expected(desk, start, stop)
    assert added == len(stored(desk, venue)) == 300 + 600
    asked = desk.exchange.asked_funding()
    assert [a for a, _ in asked] == list(
        range(start, stop, EXCHANGES[venue].segments[Kind.PERPETUAL].funding_page * HOUR)
    )


@everywhere
def test_a_second_call_asks_for_nothing_and_a_later_one_for_the_rest(venue: str, desk: Desk) -> None:
    fill(desk, venue, JANUARY, STOP)
    last = stored(desk, venue)[-1][0]
    assert fill(desk, venue, JANUARY, STOP) == 0
    assert all(a > last for a, _ in desk.exchange.asked_funding())
    assert fill(desk, venue, JANUARY - 3 * DAY, STOP + 2 * DAY) == 18 + 12
    assert all(b < JANUARY or a > last for a, b in desk.exchange.asked_funding())
    assert stored(desk, venue) == expected(desk, JANUARY - 3 * DAY, STOP + 2 * DAY)


@everywhere
def test_what_is_charged_later_is_added_by_a_later_call(venue: str, desk: Desk) -> None:
    fill(desk, venue, NOW - 2 * DAY, 2**62)
    assert stored(desk, venue) == expected(desk, NOW - 2 * DAY, NOW)
    desk.now += 9 * HOUR
    assert fill(desk, venue, NOW - 2 * DAY, 2**62) == 2
    assert stored(desk, venue) == expected(desk, NOW - 2 * DAY, NOW + 9 * HOUR)


CUTS = {
    "the first half": lambda rows: rows[: (len(rows) + 1) // 2],
    "the last half": lambda rows: rows[len(rows) // 2 :],
    "two": lambda rows: rows[:2],
    "one": lambda rows: rows[-1:],
    "the middle": lambda rows: rows[len(rows) // 3 : len(rows) // 3 + 9],
}


@everywhere
@pytest.mark.parametrize("cut", CUTS)
def test_what_a_short_answer_leaves_out_is_requested_again(cut: str, venue: str, desk: Desk) -> None:
    desk.exchange.cut = CUTS[cut]
    start, stop = SEPTEMBER - 9 * DAY, SEPTEMBER + 9 * DAY
    fill(desk, venue, start, stop)
    assert stored(desk, venue) == expected(desk, start, stop)


@everywhere
def test_faults_are_retried_and_rates_that_arrived_stay(venue: str, desk: Desk) -> None:
    desk.exchange.faults["funding"].extend(["429:2", "drop", "truncated", None, "500", "page", "empty"])
    fill(desk, venue, JANUARY, STOP)
    assert stored(desk, venue) == expected(desk, JANUARY, STOP)
    assert len(desk.pauses) == 5
    desk.exchange.faults["funding"].extend([None, *["500"] * 6])
    with pytest.raises(RequestFailed, match="requested 6 times"):
        fill(desk, venue, JANUARY, JANUARY + 300 * DAY)
    reached = stored(desk, venue)
    assert STOP < reached[-1][0] < JANUARY + 300 * DAY
    desk.exchange.faults.clear()
    fill(desk, venue, JANUARY, JANUARY + 300 * DAY)
    assert min(a for a, _ in desk.exchange.asked_funding()) > reached[-1][0]
    assert stored(desk, venue) == expected(desk, JANUARY, JANUARY + 300 * DAY)


@everywhere
def test_the_years_before_the_listing_are_skipped(venue: str, desk: Desk) -> None:
    listed, name = COINS["NEW"], "NEW/USDT:USDT"
    fill(desk, venue, 0, listed + 20 * DAY, name)
    assert stored(desk, venue, name) == expected(desk, 0, listed + 20 * DAY, name)
    assert len(desk.exchange.asked_funding()) < 20
    assert fill(desk, venue, 0, listed + 20 * DAY, name) == 0
    assert len(desk.exchange.asked_funding()) <= 2


def test_the_file_of_the_store_can_be_read_by_itself(desk: Desk) -> None:
    fill(desk, "bybit", JANUARY, STOP)
    store = FundingStore(desk.store.folder.parent / "funding")
    path = store.path(parse_instrument(f"bybit:{NAME}"))
    assert load_funding(path, NAME).times.tolist() == [time for time, _ in stored(desk, "bybit")]


def test_what_the_store_cannot_give_is_said(desk: Desk, tmp_path: Path) -> None:
    store = FundingStore(desk.store.folder.parent / "funding")
    with pytest.raises(NotFound, match="wick data funding BTC/USDT:USDT"):
        store.load(parse_instrument(NAME))
    with pytest.raises(InputError, match="BTC/USDT is none"):
        fill(desk, "binance", JANUARY, STOP, "BTC/USDT")
    fill(desk, "binance", JANUARY, STOP)
    assert store.load(parse_instrument(NAME)).source == "binance (store)"
    fill(desk, "kucoin", JANUARY, STOP)
    with pytest.raises(InputError, match="of binance, kucoin; choose one with --venue"):
        store.load(parse_instrument(NAME))
    store.path(parse_instrument(f"kucoin:{NAME}")).write_bytes(b"PAR1 and no more")
    with pytest.raises(InputError, match="damaged"):
        store.load(parse_instrument(f"kucoin:{NAME}"))
