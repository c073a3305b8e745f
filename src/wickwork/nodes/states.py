"""Edges of conditions, conditions that have held for a while, switches, counters, and a machine of a few states.

A missing input changes no memory; the output of its bar is missing unless it is the same whatever that input is.
"""

from __future__ import annotations

from typing import Annotated, NamedTuple

from wickwork.graph.node import node
from wickwork.graph.types import Between, Condition, ConditionOrMissing, Event, EventOrMissing, Series
from wickwork.nodes.windows import Period

nan = float("nan")
MOST = 2**53
Count = Annotated[Series, Between(0, MOST)]


class WasTrue(NamedTuple):
    """Memory of `becomes_false` and `condition_changed`: the condition on the bar before; −1 before the first."""

    condition: int = -1


@node(
    title="Becomes false",
    phrase="it stops being true that {condition}",
    group="logic",
    warmup=lambda: 2,
    terms=("edge", "falling edge", "ends", "stops"),
)
def becomes_false(memory: WasTrue, condition: Condition) -> tuple[WasTrue, Event]:
    """Fires on the bar on which a condition turns from true to false. Never on the first bar.

    Missing where the condition is; the bar before is the latest one on which it was not missing.
    """
    return WasTrue(1 if condition else 0), (not condition) & (memory.condition == 1)


@node(
    title="Condition changed",
    phrase="it changes whether {condition}",
    group="logic",
    warmup=lambda: 2,
    terms=("edge", "flips", "turns", "either edge"),
)
def condition_changed(memory: WasTrue, condition: Condition) -> tuple[WasTrue, Event]:
    """Fires on the bar on which a condition turns from false to true or from true to false. Never on the first bar.

    Missing where the condition is; the bar before is the latest one on which it was not missing.
    """
    now = 1 if condition else 0
    return WasTrue(now), (memory.condition >= 0) & (memory.condition != now)


class Last(NamedTuple):
    """Memory of `changed`."""

    value: float = nan
    seen: int = 0


@node(
    title="Changed",
    phrase="{source} changes",
    group="logic",
    warmup=lambda: 2,
    terms=("value changed", "differs", "new value", "flip"),
)
def changed(memory: Last, source: Series) -> tuple[Last, Event]:
    """Fires on the bar on which a number differs from that of the bar before. Never on the first bar.

    Missing where the number is; the bar before is the latest one on which it was not missing.
    """
    return Last(source, 1), (memory.seen > 0) & (source != memory.value)


class Streak(NamedTuple):
    """Memory of `bars_true` and `held_for`: bars in a row on which the condition was true."""

    bars: int = 0


@node(
    title="Bars true",
    phrase="the number of bars in a row on which {condition}",
    group="logic",
    terms=("consecutive", "in a row", "streak", "how long", "duration"),
)
def bars_true(memory: Streak, condition: Condition) -> tuple[Streak, Count]:
    """On how many bars in a row the condition has been true, this bar among them; 0 while it is false.

    Bars on which the condition is missing have no value and do not count; they do not end the row.
    """
    bars = memory.bars + 1 if condition else 0
    return Streak(bars), float(bars)


@node(
    title="Held for",
    phrase="for {bars} bars in a row {condition}",
    group="logic",
    warmup=lambda bars: bars,
    terms=("confirmed", "consecutive", "in a row", "debounce", "for n bars", "persists"),
)
def held_for(memory: Streak, condition: Condition, *, bars: Period = 3) -> tuple[Streak, Condition]:
    """True while the condition has been true on each of the last `bars` bars, this bar among them.

    Bars on which the condition is missing have no value and do not count.
    """
    streak = memory.bars + 1 if condition else 0
    streak = streak if streak < bars else bars
    return Streak(streak), streak >= bars


class Settled(NamedTuple):
    """Memory of `debounce`: its state, and bars in a row on which the condition was other than that."""

    on: int = 0
    bars: int = 0


@node(
    title="Debounce",
    phrase="for {bars} bars, and not yet ended for as many, {condition}",
    group="logic",
    warmup=lambda bars: bars,
    terms=("filter noise", "confirm", "settle", "whipsaw", "anti-chatter"),
)
def debounce(memory: Settled, condition: Condition, *, bars: Period = 3) -> tuple[Settled, Condition]:
    """Follows a condition, but only after it has been true, or false, on `bars` bars in a row.

    It is false at first. Bars on which the condition is missing have no value and do not count.
    """
    other = memory.bars + 1 if condition != (memory.on > 0) else 0
    on, other = (1 - memory.on, 0) if other >= bars else (memory.on, other)
    return Settled(on, other), on > 0


class Waiting(NamedTuple):
    """Memory of `cool_down`: on how many of the following bars no event passes."""

    bars: int = 0


