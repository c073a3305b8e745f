"""Money is conserved: to the last bit where the numbers allow it, and within rounding where they do not.

Prices are multiples of 2⁻⁶, lots of 2⁻⁴, rates of 2⁻¹⁰, so that all sums of an account are exact in float64.
What the fills say is added up again in whole numbers (units of 2⁻³²) and compared with ==, at every bar of every run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Annotated, Any

import numpy as np
import pytest

from wickwork import Strategy, strategy, trade
from wickwork.engine.feed import feed_of
from wickwork.engine.machine import Machine
from wickwork.graph.node import node
from wickwork.graph.program import plan
from wickwork.graph.types import Between, Moment, Series
from wickwork.model.bars import Bars
from wickwork.model.instrument import Instrument, Rules
from wickwork.model.order_kinds import LIMIT, LIQUIDATION, MARKET
from wickwork.model.timeframe import HOUR, Timeframe
from wickwork.orders.records import FILLED, REASONS, REJECTED
from wickwork.sim.terms import Terms

START = 1_700_006_400_000 // (8 * HOUR) * 8 * HOUR + HOUR
TICK, LOT, RATE = 2.0**-6, 2.0**-4, 2.0**-10
UNIT = 32  # whole numbers count units of 2⁻³²
TERMS = {"capital": 2.0**20, "maker_fee": RATE, "taker_fee": 2 * RATE, "maintenance": 0.0, "liquidation_fee": RATE}
TERMS |= {"funding_rate": 0.0, "slippage": RATE, "spread": 2 * RATE}
BARS = 120_000


@node(title="Dice", group="time")
def dice(moment: Moment, *, seed: Annotated[int, Between(0, 1_000_000)] = 0) -> Series:
    """A number in [0, 1) that depends on the bar and the seed alone."""
    x = (moment // 3_600_000 % 1_000_003 * 48_271 + seed * 69_621 + 12_345) % 2_147_483_647
    x = x * x % 2_147_483_647
    x = (x * 16_807 + seed) % 2_147_483_647
    x = x * x % 2_147_483_647
    return x / 2_147_483_647.0


@dataclass
class Dice:
    """Independent dice for the actions of one strategy."""

    strategy: Strategy
    seed: int = 0

    def roll(self) -> Any:
        self.seed += 1
        return self.strategy.add(dice, (), {"seed": self.seed})

    def now(self, often: float) -> Any:
        return self.roll() < often

    def near(self, width: float = 1.5) -> Any:
        return self.strategy.bars.close + (self.roll() - 0.5) * width

    def quantity(self, most: float = 4.0) -> Any:
        return trade.quantity(self.roll() * most + 0.0625)


def wild() -> Strategy:
    """All verbs and kinds of orders, adding and turning around, several at a time."""
    with strategy("wild") as s:
        d = Dice(s)
        entry = trade.buy(
            when=d.now(0.2), size=d.quantity(), stop_loss=trade.percent(2), take_profit=trade.r(1.5), add=True
        )
        trade.short(when=d.now(0.2), size=d.quantity(), trailing=trade.amount(0.25), add=True)
        trade.buy(when=d.now(0.1), size=d.quantity(), limit=d.near(), good_for=5, stop_loss=trade.percent(3))
        trade.short(when=d.now(0.1), size=d.quantity(), stop=d.near(), good_for=5, take_profit=trade.percent(3))
        for side in ("buy", "sell"):
            for order in ("market", "limit", "stop", "stop_limit", "trailing"):
                options: dict[str, Any] = {"good_for": 4} if order != "market" else {}
                if order in ("limit", "stop_limit"):
                    options["price"] = d.near()
                if order in ("stop", "stop_limit"):
                    options["stop"] = d.near()
                if order == "trailing":
                    options["trail"] = trade.amount(0.25)
                if order == "limit":
                    options |= {"take_profit": trade.percent(1), "post_only": side == "buy"}
                reduce_only = order == "stop"
                trade.place(d.now(0.12), side, d.quantity(), order=order, reduce_only=reduce_only, **options)
            trade.place(d.now(0.05), side, d.quantity(), price=d.near(0.3), time_in_force="ioc")
            trade.place(d.now(0.05), side, d.quantity(), price=d.near(0.3), time_in_force="fok")
            trade.place(d.now(0.08), side, d.quantity(), price=d.near(), oco=1, good_for=6)
            trade.place(d.now(0.08), side, d.quantity(), order="stop", stop=d.near(), oco=1, good_for=6)
        trade.buy(when=d.now(0.03), size=trade.percent_of_equity(100.0))
        trade.close(when=d.now(0.1))
        trade.close(when=d.now(0.1), percent=d.roll() * 100.0)
        trade.reverse(when=d.now(0.06), size=d.quantity())
        moved = trade.place(d.now(0.1), "buy", d.quantity(), price=d.near(), good_for=6, name="moved")
        trade.modify(when=d.now(0.1), order=moved, price=d.near())
        trade.modify(when=d.now(0.1), order=moved, quantity=d.roll())
        trade.cancel(when=d.now(0.03), order=entry)
        trade.cancel(when=d.now(0.01), legs=True)
    return s


def tame() -> Strategy:
    """Trips of one entry each, left in parts, by brackets, by hand or by force: even averages are exact."""
    with strategy("tame") as s:
        d = Dice(s)
        brackets = {"stop_loss": trade.percent(1.5), "take_profit": trade.r(1.0)}
        trade.buy(when=d.now(0.5), size=d.quantity(), **brackets)
        trade.short(when=d.now(0.5), size=d.quantity(), trailing=trade.amount(0.125))
        trade.buy(when=d.now(0.3), size=d.quantity(), limit=d.near(0.5), good_for=2, **brackets)
        trade.short(when=d.now(0.3), size=d.quantity(), stop=d.near(0.5), good_for=2)
        trade.place(d.now(0.2), "sell", d.quantity(), price=d.near(), reduce_only=True, good_for=3)
        trade.place(d.now(0.2), "buy", d.quantity(), order="stop", stop=d.near(), reduce_only=True, good_for=3)
        trade.close(when=d.now(0.2), percent=d.roll() * 100.0)
        trade.close(when=d.now(0.1))
        trade.reverse(when=d.now(0.1), size=d.quantity())
    return s


def market(number: int, size: int, perpetual: bool, *, low: float = 8.0, holes: bool = False) -> Bars:
    """A random walk between two walls, on the tick grid, with gaps between bars and (if asked) missing bars."""
    r = np.random.default_rng(number)
    span = round((15.75 - low) / TICK)
    walk = np.cumsum(r.integers(-6, 7, size * 4))
    folded = np.abs((walk + span) % (2 * span) - span)  # reflected at the walls
    points = (low + folded * TICK).reshape(size, 4)
    o, c = points[:, 0], points[:, 3]
    times = START + HOUR * np.arange(size)
    keep = r.random(size) > 0.05 if holes else np.ones(size, bool)
    rules = Rules(TICK, LOT, minimum_quantity=LOT, minimum_notional=1.0)
    return Bars.of(
        Instrument(f"C{number}", "USDT", "USDT" if perpetual else "", rules=rules),
        Timeframe(HOUR),
        times[keep],
        o[keep],
        points.max(axis=1)[keep],
        points.min(axis=1)[keep],
        c[keep],
        r.choice([0.0, 1.0, 4.0, 64.0], size)[keep],
    )


@dataclass
class Case:
    """One run."""

    make: Any
    bars: Sequence[Bars]
    terms: Terms
    one_entry: bool = False
    """Every trip has one entry and no fill turns a position, so that even trips come out exact."""


CASES = {
    "spot": Case(wild, [market(1, BARS, False)], Terms(**TERMS)),
    "perpetual": Case(wild, [market(2, BARS, True)], Terms(**TERMS | {"funding_rate": RATE})),
    "perpetual, latency, little volume": Case(
        wild, [market(3, BARS // 2, True)], Terms(**TERMS | {"latency": 1, "volume_limit": 0.25, "assume": "best"})
    ),
    "funds run out": Case(
        wild, [market(4, BARS // 2, True)], Terms(**TERMS | {"capital": 1024.0, "funding_rate": RATE})
    ),
    "three on one account": Case(
        wild,
        [market(5, 30_000, True, holes=True), market(6, 30_000, False, holes=True), market(7, 30_000, True)],
        Terms(**TERMS | {"funding_rate": -RATE, "slippage_model": "none"}),
    ),
    "leverage and liquidations": Case(
        tame,
        [market(8, BARS, True, low=1.0)],
        Terms(**TERMS | {"leverage": 32.0, "funding_rate": RATE, "capital": 2.0**16}),
        one_entry=True,
    ),
    "spot, trips": Case(tame, [market(9, BARS // 2, False)], Terms(**TERMS), one_entry=True),
}


def program_of(make: Any) -> Any:
    return plan(_sound(make), Timeframe(HOUR))


@cache
def _sound(make: Any) -> Any:
    return make().check()


@cache
def run(name: str) -> Machine:
    case = CASES[name]
    machine = Machine(program_of(case.make), feed_of(case.bars, funding_rate=case.terms.funding_rate), case.terms)
    machine.run(machine.feed.size)
    return machine


def whole(values: Any, power: int) -> Any:
    """Floats that are multiples of 2⁻ᵖ, as whole numbers of it."""
    scaled = np.asarray(values) * 2.0**power
    result = scaled.astype(np.int64)
    assert (result == scaled).all(), "not on the grid"
    return result


def funding_by_hand(case: Case, machine: Machine) -> tuple[Any, int]:
    """What funding took at each bar (units), from the fills alone, and how many payments there were."""
    fills, grid = machine.output("fills"), machine.feed.opened_at
    taken, payments = np.zeros(len(grid), np.int64), 0
    if case.terms.funding_rate == 0.0:
        return taken, 0
    rate = int(Fraction(case.terms.funding_rate) * 1024)
    for lane, bars in enumerate(case.bars):
        if not bars.instrument.settle:
            continue
        own = fills[fills["lane"] == lane]
        positions = np.concatenate([[0], np.cumsum(own["side"] * whole(own["quantity"], 4))])
        at = np.searchsorted(grid, bars.opened_at)
        before = positions[np.searchsorted(own["bar"], at)]  # held when the bar begins
        moments = np.diff(bars.opened_at // (8 * HOUR), prepend=bars.opened_at[0] // (8 * HOUR))
        paid = before * whole(bars.open, 6) * moments * rate << (UNIT - 20)
        taken[at] += paid
        payments += int(((moments > 0) & (before != 0)).sum())
    return taken, payments


@pytest.mark.parametrize("name", CASES)
def test_every_cent_is_accounted_for_at_every_bar(name: str) -> None:
    """Start + Σ flows of the fills − costs = cash; cash + Σ position × price = equity: with ==, at every bar."""
    case, machine = CASES[name], run(name)
    fills, grid, account = machine.output("fills"), machine.feed.opened_at, machine.arrays["account"][0]
    # The price of bankruptcy divides a margin by a quantity: a liquidation there is off the grid, by half a unit.
    forced = fills["kind"] == LIQUIDATION
    slack = 2 * int(forced.sum())
    quantity, value, fee = whole(fills["quantity"], 4), np.zeros(len(fills), np.int64), np.zeros(len(fills), np.int64)
    value[~forced] = quantity[~forced] * whole(fills["price"][~forced], 12) << (UNIT - 16)
    fee[~forced] = whole(fills["fee"][~forced], UNIT)
    for i in np.flatnonzero(forced):
        value[i] = round(Fraction(float(fills["price"][i])) * Fraction(float(fills["quantity"][i])) * 2**UNIT)
        fee[i] = round(Fraction(float(fills["fee"][i])) * 2**UNIT)
    flow = -fills["side"] * value - fee
    funding, _ = funding_by_hand(case, machine)
    by_bar = -funding
    np.add.at(by_bar, fills["bar"], flow)
    cash = (int(case.terms.capital) << UNIT) + np.cumsum(by_bar)
    equity = cash.copy()
    if not any(bars.instrument.settle for bars in case.bars):
        assert ((int(case.terms.capital) << UNIT) + np.cumsum(flow) >= 0).all(), "spot was bought on credit"
    for lane in range(len(case.bars)):
        own = fills["lane"] == lane
        position = np.zeros(len(grid), np.int64)
        np.add.at(position, fills["bar"][own], (fills["side"] * quantity)[own])
        position = np.cumsum(position)
        mark = whole(machine.feed.columns[lane][5], 6)
        equity += position * mark << (UNIT - 10)
        assert float(machine.arrays["lanes"]["quantity"][lane]) == position[-1] / 16
        running = np.cumsum((fills["side"] * quantity)[own])
        assert (whole(fills["position"][own], 4) == running).all()
        if not case.bars[lane].instrument.settle:
            assert (running >= 0).all(), "spot was sold short"
    assert np.abs(equity).max() < 1 << 53
    scale = 2.0**UNIT
    assert (np.abs(machine.equity * scale - equity) <= slack).all()
    assert abs(account["net_cash"] * scale - cash[-1]) <= slack
    assert abs(account["fees"] * scale - fee.sum()) <= slack
    assert whole(account["funding"], UNIT) == funding.sum()
    # Before costs the same position, marked at the same price, gained what equity lacks and costs took. (The level of a
    # trailing stop counts from an average that several fills made: there slippage is off the grid.)
    if case.terms.volume_limit > 0.0:
        return
    slipped = whole(fills["slippage"], UNIT)
    assert whole(account["slippage"], UNIT) == slipped.sum()
    gross = (-fills["side"] * value + slipped).sum()
    held = equity[-1] - cash[-1]
    assert (int(case.terms.capital) << UNIT) + gross + held == equity[-1] + fee.sum() + funding.sum() + slipped.sum()


@pytest.mark.parametrize("name", CASES)
def test_fills_orders_and_denials_are_sane(name: str) -> None:
    case, machine = CASES[name], run(name)
    fills, closed_orders, denied = (machine.output(name) for name in ("fills", "closed_orders", "denied"))
    working = machine.working()
    for column in ("quantity", "price"):
        assert np.isfinite(fills[column]).all()
        assert (fills[column] > 0.0).all()
    assert np.isfinite(fills["fee"]).all()
    assert (fills["fee"] >= 0.0).all()
    # every order is known once, by a number of its own, in the order of time
    own = closed_orders
    ids = np.concatenate([own["order"], working["id"]])
    assert sorted(ids) == list(range(1, int(machine.arrays["account"]["next_id"][0])))
    placed = np.concatenate([own["created_bar"], working["created_bar"]])[np.argsort(ids)]
    assert (np.diff(placed) >= 0).all()
    # every fill belongs to an order of its lane and side that was placed before; legs, liquidations on theirs
    known = {int(o["order"]): (int(o["lane"]), int(o["side"]), int(o["created_bar"]), int(o["bar"])) for o in own}
    last = machine.feed.size
    known |= {int(o["id"]): (int(o["lane"]), int(o["side"]), int(o["created_bar"]), last) for o in working}
    rows = fills[fills["order"] > 0]
    orders = np.array([known[int(order)] for order in rows["order"]])
    assert (orders[:, 0] == rows["lane"]).all()
    assert (orders[:, 1] == rows["side"]).all()
    by_itself = (rows["leg"] > 0) | (rows["kind"] == LIQUIDATION)
    assert (rows["bar"] >= orders[:, 2]).all()
    assert (rows["bar"][~by_itself] > orders[:, 2][~by_itself] + case.terms.latency).all()
    assert (rows["bar"] <= orders[:, 3]).all()
    # filled is the sum of the fills and never more than was asked for; whatever ended has a reason
    total = np.zeros(len(ids) + 1)
    np.add.at(total, rows["order"], rows["quantity"])
    for table, number in ((own, "order"), (working, "id")):
        assert (total[table[number]] == table["filled"]).all()
        assert (table["filled"] <= table["quantity"]).all()
    assert ((closed_orders["reason"] >= FILLED) & (closed_orders["reason"] < len(REASONS))).all()
    assert (closed_orders["filled"][closed_orders["reason"] == FILLED] > 0.0).all()
    assert (np.diff(fills["bar"]) >= 0).all()
    assert (np.diff(denied["bar"]) >= 0).all()


@pytest.mark.parametrize("name", CASES)
def test_nobody_trades_where_the_market_was_not(name: str) -> None:
    """Without its slippage every fill lies within its bar, a maker's price does so itself, and limits hold."""
    case, machine = CASES[name], run(name)
    fills, closed_orders = machine.output("fills"), machine.output("closed_orders")
    forced = fills["kind"] == LIQUIDATION
    market_price = fills["price"] - fills["side"] * fills["slippage"] / fills["quantity"]
    for lane in range(len(case.bars)):
        highs, lows = machine.feed.columns[lane][1], machine.feed.columns[lane][2]
        rows = (fills["lane"] == lane) & ~forced
        bars = fills["bar"][rows]
        limited = fills["maker"][rows] == 1
        # The rest of a limit order that the volume limit cut keeps its price when the market is better by then.
        sides, rest = fills["side"][rows], (case.terms.volume_limit > 0.0) & (fills["kind"][rows] == LIMIT)
        assert ((market_price[rows] <= highs[bars]) | (rest & (sides > 0))).all()
        assert ((market_price[rows] >= lows[bars]) | (rest & (sides < 0))).all()
        assert (fills["slippage"][rows][limited] == 0.0).all()
    assert (fills["slippage"] >= 0.0).all()
    assert (fills["slippage"][forced] == 0.0).all()
    names = machine.program.action_names
    limits = {int(o["order"]): float(o["limit"]) for o in closed_orders if o["limit"] > 0.0 and o["kind"] != MARKET}
    for f in fills[[names[action] != "moved" if action >= 0 else False for action in fills["action"]]]:
        limit = limits.get(int(f["order"]))
        assert limit is None or (f["price"] - limit) * f["side"] <= 0.0


