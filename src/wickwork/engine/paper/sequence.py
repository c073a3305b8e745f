"""What happened within the bars of one time, in its order.

Matching writes fills and closed orders to two tables, and changes the kind of orders where they work. The counts of
fills in `orders.records.SEQUENCE` put all of it into one sequence again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from wickwork.model.order_kinds import MARKET, TRAILING, TRAILING_FROM
from wickwork.orders.records import FILLED, OTHER_LEG, POSITION_CLOSED, SHARED

FUNDING, TURN, FILL, END = "funding", "turn", "fill", "end"
Row = Mapping[str, Any]

_BY_FILL = (FILLED, SHARED, OTHER_LEG, POSITION_CLOSED)


class Step(NamedTuple):
    """One thing that happened."""

    what: str
    """`FUNDING` was paid, an order changed its kind (`TURN`), filled (`FILL`), or ended otherwise (`END`)."""
    row: Row
    """Of funding its `lane` and `amount`; else the row of the order or the fill."""
    closes: tuple[Row, ...] = ()
    """The trailing stops that a fill closes."""


def steps(
    fills: Sequence[Row], closed: Sequence[Row], working: Mapping[int, Row], before: Mapping[int, Row], first: int
) -> list[Step]:
    """Fills, changes of kind and ends in the order in which they happened, without most ends that a fill leads to.

    These the run finds by itself when it books the fill. The end of an order that filled in part is there always: the
    run may hold another position than the venue when it books the fill late, and would keep the rest working.
    `working` and `before` are the working orders now and when the bars began, by id; there were `first` fills then.
    """
    orders = [*closed, *(row | {"order": number} for number, row in working.items())]  # type: ignore[operator]
    turns = [turn for one in orders for turn in _turns(one, before.get(one["order"]), first)]
    found: list[Step] = []
    for k, fill in enumerate([*fills, None], first):
        found += [Step(TURN, one) for one in turns if one["kind_changed_after_fill"] == k]
        found += [Step(END, one) for one in closed if one["fills_before"] == k and one["reason"] not in _BY_FILL]
        if fill is not None:
            ended = [one for one in closed if one["reason"] in _BY_FILL and one["fills_before"] == k + 1]
            found.append(Step(FILL, fill, tuple(one for one in ended if one["kind"] == TRAILING)))
            found += [Step(END, one) for one in ended if one["reason"] == POSITION_CLOSED and one["filled"] > 0.0]
    return found


def turns_of(held: Sequence[bool], before: Iterable[Row], bar: int) -> list[int]:
    """When each lane has its turn on a bar: 0 what reduces its position at the open, 1 what holds one, 2 the rest.

    `before` are the working orders when the bar began, `held` says which lanes held a position then.
    """
    reducing = {
        one["lane"] for one in before if one["reduce_only"] and one["kind"] == MARKET and one["live_from"] <= bar
    }
    return [0 if own and lane in reducing else 1 if own else 2 for lane, own in enumerate(held)]


def with_funding(found: Sequence[Step], paid: Sequence[Row], turns: Sequence[int]) -> list[Step]:
    """The steps with funding where it was paid: at the open of its lane.

    Lanes are matched by their turns (`turns_of`), and those of one turn in their order.
    """
    result = list(found)
    for funding in sorted(paid, key=lambda one: (turns[one["lane"]], one["lane"]), reverse=True):
        place = turns[funding["lane"]], funding["lane"]
        later = (i for i, step in enumerate(result) if (turns[step.row["lane"]], step.row["lane"]) >= place)
        result.insert(next(later, len(result)), Step(FUNDING, funding))
    return result


def _turns(one: Row, before: Row | None, first: int) -> Iterator[Row]:
    """The changes of kind of an order; `before` is its row when the bars began, None where it was made since."""
    armed = one["armed_after_fill"] > 0 and (before is None or before["kind"] == TRAILING_FROM)
    if armed:
        yield {**one, "kind_changed_after_fill": max(one["armed_after_fill"], first), "kind": TRAILING}
    if armed and one["kind"] == TRAILING:
        return
    if one["kind_changed_after_fill"] > 0 if before is None else one["kind"] != before["kind"]:
        yield one
