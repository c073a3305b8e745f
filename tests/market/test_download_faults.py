"""Downloads when the exchange limits, fails, lies or is away: the same bars in the end, or a sentence."""

from __future__ import annotations

import sys

import pytest
from exchange_server import DAY, HOUR

from conftest import JANUARY, Desk
from wickwork.market.download import backfill
from wickwork.market.download.backfill import Progress
from wickwork.market.download.request import PATIENCE, TRIES, RequestFailed
from wickwork.model.errors import InputError, WickworkError
from wickwork.model.instrument import Kind

NAMES = ["BTC/USDT", "BTC/USDT:USDT"]
EVERYWHERE = [(venue, name) for venue in ("binance", "bybit", "kucoin") for name in NAMES]
everywhere = pytest.mark.parametrize(("venue", "name"), EVERYWHERE)
STOP = JANUARY + 3100 * HOUR


def meet(desk: Desk, *faults: str, kind: str = "klines", after: int = 1) -> None:
    """Let requests meet faults, after so many that do not."""
    desk.exchange.faults[kind].extend([*[None] * after, *faults])


PASSING = {
    "429:3": "limits the rate of requests",
    "418:60": "limits the rate of requests",
    "500": "has an internal error (HTTP 500)",
    "502": "has an internal error (HTTP 502)",
    "503": "has an internal error (HTTP 503)",
    "504": "has an internal error (HTTP 504)",
    "drop": "cannot be reached at 127.0.0.1",
    "refuse": "cannot be reached at 127.0.0.1",
    "truncated": "sent a response that cannot be read",
    "page": "sent a response that cannot be read",
    "elsewhere": "sent bars of another time",
    "numbers": "sent",
    "letters": "sent",
}


@everywhere
@pytest.mark.parametrize("fault", PASSING)
def test_what_passes_is_asked_again(fault: str, venue: str, name: str, desk: Desk) -> None:
    meet(desk, fault, fault)
    done = desk.fill(venue, name, JANUARY, STOP)
    assert done.added == 3100
    assert desk.has_all(venue, name, JANUARY, STOP)
    assert len(desk.pauses) == 2
    assert all(why.startswith(f"{venue} ") and PASSING[fault] in why for _, why in desk.pauses)
    asked = desk.exchange.asked()
    assert asked[1] == asked[2] == asked[3]
    assert len(asked) == len(set(asked)) + 2
    number = fault.partition(":")[2]
    if number:
        assert all(float(number) <= seconds <= float(number) + 1 for seconds, _ in desk.pauses)
    else:
        assert [seconds for seconds, _ in desk.pauses] == [1.0, 2.0]
    assert desk.slept >= sum(seconds for seconds, _ in desk.pauses)


def test_an_exchange_that_hangs_is_asked_again(desk: Desk) -> None:
    desk.timeout = 1.0
    meet(desk, "hang:3")
    desk.fill("binance", "BTC/USDT", JANUARY, STOP)
    assert desk.has_all("binance", "BTC/USDT", JANUARY, STOP)
    assert desk.pauses[0] == (1.0, "binance did not answer in time.")
    assert desk.exchange.asked()[1] == desk.exchange.asked()[2]


@everywhere
@pytest.mark.parametrize("fault", ["empty", "twice", "outside"])
def test_what_is_wrong_with_a_page_does_not_reach_the_store(fault: str, venue: str, name: str, desk: Desk) -> None:
    meet(desk, fault)
    done = desk.fill(venue, name, JANUARY, STOP)
    assert desk.has_all(venue, name, JANUARY, STOP)
    assert (done.added, done.findings, desk.pauses) == (3100, (), [])
    asked = desk.exchange.asked()
    assert len(asked) == len(set(asked)) + (fault == "empty")


@everywhere
def test_a_row_with_impossible_prices_is_left_out_and_told(venue: str, name: str, desk: Desk) -> None:
    meet(desk, "high below low")
    done = desk.fill(venue, name, JANUARY, STOP)
    assert done.added == 3099
    assert [one.kind for one in done.findings] == ["ohlc"]
    assert "was left out" in done.findings[0].sentence


def test_bars_that_open_at_other_times_than_ours_are_refused(desk: Desk) -> None:
    meet(desk, "off the grid")
    with pytest.raises(InputError, match="The 1h bars of bybit do not open at the times of Wickwork's"):
        desk.fill("bybit", "BTC/USDT", JANUARY, STOP)
    assert len(desk.stored("bybit", "BTC/USDT")) == 1000


@everywhere
@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        ("429:1", "limits the rate of requests"),
        ("500", "has an internal error"),
        ("drop", "cannot be reached"),
        ("truncated", "cannot be read"),
        ("elsewhere", "bars of another time"),
    ],
)
def test_what_does_not_pass_ends_it_and_the_next_call_goes_on(
    fault: str, sentence: str, venue: str, name: str, desk: Desk
) -> None:
    meet(desk, *[fault] * TRIES, after=2)
    told: list[Progress] = []
    with pytest.raises(RequestFailed, match=rf"^{venue} .*{sentence}.*\. It was requested {TRIES} times\.$"):
        desk.fill(venue, name, JANUARY, STOP, on_progress=told.append)
    assert len(desk.pauses) == TRIES - 1
    begun = desk.exchange.asked()
    length = begun[1][0] - begun[0][0]
    assert told[-1].stored_until == begun[2][0] == JANUARY + 2 * length
    assert desk.has_all(venue, name, JANUARY, JANUARY + 2 * length)
    desk.fill(venue, name, JANUARY, STOP)
    assert desk.has_all(venue, name, JANUARY, STOP)
    assert desk.exchange.asked()[0] == begun[2]
    assert not set(desk.exchange.asked()) & set(begun[:2])


