"""System V4's indicators give its signals and values, and say what is wrong where it said nothing."""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from wickwork import InputError, demo_bars
from wickwork.compat import system_v4
from wickwork.compat.system_v4 import (
    MACD,
    RSI,
    BaseIndicator,
    BollingerBands,
    IndicatorConfiguration,
    IndicatorPipeline,
    IndicatorRegistry,
    IndicatorSignal,
    KLineDataLoader,
)

pd = pytest.importorskip("pandas")
ORACLE = Path(__file__).parents[3] / "shared" / "oracles" / "systems" / "sysv4_signals.json"
INDICATORS = {"MACD": MACD, "RSI": RSI, "Bollinger Bands": BollingerBands}


def wave(count: int = 240) -> Any:
    """The series of the reference signals."""
    i = np.arange(count)
    close = np.round(100 + 10 * np.sin(i / 9) + 0.02 * i + 3 * np.cos(1.7 * i), 6)
    opens = np.concatenate([close[:1], close[:-1]])
    index = pd.date_range("2024-01-01", periods=count, freq="1h")
    high, low = np.maximum(opens, close) + 1, np.minimum(opens, close) - 1
    return pd.DataFrame({"open": opens, "high": high, "low": low, "close": close, "volume": 1.0}, index)


@pytest.mark.skipif(not ORACLE.exists(), reason="no reference signals here")
@pytest.mark.parametrize("name", INDICATORS)
def test_the_signals_and_values_of_the_original(name: str) -> None:
    known, klines = json.loads(ORACLE.read_text()), wave()
    indicator = INDICATORS[name]()
    calculated = indicator.calculate(klines)
    for column, value in known["last"][name].items():
        assert calculated[column].iloc[-1] == pytest.approx(value, rel=1e-10)
    found = indicator.get_signals(calculated)
    expected = known["signals"][name]
    places = [klines.index.get_loc(one.timestamp) for one in found]
    assert [(i, one.signal_type, one.confidence) for i, one in zip(places, found, strict=True)] == [
        (one["i"], one["type"], one["confidence"]) for one in expected
    ]
    assert [one.value for one in found] == pytest.approx([one["value"] for one in expected], rel=1e-9)
    for one in found:
        assert json.dumps(dict(one.metadata), allow_nan=False)


def test_values_beside_those_of_pandas() -> None:
    klines = wave()
    close = klines.close
    line = close.ewm(span=5, adjust=False).mean() - close.ewm(span=9, adjust=False).mean()
    average = line.ewm(span=4, adjust=False).mean()
    found = MACD({"fast_period": 5, "slow_period": 9, "signal_period": 4}).calculate(klines)
    assert np.allclose(found.macd_histogram, line - average, rtol=1e-9, atol=1e-12)
    change = close.diff()
    up, down = change.clip(lower=0).rolling(7).mean(), (-change).clip(lower=0).rolling(7).mean()
    assert np.allclose(RSI({"period": 7}).calculate(klines).rsi, (100 * up / (up + down)).fillna(50))
    middle, spread = close.rolling(10).mean(), close.rolling(10).std()
    bands = BollingerBands({"period": 10, "std_dev": 1.5}).calculate(klines)
    assert np.allclose(bands.bb_lower, middle - 1.5 * spread, equal_nan=True)
    assert np.allclose(bands.bb_width, 3 * spread, equal_nan=True)
    assert np.allclose(bands.bb_position, ((close - bands.bb_lower) / (3 * spread)).clip(0, 1), equal_nan=True)


