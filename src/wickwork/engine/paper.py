"""The simulated venue behind the protocol of every venue: it takes commands, matches bars, and reports.

It knows nothing of the strategy. Its own order table and account are those of a bot without any action, so that
matching, costs and margin are the same functions as in a backtest; what a backtest does within one program, it does
from outside.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from wickwork.engine.bot import FIELDS, Bot, advance
from wickwork.engine.record import INPUT, OUTPUT, input_from, kind_of, sent_commands
from wickwork.engine.reports import UNITS, context_at, working_rows
from wickwork.engine.window import Universe
from wickwork.graph.native import floats, integers
from wickwork.graph.program import Program
from wickwork.graph.types import TIMES_IN_FORCE
from wickwork.model.commands import Amend, Cancel, Place
from wickwork.model.events import (
    Accepted,
    Amended,
    AmendRejected,
    BarsClosed,
    Canceled,
    CancelRejected,
    Event,
    Expired,
    Filled,
    FundingPaid,
    Liquidated,
    Rejected,
    Report,
    Triggered,
)
from wickwork.model.order_kinds import KIND_NAMES, LIQUIDATION, TRAILING, TRAILING_FROM
from wickwork.orders.levels import trail_behind
from wickwork.orders.records import (
    BY_STRATEGY,
    FILLED,
    FOREVER,
    GOOD_FOR_OVER,
    OTHER_LEG,
    POSITION_CLOSED,
    REASONS,
    SHARED,
    TRAIL_LEG,
    Context,
)
from wickwork.orders.reports import NO_ORDER, place_of, report_change
from wickwork.orders.table import add, close_order, has_room, order_at, set_band, use_rows
from wickwork.risk.gate import Approved
from wickwork.sim.terms import Terms
from wickwork.store.journal import Entry
from wickwork.venues.paper import PaperVenue

_LEG_FIELDS = {"stop loss": "stop_loss", "take profit": "take_profit", "trailing stop": "leg_trail"}
_BY_FILL = (FILLED, SHARED, OTHER_LEG, POSITION_CLOSED)


FIRST_OWN_ID = 1 << 40
"""Orders that the venue makes by itself, legs and liquidations, are numbered from here on."""


class PaperExchange:
    """The other side of a run on paper: orders, positions and money as the venue has them."""

    def __init__(self, program: Program, universe: Universe, terms: Terms, *, name: str = "order") -> None:
        """`program` is one without actions; `name` begins the client ids of the run's orders."""
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
            if isinstance(command, Place):
                reports += self._place(command)
            elif isinstance(command, Cancel):
                reports += self._cancel(command)
            else:
                reports += self._amend(command)
        return reports

    def take_bars(self, event: BarsClosed) -> list[Report]:
        """Match the bars of one moment; the reports of what happened, in its order."""
        bot, lanes = self.bot, self.bot.machine.arrays["lanes"].copy()
        before, first = working_rows(bot), int(bot.machine.arrays["account"]["fill_count"][0])
        outcome = advance(bot, event)
        fills = [dict(zip(FIELDS["fills"], row, strict=True)) for row in outcome.fills]
        # The outcome leaves out how many fills came before each closed order; the table still has it.
        table = bot.machine.outputs["closed_orders"][: len(outcome.closed_orders)]
        closed = [dict(zip(table.dtype.names or (), row, strict=True)) for row in table.tolist()]
        after = working_rows(bot)
        self._names = {number: self._name(number, row, row["oco"]) for number, row in (before | after).items()}
        self._names |= {one["order"]: self._name(one["order"], one, one["parent"]) for one in closed}
        rows = {
            number: {name: row[name] for name in row.dtype.names} | {"order": number} for number, row in after.items()
        }
        turned = [turn for one in (*closed, *rows.values()) for turn in turns_of(one, before.get(one["order"]), first)]
        reports = list(self._changed(before, event))
        known = {number: int(row["kind"]) for number, row in before.items()}
        held = lanes["quantity"] != 0.0
        for one in with_funding(in_sequence(fills, closed, turned, first), self._funding_paid(lanes, event), held):
            number = one.get("order", 0)
            if "price" in one and one["kind"] not in (known.get(number, _first_kind(one)), LIQUIDATION):
                reports += self._reports_of(one | {"turns": True}, event)  # turned twice in this bar
            if number:
                known[number] = one["kind"]
            reports += self._reports_of(one, event)
        for number, row in after.items():
            if row["kind"] == TRAILING:
                reports.append(self._moved(self._names[number], _level(row), event.opened_at))
        return reports

    def _name(self, number: int, row: Any, parent: int) -> str:
        return self.bot.client_id(number, int(parent) if row["leg"] else 0, int(row["made"]))

    def open_orders(self) -> list[str]:
        """The client ids of the working orders."""
        return [self._name(number, row, row["oco"]) for number, row in working_rows(self.bot).items()]

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
        bot = self.bot
        number, made = bot.number_of(place.order)
        if made or number in self._known:  # legs are made here, when their entry fills
            return
        self._known.add(number)
        ctx = context_at(bot, bot.lane_of(place.instrument))
        if not has_room(ctx.lane, 1 + len(place.legs)):
            yield Rejected(at=self._now, number=self._next(), order=place.order, reason="the order table is full")
            return
        order = add(ctx)
        order.id = number
        _write(ctx, order, place, bot.bars + int(ctx.terms.latency), bot.bars - 1)
        set_band(ctx, bot.bars - 1)
        yield Accepted(at=self._now, number=self._next(), order=place.order)

    def _cancel(self, cancel: Cancel) -> Iterator[Report]:
        bot = self.bot
        ctx = context_at(bot, bot.lane_of(cancel.instrument))
        index = place_of(ctx, *bot.number_of(cancel.order))
        if index == NO_ORDER:
            yield CancelRejected(at=self._now, number=self._next(), order=cancel.order, reason="it works no longer")
            return
        latency = int(ctx.terms.latency)
        if latency == 0:
            close_order(ctx, index, bot.bars - 1, BY_STRATEGY)
            ctx.account.closed_orders -= 1  # it is reported now, not with the next bars
            yield Canceled(at=self._now, number=self._next(), order=cancel.order, reason=REASONS[BY_STRATEGY])
        else:
            order = order_at(ctx, index)
            order.cancel_at = min(order.cancel_at, bot.bars + latency)
        set_band(ctx, bot.bars - 1)

    def _amend(self, amend: Amend) -> Iterator[Report]:
        bot = self.bot
        ctx = context_at(bot, bot.lane_of(amend.instrument))
        index = place_of(ctx, *bot.number_of(amend.order))
        if index == NO_ORDER:
            yield AmendRejected(at=self._now, number=self._next(), order=amend.order, reason="it works no longer")
            return
        latency = int(ctx.terms.latency)
        if latency == 0:
            report_change(ctx, index, bot.bars, amend.price, amend.quantity)
            # The run has made the change already: nothing is left to report.
        else:
            order = order_at(ctx, index)
            order.new_price = math.nan if amend.price is None else amend.price
            order.new_quantity = math.nan if amend.quantity is None else amend.quantity
            order.modify_at = bot.bars + latency
        set_band(ctx, bot.bars - 1)

    # ---- reports

    def _reports_of(self, one: dict[str, Any], event: BarsClosed) -> Iterator[Report]:
        at = event.opened_at + one.get("fine", 0) * self._finer
        if "amount" in one:
            instrument = self.bot.instrument_of(one["lane"])
            yield FundingPaid(at=at, number=self._next(), instrument=instrument, amount=one["amount"])
            return
        if one["kind"] == LIQUIDATION:
            if "price" in one:
                for other in one["closes"]:
                    yield self._moved(self._names[other["order"]], other["stop"], at)
                instrument = self.bot.instrument_of(one["lane"])
                yield Liquidated(at=at, number=self._next(), instrument=instrument, price=one["price"], fee=one["fee"])
            return
        name = self._names[one["order"]]
        if "turns" in one:
            yield Triggered(at=at, number=self._next(), order=name, kind=KIND_NAMES[one["kind"]])
            return
        if "price" in one:
            for other in one["closes"]:  # the run closes them when it books the fill
                yield self._moved(self._names[other["order"]], other["stop"], at)
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
            return
        if one["kind"] == TRAILING:
            yield self._moved(name, one["stop"], at)
        if one["reason"] == GOOD_FOR_OVER:
            yield Expired(at=at, number=self._next(), order=name)
        else:
            yield Canceled(at=at, number=self._next(), order=name, reason=REASONS[one["reason"]])

    def _changed(self, before: dict[int, Any], event: BarsClosed) -> Iterator[Report]:
        """The modifications that took effect when the bar began."""
        bar = self.bot.bars - 1
        for number, row in before.items():
            ended = row["good_until"] < bar or row["cancel_at"] <= bar
            if event.rows[row["lane"]] is None or ended or row["modify_at"] > bar:
                continue
            price, quantity = float(row["new_price"]), float(row["new_quantity"])
            yield Amended(
                at=event.opened_at,
                number=self._next(),
                order=self._names[number],
                price=None if math.isnan(price) else price,
                quantity=None if math.isnan(quantity) else quantity,
            )

    def _moved(self, order: str, level: float, at: int) -> Report:
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
                amount = min(float(lane["quantity"]) * row[0] * rate, float(lane["margin"]))
                paid.append({"lane": number, "amount": amount})
        return paid

    @property
    def _now(self) -> int:
        """When the newest bars closed."""
        window = self.bot.window
        return (window.opened_at or 0) + window.timeframe.milliseconds

    def _next(self) -> int:
        self._reports += 1
        return self._reports


