"""The fast venue made to look like the slow one of tests/reference, so that both can be given the same work."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tests.reference import values as slow
from wickwork.engine.feed import Feed, average_true_range, funding_of
from wickwork.engine.machine import Machine
from wickwork.engine.marks import mark_columns
from wickwork.graph import types as t
from wickwork.graph.check import check
from wickwork.graph.document import Graph, NodeEntry
from wickwork.graph.operation import AVERAGE_RANGE, CLOSE, DATA, HIGH, LAST_CLOSE, LOW, OPEN, TIME, VOLUME
from wickwork.graph.program import Program, plan
from wickwork.model import order_kinds
from wickwork.model.bars import Bars
from wickwork.model.funding import FundingRates
from wickwork.model.instrument import Instrument, Rules
from wickwork.model.order_kinds import KIND_NAMES
from wickwork.model.timeframe import Timeframe
from wickwork.nodes import builtin
from wickwork.orders.records import REASONS
from wickwork.sim.terms import Terms

VERBS = {
    "cancel": t.CANCEL,
    "modify": t.MODIFY,
    "close": t.CLOSE,
    "reverse": t.REVERSE,
    "enter": t.ENTER,
    "place": t.PLACE,
    "grid": t.GRID,
    "rebalance": t.REBALANCE,
}
HOUR = 3_600_000
SINCE = 946_684_800_000  # mark prices are bars, which no market has before the year 2000
RANK = {"cancel": 0, "modify": 1, "close": 2, "reverse": 3, "enter": 4, "place": 4, "grid": 5, "rebalance": 6}
LEGS = ("", "stop loss", "take profit", "trailing stop", "take profit 2", "take profit 3", "take profit 4")
MODES = {"price": t.LEG_PRICE, "share": t.LEG_SHARE, "distance": t.LEG_DISTANCE, "r": t.LEG_R}
TERMS = (
    "capital",
    "maker_fee",
    "taker_fee",
    "spread",
    "slippage_model",
    "slippage",
    "volume_limit",
    "latency",
    "leverage",
)
TERMS += ("maintenance", "liquidation_fee", "funding_rate", "assume")


@dataclass(frozen=True)
class Same:
    """What both venues report, in the same form."""

    fills: list[tuple[Any, ...]]
    ends: list[tuple[Any, ...]]
    working: list[tuple[Any, ...]]
    denied: list[tuple[Any, ...]]
    equity: list[float]
    cash: float
    positions: list[float]
    ambiguous: int
    fees: float
    funding: float
    slippage: float


def run_slow(markets: Sequence[slow.Market], config: slow.Config, decide: slow.Decide) -> Same:
    from tests.reference.venue import simulate

    r = simulate(markets, config, decide)
    return Same(
        fills=[
            (f.bar, f.instrument, f.order, f.side, f.quantity, f.price, f.fee, f.maker, f.position) for f in r.fills
        ],
        ends=sorted(
            (o.id, o.instrument, o.action, o.side, o.asked, o.filled, o.placed, o.closed, o.reason, o.leg)
            for o in r.orders
        ),
        working=[
            (
                o.id,
                o.instrument,
                o.action,
                o.side,
                o.kind,
                o.asked,
                o.filled,
                o.remaining,
                math.nan if o.kind == "market" else o.level,
            )
            for o in sorted(r.working, key=lambda o: o.id)
        ],
        denied=[(d.bar, d.instrument, d.action) for d in r.denied],
        equity=r.equity,
        cash=r.cash,
        positions=list(r.positions),
        ambiguous=sum(r.ambiguous),
        fees=r.fees,
        funding=r.funding,
        slippage=r.slippage,
    )


def run_fast(
    markets: Sequence[slow.Market], config: slow.Config, decide: slow.Decide, machine: Machine | None = None
) -> Same:
    m = machine or fast_machine(markets, config)
    size = len(markets[0].close)
    held = [[-1, 0] for _ in markets]  # bars held and round trip, for the view
    for bar in range(size):
        m.run(bar + 1)
        for lane in range(len(markets)):
            if math.isnan(markets[lane].close[bar]):
                continue
            intents = list(decide(bar, lane, _view(m, lane, bar, held)))
            for intent in sorted(intents, key=lambda i: (RANK[i.verb], i.action)):
                m.request(lane, fast_intent(intent), intent.action)
    return report(m)


def report(m: Machine) -> Same:
    account = m.arrays["account"][0]
    return Same(
        fills=[
            (
                int(f["bar"]),
                int(f["lane"]),
                int(f["order"]),
                int(f["side"]),
                float(f["quantity"]),
                float(f["price"]),
                float(f["fee"]),
                bool(f["maker"]),
                float(f["position"]),
            )
            for f in m.output("fills")
        ],
        ends=sorted(
            (
                int(o["order"]),
                int(o["lane"]),
                int(o["action"]),
                int(o["side"]),
                float(o["quantity"]),
                float(o["filled"]),
                int(o["created_bar"]),
                int(o["bar"]),
                REASONS[o["reason"]],
                bool(o["leg"]),
            )
            for o in m.output("closed_orders")
        ),
        working=[
            (
                int(o["id"]),
                int(o["lane"]),
                int(o["action"]),
                int(o["side"]),
                KIND_NAMES[o["kind"]],
                float(o["quantity"]),
                float(o["filled"]),
                float(o["remaining"]),
                _level(o),
            )
            for o in m.working()
        ],
        denied=[(int(d["bar"]), int(d["lane"]), int(d["action"])) for d in m.output("denied")],
        equity=m.equity.tolist(),
        cash=float(account["net_cash"]),
        positions=m.arrays["lanes"]["quantity"].tolist(),
        ambiguous=int(account["ambiguous_bars"]),
        fees=float(account["fees"]),
        funding=float(account["funding"]),
        slippage=float(account["slippage"]),
    )


def _level(o: Any) -> float:
    if o["kind"] == order_kinds.TRAILING:
        if o["trail_as"] == t.LEG_SHARE:
            return float(o["extreme"] * (1 + o["side"] * o["trail"]))
        return float(o["extreme"] + o["side"] * o["trail"])
    return (
        float(o["limit"] if order_kinds.has(order_kinds.ACTS_AT_LIMIT, int(o["kind"])) else o["stop"])
        if o["kind"] != order_kinds.MARKET
        else math.nan
    )


def _view(m: Machine, lane: int, bar: int, held: list[list[int]]) -> slow.View:
    row = m.arrays["lanes"][lane]
    round_trip, quantity = int(row["round_trip"]), float(row["quantity"])
    if quantity == 0.0:
        held[lane][0] = -1
    else:
        held[lane][0] = held[lane][0] + 1 if round_trip == held[lane][1] and held[lane][0] >= 0 else 0
    held[lane][1] = round_trip
    return slow.View(
        quantity=quantity,
        average=float(row["average"]),
        equity=float(m.equity[bar]),
        cash=float(m.arrays["account"]["cash"][0]),
        bars_held=held[lane][0],
        orders=(),
        grid=bool(row["grid_levels"]),
    )


def empty_program() -> Program:
    """A graph that does nothing: all orders come from outside."""
    return plan(check(Graph({"bars": NodeEntry("bars")}), builtin()), Timeframe(3_600_000))


def fast_machine(
    markets: Sequence[slow.Market], config: slow.Config, program: Program | None = None, **options: Any
) -> Machine:
    return Machine(program or empty_program(), fast_feed(markets, config), fast_terms(markets, config), **options)


def fast_terms(markets: Sequence[slow.Market], config: slow.Config) -> Terms:
    """The terms of the account and of the instruments that have their own."""
    own = {f"{instrument_of(i, m)}": _renamed(m.own) for i, m in enumerate(markets) if m.own}
    account = {name: getattr(config, name) for name in (*TERMS, "tiers")}
    return Terms(**_renamed(account), instruments=own)


def _renamed(own: dict[str, Any]) -> dict[str, Any]:
    return {"maintenance_tiers" if name == "tiers" else name: value for name, value in own.items()}


def instrument_of(number: int, m: slow.Market) -> Instrument:
    """The instrument of the fast venue that stands for a market."""
    rules = Rules(m.tick, m.lot, m.minimum_quantity, m.minimum_notional)
    return Instrument(f"C{number}", "USDT", "USDT" if m.kind == "perpetual" else "", rules=rules)


def fast_feed(markets: Sequence[slow.Market], config: slow.Config) -> Feed:
    grid = np.array(markets[0].opened_at, np.int64)
    instruments, columns, finer = [], [], []
    for i, m in enumerate(markets):
        instruments.append(instrument_of(i, m))
        table: list[Any] = [None] * (DATA - 1)
        for k, values in ((OPEN, m.open), (HIGH, m.high), (LOW, m.low), (CLOSE, m.close), (VOLUME, m.volume)):
            table[k] = np.array(values, float)
        table[LAST_CLOSE] = np.array(_filled(m.close))
        table[TIME] = grid
        table[AVERAGE_RANGE] = _ranges(table, grid)
        columns.append(tuple(table))
        finer.append(_finer(m))
    most = max((len(f) for m in markets for f in (m.finer or [])), default=0)
    return Feed(
        instruments=tuple(instruments),
        timeframe=Timeframe(3_600_000),
        opened_at=grid,
        columns=tuple(columns),
        external={name: tuple(np.array(m.columns[name], float) for m in markets) for name in markets[0].columns},
        finer=tuple(finer) if most else (),
        most_finer=most,
        funding=funding_of(grid, *(_funding(i, m, config) for i, m in enumerate(markets))),
        marks=tuple(
            mark_columns(_marks(i, m), Timeframe(HOUR), grid + SINCE, columns[i], finer[i])
            for i, m in enumerate(markets)
        )
        if any(m.marks is not None for m in markets)
        else (),
    )


def _marks(number: int, m: slow.Market) -> Bars | None:
    """The mark prices as bars: of the finer bars where the market has some, and then of every fourth of an hour."""
    if m.marks is None:
        return None
    many = 4 if m.finer is not None and any(m.finer) else 1
    rows = []
    for opened_at, given in zip(m.opened_at, m.marks, strict=True):
        if len(given) < many and given and given[0] is not None:  # an hour that is walked through as one bar
            given = [given[0], *[(given[0][3],) * 4] * (many - 1)]
        step = HOUR // many
        rows += [(SINCE + opened_at + k * step, *one, 0.0) for k, one in enumerate(given) if one is not None]
    times, *prices = zip(*rows, strict=True) if rows else ((),) * 6
    return Bars.of(instrument_of(number, m), Timeframe(HOUR // many), times, *prices)


def _funding(number: int, m: slow.Market, config: slow.Config) -> float | FundingRates:
    if m.kind == "spot":
        return 0.0
    if m.funding is None:
        return float(m.own.get("funding_rate", config.funding_rate))
    times, rates = zip(*m.funding, strict=True)
    return FundingRates(instrument_of(number, m), np.array(times), np.array(rates))


def _filled(values: Sequence[float]) -> list[float]:
    last, result = 0.0, []
    for x in values:
        last = last if math.isnan(x) else x
        result.append(last)
    return result


def _ranges(table: list[Any], grid: Any) -> Any:
    there = ~np.isnan(table[CLOSE])
    columns = [table[k][there] for k in (OPEN, HIGH, LOW, CLOSE, VOLUME)]
    bars = Bars(Instrument("X", "Y"), Timeframe(1000), grid[there], *columns)
    result = np.full(len(grid), np.nan)
    result[there] = average_true_range(bars)
    # before a missing bar the venue still knows the range of the bar before that
    for i in range(1, len(result)):
        if not there[i]:
            result[i] = result[i - 1]
    return result


def _finer(m: slow.Market) -> Any:
    if m.finer is None or not any(m.finer):
        return None
    starts = np.cumsum([0, *(len(f) for f in m.finer)]).astype(np.int64)
    rows = np.array([bar for f in m.finer for bar in f], float).reshape(-1, 5)
    return (starts, *(np.ascontiguousarray(rows[:, k]) for k in range(5)))


def fast_intent(i: slow.Intent) -> t.Intent:
    def leg(value: tuple[str, float] | None) -> tuple[int, float]:
        return (t.LEG_NONE, math.nan) if value is None else (MODES[value[0]], float(value[1]))

    (sl_as, sl), (tp_as, tp), (tr_as, tr) = leg(i.stop_loss), leg(i.take_profit), leg(i.trail)
    after_as, after = leg(i.trail_after)
    targets = {}
    if i.targets:
        (tp_as, tp), targets["take_profit_share"] = leg(i.targets[0][0]), i.targets[0][1]
    for number, (level, part) in enumerate(i.targets[1:], 2):
        name = f"take_profit_{number}"
        targets[f"{name}_as"], targets[name] = leg(level)
        targets[f"{name}_share"] = part
    share = not math.isnan(i.trail_share)
    modify, grid = i.verb == "modify", i.verb == "grid"
    if grid:
        share = i.spacing[0] == "share"
    return t.Intent(
        verb=VERBS[i.verb],
        kind=order_kinds.MARKET if i.verb == "reverse" else KIND_NAMES.index(i.kind),
        side=i.side,
        size_as=t.SIZE_MODES.index(i.size_as),
        size=i.quantity if modify else i.size,
        limit=i.price if modify else i.centre if grid else i.limit,
        stop=i.stop,
        trail_as=t.LEG_SHARE if share else t.LEG_DISTANCE,
        trail=i.spacing[1] if grid else i.trail_share if share else i.trail_amount,
        stop_loss_as=sl_as,
        stop_loss=sl,
        take_profit_as=tp_as,
        take_profit=tp,
        **targets,
        leg_trail_as=tr_as,
        leg_trail=tr,
        trail_after_as=after_as,
        trail_after=after,
        add=int(i.add),
        reduce_only=int(i.reduce_only),
        post_only=int(i.post_only),
        time_in_force=t.TIMES_IN_FORCE.index(i.time_in_force),
        good_for=i.good_for,
        oco=i.oco,
        legs=LEGS.index(i.leg) if modify else -LEGS.index(i.leg) if i.leg else int(i.legs),
        target=-1 if i.target is None else i.target,
        levels=i.levels,
        lower=i.lower,
        upper=i.upper,
        tolerance=i.tolerance,
    )


Runner = Callable[[Sequence[slow.Market], slow.Config, slow.Decide], Same]
