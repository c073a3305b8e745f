"""Reports of a venue, and requests of people, applied to a bot.

Reports may arrive in any order and more than once; a fill counts once. Reports with numbers are applied
in the order of the numbers: one that comes too early waits for those before it.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from wickwork.engine.bot import Bot
from wickwork.engine.kept_orders import ClosedOrder
from wickwork.engine.order_commands import working_rows
from wickwork.engine.order_notes import note_accepted
from wickwork.graph.native import record
from wickwork.graph.types import Intent
from wickwork.model.errors import InputError
from wickwork.model.events import (
    Amended,
    AmendRejected,
    Canceled,
    CancelRejected,
    Expired,
    Fault,
    Filled,
    FundingPaid,
    Liquidated,
    OrderReport,
    OrderRequested,
    Rejected,
    Report,
    Triggered,
)
from wickwork.orders.account import apply_funding
from wickwork.orders.fills import apply_liquidation
from wickwork.orders.frame import Context, Frame, context_of
from wickwork.orders.order_state import NEXT_BAR, update_order_states, waits_for_bar
from wickwork.orders.records import (
    BY_STRATEGY,
    FOREVER,
    GOOD_FOR_OVER,
    NO_FUNDS,
    NO_ORDER,
    NO_SHORT,
    NOT_AT_ONCE,
    NOTHING_TO_REDUCE,
    REASONS,
    REFUSED,
    REJECTED,
    TABLE_ROWS,
    WOULD_TAKE,
    Order,
)
from wickwork.orders.reports import (
    index_of,
    report_change,
    report_end,
    report_fill,
    report_level,
    report_trigger,
    report_unchanged,
    reported_moment,
)
from wickwork.orders.table import order_at, set_band
from wickwork.risk.rules import is_dust, nearest_lot

OVERFILL, UNPLACED_FILL, FRACTION_OF_LOT = "overfill", "fill of no order", "fraction of a lot"
"""Faults: a fill of more than an order had left; a fill of an order that the run has not made; a quantity that is no
multiple of the lot."""
WITHIN_LOTS = 1e-6
"""How far a reported quantity may be from whole lots, as a share of the lot: rounding of the venue's decimals."""
REJECTIONS = frozenset(
    REASONS[code] for code in (NO_FUNDS, NO_SHORT, NOTHING_TO_REDUCE, WOULD_TAKE, NOT_AT_ONCE, REJECTED, REFUSED)
)
"""Reasons for which an order is not taken; a venue's own words are all `REJECTED`."""
REQUESTED = -2
"""The action of an order that no action of the strategy placed, but a person or an alert."""


def in_order(bot: Bot, report: Report) -> Iterator[Report]:
    """The reports that can be applied now: this one and those that waited for it; none where it was there before."""
    if report.number == 0:
        yield report
        return
    if report.number <= bot.reports_applied:
        return
    bot.waiting[report.number] = report
    while (following := bot.waiting.pop(bot.reports_applied + 1, None)) is not None:
        bot.reports_applied += 1
        yield following


def apply_report(bot: Bot, report: Report) -> list[Fault]:
    """Apply one report to the orders and the account of a bot; returns what the venue should not have done.

    A report that changes nothing is no error. Raises InputError for an order or an instrument that the run does not
    have.
    """
    bot.machine.make_room()
    bot.machine.begin_report()
    if isinstance(report, OrderReport):
        return _apply_to_order(bot, report)
    if isinstance(report, (FundingPaid, Liquidated)):
        lane = bot.lane_of(report.instrument)
        ctx = context_at(bot, lane)
        if ctx.lane.quantity == 0.0:
            return []
        if isinstance(report, FundingPaid):
            apply_funding(ctx, report.amount)
        else:
            at = reported_moment(bot.bars, bot.fine_of(report.at))
            apply_liquidation(ctx, report.price, report.fee, at)
        _look_again(ctx, bot.bars)
    return []


def request(bot: Bot, wanted: OrderRequested) -> None:
    """Submit a person's or an alert's order as the strategy's are; InputError for fields that no intent has."""
    lane = bot.lane_of(wanted.instrument)
    try:
        intent = Intent(**wanted.intent)
    except TypeError as error:
        raise InputError(f"The order that {wanted.source} requests has other fields than an intent: {error}.") from None
    bot.machine.request(lane, intent, REQUESTED)


def context_at(bot: Bot, lane: int) -> Context:
    """The context of one instrument, for functions that run uncompiled."""
    ctx: Context = context_of(record(bot.machine.address, Frame), lane)
    return ctx


