"""A graph made ready to run: nothing but numbers and the names of compiled functions.

`plan` turns a validated graph into operations in three groups: *static* ones, which depend on bars alone; *dynamic*
ones, which read the position, the account or orders (or follow one that does); and *actions*. Operations that would
compute the same are computed once. Columns are numbered; the columns of the market are −1 − k. Parameters are data, and
block functions belong to node types, so planning compiles only what no graph on this machine has used before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wickwork.graph import hold
from wickwork.graph.across import compares_position
from wickwork.graph.block import Shape
from wickwork.graph.check import ValidatedGraph
from wickwork.graph.kernel import address_of
from wickwork.graph.node import Node
from wickwork.graph.oco import oco_groups
from wickwork.graph.operation import (
    ACROSS,
    CLOSE,
    DYNAMIC,
    EQUITY,
    FUNCTION,
    INPUTS,
    OCO_GROUP,
    OPEN,
    OTHER,
    OUTPUT,
    OUTSIDE,
    PARAMS,
    POSITIONS,
    ROW,
    SOURCE,
    STATE,
    TRIGGER,
    Column,
    Operation,
    Range,
    side_by_side,
)
from wickwork.graph.parts import Members, members_of
from wickwork.graph.planning import Plan
from wickwork.graph.signature import Value
from wickwork.graph.types import ENTER, STATES_OF_RUN, Account, Bar, OrderState, Port, Surrounding
from wickwork.model.errors import InputError, NotFound, did_you_mean
from wickwork.model.other_bars import other_column, other_name
from wickwork.model.timeframe import Timeframe


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
    ranges: tuple[Range, ...]
    """The rows of each part of a portfolio; none for a single strategy, whose lanes run all rows."""
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
    building = Plan(base, base, varying or {})
    parts = members_of(validated.graph, validated.order, base)
    numbers = _action_numbers(validated, parts)
    names: dict[str, Column] = {}
    for number, part in enumerate(parts):
        planned = len(building.ports)
        building.begin(number, part.timeframe)
        for name in part.order:
            _plan_node(building, validated, name, numbers)
        for (name, port), column in list(building.ports.items())[planned:]:
            if column.port not in (Port.BARS, Port.ORDER):
                held = _on_bars(building, column)
                names[f"{name}.{port}"] = replace(held, warmup=building.warmup_of(held))
    return _finish(building, validated, names, numbers, parts, cache)


def instruments_read(validated: ValidatedGraph) -> list[str]:
    """The names of the instruments whose bars a graph reads beside its own, sorted."""
    nodes = validated.nodes.items()
    return sorted({other_name(str(validated.values[n]["instrument"])) for n, node in nodes if node.name == OTHER})


def _action_numbers(validated: ValidatedGraph, parts: Iterable[Members]) -> dict[str, int]:
    """Actions by number, in the order in which they are evaluated: by part, then by verb, then by id."""
    verbs = {name: node.verb for name, node in validated.nodes.items() if node.verb}
    actions = [n for part in parts for n in sorted(verbs.keys() & part.order, key=lambda n: (verbs[n], n))]
    return {name: i for i, name in enumerate(actions)}


def _plan_node(building: Plan, validated: ValidatedGraph, name: str, numbers: Mapping[str, int]) -> None:
    node, values = validated.nodes[name], validated.values[name]
    if node.name == SOURCE:
        for i, port in enumerate(Bar._fields):
            building.ports[name, port] = Column(building.bar(i))
        building.ports[name, "bars"] = Column(building.bar(OPEN), port=Port.BARS)
        return
    if node.name == OTHER:
        building.reads_others = True
        instrument = other_name(str(values["instrument"]))
        others = [building.outside(other_column(instrument, field_name)) for field_name in Bar._fields]
        for field_name, index in zip(Bar._fields, building.slower_other(others), strict=True):
            building.ports[name, field_name] = Column(index)
        building.ports[name, "bars"] = Column(building.ports[name, "open"].index, port=Port.BARS)
        return
    if node.name == OUTSIDE:
        index = building.outside(str(values["field"]))
        if building.own_bars:
            building.held.add(index)  # it may have values on the bars between
        building.ports[name, node.outputs[0].name] = Column(index)
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
        trigger = building.on_own_bars(wiring["when"][0], dynamic)
        building.operation(node, values, inputs, unwired, dynamic, name, trigger=trigger)
        building.ports[name, "order"] = Column(building.constant(float(numbers[name])), port=Port.ORDER)
        return
    # A node must not advance where its clock has no bar. Where no input is sure to be missing there, one
    # more input shows it.
    strict = [index for entry in node.inputs if not entry.may_be_missing for index in wiring[entry.name]]
    presence = node.across or all(index in building.constants or index in building.held for index in strict)
    if node.across and dynamic:
        raise compares_position(name, node)
    if presence:
        inputs.append(ticking or building.bar(CLOSE))
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


def _on_one_clock(building: Plan, node: Node, given: dict[str, list[Column]]) -> tuple[dict[str, list[Column]], int]:
    """The inputs of a node as they meet, and the clock on which they do.

    What meets another clock, another instrument, the position, the account or orders meets it on the clock of the bars.
    """
    clocks = {c.clock for columns in given.values() for c in columns if c.index not in building.constants}
    reads = any(kind in STATES_OF_RUN for _, kind in node.arguments)
    if len(clocks) == 1 and not node.verb and not reads and not node.across:
        return given, clocks.pop()
    return {key: [_on_bars(building, column) for column in columns] for key, columns in given.items()}, 0


def _columns_of(building: Plan, kind: object, given: list[Column]) -> list[int]:
    """The columns that one argument of a step function reads; the position, the account and orders are not."""
    if kind is Account or kind is Surrounding.EQUITY:
        building.reads_account = True
    if kind is Surrounding.MOMENT:
        return [building.moments()]
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


def _given(building: Plan, validated: ValidatedGraph, name: str, numbers: Mapping[str, int]) -> dict[str, list[Column]]:
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


def _on_bars(building: Plan, column: Column) -> Column:
    """The same wire on the clock of the bars."""
    if column.clock == 0:
        return column
    node = hold.on_tick if column.port is Port.EVENT else hold.hold
    index = building.operation(node, {}, [column.index, column.clock], (False, False), column.dynamic)
    building.held.add(index)
    return Column(index, column.warmup, 0, column.dynamic, column.port)


def _finish(
    building: Plan,
    validated: ValidatedGraph,
    names: Mapping[str, Column],
    numbers: Mapping[str, int],
    parts: Sequence[Members],
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
                params.append(float(operation.bar_length))
                memory += _room(node, (values, *building.varying.get(operation.name, ())))
                wires += operation.inputs
            row[OUTPUT] = len(wires)
            wires += [column for operation in equals for column in operation.columns]
            if first.trigger is not None:
                row[TRIGGER], row[POSITIONS] = first.trigger, first.node.evaluated_in(first.values)
                row[DYNAMIC] = first.trigger in dynamic_columns
                row[OCO_GROUP] = linked.get(first.name, 0)
            row[ACROSS] = first.node.across
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
        ranges=tuple(_range(n, part, groups, building) for n, part in enumerate(parts) if part.lanes),
        validated=validated,
        cache=cache,
    )


def _range(number: int, part: Members, groups: Sequence[Sequence[Sequence[Operation]]], building: Plan) -> Range:
    """The rows of one part."""
    spans = []
    for group in groups:
        mine = [i for i, row in enumerate(group) if row[0].part == number]
        spans += [mine[0] if mine else 0, len(mine)]
    dynamic, dynamics, action, actions, static, statics = spans
    ratio = part.timeframe.milliseconds // building.run.milliseconds
    exits = sum(row[0].node.verb < ENTER for row in groups[1][action : action + actions])
    return Range(static, statics, dynamic, dynamics, action, actions, exits, ratio, part.lanes, building.closes[number])


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
    # An action is called where its trigger is true, whatever its inputs are: it has one block for all its wirings.
    unwired = () if first.node.verb else first.unwired
    return address_of(Shape(first.node, unwired, first.presence, len(equals), first.slower), cache)


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