def _first_kind(one: dict[str, Any]) -> int:
    """The kind that an order of which nothing is known had; −1 for a trailing leg, which may have either of two."""
    return -1 if one["leg"] == TRAIL_LEG else int(one["kind"])


def _level(row: Any) -> float:
    """The level of a working trailing stop."""
    return float(trail_behind(float(row["extreme"]), int(row["side"]), int(row["trail_as"]), float(row["trail"])))


def turns_of(one: dict[str, Any], before: Any, first: int) -> Iterator[dict[str, Any]]:
    """The changes of kind of an order within a bar, which began when there were `first` fills.

    `before` is its row then, None where it was made within the bar.
    """
    kind = int(one["kind"])
    followed = one["followed"] > 0 and (before is None or int(before["kind"]) == TRAILING_FROM)
    if followed:
        yield one | {"turned": max(one["followed"], first), "kind": TRAILING}
    if kind == TRAILING and followed:
        return
    if (before is None and one["turned"] > 0) or (before is not None and kind != int(before["kind"])):
        yield one


def in_sequence(
    fills: list[dict[str, Any]], closed: list[dict[str, Any]], turned: list[dict[str, Any]], first: int
) -> list[dict[str, Any]]:
    """Fills, triggers and closed orders in the order in which they happened, without orders that a fill closes.

    `first` is how many fills there were before. A fill has the trailing stops that it closes in `closes`: their levels
    must be reported before it.
    """
    sequence: list[dict[str, Any]] = []
    for k, fill in enumerate([*fills, None], first):
        sequence += [one | {"turns": True, "fine": 0} for one in turned if one["turned"] == k]
        sequence += [one for one in closed if one["fills_before"] == k and one["reason"] not in _BY_FILL]
        if fill is not None:
            ended = [one for one in closed if one["reason"] in _BY_FILL and one["kind"] == TRAILING]
            sequence.append(fill | {"closes": [one for one in ended if one["fills_before"] == k + 1]})
    return sequence


