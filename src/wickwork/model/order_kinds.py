"""What a kind of order is: one table, from which orders, matching and nodes read.

Compiled code cannot read a table of records, so each column is also given as a set of bits, one per kind:
`has(ACTS_AT_LIMIT, order.kind)`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

MARKET, LIMIT, STOP, STOP_LIMIT, TRAILING, LIQUIDATION, MARKET_IF_TOUCHED, TRAILING_FROM = range(8)
"""Codes of the kinds. They are written into saved states and journals: a new kind takes the next number."""


@dataclass(frozen=True)
class OrderKind:
    """One kind of order."""

    code: int
    name: str
    title: str
    """Its name in reports and messages."""
    acts_at: str
    """The price at which it acts: `open` (at once), `limit`, `trigger`, or `trail` (a trigger that moves)."""
    favourable: bool
    """Whether it waits for a price better than the market's: a buy below it, a sell above it."""
    taker: bool
    """Whether it takes liquidity when its price is reached while it rests."""
    rank_at_open: int
    """Which orders act first at an open: 0 before 1 before 2. −1: it does not act there as this kind."""
    becomes: int
    """The kind of what is left once it has triggered; its own code where nothing changes."""
    immediate: bool = False
    """Whether it may be immediate-or-cancel or fill-or-kill."""
    by_strategy: bool = True
    """Whether a strategy can place it."""
    entry: bool = False
    """Whether `buy` and `short` can enter with it."""


ORDER_KINDS: tuple[OrderKind, ...] = (
    OrderKind(MARKET, "market", "market order", "open", False, True, 0, MARKET, immediate=True, entry=True),
    OrderKind(LIMIT, "limit", "limit order", "limit", True, False, 2, LIMIT, immediate=True, entry=True),
    OrderKind(STOP, "stop", "stop order", "trigger", False, True, 1, MARKET, entry=True),
    OrderKind(STOP_LIMIT, "stop_limit", "stop-limit order", "trigger", False, False, -1, LIMIT, entry=True),
    OrderKind(TRAILING, "trailing", "trailing stop", "trail", False, True, 1, MARKET, entry=True),
    OrderKind(LIQUIDATION, "liquidation", "liquidation", "trigger", False, True, 1, LIQUIDATION, by_strategy=False),
    OrderKind(MARKET_IF_TOUCHED, "market_if_touched", "if-touched order", "trigger", True, True, 2, MARKET, entry=True),
    OrderKind(TRAILING_FROM, "trailing_from", "trailing stop from a price on", "trigger", True, False, -1, TRAILING),
)

KIND_NAMES = tuple(kind.name for kind in ORDER_KINDS)
"""Names of the kinds by their codes."""


PLACEABLE = tuple(kind for kind in ORDER_KINDS if kind.by_strategy)
"""The kinds that a strategy can place, in the order of the choices of the node `place_order`."""
PLACEABLE_CODES = tuple(kind.code for kind in PLACEABLE)
ENTRY_KINDS = tuple(kind for kind in ORDER_KINDS if kind.entry)
"""The kinds with which `buy` and `short` enter, in the order of the choices of their nodes."""
ENTRY_CODES = tuple(kind.code for kind in ENTRY_KINDS)


def kinds_where(condition: Callable[[OrderKind], bool]) -> int:
    """The kinds for which the condition is true, as bits."""
    return sum(1 << kind.code for kind in ORDER_KINDS if condition(kind))


def has(kinds: int, kind: int) -> bool:
    """Whether that set of kinds contains the kind. For compiled code, too."""
    return (kinds >> kind) & 1 != 0


ACTS_AT_LIMIT = kinds_where(lambda kind: kind.acts_at == "limit")
NEEDS_LIMIT = kinds_where(lambda kind: "limit" in (kind.acts_at, KIND_NAMES[kind.becomes]))
NEEDS_TRIGGER = kinds_where(lambda kind: kind.acts_at == "trigger")
FAVOURABLE = kinds_where(lambda kind: kind.favourable)
TAKES_LIQUIDITY = kinds_where(lambda kind: kind.taker)
BECOMES_LIMIT = kinds_where(lambda kind: kind.becomes == LIMIT and kind.code != LIMIT)
BECOMES_TRAILING = kinds_where(lambda kind: kind.becomes == TRAILING and kind.code != TRAILING)
TRAILS = kinds_where(lambda kind: kind.becomes == TRAILING or kind.code == TRAILING)
BECOMES_MARKET = kinds_where(lambda kind: kind.becomes == MARKET and kind.code != MARKET)
FIRST_AT_OPEN = kinds_where(lambda kind: kind.rank_at_open == 0)
SECOND_AT_OPEN = kinds_where(lambda kind: kind.rank_at_open == 1)
THIRD_AT_OPEN = kinds_where(lambda kind: kind.rank_at_open == 2)
IMMEDIATE = kinds_where(lambda kind: kind.immediate)
HIT_WHEN_IT_MUST = kinds_where(lambda kind: kind.favourable or kind.becomes == LIMIT)
"""Under `worst`, filled inside the bar of activation only if every path reaches them; the others if any path does."""
