"""Faults in what nodes see of orders, and the way in which functions are exchanged to plant them."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from typing import Any
from unittest import mock

from tests.promises.random_graphs import BASE

from wickwork.orders import order_state


def instead(old: Any, new: Any) -> Any:
    """`new` wherever Wickwork has `old`."""
    stack = ExitStack()
    for name, module in list(sys.modules.items()):
        if name.startswith("wickwork."):
            for key, value in list(vars(module).items()):
                if value is old:
                    stack.enter_context(mock.patch.object(module, key, new))
    return stack


def fill_seen_late() -> Any:
    """Nodes that read orders see a fill one bar late."""
    real = order_state._take_fills

    def take(ctx: Any, state: Any, action: int, leg: int, first: int, now: int) -> None:
        before = state.filled_at
        real(ctx, state, action, leg, first, now)
        if state.filled_at != before:
            state.filled_at = now + BASE.milliseconds

    return instead(real, take)


def order_seen_late() -> Any:
    """Nodes see what an action has placed or canceled only after the next match."""
    real, count = order_state.update_order_states, [0]

    def update(ctx: Any, first_fill: int, first_closed: int, now: int, decided: int) -> None:
        count[0] += 1
        if count[0] % 2 == 0 or ctx.account.fill_rows > first_fill:
            real(ctx, first_fill, first_closed, now, decided)

    return instead(real, update)


def legs_as_orders() -> Any:
    """Nodes take the legs of an action for orders of its own."""
    real = order_state._are_meant
    return instead(real, lambda action, leg, a, b, kind: real(action, leg, a, 0 if leg == 0 else b, kind))


def reported_late() -> Any:
    """The time of a reported fill is that of the bar before."""
    real = order_state.fix_times
    return instead(real, lambda ctx, now: real(ctx, now - BASE.milliseconds))
