"""The state of an account and its orders, as flat records.

They are saved and loaded as they are, and compiled code reads them where they lie in memory.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from wickwork.graph import kernel
from wickwork.graph.records import Int32, Record, record_type
from wickwork.orders.outputs import CLOSED_ORDER as CLOSED_ORDER
from wickwork.orders.outputs import DENIED as DENIED
from wickwork.orders.outputs import FILL as FILL
from wickwork.orders.outputs import NOTIFIED as NOTIFIED
from wickwork.orders.outputs import ROUND_TRIP as ROUND_TRIP
from wickwork.orders.outputs import SEQUENCE as SEQUENCE

CAPACITY = 64
"""Rows of the order table of one instrument at the start; it grows when needed. A power of two."""
MOST_ORDERS = 1024
"""Orders that one instrument may have working, each counting 1 and 1 more for every leg that it carries."""
TABLE_ROWS = 2 * MOST_ORDERS
"""The most rows of an order table: late fills and liquidations that a venue reports need some where it is full."""
FOREVER = 1 << 62

# Why an order was closed.
WORKING, FILLED, CUT, NO_FUNDS, NO_SHORT, NOTHING_TO_REDUCE, OTHER_LEG, POSITION_CLOSED = range(8)
WOULD_TAKE, NOT_AT_ONCE, GOOD_FOR_OVER, BY_STRATEGY, LIQUIDATED, SHARED, REJECTED, REFUSED = range(8, 16)
REASONS = (
    "working",
    "filled",
    "cut to the funds",
    "no funds",
    "cannot be sold short",
    "nothing to reduce",
    "other leg filled",
    "position closed",
    "would have taken",
    "not filled at once",
    "good-for over",
    "canceled by the strategy",
    "liquidated",
    "filled in part, the rest by its sibling",
    "rejected by the venue",
    "denied by the risk gate",
)

# Why an intent did not become an order.
(
    MISSING_VALUE,
    BELOW_MINIMUM,
    STOP_ON_WRONG_SIDE,
    TARGET_ON_WRONG_SIDE,
    NO_STOP_FOR_SIZE,
    SHORT_ON_SPOT,
    POSITION_HELD,
    ENTRY_WORKS,
    TABLE_FULL,
    NOTHING_HELD,
    ALREADY_CLOSING,
    NO_SUCH_ORDER,
    NOT_AT_ONCE_KIND,
    ALREADY_CHANGING,
    GRID_RUNS,
    NOT_WITHIN_BOUNDS,
    NOT_COVERED,
    QUANTITY_OF_LEG,
    SHARES_ABOVE_WHOLE,
    TARGET_BELOW_MINIMUM,
    ALREADY_REBALANCING,
) = range(21)
ALLOWED = -1
"""What the checks of an intent return where nothing speaks against it; else one of the codes above."""
DENIALS = (
    "a value is missing or not positive",
    "below the minimum quantity or notional",
    "the stop loss is on the wrong side",
    "the take profit is on the wrong side",
    "risk percent or R needs a stop loss",
    "spot cannot be sold short",
    "a position is held",
    "another entry works",
    "the order table is full: 1,024 orders and legs of an instrument can work at a time",
    "nothing is held",
    "a close already works",
    "no such order works",
    "only market and limit orders can be immediate",
    "an earlier change is still on its way",
    "a grid runs already",
    "no level lies within the bounds",
    "the funds do not cover the grid",
    "the quantity of a leg is that of its entry",
    "the shares of the targets add up to more than 100 %",
    "the share of a target is below the minimum quantity or notional",
    "the market order of the last rebalance still works",
)

# When an order was created or activated, relative to the inside of the bar.
BEFORE, AT_OPEN, INSIDE = range(3)

# Bits of a lane's `flags`: which orders that need work of their own may be among the working ones: trailing stops,
# immediate orders (IOC, FOK), reduce-only orders, and orders activated inside the current bar.
MOVING, AT_ONCE, REDUCING, JUST_ACTIVATED = 1, 2, 4, 8

# Slippage models.
SLIPPAGE_NONE, SLIPPAGE_PERCENT, SLIPPAGE_FIXED, SLIPPAGE_ATR, SLIPPAGE_VOLUME = range(5)
SLIPPAGE_MODELS = ("none", "percent", "fixed", "atr", "volume")

STOP_LEG, TAKE_LEG, TRAIL_LEG, TAKE_LEG_2, TAKE_LEG_3, TAKE_LEG_4 = range(1, 7)
LEG_NAMES = ("", "stop loss", "take profit", "trailing stop", "take profit 2", "take profit 3", "take profit 4")


class Account(kernel.AccountRecord):
    """The account: money now, running statistics, and how many rows of each output were written. In quote units.

    `cash` is the wallet: what was paid in, gained and paid for fees and funding, less the cost of what is held on
    spot. `capital` is the cash at the start.
    """

    net_cash: float
    """Cash after every fill in full, the notional of perpetuals included: equity is this plus position × price.

    Amounts are only ever added to it, so that it has no rounding error of an average price.
    """
    equity: float
    """At the last close."""
    peak: float
    """The highest equity so far."""
    trough: float
    """The lowest equity since the peak."""
    drawdown: float
    """The deepest fall of equity, as a share of the peak before it."""
    # Sums over the returns of equity from bar to bar, and over their squares.
    returns: float
    squares: float
    fees: float
    funding: float
    """Paid; below 0 where it was received."""
    slippage: float
    """What was lost against the reference prices of the fills."""

    bars: int
    """Bars in the statistics."""
    round_trip_total: int
    """Completed round trips since the start."""
    wins: int
    """Round trips with a gain above 0, after costs."""
    # Rows in the outputs. A resumed run begins with 0 of each, a total counts since the start.
    fill_rows: int
    closed_order_rows: int
    denied_rows: int
    round_trip_rows: int
    notification_rows: int
    next_id: int
    """The id of the next order."""
    ambiguous_bars: int
    """Bars, over all instruments, whose result depends on what the bar does not say."""
    perpetuals: int
    """Instruments that are perpetuals."""
    fill_total: int
    """Fills since the start."""


ACCOUNT = record_type(Account)


class VenueTerms(Record):
    """The venue's terms for one instrument. Shares are fractions: 0.001 is 0.1 %."""

    # Fees as shares of the notional.
    maker: float
    taker: float
    half_spread: float
    """As a share of the price."""
    slippage: float
    """Its unit depends on `slippage_model`: `sim.terms.Terms`."""
    volume_limit: float
    """The share of a bar's volume that may be filled; 0: no limit."""
    leverage: float
    maintenance: float
    """Maintenance margin as a share of the notional, where there are no tiers."""
    liquidation_fee: float
    """As a share of the notional."""

    slippage_model: int
    """An index into SLIPPAGE_MODELS."""
    latency: int
    """Bars that an order or a request is on its way."""
    best: int
    """1 where ambiguities inside a bar are resolved for the account, 0 where against it."""
    tiers: int
    """The address of rows of (rate, maintenance amount) as float64."""
    tier_count: int


