"""The types in the signatures of node functions.

A node is one plain function. What its parameters mean follows from their annotations:

wires         `Series` `Condition` `Event` `Bar` `OrderHandle`: positional; with a default the wire is optional
              `SeriesOrMissing` `ConditionOrMissing` `EventOrMissing`: the same, for a step that handles missing values
parameters    keyword-only: `int`, `float`, `bool`, `str` with `Between(...)`, `Choice(...)`,
              `TimeframeParameter`, `TimeOfDay`
surroundings  `Moment` `BarLength` `Position` `Account` `Equity` `OrderState`: filled in by the engine, invisible in
              the graph
memory        a NamedTuple as the first parameter, returned in front of the outputs: what the node keeps between bars
lanes         a node that compares the instruments of a run at one bar has first `SeriesToLanes` or `ConditionToLanes`
              and `LaneCount`, then wires `SeriesOfLanes` `ConditionOfLanes`, and returns nothing (`graph/across`)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Any, NamedTuple, Protocol

from wickwork.model.order_kinds import MARKET

nan = float("nan")


class Port(Enum):
    """What flows through a wire."""

    SERIES = "series"
    CONDITION = "condition"
    EVENT = "event"
    BARS = "bars"
    ORDER = "order"


class Surrounding(Enum):
    """What the engine passes to a node whose signature has it."""

    MOMENT = "moment"
    BAR_LENGTH = "bar length"
    EQUITY = "equity"
    LANES = "lanes"


Series = Annotated[float, Port.SERIES]
"""A number each bar; NaN means *missing*."""
Condition = Annotated[bool, Port.CONDITION]
"""True or false each bar."""
Event = Annotated[bool, Port.EVENT]
"""True only on the bar on which something happens. An event may go wherever a condition may."""


@dataclass(frozen=True)
class MayBeMissing:
    """Marks a wire whose missing values the step receives or returns as NaN, instead of not being called."""


SeriesOrMissing = Annotated[float, Port.SERIES, MayBeMissing()]
"""A number each bar; the step is called also where it is missing, and then receives NaN.

As an output: a number that may be missing on any bar, also after the warm-up, such as a level before there is one.
"""
ConditionOrMissing = Annotated[float, Port.CONDITION, MayBeMissing()]
"""1.0 for true, 0.0 for false, NaN for missing; the step is called in all three cases, and may return each of them."""
EventOrMissing = Annotated[float, Port.EVENT, MayBeMissing()]
"""As `ConditionOrMissing`, for an event."""
OrderHandle = Annotated[int, Port.ORDER]
"""The orders that one action made."""
Moment = Annotated[int, Surrounding.MOMENT]
"""The opening time of the bar, ms since 1970 UTC."""
BarLength = Annotated[int, Surrounding.BAR_LENGTH]
"""The timeframe of the run's bars, in ms."""
Equity = Annotated[float, Surrounding.EQUITY]
"""Equity of the account at the close of the bar."""


class Bar(NamedTuple):
    """One bar. As a wire it is the five columns at once."""

    open: Series
    high: Series
    low: Series
    close: Series
    volume: Series


class Position(NamedTuple):
    """What is held in this instrument at the close of the bar.

    `quantity` is signed (base units), `average` the average entry price (0 when flat), `round_trip` the number of the
    round trip: it grows by one with each position opened from flat or by turning around.
    """

    quantity: float
    average: float
    round_trip: int


class Account(NamedTuple):
    """The account at the close of the bar, in quote units."""

    cash: float
    capital: float