def _apply_to_order(bot: Bot, report: OrderReport) -> list[Fault]:
    """Apply the report of an order; returns the faults that it shows."""
    if not bot.is_own(report.order):  # placed by hand, or by another program, on the same account
        return [_not_booked(report, "which is none of this run")] if isinstance(report, Filled) else []
    order_id, leg_number = bot.number_of(report.order)
    for lane in range(len(bot.window.instruments)):
        ctx = context_at(bot, lane)
        index = index_of(ctx, order_id, leg_number)
        if index != NO_ORDER:
            order_id = int(order_at(ctx, index).id)
            break
    else:
        order_id = bot.kept.legs.get((order_id, leg_number), 0) if leg_number else order_id
        found = _reopened(bot, order_id, report)
        if not isinstance(found, tuple):
            return found
        ctx, index = found
    if isinstance(report, (Canceled, Expired, Rejected)):
        bot.kept.ended.add(order_id)
    if not isinstance(report, (Rejected, CancelRejected, AmendRejected)):
        note_accepted(bot, order_id, report.at)
    faults = _apply(bot, ctx, index, order_id, report)
    _look_again(ctx, bot.bars)
    return faults


def _reopened(bot: Bot, order_id: int, report: OrderReport) -> tuple[Context, int] | list[Fault]:
    """Put back an order that is closed here, where the report shows that it has filled or still works at the venue.

    Else the faults that the report shows.
    """
    closed = bot.kept.closed.get(order_id)
    if isinstance(report, CancelRejected) and closed is not None and _works_still(bot, order_id, closed):
        found = _reopen(bot, order_id)
        bot.kept.take_back(order_id)
        return found
    if not isinstance(report, Filled):
        if isinstance(report, (Canceled, Expired, Rejected)):
            bot.kept.ended.add(order_id)
        return []
    if closed is None:
        return [_not_booked(report, "which the run has not made")]
    if _is_known_fill(bot, order_id, report):
        return []
    if context_at(bot, closed.lane).lane.used + 1 + int(closed.row["legs"]) >= TABLE_ROWS:
        return [_not_booked(report, "for which the order table has no row left")]
    return _reopen(bot, order_id)


def _works_still(bot: Bot, order_id: int, closed: ClosedOrder) -> bool:
    """Whether an order works at the venue that the strategy canceled here, once the venue has refused to cancel it.

    Not one of a group: a fill of its sibling, which is reported separately, may have ended it at the venue.
    """
    row = closed.row
    mine = closed.reason == BY_STRATEGY and row["group"] == 0 and row["remaining"] > 0.0
    return bool(mine and order_id not in bot.kept.ended)


def _apply(bot: Bot, ctx: Context, index: int, order_id: int, report: OrderReport) -> list[Fault]:
    """Apply the report of the working order at that index; returns the faults that it shows."""
    bar = bot.bars
    if isinstance(report, Filled):
        return _apply_fill(bot, ctx, index, order_id, report)
    if isinstance(report, Triggered):
        report_trigger(ctx, index, report.kind)
    elif isinstance(report, Canceled):
        report_end(ctx, index, bar, report.reason)
    elif isinstance(report, Expired):
        report_end(ctx, index, bar, REASONS[GOOD_FOR_OVER])
    elif isinstance(report, Rejected):
        report_end(ctx, index, bar, report.reason if report.reason in REJECTIONS else REASONS[REJECTED])
    elif isinstance(report, Amended):
        if report.trigger is not None:
            report_level(ctx, index, report.trigger)
        else:
            bot.kept.answered(order_id)
            order = order_at(ctx, index)
            report_change(ctx, index, bar, *_at_venue(bot, order_id, order, report.price, report.quantity))
    elif isinstance(report, AmendRejected):
        rejected = bot.kept.answered(order_id)
        if rejected is not None and order_at(ctx, index).modify_at == FOREVER:  # the change was made here at once
            order, left = order_at(ctx, index), None
            if rejected.reduced_by is not None:
                left = max(bot.kept.left_at_venue(order_id, float(order.remaining)) + rejected.reduced_by, 0.0)
                left = nearest_lot(left, float(ctx.lane.lot), float(ctx.lane.lot_inverse))
            report_change(ctx, index, bar, *_at_venue(bot, order_id, order, rejected.price, left))
        report_unchanged(ctx, index)
    elif isinstance(report, CancelRejected):
        report_unchanged(ctx, index)
    return []


def _at_venue(
    bot: Bot, order_id: int, order: Order, price: float | None, left: float | None
) -> tuple[float | None, float | None]:
    """What has to change here of an order that has this price and this quantity left at the venue (None: unknown).

    Not what a later change that is not answered yet has replaced: that one is then known to replace this.
    """
    later = bot.kept.changes.get(order_id, [])
    for place, one in enumerate(later):
        if price is not None and one.price is not None:
            one, price = one._replace(price=price), None
        if left is not None and one.reduced_by is not None:
            behind = sum(other.reduced_by or 0.0 for other in later[place + 1 :])
            one, left = one._replace(reduced_by=left - behind - float(order.remaining)), None
        later[place] = one
    return price, left


