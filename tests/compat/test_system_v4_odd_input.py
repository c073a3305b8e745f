"""What System V4's interface should refuse: each gives a sentence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from wickwork.compat.system_v4 import (
    MACD,
    RSI,
    BaseIndicator,
    BollingerBands,
    IndicatorConfiguration,
    IndicatorPipeline,
    IndicatorRegistry,
    KLineDataLoader,
)
from wickwork.model.errors import InputError

pd = pytest.importorskip("pandas")

CLOSE = 100.0 + np.sin(np.arange(60) / 3)
MOMENTS = np.arange(60) * 3_600_000 + 1_704_067_200_000
DF = pd.DataFrame(
    {"open": CLOSE, "high": CLOSE + 1, "low": CLOSE - 1, "close": CLOSE, "volume": 1.0},
    index=pd.DatetimeIndex(MOMENTS.astype("datetime64[ms]"), tz="UTC", name="open_time"),
)
INDICATORS = (MACD, RSI, BollingerBands)


@pytest.mark.parametrize("kind", INDICATORS)
@pytest.mark.parametrize("close", [DF.index, True, 1j, pd.Timedelta("1h")])
def test_a_close_of_times_or_truths_is_no_number(kind: Any, close: Any) -> None:
    with pytest.raises(InputError, match="the column close has no number at row 0"):
        kind().get_signals(DF.assign(close=close))


@pytest.mark.parametrize("kind", INDICATORS)
def test_two_columns_of_a_name_are_refused(kind: Any) -> None:
    with pytest.raises(InputError, match="2 columns named close"):
        kind().calculate(pd.concat([DF, DF], axis=1))


@pytest.mark.parametrize("kind", INDICATORS)
def test_prices_as_text_give_the_same_signals(kind: Any) -> None:
    assert kind().get_signals(DF.astype(str)) == kind().get_signals(DF)


@pytest.mark.parametrize("kind", INDICATORS)
def test_the_remedy_for_parameters_without_names_has_those_of_the_indicator(kind: Any) -> None:
    with pytest.raises(InputError) as error:
        kind(5)
    assert f"write {kind.__name__}({kind().get_required_params()})" in str(error.value)


class NoParameters(BaseIndicator):
    def __init__(self) -> None:
        super().__init__("Own", None)

    def get_required_params(self) -> dict[str, Any]:
        return {}

    def get_required_columns(self) -> list[str]:
        return []

    def calculate(self, klines: Any) -> Any:
        return klines

    def get_signals(self, klines: Any) -> list[Any]:
        return []


@pytest.mark.parametrize(
    ("name", "kind", "sentence"),
    [
        ("Own", NoParameters, "Its constructor takes the parameters as a mapping"),
        ([], RSI, "name of an indicator is a text"),
        (5, RSI, "name of an indicator is a text, was given 5"),
        ("  ", RSI, "name of an indicator is a text"),
    ],
)
def test_what_cannot_be_registered(name: Any, kind: Any, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        IndicatorRegistry.register(name, kind)
    assert list(IndicatorRegistry.list_indicators()) == ["MACD", "RSI", "Bollinger Bands"]


@pytest.mark.parametrize("name", [[], {}, None, 5])
def test_a_name_of_another_type_is_no_indicator(name: Any) -> None:
    config = IndicatorConfiguration()
    for use in (
        IndicatorRegistry.get,
        IndicatorPipeline().add,
        config.get_indicator_params,
        lambda one: config.set_indicator_enabled(one, True),
        lambda one: config.set_indicator_params(one, {}),
    ):
        with pytest.raises(InputError, match="There is no indicator"):
            use(name)
    assert not IndicatorRegistry.is_registered(name)


@pytest.mark.parametrize("params", [5, "period", [1]])
def test_parameters_without_names_are_refused(params: Any) -> None:
    with pytest.raises(InputError, match="parameters of RSI are given by name"):
        IndicatorPipeline().add("RSI", params)


def test_a_configuration_of_more_than_indicators_is_refused() -> None:
    with pytest.raises(InputError, match="A configuration of indicators is"):
        IndicatorConfiguration({"indicators": {}, "enabled": ["RSI"]})


@pytest.mark.parametrize(
    ("column", "value", "fault"),
    [
        ("close", "abc", "close has no number in 60 rows"),
        ("close", np.inf, "close has no number in 60 rows"),
        ("low", None, "low has no number in 60 rows"),
        ("open", 0.0, "open is 0 or less in 60 rows"),
        ("volume", -1.0, "volume is below 0 in 60 rows"),
        ("high", "90", "The high is below the low in 60 rows"),
    ],
)
def test_bars_whose_prices_are_none_are_found(column: str, value: Any, fault: str) -> None:
    valid, faults = KLineDataLoader.validate_data(DF.assign(**{column: value}))
    assert not valid
    assert fault in " ".join(faults)


@pytest.mark.parametrize("data", [None, 5, [], pd.concat([DF, DF], axis=1)])
def test_what_are_no_bars_is_refused(data: Any) -> None:
    with pytest.raises(InputError, match="validate_data"):
        KLineDataLoader.validate_data(data)


def test_folders_and_lists_of_symbols_of_other_types_are_refused() -> None:
    with pytest.raises(InputError, match="folder= is the path of a folder"):
        KLineDataLoader.load_klines("BTCUSDT", "1h", folder=5)  # type: ignore[arg-type]
    for symbols in (None, "BTCUSDT", 5):
        with pytest.raises(InputError, match="takes a list of symbols"):
            KLineDataLoader.load_multiple(symbols, "1h")  # type: ignore[arg-type]


def load(folder: Path, frame: Any) -> Any:
    path = folder / "klines" / "BTCUSDT" / "BTC_1h.parquet"
    path.parent.mkdir(parents=True)
    frame.to_parquet(path)
    return KLineDataLoader.load_klines("BTCUSDT", "1h", folder=folder)


@pytest.mark.parametrize(
    ("columns", "sentence"),
    [
        ({"open_time": MOMENTS // 1000}, r"column open_time: 1704067200 at row 0 is no time; .*seconds"),
        ({"open_time": MOMENTS * 1000}, r"column open_time: 1704067200000000 at row 0 is no time; .*microseconds"),
        ({"open_time": -5}, "column open_time: -5 at row 0 is no time"),
        ({"open_time": "x"}, "column open_time: 'x' is not a time"),
        ({"close_time": [np.nan] * 60}, "column close_time: The time at position 0 is missing"),
    ],
)
def test_times_that_are_no_milliseconds_are_refused(tmp_path: Path, columns: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        load(tmp_path, DF.reset_index(drop=True).assign(open_time=MOMENTS).assign(**columns))


def test_a_file_without_a_price_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="has no column close; its columns are open_time, open"):
        load(tmp_path, DF.reset_index().drop(columns="close"))


def test_a_file_whose_index_are_the_times_is_read(tmp_path: Path) -> None:
    assert load(tmp_path, DF).index.equals(DF.index)
