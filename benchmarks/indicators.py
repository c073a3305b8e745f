"""Indicators beside TA-Lib, interleaved: `python benchmarks/indicators.py [name …] [--markdown]`.

For each node of which TA-Lib has the same function: the largest difference of their results relative to the price, and
nanoseconds per bar of both, medians of 15 rounds in each of which both run, one after the other, over the same 16,384
bars until a million were done. Where a node has several outputs, TA-Lib is called for all of them that it has. TA-Lib
allocates its outputs in every call, Wickwork writes into arrays that are there, as a program does.
"""

from __future__ import annotations

import ctypes
import statistics
import sys
import time
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import talib

from wickwork.graph.block import Shape
from wickwork.graph.kernel import BLOCK_ARGUMENTS, address_of
from wickwork.graph.node import Node
from wickwork.graph.types import Port, Surrounding
from wickwork.nodes import builtin

SIZE, REPEATS, ROUNDS = 16_384, 61, 15
MINUTE = 60_000
NOISE = np.random.default_rng(1)
C = 100.0 * np.exp(np.cumsum(NOISE.normal(0.0, 1e-3, SIZE)))
O = np.concatenate([C[:1], C[:-1]])  # noqa: E741
H, L = np.maximum(O, C) * (1 + NOISE.exponential(5e-4, SIZE)), np.minimum(O, C) * (1 - NOISE.exponential(5e-4, SIZE))
V = NOISE.lognormal(2.0, 1.0, SIZE)
B = C * np.exp(np.cumsum(NOISE.normal(0.0, 1e-3, SIZE)))

Answers = Iterable[Any]
PAIRS: dict[str, tuple[dict[str, Any], Callable[[], Answers]]] = {
    "sma": ({"period": 20}, lambda: [talib.SMA(C, 20)]),
    "ema": ({"period": 20}, lambda: [talib.EMA(C, 20)]),
    "wma": ({"period": 20}, lambda: [talib.WMA(C, 20)]),
    "dema": ({"period": 20}, lambda: [talib.DEMA(C, 20)]),
    "tema": ({"period": 20}, lambda: [talib.TEMA(C, 20)]),
    "trima": ({"period": 20}, lambda: [talib.TRIMA(C, 20)]),
    "kama": ({"period": 10}, lambda: [talib.KAMA(C, 10)]),
    "t3": ({"period": 5}, lambda: [talib.T3(C, 5, 0.7)]),
    "hma": ({"period": 16}, lambda: [talib.HMA(C, 16)]),
    "rma": ({"period": 14}, lambda: [talib.RMA(C, 14)]),
    "vwma": ({"period": 20}, lambda: [talib.VWMA(C, V, 20)]),
    "bollinger": ({"period": 20}, lambda: reversed(talib.BBANDS(C, 20, 2.0, 2.0))),
    "psar": ({}, lambda: [talib.SAR(H, L, 0.02, 0.2)]),
    "linear_regression": ({"period": 14}, lambda: [talib.LINEARREG(C, 14), talib.LINEARREG_SLOPE(C, 14)]),
    "adx": ({}, lambda: [talib.ADX(H, L, C, 14)]),
    "aroon": ({}, lambda: reversed(talib.AROON(H, L, 14))),
    "balance_of_power": ({}, lambda: [talib.BOP(O, H, L, C)]),
    "cci": ({"period": 20}, lambda: [talib.CCI(H, L, C, 20)]),
    "cmo": ({"period": 9}, lambda: [talib.CMOU(C, 9)]),
    "macd": ({}, lambda: talib.MACD(C, 12, 26, 9)),
    "mfi": ({}, lambda: [talib.MFI(H, L, C, V, 14)]),
    "change": ({"bars": 10}, lambda: [talib.MOM(C, 10)]),
    "ppo": ({}, lambda: [talib.PPO(C, 12, 26, 1)]),
    "roc": ({"period": 10}, lambda: [talib.ROC(C, 10)]),
    "rsi": ({}, lambda: [talib.RSI(C, 14)]),
    "stochastic": ({}, lambda: talib.STOCH(H, L, C, 14, 3, 0, 3, 0)),
    "trix": ({"period": 18}, lambda: [talib.TRIX(C, 18)]),
    "ultimate_oscillator": ({}, lambda: [talib.ULTOSC(H, L, C, 7, 14, 28)]),
    "williams_r": ({}, lambda: [talib.WILLR(H, L, C, 14)]),
    "accumulation_distribution": ({}, lambda: [talib.AD(H, L, C, V)]),
    "chaikin_oscillator": ({}, lambda: [talib.ADOSC(H, L, C, V, 3, 10)]),
    "obv": ({}, lambda: [talib.OBV(C, V)]),
    "atr": ({}, lambda: [talib.ATR(H, L, C, 14)]),
    "natr": ({}, lambda: [talib.NATR(H, L, C, 14)]),
    "true_range": ({}, lambda: [talib.TRANGE(H, L, C)]),
    "correlation": ({"period": 30}, lambda: [talib.CORREL(C, B, 30)]),
    "standard_deviation": ({"period": 20}, lambda: [talib.STDDEV(C, 20, 1.0)]),
    "variance": ({"period": 20}, lambda: [talib.VAR(C, 20, 1.0)]),
    "rolling_sum": ({"period": 20}, lambda: [talib.SUM(C, 20)]),
    "highest": ({"period": 20}, lambda: [talib.MAX(C, 20)]),
    "lowest": ({"period": 20}, lambda: [talib.MIN(C, 20)]),
    "supertrend": ({}, lambda: talib.SUPERTREND(H, L, C, 10, 3.0)),
    "vortex": ({}, lambda: talib.VORTEX(H, L, C, 14)),
    "mass_index": ({}, lambda: [talib.MASSI(H, L, 9, 25)]),
    "awesome_oscillator": ({}, lambda: [talib.AO(H, L, 5, 34)]),
    "chaikin_money_flow": ({}, lambda: [talib.CMF(H, L, C, V, 20)]),
    "chaikin_volatility": ({}, lambda: [talib.CVI(H, L, 10, 10)]),
    "force_index": ({}, lambda: [talib.EFI(C, V, 13)]),
    "price_volume_trend": ({}, lambda: [talib.PVT(C, V)]),
    "positive_volume_index": ({}, lambda: [talib.PVI(C, V)]),
    "negative_volume_index": ({}, lambda: [talib.NVI(C, V)]),
    "bull_bear_power": ({}, lambda: talib.ERI(H, L, C, 13)),
    "percentile_rank": ({"period": 100}, lambda: [talib.PERCENTRANK(C, 100)]),
}
"""By node: its parameters, and the same by TA-Lib."""


