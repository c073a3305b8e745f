"""What happens to a run: bars that closed, reports of a venue, manual requests.

`EVENTS` is an open table: a further kind is one more class here, and journals of the same schema can hold it. Times are
ms since 1970, UTC. A report names its order by the client id that the run gave it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from wickwork.model.errors import InputError

Row = tuple[float, float, float, float, float]
"""Open, high, low, close, volume."""
Prices = tuple[float, float, float, float]
"""Open, high, low, close."""


@dataclass(frozen=True)
class BarsClosed:
    """The bars of one moment, one for each instrument of the run; None where an instrument has none."""

    opened_at: int
    """When the bars opened (ms, UTC); they close one timeframe later."""
    rows: tuple[Row | None, ...]
    finer: tuple[tuple[Row, ...] | None, ...]
    """The shorter bars inside each bar, from first to last; None where there are none."""
    columns: Mapping[str, tuple[float | None, ...]] = field(default_factory=dict)
    """Columns from outside by name, one value per instrument, available when the bars close; None where missing."""
    funding: tuple[float | None, ...] = ()
    """For each instrument the sum of the funding rates charged at the open of the bars, as a share; None where the
    constant rate of the terms is charged. Empty where that holds for all."""
    marks: tuple[Prices | None, ...] = ()
    """For each instrument the mark price during its bar; None where it is unknown. Empty where no mark prices come."""


@dataclass(frozen=True, kw_only=True)
class Report:
    """What a venue reports. Equal reports, and reports with a number that was there before, change nothing."""

    at: int
    """When it happened, by the venue's clock."""
    number: int = 0
    """The place of the report in the venue's own order, from 1; 0 where the venue gives none."""


@dataclass(frozen=True, kw_only=True)
class OrderReport(Report):
    """A report on one order."""

    order: str
    """The client id."""


@dataclass(frozen=True, kw_only=True)
class Accepted(OrderReport):
    """The venue has the order, which works from now on."""

    venue_id: str = ""


@dataclass(frozen=True, kw_only=True)
class Rejected(OrderReport):
    """The venue refused the order."""

    reason: str


@dataclass(frozen=True, kw_only=True)
class Triggered(OrderReport):
    """The trigger of the order was reached: what is left of it goes on as another kind."""

    kind: str
    """The name of that kind, as `order_kinds` has it."""


@dataclass(frozen=True, kw_only=True)
class Filled(OrderReport):
    """One execution of a part of the order, or of all of it."""

    fill: str
    """The venue's id of the execution; a second report with the same id is the same fill."""
    quantity: float
    """In units of the base currency, above 0."""
    price: float
    fee: float
    """In the quote currency; negative for a rebate."""
    liquidity: str
    """`maker` or `taker`."""
    slippage: float = 0.0
    """Money lost against the reference price, in the quote currency; 0 where it is unknown."""


@dataclass(frozen=True, kw_only=True)
class Canceled(OrderReport):
    """The order works no longer, for the reason given (a word of `orders.records.REASONS`)."""

    reason: str


@dataclass(frozen=True, kw_only=True)
class CancelRejected(OrderReport):
    """The venue did not cancel the order, which goes on working."""

    reason: str


@dataclass(frozen=True, kw_only=True)
class Expired(OrderReport):
    """The time of the order is over."""


@dataclass(frozen=True, kw_only=True)
class Amended(OrderReport):
    """The order has a new price, or a new quantity left to fill; None where that did not change."""

    price: float | None = None
    quantity: float | None = None
    trigger: float | None = None
    """The level that a trailing stop has reached."""


@dataclass(frozen=True, kw_only=True)
class AmendRejected(OrderReport):
    """The venue left the order as it was."""

    reason: str


@dataclass(frozen=True, kw_only=True)
class FundingPaid(Report):
    """Funding of a position: positive where the account paid."""

    instrument: str
    amount: float


@dataclass(frozen=True, kw_only=True)
class Liquidated(Report):
    """The venue closed a position by force, and canceled the working orders of its instrument."""

    instrument: str
    price: float
    fee: float


@dataclass(frozen=True, kw_only=True)
class BalanceReported(Report):
    """What the venue says the account holds of a currency."""

    currency: str
    total: float
    available: float


@dataclass(frozen=True, kw_only=True)
class TradingStateChanged:
    """Whether the run may trade: `active`, `reducing` (it may only reduce positions) or `halted`."""

    at: int
    state: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class OrderRequested:
    """An order that a person or an alert requests, beside the strategy's."""

    at: int
    source: str
    """Who requests it, as text for display."""
    instrument: str
    intent: Mapping[str, Any]
    """The fields of `graph.types.Intent` that differ from their defaults."""


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What a venue reported and should not have done; not an event, but what came of one."""

    name: str
    order: str
    """The client id."""
    text: str
    """What it was and what follows from it, in sentences."""


Event = BarsClosed | Report | TradingStateChanged | OrderRequested

EVENTS: dict[str, type[Any]] = {
    kind.__name__: kind
    for kind in (
        BarsClosed,
        Accepted,
        Rejected,
        Triggered,
        Filled,
        Canceled,
        CancelRejected,
        Expired,
        Amended,
        AmendRejected,
        FundingPaid,
        Liquidated,
        BalanceReported,
        TradingStateChanged,
        OrderRequested,
    )
}
"""The kinds of events, by name."""


def to_data(event: Event) -> dict[str, Any]:
    """An event as plain JSON, with its kind as `event`."""
    return {"event": type(event).__name__, **asdict(event)}


def from_data(data: Mapping[str, Any]) -> Event:
    """The event that `to_data` wrote. Raises InputError for a kind that is not in `EVENTS`, or for other fields."""
    fields = dict(data)
    kind = EVENTS.get(str(fields.pop("event", "")))
    if kind is None:
        raise InputError(f"{data.get('event')!r} is no kind of event; there are {', '.join(EVENTS)}.")
    try:
        if kind is BarsClosed:
            return bars_closed(fields)
        event: Event = kind(**fields)
    except (TypeError, KeyError, IndexError, AttributeError) as error:
        raise InputError(f"The event {kind.__name__} has other fields than these: {error}.") from None
    return event


def bars_closed(data: Mapping[str, Any]) -> BarsClosed:
    """Bars from plain JSON, in which tuples are lists; only `opened_at` and `rows` must be there."""
    rows = tuple(None if row is None else _row(row) for row in data["rows"])
    finer = data.get("finer") or (None,) * len(rows)
    within = tuple(None if f is None else tuple(map(_row, f)) for f in finer)
    columns = {name: tuple(values) for name, values in data.get("columns", {}).items()}
    funding = tuple(data.get("funding", ()))
    marks = tuple(None if one is None else _prices(one) for one in data.get("marks", ()))
    opened_at, numbers = data["opened_at"], [row for row in rows if row is not None]
    rates = tuple(rate for rate in funding if rate is not None)
    known = (one for one in marks if one is not None)
    for row in (*numbers, *(one for f in within if f is not None for one in f), *known, rates):
        if not all(isinstance(value, (int, float)) for value in row):
            raise TypeError(f"{row!r} is no bar")
    if type(opened_at) is not int:
        raise TypeError(f"{opened_at!r} is no time in ms")
    return BarsClosed(opened_at, rows, within, columns, funding, marks)


def _prices(values: Any) -> Prices:
    return (values[0], values[1], values[2], values[3])


def _row(values: Any) -> Row:
    return (values[0], values[1], values[2], values[3], values[4])
