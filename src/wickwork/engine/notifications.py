"""The messages of a run as texts, from the rows that the loop wrote."""

from __future__ import annotations

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