@node(
    title="Cool-down",
    phrase="{event}, but at most once in {bars} bars",
    group="logic",
    terms=("cooldown", "throttle", "at most once", "wait", "refractory", "limit frequency", "cd"),
)
def cool_down(memory: Waiting, event: ConditionOrMissing, *, bars: Period = 10) -> tuple[Waiting, EventOrMissing]:
    """Lets an event through, then none on the following bars: at most one in any `bars` bars.

    Missing where the event is, unless none would pass; such a bar counts as one without the event.
    """
    if memory.bars > 0:
        return Waiting(memory.bars - 1), 0.0
    return Waiting(bars - 1 if event > 0.0 else 0), event


class Toggle(NamedTuple):
    """Memory of `toggle`."""

    on: int = 0


@node(
    title="Toggle",
    phrase="the switch that turns each time that {event} is on",
    group="logic",
    terms=("switch", "flip flop", "alternate", "on off", "every second"),
)
def toggle(
    memory: Toggle, event: ConditionOrMissing, reset: ConditionOrMissing = 0.0
) -> tuple[Toggle, ConditionOrMissing]:
    """Changes from false to true and back on each bar on which the event is true. It is false at first.

    A true `reset` makes it false, also where the event is true. A missing input changes nothing; the output of its bar
    is missing unless it does not matter.
    """
    on = (memory.on > 0) != (event > 0.0)
    answer = 1.0 if on else 0.0
    if reset > 0.0:
        on, answer = False, 0.0
    elif event != event or (on and reset != reset):
        answer = nan
    return Toggle(1 if on else 0), answer


class Counter(NamedTuple):
    """Memory of `counter`."""

    number: int = 0


@node(
    title="Counter",
    phrase="the number of bars on which {event}",
    group="logic",
    terms=("count events", "how many times", "count since", "number of trades"),
)
def counter(memory: Counter, event: ConditionOrMissing, reset: ConditionOrMissing = 0.0) -> tuple[Counter, Count]:
    """On how many bars the event was true since the last bar on which `reset` was true, or since the beginning.

    On the bar of a reset it is 0, also where the event is true. A missing input changes nothing; the output of its bar
    is missing unless it does not matter.
    """
    count = memory.number + (1 if event > 0.0 else 0)
    answer = float(count)
    if reset > 0.0:
        count, answer = 0, 0.0
    elif event != event or (count > 0 and reset != reset):
        answer = nan
    return Counter(count), answer


class Machine(NamedTuple):
    """Memory of `state_machine`: the state, and the bars since it was entered."""

    state: int = 0
    bars: int = 0


class MachineState(NamedTuple):
    """Outputs of `state_machine`."""

    state: Annotated[Series, Between(0, 4)]
    bars: Count
    entered: EventOrMissing
    final: ConditionOrMissing


@node(
    title="State machine",
    phrase={
        "state": "the number of steps done, of {steps}, that begin with ({step_1})",
        "bars": "the number of bars in the present one of {steps} steps that begin with ({step_1})",
        "entered": "a new one of {steps} steps is reached, which begin with ({step_1})",
        "final": "the last of {steps} steps is reached, which begin with ({step_1})",
    },
    group="logic",
    terms=("setup", "phases", "steps", "stages", "flow", "workflow", "trigger after setup", "fsm"),
    requires=lambda steps: ("step_2", "step_3", "step_4")[: int(steps) - 1],
)
def state_machine(
    memory: Machine,
    step_1: ConditionOrMissing,
    step_2: ConditionOrMissing = 0.0,
    step_3: ConditionOrMissing = 0.0,
    step_4: ConditionOrMissing = 0.0,
    reset: ConditionOrMissing = 0.0,
    *,
    steps: Annotated[int, Between(1, 4)] = 2,
    timeout: Annotated[int, Between(0, 5000)] = 0,
) -> tuple[Machine, MachineState]:
    """Goes through states 0, 1, 2 … in order: from 0 to 1 where `step_1` is true, then to 2 where `step_2` is, and on.

    One step a bar at most; the conditions of other steps do not matter. In the state `steps`, the last one, it stays
    until `reset` is true, which leads to state 0 from any other and wins over a step. With a `timeout` above 0, a state
    between the first and the last leads back to 0 on the bar so many bars after its first, unless the step comes there.

    `state` is the number of the state after the bar, `bars` how many bars ago it was entered, `entered` fires on the
    bar on which it changes, `final` is true in the last state. A missing condition leads nowhere; the outputs of its
    bar are missing where they depend on it.
    """
    state = memory.state
    step = 0.0
    if state < steps:
        step = step_1 if state == 0 else step_2 if state == 1 else step_3 if state == 2 else step_4
    late = (timeout > 0) & (0 < state < steps) & (memory.bars + 1 >= timeout)
    after = state + 1 if step > 0.0 else 0 if late else state
    unknown = (step != step) | ((after > 0) & (reset != reset))
    if reset > 0.0:
        after, unknown = 0, False
    entered = after != state
    bars = 0 if entered else memory.bars + 1
    if unknown:
        return Machine(after, bars), MachineState(nan, nan, nan, nan)
    return Machine(after, bars), MachineState(
        float(after), float(bars), 1.0 if entered else 0.0, 1.0 if after == steps else 0.0
    )
