"""Section 4, trailing stops inside a bar: between which levels they lie, and where the path turns for them."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from .values import SELL, STOPS, Desk, Order, Path


@dataclass(frozen=True)
class Turn:
    """A trailing stop whose level the bar may have moved, and what that leaves open."""

    order: Order
    point: float  # where the path turns
    level: float  # at which the order is hit after it
    taken: bool
    doubt: bool


def level_at(order: Order, extreme: float) -> float:
    if math.isnan(order.trail_share):
        return extreme + order.side * order.trail_amount
    return extreme * (1 + order.side * order.trail_share)


def extreme_at(order: Order, level: float) -> float:
    if math.isnan(order.trail_share):
        return level - order.side * order.trail_amount
    return level / (1 + order.side * order.trail_share)


def further(order: Order, a: float, b: float) -> float:
    """The one of two prices that is further the way of the order: up for a sell."""
    return max(a, b) if order.side == SELL else min(a, b)


def turns(desk: Desk, path: Path, waiting: list[Order], reachable: list[Order], assume: str) -> Iterator[Turn]:
    _, high, low, close, _ = path.bar
    for order in waiting:
        if order.kind != "trailing" or order.moved is not None:
            continue
        s = order.side
        edge, far = (low, high) if s == SELL else (high, low)
        first, last = order.level, level_at(order, further(order, order.extreme, far))
        stops = [o.level for o in reachable if o.kind in (*STOPS, "stop_limit") and o.side == s]
        before = (
            assume == "best" and order.activation is not None and bool(stops)
        )  # hit before another stop that is hit
        if (
            not (passed(s, first, last) or before)
            or passed(s, last, edge)
            or any(not passed(s, x, last) for x in stops)
        ):
            continue
        reached = not passed(s, first, edge)
        must = not passed(s, last, close)
        if order.activation is not None:
            (e, d) = order.activation
            once = not passed(s, first, close) or (d == s and not passed(s, e, first) and reached)
            must = (must and d == -s) or once
        else:
            must = must or reached
        point = extreme_at(order, edge)
        point = far if passed(s, far, point) else point
        ahead = [distance(o, path.at) for o in reachable if side_of(o, path.at) == -s]
        away = max(0.0, abs(point - path.at) if passed(s, path.at, point) else 0.0)
        clear = reached or all(away < gap for gap in ahead)
        doubt = clear and (reached or not must or edge != last)
        if assume == "worst":
            yield Turn(order, further(order, path.at, point), edge, clear and not reached, doubt)
        else:
            yield Turn(order, far, last, not ahead and (must or bool(stops)), doubt)


def passed(s: int, a: float, b: float) -> bool:
    """Whether b is further the way of an order of that side than a."""
    return (a - b) * s > 0


def distance(order: Order, at: float) -> float:
    """How far the path is from an order; the mark price may bring the liquidation where the path is beyond it."""
    if order.kind == "liquidation":
        return max(0.0, at - order.level if order.waits_below else order.level - at)
    return abs(order.level - at)


def side_of(order: Order, at: float) -> int:
    if order.level == at or order.kind == "liquidation":
        return -1 if order.waits_below else +1
    return -1 if order.level < at else +1
