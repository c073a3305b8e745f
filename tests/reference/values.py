"""The words of the reference venue: what goes in, what comes out, and how numbers are rounded."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from math import nan
from typing import Any, Literal

BUY, SELL = +1, -1
STOPS = ("stop", "trailing", "liquidation")  # section 4, reachability: "stops (stop, trailing stop, liquidation)"
FAVOURABLE = ("limit", "market_if_touched", "trailing_from")  # these wait for a better price than the market's
# How an order ends.
FILLED = "filled"
CANCELED = "canceled by the strategy"
GOOD_FOR_OVER = "good-for over"
WOULD_HAVE_TAKEN = "would have taken"
NOT_AT_ONCE = "not filled at once"
NOTHING_TO_REDUCE = "nothing to reduce"
CUT_TO_FUNDS = "cut to the funds"
NO_FUNDS = "no funds"
POSITION_CLOSED = "position closed"
OTHER_LEG = "other leg filled"
LIQUIDATED = "liquidated"
SHARED = "filled in part, the rest by its sibling"
NO_SHORT = "cannot be sold short"  # also a denial

# Why an order is denied. The specification does not name these.
MISSING = "value missing"
NOT_POSITIVE = "not positive"
BELOW_MINIMUM = "below the minimum"
WRONG_SIDE = "stop loss on the wrong side"
TARGET_ON_WRONG_SIDE = "take profit on the wrong side"
NO_SUCH_ORDER = "no such order works"
ALREADY_CHANGING = "an earlier change is on its way"
NO_STOP_LOSS = "no stop loss"
POSITION_HELD = "position held"
ENTRY_WORKS = "entry works"
TABLE_FULL = "table full"
NOTHING_TO_CLOSE = "nothing to close"
CLOSE_WORKS = "close works"
WRONG_KIND = "not for this kind"
GRID_RUNS = "a grid runs"
NO_LEVEL = "no order would be made"
QUANTITY_OF_LEG = "the quantity of a leg"
SHARES_ABOVE_WHOLE = "shares above 100 %"
TARGET_BELOW_MINIMUM = "a target below the minimum"
NOT_COVERED = "the funds do not cover the grid"
REBALANCE_WORKS = "the order of the last rebalance works"

Bar = tuple[float, float, float, float, float]
Mark = tuple[float, float, float, float]  # of the mark price: open, high, low, close
Level = tuple[str, float]
Targets = tuple[tuple[Level | None, float], ...]  # levels and shares; None for a place that is not used


@dataclass(frozen=True)
class Market:
    """One instrument: its bars on the common grid (NaN where it has none) and its rules."""

    open: list[float]
    high: list[float]
    low: list[float]
    close: list[float]
    volume: list[float]
    opened_at: list[int]
    kind: Literal["spot", "perpetual"] = "spot"
    tick: float = 0.0
    lot: float = 0.0
    minimum_quantity: float = 0.0
    minimum_notional: float = 0.0
    finer: list[list[Bar]] | None = None
    own: dict[str, Any] = field(default_factory=dict)  # fields of Config that this instrument has instead

    funding: list[tuple[int, float]] | None = None  # moments (ms) and rates, instead of the constant rate

    marks: list[list[Mark | None]] | None = None  # of each bar one for every bar that section 12 walks through

    columns: dict[str, list[float]] = field(default_factory=dict)  # from outside, a value for each bar
    name: str = ""  # of the instrument; the default one where empty

    def has_bar(self, t: int) -> bool:
        return not math.isnan(self.close[t])

    def bar(self, t: int) -> Bar:
        return self.open[t], self.high[t], self.low[t], self.close[t], self.volume[t]

    def mark_open(self, t: int) -> float:
        """The mark price at the open, where the series covers all of the bar."""
        given = self.marks[t] if self.marks is not None else []
        return given[0][0] if given and None not in given else self.open[t]


def default_name(number: int, market: Market) -> str:
    """The name of the instrument of a market, by its place in the run."""
    return f"C{number}/USDT{':USDT' if market.kind == 'perpetual' else ''}"


@dataclass(frozen=True)
class Config:
    capital: float = 10_000.0
    maker_fee: float = 0.0
    taker_fee: float = 0.0
    spread: float = 0.0
    slippage_model: Literal["none", "percent", "fixed", "atr", "volume"] = "none"
    slippage: float = 0.0
    volume_limit: float = 0.0
    latency: int = 0
    leverage: float = 1.0
    maintenance: float = 0.005
    tiers: list[tuple[float, float]] = field(default_factory=list)  # (notional from, rate) instead of maintenance
    liquidation_fee: float = 0.0
    funding_rate: float = 0.0
    assume: Literal["worst", "best"] = "worst"


@dataclass(frozen=True)
class Intent:
    """What an action of a strategy requests (section 11)."""

    verb: Literal["enter", "place", "close", "reverse", "cancel", "modify", "grid", "rebalance"]
    action: int = 0
    kind: Literal["market", "limit", "stop", "stop_limit", "trailing", "market_if_touched", "trailing_from"] = "market"
    side: int = BUY
    size_as: Literal["quantity", "quote", "percent_of_equity", "risk_percent", "percent_of_cash"] = "quantity"
    size: float = nan
    limit: float = nan
    stop: float = nan
    trail_share: float = nan
    trail_amount: float = nan
    stop_loss: Level | None = None
    take_profit: Level | None = None
    trail: Level | None = None
    trail_after: Level | None = None
    targets: Targets = ()  # in place of the take profit
    add: bool = False
    reduce_only: bool = False
    post_only: bool = False
    time_in_force: Literal["gtc", "ioc", "fok"] = "gtc"
    good_for: int = 0
    tolerance: float = 0.0  # of a rebalance, in percent of equity
    oco: int = 0
    legs: bool = False
    leg: str = ""  # of a modification or cancel: "stop loss", "take profit", "take profit 2" … where a leg is meant
    target: int | None = None
    price: float = nan
    quantity: float = nan
    centre: float = 0.0  # of a grid (section 13); its direction is the side, 0 for neutral
    spacing: Level = ("share", nan)
    levels: int = 0
    lower: float = 0.0
    upper: float = 0.0

    @property
    def bracket(self) -> tuple[Level | None, Level | None, Level | None]:
        return self.stop_loss, self.take_profit, self.trail


@dataclass(eq=False)
class Grid:
    """Section 13."""

    action: int
    centre: float
    spacing: Level
    lower: float
    upper: float
    levels: int
    side: int  # +1 long, −1 short, 0 neutral
    quantity: float
    stands_at: int = 0
    due: bool = False


@dataclass(eq=False)
class Order:
    """A working order (section 2); the venue's liquidation order is one too, with the id 0."""

    id: int
    instrument: int
    action: int
    side: int
    kind: str
    asked: float
    placed: int
    live_from: int
    limit: float = nan
    stop: float = nan
    extreme: float = nan
    trail_share: float = nan
    trail_amount: float = nan
    reduce_only: bool = False
    post_only: bool = False
    time_in_force: str = "gtc"
    good_for: int = 0
    group: tuple[str, int] | None = None  # the OCO group
    verb: str = "place"  # that made it: "enter" and "close" are asked about in section 11
    bracket: tuple[Level | None, Level | None, Level | None] = (None, None, None)
    trail_after: Level | None = None
    targets: Targets = ()
    opened: float = 0.0  # by the fills of an entry with targets
    given: dict[str, float] = field(default_factory=dict)  # what each of its targets has got of that
    with_targets: bool = False  # a leg of an entry with targets
    leg: str = ""  # "stop loss", "take profit", "take profit 2" … or "trailing stop" when it is one
    pinned: bool = False  # a leg that was moved
    filled: float = 0.0
    average: float = 0.0  # of its own fills
    remaining: float = nan
    fresh: bool = True
    changing: bool = False
    grid: Grid | None = None  # the one that made it (section 13), and at which of its levels
    grid_level: int | None = None
    leaving: bool = False  # a cancel is on its way
    waited: int = 0  # bars of its life that the instrument did not have
    touched: float = nan  # where the market was when the volume limit first left something of a limit order
    moved: float | None = None  # the level that a trailing stop took at a turn inside the bar (section 4)
    activation: tuple[float, int] | None = None  # (e, d) when activated inside the bar at hand (section 4)

    def __post_init__(self) -> None:
        self.remaining = self.asked

    @property
    def level(self) -> float:
        """The price at which the path meets the order."""
        if self.kind == "trailing":
            if self.moved is not None:
                return self.moved
            if not math.isnan(self.trail_share):
                return self.extreme * (1 + self.side * self.trail_share)
            return self.extreme + self.side * self.trail_amount
        return self.limit if self.kind == "limit" else self.stop

    @property
    def waits_below(self) -> bool:
        """Section 4: sell stops and buy limits wait below, the others above."""
        return self.side == BUY if self.kind in FAVOURABLE else self.side == SELL

    @property
    def table_places(self) -> int:
        """Section 11: every working order counts 1, and 1 more for each leg that it carries."""
        return 1 + sum(level is not None for level in (*self.bracket, *(level for level, _ in self.targets)))


