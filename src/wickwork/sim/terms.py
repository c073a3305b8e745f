"""The terms of the simulated venue: every assumption that a run makes about money, in one place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from wickwork.model.errors import InputError, did_you_mean
from wickwork.model.finite import is_finite
from wickwork.orders.records import SLIPPAGE_MODELS
from wickwork.sim.tiers import Tier, tiers_of

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
class InstrumentTerms:
    """What one instrument has instead of the account's terms; None (no tiers) where it has nothing of its own.

    Units and ranges are those of `Terms`.
    """

    maker_fee: float | None = None
    taker_fee: float | None = None
    leverage: float | None = None
    maintenance: float | None = None
    maintenance_tiers: tuple[Tier, ...] = ()
    liquidation_fee: float | None = None
    funding_rate: float | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "maintenance_tiers", tiers_of(self.maintenance_tiers))

    def given(self) -> dict[str, Any]:
        """The terms that are the instrument's own, by name."""
        values = {one.name: getattr(self, one.name) for one in fields(self)}
        return {name: value for name, value in values.items() if value is not None and value != ()}


@dataclass(frozen=True)
class Terms:
    """Capital, fees and market frictions of a run. Shares are fractions: 0.001 is 0.1 %.

    The defaults are those of a cautious spot trader on a large exchange: 0.1 % fee for maker and taker and 0.05 %
    slippage. They hold for every instrument of the account; `instruments` gives those that differ.
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
    """Maintenance margin of perpetuals, as a share of the position's value, where there are no tiers."""
    liquidation_fee: float = 0.005
    funding_rate: float = 0.0001
    """What longs of perpetuals pay to shorts every eight hours, as a share of the position's value."""
    assume: str = "worst"
    """How ambiguities inside a bar are resolved: `worst` or `best` for the account."""
    maintenance_tiers: tuple[Tier, ...] = ()
    """Rows of (notional from, rate, maintenance amount), as exchanges publish them, instead of `maintenance`; the
    amount may be left out."""
    instruments: Mapping[str, InstrumentTerms] = field(default_factory=dict, hash=False)
    """Terms of single instruments by name (`BTC/USDT:USDT`); a value may also be a mapping of its fields."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "maintenance_tiers", tiers_of(self.maintenance_tiers))
        for name, (low, high) in _RANGES.items():
            value = getattr(self, name)
            if not is_finite(value):
                raise InputError(f"{name} must be a number, was {value!r:.60}.")
            if not low <= value <= high:
                span = "above 0" if name == "capital" and value < low else f"between {low:g} and {high:g}"
                raise InputError(f"{name} must be {span}, was {value:g}.")
        if self.latency != int(self.latency):
            raise InputError(f"latency must be a whole number of bars, was {self.latency}.")
        least = self.maintenance_tiers[0].rate if self.maintenance_tiers else self.maintenance
        if self.leverage * least >= 1.0:
            raise InputError(
                f"leverage {self.leverage:g} leaves no room above the maintenance margin {least:g}; "
                "every position would be liquidated at once. Lower one of them."
            )
        rebate = -min(self.maker_fee, self.taker_fee)
        if rebate * self.leverage >= 1.0:
            raise InputError(
                f"a fee of {-rebate:g} at leverage {self.leverage:g} pays more than the margin of the position that it "
                "is paid for; fees are shares (-0.0001 is a rebate of 0.01 %)."
            )
        _one_of("slippage_model", self.slippage_model, SLIPPAGE_MODELS)
        _one_of("assume", self.assume, ("worst", "best"))
        if self.slippage_model in ("percent", "atr") and self.slippage > 10.0:
            raise InputError(f"slippage is a share (0.0005 is 0.05 %), was {self.slippage:g}.")
        object.__setattr__(self, "instruments", _instruments(self.instruments))
        for name in self.instruments:
            try:
                self.of(name)
            except InputError as error:
                raise InputError(f"instruments, {name}: {error}") from None

    def of(self, instrument: str) -> Terms:
        """The terms of one instrument by name: its own, and the account's where it has none."""
        if instrument not in self.instruments:
            return replace(self, instruments={}) if self.instruments else self
        own = self.instruments[instrument].given()
        if "maintenance" in own and "maintenance_tiers" in own:
            raise InputError("give either maintenance or maintenance_tiers, not both.")
        if "maintenance" in own:  # the account's tiers would come before it
            own["maintenance_tiers"] = ()
        return replace(self, instruments={}, **own)

    def to_data(self) -> dict[str, Any]:
        """The terms as plain JSON; tiers and terms of single instruments only where there are some."""
        plain = asdict(self) | {"maintenance_tiers": [list(tier) for tier in self.maintenance_tiers]}
        own = {name: one.given() for name, one in self.instruments.items()}
        for one in own.values():
            if "maintenance_tiers" in one:
                one["maintenance_tiers"] = [list(tier) for tier in one["maintenance_tiers"]]
        return {name: value for name, value in (plain | {"instruments": own}).items() if value not in ([], {})}


def _instruments(given: Any) -> dict[str, InstrumentTerms]:
    """The terms of single instruments, made of mappings where they are given as such."""
    if not isinstance(given, Mapping):
        raise InputError(f"instruments must give the terms of instruments by name, was {given!r:.60}.")
    known = [one.name for one in fields(InstrumentTerms)]
    result = {}
    for name, own in given.items():
        if not isinstance(name, str):
            raise InputError(f"instruments gives terms by the names of instruments, was given {name!r:.60}.")
        if isinstance(own, InstrumentTerms):
            result[name] = own
            continue
        if not isinstance(own, Mapping):
            raise InputError(f"instruments, {name}: must be terms such as leverage and taker_fee, was {own!r:.60}.")
        for word in own:
            if word not in known:
                raise InputError(
                    f"instruments, {name}: an instrument has no term {word!r} of its own; it may have "
                    f"{', '.join(known)}.{did_you_mean(str(word), known)}"
                )
        try:
            result[name] = InstrumentTerms(**own)
        except InputError as error:
            raise InputError(f"instruments, {name}: {error}") from None
    return result


def _one_of(name: str, value: str, words: tuple[str, ...]) -> None:
    """Raise InputError where the value of that field is none of the words."""
    if value not in words:
        raise InputError(f"{name} must be one of {', '.join(words)}, was {value!r}.{did_you_mean(str(value), words)}")
