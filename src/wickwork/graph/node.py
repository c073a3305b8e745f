"""What a node is: one typed function, read once, described everywhere.

`@node` reads the function's signature and docstring into a `Node`; palette, forms, schema, kernels, live steps, saved
state and the promises tested over the whole catalogue all follow from it. `wickwork.graph.types` documents
the annotations.
"""

from __future__ import annotations

import inspect
import math
import sys
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from types import FunctionType
from typing import Annotated, Any, Protocol, get_args, get_origin, get_type_hints

from wickwork.graph.document import node_name
from wickwork.graph.sending import node_at, place_of
from wickwork.graph.types import (
    ANY_POSITION,
    Account,
    Added,
    Bar,
    Between,
    Choice,
    Intent,
    Length,
    MayBeMissing,
    OrderState,
    Port,
    Position,
    Surrounding,
    TimeframeParameter,
    metadata,
)
from wickwork.model.errors import InputError, did_you_mean
from wickwork.model.text import plain_text
from wickwork.model.timeframe import parse_timeframe

Value = int | float | bool | str


class Builder(Protocol):
    """What nodes are added to while a strategy is written."""

    def add(self, node: Node, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Add a node with these wires and parameters; returns its outputs."""


current_strategy: ContextVar[Builder | None] = ContextVar("current_strategy", default=None)
"""The strategy whose `with` block is being run."""


@dataclass(frozen=True)
class Parameter:
    """One setting of a node."""

    name: str
    type: type
    default: Value
    between: Between | None
    choices: tuple[str, ...]
    timeframe: bool
    added: bool = False
    """Whether the node was released without it; `types.Added`."""

    def check(self, owner: str, value: Any) -> Value:
        """Return the value in its proper type, or raise InputError with what would be right."""
        where = f"{owner}.{self.name}"
        if self.choices:
            if value not in self.choices:
                hint = did_you_mean(str(value), self.choices)
                raise InputError(f"{where} must be one of {', '.join(self.choices)}, was {value!r}.{hint}")
            return str(value)
        if self.timeframe:
            return str(parse_timeframe(value))
        if self.type is bool:
            if isinstance(value, str) and value.lower() in ("true", "false"):
                value = value.lower() == "true"
            if not isinstance(value, bool):
                raise InputError(f"{where} must be true or false, was {value!r}.")
            return value
        if self.type is str:
            return str(value)
        try:
            number = math.nan if isinstance(value, bool) else float(value)
        except (TypeError, ValueError, OverflowError):
            number = math.nan
        if not math.isfinite(number):
            raise InputError(f"{where} must be a number, was {value!r:.60}.")
        if self.type is int and number != int(number):
            raise InputError(f"{where} must be a whole number, was {value!r}.")
        if self.between and not self.between.low <= number <= self.between.high:
            low, high = self.between.low, self.between.high
            raise InputError(f"{where} must be between {low:g} and {high:g}, was {number:g}.")
        return self.type(number)  # type: ignore[no-any-return]

    def number(self, value: Value) -> float:
        """The value as the node function receives it."""
        if self.choices:
            return float(self.choices.index(str(value)))
        if self.timeframe:
            return float(parse_timeframe(str(value)).milliseconds)
        return 0.0 if self.type is str else float(value)


@dataclass(frozen=True)
class Input:
    """One wire that comes in. `default` is what an unwired optional input has; `required` inputs have none."""

    name: str
    port: Port
    required: bool
    default: float
    may_be_missing: bool = False
    """Whether the step is called where this input is missing; else the node does not advance there."""


@dataclass(frozen=True)
class Output:
    """One wire that goes out. `between` is a range that its value never leaves."""

    name: str
    port: Port
    between: Between | None


@dataclass(frozen=True)
class Field:
    """One number, or one window of numbers, of a node's memory."""

    name: str
    whole: bool
    start: float
    length: Callable[..., int] | None


@dataclass(frozen=True)
class Node:
    """One entry of the catalogue. Everything here was read off the function `step`."""

    name: str
    title: str
    group: str
    help: str
    inputs: tuple[Input, ...]
    parameters: tuple[Parameter, ...]
    outputs: tuple[Output, ...]
    arguments: tuple[tuple[str, Any], ...]
    """The positional parameters of the step in order, memory left out: (name, Port | Surrounding | Position |
    Account | OrderState)."""
    memory: Any
    """The NamedTuple class of the memory, or None."""
    fields: tuple[Field, ...]
    answer: Any
    """The NamedTuple class of several outputs (`Bar` for bars), or None for one."""
    warmup: Callable[..., int]
    verb: int
    """The verb of an action (`wickwork.graph.types`), 0 for a node that only computes."""
    positions: Callable[..., int]
    """For an action, as a function of its parameters: the positions in which it is evaluated."""
    requires: Callable[..., tuple[str, ...]]
    """Optional inputs that must be wired, as a function of the parameters; InputError where these contradict one
    another."""
    leg: Callable[..., int]
    """Of a node that reads an `OrderState`, as a function of its parameters: the leg that is meant, as numbered in
    `orders.records.LEG_NAMES`; 0 for the orders of the action itself."""
    sparse: bool
    """True for a node whose answers come on a slower clock: missing between its bars."""
    terms: tuple[str, ...]
    source: str
    version: int
    step: Callable[..., Any]

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Add the node to the strategy of its wires or, without wires, to the one in whose `with` block this is.

        With the values of a bar (a memory, a `Bar`, numbers outside of a strategy) it is the plain function: one step.
        Raises InputError for a call without wires and values outside of a strategy.
        """
        for given in (*args, *kwargs.values()):
            if hasattr(given, "_build"):
                return given._build(self, args, kwargs)
        strategy = current_strategy.get()
        if strategy is not None and not any(isinstance(given, tuple) for given in args):
            return strategy.add(self, args, kwargs)
        if not args and self.arguments and not kwargs.keys() & {name for name, _ in self.arguments}:
            raise InputError(f"{self.name} belongs inside a strategy: write it in a `with strategy(…) as s:` block.")
        return self.step(*args, **kwargs)

    def __reduce__(self) -> tuple[Callable[..., Node], tuple[Any, ...]]:
        """A node is pickled as where its definition is; the other process imports that, from its file if need be."""
        return node_at, (Node, *place_of(self))

    def input(self, name: str) -> Input | None:
        """The input of that name, if there is one."""
        return next((i for i in self.inputs if i.name == name), None)

    def output(self, name: str) -> Output | None:
        """The output of that name, if there is one."""
        return next((o for o in self.outputs if o.name == name), None)

    def check(self, given: Mapping[str, Any]) -> dict[str, Value]:
        """Return all parameters, defaults filled in, or raise InputError for the first that is wrong."""
        known = {p.name for p in self.parameters}
        for name in given:
            if name not in known:
                have = f"it has {', '.join(sorted(known))}" if known else "it has none"
                raise InputError(f"{self.name} has no parameter {name!r}; {have}.{did_you_mean(name, known)}")
        return {p.name: p.check(self.name, given.get(p.name, p.default)) for p in self.parameters}

    def numbers(self, values: Mapping[str, Value]) -> dict[str, float]:
        """Checked parameters as the step receives them: whole numbers as int, all else as float."""
        return {
            p.name: int(n) if p.type is int or p.choices or p.timeframe else n
            for p in self.parameters
            for n in (p.number(values[p.name]),)
        }

    def warmup_bars(self, values: Mapping[str, Value]) -> int:
        """Bars of input needed before the first true answer."""
        return int(self.warmup(**_wanted(self.warmup, self.numbers(values))))

    def evaluated_in(self, values: Mapping[str, Value]) -> int:
        """The positions in which an action is evaluated."""
        return int(self.positions(**_wanted(self.positions, self.numbers(values))))

    def leg_read(self, values: Mapping[str, Value]) -> int:
        """The leg whose state the step receives, 0 for the orders of the action itself."""
        return int(self.leg(**_wanted(self.leg, self.numbers(values))))

    def needs_wired(self, values: Mapping[str, Value]) -> tuple[str, ...]:
        """The optional inputs that these parameters make necessary; InputError where they contradict one another."""
        return (
            tuple(self.requires(**_wanted(self.requires, self.numbers(values)))) if self.requires is not tuple else ()
        )

    def start(self, values: Mapping[str, Value]) -> list[float]:
        """The memory before the first bar, in the layout of the state array: the numbers first, then the windows."""
        return [f.start for f in self.fields if f.length is None] + [0.0] * sum(self.lengths(values))

    def lengths(self, values: Mapping[str, Value]) -> list[int]:
        """The lengths of the windows, in order."""
        numbers = self.numbers(values)
        return [int(f.length(**_wanted(f.length, numbers))) for f in self.fields if f.length is not None]

    def describe(self) -> dict[str, Any]:
        """The catalogue entry as plain JSON."""
        values = {p.name: p.default for p in self.parameters}
        return {
            "name": self.name,
            "title": self.title,
            "group": self.group,
            "help": self.help,
            "inputs": [
                {"name": i.name, "type": i.port.value, "required": i.required}
                | ({} if i.required or math.isnan(i.default) else {"default": i.default})
                for i in self.inputs
            ],
            "outputs": [{"name": o.name, "type": o.port.value} | _bounds(o.between) for o in self.outputs],
            "params": [_describe_parameter(p) for p in self.parameters],
            "warmup": self.warmup_bars(values),
            "terms": list(self.terms),
            "source": self.source,
            "version": self.version,
        }


def node(
    *,
    title: str,
    group: str,
    warmup: Callable[..., int] = lambda: 1,
    verb: int = 0,
    positions: Callable[..., int] = lambda: ANY_POSITION,
    requires: Callable[..., tuple[str, ...]] = tuple,
    leg: Callable[..., int] = lambda: 0,
    sparse: bool = False,
    terms: tuple[str, ...] = (),
    source: str = "",
    version: int = 1,
    name: str = "",
    help: str = "",  # noqa: A002
) -> Callable[[Callable[..., Any]], Node]:
    """Make a node of a typed function.

    `warmup` gives, as a function of those parameters that it names, the number of bars of input needed before the
    first true answer (1 when every bar has one). `terms` are further search words, `source` is
    where the formula comes from, `name` and `help` replace the function's own. A function whose name is a Python
    keyword plus `_` loses the underscore.
    """

    def read(step: Callable[..., Any]) -> Node:
        return _read(
            step, title, group, warmup, verb, positions, requires, leg, sparse, terms, source, version, name, help
        )

    return read


def _read(
    step: Callable[..., Any],
    title: str,
    group: str,
    warmup: Callable[..., int],
    verb: int,
    positions: Callable[..., int],
    requires: Callable[..., tuple[str, ...]],
    leg: Callable[..., int],
    sparse: bool,
    terms: tuple[str, ...],
    source: str,
    version: int,
    name: str,
    help: str,  # noqa: A002
) -> Node:
    if not isinstance(step, FunctionType):
        raise InputError(f"@node belongs on a plain function, not on {step!r}.")
    own = node_name(name or step.__name__.rstrip("_"))
    for what, text in (("title", title), ("group", group), ("source", source), *(("terms", term) for term in terms)):
        plain_text(text, f"the {what} of the node {own}")
    plain_text(help or step.__doc__, f"the help of the node {own}", lines=True)
    try:
        hints = get_type_hints(step, include_extras=True)
    except NameError as error:
        raise InputError(f"The node {own}: an annotation cannot be read ({error}); import what it names.") from None
    signature = inspect.signature(step)
    memory, inputs, parameters, arguments = None, [], [], []
    for i, (key, parameter) in enumerate(signature.parameters.items()):
        if key not in hints:
            raise InputError(f"The node {own}: the parameter {key!r} has no type; add one, e.g. `{key}: Series`.")
        hint = hints[key]
        if parameter.kind is parameter.KEYWORD_ONLY:
            parameters.append(_parameter(own, key, hint, parameter.default))
        elif i == 0 and _is_named_tuple(hint) and hint not in (Bar, Position, Account, OrderState):
            memory = hint
        elif hint in (Position, Account, OrderState):
            arguments.append((key, hint))
        elif metadata(hint, Surrounding):
            arguments.append((key, metadata(hint, Surrounding)))
        else:
            port = Port.BARS if hint is Bar else metadata(hint, Port)
            if port is None:
                raise InputError(
                    f"The node {own}: the wire {key!r} must be a Series, Condition, Event, Bar or OrderHandle; "
                    "settings such as a period come after a `*`."
                )
            required = parameter.default is parameter.empty
            default = math.nan if required else float(parameter.default)
            inputs.append(Input(key, port, required, default, metadata(hint, MayBeMissing) is not None))
            arguments.append((key, port))
    if memory is not None and not any(i.required and i.port is not Port.ORDER for i in inputs):
        raise InputError(f"The node {own} keeps a memory but no wire that shows where there is a bar; add `bars: Bar`.")
    if any(kind is OrderState for _, kind in arguments) and (verb or sum(i.port is Port.ORDER for i in inputs) > 1):
        raise InputError(
            f"The node {own} takes an OrderState, so it must not be an action, and can have one OrderHandle at most: "
            "the action whose orders these are."
        )
    outputs, answer = _outputs(own, hints.get("return"), memory, verb)
    text = help or inspect.cleandoc(step.__doc__ or "")
    if not text:
        raise InputError(f"The node {own} has no docstring; write one, it is the help that people see.")
    return Node(
        name=own,
        title=title,
        group=group,
        help=text,
        inputs=tuple(inputs),
        parameters=tuple(parameters),
        outputs=outputs,
        arguments=tuple(arguments),
        memory=memory,
        fields=_fields(own, memory),
        answer=answer,
        warmup=warmup,
        verb=verb,
        positions=positions,
        requires=requires,
        leg=leg,
        sparse=sparse,
        terms=terms,
        source=source,
        version=version,
        step=step,
    )


def _parameter(owner: str, name: str, hint: Any, default: Any) -> Parameter:
    if default is inspect.Parameter.empty:
        raise InputError(f"The node {owner}: the parameter {name!r} needs a default value.")
    choice, between = metadata(hint, Choice), metadata(hint, Between)
    type_ = get_args(hint)[0] if get_origin(hint) is Annotated else hint
    if type_ not in (int, float, bool, str):
        raise InputError(f"The node {owner}: the parameter {name!r} must be an int, float, bool or str.")
    if choice:
        default = choice.choices[default] if isinstance(default, int) else default
    parameter = Parameter(
        name=name,
        type=type_,
        default=default,
        between=between,
        choices=choice.choices if choice else (),
        timeframe=metadata(hint, TimeframeParameter) is not None,
        added=metadata(hint, Added) is not None,
    )
    parameter.check(owner, default)
    return parameter


def _outputs(owner: str, hint: Any, memory: Any, verb: int) -> tuple[tuple[Output, ...], Any]:
    if memory is not None:
        pair = get_args(hint) if get_origin(hint) is tuple else ()
        if len(pair) != 2 or pair[0] is not memory:
            raise InputError(f"The node {owner} keeps a memory, so it must return `tuple[{memory.__name__}, …]`.")
        hint = pair[1]
    if verb:
        if hint is not Intent:
            raise InputError(f"The action {owner} must return an Intent.")
        return (Output("order", Port.ORDER, None),), None
    if hint is Bar:
        names = ("bars", *Bar._fields)
        return tuple(Output(n, Port.BARS if n == "bars" else Port.SERIES, None) for n in names), Bar
    if _is_named_tuple(hint):
        fields = get_type_hints(hint, include_extras=True)
        return tuple(_output(owner, n, t) for n, t in fields.items()), hint
    return (_output(owner, "value", hint),), None


def _output(owner: str, name: str, hint: Any) -> Output:
    port = metadata(hint, Port)
    if port is None:
        raise InputError(f"The node {owner}: the output {name!r} must be a Series, Condition or Event.")
    return Output(name, port, metadata(hint, Between))


def _fields(owner: str, memory: Any) -> tuple[Field, ...]:
    if memory is None:
        return ()
    fields = []
    defaults = memory._field_defaults
    home = vars(sys.modules[memory.__module__])
    for name, hint in get_type_hints(memory, globalns=home, include_extras=True).items():
        length = metadata(hint, Length)
        if length:
            fields.append(Field(name, whole=False, start=0.0, length=length.of))
        elif name not in defaults:
            raise InputError(f"The node {owner}: the memory {memory.__name__}.{name} needs a starting value.")
        else:
            type_ = get_args(hint)[0] if get_origin(hint) is Annotated else hint
            fields.append(Field(name, whole=type_ is int, start=float(defaults[name]), length=None))
    return tuple(fields)


def _wanted(function: Callable[..., Any], numbers: Mapping[str, float]) -> dict[str, float]:
    """Those numbers that the function names; all of them where it takes any (`**params`)."""
    names = _arguments(function)
    return dict(numbers) if names is None else {name: numbers[name] for name in names}


@lru_cache(maxsize=1024)
def _arguments(function: Callable[..., Any]) -> tuple[str, ...] | None:
    parameters = inspect.signature(function).parameters
    takes_any = any(one.kind is inspect.Parameter.VAR_KEYWORD for one in parameters.values())
    return None if takes_any else tuple(parameters)


def _describe_parameter(p: Parameter) -> dict[str, Any]:
    plain = {int: "integer", float: "number", bool: "boolean", str: "text"}
    kind = "choice" if p.choices else "timeframe" if p.timeframe else plain[p.type]
    entry: dict[str, Any] = {"name": p.name, "type": kind, "default": p.default}
    entry |= _bounds(p.between)
    if p.choices:
        entry["choices"] = list(p.choices)
    return entry


def _bounds(between: Between | None) -> dict[str, float]:
    """A range as JSON; an end that is infinite is left out."""
    ends = {"minimum": between.low, "maximum": between.high} if between else {}
    return {name: value for name, value in ends.items() if math.isfinite(value)}


def _is_named_tuple(hint: Any) -> bool:
    return isinstance(hint, type) and issubclass(hint, tuple) and hasattr(hint, "_fields")
