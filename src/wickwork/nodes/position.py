"""What the strategy holds, and what the account is worth: read at the close of each bar, after matching."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from wickwork.graph.node import node
from wickwork.graph.types import Account, Bar, Between, Equity, Position, Series

nan = float("nan")


@node(title="Position quantity", phrase="the quantity held", group="position", terms=("size", "holding"))
def position_quantity(position: Position) -> Series:
    """How much is held, in base units: positive when long, negative when short, 0 when flat."""
    return position.quantity


@node(
    title="Position direction",
    phrase="the direction of the position (1 long, −1 short)",
    group="position",
    terms=("long", "short", "flat", "side"),
)
def position_direction(position: Position) -> Annotated[Series, Between(-1, 1)]:
    """1 when long, −1 when short, 0 when flat."""
    return 1.0 if position.quantity > 0.0 else -1.0 if position.quantity < 0.0 else 0.0


@node(title="Average price", phrase="the average entry price", group="position", terms=("entry price", "cost basis"))
def average_price(position: Position) -> Series:
    """The average entry price of what is held; missing when flat."""
    return position.average if position.quantity != 0.0 else nan


@node(title="Unrealised PnL", phrase="the open profit", group="position", terms=("profit", "open profit"))
def unrealised_pnl(position: Position, bars: Bar) -> Series:
    """What closing at this bar's close would win or lose, in quote units, before costs; 0 when flat."""
    return position.quantity * (bars.close - position.average) if position.quantity != 0.0 else 0.0


@node(
    title="Unrealised percent",
    phrase="the open profit in percent",
    group="position",
    terms=("profit percent", "open profit"),
)
def unrealised_percent(position: Position, bars: Bar) -> Series:
    """How far the close is on the winning side of the average entry price, in percent of it; 0 when flat."""
    if position.quantity == 0.0 or position.average <= 0.0:
        return 0.0
    way = 1.0 if position.quantity > 0.0 else -1.0
    return way * 100.0 * (bars.close / position.average - 1.0)


class Since(NamedTuple):
    """Bars of the round trip under way."""

    round_trip: int = 0
    bars: float = 0.0


@node(
    title="Bars held",
    phrase="the number of bars since the entry",
    group="position",
    terms=("age", "time in position", "duration"),
)
def bars_held(memory: Since, position: Position, bars: Bar) -> tuple[Since, Annotated[Series, Between(0, 1e15)]]:
    """Bars since the position was opened: 0 on the bar of the entry, and 0 when flat."""
    if position.quantity == 0.0:
        return Since(position.round_trip, 0.0), 0.0
    count = memory.bars + 1.0 if position.round_trip == memory.round_trip else 0.0
    return Since(position.round_trip, count), count


class Extreme(NamedTuple):
    """The best or worst price of the round trip under way."""

    round_trip: int = 0
    price: float = nan


@node(
    title="Highest since entry",
    phrase="the highest price since the entry",
    group="position",
    terms=("peak", "maximum favourable"),
)
def highest_since_entry(memory: Extreme, position: Position, bars: Bar) -> tuple[Extreme, Series]:
    """The highest price since the entry; missing when flat.

    The entry bar counts with the entry price and its close, because its high may have been before the entry.
    """
    if position.quantity == 0.0:
        return Extreme(position.round_trip, nan), nan
    if position.round_trip != memory.round_trip or memory.price != memory.price:
        best = max(position.average, bars.close)
    else:
        best = max(memory.price, bars.high)
    return Extreme(position.round_trip, best), best


@node(
    title="Lowest since entry",
    phrase="the lowest price since the entry",
    group="position",
    terms=("trough", "maximum adverse"),
)
def lowest_since_entry(memory: Extreme, position: Position, bars: Bar) -> tuple[Extreme, Series]:
    """The lowest price since the entry; missing when flat.

    The entry bar counts with the entry price and its close, because its low may have been before the entry.
    """
    if position.quantity == 0.0:
        return Extreme(position.round_trip, nan), nan
    if position.round_trip != memory.round_trip or memory.price != memory.price:
        worst = min(position.average, bars.close)
    else:
        worst = min(memory.price, bars.low)
    return Extreme(position.round_trip, worst), worst


@node(title="Equity", phrase="the equity of the account", group="position", terms=("account value", "balance"))
def equity(equity: Equity) -> Series:
    """What the account is worth at the close: cash and every position at its close, in quote units."""
    return equity


@node(title="Cash", phrase="the cash of the account", group="position", terms=("balance",))
def cash(account: Account) -> Series:
    """Cash of the account, in quote units.

    What a perpetual's notional paid or received is in it.
    """
    return account.cash


class Peak(NamedTuple):
    """The highest equity so far."""

    value: float = nan


@node(
    title="Drawdown",
    phrase="the drawdown of the account in percent",
    group="position",
    terms=("underwater", "loss from peak"),
)
def drawdown(
    memory: Peak, account: Account, equity: Equity, bars: Bar
) -> tuple[Peak, Annotated[Series, Between(0, 1e9)]]:
    """How far equity is below its highest close so far (the capital at first), in percent of that."""
    peak = memory.value if memory.value == memory.value else account.capital
    peak = equity if equity > peak else peak
    return Peak(peak), 100.0 * (1.0 - equity / peak) if peak > 0.0 else 0.0