def with_funding(
    sequence: list[dict[str, Any]], paid: list[dict[str, Any]], held: Sequence[bool]
) -> list[dict[str, Any]]:
    """Funding put where it was paid: at the open of its lane; lanes that held a position came first."""
    result = list(sequence)
    for funding in reversed(paid):
        lane = funding["lane"]
        behind = (i for i, one in enumerate(result) if one["lane"] >= lane or not held[one["lane"]])
        result.insert(next(behind, len(result)), funding)
    return result


def _write(ctx: Context, order: Any, place: Place, live_from: int, placed: int) -> None:
    """Fill the row of a new order."""
    order.action = 0
    order.side = 1 if place.side == "buy" else -1
    order.kind = KIND_NAMES.index(place.kind)
    order.asked = order.remaining = place.quantity
    order.limit, order.stop = place.limit or 0.0, place.trigger or 0.0
    if place.trail is not None:
        order.trail, order.trail_as = place.trail, UNITS.index(place.trail_unit)
        order.extreme = place.extreme or place.reference
    order.reduce_only, order.post_only = int(place.reduce_only), int(place.post_only)
    order.time_in_force = TIMES_IN_FORCE.index(place.time_in_force)
    order.placed, order.live_from = placed, live_from
    order.good_until = FOREVER if place.good_for is None else live_from + place.good_for - 1
    order.oco = place.group
    order.legs = len(place.legs)
    use_rows(ctx, order.legs)
    if place.trail_after is not None:
        order.trail_after_as, order.trail_after = UNITS.index(place.trail_after[0]), place.trail_after[1]
    for leg in place.legs:
        name = _LEG_FIELDS[leg.kind]
        setattr(order, name, leg.value)
        setattr(order, f"{name}_as", UNITS.index(leg.unit))


