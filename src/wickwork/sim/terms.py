"""The terms of the simulated venue: every assumption that a run makes about money, in one place."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from wickwork.model.errors import InputError, did_you_mean
from wickwork.model.finite import is_finite
from wickwork.orders.records import SLIPPAGE_MODELS

# (smallest, largest) of each number. Rebates may make a maker's fee negative.
_RANGES = {
    "capital": (1e-9, 1e15),
    "maker_fee": (-0.01, 0.5),
    "taker_fee": (0.0, 0.5),
    "spread": (0.0, 0.5),
    "slippage": (0.0, 1e9),
    "volume_limit": (0.0, 1e6),
    "latency": (0, 1_000_000),
    "leverage": (1.0, 1000.0),
    "maintenance": (0.0, 0.5),
    "liquidation_fee": (0.0, 0.5),
    "funding_rate": (-0.1, 0.1),
}


@dataclass(frozen=True)
class Terms:
    """Capital, fees and market frictions of a run. Shares are fractions: 0.001 is 0.1 %.

    The defaults are those of a cautious spot trader on a large exchange: 0.1 % fee for maker and taker and 0.05 %
    slippage.
    """

    capital: float = 10_000.0
    """Cash at the start, in quote units."""
    maker_fee: float = 0.001
    taker_fee: float = 0.001
    spread: float = 0.0
    """Bid to ask as a share of the price; takers pay half of it."""
    slippage_model: str = "percent"
    """`none`, `percent` (share of the price), `fixed` (quote units), `atr` (share of ATR 14), `volume` (times the
    squared share of the bar's volume)."""
    slippage: float = 0.0005
    volume_limit: float = 0.0
    """The share of a bar's volume that may be filled in it; 0 for no limit."""
    latency: int = 0
    """Bars that an order is on its way."""
    leverage: float = 1.0
    maintenance: float = 0.005
    """Maintenance margin of perpetuals, as a share of the position's value."""
    liquidation_fee: float = 0.005
    funding_rate: float = 0.0001
    """What longs of perpetuals pay to shorts every eight hours, as a share of the position's value."""
    assume: str = "worst"
    """How doubts inside a bar are decided: `worst` or `best` for the account."""

    def __post_init__(self) -> None:
        for name, (low, high) in _RANGES.items():
            value = getattr(self, name)
            if not is_finite(value):
                raise InputError(f"{name} must be a number, was {value!r:.60}.")
            if not low <= value <= high:
                span = "above 0" if name == "capital" and value < low else f"between {low:g} and {high:g}"
                raise InputError(f"{name} must be {span}, was {value:g}.")
        if self.latency != int(self.latency):
            raise InputError(f"latency must be a whole number of bars, was {self.latency}.")
        if self.leverage * self.maintenance >= 1.0:
            raise InputError(
                f"leverage {self.leverage:g} leaves no room above the maintenance margin {self.maintenance:g}; "
                "every position would be liquidated at once. Lower one of them."
            )
        _one_of("slippage_model", self.slippage_model, SLIPPAGE_MODELS)
        _one_of("assume", self.assume, ("worst", "best"))
        if self.slippage_model in ("percent", "atr") and self.slippage > 10.0:
            raise InputError(f"slippage is a share (0.0005 is 0.05 %), was {self.slippage:g}.")

    def to_data(self) -> dict[str, Any]:
        """The terms as plain JSON."""
        return asdict(self)


def _one_of(name: str, value: str, words: tuple[str, ...]) -> None:
    if value not in words:
        raise InputError(f"{name} must be one of {', '.join(words)}, was {value!r}.{did_you_mean(str(value), words)}")
