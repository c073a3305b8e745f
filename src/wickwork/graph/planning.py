"""The plan of a program while it grows: operations, columns and constants that were needed so far."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from wickwork.graph import hold
from wickwork.graph.node import Node
from wickwork.graph.operation import CLOSE, DATA, TIME, Column, Operation
from wickwork.graph.signature import Value
from wickwork.graph.slower import opening, timeframe
from wickwork.graph.slower_other import slower_other
from wickwork.graph.types import Bar
from wickwork.model.timeframe import Timeframe


@dataclass
class Plan:
    """The plan of a program while it grows."""

    base: Timeframe
    """The timeframe of the part that is planned."""
    run: Timeframe
    """The timeframe of the run's bars."""
    varying: Mapping[str, Sequence[Mapping[str, Value]]]
    part: int = 0
    own_bars: tuple[int, ...] = ()
    """The columns of the part's bars where they are slower than those of the run; missing on the bars between."""
    reads_others: bool = False
    """Whether the part reads bars of other instruments, which may appear on bars on which none of its own does."""
    closes: list[int] = field(default_factory=list)
    """The column of the closes of each part."""
    operations: list[Operation] = field(default_factory=list)
    known: dict[tuple[object, ...], int] = field(default_factory=dict)
    ports: dict[tuple[str, str], Column] = field(default_factory=dict)
    constants: dict[int, float] = field(default_factory=dict)
    constant_of: dict[str, int] = field(default_factory=dict)
    constant_places: dict[str, int] = field(default_factory=dict)
    varied: dict[int, frozenset[str]] = field(default_factory=dict)
    """The varying nodes that a column depends on, where there are any."""
    columns: int = 0
    held: set[int] = field(default_factory=set)
    """Columns that have a value even where the instrument has no bar."""
    data: set[int] = field(default_factory=set)
    external: list[str] = field(default_factory=list)
    reads_account: bool = False
    order_states: list[tuple[int, int]] = field(default_factory=list)

    def constant(self, value: float, node: str = "", port: str = "") -> int:
        """A column that always has that value; a varying node has its own."""
        key = value.hex() if value == value else "nan"
        if node in self.varying:
            key = f"{node}.{port}"
            self.constant_places[key] = self.columns
            self.varied[self.columns] = frozenset((node,))
        if key not in self.constant_of:
            self.constant_of[key] = self.columns
            self.constants[self.columns] = value
            self.columns += 1
        return self.constant_of[key]

    def market(self, column: int) -> int:
        """A column of the market, as programs name it."""
        self.data.add(column)
        return -1 - column

    def begin(self, part: int, timeframe: Timeframe) -> None:
        """Go on with that part of a portfolio."""
        self.part, self.base, self.own_bars, self.reads_others = part, timeframe, (), False
        if timeframe > self.run:
            self.own_bars = self.slower([self.market(column) for column in range(len(Bar._fields))])
        self.closes.append(self.own_bars[CLOSE] if self.own_bars else -1 - CLOSE)

    def on_own_bars(self, trigger: int, dynamic: bool) -> int:
        """The column of a trigger, false on the bars of the run with which no bar of the part closes."""
        between = self.reads_others or trigger in self.held or trigger in self.constants
        if not self.own_bars or not between:
            return trigger
        return self.operation(hold.on_tick, {}, [trigger, self.own_bars[CLOSE]], (False, False), dynamic)

    def warmup_of(self, column: Column) -> int:
        """The warm-up of a column of the part, in bars of the run, which may begin inside a bar of the part."""
        ratio = self.base.milliseconds // self.run.milliseconds
        return column.warmup * ratio + ratio - 1

    def bar(self, column: int) -> int:
        """A column of the part's own bars, `OPEN` to `VOLUME`."""
        return self.own_bars[column] if self.own_bars else self.market(column)

    def moments(self) -> int:
        """The column of the moments at which the part's bars opened."""
        if not self.own_bars:
            return self.market(TIME)
        inputs = [*(self.market(column) for column in range(len(Bar._fields))), self.own_bars[CLOSE], self.market(TIME)]
        return self.operation(opening, {"to": str(self.base)}, inputs, (False, False), False, whole_run=True)

    def slower_other(self, others: Sequence[int]) -> tuple[int, ...]:
        """The columns of another instrument's bars, as slow as those of the part and on their clock."""
        if not self.own_bars:
            return tuple(others)
        own = [self.market(column) for column in range(len(Bar._fields))]
        inputs = [*own, *others, self.own_bars[CLOSE], self.market(TIME)]
        unwired = (False,) * len(slower_other.inputs)
        first = self.operation(slower_other, {"to": str(self.base)}, inputs, unwired, False, whole_run=True)
        return tuple(range(first, first + len(Bar._fields)))

    def slower(self, bars: Sequence[int]) -> tuple[int, ...]:
        """The columns of the part's bars that these columns of the run's bars make up."""
        unwired = (False,) * len(timeframe.inputs)
        inputs = [*bars, self.market(TIME)]
        first = self.operation(timeframe, {"to": str(self.base)}, inputs, unwired, False, whole_run=True)
        return tuple(range(first, first + len(Bar._fields)))

    def outside(self, name: str) -> int:
        """A column from outside, by its name."""
        if name not in self.external:
            self.external.append(name)
        return self.market(DATA + self.external.index(name))

    def order_state(self, action: int, leg: int) -> int:
        """A column with the place of the state of these orders in `Program.order_states`."""
        if (action, leg) not in self.order_states:
            self.order_states.append((action, leg))
        return self.constant(float(self.order_states.index((action, leg))))

    def operation(
        self,
        node: Node,
        values: Mapping[str, Value],
        inputs: list[int],
        unwired: tuple[bool, ...],
        dynamic: bool,
        name: str = "",
        presence: bool = False,
        trigger: int | None = None,
        whole_run: bool = False,
    ) -> int:
        """The first output column of that operation; an equal one of the same part is not made twice.

        With `whole_run` its bars are those of the run.
        """
        own = frozenset((name,)) if name in self.varying else frozenset[str]()
        bars = self.run if whole_run else self.base
        key = (node.name, id(node), tuple(sorted(values.items())), tuple(inputs), unwired, own, self.part, bars)
        if key not in self.known or node.verb:
            self.known[key] = self.columns
            varied = own.union(*(self.varied.get(i, ()) for i in inputs))
            made = Operation(
                node,
                values,
                tuple(inputs),
                unwired,
                presence,
                trigger,
                self.columns,
                dynamic,
                name,
                varied,
                self.part,
                bars.milliseconds,
                bars > self.run,
            )
            self.operations.append(made)
            self.columns += len(made.columns)
            if varied:
                self.varied |= dict.fromkeys(made.columns, varied)
        return self.known[key]