TERMS = record_type(VenueTerms)


class Lane(kernel.PositionRecord):
    """One instrument: its position, its trigger band, the round trip under way, the rules of its orders, and its grid.

    Prices and money in quote units, quantities in base units, bars as numbers of the run.
    """

    # The trigger band: the widest open range of prices in which no order can act.
    band_low: float
    band_high: float
    # Of the position of a perpetual.
    margin: float
    """Isolated margin, 0 on spot."""
    liquidation: float
    """The price at which the venue closes the position by force; 0: none."""
    activation_price: float
    """The price that the path had reached when the liquidation price was last set inside the bar."""
    volume_filled: float
    """The quantity already filled in the current bar, which counts towards the volume limit."""
    # The round trip under way: quantities and values (quantity × price) of its entries and exits, and sums of money.
    entered: float
    entered_value: float
    exited: float
    exited_value: float
    round_trip_fees: float
    round_trip_funding: float
    """Paid; below 0 where it was received."""
    round_trip_gain: float
    """Before fees and funding."""
    initial_risk: float
    """The loss at the stop loss of its entry, 0 without one."""
    # The rules of its orders; 0 where there is none. The inverses are those of `risk.rules.inverse_of`.
    tick: float
    tick_inverse: float
    lot: float
    lot_inverse: float
    minimum_quantity: float
    minimum_notional: float
    # Its grid: `orders/grid.py`.
    grid_centre: float
    grid_step: float
    """The distance of two levels, or their ratio less 1 where `grid_in_shares` is 1."""
    grid_quantity: float
    """The quantity of each order."""
    grid_lower: float
    grid_upper: float
    """The highest price of an order; 0: no bound."""

    count: int
    """Working orders."""
    used: int
    """Rows of the order table that they count as: 1 each and 1 for every leg that they carry."""
    used_before: int
    """The same when the trigger band was last computed, which adds it to the frame's `used`."""
    trailing: int
    """Working trailing stops."""
    deadline: int
    """The next bar on which something happens at a time rather than at a price; FOREVER: none."""
    entries: int
    """Working orders that are entries."""
    perpetual: int
    """1 for a perpetual, 0 on spot."""
    opened_bar: int
    """The bar on which the round trip under way began."""
    entry_order: int
    """The id of the order that began it."""
    pass_number: int
    """Counts the passes of matching, one for each bar or finer bar; an order acts at most once in each."""
    flags: int
    """Bits MOVING, AT_ONCE, REDUCING and JUST_ACTIVATED: which kinds of orders may be among the working ones."""
    changed: int
    """1 when position or cash changed in the current bar."""
    activation_phase: int
    """When the position was last enlarged, and so its liquidation price was activated: BEFORE the current bar, AT_OPEN
    or INSIDE."""
    activation_direction: int
    """The direction of the path of prices at that time: +1 upward, −1 downward, 0 unknown."""
    ambiguous_bar: int
    """The last bar that was counted as ambiguous; −1: none."""
    funding_at: int
    """The row of the next funding moment."""
    funding_next: int
    """The bar of that moment; FOREVER: none."""
    # Its grid.
    grid: int
    """The number of its latest grid, counted from 1."""
    grid_action: int
    """The number of the action that began it."""
    grid_levels: int
    """Orders on each side; 0 while no grid runs."""
    grid_level: int
    """The level where the grid stands, relative to its centre."""
    grid_side: int
    """+1 long, −1 short, 0 both."""
    grid_in_shares: int
    """1 where the levels are a constant ratio apart, 0 where they are a constant distance apart."""
    grid_moved: int
    """1 when a fill moved the grid, so that its orders must be renewed at the close of the bar."""
    # The bars of its strategy where these are slower than those of the run: `orders/own_bars.py`.
    ratio: int
    """How many bars of the run one of them is; 0 or 1 where they are those of the run."""
    own_length: int
    """Their length in ms."""
    own_bars: int
    """How many have begun; kept while an order counts them or a node reads orders."""
    own_opened: int
    """When the newest opened."""
    own_before: int
    """When the one before opened."""


