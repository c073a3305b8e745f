"""What a node consists of, read from the signature of its step: parameters, inputs, outputs, and its memory."""

from __future__ import annotations

import inspect
import math
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from wickwork.graph.types import (
    Added,
    Bar,
    Between,
    Choice,
    Intent,
    Length,
    MayBeMissing,
    Port,
    TimeframeParameter,
    TimeOfDay,
    metadata,
)
from wickwork.model.errors import InputError, did_you_mean
from wickwork.model.time_of_day import minutes_of, time_of_day
from wickwork.model.timeframe import parse_timeframe

Value = int | float | bool | str
"""What a parameter may be."""


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
    time_of_day: bool = False

    @property
    def whole(self) -> bool:
        """Whether the step receives it as an int."""
        return self.type is int or bool(self.choices) or self.timeframe or self.time_of_day

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
        if self.time_of_day:
            minutes = minutes_of(value, where)
            if self.between and minutes > self.between.high:
                raise InputError(f"{where} must be {time_of_day(int(self.between.high))} at the latest, was {value}.")
            return time_of_day(minutes)
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
        return self.type(number + 0.0)  # type: ignore[no-any-return]  # -0.0 becomes 0.0: one value, one hash

    def number(self, value: Value) -> float:
        """The value as the node function receives it."""
        if self.choices:
            return float(self.choices.index(str(value)))
        if self.timeframe:
            return float(parse_timeframe(str(value)).milliseconds)
        if self.time_of_day:
            return float(minutes_of(value, self.name))
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
    may_be_missing: bool = False
    """Whether it is a number that may be missing after the warm-up, too (`SeriesOrMissing`)."""


@dataclass(frozen=True)
class Field:
    """One number, or one window of numbers, of a node's memory."""

    name: str
    whole: bool
    start: float
    length: Callable[..., int] | None
    ring: bool = False
    """Whether it is a ring of the last values of the source (`graph.types.Length`)."""


def read_parameter(owner: str, name: str, hint: Any, default: Any) -> Parameter:
    """The parameter that an annotation and a default describe; InputError for one that is none."""
    if default is inspect.Parameter.empty:
        raise InputError(f"The node {owner}: the parameter {name!r} needs a default value.")
    choice, between = metadata(hint, Choice), metadata(hint, Between)
    type_ = get_args(hint)[0] if get_origin(hint) is Annotated else hint
    if type_ not in (int, float, bool, str):
        raise InputError(f"The node {owner}: the parameter {name!r} must be an int, float, bool or str.")
    if choice:
        default = choice.choices[default] if isinstance(default, int) else default
    if metadata(hint, TimeOfDay) and isinstance(default, int):
        default = time_of_day(default)
    parameter = Parameter(
        name=name,
        type=type_,
        default=default,
        between=between,
        choices=choice.choices if choice else (),
        timeframe=metadata(hint, TimeframeParameter) is not None,
        time_of_day=metadata(hint, TimeOfDay) is not None,
        added=metadata(hint, Added) is not None,
    )
    parameter.check(owner, default)
    return parameter


def read_outputs(owner: str, hint: Any, memory: Any, verb: int) -> tuple[tuple[Output, ...], Any]:
    """The outputs that a return annotation describes, and their class where there are several.

    Raises InputError for an annotation that describes none.
    """
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
    if is_named_tuple(hint):
        fields = get_type_hints(hint, include_extras=True)
        return tuple(_output(owner, n, t) for n, t in fields.items()), hint
    return (_output(owner, "value", hint),), None


def _output(owner: str, name: str, hint: Any) -> Output:
    port = metadata(hint, Port)
    if port is None:
        raise InputError(f"The node {owner}: the output {name!r} must be a Series, Condition or Event.")
    missing = port is Port.SERIES and metadata(hint, MayBeMissing) is not None
    return Output(name, port, metadata(hint, Between), missing)


def read_fields(owner: str, memory: Any) -> tuple[Field, ...]:
    """The fields of a memory; none without one. Raises InputError for a field of another type, or without a default."""
    if memory is None:
        return ()
    fields = []
    defaults = memory._field_defaults
    home = vars(sys.modules[memory.__module__])
    for name, hint in get_type_hints(memory, globalns=home, include_extras=True).items():
        length = metadata(hint, Length)
        if length:
            fields.append(Field(name, whole=False, start=0.0, length=length.of, ring=length.ring))
        elif name not in defaults:
            raise InputError(f"The node {owner}: the memory {memory.__name__}.{name} needs a starting value.")
        else:
            type_ = get_args(hint)[0] if get_origin(hint) is Annotated else hint
            fields.append(Field(name, whole=type_ is int, start=float(defaults[name]), length=None))
    return tuple(fields)


def describe_parameter(p: Parameter) -> dict[str, Any]:
    """The parameter as plain JSON."""
    plain = {int: "integer", float: "number", bool: "boolean", str: "text"}
    kind = "choice" if p.choices else "timeframe" if p.timeframe else "time" if p.time_of_day else plain[p.type]
    entry: dict[str, Any] = {"name": p.name, "type": kind, "default": p.default}
    entry |= {} if p.time_of_day else bounds(p.between)
    if p.choices:
        entry["choices"] = list(p.choices)
    return entry


def bounds(between: Between | None) -> dict[str, float]:
    """A range as JSON; an end that is infinite is left out."""
    ends = {"minimum": between.low, "maximum": between.high} if between else {}
    return {name: value for name, value in ends.items() if math.isfinite(value)}


def is_named_tuple(hint: Any) -> bool:
    """Whether an annotation is the class of a NamedTuple."""
    return isinstance(hint, type) and issubclass(hint, tuple) and hasattr(hint, "_fields")
