"""Actions: what a strategy requests of the venue.

An action is called on the bars on which its `when` is true. It returns an `Intent`, a description of the order; the
venue and the risk rules decide its size, round it, and refuse it if need be (docs/matching.md, section 11).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from wickwork.graph.node import node
from wickwork.graph.types import (
    ANY_POSITION,
    CANCEL,
    CLOSE,
    ENTER,
    FLAT,
    GRID,
    LEG_DISTANCE,
    LEG_SHARE,
    LONG,
    MODIFY,
    NO_GRID,
    PLACE,
    REVERSE,
    SHORT,
    Added,
    Between,
    Choice,
    Condition,
    Intent,
    OrderHandle,
    Series,
)
from wickwork.model.order_kinds import (
    ENTRY_CODES,
    ENTRY_KINDS,
    LIMIT,
    MARKET,
    NEEDS_LIMIT,
    NEEDS_TRIGGER,
    PLACEABLE,
    PLACEABLE_CODES,
    TRAILING,
    TRAILS,
    has,
)
from wickwork.nodes.order_inputs import bracket_needs, leg_needs, needs_of, refuse_target
from wickwork.nodes.order_intents import Targets, entry_intent, leg_code, order_intent, request_intent

nan = float("nan")

EntryKind = Annotated[int, Choice(*(kind.name for kind in ENTRY_KINDS))]
AnyKind = Annotated[int, Choice(*(kind.name for kind in PLACEABLE))]
SizeAs = Annotated[int, Choice("quantity", "quote", "percent_of_equity", "risk_percent", "percent_of_cash")]
StopAs = Annotated[int, Choice("none", "price", "percent", "atr")]
TargetAs = Annotated[int, Choice("none", "price", "percent", "atr", "r")]
TrailAs = Annotated[int, Choice("none", "amount", "percent", "atr", "r")]
DistanceAs = Annotated[int, Choice("percent", "amount")]
InForce = Annotated[int, Choice("gtc", "ioc", "fok")]
Bars = Annotated[int, Between(0, 1_000_000)]
Share = Annotated[float, Between(0.0, 100.0)]
TargetNumber = Annotated[int, Between(1, 4)]


def _entry_prices(order: int) -> tuple[str, ...]:
    kind = ENTRY_CODES[order]
    needs = [] if kind in (MARKET, TRAILING) else ["price"]
    needs += ["stop"] if has(NEEDS_LIMIT, kind) and has(NEEDS_TRIGGER, kind) else []
    needs += ["trail"] if kind == TRAILING else []
    return tuple(needs)


def _order_prices(order: int) -> tuple[str, ...]:
    kind = PLACEABLE_CODES[order]
    sets = {"price": NEEDS_LIMIT, "stop": NEEDS_TRIGGER, "trail": TRAILS}
    return tuple(name for name, kinds in sets.items() if has(kinds, kind))


def _enter(side: int) -> Callable[..., Intent]:
    """The step of an entry on that side."""

    def enter(
        when: Condition,
        size: Series = 95.0,
        price: Series = nan,
        stop: Series = nan,
        trail: Series = nan,
        stop_loss: Series = nan,
        take_profit: Series = nan,
        trailing: Series = nan,
        trailing_after: Series = nan,
        atr: Series = nan,
        take_profit_2: Series = nan,
        take_profit_3: Series = nan,
        take_profit_4: Series = nan,
        *,
        order: EntryKind = 0,
        size_as: SizeAs = 2,
        trail_as: Annotated[DistanceAs, Added()] = 0,
        stop_loss_as: StopAs = 0,
        take_profit_as: TargetAs = 0,
        trailing_as: TrailAs = 0,
        trailing_after_as: Annotated[TargetAs, Added()] = 0,
        take_profit_share: Annotated[Share, Added()] = 100.0,
        take_profit_2_as: Annotated[TargetAs, Added()] = 0,
        take_profit_2_share: Annotated[Share, Added()] = 0.0,
        take_profit_3_as: Annotated[TargetAs, Added()] = 0,
        take_profit_3_share: Annotated[Share, Added()] = 0.0,
        take_profit_4_as: Annotated[TargetAs, Added()] = 0,
        take_profit_4_share: Annotated[Share, Added()] = 0.0,
        add: bool = False,
        good_for: Bars = 0,
        post_only: bool = False,
        time_in_force: InForce = 0,
    ) -> Intent:
        return entry_intent(
            side,
            size,
            price,
            stop,
            trail,
            stop_loss,
            take_profit,
            trailing,
            trailing_after,
            atr,
            order,
            size_as,
            trail_as,
            stop_loss_as,
            take_profit_as,
            trailing_as,
            trailing_after_as,
            add,
            good_for,
            post_only,
            time_in_force,
            ENTER,
            Targets(
                take_profit_share,
                take_profit_2_as,
                take_profit_2,
                take_profit_2_share,
                take_profit_3_as,
                take_profit_3,
                take_profit_3_share,
                take_profit_4_as,
                take_profit_4,
                take_profit_4_share,
            ),
        )

    return enter


_ENTRY_HELP = (
    "`size` is a quantity, an amount of quote, a percentage of equity, or the percentage of equity that the stop loss "
    "risks. `price` is the limit, or the trigger of a stop or if-touched entry; `stop` is the trigger of a stop-limit "
    "entry, `trail` the distance at which a trailing entry follows the price before it enters. Stop loss, take profit "
    "and trailing stop are placed when the entry fills: as a price, percent of the entry, multiple of `atr`, or "
    "multiple R of the stop's distance; with `trailing_after` the trailing stop follows from that price on. Up to four "
    "take profits each close their share of the quantity, in percent; what the shares leave is for the stops. With "
    "`add` the entry may enlarge a position and work beside other entries of its side. `good_for` is the number of "
    "bars after which an unfilled entry ends (0: never)."
)

enter_long = node(
    name="enter_long",
    title="Enter long",
    group="orders",
    verb=ENTER,
    positions=lambda add: FLAT | LONG if add else FLAT,
    requires=needs_of(_entry_prices),
    terms=("buy", "open long", "entry"),
    help="Open a long position when `when` is true and the instrument is flat (or already long, with `add`).\n\n"
    + _ENTRY_HELP,
)(_enter(1))

enter_short = node(
    name="enter_short",
    title="Enter short",
    group="orders",
    verb=ENTER,
    positions=lambda add: FLAT | SHORT if add else FLAT,
    requires=needs_of(_entry_prices),
    terms=("sell short", "open short", "entry"),
    help="Open a short position when `when` is true and the instrument is flat (or already short, with `add`); "
    "perpetuals only.\n\n" + _ENTRY_HELP,
)(_enter(-1))


@node(
    title="Reverse",
    group="orders",
    verb=REVERSE,
    positions=lambda to: (LONG | SHORT, FLAT | SHORT, FLAT | LONG)[int(to)],
    requires=bracket_needs,
    terms=("flip", "turn around", "stop and reverse"),
)
def reverse(
    when: Condition,
    size: Series = 95.0,
    stop_loss: Series = nan,
    take_profit: Series = nan,
    trailing: Series = nan,
    trailing_after: Series = nan,
    atr: Series = nan,
    take_profit_2: Series = nan,
    take_profit_3: Series = nan,
    take_profit_4: Series = nan,
    *,
    to: Annotated[int, Choice("other", "long", "short")] = 0,
    size_as: SizeAs = 2,
    stop_loss_as: StopAs = 0,
    take_profit_as: TargetAs = 0,
    trailing_as: TrailAs = 0,
    trailing_after_as: Annotated[TargetAs, Added()] = 0,
    take_profit_share: Annotated[Share, Added()] = 100.0,
    take_profit_2_as: Annotated[TargetAs, Added()] = 0,
    take_profit_2_share: Annotated[Share, Added()] = 0.0,
    take_profit_3_as: Annotated[TargetAs, Added()] = 0,
    take_profit_3_share: Annotated[Share, Added()] = 0.0,
    take_profit_4_as: Annotated[TargetAs, Added()] = 0,
    take_profit_4_share: Annotated[Share, Added()] = 0.0,
) -> Intent:
    """Close what is held and enter on the other side, at market.

    `to` long or short enters that side also from flat, and does not change a position on that side.
    """
    side = 0 if to == 0 else 1 if to == 1 else -1
    return entry_intent(
        side,
        size,
        nan,
        nan,
        nan,
        stop_loss,
        take_profit,
        trailing,
        trailing_after,
        atr,
        MARKET,
        size_as,
        0,
        stop_loss_as,
        take_profit_as,
        trailing_as,
        trailing_after_as,
        False,
        0,
        False,
        0,
        REVERSE,
        Targets(
            take_profit_share,
            take_profit_2_as,
            take_profit_2,
            take_profit_2_share,
            take_profit_3_as,
            take_profit_3,
            take_profit_3_share,
            take_profit_4_as,
            take_profit_4,
            take_profit_4_share,
        ),
    )


@node(
    title="Close position",
    group="orders",
    verb=CLOSE,
    positions=lambda only: (LONG | SHORT, LONG, SHORT)[int(only)],
    terms=("exit", "sell", "take off"),
)
def close_position(
    when: Condition, percent: Series = 100.0, *, only: Annotated[int, Choice("any", "long", "short")] = 0
) -> Intent:
    """Close the position, or a percentage of it, at market.

    `only` long or short does not close positions on the other side.
    """
    return request_intent(CLOSE, percent, nan, -1, 0)


@node(
    title="Place order",
    group="orders",
    verb=PLACE,
    positions=lambda: ANY_POSITION,
    requires=needs_of(_order_prices),
    terms=("buy", "sell", "limit order", "stop order", "oco"),
)
def place_order(
    when: Condition,
    size: Series = nan,
    price: Series = nan,
    stop: Series = nan,
    trail: Series = nan,
    stop_loss: Series = nan,
    take_profit: Series = nan,
    trailing: Series = nan,
    trailing_after: Series = nan,
    atr: Series = nan,
    take_profit_2: Series = nan,
    take_profit_3: Series = nan,
    take_profit_4: Series = nan,
    oco_with: OrderHandle = -1,
    *,
    side: Annotated[int, Choice("buy", "sell")] = 0,
    order: AnyKind = 1,
    size_as: SizeAs = 0,
    trail_as: DistanceAs = 0,
    stop_loss_as: StopAs = 0,
    take_profit_as: TargetAs = 0,
    trailing_as: TrailAs = 0,
    trailing_after_as: Annotated[TargetAs, Added()] = 0,
    take_profit_share: Annotated[Share, Added()] = 100.0,
    take_profit_2_as: Annotated[TargetAs, Added()] = 0,
    take_profit_2_share: Annotated[Share, Added()] = 0.0,
    take_profit_3_as: Annotated[TargetAs, Added()] = 0,
    take_profit_3_share: Annotated[Share, Added()] = 0.0,
    take_profit_4_as: Annotated[TargetAs, Added()] = 0,
    take_profit_4_share: Annotated[Share, Added()] = 0.0,
    reduce_only: bool = False,
    post_only: bool = False,
    time_in_force: InForce = 0,
    good_for: Bars = 0,
    oco: Annotated[int, Between(0, 1_000_000)] = 0,
) -> Intent:
    """Place one order of any kind, whatever is held.

    `price` is the limit, `stop` the trigger (of a `trailing_from` order the price from which on it follows), `trail`
    the distance of a trailing stop. Orders with the same `oco` number (not 0) cancel one another: the quantity that one
    fills is subtracted from the others; so do the orders of this action and of the one that is wired to `oco_with`.
    `reduce_only` orders can only make the position smaller.
    """
    return order_intent(
        PLACE,
        PLACEABLE_CODES[order],
        1 if side == 0 else -1,
        size,
        price,
        stop,
        trail,
        stop_loss,
        take_profit,
        trailing,
        trailing_after,
        atr,
        size_as,
        trail_as,
        stop_loss_as,
        take_profit_as,
        trailing_as,
        trailing_after_as,
        0,
        good_for,
        1 if reduce_only else 0,
        1 if post_only else 0,
        time_in_force,
        oco,
        Targets(
            take_profit_share,
            take_profit_2_as,
            take_profit_2,
            take_profit_2_share,
            take_profit_3_as,
            take_profit_3,
            take_profit_3_share,
            take_profit_4_as,
            take_profit_4,
            take_profit_4_share,
        ),
    )


@node(
    title="Grid",
    group="orders",
    verb=GRID,
    positions=lambda: NO_GRID,
    terms=("grid trading", "grid bot", "market making", "buy low sell high", "levels"),
)
def grid(
    when: Condition,
    size: Series = 5.0,
    spacing: Series = 1.0,
    centre: Series = 0.0,
    lower: Series = 0.0,
    upper: Series = 0.0,
    *,
    levels: Annotated[int, Between(1, 31)] = 5,
    direction: Annotated[int, Choice("neutral", "long", "short")] = 0,
    size_as: Annotated[int, Choice("quantity", "quote", "percent_of_equity")] = 2,
    spacing_as: Annotated[int, Choice("percent", "amount")] = 0,
) -> Intent:
    """Keep `levels` limit orders to buy below the price and as many to sell above it, and follow what fills.

    Where a buy fills, a sell is placed one step above it; where a sell fills, a buy one step below, and the
    orders move along: the same number on each side of the last filled level. The grid begins around `centre` (0: the
    close) when `when` is true and the instrument has none. It ends when the orders of this action, or all orders, are
    canceled.

    `spacing` is the distance of neighbouring levels, in percent or as an amount. `size` is that of each order, computed
    once at the start. No order is placed below `lower` or above `upper` (0: no bound). `long` first buys what the
    sells above need and never sells short, `short` the other way round; `neutral` begins with what is held (on spot it
    sells only what it has bought). A grid that the funds do not cover at its start is denied.
    """
    way = 0 if direction == 0 else 1 if direction == 1 else -1
    distance_as = LEG_SHARE if spacing_as == 0 else LEG_DISTANCE
    distance = spacing / 100.0 if spacing_as == 0 else spacing
    return Intent(
        verb=GRID,
        kind=LIMIT,
        side=way,
        size_as=size_as,
        size=size,
        limit=centre,
        trail_as=distance_as,
        trail=distance,
        levels=levels,
        lower=lower,
        upper=upper,
    )


@node(title="Cancel orders", group="orders", verb=CANCEL, requires=refuse_target, terms=("cancel all",))
def cancel_orders(
    when: Condition,
    order: OrderHandle = -1,
    *,
    legs: bool = False,
    leg: Annotated[int, Choice("none", "stop_loss", "take_profit", "trailing"), Added()] = 0,
    target: Annotated[TargetNumber, Added()] = 1,
) -> Intent:
    """Cancel the working orders of one action, or all of them when `order` is not wired.

    Stop losses, take profits and trailing stops of brackets stay, unless `legs` is set. With `leg` only that leg of the
    action's entries is canceled, of several take profits the one with the number `target`. A grid whose orders are
    canceled ends.
    """
    return request_intent(CANCEL, nan, nan, order, -leg_code(leg, target) if leg > 0 else 1 if legs else 0)


@node(
    title="Modify orders",
    group="orders",
    verb=MODIFY,
    positions=lambda leg: LONG | SHORT if leg else ANY_POSITION,
    requires=leg_needs,
    terms=("amend", "move", "change price", "break even", "move stop"),
)
def modify_orders(
    when: Condition,
    order: OrderHandle,
    price: Series = nan,
    quantity: Series = nan,
    *,
    leg: Annotated[int, Choice("none", "stop_loss", "take_profit"), Added()] = 0,
    target: Annotated[TargetNumber, Added()] = 1,
) -> Intent:
    """Change the price and/or the remaining quantity of the working orders of one action.

    `price` is the limit of limit and stop-limit orders and the trigger of stops; what is not wired stays as it is. With
    `leg`, the stop loss or the take profit of the action's entries moves to `price`, while a position is held; of
    several take profits the one with the number `target`.
    """
    return request_intent(MODIFY, quantity, price, order, leg_code(leg, target))