def test_columns_and_current_values() -> None:
    klines = wave()
    before = klines.copy()
    for indicator in (MACD(), RSI(), BollingerBands()):
        found = indicator.calculate(klines)
        assert [*klines.columns, *indicator.values.columns] == list(found.columns)
        assert found.index.equals(klines.index)
    assert klines.equals(before)
    bands, last = BollingerBands().get_current_values(klines), klines.close.iloc[-1]
    assert bands["distance_to_upper"] == pytest.approx(bands["upper"] - last)
    assert bands["distance_to_lower"] == pytest.approx(last - bands["lower"])
    now = MACD().get_current_values(klines)
    assert now["histogram"] == pytest.approx(now["macd"] - now["signal"])
    assert RSI().get_current_values(klines)["status"] == "NEUTRAL"
    assert RSI({"overbought": 55}).get_current_values(klines)["status"] == "OVERBOUGHT"


def test_the_signals_are_those_of_the_bars_that_are_given() -> None:
    """Not of the bars of an earlier call, as upstream."""
    indicator = MACD()
    indicator.calculate(wave())
    other = wave().iloc[50:]
    assert indicator.get_signals(other) == MACD().get_signals(other)
    assert indicator.get_latest_signal(other) == MACD().get_signals(other)[-1]


def test_rows_with_gaps_in_time_count_as_bars() -> None:
    klines = wave()
    gaps = klines.set_index(klines.index + pd.to_timedelta(np.arange(240) ** 2, unit="min"))
    assert [one.value for one in RSI().get_signals(gaps)] == [one.value for one in RSI().get_signals(klines)]
    numbered = klines.reset_index(drop=True)
    assert next(one.timestamp for one in RSI().get_signals(numbered)) == 32


def test_a_flat_series_has_finite_values() -> None:
    flat = wave().assign(close=100.0)
    assert RSI().calculate(flat).rsi.eq(50).all()
    assert BollingerBands().calculate(flat).bb_position.iloc[19:].eq(0.5).all()
    for indicator in (MACD(), RSI(), BollingerBands()):
        for one in indicator.get_signals(flat):
            assert math.isfinite(one.value)


def test_a_pipeline() -> None:
    klines = wave()
    pipeline = IndicatorPipeline().add("MACD").add("RSI", {"period": 21}).add("RSI").add("Bollinger Bands")
    results = pipeline.calculate(klines)
    assert list(results) == ["MACD", "RSI", "RSI (2)", "Bollinger Bands"]
    assert results["RSI"]["values"].rsi.iloc[-1] == RSI({"period": 21}).get_current_values(klines)["rsi"]
    assert results["MACD"]["latest_signals"] == pipeline.get_all_signals(klines)["MACD"][-1]
    assert len(pipeline.clear()) == 0
    short = IndicatorPipeline().add("MACD").add("RSI").calculate(klines.iloc[:20])
    assert short["MACD"] == {"error": "MACD needs at least 35 bars, was given 20."}
    assert "values" in short["RSI"]


class Typical(BaseIndicator):
    """The mean of high, low and close."""

    def __init__(self, params: Any = None) -> None:
        super().__init__("Typical", params or {})

    def get_required_params(self) -> dict[str, Any]:
        return {"weight": 1}

    def get_required_columns(self) -> list[str]:
        return ["high", "low", "close"]

    def calculate(self, klines: Any) -> Any:
        self.validate_inputs(klines)
        self.values = pd.DataFrame({"typical": (klines.high + klines.low + klines.close) / 3})
        return klines.join(self.values)

    def get_signals(self, klines: Any) -> list[IndicatorSignal]:
        return [IndicatorSignal("Typical", klines.index[-1], "HOLD", 1.0, 0.1)]


def test_an_indicator_of_ones_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(IndicatorRegistry, "_indicators", dict(IndicatorRegistry._indicators))
    IndicatorRegistry.register("Typical", Typical)
    assert IndicatorRegistry.list_indicators()["Typical"] == {
        "name": "Typical", "params": {"weight": 1}, "description": "The mean of high, low and close.",
    }  # fmt: skip
    assert IndicatorPipeline().add("Typical", {"weight": 2}).calculate(wave())["Typical"]["latest_signals"].value == 1.0
    with pytest.raises(InputError, match="Typical needs the column high, low"):
        Typical().calculate(wave()[["close"]])
    assert "Typical" in IndicatorConfiguration().get_enabled_indicators()
    assert IndicatorRegistry.get_params("MACD") == {"fast_period": 12, "slow_period": 26, "signal_period": 9}


