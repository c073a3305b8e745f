"""The simulated exchange: orders, positions and money as the other side of a run has them.

Its order table and account are those of a bot without any action, so that matching, costs and margin are the same
functions as in a backtest; what a backtest does within one program, it does from outside.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from wickwork.engine.advance import FIELDS, advance
from wickwork.engine.bot import Bot
from wickwork.engine.order_commands import LEG_FIELDS, UNITS, or_none, working_rows
from wickwork.engine.paper.sequence import END, FILL, FUNDING, TURN, Step, steps, turns_of, with_funding
from wickwork.engine.reports import context_at
from wickwork.engine.window import Universe
from wickwork.graph.native import floats, integers
from wickwork.graph.program import plan
from wickwork.graph.types import TIMES_IN_FORCE
from wickwork.model.commands import Amend, Cancel, Place
from wickwork.model.events import (
    Accepted,
    Amended,
    AmendRejected,
    BarsClosed,
    Canceled,
    CancelRejected,
    Expired,
    Filled,
    FundingPaid,
    Liquidated,
    Rejected,
    Report,
    Triggered,
)
from wickwork.model.order_kinds import KIND_NAMES, LIQUIDATION, TRAILING
from wickwork.orders.frame import Context
from wickwork.orders.levels import trail_behind
from wickwork.orders.modify import modify
from wickwork.orders.own_bars import begin_own_bar, first_own_bar, own_bar
from wickwork.orders.records import BY_STRATEGY, GOOD_FOR_OVER, NO_ORDER, REASONS, TRAIL_LEG
from wickwork.orders.reports import index_of, note_change
from wickwork.orders.table import add, close_order, has_room, order_at, set_band
from wickwork.orders.targets import count_targets
from wickwork.risk.gate import Approved
from wickwork.sim.terms import Terms
from wickwork.strategies.strategy import strategy

FIRST_OWN_ID = 1 << 40
"""Orders that the venue makes by itself, legs and liquidations, are numbered from here on."""


class PaperExchange:
    """The other side of a run on paper: orders, positions and money as the venue has them."""

    def __init__(self, universe: Universe, terms: Terms, *, name: str = "order", cache: Path | None = None) -> None:
        """`name` begins the client ids of the run's orders; `cache` is the folder of machine code."""
        with strategy("no actions") as without:
            pass
        program = plan(without.check(), universe.timeframe, cache=cache)
        self.bot = Bot(program, universe, terms, name=name)
        finer = universe.finer
        self._finer = finer.milliseconds if finer else 0
        self._reports = self._fills = 0
        self._known: set[int] = set()
        self._names: dict[int, str] = {}
        self.bot.machine.arrays["account"]["next_id"] = FIRST_OWN_ID

    def send(self, commands: Sequence[Approved]) -> list[Report]:
        """Take commands that the risk gate approved; an order that was received before is not placed again."""
        reports: list[Report] = []
        self.bot.machine.make_room()
        for approved in commands:
            command = approved.command
            reports += self._place(command) if isinstance(command, Place) else self._change(command)
        return reports

    def take_bars(self, event: BarsClosed) -> list[Report]:
        """Match the bars of one time; the reports of what happened, in its order."""
        bot, lanes = self.bot, self.bot.machine.arrays["lanes"].copy()
        before, first = working_rows(bot), int(bot.machine.arrays["account"]["fill_total"][0])
        outcome = advance(bot, event)
        fills = [dict(zip(FIELDS["fills"], row, strict=True)) for row in outcome.fills]
        # The outcome leaves out the counts that put closed orders into a sequence; the table still has them.
        closed = [_plain(row) for row in bot.machine.outputs["closed_orders"][: len(outcome.closed_orders)]]
        after = {number: _plain(row) for number, row in working_rows(bot).items()}
        self._names = {number: self._name(number, row, row["group"]) for number, row in (before | after).items()}
        self._names |= {one["order"]: self._name(one["order"], one, one["parent"]) for one in closed}
        reports = list(self._changed(before, event))
        kinds = {number: int(row["kind"]) for number, row in before.items()}
        found = steps(fills, closed, after, before, first)
        turns = turns_of(lanes["quantity"] != 0.0, before.values(), bot.bars - 1)
        for step in with_funding(found, self._funding_paid(lanes, event), turns):
            reports += self._reports_of(step, kinds, event)
        for number, row in after.items():
            if row["kind"] == TRAILING:
                reports.append(self._moved(self._names[number], _level(row), event.opened_at))
        return reports

    def _name(self, number: int, row: Any, parent: int) -> str:
        """The client id of a row of an order; `parent` is the id of its entry, where it is a leg."""
        return self.bot.client_id(number, int(parent) if row["leg"] else 0, int(row["leg_number"]))

    def open_orders(self) -> list[str]:
        """The client ids of the working orders."""
        return [self._name(number, row, row["group"]) for number, row in working_rows(self.bot).items()]

    def balances(self) -> dict[str, float]:
        """What the account holds of each currency, and its equity."""
        account = self.bot.machine.arrays["account"][0]
        return {"cash": float(account["cash"]), "equity": float(account["equity"])}

    def positions(self) -> dict[str, float]:
        """The position of each instrument in base units; below 0 where it is short."""
        quantities = self.bot.machine.arrays["lanes"]["quantity"].tolist()
        return {self.bot.instrument_of(lane): quantity for lane, quantity in enumerate(quantities)}

    # ---- commands

    def _place(self, place: Place) -> Iterator[Report]:
        """Add an order, or report it again: as accepted where it is a leg that works, not at all where it is known."""
        bot = self.bot
        number, leg_number = bot.number_of(place.order)
        ctx = context_at(bot, bot.lane_of(place.instrument))
        if leg_number and index_of(ctx, number, leg_number) != NO_ORDER:  # legs are made here, when their entry fills
            yield Accepted(at=self._now, number=self._next(), order=place.order)
        if leg_number or number in self._known:
            return
        self._known.add(number)
        if not has_room(ctx.lane, 1 + len(place.legs)):
            yield Rejected(at=self._now, number=self._next(), order=place.order, reason="the order table is full")
            return
        order = add(ctx)
        order.id = number
        if place.bar_length:
            ctx.lane.ratio, ctx.lane.own_length = (
                place.bar_length // bot.window.timeframe.milliseconds,
                place.bar_length,
            )
        begin_own_bar(ctx.lane, bot.window.opened_at or 0)
        _write(ctx, order, place, bot.bars + int(ctx.terms.latency), bot.bars - 1, bot.window.opened_at or 0)
        set_band(ctx, bot.bars - 1)
        yield Accepted(at=self._now, number=self._next(), order=place.order)

    def _change(self, command: Cancel | Amend) -> Iterator[Report]:
        """Cancel or change an order, at once or after the latency of the venue."""
        bot = self.bot
        ctx = context_at(bot, bot.lane_of(command.instrument))
        index = index_of(ctx, *bot.number_of(command.order))
        if index == NO_ORDER:
            rejected = CancelRejected if isinstance(command, Cancel) else AmendRejected
            yield rejected(at=self._now, number=self._next(), order=command.order, reason="it works no longer")
            return
        order, latency = order_at(ctx, index), int(ctx.terms.latency)
        if isinstance(command, Amend):
            note_change(order, command.price, command.quantity)
            if latency == 0:
                modify(order, bot.bars)  # the run has made the change already: nothing is left to report
            else:
                order.modify_at = bot.bars + latency
        elif latency == 0:
            close_order(ctx, index, bot.bars - 1, BY_STRATEGY)
            ctx.account.closed_order_rows -= 1  # it is reported now, not with the next bars
            yield Canceled(at=self._now, number=self._next(), order=command.order, reason=REASONS[BY_STRATEGY])
        else:
            order.cancel_at = min(order.cancel_at, bot.bars + latency)
        set_band(ctx, bot.bars - 1)

    # ---- reports

    def _reports_of(self, step: Step, kinds: dict[int, int], event: BarsClosed) -> Iterator[Report]:
        """The reports of one step. `kinds` are those that the run has of the orders, by id."""
        one = step.row
        at = event.opened_at + one.get("finer_bar", 0) * self._finer if step.what == FILL else event.opened_at
        if step.what == FUNDING:
            instrument = self.bot.instrument_of(one["lane"])
            yield FundingPaid(at=at, number=self._next(), instrument=instrument, amount=one["amount"])
            return
        for other in step.closes:  # the run closes them when it books the fill
            yield self._moved(self._names[other["order"]], other["stop"], at)
        if one["kind"] == LIQUIDATION:
            if step.what == FILL:
                instrument = self.bot.instrument_of(one["lane"])
                yield Liquidated(at=at, number=self._next(), instrument=instrument, price=one["price"], fee=one["fee"])
            return
        name, kind = self._names[one["order"]], one["kind"]
        # A trailing leg of which the run has no kind yet may have either of two.
        known = kinds.get(one["order"], None if one["leg"] == TRAIL_LEG else kind)
        kinds[one["order"]] = kind
        if step.what == TURN or (step.what == FILL and known != kind):
            yield Triggered(at=event.opened_at, number=self._next(), order=name, kind=KIND_NAMES[kind])
        if step.what == FILL:
            self._fills += 1
            yield Filled(
                at=at,
                number=self._next(),
                order=name,
                fill=str(self._fills),
                quantity=one["quantity"],
                price=one["price"],
                fee=one["fee"],
                liquidity="maker" if one["maker"] else "taker",
                slippage=one["slippage"],
            )
        elif step.what == END:
            if kind == TRAILING:
                yield self._moved(name, one["stop"], at)
            if one["reason"] == GOOD_FOR_OVER:
                yield Expired(at=at, number=self._next(), order=name)
            else:
                yield Canceled(at=at, number=self._next(), order=name, reason=REASONS[one["reason"]])

    def _changed(self, before: dict[int, Any], event: BarsClosed) -> Iterator[Report]:
        """The modifications that took effect when the bar began."""
        bar = self.bot.bars - 1
        for number, row in before.items():
            lane = context_at(self.bot, row["lane"]).lane
            ended = row["good_until"] < own_bar(lane, bar) or row["cancel_at"] <= bar
            if event.rows[row["lane"]] is None or ended or row["modify_at"] > bar:
                continue
            price, quantity = or_none(row["new_price"]), or_none(row["new_quantity"])
            yield Amended(
                at=event.opened_at, number=self._next(), order=self._names[number], price=price, quantity=quantity
            )

    def _moved(self, order: str, level: float, at: int) -> Report:
        """The report that a trailing stop is at another level."""
        return Amended(at=at, number=self._next(), order=order, trigger=level)

    def _funding_paid(self, lanes: Any, event: BarsClosed) -> list[dict[str, Any]]:
        """What each lane that held a position when the bar began paid for its funding moments."""
        frame, paid = self.bot.machine.frame[0], []
        bars, rates = integers(int(frame["funding"])), floats(int(frame["funding"]))
        width = 1 + len(lanes)
        for number, (lane, row) in enumerate(zip(lanes, event.rows, strict=True)):
            if row is None or not lane["perpetual"] or lane["quantity"] == 0.0:
                continue
            rate, k = 0.0, int(lane["funding_at"])
            while k < frame["funding_count"] and bars[width * k] <= self.bot.bars - 1:
                rate += rates[width * k + 1 + number]
                k += 1
            if rate != 0.0:
                mark = event.marks[number] if event.marks else None
                price = (mark or row)[0]
                amount = min(float(lane["quantity"]) * price * rate, float(lane["margin"]))
                paid.append({"lane": number, "amount": amount})
        return paid

    @property
    def _now(self) -> int:
        """When the newest bars closed."""
        window = self.bot.window
        return (window.opened_at or 0) + window.timeframe.milliseconds

    def _next(self) -> int:
        """The number of the next report."""
        self._reports += 1
        return self._reports