@dataclass(frozen=True)
class Fill:
    bar: int
    instrument: int
    order: int  # 0: a liquidation
    side: int
    quantity: float
    price: float
    fee: float
    maker: bool
    position: float  # after it


@dataclass(frozen=True)
class OrderRecord:
    """An order as it closed, or as it still works (`ended` −1 and no reason)."""

    id: int
    instrument: int
    action: int
    kind: str
    side: int
    asked: float
    filled: float
    placed: int
    closed: int
    reason: str
    leg: bool
    remaining: float
    level: float
    leg_name: str = ""
    limit: float = nan
    stop: float = nan
    average: float = 0.0
    stop_loss: Level | None = None  # that it carries


@dataclass(frozen=True)
class Denial:
    bar: int
    instrument: int
    action: int
    reason: str


@dataclass(frozen=True)
class View:
    """What a strategy sees at a close."""

    quantity: float
    average: float
    equity: float
    cash: float
    bars_held: int  # −1 when flat
    orders: tuple[OrderRecord, ...]
    grid: bool = False  # whether one runs
    ended: Sequence[OrderRecord] = ()  # of this instrument, as are the fills
    fills: Sequence[Fill] = ()
    lot: float = 0.0


@dataclass(frozen=True)
class Result:
    fills: list[Fill]
    orders: list[OrderRecord]
    working: list[OrderRecord]
    denied: list[Denial]
    equity: list[float]
    cash: float
    positions: list[float]
    ambiguous: list[int]
    fees: float
    funding: float
    slippage: float