LANE = record_type(Lane)


class Order(Record):
    """One working order. Prices in quote units, quantities in base units, bars as numbers of the run.

    Its size is a part of the time of a run, so small numbers have 32 bits, in pairs; what matching reads comes first.
    """

    id: int
    """Counted from 1, over all instruments of the account."""
    limit: float
    stop: float
    """The trigger price; 0 for kinds without one."""
    quantity: float
    """The quantity ordered."""
    remaining: float
    """The quantity that can still be filled: fills of the order and of its group reduce it."""
    kind: Int32
    """A constant of `model.order_kinds`."""
    side: Int32
    """+1 to buy, −1 to sell."""
    leg: Int32
    """An index into LEG_NAMES; 0 for an order that is no leg."""
    action: Int32
    """The number of the action of the program that placed it."""
    group: int
    """The group of orders whose fills reduce each other (one cancels the other); 0: none. The group of a leg is the id
    of its entry; groups that the strategy defines are below 0."""
    # Bars: that of its creation, the first and the last that can fill it, and when requests arrive (FOREVER: none).
    created_bar: int
    live_from: int
    good_until: int
    cancel_at: int
    modify_at: int
    # 1 where they hold, else 0.
    reduce_only: Int32
    post_only: Int32
    entry: Int32
    closing: Int32
    time_in_force: Int32
    trail_as: Int32
    """What `trail` is: LEG_… of `graph.types`."""
    trail: float
    """How far a trailing stop stays behind its extreme: a distance or a share of the extreme."""
    extreme: float
    """The most favourable price that a trailing stop has followed."""
    filled: float
    """The quantity filled so far."""
    average: float
    """The average price of what is filled, 0 before the first fill."""
    limit_reference: float
    """The price of the market when the volume limit first filled a limit order only in part; 0: never. What remains of
    the order fills at no better price than this."""
    # Within the current bar.
    acted_in_pass: int
    """The `pass_number` of its lane in which it last acted: an order acts once in a pass."""
    activation_price: float
    """The price that the path had reached when the order was activated inside the bar."""
    activation_phase: Int32
    """BEFORE, AT_OPEN or INSIDE."""
    activation_direction: Int32
    """The direction of the path of prices when it was activated: +1 upward, −1 downward, 0 unknown."""
    finer_bar: Int32
    """The number of the finer bar at whose open it is fresh, from 0."""
    pinned: Int32
    """1 for a leg that was moved: later fills of its entry do not change its price."""
    intrabar_level: float
    """The level to which a trailing stop was moved inside the current bar; 0: its level follows from its extreme."""
    kind_changed_after_fill: int
    """The account's `fill_total` when a trigger last changed its kind; 0: never."""
    armed_after_fill: int
    """The account's `fill_total` when it became a trailing stop that follows the price; 0: it was one, or is none."""
    # A modification on its way; NaN keeps the old value.
    new_price: float
    new_quantity: float
    grid: Int32
    """The number of the grid that it belongs to; 0: none."""
    level: Int32
    """Its level in the grid, relative to the centre."""
    # The legs that it carries; what the numbers are is given by the fields of the same names with `_as`.
    stop_loss: float
    take_profit: float
    leg_trail: float
    trail_after: float
    """The price from which on the trailing leg follows."""
    stop_loss_as: Int32
    take_profit_as: Int32
    leg_trail_as: Int32
    trail_after_as: Int32
    legs: Int32
    """How many legs it carries."""
    leg_number: Int32
    """Of a leg: its number among the legs of its entry, from 1. Of an entry: the number of its latest leg, 0 before
    the first fill."""
    # Targets, take profits that each have a share of the quantity; all 0 in brackets without them.
    targets: Int32
    """Of an entry: how many it carries. Of its legs: the same."""
    take_profit_2_as: Int32
    take_profit_3_as: Int32
    take_profit_4_as: Int32
    quantity_opened: float
    """Of an entry: the quantity by which its fills have opened or enlarged the position so far."""
    take_profit_share: float
    """A fraction: 1.0 is the whole quantity."""
    take_profit_2: float
    take_profit_2_share: float
    take_profit_3: float
    take_profit_3_share: float
    take_profit_4: float
    take_profit_4_share: float
    # Of an entry: the quantity that each of its targets has received from fills so far.
    take_profit_received: float
    take_profit_2_received: float
    take_profit_3_received: float
    take_profit_4_received: float


