"""Every node against its slow, obvious twin, and against TA-Lib where that has the same function."""

from __future__ import annotations

import math
from typing import Any

import harness
import numpy as np
import pytest
import talib
from harness import BASE, Column, Market, market, markets, walk
from tests.nodes.twins import TWINS, Bars
from tests.nodes.twins.common import AMPLIFIED, RATIOS

from wickwork.graph.node import Node, node
from wickwork.graph.signature import Value
from wickwork.graph.types import Port, Series, Surrounding
from wickwork.model.timeframe import DAY, HOUR, WEEK, parse_timeframe
from wickwork.nodes import builtin
from wickwork.nodes.trend import Ema, smooth

NODES = harness.nodes()
MARKETS = markets(150)


def twin_of(node: Node, columns: list[Column], values: dict[str, Value], length: int = BASE) -> list[Column]:
    """The answers of the twin, over the bars on which no input is missing that the node does not handle itself."""
    handled = {i.name for i in node.inputs if i.may_be_missing}
    known = np.ones(len(columns[0]), dtype=bool)
    rest = iter(columns)
    for name, kind in node.arguments:
        for _ in range(5 if kind is Port.BARS else 0 if kind is Surrounding.BAR_LENGTH else 1):
            known &= np.isfinite(next(rest)) | (name in handled)
    given: list[Any] = []
    rest = iter(columns)
    for name, kind in node.arguments:
        if kind is Port.BARS:
            given.append(Bars(*(next(rest)[known].tolist() for _ in range(5))))
        elif kind is Surrounding.BAR_LENGTH:
            given.append(length)
        elif kind in (Port.CONDITION, Port.EVENT):
            flags = [None if math.isnan(v) else v > 0 for v in next(rest)[known].tolist()]
            assert name in handled or None not in flags
            given.append(flags)
        else:
            given.append(next(rest)[known].tolist())
    if not given:
        given.append(next(rest)[known].tolist())
    words = {k: parse_timeframe(str(v)).milliseconds if k == "to" else v for k, v in node.check(values).items()}
    answer = TWINS[node.name](*given, **words)
    outputs = []
    for column in answer if isinstance(answer, tuple) else (answer,):
        full = np.full(len(known), np.nan)
        full[known] = np.array(column, dtype=np.float64)
        outputs.append(full)
    return outputs


def disagreement(node: Node, columns: list[Column], values: dict[str, Value], length: int = BASE) -> str:
    """What the node and its twin say differently, or nothing."""
    mine = harness.begin(node, values, length=length).over(columns)
    twins = twin_of(node, columns, values, length)
    prices = np.nan_to_num(np.max(np.abs([c for c in columns if c.dtype == np.float64] or [np.zeros(1)]), axis=0))
    ports = [o for o in node.outputs if o.port is not Port.BARS]
    assert len(mine) == len(twins) == len(ports)
    for port, a, b in zip(ports, mine, twins, strict=True):
        if port.port in (Port.CONDITION, Port.EVENT):
            room = np.zeros(len(b))
        elif node.name in RATIOS or port.name == "width":
            room = 1e-10 + 1e-9 * np.abs(b)
        elif port.name == "percent":  # the distance to a band is only as exact as the price itself
            room = 1e-9 * np.abs(b) + 1e-13 * prices / np.maximum(mine[2] - mine[0], 1e-300)
        else:
            room = 1e-14 * AMPLIFIED.get(node.name, 1.0) * np.fmax.accumulate(prices) + 1e-9 * np.abs(b)
        wrong = (np.isnan(a) != np.isnan(b)) | (np.abs(a - b) > room)
        if wrong.any():
            k = int(np.flatnonzero(wrong)[0])
            return f"{node.name}.{port.name} {values} at {k}: {a[k]!r}, twin {b[k]!r}; {int(wrong.sum())} bars differ"
    return ""


def test_every_node_has_a_twin() -> None:
    assert set(TWINS) >= set(NODES)
    assert set(TWINS) <= set(harness.CATALOGUE)


@pytest.mark.parametrize("name", NODES)
def test_node_agrees_with_its_twin(name: str) -> None:
    node = NODES[name]
    faults = [
        f"{where.name}: {fault}"
        for values in harness.variants(node)
        for where in MARKETS.values()
        for fault in [disagreement(node, where.columns(node), values)]
        if fault
    ]
    assert not faults, "\n".join(faults)


# ---- what the twins' markets are too short for