def _apply_fill(bot: Bot, ctx: Context, index: int, order_id: int, report: Filled) -> list[Fault]:
    """Book a fill in full, since it is a fact, also where the order had less left."""
    if _is_known_fill(bot, order_id, report):
        return []
    order, lot, bar = order_at(ctx, index), float(ctx.lane.lot), bot.bars
    changes, reopened = bot.kept.changes.get(order_id, ()), bot.kept.closed.get(order_id)
    left = max(order.remaining, *(one.total - order.filled for one in changes), 0.0)
    if order.group < 0:  # a fill of its sibling may have been reported before the venue had this order
        left = max(left, order.quantity - order.filled)
    if order.leg:
        left = max(left, _left_in_bracket(bot, ctx, order))
    faults = []
    if not is_dust(report.quantity - left, report.quantity, lot):
        faults = [_overfill(report, float(left))]
    if abs(report.quantity - nearest_lot(report.quantity, lot, float(ctx.lane.lot_inverse))) > WITHIN_LOTS * lot:
        faults.append(_fraction_of_lot(report, lot))
    bot.kept.fill_ids.setdefault(order_id, set()).add(report.fill)
    at = reported_moment(bar, bot.fine_of(report.at))
    done = report_fill(ctx, index, report.quantity, report.price, report.fee, report.liquidity, report.slippage, at)
    if reopened is not None and not done and (index := index_of(ctx, order_id)) != NO_ORDER:
        report_end(ctx, index, bar, REASONS[reopened.reason])
    return faults


def _left_in_bracket(bot: Bot, ctx: Context, leg: Order) -> float:
    """What a leg may fill of the quantity that its bracket has not closed, where fills come in another order than made.

    The fill of a stop takes from the targets at once, here as at the venue; but there a target may have filled before.
    """
    rows = {
        order_id: one.row
        for order_id, one in bot.kept.closed.items()
        if order_id == leg.group or one.parent == leg.group
    }
    rows |= {
        order_id: row
        for order_id, row in working_rows(bot).items()
        if order_id == leg.group or row["group"] == leg.group
    }
    if leg.group not in rows:
        return 0.0
    closed = sum(float(row["filled"]) for order_id, row in rows.items() if order_id != leg.group)
    return min(leg.quantity - leg.filled, float(rows[leg.group]["filled"]) - closed, -leg.side * ctx.lane.quantity)


def _overfill(report: Filled, left: float) -> Fault:
    """The fault: a fill of more than the order had left, `left` in base units."""
    return Fault(
        name=OVERFILL,
        order=report.order,
        text=f"The venue filled {report.quantity:g} of the order {report.order}, of which {left:g} was left. The fill "
        "is booked, since it happened; until the trading state is set to active, only orders that reduce a position "
        "are sent.",
    )


def _fraction_of_lot(report: Filled, lot: float) -> Fault:
    """The fault: a quantity that is no multiple of the lot, in which the run counts."""
    return Fault(
        name=FRACTION_OF_LOT,
        order=report.order,
        text=f"The venue filled {report.quantity:g} of the order {report.order}, which is no multiple of the lot "
        f"{lot:g} that the run was started with. The fill is booked, but quantities are rounded to whole lots, so the "
        "position here may not be the one at the venue; until the trading state is set to active, only orders that "
        "reduce a position are sent.",
    )


def _not_booked(report: Filled, why: str) -> Fault:
    """The fault: a fill that cannot be booked, and why."""
    return Fault(
        name=UNPLACED_FILL,
        order=report.order,
        text=f"The venue filled {report.quantity:g} at {report.price:g} of the order {report.order}, {why}. "
        "The fill is not booked, so the position here is not the one at the venue; until the trading state "
        "is set to active, only orders that reduce a position are sent.",
    )


def _is_known_fill(bot: Bot, order_id: int, report: Filled) -> bool:
    """Whether a fill was reported before."""
    return report.fill in bot.kept.fill_ids.get(order_id, ())


def _reopen(bot: Bot, order_id: int) -> tuple[Context, int]:
    """Put back an order that was closed here before its fill was reported; it is closed again after the fill."""
    closed = bot.kept.closed[order_id]
    ctx = context_at(bot, closed.lane)
    lane = ctx.lane
    _raw_row(bot, ctx, lane.count)[:] = closed.raw
    lane.count += 1
    lane.used += 1 + order_at(ctx, lane.count - 1).legs
    lane.entries += order_at(ctx, lane.count - 1).entry
    return ctx, lane.count - 1


def _raw_row(bot: Bot, ctx: Context, index: int) -> NDArray[np.int64]:
    """The row of the order table at that index, as words."""
    row: NDArray[np.int64] = bot.machine.raw["orders"][ctx.lane_index * bot.machine.capacity + int(ctx.slots[index])]
    return row


def _look_again(ctx: Context, bar: int) -> None:
    """Compute the trigger band for the coming `bar`, and bring the states of orders up to date.

    The loop stops at that bar where a grid must be renewed, or where a state needs its opening time.
    """
    set_band(ctx, bar)
    update_order_states(ctx, ctx.frame.fills_taken, ctx.frame.closed_orders_taken, NEXT_BAR, NEXT_BAR)
    if ctx.lane.grid_moved or waits_for_bar(ctx):
        ctx.lane.deadline = bar
