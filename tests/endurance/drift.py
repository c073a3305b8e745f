"""Whether any node drifts over ten million bars: `python -m tests.endurance.drift [bars] [node …]`.

Every node of the catalogue that computes runs through its compiled block function in blocks of 1,024 bars, as the loop
runs it, its memory carried from the first bar to the last. At every tenth of the way, and at forty other places, the
last 64 values are held against values computed anew: by the slow twins of `tests/nodes/twins` (exact sums of the
window, decimals), for nodes that never forget wholly in long doubles from 50,000 bars before, for those that add up
since the beginning of time from the very first bar.

The market is nasty on purpose: levels from 1e-8 to 1e6, single jumps by a million and back, walks of coarse ticks,
prices that stand still for 20,000 bars, volumes of any size and many zeros.

What is measured is |value − exact| / max(|exact|, 1e-5 · scale), where scale is the largest number that went into the
value (a price for what has a price's unit; 100 for percents). A difference of two prices cannot be exact to more digits
than the prices have: so what is less than a 100,000th of them is measured in that unit.
"""

from __future__ import annotations

import itertools
import math
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from tests.nodes import twins
from wickwork.graph.block import Shape
from wickwork.graph.kernel import ACCOUNT, BLOCK_ARGUMENTS, POSITION, address_of
from wickwork.graph.native import COMPILED
from wickwork.graph.node import Node
from wickwork.graph.signature import Value
from wickwork.graph.types import Account, Bar, OrderState, Port, Position, Surrounding
from wickwork.model.timeframe import DAY, MINUTE, WEEK
from wickwork.nodes import builtin

BARS, BLOCK, SHOWN = 10_000_000, 1024, 64
STRETCH = 100_000
"""Bars of one kind of market."""
FAR = 50_000
"""So many bars before, nothing of the seed is left: longer than the longest time without a move."""
BOUND, FLOOR = 1e-9, 1e-5
START = 1_699_228_800_000  # a Monday
Column = np.ndarray[Any, np.dtype[Any]]
RATIOS = {
    "rsi": 100.0, "cutler_rsi": 100.0, "stochastic": 100.0, "adx": 100.0, "roc": 100.0, "returns": 1.0,
    "log_returns": 1.0,
    "logarithm": 1.0, "unrealised_percent": 100.0, "drawdown": 100.0,
}  # fmt: skip
"""Nodes whose answers have no unit of what they read, and the scale of these."""
NEVER_TURNED = 400_000
"""A supertrend may keep its side for so long, and until it turns it knows where it began."""
RECURSIVE = {"ema", "rma", "macd", "adx", "rsi", "atr"}


# ---- the market


