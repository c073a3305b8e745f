"""What a run sends to a venue. Client ids name orders; a venue does nothing for an id that it has received before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from wickwork.model.errors import InputError


@dataclass(frozen=True, kw_only=True)
class Leg:
    """A leg of a bracket: it begins to work when its entry fills, in the quantity that filled."""

    kind: str
    """`stop loss`, `take profit`, `trailing stop`, or of several take profits `take profit 2` to `take profit 4`."""
    unit: str
    """What `value` is: `price`, `distance` from the entry price, `share` of it, or `r` (times the stop's distance)."""
    value: float
    share: float = 1.0
    """Of a take profit: the part of the quantity that it closes, a fraction."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """Place an order. Prices and quantities are already rounded to the rules of the instrument."""

    order: str
    instrument: str
    side: str
    """`buy` or `sell`."""
    kind: str
    """A name of `order_kinds`."""
    quantity: float
    """In units of the base currency, above 0."""
    limit: float | None = None
    trigger: float | None = None
    trail: float | None = None
    """The distance of a trailing stop from the best price."""
    trail_unit: str = ""
    """What `trail` is: `distance` or `share`."""
    extreme: float | None = None
    """The price from which a trailing stop begins to follow."""
    reduce_only: bool = False
    post_only: bool = False
    time_in_force: str = "gtc"
    """`gtc` (until canceled), `ioc` (what fills at once) or `fok` (all at once or nothing)."""
    good_for: int | None = None
    """Bars of its instrument on which it works; None without end."""
    bar_length: int = 0
    """The length in ms of the bars that `good_for` counts, where they are slower than those of the run; else 0."""
    group: int = 0
    """Orders of one group cancel one another: what one fills is taken from the others. 0: none."""
    legs: tuple[Leg, ...] = ()
    trail_after: tuple[str, float] | None = None
    """From which price on the trailing stop among the legs follows: the unit of a leg, and the value."""
    parent: str = ""
    """The client id of the entry, of an order that is a leg; a venue that makes legs itself has it already."""


@dataclass(frozen=True, kw_only=True)
class Cancel:
    """Cancel an order."""

    order: str
    instrument: str


@dataclass(frozen=True, kw_only=True)
class Amend:
    """Change the price of an order, or the quantity that is left to fill; None leaves it as it is."""

    order: str
    instrument: str
    price: float | None = None
    quantity: float | None = None


Command = Place | Cancel | Amend

COMMANDS: dict[str, type[Any]] = {kind.__name__: kind for kind in (Place, Cancel, Amend)}
"""The kinds of commands, by name."""


def to_data(command: Command) -> dict[str, Any]:
    """A command as plain JSON, with its kind as `command`; fields at their default are left out."""
    fields = type(command).__dataclass_fields__
    legs = getattr(command, "legs", ())
    data = {name: value for name, value in asdict(command).items() if value != fields[name].default}
    if legs:
        data["legs"] = [_without_defaults(leg) for leg in legs]
    return {"command": type(command).__name__, **data}


def _without_defaults(leg: Leg) -> dict[str, Any]:
    """A leg as plain JSON."""
    return {name: value for name, value in asdict(leg).items() if name != "share" or value != 1.0}


def from_data(data: Mapping[str, Any]) -> Command:
    """The command that `to_data` wrote. Raises InputError for anything else."""
    fields = dict(data)
    kind = COMMANDS.get(str(fields.pop("command", "")))
    if kind is None:
        raise InputError(f"{data.get('command')!r} is no kind of command; there are {', '.join(COMMANDS)}.")
    try:
        if "legs" in fields:
            fields["legs"] = tuple(Leg(**leg) for leg in fields["legs"])
        if fields.get("trail_after"):
            unit, value = fields["trail_after"]
            fields["trail_after"] = (unit, value)
        command: Command = kind(**fields)
    except TypeError as error:
        raise InputError(f"The command {kind.__name__} has other fields than these: {error}.") from None
    return command