def _plain(row: Any) -> dict[str, Any]:
    """A row of a table as plain numbers by name."""
    return dict(zip(row.dtype.names, row.item(), strict=True))


def _level(row: Any) -> float:
    """The level of a working trailing stop."""
    return float(trail_behind(row["extreme"], row["side"], row["trail_as"], row["trail"]))


def _write(ctx: Context, order: Any, place: Place, live_from: int, created_bar: int, moment: int) -> None:
    """Fill the row of a new order; `moment` is when the newest bar opened."""
    order.action = 0
    order.side = 1 if place.side == "buy" else -1
    order.kind = KIND_NAMES.index(place.kind)
    order.quantity = order.remaining = place.quantity
    order.limit, order.stop = place.limit or 0.0, place.trigger or 0.0
    if place.trail is not None:
        order.trail, order.trail_as = place.trail, UNITS.index(place.trail_unit)
        order.extreme = place.extreme or 0.0
    order.reduce_only, order.post_only = int(place.reduce_only), int(place.post_only)
    order.time_in_force = TIMES_IN_FORCE.index(place.time_in_force)
    order.created_bar, order.live_from = created_bar, live_from
    if place.good_for is not None:
        order.good_until = first_own_bar(ctx.lane, moment, live_from, created_bar) + place.good_for - 1
    order.group = place.group
    order.legs = len(place.legs)
    ctx.lane.used += order.legs
    if place.trail_after is not None:
        order.trail_after_as, order.trail_after = UNITS.index(place.trail_after[0]), place.trail_after[1]
    shared = any(leg.share != 1.0 for leg in place.legs)
    for leg in place.legs:
        name = LEG_FIELDS[leg.kind]
        setattr(order, name, leg.value)
        setattr(order, f"{name}_as", UNITS.index(leg.unit))
        if shared and name.startswith("take_profit"):
            setattr(order, f"{name}_share", leg.share)
    if shared:
        order.targets = count_targets(order)
