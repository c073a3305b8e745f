"""Twins of nodes/signals.py."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import fmean
from typing import Any

from tests.nodes.twins.common import RATIOS, Numbers, mean, twin

RATIOS |= {"signal", "macd_signal", "rsi_signal", "bollinger_signal", "combine_signals", "keep_signal"}
Answers = tuple[list[Any], ...]


def share(value: float) -> float:
    return min(max(value, 0.0), 1.0)


def of(directions: Sequence[int], confidence: Numbers, idle: Numbers | None = None) -> Answers:
    """Direction, confidence, buy, sell; `idle` is the confidence on bars without a direction."""
    rest = idle or [0.0] * len(directions)
    sure = [share(c) if d else share(r) for d, c, r in zip(directions, confidence, rest, strict=True)]
    return list(directions), sure, [d > 0 for d in directions], [d < 0 for d in directions]


@twin
def signal(buy: list[bool], sell: list[bool], confidence: Numbers) -> Answers:
    return of([int(b) - int(s) for b, s in zip(buy, sell, strict=True)], confidence)


@twin
def macd_signal(macd: Numbers, signal: Numbers, confidence: Numbers) -> Answers:
    gap = [m - s for m, s in zip(macd, signal, strict=True)]
    up = [i > 0 and gap[i - 1] <= 0 < gap[i] for i in range(len(gap))]
    down = [i > 0 and gap[i - 1] >= 0 > gap[i] for i in range(len(gap))]
    return of([int(u) - int(d) for u, d in zip(up, down, strict=True)], confidence)


@twin
def rsi_signal(
    rsi: Numbers, confidence: Numbers, zone_confidence: Numbers, *, overbought: float, oversold: float
) -> Answers:
    directions = []
    for i, now in enumerate(rsi):
        before = rsi[i - 1] if i else math.nan
        directions.append(-1 if now < overbought <= before else 1 if before <= oversold < now else 0)
    high, low = [r > overbought for r in rsi], [r < oversold for r in rsi]
    idle = [z if h or b else 0.0 for z, h, b in zip(zone_confidence, high, low, strict=True)]
    return *of(directions, confidence, idle), high, low


@twin
def bollinger_signal(
    source: Numbers,
    lower: Numbers,
    upper: Numbers,
    confidence: Numbers,
    squeeze_confidence: Numbers,
    *,
    squeeze: float,
    period: int,
) -> Answers:
    width = [u - d for u, d in zip(upper, lower, strict=True)]
    directions, tight = [], []
    for i, now in enumerate(source):
        buy = i > 0 and now <= lower[i] < source[i - 1]
        sell = i > 0 and now >= upper[i] > source[i - 1]
        directions.append(int(buy) - int(sell))
        tight.append(i + 1 >= period and width[i] < squeeze * mean(width[i + 1 - period : i + 1]))
    idle = [c if t else 0.0 for c, t in zip(squeeze_confidence, tight, strict=True)]
    return *of(directions, confidence, idle), tight


@twin
def keep_signal(direction: Numbers, confidence: Numbers, *, bars: int, fade: bool) -> Answers:
    directions, sure = [], []
    for i in range(len(direction)):
        age = next((k for k in range(min(bars, i + 1)) if direction[i - k]), None)
        given = 0.0 if age is None else direction[i - age]
        directions.append((given > 0) - (given < 0))
        sure.append(0.0 if age is None else share(confidence[i - age]) * ((bars - age) / bars if fade else 1.0))
    return directions, sure


@twin
def combine_signals(*columns: Numbers, rule: str, threshold: float) -> Answers:
    directions, sure = [], []
    for row in zip(*columns, strict=True):
        given = [(d, share(c)) for d, c in zip(row[:4], row[4:], strict=True) if not math.isnan(d)]
        up, down = [c for d, c in given if d > 0], [c for d, c in given if d < 0]
        mine = up if len(up) > len(down) else down
        sign = 1 if mine is up else -1
        score = (math.fsum(up) - math.fsum(down)) / len(given)
        passed, value = {
            "all": (len(mine) == len(given), min(c for _, c in given)),
            "any": (len(mine) > 0 and not (up and down), max(mine, default=0.0)),
            "vote": (abs(score) >= threshold - 1e-9, abs(score)),
            "share": (
                len(mine) / len(given) >= threshold - 1e-9 and len(up) != len(down),
                fmean(mine) if mine else 0.0,
            ),
        }[rule]
        sign = (1 if score > 0 else -1) if rule == "vote" else sign
        directions.append(sign if passed else 0)
        sure.append(value)
    return of(directions, sure)