def columns_of(node: Node) -> list[np.ndarray]:
    """The input columns of a node."""
    columns: list[np.ndarray] = []
    for _, kind in node.arguments:
        if kind is Port.BARS:
            columns += [O, H, L, C, V]
        elif kind is Surrounding.MOMENT:
            columns.append(np.arange(SIZE, dtype=np.int64) * MINUTE)
        elif kind is Port.SERIES:
            columns.append((V if node.name == "vwma" else B) if columns else C)
    return columns


def ours(node: Node, params: dict[str, Any]) -> tuple[Callable[[], None], list[np.ndarray]]:
    """A function that runs the node over the bars from the beginning, and the arrays that it writes."""
    values = node.check(params)
    numbers = [p.number(values[p.name]) for p in node.parameters] + [float(k) for k in node.lengths(values)]
    given = np.array([*numbers, float(MINUTE)])
    columns = columns_of(node)
    outputs = [np.empty(SIZE) for o in node.outputs if o.port is not Port.BARS]
    inputs, answers = (np.array([c.ctypes.data for c in some] or [0], np.int64) for some in (columns, outputs))
    start = np.array(node.start(values) or [0.0])
    state = start.copy()
    block = ctypes.CFUNCTYPE(None, *[ctypes.c_int64] * BLOCK_ARGUMENTS)(address_of(Shape(node)))
    where = [ctypes.c_int64(a.ctypes.data) for a in (state, inputs, answers, given)]
    rest = [ctypes.c_int64(n) for n in (0, SIZE, 0, 0, 0)]
    kept = (columns, inputs, answers, given)

    def run() -> None:
        state[:] = start
        block(*where, *rest)
        assert kept  # what the addresses point to stays

    return run, outputs


def timed(call: Callable[[], Any]) -> float:
    """Nanoseconds per bar."""
    begin = time.perf_counter_ns()
    for _ in range(REPEATS):
        call()
    return (time.perf_counter_ns() - begin) / (REPEATS * SIZE)


def difference(mine: list[np.ndarray], theirs: Answers) -> float:
    """The largest difference, as a share of the largest value, on bars on which both have one."""
    worst = 0.0
    for own, other in zip(mine, theirs, strict=False):
        known = np.isfinite(own) & np.isfinite(other)
        scale = max(float(np.abs(other[known]).max(initial=0.0)), 1e-300)
        worst = max(worst, float(np.abs(own[known] - other[known]).max(initial=0.0)) / scale)
    return worst


def main() -> None:
    """Print the table, the largest ratio last."""
    names = [name for name in sys.argv[1:] if not name.startswith("-")] or list(PAIRS)
    rows = []
    for name in names:
        params, theirs = PAIRS[name]
        run, outputs = ours(builtin()[name], params)
        run()
        worst = difference(outputs, theirs())
        rounds = [(timed(run), timed(lambda call=theirs: list(call()))) for _ in range(ROUNDS)]
        own, other = (statistics.median(times) for times in zip(*rounds, strict=True))
        rows.append((statistics.median(a / b for a, b in rounds), name, own, other, worst))
    markdown = "--markdown" in sys.argv
    head = ("node", "Wickwork", "TA-Lib", "ratio", "difference")
    print(
        "| " + " | ".join(head) + " |\n|---|--:|--:|--:|--:|"
        if markdown
        else "{:<28}{:>9}{:>9}{:>8}{:>12}".format(*head)
    )
    for ratio, name, own, other, worst in sorted(rows):
        line = "| {} | {:.2f} | {:.2f} | {:.2f} | {:.0e} |" if markdown else "{:<28}{:>9.2f}{:>9.2f}{:>8.2f}{:>12.0e}"
        print(line.format(name, own, other, ratio, worst))


if __name__ == "__main__":
    main()