class ReportingPaperVenue(PaperVenue):
    """A paper venue that matches outside of the run and reports, as an exchange does."""

    def __init__(self, path: Path, owner: str, exchange: PaperExchange) -> None:
        """Open the statement of the journal whose first line has the sum `owner`, as `PaperVenue` does."""
        super().__init__(path, owner)
        self._exchange = exchange
        self._answers: list[Report] = []
        self._unsent: list[list[Approved]] = []
        self._within = False
        """Whether the journal ended among the reports of bars that the run had not taken yet."""
        self._reported = 0
        """The number of the last report that the journal held when the exchange was rebuilt."""

    async def send(self, cause: Entry, commands: Sequence[Approved] = ()) -> None:
        """Take commands; their answers are reported with the next bars."""
        if self._within:
            self._unsent.append(list(commands))
        else:
            self._answers += self._exchange.send(commands)
        await super().send(cause)

    def take_bars(self, event: BarsClosed) -> Sequence[Report]:
        """Answers to the commands since the last bars, and what these bars lead to."""
        found = [*self._answers, *self._exchange.take_bars(event)]
        self._answers = [report for commands in self._unsent for report in self._exchange.send(commands)]
        self._unsent, self._within = [], False
        reports = [report for report in found if report.number > self._reported]
        self._reported = 0
        return reports

    def rebuild(self, entries: Iterable[Entry]) -> None:
        """Take the bars and the commands of a journal again, in the order in which they came here."""
        group: list[list[Approved]] = []
        event: Event | None = None
        within, reported = False, 0
        for entry in entries:
            if kind_of(entry) == INPUT:
                event = input_from(entry.data)
                if isinstance(event, Report) and event.number:  # a report of bars that the run takes after it
                    within, reported = True, max(reported, event.number)
                elif isinstance(event, BarsClosed):
                    # Its reports came before the bars: so the exchange had these bars before all that they led to.
                    self._answers += self._exchange.take_bars(event)
                    for commands in group:
                        self._answers += self._exchange.send(commands)
                    within, group = False, []
            elif kind_of(entry) == OUTPUT and event is not None:
                approved = [Approved(command) for command in sent_commands(entry.data)]
                if within:
                    group.append(approved)
                else:
                    self._answers += self._exchange.send(approved)
        self._unsent = group  # caused by reports of bars that the run has not taken yet
        self._within, self._reported = within, reported

    def open_orders(self) -> Sequence[str]:
        """The client ids of the working orders."""
        return self._exchange.open_orders()

    def balances(self) -> Mapping[str, float]:
        """Cash and equity of the account."""
        return self._exchange.balances()
