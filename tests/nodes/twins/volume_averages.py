"""Twins of nodes/volume_averages.py."""

from __future__ import annotations

import datetime
import math
from typing import Any

from tests.nodes.twins.common import RATIOS, Bars, Flags, Numbers, mean, nan, smoothed, twin, windows

RATIOS |= {"relative_volume", "volume_oscillator"}


def weighted(bar: Bars, begin: int, end: int) -> tuple[float, float]:
    """Volume-weighted mean and standard deviation of the typical prices of these bars."""
    rows = zip(bar.high[begin:end], bar.low[begin:end], bar.close[begin:end], strict=True)
    price, volume = [mean(list(row)) for row in rows], bar.volume[begin:end]
    total = math.fsum(volume)
    if not total:
        return price[-1], 0.0
    middle = math.fsum(p * v for p, v in zip(price, volume, strict=True)) / total
    return middle, math.sqrt(math.fsum((p - middle) ** 2 * v for p, v in zip(price, volume, strict=True)) / total)


@twin
def rolling_vwap(bar: Bars, *, period: int) -> Numbers:
    n = len(bar.close)
    return [weighted(bar, i - period + 1, i + 1)[0] if i >= period - 1 else nan for i in range(n)]


@twin
def anchored_vwap(bar: Bars, anchor: Flags) -> Numbers:
    answer = []
    for i, now in enumerate(anchor):
        begin = next((k for k in range(i, -1, -1) if anchor[k]), None)
        answer.append(nan if begin is None or now is None else weighted(bar, begin, i + 1)[0])
    return answer


@twin
def vwap_bands(bar: Bars, moment: list[int], *, multiplier: float, anchor: str) -> tuple[Numbers, ...]:
    def session(ms: int) -> Any:
        day = (datetime.datetime(1970, 1, 1) + datetime.timedelta(milliseconds=ms)).date()
        return day if anchor == "day" else day.isocalendar()[:2]

    spreads = []
    for i, now in enumerate(moment):
        begin = next(k for k in range(i + 1) if session(moment[k]) == session(now))
        spreads.append(weighted(bar, begin, i + 1))
    return (
        [m - multiplier * s for m, s in spreads],
        [m for m, _ in spreads],
        [m + multiplier * s for m, s in spreads],
    )


@twin
def relative_volume(bar: Bars, *, period: int) -> Numbers:
    usual = [nan, *windows(bar.volume, period, mean)[:-1]]
    return [v / u if u else 1.0 for v, u in zip(bar.volume, usual, strict=True)]


@twin
def volume_oscillator(bar: Bars, *, fast: int, slow: int) -> Numbers:
    fast, slow = sorted((fast, slow))
    quick, calm = (smoothed(bar.volume, n, 2 / (n + 1)) for n in (fast, slow))
    return [100 * (q / c - 1) if c else 0.0 for q, c in zip(quick, calm, strict=True)]


@twin
def klinger(bar: Bars, *, fast: int, slow: int, signal: int, force: str) -> tuple[Numbers, Numbers]:
    price = [h + lo + c for h, lo, c in zip(bar.high, bar.low, bar.close, strict=True)]
    reach = [h - lo for h, lo in zip(bar.high, bar.low, strict=True)]
    signs = [0]
    for i in range(1, len(price)):
        signs.append((price[i] > price[i - 1]) - (price[i] < price[i - 1]) or signs[-1])
    forces = []
    for i in range(1, len(price)):
        turn = next((k for k in range(i, 0, -1) if signs[k - 1] != signs[i]), 1)
        total = math.fsum(reach[turn - 1 : i + 1])
        if force == "direction":
            forces.append(-bar.volume[i] if price[i] < price[i - 1] else bar.volume[i])
        else:
            size = abs(2 * reach[i] / total - (1 if force == "tulip" else 2)) if total else 0.0
            forces.append(100 * signs[i] * bar.volume[i] * size)
    quick, calm = (smoothed(forces, n, 2 / (n + 1)) for n in (fast, slow))
    late = max(fast, slow) - 1
    line = [q - c for q, c in zip(quick[late:], calm[late:], strict=True)]
    signals = smoothed(line, signal, 2 / (signal + 1))
    blank = [nan] * (len(price) - len(line))
    return blank + [nan if math.isnan(s) else x for x, s in zip(line, signals, strict=True)], blank + signals
