"""Instruments: what is traded, and the rules a venue sets for its orders."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import Enum

from wickwork.model.errors import InputError


class Kind(Enum):
    """What holding the instrument means."""

    SPOT = "spot"
    PERPETUAL = "perpetual"


@dataclass(frozen=True)
class Rules:
    """What a venue demands of an order. Zero means that there is no such rule.

    `tick` is the step of prices, `lot` the step of quantities (base units), `minimum_quantity` in base units and
    `minimum_notional` in quote units.
    """

    tick: float = 0.0
    lot: float = 0.0
    minimum_quantity: float = 0.0
    minimum_notional: float = 0.0

    def __post_init__(self) -> None:
        for name in ("tick", "lot", "minimum_quantity", "minimum_notional"):
            value = getattr(self, name)
            if not (math.isfinite(value) and value >= 0.0):
                raise InputError(f"The instrument rule {name} must be 0 or a positive number, was {value}.")


@dataclass(frozen=True)
class Instrument:
    """A thing tradable on a venue: `BTC/USDT` (spot) or `BTC/USDT:USDT` (a perpetual settled in USDT)."""

    base: str
    quote: str
    settle: str = ""
    venue: str = ""
    rules: Rules = field(default=Rules(), compare=False)

    @property
    def kind(self) -> Kind:
        """Spot, or perpetual where there is a settlement currency."""
        return Kind.PERPETUAL if self.settle else Kind.SPOT

    def __str__(self) -> str:
        return f"{self.base}/{self.quote}" + (f":{self.settle}" if self.settle else "")
