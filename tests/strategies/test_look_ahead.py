"""Planted leaks are found, with their column; strategies that read only the past are not accused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from wickwork import FrameStrategy, InputError, backtest, demo_bars
from wickwork.model.bars import Bars
from wickwork.strategies.look_ahead import Finding, examine

pd = pytest.importorskip("pandas")
Fill = Callable[[Any], Any]
BARS = demo_bars("BTC/USDT", "1h").slice(0, 1200)
SPAN = 20


def cross(df: Any, values: Any) -> Any:
    """Signals where the close crosses the values."""
    above = (df.close > values).astype(float).where(pd.Series(values, df.index).notna())
    return above.diff()


class Filled(FrameStrategy):
    window = 400

    def __init__(self, fill: Fill) -> None:
        self.fill = fill

    def generate_signals(self, df: Any) -> Any:
        made = self.fill(df)
        return df if made is None else made


def resampled(df: Any) -> Any:
    return df.close.resample("4h").last().reindex(df.index, method="ffill")


def in_order_of_price(df: Any) -> Any:
    return df.sort_values("close").volume.expanding().mean().reindex(df.index)


def fitted(df: Any) -> Any:
    x = np.arange(len(df))
    return np.polyval(np.polyfit(x, df.close, min(2, len(df) - 1)), x)


def future_label(df: Any) -> Any:
    return (df.close.shift(-5) / df.close - 1).gt(0.002).astype(float)


def in_a_loop(df: Any) -> Any:
    values = df.close.to_numpy()
    return [values[min(i + 1, len(values) - 1)] for i in range(len(values))]


LEAKS: dict[str, Fill] = {
    "shift -1": lambda df: df.close.shift(-1),
    "shift -24 with a fill": lambda df: df.close.shift(-24).fillna(0.0),
    "centered window": lambda df: df.close.rolling(SPAN, center=True).mean(),
    "mean of all": lambda df: df.close - df.close.mean(),
    "z-score of all": lambda df: (df.volume - df.volume.mean()) / df.volume.std(),
    "maximum of all": lambda df: df.close / df.close.max(),
    "range of all": lambda df: (df.close - df.close.min()) / (df.close.max() - df.close.min()),
    "rank of all": lambda df: df.close.rank(pct=True),
    "quantile of all": lambda df: df.close - df.close.quantile(0.9),
    "resampled with the bar that is open": resampled,
    "bfill": lambda df: df.close.where(df.close > df.open).bfill(),
    "interpolate": lambda df: df.close.where(np.arange(len(df)) % 7 == 0).interpolate(),
    "future label": future_label,
    "day's close": lambda df: df.groupby(df.index.date).close.transform("last"),
    "day's high": lambda df: df.groupby(df.index.date).high.transform("max"),
    "week's volume": lambda df: df.groupby(df.index.isocalendar().week.to_numpy()).volume.transform("sum"),
    "last row": lambda df: df.close / df.close.iloc[-1],
    "order of the price": in_order_of_price,
    "fitted to all": fitted,
    "reversed average": lambda df: df.close[::-1].ewm(span=SPAN).mean()[::-1],
    "numpy roll": lambda df: np.roll(df.close.to_numpy(), -1),
    "next row in a loop": in_a_loop,
    "gradient": lambda df: np.gradient(df.close.to_numpy()) if len(df) > 1 else 0.0 * df.close,
    "convolution": lambda df: np.convolve(df.close.to_numpy(), np.ones(5) / 5, "full")[4 : len(df) + 4],
    "number of rows": lambda df: np.arange(len(df)) / len(df),
}


@pytest.mark.parametrize("fill", LEAKS.values(), ids=LEAKS.keys())
def test_a_column_that_depends_on_later_bars_is_named(fill: Fill) -> None:
    def leaking(df: Any) -> None:
        df["leak"] = fill(df)
        df["signal"] = cross(df, df.close.rolling(SPAN).mean())

    found = examine(Filled(leaking), BARS, 9)
    assert ("look-ahead", "leak") in [(one.kind, one.column) for one in found]
    assert "signal" not in [one.column for one in found]
    with pytest.raises(InputError, match=r"the column leak at bar .* depends on later bars"):
        backtest(Filled(leaking), BARS)


LEAKING_SIGNALS: dict[str, Fill] = {
    "next close": lambda df: (df.close.shift(-1) > df.close).astype(int),
    "filter of the future": lambda df: cross(df, df.close.rolling(SPAN).mean()) * (df.close.shift(-3) > df.close),
    "above the mean of all": lambda df: cross(df, pd.Series(df.close.mean(), df.index)),
    "day's close": lambda df: cross(df, df.groupby(df.index.date).close.transform("last")),
    "lowest of the next ten": lambda df: (df.low == df.low.rolling(10).min().shift(-9)).astype(int),
    "turns of a centered average": lambda df: (
        np.sign(df.close.rolling(9, center=True).mean().diff()).diff().div(2).round()
    ),
    "cross of the next bar": lambda df: cross(df, df.close.ewm(span=SPAN).mean()).shift(-1),
}


@pytest.mark.parametrize("fill", LEAKING_SIGNALS.values(), ids=LEAKING_SIGNALS.keys())
def test_signals_that_depend_on_later_bars_are_found_without_a_column_of_their_cause(fill: Fill) -> None:
    def leaking(df: Any) -> Any:
        return pd.DataFrame({"signal": fill(df).fillna(0).clip(-1, 1)})

    assert [one for one in examine(Filled(leaking), BARS, 9) if (one.kind, one.column) == ("look-ahead", "signal")]


def band(df: Any, n: int, width: float) -> Any:
    mean, spread = df.close.rolling(n).mean(), df.close.rolling(n).std()
    df["upper"], df["lower"] = mean + width * spread, mean - width * spread
    return (df.close < df.lower).astype(int) - (df.close > df.upper).astype(int)


def rsi(df: Any, n: int, low: float) -> Any:
    step = df.close.diff()
    up, down = (side.ewm(alpha=1 / n, adjust=False).mean() for side in (step.clip(lower=0), -step.clip(upper=0)))
    df["rsi"] = 100 - 100 / (1 + up / down)
    return (df.rsi < low).astype(int) - (df.rsi > 100 - low).astype(int)


def macd(df: Any, fast: int, slow: int) -> Any:
    df["macd"] = df.close.ewm(span=fast).mean() - df.close.ewm(span=slow).mean()
    return np.sign(df.macd - df.macd.ewm(span=9).mean()).diff().div(2).round()


def channel(df: Any, n: int, name: str) -> Any:
    df["top"], df["bottom"] = df.high.shift(1).rolling(n).max(), df.low.shift(1).rolling(n).min()
    df["note"] = np.where(df.close > df.top, name, "inside")
    return (df.close > df.top).astype(int) - (df.close < df.bottom).astype(int)


def closed_day(df: Any, hours: int) -> Any:
    closes = df.close.resample(f"{hours}h").last().shift(1)
    df["slower"] = closes.reindex(df.index, method="ffill")
    return cross(df, df.slower)


def ranked(df: Any, n: int) -> Any:
    df["rank"] = df.close.rolling(n).rank(pct=True)
    return (df["rank"] > 0.95).astype(int) - (df["rank"] < 0.05).astype(int)


def of_the_day(df: Any, hour: int) -> Any:
    day = df.groupby(df.index.date)
    df["vwap"] = (df.close * df.volume).groupby(df.index.date).cumsum() / day.volume.cumsum()
    return cross(df, df.vwap) * (df.index.hour >= hour)


def held(df: Any, n: int) -> Any:
    lows = df.low.where(df.low == df.low.rolling(n).min()).ffill()
    df["swing"] = lows.shift(1)
    return cross(df, df.swing)


def clean() -> Iterator[tuple[str, Fill]]:
    for n in (3, 5, 8, 10, 14, 20, 30, 40, 50, 75, 100):
        yield f"average {n}", lambda df, n=n: cross(df, df.close.rolling(n).mean())
        yield f"median {n}", lambda df, n=n: cross(df, df.close.rolling(n).median())
        yield f"exponential {n // 2}", lambda df, n=n: cross(df, df.close.ewm(span=n // 2 + 1).mean())
        yield f"channel {n}", lambda df, n=n: channel(df, n, "out")
        yield f"rank {n}", lambda df, n=n: ranked(df, n)
        yield f"swing {n}", lambda df, n=n: held(df, n)
        yield f"momentum {n}", lambda df, n=n: np.sign(df.close.pct_change(n)).fillna(0)
        for width in (1.0, 1.5, 2.0, 2.5):
            yield f"band {n} {width}", lambda df, n=n, width=width: band(df, n, width)
    for n, low in ((n, low) for n in (7, 10, 14, 21) for low in (20, 25, 30, 35, 40)):
        yield f"rsi {n} {low}", lambda df, n=n, low=low: rsi(df, n, low)
    for fast, slow in ((fast, slow) for fast in (3, 5, 8, 12) for slow in (13, 21, 26, 34)):
        yield f"macd {fast} {slow}", lambda df, fast=fast, slow=slow: macd(df, fast, slow)
    for hours in (2, 3, 4, 6, 8, 12, 24):
        yield f"slower {hours}", lambda df, hours=hours: closed_day(df, hours)
    for hour in range(0, 24, 2):
        yield f"of the day {hour}", lambda df, hour=hour: of_the_day(df, hour)
        yield (
            f"at {hour}",
            lambda df, hour=hour: (df.index.hour == hour).astype(int) - (df.index.hour == 23).astype(int),
        )
    yield "nothing", lambda df: 0
    yield "always", lambda df: 1
    for n in (20, 30, 40, 50, 60):
        yield f"correlation {n}", lambda df, n=n: (df.close.rolling(n).corr(df.volume) > 0.5).astype(int)
        yield f"kurtosis {n}", lambda df, n=n: (df.close.pct_change().rolling(n).kurt() > 3).astype(int)


CLEAN = dict(clean())


def test_there_are_enough_clean_strategies() -> None:
    assert len(CLEAN) >= 200


@pytest.mark.parametrize("fill", CLEAN.values(), ids=CLEAN.keys())
def test_a_strategy_that_reads_the_past_is_not_accused(fill: Fill) -> None:
    def reading(df: Any) -> None:
        df["signal"] = fill(df)

    assert [str(one) for one in examine(Filled(reading), BARS, 9)] == []


def findings(strategy: FrameStrategy, bars: Bars = BARS, points: int = 40) -> list[Finding]:
    return examine(strategy, bars, points)


def test_a_window_that_is_too_short_is_named() -> None:
    """An average over 200 bars has no value in a window of 100."""

    class Slow(FrameStrategy):
        window = 100

        def generate_signals(self, df: Any) -> Any:
            df["signal"] = cross(df, df.close.rolling(200).mean())
            return df

    found = findings(Slow())
    assert {(one.kind, one.column, one.bars) for one in found} == {("window", "signal", 100)}
    assert "Give the class a window of more than 100 bars" in str(found[0])
    assert not findings(Slow().with_params({"window": 250}))


def test_a_count_from_the_first_bar_is_named() -> None:
    """What counts bars since the start of the run means another bar in each window."""

    class Count(FrameStrategy):
        window = 50

        def generate_signals(self, df: Any) -> Any:
            df["signal"] = (np.arange(len(df)) % 17 == 0).astype(int)
            return df

    assert {one.kind for one in findings(Count())} == {"window"}


def test_a_stop_that_depends_on_the_window_is_named() -> None:
    class Stop(FrameStrategy):
        window = 60

        def generate_signals(self, df: Any) -> Any:
            df["signal"] = cross(df, df.close.rolling(20).mean())
            df["stop_loss"] = df.low.expanding().min()
            return df

    assert {(one.kind, one.column) for one in findings(Stop())} == {("window", "stop_loss")}


def test_random_signals_are_named_as_such() -> None:
    class Random(FrameStrategy):
        random = np.random.default_rng(1)

        def generate_signals(self, df: Any) -> Any:
            df["signal"] = self.random.integers(-1, 2, len(df))
            return df

    assert {one.kind for one in findings(Random())} == {"repeat"}
    with pytest.raises(InputError, match="must not be random"):
        backtest(Random(), BARS)
    assert backtest(Random().with_params({"checked": False}), BARS).stats["trades"]


def test_a_backtest_evaluates_at_most_ten_times() -> None:
    class Counted(FrameStrategy):
        rows: list[int] = []  # noqa: RUF012  # counted over all instances

        def generate_signals(self, df: Any) -> Any:
            self.rows.append(len(df))
            df["signal"] = cross(df, df.close.rolling(10).mean())
            return df

    backtest(Counted(), BARS)
    assert len(Counted.rows) == 10
    assert Counted.rows.count(len(BARS)) == 1


@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_few_bars_are_enough(size: int) -> None:
    def reading(df: Any) -> None:
        df["signal"] = cross(df, df.close.rolling(2).mean())

    assert findings(Filled(reading), BARS.slice(0, size)) == []


def test_a_failure_over_few_bars_says_so() -> None:
    def failing(df: Any) -> None:
        df["signal"] = int(df.close.iloc[30] > 0)

    with pytest.raises(InputError, match=r"failed over \d+ bars, in line \d+ of .*: IndexError.* longer warmup"):
        findings(Filled(failing))


def test_other_columns_over_few_bars_are_refused() -> None:
    def varying(df: Any) -> None:
        df["signal"] = 0
        if len(df) > 500:
            df["extra"] = 1.0

    with pytest.raises(InputError, match="has other columns over the first"):
        findings(Filled(varying))


def test_a_longer_warm_up_keeps_it_from_few_bars() -> None:
    def needing(df: Any) -> None:
        df["signal"] = int(df.close.iloc[30] > 0)

    assert findings(Filled(needing).with_params({"warmup": 30})) == []


def test_a_column_of_words_that_depends_on_later_bars_is_named() -> None:
    def leaking(df: Any) -> None:
        df["note"] = np.where(df.close.shift(-1) > df.close, "up", "down")
        df["signal"] = 0

    assert {(one.kind, one.column) for one in findings(Filled(leaking), points=9)} == {("look-ahead", "note")}


def test_a_wrong_value_over_few_bars_says_so() -> None:
    def failing(df: Any) -> None:
        df["signal"] = 2 * int(len(df) < 100)

    with pytest.raises(InputError, match=r"the column signal is 2 at bar 0 .* Over all bars it does not fail"):
        findings(Filled(failing))


def test_more_points_find_what_few_do_not() -> None:
    """Signals left out because the price will fall: no row with a signal depends on later bars."""

    def leaking(df: Any) -> None:
        df["signal"] = cross(df, df.close.rolling(SPAN).mean()) * ~(df.close.shift(-3) < df.close)

    assert "look-ahead" in {one.kind for one in findings(Filled(leaking), points=60)}