class OrderState(NamedTuple):
    """The orders of the action that the step's `OrderHandle` names, at the close of the bar, before its decisions.

    Those of the action itself, or of one leg of its entries where the node has a `leg`; of every action where there is
    no handle, or nothing is wired to it. *Newest* is the order with the highest number; all its fields are 0 before the
    first order.
    """

    number: int
    """The number of the newest order, counted from 1 over the account."""
    side: int
    """Of the newest: +1 to buy, −1 to sell."""
    quantity: float
    """Ordered by the newest, in base units."""
    filled: float
    """The part of it that is filled."""
    average: float
    """The average price of that part in quote units, 0 without a fill."""
    price: float
    """Of the newest: its limit, or its trigger where it has no limit; 0 for market orders and trailing stops."""
    ended: int
    """How the newest ended, as an index into `orders.records.REASONS`; 0 while it works."""
    placed_at: int
    """The opening time of the bar on which the newest was placed, ms."""
    filled_at: int
    """The opening time of the bar on which one of the orders filled last, ms; 0 where none has."""
    working: int
    """How many of the orders work."""
    remaining: float
    """What is left to fill of those that work, in base units."""
    additions: int
    """How many of the orders opened or enlarged the position that is held; 0 when flat."""
    addition_price: float
    """The price of the last fill that did, 0 when flat."""
    risk: float
    """Of the position that is held: the loss at the stop loss of the entry that opened it, in quote units; 0 without
    one, and when flat. The same for all orders."""


class Window(Protocol):
    """A stretch of numbers in a node's memory, of the length that `Length` computes. It starts as zeros."""

    def __getitem__(self, index: int, /) -> float: ...
    def __setitem__(self, index: int, value: float, /) -> None: ...


class Lanes(Protocol):
    """One number for each instrument that takes part in a comparison, in the order in which the run lists them."""

    def __getitem__(self, index: int, /) -> float: ...
    def __setitem__(self, index: int, value: float, /) -> None: ...


@dataclass(frozen=True)
class OfLanes:
    """Marks a wire whose values in all instruments the step receives at once."""


@dataclass(frozen=True)
class ToLanes:
    """Marks the parameter of a step into which it writes the result of each instrument."""


SeriesOfLanes = Annotated[Lanes, Port.SERIES, OfLanes()]
"""The numbers of all instruments at one bar; none of them is missing."""
ConditionOfLanes = Annotated[Lanes, Port.CONDITION, OfLanes()]
"""A condition in all instruments at one bar: 1.0 for true, 0.0 for false."""
SeriesToLanes = Annotated[Lanes, Port.SERIES, ToLanes()]
"""Where a step writes the number of each instrument. It may be marked with a range: `Between(…)`."""
ConditionToLanes = Annotated[Lanes, Port.CONDITION, ToLanes()]
"""Where a step writes a condition for each instrument: 1.0 for true, 0.0 for false."""
LaneCount = Annotated[int, Surrounding.LANES]
"""How many instruments take part at this bar, at least one."""


@dataclass(frozen=True)
class Length:
    """How long a `Window` is, as a function of the node's parameters: `Length(lambda period: period)`."""

    of: Callable[..., int]
    ring: bool = False
    """Whether it holds nothing but the last values of the source, the oldest at the memory's `at`, and the step only
    replaces that one by the newest. Such a window must be the only one, and the source the first input. Inside a block
    the values are then read from the column of the source."""


@dataclass(frozen=True)
class Between:
    """The closed range that a parameter may take, or that an output never leaves."""

    low: float
    high: float


@dataclass(frozen=True)
class Choice:
    """The texts that a parameter may take.

    The node function receives the index of the chosen text: 0, 1, 2 ….
    """

    choices: tuple[str, ...]

    def __init__(self, *choices: str) -> None:
        object.__setattr__(self, "choices", choices)


@dataclass(frozen=True)
class TimeframeParameter:
    """Marks a parameter that is written as a timeframe (`4h`) and received as milliseconds."""


@dataclass(frozen=True)
class TimeOfDay:
    """Marks a parameter that is written as a time of day (`09:30`, UTC) and received as minutes since midnight."""


@dataclass(frozen=True)
class Added:
    """Marks a parameter that a node got after it was first released.

    At its default it is left out of validated graphs, so that journals and hashes of older strategies stay as they
    are. So its default may change only with the version of the node.
    """


STATES_OF_RUN = (Position, Account, OrderState, Surrounding.EQUITY)
"""What a step may take that depends on fills and orders, so that its answers do, too."""


