"""The slow, obvious interpreter of graphs: every node's plain function, once per bar, in the order of the wires.

It shares the nodes' own functions with the fast one, and nothing else: no plan, no blocks, no events, no rollback.
Together with the reference venue it says what a graph must do.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from tests.reference.order_states import order_state
from tests.reference.values import Intent, Market, View, default_name
from wickwork.graph import types as t
from wickwork.graph.check import ValidatedGraph
from wickwork.graph.types import STATES_OF_RUN, Account, Bar, OrderState, Port, Position, Surrounding
from wickwork.model.order_kinds import KIND_NAMES
from wickwork.model.timeframe import Timeframe

nan = math.nan
VERBS = {
    t.CANCEL: "cancel",
    t.MODIFY: "modify",
    t.CLOSE: "close",
    t.REVERSE: "reverse",
    t.ENTER: "enter",
    t.PLACE: "place",
    t.GRID: "grid",
}
LEGS = ("", "stop loss", "take profit", "trailing stop", "take profit 2", "take profit 3", "take profit 4")
MODES = {t.LEG_PRICE: "price", t.LEG_SHARE: "share", t.LEG_DISTANCE: "distance", t.LEG_R: "r"}


class Lane:
    """One instrument's graph: memories, held values, and the round trip under way."""

    def __init__(
        self, validated: ValidatedGraph, market: Market, base: Timeframe, capital: float, others: Mapping[str, Market]
    ) -> None:
        self.validated, self.market, self.base, self.capital = validated, market, base, capital
        self.others = others  # every market of the run, by name
        self.memory: dict[str, Any] = {}
        self.held: dict[tuple[str, str], Any] = {}
        self.trip = 0
        self.while_held: Counter[int] = Counter()  # by action: signals of entries that a position kept from acting
        names = [n for n in validated.order if validated.nodes[n].verb]
        self.linked = {n: validated.wired[n, "oco_with"][0] for n in names if (n, "oco_with") in validated.wired}
        self.tags = {n: i for i, n in enumerate(sorted(names, key=lambda n: (validated.nodes[n].verb, n)))}
        for name in validated.order:
            node, values = validated.nodes[name], validated.values[name]
            if node.memory is not None:
                lengths = iter(node.lengths(values))
                self.memory[name] = node.memory(
                    *(
                        [0.0] * next(lengths) if f.length else (int(f.start) if f.whole else f.start)
                        for f in node.fields
                    )
                )

    def decide(self, bar: int, view: View) -> list[Intent]:
        """Evaluate every node at the close of the bar; returns what the actions ask for."""
        if view.bars_held == 0:
            self.trip += 1
        self.values: dict[tuple[str, str], Any] = {}  # raw: missing between the ticks of a slower clock
        self.clock: dict[str, str] = {}  # node -> the slower node whose clock it follows, "" for the bars'
        self.constant: set[str] = set()
        intents = []
        for name in self.validated.order:
            intent = self.run(name, bar, view)
            if intent is not None:
                intents.append(intent)
        return intents

    def run(self, name: str, bar: int, view: View) -> Intent | None:
        node, values = self.validated.nodes[name], self.validated.values[name]
        m = self.market
        if node.name == "bars":
            now = Bar(m.open[bar], m.high[bar], m.low[bar], m.close[bar], m.volume[bar])
            self.put(name, node, now, "")
            return None
        if node.name == "bars_of":
            self.put(name, node, self.bar_of(values["instrument"], bar), "")
            return None
        if node.name == "column":
            self.put(name, node, [m.columns[values["field"]][bar]], "")
            return None
        wired = {i.name: self.validated.wired.get((name, i.name)) for i in node.inputs}
        clocks = {
            self.clock[s[0]]
            for i, s in wired.items()
            if s and s[0] not in self.constant and node.input(i).port is not Port.ORDER
        }
        reads = any(k in STATES_OF_RUN for _, k in node.arguments)
        slow = next(iter(clocks)) if len(clocks) == 1 and not node.verb and not reads else ""
        arguments, missing = [], bool(slow) and not math.isfinite(self.values[slow, "close"])
        for key, kind in node.arguments:
            if kind is Position:
                arguments.append(Position(view.quantity, view.average, self.trip))
            elif kind is Account:
                arguments.append(Account(view.cash, self.capital))
            elif kind is OrderState:
                handle = next((wired[i.name] for i in node.inputs if i.port is Port.ORDER), None)
                action = self.tags[handle[0]] if handle else -1
                arguments.append(order_state(view, m.opened_at, action, node.leg_read(values)))
            elif kind is Surrounding.MOMENT:
                arguments.append(m.opened_at[bar])
            elif kind is Surrounding.BAR_LENGTH:
                arguments.append(self.base.milliseconds)
            elif kind is Surrounding.EQUITY:
                arguments.append(view.equity)
            elif kind is Port.ORDER:
                arguments.append(self.tags[wired[key][0]] if wired[key] else -1)
            else:
                source = wired[key]
                if source is None:
                    arguments.append(self.validated.literals[name].get(key, node.input(key).default))
                    continue
                value = self.get(source, raw=bool(slow))
                last = value.close if isinstance(value, Bar) else value
                handled = node.input(key).may_be_missing
                missing = missing or not (handled or math.isfinite(last))
                arguments.append(value > 0.0 if kind in (Port.CONDITION, Port.EVENT) and not handled else value)
        numbers = {
            p.name: bool(n) if p.type is bool else n for p in node.parameters for n in (node.numbers(values)[p.name],)
        }
        if node.verb:
            return self.act(
                name, node, values, arguments, numbers, view, self.get(self.validated.wired[name, "when"], raw=False)
            )
        ports = [o.name for o in node.outputs if o.port is not Port.BARS]
        if missing:
            answer: Any = [nan] * len(ports)
        elif node.memory is not None:
            self.memory[name], answer = node.step(self.memory[name], *arguments, **numbers)
        else:
            answer = node.step(*arguments, **numbers)
        answers = list(answer) if node.answer is not None or isinstance(answer, list) else [answer]
        answers = [float(a) if math.isfinite(a) else nan for a in answers]
        if not node.arguments and node.memory is None:
            self.constant.add(name)
        self.put(name, node, Bar(*answers) if node.answer is Bar else answers, name if node.sparse else slow)
        return None

    def bar_of(self, instrument: str, bar: int) -> Bar:
        """The bar of another market of the run, or one that came from outside; missing where the lane has no bar."""
        if not self.market.has_bar(bar):
            return Bar(nan, nan, nan, nan, nan)
        if instrument in self.others:
            return Bar(*self.others[instrument].bar(bar))
        return Bar(*(self.market.columns[f"{instrument}.{field}"][bar] for field in Bar._fields))

    def put(self, name: str, node: Any, answers: Any, clock: str) -> None:
        self.clock[name] = clock
        ports = [o.name for o in node.outputs if o.port is not Port.BARS]
        for port, value in zip(ports, answers, strict=True):
            self.values[name, port] = value
        if isinstance(answers, Bar):
            self.values[name, "bars"] = answers

    def get(self, source: tuple[str, str], raw: bool) -> Any:
        """The value of a wire; on the bars' clock a slower one holds its last closed value, and an event is false
        between."""
        clock, value = self.clock[source[0]], self.values[source]
        if raw or not clock:
            return value
        ticks = math.isfinite(self.values[clock, "close"])
        port = self.validated.nodes[source[0]].output(source[1]).port
        if port is Port.EVENT:
            return value if ticks else 0.0
        if isinstance(value, Bar):
            return Bar(*(self.get((source[0], column), raw=False) for column in Bar._fields))
        if ticks:
            self.held[source] = value
        return self.held.get(source, nan)

    def act(
        self, name: str, node: Any, values: Any, arguments: list[Any], numbers: Any, view: View, when: float
    ) -> Intent | None:
        flags = t.FLAT if view.quantity == 0 else t.LONG if view.quantity > 0 else t.SHORT
        flags |= 0 if view.grid else t.NO_GRID
        positions = node.evaluated_in(values)
        if not when > 0.0:
            return None
        if not positions & flags:
            if positions & t.FLAT:
                self.while_held[self.tags[name]] += 1
            return None
        intent = slow_intent(node.step(*arguments, **numbers), self.tags[name])
        first = name
        while first in self.linked:
            first = self.linked[first]
        if name in self.linked or name in self.linked.values():
            intent = replace(intent, oco=self.validated.values[first].get("oco") or 2_000_000 + self.tags[first])
        return intent