@pytest.mark.parametrize("to", ["1d", "1w", "2w", "3d", "4h"])
@pytest.mark.parametrize("base", [HOUR, 4 * HOUR, DAY])
@pytest.mark.parametrize("start", [0, 5 * HOUR, 4 * DAY, 11 * DAY - HOUR, 400 * WEEK + 3 * DAY])
def test_slower_bars_of_any_grid(to: str, base: int, start: int) -> None:
    node, slower = builtin()["timeframe"], parse_timeframe(to)
    noise = np.random.default_rng(base + start)
    steps = np.where(noise.random(400) < 0.1, noise.integers(2, 40, 400), 1)
    bars = market("walk", walk(400))
    moment = (start // base + np.cumsum(steps)) * base
    columns = bars.columns(node)
    columns[5] = moment.astype(np.int64)
    mine = harness.begin(node, {"to": to}, length=base).over(columns)
    if slower.milliseconds % base:
        assert np.isnan(mine).all()
        return
    twins = TWINS["timeframe"](Bars(*(c.tolist() for c in columns[:5])), moment.tolist(), base, to=slower.milliseconds)
    np.testing.assert_allclose(mine, twins, rtol=1e-12)
    assert np.isfinite(mine[0]).any()


def test_a_slower_timeframe_off_the_grid_has_no_answer() -> None:
    """Three-day bars count from the epoch, weeks from a Monday: they never open together."""
    node = builtin()["timeframe"]
    columns = market("walk", walk(100)).columns(node)
    columns[5] = np.arange(100, dtype=np.int64) * 3 * DAY
    answers = harness.begin(node, {"to": "3w"}, length=3 * DAY).over(columns)
    assert np.isnan(answers).all()


@pytest.mark.parametrize("name", ["hour", "weekday"])
def test_the_clock_of_any_year(name: str) -> None:
    moment = np.random.default_rng(1).integers(-(10**12), 4 * 10**12, 500)
    (mine,) = harness.run(builtin()[name], [moment])
    assert mine.tolist() == TWINS[name](moment.tolist())


def test_vwap_of_weeks() -> None:
    node = builtin()["vwap"]
    for start in (0, 3 * DAY, 5_000 * DAY):
        columns = market("walk", walk(400)).columns(node)
        columns[5] = np.arange(400, dtype=np.int64) * HOUR + start
        assert not disagreement(node, columns, {"anchor": "week"})
        assert not disagreement(node, columns, {"anchor": "day"})


@pytest.mark.parametrize("decimals", range(13))
def test_rounding_goes_to_the_even_neighbour(decimals: int) -> None:
    halves = np.concatenate([np.arange(-20.5, 21.5), [0.125, 2.5e16, -1e30, 1e-300, 0.0, -0.0, 0.1 + 0.2, 2.675]])
    (mine,) = harness.run(builtin()["round"], [halves], {"decimals": decimals})
    assert mine.tobytes() == np.where(np.abs(halves) < 1e3, np.round(halves, decimals), halves).tobytes()


@pytest.mark.parametrize("value", [0.1, 1.0 / 3.0, 64_123.45, 1e-12, 7e11])
def test_averages_of_equal_prices_are_that_price_to_the_last_bit(value: float) -> None:
    """A market that stands still must not be full of crossings."""
    flat = np.full(300, value)
    for name in ("sma", "ema", "wma", "rma", "vwap", "highest", "lowest", "hl2", "hlc3"):
        node = builtin()[name]
        for values in harness.variants(node):
            (mine,) = harness.run(node, market("flat", flat, wick=0.0).columns(node), values)
            assert set(mine[np.isfinite(mine)]) == {value}, (name, values)
    for name in ("standard_deviation", "atr", "true_range"):
        (mine,) = harness.run(builtin()[name], market("flat", flat, wick=0.0).columns(builtin()[name]))
        assert set(mine[np.isfinite(mine)]) == {0.0}, name


@pytest.mark.parametrize("period", [2, 3, 7, 20])
def test_a_window_is_flat_from_the_bar_on_which_it_is(period: int) -> None:
    """However wildly prices moved before: no dust of rounding is left."""
    close = np.concatenate([walk(50, step=1.0), np.full(60, 0.1)])
    flat = slice(50 + period - 1, None)
    for name, wanted in (("sma", 0.1), ("wma", 0.1), ("highest", 0.1), ("standard_deviation", 0.0)):
        (mine,) = harness.run(builtin()[name], [close], {"period": period})
        assert set(mine[flat]) == {wanted}, name
    bands = harness.run(builtin()["bollinger"], [close], {"period": period})
    assert [set(c[flat]) for c in bands] == [{0.1}, {0.1}, {0.1}, {0.0}, {0.5}]
    (mine,) = harness.run(builtin()["cutler_rsi"], [close], {"period": period})
    assert set(mine[50 + period :]) == {50.0}


@pytest.mark.parametrize("name", ["sma", "wma", "standard_deviation", "cutler_rsi"])
def test_nothing_drifts_over_two_million_bars(name: str) -> None:
    """After every kind of excursion the last answers are those of a run that saw the last bars only."""
    node = builtin()[name]
    noise = np.random.default_rng(1)
    long = walk(2_000_000, step=1e-4) * 10.0 ** noise.integers(0, 3, 2_000_000)
    long[1_000_000] = 1e15
    long[-1000:] = walk(1000)
    values: dict[str, Value] = {"period": 50}
    (mine,) = harness.run(node, [long], values)
    (twin,) = twin_of(node, [long[-1000:].copy()], values)
    np.testing.assert_allclose(mine[-900:], twin[-900:], rtol=1e-10)


def test_a_long_rest_leaves_no_chance_of_last_bits() -> None:
    """Averages of moves fade while prices stand still; their shares stay, or are 0 when nothing is left of them."""
    close = np.concatenate([walk(300), np.full(20_000, 77.0), 77.0 + walk(300, 2)])
    where = market("rest", close, wick=0.0)
    (mine,) = harness.run(builtin()["rsi"], [close])
    np.testing.assert_allclose(mine[302:20_300], mine[302], rtol=1e-9)
    columns = where.columns(builtin()["adx"])
    adx, plus, minus = harness.run(builtin()["adx"], columns)
    assert 0.0 < plus[302] < 100.0
    np.testing.assert_allclose(plus[302:9_000], plus[302], rtol=1e-9)
    for line in (plus, minus):
        assert set(line[10_000:20_300]) == {0.0}
    np.testing.assert_allclose(adx[9_000:20_300], adx[9_000], rtol=1e-9)
    fresh = harness.run(builtin()["adx"], [c[-290:].copy() for c in columns])
    np.testing.assert_allclose([c[-1] for c in (adx, plus, minus)], [c[-1] for c in fresh], rtol=1e-6)


@pytest.mark.parametrize(
    ("name", "defaults"),
    [
        ("macd", (12, 26, 9)),
        ("rsi", (14,)),
        ("stochastic", (14, 3, 3)),
        ("supertrend", (10, 3.0)),
        ("adx", (14,)),
        ("atr", (14,)),
        ("bollinger", (20, 2.0)),
        ("standard_deviation", (20, False)),
        ("rising", (1,)),
        ("falling", (1,)),
        ("previous", (1,)),
        ("change", (1,)),
        ("vwap", ("day",)),
        ("equal", (0.0,)),
        ("timeframe", ("1h",)),
    ],
)
def test_defaults_are_those_that_traders_expect(name: str, defaults: tuple[Value, ...]) -> None:
    assert tuple(builtin()[name].check({}).values()) == defaults


# ---- TA-Lib


def _talib(where: Market) -> dict[str, tuple[dict[str, Value], tuple[Column, ...]]]:
    """Answers of TA-Lib by node. What it defines in another way is not here:

    rsi, stochastic, adx on flat prices (TA-Lib 0, ours 50, 50 and 0) and below its epsilon of 1e-14, which it takes for
    zero; standard deviations of nearly flat prices, which its sums of squares lose; vwap, which it never begins anew;
    plus and minus of adx, which it shows before the adx itself.
    """
    h, lo, c, v = where.high, where.low, where.close, where.volume
    upper, middle, lower = talib.BBANDS(c, 20, 2.0, 2.0)
    adx = talib.ADX(h, lo, c, 14)
    masked = [np.where(np.isnan(adx), np.nan, x) for x in (talib.PLUS_DI(h, lo, c, 14), talib.MINUS_DI(h, lo, c, 14))]
    line, trend = talib.SUPERTREND(h, lo, c, 10, 3.0)
    return {
        "sma": ({"period": 20}, (talib.SMA(c, 20),)),
        "ema": ({"period": 20}, (talib.EMA(c, 20),)),
        "wma": ({"period": 20}, (talib.WMA(c, 20),)),
        "rma": ({"period": 14}, (talib.RMA(c, 14),)),
        "macd": ({}, talib.MACD(c, 12, 26, 9)),
        "supertrend": ({}, (line, np.where(np.isnan(line), np.nan, trend))),
        "adx": ({}, (adx, *masked)),
        "rsi": ({}, (talib.RSI(c, 14),)),
        "stochastic": ({}, talib.STOCH(h, lo, c, 14, 3, 0, 3, 0)),
        "roc": ({"period": 10}, (talib.ROC(c, 10),)),
        "true_range": ({}, (talib.TRANGE(h, lo, c),)),
        "atr": ({}, (talib.ATR(h, lo, c, 14),)),
        "standard_deviation": ({"period": 20}, (talib.STDDEV(c, 20, 1.0),)),
        "bollinger": ({}, (lower, middle, upper)),
        "obv": ({}, (talib.OBV(c, v),)),
        "highest": ({"period": 20}, (talib.MAX(c, 20),)),
        "lowest": ({"period": 20}, (talib.MIN(c, 20),)),
        "change": ({"bars": 5}, (talib.MOM(c, 5),)),
        "hl2": ({}, (talib.MEDPRICE(h, lo),)),
        "hlc3": ({}, (talib.TYPPRICE(h, lo, c),)),
        "ohlc4": ({}, (talib.AVGPRICE(where.open, h, lo, c),)),
        "returns": ({}, (talib.ROCP(c, 1),)),
        "logarithm": ({}, (talib.LN(c),)),
    }


@pytest.mark.parametrize("where", [market("walk", walk(3000, 8), 8), market("dear", walk(3000, 9, start=6e4), 9)])
def test_nodes_agree_with_talib(where: Market) -> None:
    for name, (values, theirs) in _talib(where).items():
        mine = harness.run(builtin()[name], where.columns(builtin()[name]), values)
        for port, a, b in zip(builtin()[name].outputs, mine, theirs, strict=False):
            scale = 1e-9 * (100.0 if name in RATIOS else float(np.max(where.close)))
            scale = 1e-9 * float(np.max(np.abs(b[np.isfinite(b)]))) if name == "obv" else scale
            np.testing.assert_allclose(a, b, rtol=1e-9, atol=scale, err_msg=f"{name}.{port.name}")


def test_other_settings_agree_with_talib() -> None:
    where = market("walk", walk(2000, 5), 5)
    h, lo, c = where.high, where.low, where.close
    for fast, slow, signal in ((3, 4, 1), (5, 35, 5), (26, 12, 9), (2, 60, 30)):
        theirs = talib.MACD(c, fast, slow, signal)
        mine = harness.run(builtin()["macd"], [c], {"fast": fast, "slow": slow, "signal": signal})
        np.testing.assert_allclose(mine, theirs, atol=1e-9)
    for period in (2, 3, 50):
        np.testing.assert_allclose(
            harness.run(builtin()["rsi"], [c], {"period": period})[0], talib.RSI(c, period), atol=1e-9
        )
        bars = where.columns(builtin()["adx"])
        mine = harness.run(builtin()["adx"], bars, {"period": period})
        np.testing.assert_allclose(mine[0], talib.ADX(h, lo, c, period), atol=1e-9)
        mine = harness.run(builtin()["supertrend"], bars, {"period": period, "multiplier": 0.7})
        np.testing.assert_allclose(mine[0], talib.SUPERTREND(h, lo, c, period, 0.7)[0], atol=1e-9)
        mine = harness.run(builtin()["atr"], bars, {"period": period})
        np.testing.assert_allclose(mine[0], talib.ATR(h, lo, c, period), atol=1e-9)


@node(title="EMA", group="broken", warmup=lambda period, seed: period, name="ema")
def forgets_too_slowly(memory: Ema, source: Series, *, period: int = 20, seed: str = "mean") -> tuple[Ema, Series]:
    """An EMA with a wrong constant."""
    seen = memory.seen + 1
    value = smooth(memory.value, seen, source, period, 2.0 / (period + 1.001))
    return Ema(value, seen), value if seen >= period else math.nan


def test_a_wrong_constant_is_seen() -> None:
    """The test of these tests."""
    columns = MARKETS["walk"].columns(forgets_too_slowly)
    assert disagreement(forgets_too_slowly, columns, {})
    assert not disagreement(builtin()["ema"], columns, {})
