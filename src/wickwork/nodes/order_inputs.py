"""Which inputs of an action its parameters make necessary, and which parameters contradict one another."""

from __future__ import annotations

from collections.abc import Callable

from wickwork.model.errors import InputError

TAKE_PROFIT = 2
"""Its place among the legs that can be changed or canceled."""
TARGETS = ("take_profit", "take_profit_2", "take_profit_3", "take_profit_4")
NONE, ATR = 0, 3
"""Places of these two among the ways in which a level is meant."""


def bracket_needs(**params: float) -> tuple[str, ...]:
    """The inputs that a bracket with these parameters needs.

    Raises InputError for targets without a share, and for shares of more than 100 percent.
    """
    modes = {name: params[f"{name}_as"] for name in ("stop_loss", *TARGETS, "trailing", "trailing_after")}
    _refuse_shares({name: params[f"{name}_share"] for name in TARGETS if modes[name] != NONE})
    needs = [name for name, mode in modes.items() if mode != NONE]
    if "trailing_after" in needs and "trailing" not in needs:
        needs.append("trailing")
    return (*needs, "atr") if ATR in modes.values() else tuple(needs)


def needs_of(prices: Callable[[int], tuple[str, ...]]) -> Callable[..., tuple[str, ...]]:
    """The inputs that an order with a bracket needs; `prices` gives those of its kind, by the number of its choice."""

    def needs(**params: float) -> tuple[str, ...]:
        return (*prices(int(params["order"])), *bracket_needs(**params))

    return needs


def leg_needs(leg: int, target: int) -> tuple[str, ...]:
    """The inputs that a change of one leg needs. Raises InputError for a target where no take profit is meant."""
    refuse_target(leg, target)
    return ("price",) if leg else ()


def refuse_target(leg: int, target: int) -> tuple[str, ...]:
    """No inputs; raises InputError for the number of a target where no take profit is meant."""
    if target != 1 and leg != TAKE_PROFIT:
        raise InputError(f"target {target} names a take profit; it needs leg take_profit.")
    return ()


def _refuse_shares(shares: dict[str, float]) -> None:
    """Raise InputError where shares of targets, in percent, are 0 or add up to more than the whole."""
    for name, share in shares.items():
        if not share > 0.0:
            raise InputError(f"{name} has no share of the quantity; give {name}_share in percent.")
    if sum(shares.values()) > 100.0 + 1e-7:
        listed = ", ".join(f"{name}_share {share:g}" for name, share in shares.items())
        raise InputError(f"The shares of the targets add up to more than 100 percent: {listed}.")
