import hashlib
import subprocess
import sys
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wickwork.market.demo import (
    DEMO_INSTRUMENTS,
    DEMO_PERPETUALS,
    DEMO_SOURCE,
    DEMO_START,
    DEMO_STOP,
    demo_bars,
    demo_instrument,
    noise,
)
from wickwork.market.demo.days import days_of
from wickwork.market.quality import check_bars
from wickwork.market.resample import resample
from wickwork.model.bars import COLUMNS, iso
from wickwork.model.errors import InputError, NotFound
from wickwork.model.instrument import Kind
from wickwork.model.timeframe import DAY, HOUR, MINUTE

YEAR = 365 * DAY
NAMES = (
    "AAVE ADA ALGO ARB ATOM AVAX BAL BAT BCH BNB BTC COMP CRV DOGE DOT ENJ ENS ETC ETH FIL GALA GRT IMX KAVA LINK LTC "
    "MANA MATIC MKR NEAR OP SAND SNX SOL SPELL UNI XRP ZRX"
)


def moves(close: np.ndarray) -> np.ndarray:
    return np.diff(np.log(close))


def test_the_instruments() -> None:
    assert " ".join(one.base for one in DEMO_INSTRUMENTS) == NAMES
    assert {(one.quote, one.venue, one.kind) for one in DEMO_INSTRUMENTS} == {("USDT", "demo", Kind.SPOT)}
    assert {one.kind for one in DEMO_PERPETUALS} == {Kind.PERPETUAL}
    for one in DEMO_INSTRUMENTS + DEMO_PERPETUALS:
        assert one.rules.tick > 0
        assert one.rules.lot == one.rules.minimum_quantity > 0
        assert one.rules.minimum_notional == 5.0
    assert demo_instrument("btcusdt").rules.tick == 0.01
    assert str(demo_instrument("BINANCE:BTCUSDT.P")) == "BTC/USDT:USDT"
    assert demo_instrument("BINANCE:BTC").venue == "demo"
    with pytest.raises(NotFound, match=r"The demo market has no BTCC/USDT\. Did you mean 'BTC/USDT'\?"):
        demo_instrument("BTCC")


def test_the_same_bars_on_every_machine_and_in_every_process() -> None:
    """These digests may only change with the name of the streams in `noise`: old runs name them."""
    known = {
        ("BTC", "1h"): "634b7a8310a4ae66",
        ("SPELL", "1m"): "283a46e7a7a7387a",
        ("ETH-PERP", "1d"): "1e5f38020ea613df",
    }
    found = {key: demo_bars(*key, DEMO_START + YEAR, DEMO_START + YEAR + 30 * DAY).digest()[:16] for key in known}
    assert found == known
    code = (
        "from wickwork.market.demo import demo_bars, DEMO_START as s;"
        f"print(demo_bars('BTC', '1h', s + {YEAR}, s + {YEAR + 30 * DAY}).digest()[:16])"
    )
    there = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603
    assert there.stdout.strip() == known["BTC", "1h"]


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(["BTC", "SPELL", "ETH-PERP"]),
    st.sampled_from(["1m", "15m", "1h", "4h", "1d", "90m", "7h", "2d", "1w"]),
    st.integers(0, 20 * 1440),
    st.integers(0, 20 * 1440),
)
def test_a_bar_has_the_same_values_in_every_window(name: str, timeframe: str, start: int, length: int) -> None:
    begin = DEMO_START + 300 * DAY
    whole = demo_bars(name, timeframe, begin - 30 * DAY, begin + 60 * DAY)
    first, last = begin + start * MINUTE, begin + (start + length) * MINUTE
    assert demo_bars(name, timeframe, first, last).digest() == whole.between(first, last).digest()


@pytest.mark.parametrize("name", ["BTC", "SPELL", "SOL-PERP"])
def test_slower_bars_are_made_of_the_minutes(name: str) -> None:
    start, stop = DEMO_START + 3 * DAY, DEMO_START + 80 * DAY  # a Monday; more than one chunk
    minutes = demo_bars(name, "1m", start, stop)
    for timeframe in ("5m", "15m", "1h", "90m", "4h", "1d", "1w", "7h"):
        slower = demo_bars(name, timeframe, start, stop)
        again = resample(minutes, timeframe).between(start, stop)
        assert slower.slice(0, len(again)).digest() == again.digest()
        assert len(slower) - len(again) <= 1


@pytest.mark.parametrize("instrument", DEMO_INSTRUMENTS + DEMO_PERPETUALS, ids=str)
def test_bars_are_sound_without_holes_and_on_the_tick(instrument: object) -> None:
    hours = demo_bars(instrument, "1h", DEMO_START + YEAR, DEMO_START + YEAR + 120 * DAY)  # type: ignore[arg-type]
    assert len(hours) == 120 * 24
    report = check_bars(hours)
    assert report.sound
    assert report.missing == 0
    assert report.of("frozen") == []
    tick = hours.instrument.rules.tick
    for name in ("open", "high", "low", "close"):
        prices = getattr(hours, name)
        assert np.abs(prices / tick - np.rint(prices / tick)).max() < 1e-6
    assert (hours.open[1:] == hours.close[:-1]).all()  # no seam, not at midnight either
    assert hours.source == DEMO_SOURCE == "demo market (synthetic)"


def test_every_minute_of_a_cheap_and_a_dear_coin_is_sound() -> None:
    for name in ("BTC", "SPELL", "GALA-PERP"):
        minutes = demo_bars(name, "1m", DEMO_STOP - 20 * DAY)
        assert len(minutes) == 20 * 1440
        assert check_bars(minutes).sound
        assert (minutes.open[1:] == minutes.close[:-1]).all()
        assert (minutes.volume > 0).all()


