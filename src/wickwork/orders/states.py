"""The state of an order as a word: nine of them, the same in tables, journals, JSON and the listing of a run.

| state | meaning | ends |
|---|---|---|
| denied | refused by our risk gate; it was not sent | yes |
| in flight | sent, or about to be sent, and the venue has not reported it yet | |
| unknown | in flight, and it cannot be told whether the venue has it: no answer came in time | |
| working | the venue has it and nothing of it is filled | |
| partially filled | the venue has it and a part of it is filled | |
| filled | all of it is filled | yes |
| canceled | it ended before all of it was filled, for any reason but the next ones; a part may be filled | yes |
| expired | its time was over; a part may be filled | yes |
| rejected | refused by the venue | yes |

The word is that of the venue's last report, so an order that the venue accepted and dropped later for want of funds
is canceled, not rejected. Why an order ended in that state is its reason, a word of `orders.records.REASONS`.
"""

from __future__ import annotations

from wickwork.orders import records

STATES = (
    "denied",
    "in flight",
    "unknown",
    "working",
    "partially filled",
    "filled",
    "canceled",
    "expired",
    "rejected",
)
"""All states of orders."""
DENIED, IN_FLIGHT, UNKNOWN, WORKING, PARTIALLY_FILLED, FILLED, CANCELED, EXPIRED, REJECTED = STATES

STATE_OF_REASON = dict.fromkeys(records.REASONS[1:], CANCELED) | {
    records.REASONS[records.FILLED]: FILLED,
    records.REASONS[records.SHARED]: FILLED,  # nothing of it was left: its sibling had taken the rest from it
    records.REASONS[records.GOOD_FOR_OVER]: EXPIRED,
    records.REASONS[records.REJECTED]: REJECTED,
    records.REASONS[records.REFUSED]: DENIED,
}
"""The state of an order that has ended, by the reason."""


def order_state(reason: int, filled: float, *, arrived: bool = True, unknown: bool = False) -> str:
    """The state of an order.

    `reason` is its code in `REASONS`, of which 0 means that it works, `filled` a quantity in base units. `arrived` is
    whether the venue has the order, as far as was reported; `unknown` whether that cannot be told.
    """
    if reason != records.WORKING:
        return STATE_OF_REASON[records.REASONS[reason]]
    if filled > 0.0:
        return PARTIALLY_FILLED
    if arrived:
        return WORKING
    return UNKNOWN if unknown else IN_FLIGHT
