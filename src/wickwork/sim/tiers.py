"""Maintenance tiers: the larger a position, the larger the share of it that must be covered by its margin.

Exchanges publish them as tables of brackets ("risk limits"). docs/matching.md, section 10, has the formula.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from wickwork.model.errors import InputError
from wickwork.model.finite import is_finite

MOST_TIERS = 64
AMOUNT_TOLERANCE = 1e-6
"""How far a published amount may be from the one that follows from floors and rates, as a share of the floor's value:
exchanges round what they publish."""


class Tier(NamedTuple):
    """One bracket: from `floor` on (notional, in quote units) the maintenance margin is notional × rate − amount."""

    floor: float
    rate: float
    amount: float


def tiers_of(rows: Iterable[Any]) -> tuple[Tier, ...]:
    """Check rows of (floor, rate) or (floor, rate, amount), lowest floor first, and fill in missing amounts.

    `floor` is the least notional of the tier in quote units (0 for the first), `rate` a share (0.004 is 0.4 %), and
    `amount` makes the maintenance margin continuous from tier to tier; exchanges publish it as "maintenance amount",
    "maintenance margin deduction" or "cum". Raises InputError naming the row that is wrong.
    """
    if isinstance(rows, str | bytes) or not isinstance(rows, Iterable):
        raise InputError(f"maintenance_tiers must be rows of (floor, rate) or (floor, rate, amount), was {rows!r:.60}.")
    tiers: list[Tier] = []
    for number, row in enumerate(rows, 1):
        where = f"maintenance_tiers, row {number}"
        cells = list(row) if isinstance(row, Iterable) and not isinstance(row, str | bytes) else []
        if len(cells) not in (2, 3) or not all(is_finite(cell) for cell in cells):
            raise InputError(f"{where} must be (floor, rate) or (floor, rate, amount), was {row!r:.60}.")
        floor, rate = float(cells[0]), float(cells[1])
        if not 0.0 <= rate <= 0.5:
            raise InputError(f"{where}: the rate is a share between 0 and 0.5 (0.004 is 0.4 %), was {rate:g}.")
        amount = 0.0
        if tiers:
            before = tiers[-1]
            if floor <= before.floor or rate < before.rate:
                raise InputError(
                    f"{where}: floors must rise and rates must not fall, but ({floor:g}, {rate:g}) follows "
                    f"({before.floor:g}, {before.rate:g})."
                )
            amount = before.amount + floor * (rate - before.rate)
        elif floor != 0.0:
            raise InputError(f"{where}: the first tier must begin at a notional of 0, was {floor:g}.")
        if len(cells) == 3 and abs(cells[2] - amount) > AMOUNT_TOLERANCE * floor * rate:
            raise InputError(
                f"{where}: the maintenance amount that continues the tier before is {amount:.10g}, was "
                f"{cells[2]:.10g}. Leave it out to have it computed."
            )
        tiers.append(Tier(floor, rate, amount))
    if len(tiers) > MOST_TIERS:
        raise InputError(f"maintenance_tiers has {len(tiers)} rows; {MOST_TIERS} are allowed.")
    return tuple(tiers)
