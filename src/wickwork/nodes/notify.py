"""The action that records a message."""

from __future__ import annotations

from typing import Annotated

from wickwork.graph.node import node
from wickwork.graph.types import ANY_POSITION, NOTIFY, Choice, Condition, Intent, Series
from wickwork.model.messages import LEVELS

nan = float("nan")


@node(
    title="Notify",
    group="orders",
    verb=NOTIFY,
    positions=lambda: ANY_POSITION,
    terms=("alert", "message", "log", "print", "telegram", "webhook"),
)
def notify(
    when: Condition,
    a: Series = nan,
    b: Series = nan,
    c: Series = nan,
    d: Series = nan,
    *,
    message: str = "Signal on {instrument}",
    level: Annotated[int, Choice(*LEVELS)] = 0,
) -> Intent:
    """Record a message on every bar on which `when` is true; it places nothing.

    `message` may show the wired values and the name of the instrument: `RSI {a:.1f} on {instrument}`. A value that is
    missing is shown as "missing". Messages come after the orders of the instrument, in the order of the ids of the
    nodes. For one message when a condition becomes true put `becomes_true` in front.
    """
    return Intent(verb=NOTIFY, value_a=a, value_b=b, value_c=c, value_d=d)
