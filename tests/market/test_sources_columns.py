"""Which column is which."""

import pytest

from wickwork.market.sources.columns import find_columns
from wickwork.model.errors import InputError
from wickwork.model.instrument import parse_instrument

FOUR = ["time", "open", "high", "low", "close"]


def volume_of(*names: str, instrument: str = "BTC/USDT") -> str:
    return find_columns([*FOUR, *names], parse_instrument(instrument), "x.csv").values["volume"]


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (("Volume USDT", "Volume BTC"), "Volume BTC"),
        (("Volume BTC", "Volume USDT"), "Volume BTC"),
        (("Volume_(Currency)", "Volume_(BTC)"), "Volume_(BTC)"),
        (("Volume XBT",), "Volume XBT"),
        (("Volatility", "Volume"), "Volume"),
        (("volume change", "Vol."), "Vol."),
        (("quote_volume", "taker_buy_base_volume", "base_volume"), "base_volume"),
        (("volumeto", "volumefrom"), "volumefrom"),
        (("BTC Volume", "USDT Volume"), "BTC Volume"),
        (("<TICKVOL>", "<VOL>"), "<VOL>"),
        (("<TICKVOL>",), "<TICKVOL>"),
        (("Volumen",), "Volumen"),
    ],
)
def test_the_volume_is_that_of_the_base_currency(names: tuple[str, ...], found: str) -> None:
    assert volume_of(*names) == found


@pytest.mark.parametrize(
    "names", [("Volatility",), ("volume_ma",), ("Volume USDT",), ("Volume USD", "VolumeETH"), ("vola",)]
)
def test_another_column_is_never_taken_for_the_volume(names: tuple[str, ...]) -> None:
    with pytest.raises(InputError, match=r"x\.csv has no column for volume; found: time, open") as error:
        volume_of(*names)
    assert (f"'{names[0]}' is not a volume in BTC." in str(error.value)) == (" " in names[0] or "_" in names[0])


def test_a_perpetual_counts_its_base_too() -> None:
    assert volume_of("Volume USDT", "Volume ETH", instrument="ETH/USDT:USDT") == "Volume ETH"
    assert volume_of("Volume BTC", "Volume ETH", instrument="ETH/BTC") == "Volume ETH"


@pytest.mark.parametrize("name", ["Close", "close (1)"])
def test_two_columns_of_one_name_are_refused(name: str) -> None:
    with pytest.raises(InputError, match=r"more than one column called close \(close and .*\); leave one of them out"):
        volume_of("volume", name)


def test_the_opening_time_beside_the_closing_time() -> None:
    names = ["T", "t", "o", "h", "l", "c", "v"]
    assert find_columns(names, parse_instrument("BTC"), "x").times == ("t",)
