"""Downloads from a local exchange: every bar once, and no question twice."""

from __future__ import annotations

import pytest
from exchange_server import COINS, DAY, HOUR, LISTED, MINUTE, Exchange

from conftest import JANUARY, NOW, Desk
from wickwork.market.download.backfill import BATCH, Progress
from wickwork.market.download.connection import find, timeframe_of
from wickwork.market.download.exchanges import EXCHANGES
from wickwork.model.errors import InputError, NotFound
from wickwork.model.instrument import Kind, Rules, parse_instrument

VENUES = ["binance", "bybit", "kucoin"]
NAMES = ["BTC/USDT", "BTC/USDT:USDT"]
EVERYWHERE = [(venue, name) for venue in VENUES for name in NAMES]
everywhere = pytest.mark.parametrize(("venue", "name"), EVERYWHERE)
STOP = JANUARY + 2345 * HOUR


def page_of(venue: str, name: str) -> int:
    return EXCHANGES[venue].segments[Kind.PERPETUAL if ":" in name else Kind.SPOT].page


@everywhere
def test_every_bar_comes_once_and_pages_follow_each_other(venue: str, name: str, desk: Desk) -> None:
    done = desk.fill(venue, name, JANUARY, STOP)
    assert (done.added, done.answered, done.total, done.stored_until) == (2345, 2345, 2345, STOP)
    assert desk.has_all(venue, name, JANUARY, STOP)
    asked, length = desk.exchange.asked(), page_of(venue, name) * HOUR
    assert [start for start, _ in asked] == list(range(JANUARY, STOP, length))
    assert [end // 1000 for _, end in asked] == [min(start + length, STOP) // 1000 - 1 for start, _ in asked]


@everywhere
def test_a_second_call_asks_for_nothing_and_a_later_one_for_the_tail(venue: str, name: str, desk: Desk) -> None:
    desk.fill(venue, name, JANUARY, STOP)
    assert desk.fill(venue, name, JANUARY, STOP) == Progress(0, 0, 0, None)
    assert desk.exchange.asked() == []
    assert desk.fill(venue, name, JANUARY, STOP + 7 * HOUR).added == 7
    assert [(a, b // 1000) for a, b in desk.exchange.asked()] == [(STOP, (STOP + 7 * HOUR) // 1000 - 1)]
    assert desk.fill(venue, name, JANUARY - 3 * HOUR, STOP).added == 3
    assert [a for a, _ in desk.exchange.asked()] == [JANUARY - 3 * HOUR]
    assert desk.has_all(venue, name, JANUARY - 3 * HOUR, STOP + 7 * HOUR)


@everywhere
def test_a_bar_that_still_grows_is_not_stored(venue: str, name: str, desk: Desk) -> None:
    done = desk.fill(venue, name, NOW - 5 * HOUR, 2**62)
    assert (done.total, done.findings) == (4, ())
    last = NOW // HOUR * HOUR - HOUR
    assert desk.stored(venue, name).opened_at[-1] == last
    desk.now += HOUR
    assert desk.fill(venue, name, NOW - 5 * HOUR, 2**62).added == 1
    assert [a for a, _ in desk.exchange.asked()] == [last + HOUR]
    assert desk.has_all(venue, name, NOW // HOUR * HOUR - 4 * HOUR, 2**62)


@pytest.mark.parametrize("ahead", [-90 * MINUTE, 90 * MINUTE])
def test_the_clock_of_the_exchange_counts(ahead: int, desk: Desk) -> None:
    desk.exchange.now = lambda: desk.clock() + ahead
    desk.fill("binance", "BTC/USDT", NOW - 5 * HOUR, 2**62)
    assert desk.stored("binance", "BTC/USDT").opened_at[-1] == (NOW + ahead) // HOUR * HOUR - HOUR


@everywhere
def test_a_hole_is_remembered_until_it_is_asked_for_again(venue: str, name: str, desk: Desk) -> None:
    holes = [(JANUARY + 30 * HOUR, JANUARY + 32 * HOUR), (JANUARY + 300 * HOUR, JANUARY + 301 * HOUR)]
    desk.exchange.holes = list(holes)
    assert desk.fill(venue, name, JANUARY, STOP).added == 2345 - 3
    assert desk.fill(venue, name, JANUARY, STOP).answered == 0
    assert desk.exchange.asked() == []
    desk.exchange.holes = []
    again = desk.fill(venue, name, JANUARY, STOP, holes=True)
    assert (again.added, again.answered, again.total) == (3, 3, 3)
    assert [a for a, _ in desk.exchange.asked()] == [a for a, _ in holes][: 2 if page_of(venue, name) < 271 else 1]
    assert desk.has_all(venue, name, JANUARY, STOP)


CUTS = {
    "500 of 1,000": lambda rows: rows[:500],
    "100": lambda rows: rows[:100],
    "the other end": lambda rows: rows[-100:],
    "both ends": lambda rows: rows[len(rows) // 4 : len(rows) // 4 + 150],
    "half of any": lambda rows: rows[: (len(rows) + 1) // 2],
}


@everywhere
@pytest.mark.parametrize("cut", CUTS)
def test_what_a_short_answer_leaves_out_is_requested_again(cut: str, venue: str, name: str, desk: Desk) -> None:
    desk.exchange.cut = CUTS[cut]
    done = desk.fill(venue, name, JANUARY, STOP)
    assert (done.added, done.answered, done.total) == (2345, 2345, 2345)
    assert desk.has_all(venue, name, JANUARY, STOP)


@everywhere
def test_short_answers_around_holes(venue: str, name: str, desk: Desk) -> None:
    desk.exchange.holes = [(JANUARY + a * HOUR, JANUARY + b * HOUR) for a, b in ((0, 2), (90, 110), (998, 1003))]
    desk.exchange.cut = lambda rows: rows[:100]
    desk.fill(venue, name, JANUARY, STOP)
    assert desk.has_all(venue, name, JANUARY, STOP)
    assert desk.fill(venue, name, JANUARY, STOP).total == 0
    assert desk.exchange.asked() == []


def test_short_answers_of_days_do_not_hide_the_listing(desk: Desk) -> None:
    """Bybit sends the newest rows of a span; the days before the first one sent were not answered."""
    desk.exchange.cut = lambda rows: rows[:3]
    soon = COINS["NEW"] + 9 * DAY
    desk.fill("bybit", "NEW/USDT", COINS["NEW"] - 30 * DAY, soon, "4h")
    assert desk.has_all("bybit", "NEW/USDT", 0, soon, "4h")


@everywhere
def test_the_end_of_an_answer_is_no_hole_without_a_later_bar(venue: str, name: str, desk: Desk) -> None:
    """Long after the bars should be there, the exchange does not send them yet."""
    desk.exchange.holes = [(JANUARY + 40 * HOUR, JANUARY + 50 * HOUR)]
    assert desk.fill(venue, name, JANUARY, JANUARY + 50 * HOUR).added == 40
    desk.exchange.holes = []
    assert desk.fill(venue, name, JANUARY, JANUARY + 50 * HOUR).added == 10


@everywhere
def test_an_empty_span_is_a_hole_once_there_is_a_later_bar(venue: str, name: str, desk: Desk) -> None:
    hole = (JANUARY + 40 * HOUR, JANUARY + 50 * HOUR)
    desk.exchange.holes = [hole]
    desk.fill(venue, name, JANUARY, hole[1])
    desk.fill(venue, name, JANUARY, hole[1] + HOUR)
    assert desk.fill(venue, name, *hole).total == 0
    assert desk.exchange.asked() == []


def test_one_empty_answer_about_days_hides_nothing(desk: Desk) -> None:
    outage = (JANUARY + 2 * DAY, JANUARY + 7 * DAY + 5 * HOUR)
    desk.exchange.holes = [outage]
    desk.exchange.faults["klines"].extend([*[None] * 5, "empty"])  # three pages, the empty one twice, then the days
    desk.fill("binance", "BTC/USDT", JANUARY, JANUARY + 10 * DAY, "1m")
    assert desk.has_all("binance", "BTC/USDT", JANUARY, JANUARY + 10 * DAY, "1m")


def test_what_is_late_at_the_end_is_no_hole(desk: Desk) -> None:
    """An exchange may need a moment until a bar that closed is there."""
    closed = NOW // HOUR * HOUR
    desk.exchange.holes = [(closed - HOUR, closed)]
    assert desk.fill("bybit", "BTC/USDT", NOW - 9 * HOUR, 2**62).added == 7
    desk.exchange.holes = []
    assert desk.fill("bybit", "BTC/USDT", NOW - 9 * HOUR, 2**62).added == 1


def test_bars_between_two_downloads_are_missing_bars(desk: Desk) -> None:
    desk.fill("binance", "BTC/USDT", JANUARY, JANUARY + 10 * HOUR)
    desk.fill("binance", "BTC/USDT", JANUARY + 50 * HOUR, JANUARY + 60 * HOUR)
    desk.fill("binance", "BTC/USDT", JANUARY, JANUARY + 60 * HOUR)
    assert desk.exchange.asked() == [(JANUARY + 10 * HOUR, JANUARY + 50 * HOUR - 1)]
    assert desk.has_all("binance", "BTC/USDT", JANUARY, JANUARY + 60 * HOUR)


def test_bars_that_were_imported_are_not_asked_for(desk: Desk) -> None:
    desk.fill("binance", "BTC/USDT", JANUARY, JANUARY + 10 * HOUR)
    bars = desk.stored("binance", "BTC/USDT")
    desk.store.remove("BTC/USDT", "1h", "binance")
    desk.store.append(bars.slice(0, 4))
    desk.store.append(bars.slice(6, 10))
    assert desk.fill("binance", "BTC/USDT", JANUARY, JANUARY + 10 * HOUR).added == 2
    assert desk.exchange.asked() == [(JANUARY + 4 * HOUR, JANUARY + 6 * HOUR - 1)]


@pytest.mark.parametrize("venue", VENUES)
def test_years_before_the_listing_are_passed_over_in_a_few_questions(venue: str, desk: Desk) -> None:
    soon = COINS["NEW"] + DAY
    desk.fill(venue, "NEW/USDT", 0, soon, "1m")
    assert desk.stored(venue, "NEW/USDT", "1m").opened_at[0] == COINS["NEW"]
    assert desk.has_all(venue, "NEW/USDT", 0, soon, "1m")
    before = [a for a, _ in desk.exchange.asked() if a < COINS["NEW"]]
    assert len(before) <= 9
    assert min(before) >= EXCHANGES[venue].since - DAY
    desk.fill(venue, "NEW/USDT", 0, soon, "1m")
    assert desk.exchange.asked() == []


def test_a_long_outage_is_passed_over_and_remembered(desk: Desk) -> None:
    outage = (JANUARY + 2 * DAY, JANUARY + 7 * DAY + 5 * HOUR)
    desk.exchange.holes = [outage]
    desk.fill("binance", "BTC/USDT", JANUARY, JANUARY + 10 * DAY, "1m")
    assert desk.has_all("binance", "BTC/USDT", JANUARY, JANUARY + 10 * DAY, "1m")
    assert desk.fill("binance", "BTC/USDT", JANUARY, JANUARY + 10 * DAY, "1m").answered == 0


def test_where_there_was_nothing_nothing_is_stored(desk: Desk) -> None:
    assert desk.fill("kucoin", "NEW/USDT", LISTED, LISTED + 9 * DAY).added == 0
    assert desk.store.series() == []
    with pytest.raises(NotFound):
        desk.store.covered("NEW/USDT", "1h", "kucoin")


def test_batches_are_stored_on_the_way(desk: Desk) -> None:
    told: list[Progress] = []
    pages = 2 * BATCH + 3
    desk.fill("kucoin", "BTC/USDT:USDT", JANUARY, JANUARY + pages * 200 * HOUR, on_progress=told.append)
    assert [p.added for p in told if p.stored_until] == sorted(p.added for p in told if p.stored_until)
    assert sorted({p.added for p in told}) == [0, 20 * 200, 40 * 200, 43 * 200]
    assert [told[0].answered, told[-1].answered] == [0, told[-1].total]


RULES = {
    ("binance", "BTC/USDT"): Rules(0.01, 0.00001, 0.00001, 5.0),
    ("binance", "BTC/USDT:USDT"): Rules(0.01, 0.001, 0.001, 100.0),
    ("bybit", "BTC/USDT"): Rules(0.1, 0.000001, 0.000011, 5.0),
    ("bybit", "BTC/USDT:USDT"): Rules(0.1, 0.001, 0.001, 5.0),
    ("kucoin", "BTC/USDT"): Rules(0.1, 1e-08, 0.00001, 0.1),
    ("kucoin", "BTC/USDT:USDT"): Rules(0.1, 0.001, 0.001, 0.0),  # a lot is a contract of 0.001 BTC
}


@everywhere
def test_the_rules_of_the_exchange_are_kept_with_the_series(venue: str, name: str, desk: Desk) -> None:
    desk.fill(venue, name, JANUARY, JANUARY + 3 * HOUR)
    assert desk.stored(venue, name).instrument.rules == RULES[venue, name]
    assert desk.store.series()[0].venue == venue


@pytest.mark.parametrize(
    ("venue", "name", "refused"),
    [("binance", "BTC/USDT:USDT", "1s"), ("kucoin", "BTC/USDT:USDT", "3m"), ("bybit", "BTC/USDT", "8h")],
)
def test_a_timeframe_that_the_exchange_does_not_have(venue: str, name: str, refused: str, desk: Desk) -> None:
    place = desk.place(venue, name)
    with pytest.raises(InputError, match=f"{venue} has no {refused} bars of .* it has 1m, .*1d") as told:
        timeframe_of(place, refused)
    assert "1M" not in str(told.value)
    assert timeframe_of(place, "60") == timeframe_of(place, "1h")


@everywhere
def test_an_instrument_that_the_exchange_does_not_have(venue: str, name: str, desk: Desk) -> None:
    place = desk.place(venue, name)
    with pytest.raises(NotFound, match=rf"{venue} has no .* BTC/USDC.*\. Did you mean '{name}'\?"):
        find(place, parse_instrument(name.replace("USDT", "USDC")))


def test_a_perpetual_that_settles_in_its_coin_is_refused(desk: Desk) -> None:
    with pytest.raises(InputError, match="BTC/USD:BTC settles in BTC; only perpetuals that settle in their quote"):
        find(desk.place("kucoin", "BTC/USD:BTC"), parse_instrument("BTC/USD:BTC"))


def test_no_key_and_no_signature_is_sent(desk: Desk) -> None:
    for venue, name in EVERYWHERE:
        desk.fill(venue, name, JANUARY, JANUARY + HOUR)
        words = {word.lower() for _, query in desk.exchange.log for word in query}
        assert not words & {"signature", "apikey", "timestamp", "recvwindow"}
        assert not any("key" in header.lower() or "sign" in header.lower() for header in desk.exchange.headers)


def test_the_server_ends_pages_as_the_exchanges_do() -> None:
    """The server is the measure here, so it must not be kinder than the exchanges are."""
    x = Exchange(now=lambda: NOW)
    assert len(x.rows("BTC", HOUR, JANUARY, JANUARY + 3 * HOUR)) == 3
    assert x.rows("BTC", HOUR, NOW - HOUR, NOW + DAY)[-1][0] == NOW // HOUR * HOUR  # the one that grows is among them
