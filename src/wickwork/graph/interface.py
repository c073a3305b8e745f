"""What a sub-graph has outside: its inputs, its outputs, and the parameters that it promotes.

    {"inputs":  [{"name": "source", "type": "series", "title": "Price", "to": ["fast.source", "slow.source"]}],
     "outputs": [{"name": "above", "type": "condition", "from": "greater.value"}],
     "params":  [{"name": "fast", "to": ["fast.period"], "between": [2, 50]}]}

They are lists, because their order is that of the ports at the node. An input of type `bars` may have `columns`, such
as `{"close": ["fast.source"]}`: inputs inside that get one column of the bars that come in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from wickwork.graph.types import Bar, Port
from wickwork.model.errors import InputError, shown
from wickwork.model.finite import is_finite

End = tuple[str, str]
"""A node, and a port or parameter of it."""
MOST_ENDS = 50_000
"""The most ports and parameters that an interface may name."""
SECTIONS = ("inputs", "outputs", "params")
_TYPES = tuple(port.value for port in Port)
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")
_END = re.compile(r"([A-Za-z][A-Za-z0-9_]{0,63})\.([A-Za-z][A-Za-z0-9_]{0,63})")


@dataclass(frozen=True)
class InnerInput:
    """An input of a sub-graph: the inputs of its nodes that a wire to it reaches."""

    name: str
    type: Port
    to: tuple[End, ...]
    columns: Mapping[str, tuple[End, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class InnerOutput:
    """An output of a sub-graph: the output of one of its nodes."""

    name: str
    type: Port
    source: End


@dataclass(frozen=True)
class Promoted:
    """A parameter of a sub-graph: the parameters of its nodes that it sets."""

    name: str
    to: tuple[End, ...]
    between: tuple[float, float] | None = None
    choices: tuple[Any, ...] = ()

    def refusal(self, value: Any) -> str:
        """Why the promoted parameter may not have that value; empty where it may."""
        if self.choices and value not in self.choices:
            return f"{self.name} must be one of {', '.join(f'{one:.30}' for one in map(str, self.choices[:20]))}, " + (
                f"was {value!r:.60}"
            )
        if self.between and not (is_finite(value) and self.between[0] <= value <= self.between[1]):
            low, high = self.between
            return f"{self.name} must be between {low:g} and {high:g}, was {value!r:.60}"
        return ""


@dataclass(frozen=True)
class Interface:
    """The interface of a sub-graph, each part by name and in order."""

    inputs: Mapping[str, InnerInput]
    outputs: Mapping[str, InnerOutput]
    params: Mapping[str, Promoted]

    def ends(self) -> Iterator[tuple[str, str, End]]:
        """All ports and parameters inside that it names, each with the section and the name of the entry."""
        for name, one in self.inputs.items():
            for end in (*one.to, *(end for ends in one.columns.values() for end in ends)):
                yield "inputs", name, end
        for name, output in self.outputs.items():
            yield "outputs", name, output.source
        for name, promoted in self.params.items():
            for end in promoted.to:
                yield "params", name, end


def read_interface(data: Mapping[str, Any]) -> Interface:
    """The interface of a graph; InputError for a form that is none."""
    inputs, outputs, params = (_named(data, section) for section in SECTIONS)
    if sum(map(_count, (*inputs.values(), *params.values()))) > MOST_ENDS:
        raise InputError(f"The interface names more than {MOST_ENDS:,} ports and parameters; use fewer.")
    for name in inputs:
        if name in params:
            raise InputError(f"The interface has an input and a parameter called {name}; rename one.")
    return Interface(
        {name: _input(name, one) for name, one in inputs.items()},
        {name: InnerOutput(name, _type(name, one), _end(name, one.get("from"))) for name, one in outputs.items()},
        {name: _promoted(name, one) for name, one in params.items()},
    )


def check_interface(data: Mapping[str, Any]) -> None:
    """Raise InputError for an interface whose form is wrong. What it points to is checked by `expand`."""
    if data:
        read_interface(data)


def without_titles(data: Mapping[str, Any]) -> dict[str, Any]:
    """The interface as it counts in a hash: titles are for people."""

    def plain(one: Any) -> Any:
        return {key: value for key, value in one.items() if key != "title"} if isinstance(one, Mapping) else one

    return {k: [plain(one) for one in v] if k in SECTIONS and isinstance(v, list) else v for k, v in data.items()}


def _named(data: Mapping[str, Any], section: str) -> dict[str, Mapping[str, Any]]:
    """The entries of one section by name."""
    listed = data.get(section, [])
    if not isinstance(listed, list | tuple):
        raise InputError(f"The {section} of the interface must be a list of objects, each with a name.")
    found: dict[str, Mapping[str, Any]] = {}
    for one in listed:
        name = one.get("name") if isinstance(one, Mapping) else None
        if not isinstance(one, Mapping) or not isinstance(name, str) or not _NAME.fullmatch(name):
            raise InputError(
                f"The {section} of the interface: {shown(repr(one))} must be an object with a `name` of letters, "
                "digits and _."
            )
        if name in found:
            raise InputError(f"The {section} of the interface: {name} is there twice; rename one.")
        if not isinstance(one.get("title", ""), str):
            raise InputError(f"The {section} of the interface: the title of {name} must be text.")
        found[name] = one
    return found


def _count(one: Mapping[str, Any]) -> int:
    """The ends that an entry names, however wrong they are."""
    columns = one.get("columns", {})
    listed = (one.get("to", ()), *(columns.values() if isinstance(columns, Mapping) else ()))
    return sum(len(ends) for ends in listed if isinstance(ends, list | tuple))


def _type(name: str, one: Mapping[str, Any]) -> Port:
    if one.get("type") not in _TYPES:
        raise InputError(
            f"The type of {name} in the interface must be one of {', '.join(_TYPES)}, was {one.get('type')!r:.60}."
        )
    return Port(one["type"])


def _end(name: str, text: Any) -> End:
    match = _END.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise InputError(f"{name} in the interface must point to `node.port`, was {text!r:.60}.")
    return match[1], match[2]


def _ends(name: str, listed: Any) -> tuple[End, ...]:
    if not isinstance(listed, list | tuple):
        raise InputError(f"{name} in the interface needs `to` as a list of `node.port`.")
    ends = tuple(_end(name, text) for text in listed)
    if len(set(ends)) < len(ends):
        raise InputError(f"{name} in the interface points to one place twice; remove one.")
    return ends


def _input(name: str, one: Mapping[str, Any]) -> InnerInput:
    kind, columns = _type(name, one), one.get("columns", {})
    if not isinstance(columns, Mapping) or (columns and kind is not Port.BARS) or not set(columns) <= set(Bar._fields):
        raise InputError(f"{name} in the interface: only bars have `columns`, which are {', '.join(Bar._fields)}.")
    inner = {str(column): _ends(name, ends) for column, ends in columns.items()}
    return InnerInput(name, kind, _ends(name, one.get("to", [])), inner)


def _promoted(name: str, one: Mapping[str, Any]) -> Promoted:
    between, choices = one.get("between"), one.get("choices", [])
    if between is not None:
        numbers = isinstance(between, list | tuple) and len(between) == 2 and all(map(is_finite, between))
        if not numbers or between[0] > between[1]:
            raise InputError(f"{name} in the interface: `between` must be two numbers, the lower first.")
        between = (between[0], between[1])
    if not isinstance(choices, list | tuple) or not all(isinstance(c, str | int | float) for c in choices):
        raise InputError(f"{name} in the interface: `choices` must be a list of texts or numbers.")
    ends = _ends(name, one.get("to", []))
    if not ends:
        raise InputError(f"{name} in the interface must set a parameter; name it in `to`.")
    return Promoted(name, ends, between, tuple(choices))
