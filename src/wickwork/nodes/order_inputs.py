"""Which inputs of an action its parameters make necessary, and which parameters contradict one another."""

from __future__ import annotations

from collections.abc import Callable

from wickwork.model.errors import InputError

TAKE_PROFIT = 2
"""Its place among the legs that can be changed or canceled."""
NONE, ATR = 0, 3
"""Places of these two among the ways in which a level is meant."""


def bracket_needs(
    stop_loss_as: int,
    take_profit_as: int,
    trailing_as: int,
    trailing_after_as: int,
    take_profit_share: float,
    take_profit_2_as: int,
    take_profit_2_share: float,
    take_profit_3_as: int,
    take_profit_3_share: float,
    take_profit_4_as: int,
    take_profit_4_share: float,
) -> tuple[str, ...]:
    """The inputs that a bracket needs.

    Raises InputError for targets without a share, and for shares of more than 100 percent.
    """
    targets = {
        "take_profit": (take_profit_as, take_profit_share),
        "take_profit_2": (take_profit_2_as, take_profit_2_share),
        "take_profit_3": (take_profit_3_as, take_profit_3_share),
        "take_profit_4": (take_profit_4_as, take_profit_4_share),
    }
    _refuse_shares({name: share for name, (mode, share) in targets.items() if mode != NONE})
    needs = ["stop_loss"] if stop_loss_as != NONE else []
    needs += [name for name, (mode, _) in targets.items() if mode != NONE]
    needs += ["trailing"] if trailing_as != NONE or trailing_after_as != NONE else []
    needs += ["trailing_after"] if trailing_after_as != NONE else []
    modes = (stop_loss_as, trailing_as, trailing_after_as, *(mode for mode, _ in targets.values()))
    return (*needs, "atr") if ATR in modes else tuple(needs)


def needs_of(prices: Callable[[int], tuple[str, ...]]) -> Callable[..., tuple[str, ...]]:
    """The inputs that an order with a bracket needs; `prices` gives those of its kind, by the number of its choice."""

    def needs(
        order: int,
        stop_loss_as: int,
        take_profit_as: int,
        trailing_as: int,
        trailing_after_as: int,
        take_profit_share: float,
        take_profit_2_as: int,
        take_profit_2_share: float,
        take_profit_3_as: int,
        take_profit_3_share: float,
        take_profit_4_as: int,
        take_profit_4_share: float,
    ) -> tuple[str, ...]:
        bracket = bracket_needs(
            stop_loss_as,
            take_profit_as,
            trailing_as,
            trailing_after_as,
            take_profit_share,
            take_profit_2_as,
            take_profit_2_share,
            take_profit_3_as,
            take_profit_3_share,
            take_profit_4_as,
            take_profit_4_share,
        )
        return (*prices(order), *bracket)

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
