"""A grid bot by hand: what each bar leaves working, from the entry over every step to the exit."""

from __future__ import annotations

from typing import Any

import numpy as np

from wickwork import Bars, Instrument, Terms, strategy, ta, trade
from wickwork.engine.feed import feed_of
from wickwork.engine.machine import Machine
from wickwork.graph.program import plan
from wickwork.model.timeframe import HOUR, Timeframe

START = 1_704_067_200_000


def bot() -> Machine:
    with strategy("by hand") as s:
        held = ta.position_quantity()
        begin = (s.bars.volume == 1.0) & (held == 0)
        trade.cancel(when=begin, name="clear")
        trade.place(when=begin, side="sell", order="market", size=trade.quantity(1), name="entry")
        target = trade.place(when=begin, side="buy", price=s.bars.close * 0.99, size=trade.quantity(1), name="target")
        steps = [
            trade.place(when=begin, side="sell", price=s.bars.close * k, size=trade.quantity(q), name=f"step_{q}")
            for k, q in ((1.02, 2), (1.04, 3), (1.5, 4))
        ]
        average = ta.average_price()
        more = ta.any_of(*(step.filled for step in steps))
        trade.modify(when=more, order=target, price=average * 0.99, quantity=ta.absolute(held), name="follow")
        stop = trade.place(
            when=steps[1].filled,
            side="buy",
            order="stop",
            stop=average * 1.03,
            size=trade.quantity(ta.absolute(held)),
            name="stop",
        )
        trade.cancel(when=target.filled | stop.filled, name="done")
    rows = np.array(
        [
            (100, 100, 100, 100),
            (100, 100, 100, 100),  # 1: the decision
            (100, 101, 99.5, 100),  # 2: the entry fills at the open
            (100, 102.5, 100, 102),  # 3: the first step, at 102
            (102, 104.5, 102, 104),  # 4: the second, at 104, after which the stop is placed
            (104, 104, 101, 101),  # 5: the target fills; all is canceled
            (101, 200, 101, 101),  # 6: nothing is left to fill
        ],
        float,
    )
    instrument = Instrument("C", "USDT", "USDT")
    volume = np.arange(len(rows), dtype=float)
    bars = Bars.of(instrument, Timeframe(HOUR), START + HOUR * np.arange(len(rows)), *rows.T, volume)
    return Machine(plan(s.check(), Timeframe(HOUR)), feed_of([bars]), Terms(slippage_model="none"))


def working(m: Machine) -> dict[str, tuple[float, float]]:
    """Price and remaining quantity of each working order, by its action."""
    rows: Any = m.working()
    return {
        m.program.action_names[row["action"]]: (round(float(row["limit"] or row["stop"]), 6), float(row["remaining"]))
        for row in rows
    }


def test_the_target_follows_every_step_and_the_exit_cancels_the_rest() -> None:
    m, seen = bot(), []
    for bar in range(7):
        m.run(bar + 1)
        seen.append(working(m))
    ladder = {"step_2": (102.0, 2.0), "step_3": (104.0, 3.0), "step_4": (150.0, 4.0)}
    assert seen[0] == {}
    assert seen[1] == {"entry": (0.0, 1.0), "target": (99.0, 1.0), **ladder}
    assert seen[2] == {"target": (99.0, 1.0), **ladder}
    average = (100.0 + 2 * 102.0) / 3
    assert seen[3] == {
        "target": (round(average * 0.99, 6), 3.0), "step_3": (104.0, 3.0), "step_4": (150.0, 4.0)
    }  # fmt: skip
    average = (100.0 + 2 * 102.0 + 3 * 104.0) / 6
    assert seen[4] == {
        "target": (round(average * 0.99, 6), 6.0), "step_4": (150.0, 4.0), "stop": (round(average * 1.03, 6), 6.0)
    }  # fmt: skip
    assert seen[5] == seen[6] == {}
    fills = m.output("fills")
    assert [m.program.action_names[f["action"]] for f in fills] == ["entry", "step_2", "step_3", "target"]
    assert fills["position"].tolist() == [-1.0, -3.0, -6.0, 0.0]
    assert fills["bar"].tolist() == [2, 3, 4, 5]
    assert m.written("denied") == 0