LINK = "oco_with"
"""The input of an action to which the handle of another one's orders is wired: one order cancels the other."""

# The verbs of actions, in the order in which the actions of one bar are evaluated.  (Plain numbers: compiled code
# reads them.)
NOTHING, CANCEL, MODIFY, CLOSE, REVERSE, ENTER, PLACE, GRID, REBALANCE, NOTIFY = range(10)

FLAT, LONG, SHORT, NO_GRID = 1, 2, 4, 8
ANY_POSITION = FLAT | LONG | SHORT
# Guards: an action is evaluated only while the position is one of these; with NO_GRID, while the instrument has no
# grid.

# How the size of an order is meant.
QUANTITY, QUOTE, PERCENT_OF_EQUITY, RISK_PERCENT, PERCENT_OF_CASH = range(5)
SIZE_MODES = ("quantity", "quote", "percent_of_equity", "risk_percent", "percent_of_cash")

# How the level of a bracket's leg is meant: absolute, share of the entry, distance in quote units, multiple of the
# stop's distance.
LEG_NONE, LEG_PRICE, LEG_SHARE, LEG_DISTANCE, LEG_R = range(5)

# How long an order stays: until canceled; at once or not at all, in part or only whole.
GTC, IOC, FOK = range(3)
TIMES_IN_FORCE = ("gtc", "ioc", "fok")


class Intent(NamedTuple):
    """What an action requests. Numbers only, so that it can be stored, sent and replayed.

    Missing numbers are NaN; the rules are those of docs/matching.md, section 11.
    """

    verb: int = NOTHING
    kind: int = MARKET
    side: int = 1
    size_as: int = QUANTITY
    size: float = nan
    limit: float = nan
    stop: float = nan
    trail_as: int = LEG_NONE
    trail: float = nan
    stop_loss_as: int = LEG_NONE
    stop_loss: float = nan
    take_profit_as: int = LEG_NONE
    take_profit: float = nan
    take_profit_share: float = 1.0
    """The share of the quantity that the take profit closes, a fraction; so of the further ones."""
    take_profit_2_as: int = LEG_NONE
    take_profit_2: float = nan
    take_profit_2_share: float = 0.0
    take_profit_3_as: int = LEG_NONE
    take_profit_3: float = nan
    take_profit_3_share: float = 0.0
    take_profit_4_as: int = LEG_NONE
    take_profit_4: float = nan
    take_profit_4_share: float = 0.0
    leg_trail_as: int = LEG_NONE
    leg_trail: float = nan
    trail_after_as: int = LEG_NONE
    trail_after: float = nan
    """From which price on the trailing stop follows; without one from the entry on."""
    add: int = 0
    reduce_only: int = 0
    post_only: int = 0
    time_in_force: int = GTC
    good_for: int = 0
    oco: int = 0
    legs: int = 0
    """Of a cancel: 0 leaves the legs of brackets, 1 cancels them too, −n cancels the legs of kind n alone. Of a
    modification: the kind of leg that is meant, 0 for none. The kinds are numbered as in `orders.records.LEG_NAMES`."""
    target: int = -1
    levels: int = 0
    """Orders of a grid on each side. Its centre is `limit`, its spacing `trail`, its direction `side` (0: both). Of a
    placed order: above 0 it is a ladder of that many, `orders.placing.place_ladder`."""
    lower: float = nan
    upper: float = nan
    """Bounds of a grid; of a ladder by what sizes and distances are multiplied from one order to the next."""
    tolerance: float = 0.0
    """Of a rebalance, in percent of equity; its `size` is the target weight, below 0 for a short."""
    value_a: float = nan
    """Of a notification the values that its message shows."""
    value_b: float = nan
    value_c: float = nan
    value_d: float = nan


def metadata(annotation: Any, kind: type) -> Any:
    """The first piece of `Annotated` metadata of that type, or None."""
    return next((piece for piece in getattr(annotation, "__metadata__", ()) if isinstance(piece, kind)), None)