def slow_intent(i: t.Intent, action: int) -> Intent:
    """The node's Intent in the reference venue's words."""

    def leg(mode: int, value: float) -> tuple[str, float] | None:
        return None if mode == t.LEG_NONE else (MODES[mode], value)

    modify = i.verb == t.MODIFY
    share = i.trail_as == t.LEG_SHARE
    targets = (
        (leg(i.take_profit_as, i.take_profit), i.take_profit_share),
        (leg(i.take_profit_2_as, i.take_profit_2), i.take_profit_2_share),
        (leg(i.take_profit_3_as, i.take_profit_3), i.take_profit_3_share),
        (leg(i.take_profit_4_as, i.take_profit_4), i.take_profit_4_share),
    )
    several = any(level for level, _ in targets[1:]) or (targets[0][0] is not None and i.take_profit_share != 1)
    return Intent(
        verb=VERBS[i.verb],
        action=action,
        kind=KIND_NAMES[i.kind],
        side=i.side,
        size_as=t.SIZE_MODES[i.size_as],
        size=nan if modify else i.size,
        limit=nan if modify else i.limit,
        stop=i.stop,
        trail_share=i.trail if share else nan,
        trail_amount=nan if share else i.trail,
        stop_loss=leg(i.stop_loss_as, i.stop_loss),
        take_profit=None if several else targets[0][0],
        targets=targets if several else (),
        trail=leg(i.leg_trail_as, i.leg_trail),
        trail_after=leg(i.trail_after_as, i.trail_after),
        add=bool(i.add),
        reduce_only=bool(i.reduce_only),
        post_only=bool(i.post_only),
        time_in_force=t.TIMES_IN_FORCE[i.time_in_force],
        good_for=i.good_for,
        oco=i.oco,
        legs=i.legs > 0 and not modify,
        leg=LEGS[i.legs] if modify else LEGS[-i.legs] if i.legs < 0 else "",
        target=None if i.target < 0 else i.target,
        price=i.limit if modify else nan,
        quantity=i.size if modify else nan,
        centre=i.limit if i.levels else 0.0,
        spacing=("share" if share else "distance", i.trail) if i.levels else ("share", nan),
        levels=i.levels,
        lower=i.lower,
        upper=i.upper,
    )


def slow_lanes(validated: ValidatedGraph, markets: Sequence[Market], base: Timeframe, capital: float) -> list[Lane]:
    others = {market.name or default_name(number, market): market for number, market in enumerate(markets)}
    return [Lane(validated, market, base, capital, others) for market in markets]


def decide_of(lanes: Sequence[Lane]) -> Any:
    """Lanes as a strategy of the reference venue."""
    return lambda bar, number, view: lanes[number].decide(bar, view)