Decide = Callable[[int, int, View], Sequence[Intent]]


@dataclass(eq=False)
class Desk:
    """The state of one instrument."""

    index: int
    market: Market
    position: float = 0.0
    average: float = 0.0
    margin: float = 0.0  # isolated, of a perpetual's position
    last_close: float = nan
    bars_seen: int = 0
    bars_held: int = -1
    orders: list[Order] = field(default_factory=list)  # the working ones, by id
    liquidation: Order | None = None
    arriving: list[tuple[int, Callable[[int], None]]] = field(default_factory=list)  # (bar, what to do) of section 8
    true_ranges: list[float] = field(default_factory=list)
    atr: float = 0.0
    ambiguous: int = 0
    grid: Grid | None = None

    def closable(self, side: int) -> float:
        """How much an order on `side` can reduce: the size of the position on the other side."""
        return abs(self.position) if self.position * side < 0 else 0.0


@dataclass(eq=False)
class Path:
    """One bar, or one finer bar of it, while it is walked through."""

    t: int
    bar: Bar
    mark: Mark
    at: float = nan  # the point that the path has reached
    d: int = 0  # the direction in which it came there
    inside: bool = False
    volume_taken: float = 0.0
    acted_at_open: set[int] = field(default_factory=set)
    acted_inside: set[int] = field(default_factory=set)
    ambiguous: bool = False

    @property
    def activation(self) -> tuple[float, int] | None:
        """The activation of an order that is activated here and now."""
        return (self.at, self.d) if self.inside else None