@pytest.mark.parametrize("name", CASES)
def test_a_trip_gains_what_its_fills_say(name: str) -> None:
    """Exactly where a trip has one entry and is not liquidated; else within the rounding of its averages."""
    case, machine = CASES[name], run(name)
    fills = machine.output("fills")
    forced = set(fills["bar"][fills["kind"] == LIQUIDATION].tolist())
    funding = _funding_moments(case, machine)
    round_trips = [
        round_trip
        for lane in range(len(case.bars))
        for round_trip in trips_of(fills[fills["lane"] == lane], funding[lane])
    ]
    table = machine.output("round_trips")
    table = np.concatenate([table[table["lane"] == lane] for lane in range(len(case.bars))])
    assert len(round_trips) == len(table)
    assert len(round_trips) > 500
    for round_trip, row in zip(round_trips, table, strict=True):
        assert (round_trip.opened, round_trip.closed, round_trip.direction) == (
            row["opened"],
            row["closed"],
            row["direction"],
        )
        if case.one_entry and round_trip.closed not in forced:
            assert float(row["gain"]) == round_trip.flow
            assert float(row["quantity"]) == round_trip.quantity
            assert float(row["funding"]) == round_trip.funding
        else:
            room = (round_trip.fills + 2) * 16 * np.spacing(float(round_trip.traded))
            assert abs(Fraction(float(row["gain"])) - round_trip.flow) <= room
            assert abs(Fraction(float(row["fees"])) - round_trip.fees) <= room
    assert machine.arrays["account"]["wins"][0] == (table["gain"] > 0).sum()


