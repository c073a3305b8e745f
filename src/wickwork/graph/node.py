"""What a node is: one typed function, read once, described everywhere.

`@node` reads the function's signature and docstring into a `Node`; palette, forms, schema, kernels, live steps, saved
state and the promises tested over the whole catalogue all follow from it. `wickwork.graph.types` documents
the annotations.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from functools import lru_cache
from types import FunctionType
from typing import Any, Protocol, get_type_hints

from wickwork.graph.entries import SUBGRAPH, node_name
from wickwork.graph.migrated import Migrated
from wickwork.graph.phrases import read_phrases
from wickwork.graph.sending import node_at, place_of
from wickwork.graph.signature import (
    Field,
    Input,
    Output,
    Parameter,
    Value,
    bounds,
    describe_parameter,
    is_named_tuple,
    read_fields,
    read_outputs,
    read_parameter,
)
from wickwork.graph.types import (
    ANY_POSITION,
    Account,
    Bar,
    MayBeMissing,
    OfLanes,
    OrderState,
    Port,
    Position,
    Surrounding,
    ToLanes,
    metadata,
)
from wickwork.model.errors import InputError, did_you_mean
from wickwork.model.text import plain_text


class Builder(Protocol):
    """What nodes are added to while a strategy is written."""

    def add(self, node: Node, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Add a node with these wires and parameters; returns its outputs."""


current_strategy: ContextVar[Builder | None] = ContextVar("current_strategy", default=None)
"""The strategy whose `with` block is being run."""


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
    phrases: tuple[tuple[str, str], ...] = ()
    """For outputs, by name, what a trader calls them: `the {period}-bar EMA of {source}`."""
    migrations: Mapping[int, Callable[[dict[str, Any]], Migrated]] = field(default_factory=dict, compare=False)
    """By version: what makes of an entry of that version one of the next."""
    across: bool = False
    """True for a node that compares the instruments of a run at one bar (`graph/across`): its step receives the inputs
    of all of them, and writes their results."""

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
        return {p.name: int(n) if p.whole else n for p in self.parameters for n in (p.number(values[p.name]),)}

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
            "outputs": [
                {"name": o.name, "type": o.port.value}
                | bounds(o.between)
                | ({"may_be_missing": True} if o.may_be_missing else {})
                for o in self.outputs
            ],
            "params": [describe_parameter(p) for p in self.parameters],
            "warmup": self.warmup_bars(values),
            "terms": list(self.terms),
            "source": self.source,
            "version": self.version,
        } | ({"across": True} if self.across else {})


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
    migrations: Mapping[int, Callable[[dict[str, Any]], Migrated]] | None = None,
    name: str = "",
    help: str = "",  # noqa: A002
    phrase: str | Mapping[str, str] = "",
) -> Callable[[Callable[..., Any]], Node]:
    """Make a node of a typed function.

    `warmup` gives, as a function of those parameters that it names, the number of bars of input needed before the
    first true answer (1 when every bar has one). `terms` are further search words, `source` is
    where the formula comes from, `name` and `help` replace the function's own. A function whose name is a Python
    keyword plus `_` loses the underscore. `migrations` are functions by version: that of 1 receives the parameters of
    an entry of version 1 and returns what they and its ports are in version 2 (`graph.migrated`). `phrase` is what
    `wick graph explain` writes for the output, or for each one by its name (`graph.phrases`): a noun for a number, a
    clause for a condition. Without one it is made of the title.

    Raises InputError, when it is put on a function, for one that cannot be a node.
    """

    def read(step: Callable[..., Any]) -> Node:
        made = _read(
            step, title, group, warmup, verb, positions, requires, leg, sparse, terms, source, version, name, help
        )
        for key in migrations or {}:
            if not isinstance(key, int) or not 1 <= key < version:
                raise InputError(f"The node {made.name} has a migration from {key!r}; it has versions 1 to {version}.")
        known = [*(one.name for one in made.inputs), *(one.name for one in made.parameters)]
        phrases = read_phrases(made.name, phrase, [one.name for one in made.outputs], known)
        return replace(made, migrations=dict(migrations or {}), phrases=phrases)

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
    if own == SUBGRAPH:
        raise InputError(f"A node cannot be called {SUBGRAPH}, which is the type of sub-graphs; choose another name.")
    for what, text in (("title", title), ("group", group), ("source", source), *(("terms", term) for term in terms)):
        plain_text(text, f"the {what} of the node {own}")
    plain_text(help or step.__doc__, f"the help of the node {own}", lines=True)
    try:
        hints = get_type_hints(step, include_extras=True)
    except NameError as error:
        raise InputError(f"The node {own}: an annotation cannot be read ({error}); import what it names.") from None
    signature = inspect.signature(step)
    across = any(metadata(hint, OfLanes) or metadata(hint, ToLanes) for hint in hints.values())
    result: Any = None
    memory, inputs, parameters, arguments = None, [], [], []
    for i, (key, parameter) in enumerate(signature.parameters.items()):
        if key not in hints:
            raise InputError(f"The node {own}: the parameter {key!r} has no type; add one, e.g. `{key}: Series`.")
        hint = hints[key]
        if parameter.kind is parameter.KEYWORD_ONLY:
            parameters.append(read_parameter(own, key, hint, parameter.default))
        elif across and metadata(hint, ToLanes):
            result = hint
        elif across and metadata(hint, Surrounding) is Surrounding.LANES:
            pass
        elif across and not metadata(hint, OfLanes):
            raise InputError(
                f"The node {own} compares instruments, so {key!r} must be a SeriesOfLanes or a ConditionOfLanes."
            )
        elif i == 0 and is_named_tuple(hint) and hint not in (Bar, Position, Account, OrderState):
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
    if across:
        _refuse_shape(own, [hints[key] for key in list(signature.parameters)[:2]], inputs)
    stored = read_fields(own, memory)
    if any(field.ring for field in stored):
        _check_ring(own, stored, inputs)
    outputs, answer = read_outputs(own, result if across else hints.get("return"), memory, verb)
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
        fields=stored,
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
        across=across,
    )


