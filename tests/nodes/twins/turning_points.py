"""Twins of nodes/turning_points.py."""

from __future__ import annotations

from tests.nodes.twins.common import Bars, Flags, Numbers, mean, nan, twin


@twin
def pivots(bar: Bars, *, method: str) -> tuple[Numbers, ...]:
    rows = []
    for h, lo, c in zip(bar.high, bar.low, bar.close, strict=True):
        p = mean([h, lo, c])
        if method in ("traditional", "classic"):
            r3, s3, r4, s4 = h + 2 * (p - lo), lo - 2 * (h - p), 3 * p + h - 3 * lo, 3 * p + lo - 3 * h
            if method == "classic":
                r3, s3, r4, s4 = p + 2 * (h - lo), p - 2 * (h - lo), p + 3 * (h - lo), p - 3 * (h - lo)
            rows.append((p, 2 * p - lo, p + h - lo, r3, 2 * p - h, p - h + lo, s3, r4, s4))
        else:
            middle, shares = {
                "fibonacci": (p, (0.382, 0.618, 1.0, nan)),
                "camarilla": (c, (1.1 / 12, 1.1 / 6, 1.1 / 4, 1.1 / 2)),
            }[method]
            *three, last = (share * (h - lo) for share in shares)
            rows.append((p, *(middle + m for m in three), *(middle - m for m in three), middle + last, middle - last))
    return tuple(list(column) for column in zip(*rows, strict=True)) or tuple([] for _ in range(9))


@twin
def zigzag(bar: Bars, *, percent: float) -> tuple[Numbers, ...]:
    """Finds the bar that ends each leg, one leg after the other."""
    n, fall, rise = len(bar.close), 1 - percent / 100, 1 + percent / 100

    def turns_down(i: int, since: int) -> bool:
        top = max(bar.high[since:i])
        return bar.high[i] <= top and bar.low[i] <= top * fall

    def turns_up(i: int, since: int) -> bool:
        bottom = min(bar.low[since:i])
        return bar.low[i] >= bottom and bar.high[i] >= bottom * rise

    turns: list[tuple[int, int, float]] = []  # the bar of confirmation, the direction from there, the turning point
    side, since = 0, 0
    for i in range(1, n):
        if side == 0:
            up, down = turns_up(i, 0), turns_down(i, 0)
            if up and down:
                up = bar.close[i] >= bar.open[i]
            side = 1 if up else -1 if down else 0
        elif side == 1 and turns_down(i, since):
            side = -1
        elif side == -1 and turns_up(i, since):
            side = 1
        else:
            continue
        if side:
            turns.append((i, side, min(bar.low[since:i]) if side == 1 else max(bar.high[since:i])))
            since = i
    high, low, direction = [nan] * n, [nan] * n, [0.0] * n
    for i in range(n):
        known = [turn for turn in turns if turn[0] <= i]
        highs, lows = [p for _, s, p in known if s == -1], [p for _, s, p in known if s == 1]
        high[i] = highs[-1] if highs else nan
        low[i] = lows[-1] if lows else nan
        direction[i] = known[-1][1] if known else 0.0
    return high, low, direction


def swings(values: Numbers, left: int, right: int) -> tuple[Numbers, Flags]:
    price, confirmed, last = [nan] * len(values), [False] * len(values), nan
    for i in range(left + right, len(values)):
        middle = i - right
        others = values[middle - left : middle] + values[middle + 1 : i + 1]
        confirmed[i] = all(values[middle] > other for other in others)
        last = values[middle] if confirmed[i] else last
        price[i] = last
    return price, list(confirmed)


@twin
def swing_high(bar: Bars, *, left: int, right: int) -> tuple[Numbers, Flags]:
    return swings(bar.high, left, right)


@twin
def swing_low(bar: Bars, *, left: int, right: int) -> tuple[Numbers, Flags]:
    price, confirmed = swings([-low for low in bar.low], left, right)
    return [-p for p in price], confirmed