@dataclass
class Trip:
    """A round trip as its fills tell it, in exact numbers."""

    opened: int
    direction: int
    closed: int = -1
    flow: Fraction = Fraction(0)
    fees: Fraction = Fraction(0)
    funding: Fraction = Fraction(0)
    quantity: Fraction = Fraction(0)
    traded: Fraction = Fraction(0)
    fills: int = 0

    def take(self, share: Fraction, side: int, price: Fraction, fee: Fraction) -> None:
        self.flow += -side * share * price - fee
        self.fees += fee
        self.traded += share * price
        self.quantity += share if side == self.direction else 0
        self.fills += 1


def trips_of(fills: Any, funding: dict[int, Fraction]) -> list[Trip]:
    """Walk through the fills of one lane; a fill that turns the position belongs to two trips in proportion."""
    result: list[Trip] = []
    now: Trip | None = None
    position = Fraction(0)
    columns = zip(*(fills[n].tolist() for n in ("bar", "side", "quantity", "price", "fee")), strict=True)
    moments = sorted(funding)
    at = 0
    for bar, side, quantity, price, fee in columns:
        while at < len(moments) and moments[at] <= bar:  # at the open, before the fills of the bar
            if now is not None:
                paid = position * funding[moments[at]]
                now.flow -= paid
                now.funding += paid
            at += 1
        q, p, f = Fraction(quantity), Fraction(price), Fraction(fee)
        closing = min(q, abs(position)) if position * side < 0 else Fraction(0)
        if closing and now is not None:
            now.take(closing, side, p, f * closing / q)
        position += side * q
        if closing and position * side >= 0 and now is not None:
            now.closed = bar
            result.append(now)
            now = None
        if q > closing:
            now = now or Trip(bar, side)
            now.take(q - closing, side, p, f * (q - closing) / q)
    return result


