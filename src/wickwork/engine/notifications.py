"""The messages of a run as texts, from the rows that the loop wrote."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from numpy.typing import NDArray

from wickwork.graph.program import Program
from wickwork.model.instrument import Instrument
from wickwork.model.messages import VALUES, Notification, with_values


def notifications_of(
    program: Program, instruments: Sequence[Instrument], rows: NDArray[Any]
) -> tuple[Notification, ...]:
    """The messages of these rows (`orders.outputs.Notified`), in their order."""
    found = []
    for row in rows:
        node, instrument = program.action_names[row["action"]], str(instruments[row["lane"]])
        given = program.validated.values[node]
        text = with_values(str(given["message"]), {name: float(row[name]) for name in VALUES}, instrument)
        found.append(Notification(instrument, node, str(given["level"]), text))
    return tuple(found)


def notification_values(program: Program, rows: NDArray[Any]) -> list[dict[str, float | None]]:
    """The values of the wires of each message, by the names of the wires; None where one was missing."""
    names = [_wire_names(program, node) for node in program.action_names]
    found = []
    for row in rows:
        values = {wire: float(row[entry]) for entry, wire in names[row["action"]].items()}
        found.append({wire: value if math.isfinite(value) else None for wire, value in values.items()})
    return found


def _wire_names(program: Program, node: str) -> dict[str, str]:
    """For each input of `VALUES` that is wired: `rsi`, or `bands.upper` where the node has several outputs."""
    validated = program.validated
    names = {}
    for entry in VALUES:
        if (source := validated.wired.get((node, entry))) is not None:
            several = len(validated.nodes[source[0]].outputs) > 1
            names[entry] = ".".join(source) if several else source[0]
    return names
