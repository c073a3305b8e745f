"""The text of block functions: a node's step, looped over a block of bars.

The memory lives in local scalars while the loop runs and is written back at its end. A node does not advance where one
of its inputs is missing, except for inputs that its step handles itself (`SeriesOrMissing` and the like). A node with a
memory runs over stretches without a missing input, so that no bar of them needs the test. A *wide* block runs several
equal operations side by side: a recurrence waits for its own last result, and meanwhile the others get on. Each
computes the same bits as on its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from wickwork.graph.node import Node
from wickwork.graph.simd import first_missing
from wickwork.graph.types import Account, Intent, OrderState, Port, Position, Surrounding

STRETCH = 1024
"""The most bars of a stretch: its columns stay in the first cache while they are gone through three times."""


def known_until(column: Any, begin: int, stop: int) -> int:
    """The first index in [begin, stop) whose value is missing, or stop."""
    i = begin
    while i + 8 <= stop:
        k = first_missing(column, i)
        if k < 8:
            return i + k
        i += 8
    while i < stop and column[i] - column[i] == 0.0:
        i += 1
    return i


@dataclass(frozen=True)
class Shape:
    """What a block function is made for."""

    node: Node
    unwired: tuple[bool, ...] = ()
    """For each input, whether nothing is wired to it: then its fixed value, even NaN, is not *missing*."""
    presence: bool = False
    """One more column after the inputs, missing where the clock of the node has no bar: for nodes whose inputs may
    have a value there."""
    copies: int = 1
    slower: bool = False
    """Whether its bars are slower than those of the run: it then receives the moments at which its own bars open."""

    def __hash__(self) -> int:
        return hash((id(self.node), self.unwired, self.presence, self.copies, self.slower))


def block_source(shape: Shape) -> str:
    """The text of the block function. For an action, `outputs` is the address where its Intent goes, and n is 1."""
    copies = [_Copy(shape, number) for number in range(shape.copies)]
    lines = ["def block(state, inputs, outputs, params, offset, n, account, position, orders):"]
    lines += [f"    {line}" for line in ("s = floats(state)", "x = integers(inputs)", "p = floats(params)")]
    if not shape.node.verb:
        lines.append("    y = integers(outputs)")
    for copy in copies:
        lines += [f"    {line}" for line in copy.head()]
    if shape.node.verb:
        lines += [f"    {line}" for line in ("i = offset", *copies[0].intent())]
    elif copies[0].orders and shape.node.memory is None:
        lines += [f"    {line}" for line in copies[0].loops()]
    elif shape.copies == 1 and copies[0].waits:
        lines += [f"    {line}" for line in copies[0].stretches()]
    else:
        lines.append("    for i in range(offset, offset + n):")
        for copy in copies:
            lines += [f"        {line}" for line in copy.body()]
    for copy in copies:
        lines += [f"    {line}" for line in copy.tail()]
    return "\n".join(lines) + "\n"


class _Copy:
    """One of the operations that a block runs side by side; its names carry its number."""

    def __init__(self, shape: Shape, number: int) -> None:
        self.node, self.shape, self.k = shape.node, shape, number
        self.scalars = [f for f in self.node.fields if f.length is None]
        self.windows = [f for f in self.node.fields if f.length is not None]
        self.ports = [o for o in self.node.outputs if o.port is not Port.BARS and not self.node.verb]
        self.columns: list[str] = []
        self.watched: list[str] = []
        self.orders = ""
        """The column with the place of the order state that the step receives."""
        self.given = self._arguments()

    def head(self) -> list[str]:
        """Bring columns, memory and parameters at hand."""
        k, lines = self.k, []
        for i, kind in enumerate(self.columns):
            lines.append(f"x{k}_{i} = {kind}(x[{k * len(self.columns) + i}])")
        for i in range(len(self.ports)):
            lines.append(f"y{k}_{i} = floats(y[{k * len(self.ports) + i}])")
        for i, field in enumerate(self.scalars):
            value = f"s[{k * len(self.scalars) + i}]"
            lines.append(f"s{k}_{i} = int({value})" if field.whole else f"s{k}_{i} = {value}")
        size = len(self.node.parameters) + len(self.windows) + 1
        for i, parameter in enumerate(self.node.parameters):
            value = f"p[{k * size + i}]"
            truth = f"{value} > 0.0" if parameter.type is bool else value
            lines.append(f"p{k}_{i} = " + (f"int({value})" if parameter.whole else truth))
        at = f"state + {8 * len(self.scalars)}"  # the windows follow the scalars; their lengths follow the parameters
        for i in range(len(self.windows)):
            lines.append(f"w{k}_{i} = floats({at})")
            at += f" + 8 * int(p[{len(self.node.parameters) + i}])"
        for _, kind in self.node.arguments:
            if kind is Position:
                lines += [
                    "place = record(position, POSITION)",
                    "held = Position(place.quantity, place.average, place.round_trip)",
                ]
            elif kind is Account:
                lines += ["row = record(account, ACCOUNT)", "money = Account(row.cash, row.capital)"]
            elif kind is OrderState:
                fields = ", ".join(f"list{k}.{name}" for name in OrderState._fields)
                lines += [
                    f"list{k} = record(orders + int({self.orders}[offset]) * ORDER_STATE_SIZE, ORDER_STATE)",
                    f"listed{k} = OrderState({fields})",
                ]
            elif kind is Surrounding.BAR_LENGTH:
                lines.append(f"length{k} = int(p[{k * size + size - 1}])")
        return lines

    @property
    def waits(self) -> bool:
        """Whether its memory stays unchanged where an input is missing."""
        return self.node.memory is not None and bool(self.watched)

    @property
    def checks_later(self) -> bool:
        """Whether its answers are written as they are, and `stretches` looks at all of them at once.

        The loop of a ring is vectorized, so that the test costs less in it.
        """
        return self.shape.copies == 1 and self.waits and not self.ring

    @property
    def ring(self) -> bool:
        """Whether its window is a ring of the last values of its source."""
        return any(field.ring for field in self.windows)

    def body(self) -> list[str]:
        """One bar of the loop."""
        k = self.k
        if self.node.memory is None:
            return [f"v{k} = {self._call()}", *self._answers(self._known("i"))]
        if not self.waits:
            return self._step()
        return [
            f"if {self._known('i')}:",
            *(f"    {line}" for line in self._step()),
            "else:",
            f"    {self._blank('i')}",
        ]

    def stretches(self) -> list[str]:
        """The loop over stretches without a missing input, which so need no question at every bar."""
        return [
            *(["oldest = one_number()"] if self.ring else []),
            "begin, stop = offset, offset + n",
            "while begin < stop:",
            f"    end = begin + {STRETCH} if begin + {STRETCH} < stop else stop",
            *(f"    end = known_until({w.removesuffix('[i]')}, begin, end)" for w in self.watched),
            *(f"    {line}" for line in (self._recalling() if self.ring else self._plain())),
            *(f"    {line}" for line in self._finite()),
            "    begin = end",
            f"    while begin < stop and not ({self._known('begin')}):",
            f"        {self._blank('begin')}",
            "        begin += 1",
        ]

    def _finite(self) -> list[str]:
        """Make NaN of outputs that are not finite; of a stretch of one bar, as live, without reading it again."""
        numbers = [i for i, port in enumerate(self.ports) if port.port not in (Port.CONDITION, Port.EVENT)]
        if not self.checks_later or not numbers:
            return []
        values = {i: f"v{self.k}" if self.node.answer is None else f"v{self.k}.{self.ports[i].name}" for i in numbers}
        return [
            "if end - begin > 1:",
            *(f"    keep_finite(y{self.k}_{i}, begin, end)" for i in numbers),
            "elif end > begin:",
            *(f"    y{self.k}_{i}[begin] = {v} if {v} - {v} == 0.0 else nan" for i, v in values.items()),
        ]

    def _plain(self) -> list[str]:
        return ["for i in range(begin, end):", *(f"    {line}" for line in self._step())]

    def _recalling(self) -> list[str]:
        """The loop of a step that only recalls its source, over places in a row: of the ring, then of the column.

        The step receives a window of one number, the oldest. The ring receives the newest values at the end.
        """
        at = next(f"s0_{i}" for i, field in enumerate(self.scalars) if field.name == "at")
        return [
            f"length, first, at = int(p[{len(self.node.parameters)}]), begin, {at}",
            "while first < end:",
            "    done = first - begin",
            "    if done < length:",
            "        past, back, until = w0_0, begin - at, begin + length - at",
            "        if done >= length - at:",
            "            back, until = back + length, begin + length",
            "    else:",
            "        past, back, until = x0_0, length, end",
            "    until = until if until < end else end",
            "    for i in range(first, until):",
            f"        oldest[0], {at} = past[i - back], 0",
            *(f"        {line}".replace("w0_0", "oldest") for line in self._step()),
            "    first = until",
            "first = begin if begin > end - length else end - length",
            f"{at} = (at + (first - begin)) % length",
            "for i in range(first, end):",
            f"    w0_0[{at}] = x0_0[i]",
            f"    {at} = {at} + 1 if {at} + 1 < length else 0",
        ]

    def loops(self) -> list[str]:
        """A loop for each output: most are constant, and many columns written side by side contend for the cache."""
        call, answers = f"v{self.k} = {self._call()}", self._answers(self._known("i"))
        lines = []
        for i in range(len(self.ports)):
            lines += ["for i in range(offset, offset + n):", f"    {call}"]
            lines += [f"    {line}" for line in answers[2 * i : 2 * i + 2]]
        return lines

    def intent(self) -> list[str]:
        """One call of an action: its Intent is written where `outputs` points."""
        memory = self.node.memory is not None
        lines = [f"m0, v0 = {self._call()}", *self._keep()] if memory else [f"v0 = {self._call()}"]
        return [*lines, "intent = record(outputs, INTENT)", *(f"intent.{name} = v0.{name}" for name in Intent._fields)]

    def tail(self) -> list[str]:
        """Write the memory back."""
        k, size = self.k, len(self.scalars)
        return [
            f"s[{k * size + i}] = float(s{k}_{i})" if field.whole else f"s[{k * size + i}] = s{k}_{i}"
            for i, field in enumerate(self.scalars)
        ]

    def _step(self) -> list[str]:
        return [f"m{self.k}, v{self.k} = {self._call()}", *self._keep(), *self._answers("", self.checks_later)]

    def _known(self, index: str) -> str:
        """Whether all that it waits for is there."""
        values = [w.replace("[i]", f"[{index}]") for w in self.watched]
        return " & ".join(f"({value} - {value} == 0.0)" for value in values)

    def _blank(self, index: str) -> str:
        return " = ".join(f"y{self.k}_{i}[{index}]" for i in range(len(self.ports))) + " = nan"

    def _call(self) -> str:
        memory = []
        if self.node.memory is not None:
            scalar, window = iter(range(len(self.scalars))), iter(range(len(self.windows)))
            pieces = [
                f"s{self.k}_{next(scalar)}" if f.length is None else f"w{self.k}_{next(window)}"
                for f in self.node.fields
            ]
            memory = [f"Memory({', '.join(pieces)})"]
        params = [f"{p.name}=p{self.k}_{i}" for i, p in enumerate(self.node.parameters)]
        return f"step({', '.join([*memory, *self.given, *params])})"

    def _keep(self) -> list[str]:
        return [f"s{self.k}_{i} = m{self.k}.{field.name}" for i, field in enumerate(self.scalars)]

    def _answers(self, known: str, raw: bool = False) -> list[str]:
        """Write the outputs; what is not finite, or came of a missing input, is NaN.

        With `raw` numbers are written as they are.
        """
        k, lines = self.k, []
        for i, port in enumerate(self.ports):
            value = f"v{k}" if self.node.answer is None else f"v{k}.{port.name}"
            lines.append(f"a{k}_{i} = {value}")
            value = f"a{k}_{i}"
            condition = port.port in (Port.CONDITION, Port.EVENT)  # NaN counts as true in Python, so it needs the test
            there = f"({value} == {value})" if condition else f"({value} - {value} == 0.0)"
            good = " & ".join(part for part in (known, there) if part)
            answer = f"(1.0 if {value} else 0.0)" if condition else value
            if raw and not condition:
                lines.append(f"y{k}_{i}[i] = {answer}")
            else:
                lines.append(f"y{k}_{i}[i] = {answer} if {good} else nan")
        return lines

    def _arguments(self) -> list[str]:
        """Expressions of the step's positional arguments; fills `columns` and `watched` on the way."""
        given: list[str] = []
        wire = 0
        for _, kind in self.node.arguments:
            if kind is Position:
                given.append("held")
            elif kind is Account:
                given.append("money")
            elif kind is OrderState:
                self.orders = self._column("floats").removesuffix("[i]")
                given.append(f"listed{self.k}")
            elif kind is Surrounding.BAR_LENGTH:
                given.append(f"length{self.k}")
            elif kind is Surrounding.MOMENT:
                slower = self.shape.slower
                given.append(f"moment_in({self._column('floats')})" if slower else self._column("integers"))
            elif kind is Surrounding.EQUITY:
                given.append(self._column("floats"))
            elif kind is Port.BARS:
                columns = [self._column("floats") for _ in range(5)]
                given.append(f"Bar({', '.join(columns)})")
                self.watched.append(columns[3])
            elif kind is Port.ORDER:
                given.append(f"int({self._column('floats')})")
            else:
                value, may_be_missing = self._column("floats"), self.node.inputs[wire].may_be_missing
                given.append(value if kind is Port.SERIES or may_be_missing else f"{value} > 0.0")
                if not may_be_missing and not (self.shape.unwired and self.shape.unwired[wire]):
                    self.watched.append(value)
            wire += isinstance(kind, Port)
        if self.shape.presence:
            self.watched.append(self._column("floats"))
        return given

    def _column(self, kind: str) -> str:
        """The value of one more column at bar i."""
        self.columns.append(kind)
        return f"x{self.k}_{len(self.columns) - 1}[i]"