def test_configurations_are_apart_and_change_whole_or_not_at_all() -> None:
    one, other = IndicatorConfiguration(), IndicatorConfiguration()
    one.set_indicator_params("MACD", {"fast_period": 10, "slow_period": 20})
    one.set_indicator_enabled("RSI", False)
    assert other.get_indicator_params("MACD")["fast_period"] == 12
    assert one.get_indicator_params("MACD") == {"fast_period": 10, "slow_period": 20, "signal_period": 9}
    assert (one.get_enabled_indicators(), len(one.pipeline())) == (["MACD", "Bollinger Bands"], 2)
    with pytest.raises(InputError):
        one.set_indicator_params("MACD", {"fast_period": 5, "slow_period": 0})
    assert one.get_indicator_params("MACD")["fast_period"] == 10
    again = IndicatorConfiguration(one.to_dict())
    assert again.to_dict() == one.to_dict() == one.config
    one.config["indicators"]["MACD"]["enabled"] = "broken"
    assert again.to_dict() == one.to_dict()


WAVE = wave()


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: RSI({"period": -3}), "RSI.period must be between 2 and 5000, was -3"),
        (lambda: RSI({"period": 2.5}), "RSI.period must be a whole number"),
        (lambda: RSI({"perod": 3}), "RSI has no parameter 'perod'. Did you mean 'period'"),
        (lambda: RSI({"overbought": 20}), "RSI.overbought must be between 50 and 100"),
        (lambda: MACD({"fast_period": 0}), "MACD.fast_period must be between"),
        (lambda: MACD({"signal_period": "nine"}), "MACD.signal_period must be a number"),
        (lambda: BollingerBands({"std_dev": -1}), "Bollinger Bands.std_dev must be a number from 0 to 50"),
        (lambda: BollingerBands({"period": 1}), "Bollinger Bands.period must be between 2"),
        (lambda: MACD().calculate([1, 2]), "MACD needs bars as a DataFrame"),
        (lambda: MACD().calculate(WAVE.drop(columns="close")), "MACD needs the column close"),
        (lambda: MACD().calculate(WAVE.iloc[:20]), "MACD needs at least 35 bars, was given 20"),
        (
            lambda: RSI().calculate(WAVE.assign(close=WAVE.close.where(WAVE.index != WAVE.index[7]))),
            "no number at row 7",
        ),
        (lambda: RSI().calculate(WAVE.assign(close="x")), "RSI: the column close has no number at row 0"),
        (lambda: RSI().calculate(WAVE.assign(close=-1.0)), "RSI: the close is -1 at row 0"),
        (lambda: IndicatorPipeline().add("RIS"), "There is no indicator 'RIS'.* Did you mean 'RSI'"),
        (lambda: IndicatorPipeline().add("RSI", {"period": -3}), "RSI.period must be between"),
        (lambda: IndicatorPipeline().add("RSI").get_all_signals(WAVE.iloc[:3]), "RSI needs at least 15 bars"),
        (lambda: IndicatorRegistry.register("X", int), "is no indicator; derive the class"),
        (lambda: IndicatorConfiguration({"RSI": {}}), "A configuration of indicators is"),
        (lambda: IndicatorConfiguration({"indicators": {"RIS": {}}}), "no indicator 'RIS'"),
        (lambda: IndicatorConfiguration({"indicators": {"RSI": {"on": True}}}), "RSI has enabled and params"),
        (lambda: IndicatorConfiguration().set_indicator_enabled("RSI", "yes"), "enabled with True or False"),  # type: ignore[arg-type]
        (lambda: IndicatorConfiguration().set_indicator_enabled("RIS", True), "in the configuration"),
        (lambda: IndicatorConfiguration().set_indicator_params("RSI", 5), "given by name"),  # type: ignore[arg-type]
    ],
)
def test_wrong_input_is_a_sentence(make: Any, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        make()


def data_set(folder: Path, symbol: str = "BTCUSDT", timeframe: str = "1h", **changes: Any) -> Path:
    """One file of the data set, of the demo market; the path of the folder."""
    bars = demo_bars("BTC/USDT", timeframe).slice(0, 200)
    columns: dict[str, Any] = {"open_time": bars.opened_at}
    columns |= {name: getattr(bars, name) for name in ("open", "high", "low", "close", "volume")}
    columns["close_time"] = bars.opened_at + bars.timeframe.milliseconds - 1
    columns |= {name: 1.0 for name in KLineDataLoader.REQUIRED_COLUMNS if name not in columns}
    path = folder / "klines" / symbol / f"{symbol.removesuffix('USDT')}_{timeframe}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    frame = pd.DataFrame(columns | changes)
    frame.drop(columns=[name for name, values in changes.items() if values is None]).to_parquet(path)
    return folder


def test_bars_from_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data_set(tmp_path)
    found = KLineDataLoader.load_klines("BTCUSDT", "1h", folder=tmp_path)
    bars = demo_bars("BTC/USDT", "1h").slice(0, 200)
    assert found.index.equals(bars.to_pandas().index.rename("open_time"))
    assert np.array_equal(found.close, bars.close)
    assert str(found.close_time.dtype.tz) == "UTC"
    assert KLineDataLoader.validate_data(found) == (True, [])
    monkeypatch.setenv("WICKWORK_KLINES", str(tmp_path))
    assert KLineDataLoader.load_klines("BTCUSDT", "1h").equals(found)
    data_set(tmp_path, "ETHUSDT")
    assert list(KLineDataLoader.load_multiple(["BTCUSDT", "ETHUSDT"], "1h")) == ["BTCUSDT", "ETHUSDT"]
    assert len(KLineDataLoader.get_supported_symbols()) == 38
    assert KLineDataLoader.get_supported_timeframes() == ["15m", "1h", "1d"]


def test_rows_of_a_file_are_put_in_order_and_those_without_a_price_left_out(tmp_path: Path) -> None:
    times = demo_bars("BTC/USDT", "1h").slice(0, 200).opened_at[::-1]
    data_set(tmp_path, open_time=times, close=[np.nan, *[100.0] * 199])
    found = KLineDataLoader.load_klines("BTCUSDT", "1h", folder=tmp_path)
    assert (len(found), found.index.is_monotonic_increasing) == (199, True)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda df: df.drop(columns="close_time"), "Columns are missing: close_time."),
        (lambda df: df.assign(close=np.nan), "The column close has no number in 200 rows."),
        (lambda df: df.assign(high=df.low - 1), "The high is below the low in 200 rows."),
        (lambda df: df.iloc[::-1], "The rows are not in order of time."),
        (lambda df: pd.concat([df, df.iloc[-1:]]), "1 rows have a time that an earlier row has."),
    ],
)
def test_each_fault_of_bars_is_found(tmp_path: Path, change: Any, fault: str) -> None:
    found = KLineDataLoader.load_klines("BTCUSDT", "1h", folder=data_set(tmp_path))
    assert KLineDataLoader.validate_data(change(found), "BTCUSDT") == (False, [f"BTCUSDT: {fault}"])