def market(bars: int, seed: int = 1) -> dict[str, Column]:
    """The columns that nodes read."""
    noise = np.random.default_rng(seed)
    logs = np.empty(bars)
    for at in range(0, bars, STRETCH):
        n = min(STRETCH, bars - at)
        level = noise.uniform(math.log(1e-8), math.log(1e6))
        step = 10.0 ** noise.uniform(-6.0, -2.0)
        moves = noise.normal(0.0, step, n) * (noise.random(n) < 0.9)
        logs[at : at + n] = level + np.cumsum(moves) - np.linspace(0.0, moves.sum(), n)
        if at // STRETCH % 3 == 0:  # up by a million, and back
            leap = int(noise.integers(n // 4, n // 2))
            logs[at + leap : at + leap + int(noise.integers(1, 3000))] += math.log(1e6)
        if at // STRETCH % 2 == 0:
            rest = int(noise.integers(0, max(1, n - 20_000)))
            logs[at + rest : at + rest + 20_000] = logs[at + rest]
    close = np.exp(logs)
    for at in range(STRETCH, bars, 5 * STRETCH):  # coarse ticks, that meet each other
        moves = np.abs(np.diff(close[at : at + STRETCH]))
        tick = 3.0 * float(np.median(moves[moves > 0.0]))
        close[at : at + STRETCH] = np.maximum(np.round(close[at : at + STRETCH] / tick), 1.0) * tick
    still = np.concatenate([[False], np.diff(close) == 0.0])
    begin = np.concatenate([close[:1], close[:-1]])
    wick = np.where(still, 0.0, 0.003) * close
    high = np.maximum(begin, close) + wick * noise.random(bars)
    low = np.minimum(np.minimum(begin, close) - wick * noise.random(bars), np.minimum(begin, close))
    scale = np.repeat(10.0 ** noise.uniform(-6.0, 9.0, bars // 50_000 + 1), 50_000)[:bars]
    volume = noise.lognormal(0.0, 2.0, bars) * scale * (noise.random(bars) < 0.8)
    volume[:: STRETCH // 2] *= 1e6
    rare = np.repeat(noise.random(bars // 5000 + 1) < 0.5, 5000)[:bars]
    round_trip = np.arange(bars) // (50 * BLOCK)
    return {
        "open": begin, "high": high, "low": low, "close": close, "volume": volume,
        "moment": START + np.arange(bars, dtype=np.int64) * MINUTE,
        "other": np.where(noise.random(bars) < 0.1, close, close * (1.0 + noise.normal(0.0, 1e-3, bars))),
        "third": close * noise.choice([0.99, 1.0, 1.01], bars),
        "condition": ((noise.random(bars) < 0.3) & rare).astype(float),
        "second": (noise.random(bars) < 0.01).astype(float),
        "round_trip": round_trip, "quantity": ((round_trip % 3) - 1.0) * 7.0, "equity": 1e4 * close / close[0] + 1e4,
    }  # fmt: skip


def columns_of(node: Node, m: dict[str, Column]) -> list[Column]:
    """The inputs of the node's block function, in order."""
    series = itertools.cycle(("close", "other", "third"))
    conditions = itertools.cycle(("condition", "second"))
    names: list[str] = []
    for _, kind in node.arguments:
        if kind is Port.BARS:
            names += Bar._fields
        elif kind is Surrounding.MOMENT:
            names.append("moment")
        elif kind is Surrounding.EQUITY:
            names.append("equity")
        elif kind in (Port.CONDITION, Port.EVENT):
            names.append(next(conditions))
        elif kind is Port.SERIES:
            names.append(next(series))
    return [m[name] for name in names]


# ---- the node at work


def run(node: Node, values: dict[str, Value], m: dict[str, Column], columns: list[Column]) -> list[Column]:
    """The node's answers, computed block by block."""
    import ctypes

    bars = len(m["close"])
    outputs = [np.empty(bars) for o in node.outputs if o.port is not Port.BARS]
    numbers = [p.number(values[p.name]) for p in node.parameters] + [float(k) for k in node.lengths(values)]
    params, state = np.array([*numbers, float(MINUTE)]), np.array(node.start(values) or [0.0])
    inputs, answers = (np.array([c.ctypes.data for c in cs] or [0]) for cs in (columns, outputs))
    position, account = np.zeros(1, POSITION), np.zeros(1, ACCOUNT)
    where = [a.ctypes.data for a in (state, inputs, answers, params)]
    block = ctypes.CFUNCTYPE(None, *[ctypes.c_int64] * BLOCK_ARGUMENTS)(address_of(Shape(node)))
    reads = any(kind in (Position, Account) for _, kind in node.arguments)
    account["capital"] = account["cash"] = 1e4
    for at in range(0, bars, BLOCK):
        if reads:
            position["quantity"], position["round_trip"] = m["quantity"][at], m["round_trip"][at]
            position["average"] = m["close"][at // (50 * BLOCK) * 50 * BLOCK]
        block(*where, at, min(BLOCK, bars - at), account.ctypes.data, position.ctypes.data, 0)
    return outputs


# ---- computed anew


@dataclass(frozen=True)
class Place:
    """Where values are computed anew: the bars `stop − SHOWN ≤ i < stop`."""

    node: Node
    values: dict[str, Value]
    m: dict[str, Column]
    columns: list[Column]
    stop: int


def by_twin(p: Place) -> list[list[float]]:
    """By the node's slow twin, begun where all is forgotten."""
    lengths = [v for v in p.values.values() if isinstance(v, int) and not isinstance(v, bool)]
    far = FAR if p.node.name in RECURSIVE else 3 * sum(lengths) + 2 * SHOWN + 200
    far = NEVER_TURNED if p.node.name == "supertrend" else far
    cut = slice(max(0, p.stop - far), p.stop)
    cells: list[Any] = []
    given = iter(p.columns)
    wide = np.longdouble if p.node.name in RECURSIVE else np.float64
    for _, kind in p.node.arguments:
        if kind is Port.BARS:
            cells.append(twins.Bars(*(_list(next(given)[cut], wide) for _ in range(5))))
        elif kind is Surrounding.BAR_LENGTH:
            cells.append(MINUTE)
        elif kind in (Port.CONDITION, Port.EVENT):
            cells.append([x > 0.0 for x in next(given)[cut].tolist()])
        elif kind is Surrounding.MOMENT:
            cells.append(next(given)[cut].tolist())
        else:
            cells.append(_list(next(given)[cut], wide))
    words = {q.name: int(q.number(p.values[q.name])) if q.timeframe else p.values[q.name] for q in p.node.parameters}
    with np.errstate(all="ignore"):
        answer = twins.TWINS[p.node.name](*cells, **words)
    return [list(column[-SHOWN:]) for column in (answer if isinstance(answer, tuple) else (answer,))]


def _list(column: Column, kind: Any) -> list[Any]:
    return list(column.astype(np.longdouble)) if kind is np.longdouble else column.tolist()


def by_step(p: Place) -> list[list[float]]:
    """By the node's own step as plain Python, begun where the round trip does: for what reads position or account."""
    begin = (p.stop - 1) // (50 * BLOCK) * 50 * BLOCK
    begin = begin if p.stop - begin > SHOWN else max(0, begin - 50 * BLOCK)
    if p.node.memory is None:
        begin = p.stop - SHOWN
    start = [f.start for f in p.node.fields]
    memory = (
        p.node.memory(*(int(s) if f.whole else s for f, s in zip(p.node.fields, start, strict=True))) if start else None
    )
    if p.node.name == "drawdown":  # the peak of all bars before, at once
        begin = p.stop - SHOWN
        memory = p.node.memory(max(1e4, float(p.m["equity"][:begin].max(initial=0.0))))
    numbers = p.node.numbers(p.values)
    rows: list[Any] = []
    for i in range(begin, p.stop):
        given = iter(p.columns)
        cells: list[Any] = []
        for _, kind in p.node.arguments:
            if kind is Position:
                at = i // (50 * BLOCK) * 50 * BLOCK
                cells.append(Position(float(p.m["quantity"][i]), float(p.m["close"][at]), int(p.m["round_trip"][i])))
            elif kind is Account:
                cells.append(Account(1e4, 1e4))
            elif kind is Port.BARS:
                cells.append(Bar(*(float(next(given)[i]) for _ in range(5))))
            elif kind is Surrounding.BAR_LENGTH:
                cells.append(MINUTE)
            else:
                cells.append(next(given)[i])
        answer = p.node.step(*([memory] if memory is not None else []), *cells, **numbers)
        if memory is not None:
            memory, answer = answer
        rows.append(answer if p.node.answer else (answer,))
    return [list(column) for column in zip(*rows[-SHOWN:], strict=True)]


def vwap(p: Place) -> list[list[float]]:
    """Exact sums over the day or the week."""
    length = WEEK if p.values["anchor"] == "week" else DAY
    price = (p.m["high"] + p.m["low"] + p.m["close"]).astype(np.longdouble)
    answers = []
    for i in range(p.stop - SHOWN, p.stop):
        begin = max(0, i - int(p.m["moment"][i] - START) % length // MINUTE)
        volume, prices = p.m["volume"][begin : i + 1].astype(np.longdouble), price[begin : i + 1] / 3
        whole = volume.sum()
        answers.append(float((prices * volume).sum() / whole) if whole > 0 else float(prices[-1]))
    return [answers]


def obv(p: Place) -> list[list[float]]:
    """One exact sum from the first bar on, for each of the values."""
    sign = np.sign(np.diff(p.m["close"][: p.stop], prepend=0.0))
    signed = (sign * p.m["volume"][: p.stop]).tolist()
    base = math.fsum(signed[: p.stop - SHOWN])
    return [[math.fsum([base, *signed[p.stop - SHOWN : p.stop - SHOWN + i + 1]]) for i in range(SHOWN)]]


def latch(p: Place) -> list[list[float]]:
    """Whether the last `set` came after the last `reset`."""
    on, off = (_last(column, p.stop) for column in p.columns)
    return [(on > off).astype(float)[-SHOWN:].tolist()]


def bars_since(p: Place) -> list[list[float]]:
    """The distance to the last true bar."""
    last = _last(p.columns[0], p.stop)
    return [np.where(last >= 0, np.arange(p.stop) - last, np.nan)[-SHOWN:].tolist()]


def _last(column: Column, stop: int) -> Column:
    return np.maximum.accumulate(np.where(column[:stop] > 0.0, np.arange(stop), -1))


ANEW: dict[str, Callable[[Place], list[list[float]]]] = {
    "vwap": vwap, "obv": obv, "latch": latch, "bars_since": bars_since
}  # fmt: skip


# ---- the comparison


@dataclass
class Found:
    """What came out for one node."""

    worst: float = 0.0
    at: int = -1
    port: str = ""
    values: str = ""
    mine: float = math.nan
    exact: float = math.nan
    compared: int = 0


def compare(node: Node, m: dict[str, Column], places: list[int]) -> Found:
    """The worst distance between the node's answers and those computed anew, over every setting tried."""
    found, columns = Found(), columns_of(node, m)
    anew = ANEW.get(node.name) or (by_twin if node.name in twins.TWINS and not _reads(node) else by_step)
    for values in settings(node):
        outputs = run(node, values, m, columns)
        ports = [o.name for o in node.outputs if o.port is not Port.BARS]
        for stop in places:
            exact = anew(Place(node, values, m, columns, stop))
            cut = slice(max(0, stop - SHOWN - 5000), stop)
            prices = max((float(np.abs(c[cut]).max()) for c in columns if c.dtype == np.float64), default=1.0)
            scale = RATIOS.get(node.name) or (1.0 if node.name == "bollinger" else prices)
            for number, port in enumerate(ports):
                mine, truth = outputs[number][stop - SHOWN : stop], np.array(exact[number], np.longdouble)
                unit = prices if port in ("lower", "middle", "upper") else scale
                if port == "percent":  # a place between the bands is as exact as prices are, seen from so near
                    unit = (
                        10.0
                        * prices
                        / float(np.nanmin(outputs[2][stop - SHOWN : stop] - outputs[0][stop - SHOWN : stop]) or prices)
                    )
                for k in range(SHOWN):
                    distance = _distance(float(mine[k]), float(truth[k]), unit)
                    found.compared += 1
                    if distance > found.worst or found.at < 0:
                        found.worst, found.at, found.port = distance, stop - SHOWN + k, port
                        found.values, found.mine, found.exact = str(values), float(mine[k]), float(truth[k])
    return found


def _distance(mine: float, exact: float, unit: float) -> float:
    if math.isnan(mine) or math.isnan(exact):
        return 0.0 if math.isnan(mine) and math.isnan(exact) else math.inf
    return abs(mine - exact) / (max(abs(exact), FLOOR * unit) or 1.0)


def _reads(node: Node) -> bool:
    return any(kind in (Position, Account) or kind is Surrounding.EQUITY for _, kind in node.arguments)


def settings(node: Node) -> list[dict[str, Value]]:
    """The defaults; short lengths; lengths that fit into no block; every word."""
    tried = [{}, *({p.name: word} for p in node.parameters for word in p.choices)]
    for wanted in (3, 97):
        lengths = [p for p in node.parameters if p.type is int and not (p.choices or p.timeframe or p.time_of_day)]
        tried.append({p.name: wanted for p in lengths})
    tried += [{p.name: "4h"} for p in node.parameters if p.timeframe]
    if node.name == "round":
        tried = [{"decimals": 2}]
    checked = [node.check(values) for values in tried]
    return [v for i, v in enumerate(checked) if v not in checked[:i]]


def computing() -> list[Node]:
    """Every node that answers something in one lane and is not the market itself or a constant."""
    reading = {n.name for n in builtin().values() if any(kind is OrderState for _, kind in n.arguments)}
    return [n for n in builtin().values() if not n.verb and not n.across and n.arguments and n.name not in reading]


def places_of(bars: int) -> list[int]:
    """Every tenth of the way, and others by chance."""
    by_chance = np.random.default_rng(2).integers(bars // 20 + FAR // 10, bars, 40).tolist()
    return sorted({*(bars * k // 10 for k in range(1, 11)), *by_chance})


def main() -> None:
    """Print the table; exit with 1 where a node drifted."""
    given = sys.argv[1:]
    bars = int(given.pop(0).replace("_", "")) if given and given[0][0].isdigit() else BARS
    if not COMPILED:
        sys.exit("Without compiled code this would take days.")
    m, places, bad = market(bars), places_of(bars), []
    print(
        f"{bars:,} bars, {len(places)} places\n{'node':<22}{'settings':>9}{'compared':>10}{'worst':>11}  where",
        flush=True,
    )
    begin = time.process_time()
    for node in computing():
        if given and node.name not in given:
            continue
        found = compare(node, m, places)
        told = (
            f"{found.port} at {found.at:,}: {found.mine!r}, exact {found.exact!r}; {found.values}"
            if found.worst
            else ""
        )
        print(f"{node.name:<22}{len(settings(node)):>9}{found.compared:>10,}{found.worst:11.1e}  {told}", flush=True)
        if not found.worst <= BOUND:
            bad.append(node.name)
    print(f"{time.process_time() - begin:,.0f} s of processor time.")
    if bad:
        sys.exit(f"Drifted by more than {BOUND:g}: {', '.join(bad)}.")


if __name__ == "__main__":
    main()