def test_it_behaves_like_a_market() -> None:
    btc, eth, link = (demo_bars(name, "1h", DEMO_START, DEMO_START + 2 * YEAR) for name in ("BTC", "ETH", "LINK"))
    daily = moves(resample(btc, "1d").close)
    assert 0.02 < daily.std() < 0.05
    for one in (btc, eth, link):
        change = moves(one.close)
        assert 5 < ((change - change.mean()) ** 4).mean() / change.var() ** 2 < 60  # heavy tails
        size = np.abs(change)
        for lag in (1, 24):
            assert np.corrcoef(size[lag:], size[:-lag])[0, 1] > 0.08  # restlessness comes in clusters
        assert abs(np.corrcoef(change[1:], change[:-1])[0, 1]) < 0.05  # but the next move is not given away
    assert 0.6 < np.corrcoef(moves(btc.close), moves(eth.close))[0, 1] < 0.95
    assert 0.3 < np.corrcoef(moves(btc.close), moves(link.close))[0, 1] < 0.9
    by_hour = btc.volume.reshape(-1, 24).mean(axis=0)
    assert by_hour[14] > 1.5 * by_hour[4]


def test_there_are_seasons_and_realistic_levels() -> None:
    days = demo_bars("BTC", "1d")
    assert (iso(days.opened_at[0]), iso(days.opened_at[-1])) == ("2021-01-01T00:00:00Z", "2025-12-31T00:00:00Z")
    assert 5_000 < days.low.min() < days.high.max() < 250_000
    quarter = days.close[90:] / days.close[:-90] - 1
    assert quarter.max() > 0.4
    assert quarter.min() < -0.3
    for instrument in DEMO_INSTRUMENTS:
        midnights = days_of(instrument.base).midnights
        assert midnights.min() > 300 * instrument.rules.tick
        assert 1.5 < midnights.max() / midnights.min() < 80


def test_a_perpetual_follows_its_spot_with_a_small_basis() -> None:
    spot, perpetual = (demo_bars(name, "1h", DEMO_START, DEMO_START + YEAR) for name in ("BTC", "BTC-PERP"))
    basis = perpetual.close / spot.close - 1
    assert 0.0001 < np.abs(basis).mean() < 0.002
    assert np.abs(basis).max() < 0.003
    assert (perpetual.volume != spot.volume).all()
    assert str(perpetual.instrument) == "BTC/USDT:USDT"


def test_bars_that_would_reach_out_of_the_market_are_left_out() -> None:
    weeks = demo_bars("BTC", "1w")
    assert iso(weeks.opened_at[0]) == "2021-01-04T00:00:00Z"
    assert weeks.opened_at[-1] + 7 * DAY <= DEMO_STOP
    assert demo_bars("BTC", "1h", 0, 2**52).opened_at[[0, -1]].tolist() == [DEMO_START, DEMO_STOP - HOUR]
    for start, stop in [(DEMO_STOP, None), (None, DEMO_START), (DEMO_START + DAY, DEMO_START + DAY), (DEMO_STOP, 0)]:
        assert len(demo_bars("BTC", "1h", start, stop)) == 0
    assert len(demo_bars("BTC", "1h", DEMO_START + 1, DEMO_START + HOUR + 1)) == 1
    assert len(demo_bars("BTC", "3000d")) == 0


def test_nothing_is_finer_than_a_minute() -> None:
    with pytest.raises(InputError, match=r"no bars of 30s; its fastest are of 1m\."):
        demo_bars("BTC", "30s")


def test_columns_can_be_hashed_alone() -> None:
    """The golden digests rest on these bytes: little-endian columns of 64 bits."""
    bars = demo_bars("BTC", "1d", DEMO_START, DEMO_START + 10 * DAY)
    assert all(getattr(bars, name).dtype == np.dtype("<f8") for name in COLUMNS)
    assert len(hashlib.sha256(bars.close.tobytes()).digest()) == 32


@given(st.integers(0, 10**6), st.integers(1, 500), st.integers(1, 400))
def test_noise_can_be_had_from_any_place(start: int, count: int, every: int) -> None:
    whole_words = noise.words("test", max(start - 7, 0), count + 20)
    skip = start - max(start - 7, 0)
    assert (noise.words("test", start, count) == whole_words[skip : skip + count]).all()
    smooth = noise.smooth("test", start, count, every)
    assert (smooth == noise.smooth("test", max(start - 7, 0), count + 20, every)[skip : skip + count]).all()
    assert (smooth >= 0).all()
    assert (smooth < 1).all()


def test_noise_is_spread_as_it_says() -> None:
    bells = noise.bells("test", 0, 200_000)
    assert abs(bells.mean()) < 0.01
    assert abs(bells.std() - 1) < 0.01
    assert abs(np.corrcoef(bells, noise.bells("other", 0, 200_000))[0, 1]) < 0.01
    even = noise.uniforms("test", 0, 200_000)
    assert abs(even.mean() - 0.5) < 0.005
    assert 0 <= even.min() < even.max() < 1


def test_it_is_quick() -> None:
    demo_bars("ADA", "1h", DEMO_START, DEMO_START + DAY)  # the days of the market are made once
    began = time.perf_counter()
    demo_bars("ADA", "1h", DEMO_START, DEMO_START + YEAR)
    demo_bars("ADA", "1m", DEMO_START, DEMO_START + 60 * DAY)
    assert time.perf_counter() - began < 1.0