def test_bars_from_the_hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WICKWORK_KLINES", raising=False)
    requests = []

    def download(**request: Any) -> str:
        requests.append(request)
        if request["cache_dir"] is None:
            raise ConnectionError("no network\nmore")
        return str(data_set(tmp_path) / request["filename"])

    monkeypatch.setitem(sys.modules, "huggingface_hub", SimpleNamespace(hf_hub_download=download))  # type: ignore[arg-type]
    assert len(KLineDataLoader.load_klines("BTCUSDT", "1h", cache_dir=tmp_path)) == 200
    assert requests[0] == {
        "repo_id": "zongowo111/v2-crypto-ohlcv-data", "filename": "klines/BTCUSDT/BTC_1h.parquet",
        "repo_type": "dataset", "cache_dir": str(tmp_path),
    }  # fmt: skip
    with pytest.raises(InputError, match=r"BTC_1h\.parquet cannot be fetched from the hub: no network\. Give a folder"):
        KLineDataLoader.load_klines("BTCUSDT", "1h")
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    with pytest.raises(InputError, match=r"needs huggingface_hub, which is not installed.*wickwork\[hub\]"):
        KLineDataLoader.load_klines("BTCUSDT", "1h")


def test_files_and_names_that_are_wrong(tmp_path: Path) -> None:
    for symbol, timeframe, sentence in [
        ("BTCUSD", "1h", "no symbol 'BTCUSD'.*Did you mean 'BTCUSDT'"),
        ("../BTCUSDT", "1h", "no symbol"),
        ("BTCUSDT", "2h", "no timeframe '2h'; it has 15m, 1h, 1d"),
        ("BTCUSDT", "1h", "There is no file"),
    ]:
        with pytest.raises(InputError, match=sentence):
            KLineDataLoader.load_klines(symbol, timeframe, folder=tmp_path)
    with pytest.raises(InputError, match=r"BTCUSDT: There is no file .* ETHUSDT: There is no file"):
        KLineDataLoader.load_multiple(["BTCUSDT", "ETHUSDT"], "1h", folder=tmp_path)
    path = data_set(tmp_path) / "klines" / "BTCUSDT" / "BTC_1h.parquet"
    path.write_bytes(b"no parquet")
    with pytest.raises(InputError, match="is no Parquet file"):
        KLineDataLoader.load_klines("BTCUSDT", "1h", folder=tmp_path)
    data_set(tmp_path, open_time=None)
    with pytest.raises(InputError, match="has no column open_time"):
        KLineDataLoader.load_klines("BTCUSDT", "1h", folder=tmp_path)


