"""Limits of a configuration that a backtest is compared with."""

from __future__ import annotations

from wickwork.analytics.ledger import Ledger


def positions_above(ledger: Ledger, most: float) -> dict[str, float]:
    """The largest position of each instrument that was above `most`, in base units, without its sign.

    The positions of all strategies in an instrument count together.
    """
    held: dict[str, float] = {}
    largest: dict[str, float] = {}
    names = [str(bars.instrument) for bars in ledger.bars]
    for lane, side, quantity in zip(
        *(ledger.fills[name].tolist() for name in ("lane", "side", "quantity")), strict=True
    ):
        name = names[lane]
        held[name] = held.get(name, 0.0) + side * quantity
        largest[name] = max(largest.get(name, 0.0), abs(held[name]))
    return {name: size for name, size in largest.items() if size > most * (1.0 + 1e-9)}