@everywhere
def test_a_ban_of_hours_is_not_sat_out(venue: str, name: str, desk: Desk) -> None:
    meet(desk, f"418:{PATIENCE * 24:.0f}")
    with pytest.raises(RequestFailed, match=r"limits the rate of requests.* It sets a pause of (2 hours|120 minutes)"):
        desk.fill(venue, name, JANUARY, STOP)
    assert desk.pauses == []
    assert len(desk.stored(venue, name)) > 0


@pytest.mark.parametrize(("fault", "sentence"), [("451", "refuses requests from here"), ("403", "refuses requests")])
@everywhere
def test_a_country_that_is_not_served_is_told_at_once(
    fault: str, sentence: str, venue: str, name: str, desk: Desk
) -> None:
    meet(desk, fault, kind="time", after=0)
    with pytest.raises(RequestFailed, match=f"{venue} {sentence}.*HTTP {fault}"):
        desk.fill(venue, name, JANUARY, STOP)
    assert desk.pauses == []


def test_a_wrong_address_is_told_at_once(desk: Desk) -> None:
    meet(desk, "404", kind="time", after=0)
    with pytest.raises(RequestFailed, match=r"rejects the request \(HTTP 404\)"):
        desk.fill("binance", "BTC/USDT", JANUARY, STOP)
    assert desk.pauses == []


@pytest.mark.parametrize("kind", ["time", "info"])
@pytest.mark.parametrize("fault", ["429:1", "drop", "truncated"])
@pytest.mark.parametrize(("venue", "name"), EVERYWHERE[::2])
def test_the_first_questions_are_asked_again_as_well(fault: str, kind: str, venue: str, name: str, desk: Desk) -> None:
    meet(desk, fault, kind=kind, after=0)
    assert desk.fill(venue, name, JANUARY, JANUARY + HOUR).added == 1
    assert len(desk.pauses) == 1


def test_requests_keep_the_distance_that_the_exchange_wants(desk: Desk) -> None:
    """ccxt knows how many requests an exchange takes; with its pauses the server has nothing to complain about."""
    desk.exchange.least_gap = 20
    desk.fill("binance", "BTC/USDT", JANUARY, STOP)
    assert desk.pauses == []
    desk.exchange.least_gap = 1000
    desk.fill("binance", "ETH/USDT", JANUARY, STOP)
    assert len(desk.pauses) == 4
    assert desk.has_all("binance", "ETH/USDT", JANUARY, STOP)


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, MemoryError])
def test_whatever_interrupts_what_came_is_stored(interruption: type[BaseException], desk: Desk) -> None:
    def stop(progress: Progress) -> None:
        if progress.answered >= 600:
            raise interruption

    with pytest.raises(interruption):
        desk.fill("kucoin", "BTC/USDT:USDT", JANUARY, STOP, on_progress=stop)
    assert len(desk.exchange.asked()) == 3
    assert desk.has_all("kucoin", "BTC/USDT:USDT", JANUARY, JANUARY + 600 * HOUR)


def test_what_came_is_stored_before_a_pause(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []
    monkeypatch.setattr(desk, "on_pause", lambda *_: seen.append(len(desk.stored("binance", "BTC/USDT"))))
    meet(desk, "500", after=2)
    desk.fill("binance", "BTC/USDT", JANUARY, STOP)
    assert seen == [2000]


def test_a_full_disk_is_told_and_the_next_call_goes_on(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backfill, "BATCH", 1)
    real = type(desk.store).append

    def full(self: object, bars: object, **options: object) -> object:
        if len(desk.exchange.asked()) > 2:
            raise WickworkError("The store could not write.")
        return real(self, bars, **options)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(type(desk.store), "append", full)
        with pytest.raises(WickworkError, match="could not write"):
            desk.fill("binance", "BTC/USDT", JANUARY, STOP)
    assert desk.has_all("binance", "BTC/USDT", JANUARY, JANUARY + 2000 * HOUR)
    desk.fill("binance", "BTC/USDT", JANUARY, STOP)
    assert desk.has_all("binance", "BTC/USDT", JANUARY, STOP)
    assert desk.exchange.asked()[0][0] == JANUARY + 2000 * HOUR


def test_an_unknown_symbol_is_not_asked_again(desk: Desk) -> None:
    place = desk.place("binance", "BTC/USDT")
    place.client.markets["BTC/USDT"]["id"] = "GONEUSDT"
    with pytest.raises(RequestFailed, match=r"binance does not list this instrument: .*Invalid symbol"):
        backfill.backfill(desk.store, place, _btc(place), backfill.Timeframe(HOUR), (JANUARY, JANUARY + DAY))
    assert len(desk.exchange.asked()) == 1


def _btc(place: object) -> object:
    from wickwork.market.download.connection import find
    from wickwork.model.instrument import parse_instrument

    return find(place, parse_instrument("BTC/USDT"))  # type: ignore[arg-type]


def test_without_ccxt_it_is_told_how_to_get_it(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ccxt", None)
    with pytest.raises(InputError, match=r"pip install 'wickwork\[exchanges\]'"):
        desk.place("binance", "BTC/USDT")


def test_every_exchange_has_spot_and_perpetuals() -> None:
    from wickwork.market.download.exchanges import EXCHANGES

    assert all(set(one.segments) == set(Kind) for one in EXCHANGES.values())