def _funding_moments(case: Case, machine: Machine) -> list[dict[int, Fraction]]:
    """Per lane: at which bars one unit of position is charged how much."""
    result: list[dict[int, Fraction]] = []
    for bars in case.bars:
        charges: dict[int, Fraction] = {}
        if bars.instrument.settle and case.terms.funding_rate:
            moments = np.diff(bars.opened_at // (8 * HOUR), prepend=bars.opened_at[0] // (8 * HOUR))
            at = np.searchsorted(machine.feed.opened_at, bars.opened_at)
            for i in np.flatnonzero(moments):
                rate = int(moments[i]) * Fraction(case.terms.funding_rate)
                charges[int(at[i])] = Fraction(float(bars.open[i])) * rate
        result.append(charges)
    return result


def test_there_were_a_million_events() -> None:
    """Fills, ended orders, denials and funding payments of the runs above; and every reason to end occurred."""
    counts = dict.fromkeys(("fills", "closed_orders", "denied", "funding", "round_trips"), 0)
    reasons: set[int] = set()
    for name in CASES:
        machine = run(name)
        for output in ("fills", "closed_orders", "denied", "round_trips"):
            counts[output] += machine.written(output)
        counts["funding"] += funding_by_hand(CASES[name], machine)[1]
        reasons |= set(machine.output("closed_orders")["reason"].tolist())
    assert counts["fills"] + counts["closed_orders"] + counts["denied"] + counts["funding"] >= 1_000_000, counts
    assert counts["fills"] >= 300_000, counts
    assert counts["funding"] >= 10_000, counts
    assert {REASONS[r] for r in reasons} == set(REASONS[:REJECTED]) - {"working"}


@pytest.mark.parametrize("seed", range(4))
def test_odd_numbers_stay_within_their_rounding(seed: int) -> None:
    """Any prices, fees and sizes: cash and equity differ from the exact sums by at most one rounding per operation."""
    r = np.random.default_rng(100 + seed)
    size = 20_000
    factor = float(10.0 ** r.uniform(-8, 4))
    base = market(20 + seed, size, seed % 2 == 1)
    prices = {n: getattr(base, n) * factor * (1 / 3) for n in ("open", "high", "low", "close")}
    instrument = Instrument("X", "Y", base.instrument.settle)
    bars = Bars.of(instrument, base.timeframe, base.opened_at, **prices, volume=base.volume)
    terms = Terms(
        capital=100_000.0 * factor,
        maker_fee=0.00017,
        taker_fee=0.00043,
        spread=0.0003,
        slippage=0.0007,
        funding_rate=0.0001,
        leverage=3.0,
        slippage_model=("percent", "volume", "atr", "none")[seed],
    )
    feed = feed_of([bars], funding_rate=terms.funding_rate, needs_average_range=True)
    machine = Machine(program_of(wild), feed, terms)
    machine.run(size)
    fills, account = machine.output("fills"), machine.arrays["account"][0]
    assert len(fills) > 5000
    rows = zip(*(fills[name].tolist() for name in ("side", "quantity", "price", "fee")), strict=True)
    flow = sum((-side * Fraction(q) * Fraction(price) - Fraction(fee) for side, q, price, fee in rows), Fraction(0))
    cash = Fraction(terms.capital) + flow - Fraction(float(account["funding"]))
    most = max(float(np.abs(machine.equity).max()), terms.capital, float((fills["quantity"] * fills["price"]).max()))
    operations = 4 * len(fills) + 2 * len(feed.funding)
    assert abs(cash - Fraction(float(account["net_cash"]))) <= operations * np.spacing(4 * most)
    fees = sum(Fraction(float(f)) for f in fills["fee"])
    assert abs(fees - Fraction(float(account["fees"]))) <= len(fills) * np.spacing(float(fees))
    position = sum(int(f["side"]) * Fraction(float(f["quantity"])) for f in fills)
    held = float(machine.arrays["lanes"]["quantity"][0])
    assert abs(position - Fraction(held)) <= len(fills) * (np.spacing(float(np.abs(fills["position"]).max())) + 1e-12)
    worth = Fraction(float(account["net_cash"])) + Fraction(held) * Fraction(float(bars.close[-1]))
    assert abs(worth - Fraction(float(machine.equity[-1]))) <= 2 * np.spacing(most)
