"""A graph made ready to run: nothing but numbers and the names of compiled functions.

`plan` turns a validated graph into operations in three groups: *static* ones, which depend on bars alone; *dynamic*
ones, which read the position, the account or orders (or follow one that does); and *actions*. Operations that would
compute the same are computed once. Columns are numbered; the columns of the market are −1 − k. Parameters are data, and
block functions belong to node types, so planning compiles only what no graph on this machine has used before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wickwork.graph import hold
from wickwork.graph.block import Shape
from wickwork.graph.check import ValidatedGraph
from wickwork.graph.kernel import address_of
from wickwork.graph.node import Node, Value
from wickwork.graph.oco import oco_groups
from wickwork.graph.operations import Operation, side_by_side
from wickwork.graph.types import STATES_OF_RUN, Account, Bar, OrderState, Port, Surrounding
from wickwork.model.errors import InputError, NotFound, did_you_mean
from wickwork.model.other_bars import other_column, other_name
from wickwork.model.timeframe import Timeframe

OPEN, HIGH, LOW, CLOSE, VOLUME, LAST_CLOSE, TIME, AVERAGE_RANGE, EQUITY = range(9)
"""The columns of the market, of which a program names column k as −1 − k. The last is the account's."""
DATA = 9
"""How many these are; columns from outside follow them, in the order of `Program.external`."""
SOURCE, OTHER, OUTSIDE = "bars", "bars_of", "column"

# One operation is a row of int64.
FUNCTION, STATE, INPUTS, OUTPUT, PARAMS, TRIGGER, POSITIONS, DYNAMIC = range(8)
ROW = 8
OCO_GROUP = OUTPUT
"""Of an action, which has no outputs: the group of its orders of which one cancels the other; 0: none."""


@dataclass(frozen=True)
class Column:
    """The column that holds a wire's values, with its warm-up, clock and type."""

    index: int
    warmup: int = 1
    """Bars before the first true value."""
    clock: int = 0
    """The column that ticks with a slower timeframe, as its index; 0 for the clock of the bars."""
    dynamic: bool = False
    port: Port = Port.SERIES
    step: int = 1
    """How many bars one tick of that clock is."""


@dataclass(frozen=True)
class Program:
    """What the loop runs. Arrays of int64 rows, initial memory and parameters, and the names of things."""

    static: NDArray[np.int64]
    dynamic: NDArray[np.int64]
    actions: NDArray[np.int64]
    wires: NDArray[np.int64]
    params: NDArray[np.float64]
    memory: NDArray[np.float64]
    dynamic_state: int
    columns: int
    constants: Mapping[int, float]
    names: Mapping[str, Column]
    """Every wire by name, `node.port`; slower ones as held values."""
    action_names: tuple[str, ...]
    parameter_places: Mapping[str, tuple[int, ...]]
    """The index of `node.param` in `params`."""
    constant_places: Mapping[str, int]
    """The constant columns of varying nodes: `node.input` of a fixed value, `node.port` of a constant."""
    static_rows: tuple[tuple[Operation, ...], ...]
    """The operations of each row of `static`."""
    data: frozenset[int]
    """The columns of the market that are read."""
    external: tuple[str, ...]
    """The names of the columns from outside, and of other instruments' bars, that are read: the program names the j-th
    one as −1 − DATA − j."""
    reads_account: bool
    order_states: tuple[tuple[int, int], ...]
    """The orders whose states are read: number of the action (−1: all), and leg (0: the orders themselves)."""
    operations: tuple[Operation, ...]
    warmup: int
    """Bars before every wire has a true value."""
    validated: ValidatedGraph
    cache: Path | None = None
    """The folder of its machine code; None for the one of this process's user."""

    @property
    def uses_equity(self) -> bool:
        """Whether a node reads the account's equity bar by bar."""
        return EQUITY in self.data

    def __reduce__(self) -> tuple[Callable[..., Program], tuple[dict[str, Any]]]:
        """A program is pickled without the addresses of functions, which are those of one process."""
        values = {one.name: getattr(self, one.name) for one in fields(self)}
        for name in ("static", "dynamic", "actions"):
            values[name] = values[name].copy()
            values[name][:, FUNCTION] = 0
        return _with_addresses, (values,)

    def column(self, name: str) -> Column:
        """The column of a wire, `node.port`; the port may be left out where a node has one output.

        Raises NotFound for an unknown wire, and for a node with several outputs without a port.
        """
        if name in self.names:
            return self.names[name]
        owned = [key for key in self.names if key.partition(".")[0] == name]
        if len(owned) == 1:
            return self.names[owned[0]]
        if owned:
            raise NotFound(f"{name!r} has several outputs; name one of {', '.join(sorted(owned))}.")
        known = {*self.names, *(key.partition(".")[0] for key in self.names)}
        raise NotFound(f"There is no wire {name!r} in this graph.{did_you_mean(name, sorted(known))}")


