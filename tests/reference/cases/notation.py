"""Cases computed by hand from docs/matching.md; the arithmetic stands in the comments.

Decisions fall at the close of bar 0 unless a case says otherwise, so that fills begin with bar 1. A bar is
(open, high, low, close) with a volume of 1000, or has its volume as the fifth number; None is a missing bar. A fill is
(bar, side, quantity, price), with the instrument as the fifth number where there are two. `ends` names every order
that ended and `working` every one that did not.
"""

from dataclasses import dataclass, field
from typing import Any

from tests.reference.values import Config, Intent

HOUR = 3600 * 1000
DAY = 24 * HOUR
F = (100, 100, 100, 100)  # a bar in which nothing happens
Q = (100, 101, 99, 100)  # a quiet one


@dataclass(frozen=True)
class Case:
    name: str
    bars: list[Any]
    intents: dict[int, list[Intent]]
    fills: list[tuple] = field(default_factory=list)
    ends: dict[int, str] = field(default_factory=dict)
    config: Config = field(default_factory=Config)
    ambiguous: int = 0
    market: dict[str, Any] = field(default_factory=dict)  # kind, tick, lot, minimum_…
    finer: dict[int, list[tuple]] = field(default_factory=dict)
    marks: dict[int, list[tuple | None]] = field(default_factory=dict)  # by bar: of it, or of each of its finer bars
    start: int = 0
    step: int = HOUR
    second: list[Any] | None = None  # the bars of a second instrument with the same options
    second_intents: dict[int, list[Intent]] = field(default_factory=dict)
    working: set[int] = field(default_factory=set)
    denied: list[tuple[int, str]] = field(default_factory=list)  # (bar, reason)
    cash: float | None = None
    fees: float | None = None
    funding: float | None = None
    slippage: float | None = None
    makers: list[bool] | None = None  # of each fill
    reading: str = ""  # where the case rests on a reading of an unclear sentence


def enter(size: float = 1, side: int = 1, **more: Any) -> Intent:
    return Intent(verb="enter", size=size, side=side, **more)


def place(size: float = 1, side: int = 1, **more: Any) -> Intent:
    return Intent(verb="place", size=size, side=side, **more)


def sell(size: float = 1, **more: Any) -> Intent:
    """A reduce-only sell order."""
    return place(size, -1, reduce_only=True, **more)


def close(percent: float = 100, **more: Any) -> Intent:
    return Intent(verb="close", size=percent, **more)


def reverse(size: float = 1, side: int = 1, **more: Any) -> Intent:
    return Intent(verb="reverse", size=size, side=side, **more)


def cancel(**more: Any) -> Intent:
    return Intent(verb="cancel", **more)


def modify(**more: Any) -> Intent:
    return Intent(verb="modify", **more)


def limit(price: float) -> dict[str, Any]:
    return {"kind": "limit", "limit": price}


def stop(price: float) -> dict[str, Any]:
    return {"kind": "stop", "stop": price}


def stop_limit(trigger: float, price: float) -> dict[str, Any]:
    return {"kind": "stop_limit", "stop": trigger, "limit": price}


def sl(price: float) -> dict[str, Any]:
    return {"stop_loss": ("price", price)}


def tp(price: float) -> dict[str, Any]:
    return {"take_profit": ("price", price)}


FILLED = "filled"
CANCELED = "canceled by the strategy"
OVER = "good-for over"
TAKEN = "would have taken"
AT_ONCE = "not filled at once"
NOTHING = "nothing to reduce"
CUT = "cut to the funds"
NO_FUNDS = "no funds"
CLOSED = "position closed"
OTHER = "other leg filled"
LIQUIDATED = "liquidated"
SHARED = "filled in part, the rest by its sibling"
NO_SHORT = "cannot be sold short"

BEST = Config(assume="best")
FEES = Config(maker_fee=0.0005, taker_fee=0.001)
TENTH = Config(volume_limit=0.1)
LATE = Config(latency=1)
SMALL = Config(capital=1000)
PERPETUAL = {"kind": "perpetual"}
TEN = Config(leverage=10)

# Long from 100 at leverage 10: level 100 × 0.9 / 0.995, bankruptcy 90. Short: 100 × 1.1 / 1.005, bankruptcy 110.
LONG_LEVEL = 90.45226130653266
SHORT_LEVEL = 109.45273631840796
