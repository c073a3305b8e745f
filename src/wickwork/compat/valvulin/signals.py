"""Signals to trade, and the states of the trades that come of them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from wickwork.model.errors import InputError, shown
from wickwork.model.finite import is_finite
from wickwork.model.moments import moment_of
from wickwork.model.text import plain_text

SIDES = {"BUY": 1, "SELL": -1}
ENTRY_TYPES = ("market", "limit")


class OrderStatus(StrEnum):
    """The state of an order; of a trade it is FILLED when it was closed, EXPIRED when the bars ended before."""

    NEW = "NEW"
    PARTIALLY_FILLED = "PARTIALLY_FILLED"
    FILLED = "FILLED"
    CANCELED = "CANCELED"
    REJECTED = "REJECTED"
    EXPIRED = "EXPIRED"


@dataclass(frozen=True)
class TradeSignal:
    """A position to open: long with `BUY`, short with `SELL`, at the end of the bar that `timestamp` lies in.

    A time without a zone is UTC. `quantity` is the most that is bought or sold, in base units; None for no such limit.
    `entry_price` is the price of a limit order. `stop_loss` and `take_profit` are prices; where they are None, the
    backtester computes them. `client_tag` names the strategy.

    Raises InputError for values that are none of these.
    """

    symbol: str
    timestamp: Any
    side: str
    quantity: float | None
    entry_type: str = "market"
    entry_price: float | None = None
    stop_loss: float | None = None
    take_profit: float | None = None
    client_tag: str | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.symbol, str) or not self.symbol.strip():
            raise InputError(f"The symbol of a signal is a text such as BTCUSDT, was {self.symbol!r:.60}.")
        if self.client_tag is not None and not isinstance(self.client_tag, str):
            raise InputError(f"The client_tag of a signal is a text or None, was {self.client_tag!r:.60}.")
        plain_text(self.client_tag, "the client_tag of a signal")
        if not isinstance(self.side, str) or self.side not in SIDES:
            raise InputError(f"The side of a signal is BUY or SELL, was {shown(repr(self.side))}.")
        if self.entry_type not in ENTRY_TYPES:
            raise InputError(f"The entry_type of a signal is market or limit, was {shown(repr(self.entry_type))}.")
        if self.entry_type == "limit" and self.entry_price is None:
            raise InputError(f"The limit signal of {self.timestamp} has no entry_price; give the price of its order.")
        for name in ("quantity", "entry_price", "stop_loss", "take_profit"):
            value = getattr(self, name)
            if value is not None and not (is_finite(value) and value > 0):
                raise InputError(f"{name} of the signal of {self.timestamp} is a number above 0, was {value!r:.60}.")

    @property
    def moment(self) -> int:
        """The time in ms since 1970 UTC. Raises InputError where it is no time."""
        return moment_of(self.timestamp)

    @property
    def limit(self) -> float | None:
        """The price of its limit order; None for a market order, whose `entry_price` is not used."""
        return self.entry_price if self.entry_type == "limit" else None
