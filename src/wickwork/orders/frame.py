"""The frame: one record of addresses and counts, through which compiled code reaches a whole run.

Whoever makes a frame owns the arrays behind it and keeps them alive (`wickwork.engine.machine`). Every native
function of the loop takes the frame's address first.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from wickwork.graph.native import inlined, integers, record, records
from wickwork.orders.records import ORDER_SIZE, Account, Context, Lane, VenueTerms

FRAME = np.dtype(
    [
        (name, "i8")
        for name in (  # noqa: SIM905
            # account and orders; `rooms`: rows that each output can take, the most that one event writes, and how many
            # orders that counts on
            "account terms lanes orders slots fills closed_orders round_trips denied rooms signals "
            # the order tables: rows of each, the most that one event needs of one; rows used of the fullest and of all
            "capacity spare crowded used "
            # the program
            "static statics dynamic dynamics actions action_count wires wire_count columns params params_size "
            "states state_size dynamic_state "
            # the data: per lane data_width base addresses; per lane 6 addresses of finer bars or zeros; funding per
            # bar (of which those in front may be forgotten)
            "data data_width finer funding funding_count funding_before "
            # scratch, all of it owned outside
            "lane_count block arena inputs outputs cursors triggers snapshot intent "
            "equity equity_scratch held held_since calendar due "
            # what to copy out after each block: rows of (lane, column, address)
            "kept kept_count "
            # columns that lie outside the arena, over the whole history: rows of (column of all lanes, address)
            "placed placed_count "
            # native functions
            "next_event on_bar on_tend on_close "
            # how the run stands
            "synchronous uses_equity start size bars_done inside segment next_key due_count done warmed "
        ).split()
    ],
    align=True,
)

CURSOR = np.dtype(
    [(n, "i8") for n in ["at", "matched", "key", "window", "opens", "highs", "lows", "closes", "marks"]], align=True
)
"""Where a lane is in its block: next bar, whether that bar is matched already, its next event, and its columns."""


@inlined
def context_of(frame: Any, number: int) -> Context:
    """The context of one lane."""
    return Context(
        record(frame.account, Account),
        records(frame.terms, VenueTerms)[number],
        records(frame.lanes, Lane)[number],
        frame,
        frame.orders + number * frame.capacity * ORDER_SIZE,
        integers(frame.slots + number * frame.capacity * 8),
        number,
    )