def test_every_public_name_is_described() -> None:
    for name in system_v4.__all__:
        assert getattr(system_v4, name).__doc__, name


class Half(BaseIndicator):
    def calculate(self, klines: Any) -> Any:
        return klines


class Nameless(Typical):
    __init__ = BaseIndicator.__init__  # type: ignore[assignment]


LINE = demo_bars("BTC/USDT", "1h").slice(0, 50).to_pandas()


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: KLineDataLoader.load_klines("btc/usdt", "1h"), "has no symbol 'btc/usdt'. Did you mean 'BTCUSDT'?"),
        (lambda: KLineDataLoader.load_klines("BTC", "1h"), "Did you mean 'BTCUSDT'?"),
        (lambda: KLineDataLoader.load_klines("BTCUSDT", "1H"), "has no timeframe '1H'. Did you mean '1h'?"),
        (lambda: KLineDataLoader.load_multiple("BTCUSDT", "1h"), "takes a list of symbols: ['BTCUSDT']"),
        (lambda: RSI(14), "RSI takes its parameters as a mapping, was given 14"),  # type: ignore[arg-type]
        (lambda: IndicatorPipeline().add(MACD()), "Give the name of an indicator"),  # type: ignore[arg-type]
        (
            lambda: IndicatorRegistry.register("Half", Half),
            "Half has no get_required_columns, get_required_params, get_",
        ),
        (lambda: Nameless({"weight": 2}), "Nameless needs a method __init__(self, params=None)"),
        (lambda: RSI().calculate(LINE.rename(columns=str.title)), "df.rename(columns=str.lower)"),
        (lambda: RSI().calculate(LINE.iloc[::-1]), "sort them: df.sort_index()"),
    ],
)
def test_what_newcomers_write_is_refused_with_a_remedy(call: Any, sentence: str) -> None:
    with pytest.raises(InputError) as refused:
        call()
    assert sentence in str(refused.value)