@dataclass
class _Plan:
    """The plan while it grows."""

    base: Timeframe
    varying: Mapping[str, Sequence[Mapping[str, Value]]]
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
        self.data.add(column)
        return -1 - column

    def outside(self, name: str) -> int:
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
    ) -> int:
        """The first output column of that operation; an equal one is not made twice."""
        own = frozenset((name,)) if name in self.varying else frozenset[str]()
        key = (node.name, id(node), tuple(sorted(values.items())), tuple(inputs), unwired, own)
        if key not in self.known or node.verb:
            self.known[key] = self.columns
            varied = own.union(*(self.varied.get(i, ()) for i in inputs))
            made = Operation(
                node, values, tuple(inputs), unwired, presence, trigger, self.columns, dynamic, name, varied
            )
            self.operations.append(made)
            self.columns += len(made.columns)
            if varied:
                self.varied |= dict.fromkeys(made.columns, varied)
        return self.known[key]


def plan(
    validated: ValidatedGraph,
    base: Timeframe,
    varying: Mapping[str, Sequence[Mapping[str, Value]]] | None = None,
    *,
    cache: Path | None = None,
) -> Program:
    """Plan a validated graph for bars of that timeframe.

    `varying` names nodes whose numbers will be exchanged, with all the parameters that each of them takes: such a
    node shares nothing with an equal one, its constants are its own, and its memory has room for the longest windows.
    `cache` is the folder where its machine code is kept; None is the one of this process's user.
    """
    building = _Plan(base, varying or {})
    numbers = _action_numbers(validated)
    for name in validated.order:
        _plan_node(building, validated, name, numbers)
    names: dict[str, Column] = {}
    for (name, port), column in building.ports.items():
        if column.port not in (Port.BARS, Port.ORDER):
            names[f"{name}.{port}"] = _on_bars(building, column)
    return _finish(building, validated, names, numbers, cache)


def instruments_read(validated: ValidatedGraph) -> list[str]:
    """The names of the instruments whose bars a graph reads beside its own, sorted."""
    nodes = validated.nodes.items()
    return sorted({other_name(str(validated.values[n]["instrument"])) for n, node in nodes if node.name == OTHER})


def _action_numbers(validated: ValidatedGraph) -> dict[str, int]:
    """Actions by number, in the order in which they are evaluated: by verb, then by id."""
    actions = sorted(
        (name for name in validated.order if validated.nodes[name].verb), key=lambda n: (validated.nodes[n].verb, n)
    )
    return {name: i for i, name in enumerate(actions)}


