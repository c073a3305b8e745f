import pytest
from hypothesis import given
from hypothesis import strategies as st

from wickwork.model.errors import InputError
from wickwork.model.instrument import (
    COINS,
    QUOTES,
    Instrument,
    Kind,
    Rules,
    names_its_quote,
    parse_instrument,
)


@pytest.mark.parametrize(
    ("text", "name", "venue"),
    [
        ("BTC", "BTC/USDT", ""),
        ("btc", "BTC/USDT", ""),
        (" ETH ", "ETH/USDT", ""),
        ("BTCUSDT", "BTC/USDT", ""),
        ("BTC/USDT", "BTC/USDT", ""),
        ("BTC-USD", "BTC/USD", ""),
        ("btc_usdt", "BTC/USDT", ""),
        ("btc usdt", "BTC/USDT", ""),
        ("BTCUSD", "BTC/USD", ""),
        ("BTCEUR", "BTC/EUR", ""),
        ("ETHBTC", "ETH/BTC", ""),
        ("BNBETH", "BNB/ETH", ""),
        ("1000PEPEUSDT", "1000PEPE/USDT", ""),
        ("1INCHUSDT", "1INCH/USDT", ""),
        ("4USDT", "4/USDT", ""),
        ("BINANCE:BTCUSDT", "BTC/USDT", "binance"),
        ("binance:btc/usdt", "BTC/USDT", "binance"),
        ("Coinbase:BTC-USD", "BTC/USD", "coinbase"),
        ("BTC/USDT:USDT", "BTC/USDT:USDT", ""),
        ("BTC-USDT:USDT", "BTC/USDT:USDT", ""),
        ("BTCUSDT:USDT", "BTC/USDT:USDT", ""),
        ("BYBIT:BTC/USDT:USDT", "BTC/USDT:USDT", "bybit"),
        ("BTCUSDT.P", "BTC/USDT:USDT", ""),
        ("BYBIT:BTCUSDT.P", "BTC/USDT:USDT", "bybit"),
        ("BTCUSDTPERP", "BTC/USDT:USDT", ""),
        ("BTCUSDT-PERP", "BTC/USDT:USDT", ""),
        ("BTC-PERP", "BTC/USDT:USDT", ""),
        ("BTCPERP", "BTC/USDT:USDT", ""),
        ("BTC-USDT-SWAP", "BTC/USDT:USDT", ""),
        ("BTC_USDT_USDT", "BTC/USDT:USDT", ""),
        ("XBT-USD-XBT", "BTC/USD:BTC", ""),
        ("ETH/USD:BTC", "ETH/USD:BTC", ""),
        ("ETH/USDC:USDC", "ETH/USDC:USDC", ""),
        ("BTC-USD-SWAP", "BTC/USD:BTC", ""),
        ("BTCUSD_PERP", "BTC/USD:BTC", ""),
        ("BTC/USD:USD", "BTC/USD:USD", ""),
        ("XBTUSD", "BTC/USD", ""),
        ("XBT/USD:XBT", "BTC/USD:BTC", ""),
        # Words that could be cut in two ways.
        ("DOTUSD", "DOT/USD", ""),
        ("BATUSD", "BAT/USD", ""),
        ("BNBUSD", "BNB/USD", ""),
        ("ARBUSD", "ARB/USD", ""),
        ("USDTUSD", "USDT/USD", ""),
        ("BTCTUSD", "BTC/TUSD", ""),
        ("BTCFDUSD", "BTC/FDUSD", ""),
        ("USDCUSDT", "USDC/USDT", ""),
        ("USDC", "USDC/USDT", ""),
        ("WBTC", "WBTC/USDT", ""),
        ("WBTCBTC", "WBTC/BTC", ""),
        ("STETH", "STETH/USDT", ""),
        ("PERP", "PERP/USDT", ""),
        ("PERPUSDT", "PERP/USDT", ""),
    ],
)
def test_every_common_spelling(text: str, name: str, venue: str) -> None:
    instrument = parse_instrument(text)
    assert (str(instrument), instrument.venue) == (name, venue)


def test_the_quote_is_used_only_where_none_is_named() -> None:
    assert str(parse_instrument("BTC", quote="usd")) == "BTC/USD"
    assert str(parse_instrument("BTC-PERP", quote="USDC")) == "BTC/USDC:USDC"
    assert str(parse_instrument("BTCUSDT", quote="EUR")) == "BTC/USDT"


def test_an_instrument_stays_as_it_is() -> None:
    instrument = Instrument("BTC", "USDT", venue="demo", rules=Rules(tick=0.1))
    assert parse_instrument(instrument) is instrument


@pytest.mark.parametrize(
    "text",
    [
        *"""
    / BTC/ /USDT BTC/USDT: :BTC BINANCE: BTC/BTC USDT 2024 BTC.X B$C a/b/c/d BI^NANCE:BTC BTC//USDT :: BTC/USDT.
    BTC-USDT-FOO-BAR BTC_USDT_CLEAN BTC-USDT-hourly btc/usdt/final BTC_USDT_BNB
    """.split(),  # noqa: SIM905
        "",
        " ",
        "BI NANCE:BTC",
    ],
)
def test_what_is_no_instrument_is_told_with_an_example(text: str) -> None:
    with pytest.raises(InputError, match=r"is not an instrument; write one like BTC/USDT"):
        parse_instrument(text)


@pytest.mark.parametrize("text", ["BTC-USDT-240628", "BTC/USDT:USDT-240628", "BTCUSDT_240628", "BTC-28JUN24"])
def test_dated_futures_are_refused_by_name(text: str) -> None:
    with pytest.raises(InputError, match="has a date of delivery"):
        parse_instrument(text)


def test_the_canonical_spelling_is_read_back() -> None:
    for base in COINS - QUOTES:
        for quote in QUOTES:
            for settle in ("", quote, base):
                instrument = Instrument(base, quote, settle)
                assert parse_instrument(str(instrument)) == instrument


def test_every_coin_against_the_usual_quotes_in_one_word() -> None:
    for base in COINS:
        for quote in ("USDT", "USDC", "USD", "EUR"):
            if base != quote:
                assert str(parse_instrument(base + quote)) == f"{base}/{quote}"


@given(st.text(max_size=24) | st.text("BTCUSDP/:-_. 123", max_size=16))
def test_any_text_gives_an_instrument_or_a_sentence(text: str) -> None:
    try:
        instrument = parse_instrument(text)
    except InputError:
        return
    assert parse_instrument(str(instrument)) == Instrument(instrument.base, instrument.quote, instrument.settle)


def test_a_word_that_may_not_be_an_instrument() -> None:
    assert all(names_its_quote(word) for word in ("BTCUSDT", "doge", "FOO-USD", "FOOUSDT", "BTC_USDT_USDT"))
    assert not any(names_its_quote(word) for word in ("prices", "my data", "2024", "", "BTC_clean", "BTC_USDT_clean"))
    assert not names_its_quote("BTC", alone=False)


def test_kind_and_rules() -> None:
    assert parse_instrument("BTC").kind is Kind.SPOT
    assert parse_instrument("BTC-PERP").kind is Kind.PERPETUAL
    assert Instrument("BTC", "USDT", rules=Rules(tick=0.1)) == Instrument("BTC", "USDT")
    for value in (-1.0, float("nan"), float("inf")):
        with pytest.raises(InputError, match="rule lot must be 0 or a positive number"):
            Rules(lot=value)