def _check_ring(owner: str, stored: tuple[Field, ...], inputs: list[Input]) -> None:
    """Raise InputError unless the memory is what `Length(…, ring=True)` needs."""
    windows = [field for field in stored if field.length is not None]
    places = [field for field in stored if field.name == "at" and field.whole]
    if len(windows) != 1 or not places or not inputs or inputs[0].port is not Port.SERIES:
        raise InputError(
            f"The node {owner} has a window marked `ring`: it must be the only window, its memory needs a field "
            "`at: int = 0`, and the first input must be the Series that it keeps."
        )


def _refuse_shape(owner: str, hints: list[Any], inputs: list[Input]) -> None:
    """Raise InputError unless a node that compares instruments begins with its results and their number."""
    if not (metadata(hints[0], ToLanes) and metadata(hints[-1], Surrounding) is Surrounding.LANES):
        raise InputError(
            f"The node {owner} compares instruments, so before its inputs it must have the results and their number: "
            "`result: SeriesToLanes, count: LaneCount`."
        )
    if not any(one.required for one in inputs):
        raise InputError(f"The node {owner} compares instruments, so it needs an input without a default.")


def _wanted(function: Callable[..., Any], numbers: Mapping[str, float]) -> dict[str, float]:
    """Those numbers that the function names; all of them where it takes any (`**params`)."""
    names = _arguments(function)
    return dict(numbers) if names is None else {name: numbers[name] for name in names}


@lru_cache(maxsize=1024)
def _arguments(function: Callable[..., Any]) -> tuple[str, ...] | None:
    parameters = inspect.signature(function).parameters
    takes_any = any(one.kind is inspect.Parameter.VAR_KEYWORD for one in parameters.values())
    return None if takes_any else tuple(parameters)