def _plan_node(building: _Plan, validated: ValidatedGraph, name: str, numbers: Mapping[str, int]) -> None:
    node, values = validated.nodes[name], validated.values[name]
    if node.name == SOURCE:
        for i, port in enumerate(Bar._fields):
            building.ports[name, port] = Column(building.market(i))
        building.ports[name, "bars"] = Column(building.market(OPEN), port=Port.BARS)
        return
    if node.name == OTHER:
        instrument = other_name(str(values["instrument"]))
        for field_name in Bar._fields:
            building.ports[name, field_name] = Column(building.outside(other_column(instrument, field_name)))
        building.ports[name, "bars"] = Column(building.ports[name, "open"].index, port=Port.BARS)
        return
    if node.name == OUTSIDE:
        building.ports[name, node.outputs[0].name] = Column(building.outside(str(values["field"])))
        return
    if not node.arguments and node.memory is None and not node.verb:
        answer = node.step(**node.numbers(values))
        building.ports[name, node.outputs[0].name] = Column(
            building.constant(float(answer), name, node.outputs[0].name), port=node.outputs[0].port
        )
        return
    given, ticking = _on_one_clock(building, node, _given(building, validated, name, numbers))
    wiring = {key: _columns_of(building, kind, given.get(key, [])) for key, kind in node.arguments}
    for key, kind in node.arguments:
        if kind is OrderState:
            handles = [given[entry.name][0].index for entry in node.inputs if entry.port is Port.ORDER]
            action = int(building.constants[handles[0]]) if handles else -1
            wiring[key] = [building.order_state(action, node.leg_read(values))]
    inputs = [index for indices in wiring.values() for index in indices]
    unwired = tuple((name, i.name) not in validated.wired for i in node.inputs)
    dynamic = any(kind in STATES_OF_RUN for _, kind in node.arguments) or any(
        column.dynamic for columns in given.values() for column in columns
    )
    if node.verb:
        building.operation(node, values, inputs, unwired, dynamic, name, trigger=wiring["when"][0])
        building.ports[name, "order"] = Column(building.constant(float(numbers[name])), port=Port.ORDER)
        return
    # A node must not advance where its clock has no bar. Where no input is sure to be missing there, one
    # more input shows it.
    strict = [index for entry in node.inputs if not entry.may_be_missing for index in wiring[entry.name]]
    presence = all(index in building.constants or index in building.held for index in strict)
    if presence:
        inputs.append(ticking or building.market(CLOSE))
    column = building.operation(node, values, inputs, unwired, dynamic, name, presence)
    warmup = max((c.warmup for columns in given.values() for c in columns), default=1)
    step = max((c.step for columns in given.values() for c in columns), default=1)
    warmup += (node.warmup_bars(values) - 1) * step
    if node.sparse:
        slow = _bars_of(values, node, building.base, step)
        warmup += 2 * slow - (step if step > 1 else 2)  # data may begin inside a slower bar
        step, ticking = slow, column + Bar._fields.index("close")
    for output in node.outputs:
        building.ports[name, output.name] = Column(column, warmup, ticking, dynamic, output.port, step)
        column += output.port is not Port.BARS


def _on_one_clock(building: _Plan, node: Node, given: dict[str, list[Column]]) -> tuple[dict[str, list[Column]], int]:
    """The inputs of a node as they meet, and the clock on which they do.

    What meets another clock, the position, the account or orders meets it on the clock of the bars.
    """
    clocks = {c.clock for columns in given.values() for c in columns if c.index not in building.constants}
    reads = any(kind in STATES_OF_RUN for _, kind in node.arguments)
    if len(clocks) == 1 and not node.verb and not reads:
        return given, clocks.pop()
    return {key: [_on_bars(building, column) for column in columns] for key, columns in given.items()}, 0


def _columns_of(building: _Plan, kind: object, given: list[Column]) -> list[int]:
    """The columns that one argument of a step function reads; the position, the account and orders are not."""
    if kind is Account or kind is Surrounding.EQUITY:
        building.reads_account = True
    if kind is Surrounding.MOMENT:
        return [building.market(TIME)]
    if kind is Surrounding.EQUITY:
        return [building.market(EQUITY)]
    return [column.index for column in given]


def _bars_of(values: Mapping[str, Value], node: Node, base: Timeframe, step: int) -> int:
    """How many of the run's bars one bar of a slower timeframe is; `step` is that number for the bars that feed it."""
    for parameter in node.parameters:
        if parameter.timeframe:
            slower = Timeframe(int(parameter.number(values[parameter.name])))
            if slower <= base or not base.divides(slower):
                where = f"{node.name}.{parameter.name} is {slower}, but the bars are {base}"
                raise InputError(f"{where}: it must be a multiple of that, and more than one.")
            if slower.milliseconds % (base.milliseconds * step):
                fed = Timeframe(base.milliseconds * step)
                raise InputError(f"{node.name}.{parameter.name} is {slower}, which bars of {fed} do not divide.")
            return slower.milliseconds // base.milliseconds
    return 1


def _given(
    building: _Plan, validated: ValidatedGraph, name: str, numbers: Mapping[str, int]
) -> dict[str, list[Column]]:
    """The columns of each input: bars are five, an order is the number of its action."""
    given: dict[str, list[Column]] = {}
    for entry in validated.nodes[name].inputs:
        source = validated.wired.get((name, entry.name))
        if entry.port is Port.ORDER:
            given[entry.name] = [Column(building.constant(float(numbers[source[0]]) if source else -1.0))]
        elif source is None:
            value = validated.literals[name].get(entry.name, entry.default)
            given[entry.name] = [Column(building.constant(value, name, entry.name))]
        elif entry.port is Port.BARS:
            given[entry.name] = [building.ports[source[0], column] for column in Bar._fields]
        else:
            given[entry.name] = [building.ports[source]]
    return given