ORDER = record_type(Order)

NO_ORDER = -1
"""Stands for none where otherwise the index of an order among the working ones stands."""

LANE_SIZE, ORDER_SIZE = LANE.itemsize, ORDER.itemsize
SIZE_WITHOUT_TARGETS = ORDER.fields["targets"][1]  # type: ignore[index]
"""Bytes of an order before the fields of its targets, which are the last ones."""


class Moment(NamedTuple):
    """Where in time a fill happens."""

    bar: int
    finer_bar: int
    """The number of the finer bar within the bar, from 0."""
    activation_phase: int
    """The `activation_phase` of orders that the fill creates: AT_OPEN or INSIDE."""
    price: float
    """The point that the path of prices has reached."""
    direction: int
    """Where the path came from: +1 from below, −1 from above, 0 unknown."""


class Path(NamedTuple):
    """Pointers to the bars to be matched.

    Pointers rather than values, because reading a value that is not needed costs a cache miss.
    """

    opens: Any
    highs: Any
    lows: Any
    closes: Any
    volumes: Any
    # The mark price, which decides liquidations: the columns above where none is given.
    mark_opens: Any
    mark_highs: Any
    mark_lows: Any
    mark_closes: Any


class Mark(NamedTuple):
    """The mark price during one bar."""

    open: float
    high: float
    low: float
    close: float