@dataclass(eq=False)
class Account:
    """The state of everything that instruments share, and the record of what happened."""

    config: Config
    desks: list[Desk]
    cash: float
    last_id: int = 0
    fees: float = 0.0
    funding: float = 0.0
    slippage: float = 0.0
    fills: list[Fill] = field(default_factory=list)
    closed_orders: list[OrderRecord] = field(default_factory=list)
    denied: list[Denial] = field(default_factory=list)
    equity: list[float] = field(default_factory=list)

    def config_of(self, desk: Desk) -> Config:
        """The terms of one instrument: its own where it has some."""
        return replace(self.config, **desk.market.own)

    @property
    def wallet(self) -> float:
        """Section 10: cash and what the open positions of perpetuals cost."""
        cost = 0.0
        for desk in self.desks:
            if desk.market.kind == "perpetual":
                cost = cost + desk.position * desk.average
        return self.cash + cost

    def new_id(self) -> int:
        self.last_id += 1
        return self.last_id

    def end(self, order: Order, t: int, reason: str) -> None:
        """Takes an order off the table; one that has ended already stays as it ended."""
        desk = self.desks[order.instrument]
        if order in desk.orders:
            desk.orders.remove(order)
            self.closed_orders.append(record(order, t, reason))


def record(order: Order, closed: int = -1, reason: str = "") -> OrderRecord:
    return OrderRecord(
        id=order.id,
        instrument=order.instrument,
        action=order.action,
        kind=order.kind,
        side=order.side,
        asked=order.asked,
        filled=order.filled,
        placed=order.placed,
        closed=closed,
        reason=reason,
        leg=bool(order.leg),
        remaining=order.remaining,
        level=order.level,
        leg_name=order.leg,
        limit=order.limit,
        stop=order.stop,
        average=order.average,
        stop_loss=order.bracket[0],
    )


TARGETS = ("take profit", "take profit 2", "take profit 3", "take profit 4")


def parts_of_fill(targets: Targets, opened: float, given: dict[str, float], quantity: float, lot: float):
    """Section 6: what each target gets of a fill, when `opened` is open with it and each had got what is `given`."""
    used = [(name, share) for name, (level, share) in zip(TARGETS, targets, strict=False) if level is not None]
    whole = sum(share for _, share in used) >= 1 - 1e-9
    parts, left = {}, quantity
    for name, share in used:
        lacking = nearest_lot(round_down(opened * share, lot) - given.get(name, 0.0), lot)
        part = min(lacking, left)
        if is_dust(part, opened, lot):
            part = 0.0
        if whole and name == used[-1][0]:
            part = left
        parts[name] = part
        left = nearest_lot(left - part, lot)
    return parts


def round_down(x: float, step: float) -> float:
    """To the multiple of the step below; what float arithmetic leaves of a whole number of steps is one."""
    if step == 0 or math.isinf(x / step):
        return x if step == 0 else math.inf
    inverse = round(1 / step)
    if abs(inverse * step - 1) < 1e-12:
        n = x * inverse
        return math.floor(n + (1e-9 + 5e-16 * abs(n))) / inverse
    n = x / step
    return math.floor(n + (1e-9 + 5e-16 * abs(n))) * step


def round_up(x: float, step: float) -> float:
    if step == 0 or math.isinf(x / step):
        return x if step == 0 else math.inf
    inverse = round(1 / step)
    if abs(inverse * step - 1) < 1e-12:
        n = x * inverse
        return math.ceil(n - (1e-9 + 5e-16 * abs(n))) / inverse
    n = x / step
    return math.ceil(n - (1e-9 + 5e-16 * abs(n))) * step


def round_price(price: float, side: int, tick: float) -> float:
    """Section 11: limits in the account's favour, triggers reached no later than asked: buy down, sell up, both."""
    return round_down(price, tick) if side == BUY else round_up(price, tick)


def is_dust(x: float, scale: float, lot: float) -> bool:
    """What float arithmetic leaves of a quantity that is nothing on paper."""
    return x <= (lot / 2 if lot > 0 else 1e-12 * scale)


def nearest_lot(x: float, lot: float) -> float:
    """What sums and differences of whole lots are on paper."""
    if lot == 0:
        return x
    inverse = round(1 / lot)
    if abs(inverse * lot - 1) < 1e-12:
        return math.floor(x * inverse + 0.5) / inverse
    return math.floor(x / lot + 0.5) * lot


def stop_loss_level(stop_loss: Level, p: float, side: int) -> float:
    """Section 6: the stop loss of an entry on `side`, counted from the price `p`; not rounded."""
    mode, value = stop_loss
    if mode == "price":
        return value
    return p * (1 - side * value) if mode == "share" else p - side * value