def _on_bars(building: _Plan, column: Column) -> Column:
    """The same wire on the clock of the bars."""
    if column.clock == 0:
        return column
    node = hold.on_tick if column.port is Port.EVENT else hold.hold
    index = building.operation(node, {}, [column.index, column.clock], (False, False), column.dynamic)
    building.held.add(index)
    return Column(index, column.warmup, 0, column.dynamic, column.port)


def _finish(
    building: _Plan,
    validated: ValidatedGraph,
    names: Mapping[str, Column],
    numbers: Mapping[str, int],
    cache: Path | None,
) -> Program:
    """Lay out memory, parameters and wires, and write the rows."""
    computing = [o for o in building.operations if not o.node.verb]
    groups = (
        *_one_by_one(building.operations, numbers),
        side_by_side([o for o in computing if not o.dynamic]),
    )
    memory: list[float] = []
    params: list[float] = []
    wires: list[int] = []
    places: dict[str, tuple[int, ...]] = {}
    tables: list[NDArray[np.int64]] = []
    linked = oco_groups(validated, numbers)
    dynamic_columns = {column for o in computing if o.dynamic for column in o.columns}
    dynamic_state = 0
    for number, group in enumerate(groups):
        rows = np.zeros((len(group), ROW), dtype=np.int64)
        for row, equals in zip(rows, group, strict=True):
            first = equals[0]
            row[FUNCTION] = _function(equals, cache)
            row[STATE], row[INPUTS], row[PARAMS] = len(memory), len(wires), len(params)
            for operation in equals:
                node, values = operation.node, operation.values
                for name, value in node.numbers(values).items():
                    key = f"{operation.name}.{name}"
                    places[key] = (*places.get(key, ()), len(params))
                    params.append(float(value))
                params += [float(n) for n in node.lengths(values)]
                params.append(float(building.base.milliseconds))
                memory += _room(node, (values, *building.varying.get(operation.name, ())))
                wires += operation.inputs
            row[OUTPUT] = len(wires)
            wires += [column for operation in equals for column in operation.columns]
            if first.trigger is not None:
                row[TRIGGER], row[POSITIONS] = first.trigger, first.node.evaluated_in(first.values)
                row[DYNAMIC] = first.trigger in dynamic_columns
                row[OCO_GROUP] = linked.get(first.name, 0)
        tables.append(rows)
        if number == 0:
            dynamic_state = len(memory)
    return Program(
        static=tables[2],
        dynamic=tables[0],
        actions=tables[1],
        wires=np.array([*wires, 0], dtype=np.int64),
        params=np.array([*params, 0.0]),
        memory=np.array([*memory, 0.0]),
        dynamic_state=dynamic_state,
        columns=building.columns,
        constants=dict(building.constants),
        names=dict(names),
        action_names=tuple(numbers),
        parameter_places=places,
        constant_places=building.constant_places,
        static_rows=tuple(tuple(group) for group in groups[2]),
        data=frozenset(building.data),
        external=tuple(building.external),
        reads_account=building.reads_account,
        order_states=tuple(building.order_states),
        operations=tuple(building.operations),
        warmup=max((column.warmup for column in names.values()), default=1),
        validated=validated,
        cache=cache,
    )


def _one_by_one(
    operations: Sequence[Operation], actions: Iterable[str]
) -> tuple[list[list[Operation]], list[list[Operation]]]:
    """The operations of each row of `dynamic` and of `actions`."""
    numbers = {name: number for number, name in enumerate(actions)}
    acting = sorted((o for o in operations if o.node.verb), key=lambda o: numbers[o.name])
    return [[o] for o in operations if o.dynamic and not o.node.verb], [[o] for o in acting]


def _function(equals: Sequence[Operation], cache: Path | None) -> int:
    """The address of the block function that computes these operations side by side."""
    first = equals[0]
    return address_of(Shape(first.node, first.unwired, first.presence, len(equals)), cache)


def _with_addresses(values: dict[str, Any]) -> Program:
    """A program that comes from another process, with the addresses of this one."""
    program = Program(**values)  # its rows are not shared
    dynamic, actions = _one_by_one(program.operations, program.action_names)
    groups = ((program.static, program.static_rows), (program.dynamic, dynamic), (program.actions, actions))
    for rows, operations in groups:
        for row, equals in zip(rows, operations, strict=True):
            row[FUNCTION] = _function(equals, program.cache)
    return program


def _room(node: Node, values: Sequence[Mapping[str, Value]]) -> list[float]:
    """The memory before the first bar, as long as the longest windows need it."""
    return max((node.start(v) for v in values), key=lambda memory: len(memory))
