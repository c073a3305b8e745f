"""The combinations that a sweep tries."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wickwork.graph.check import ValidatedGraph
from wickwork.graph.expand import PromotedEnds
from wickwork.graph.interface import End
from wickwork.graph.signature import Parameter, Value
from wickwork.model.errors import InputError
from wickwork.strategies.load import Loaded
from wickwork.strategies.remedies import by_name

MOST = 1_000_000
"""Combinations that one sweep may try."""


ABOVE_ZERO = frozenset(
    (
        *"size price stop trail stop_loss take_profit trailing atr spacing percent quantity".split(),  # noqa: SIM905
        *"take_profit_2 take_profit_3 take_profit_4".split(),  # noqa: SIM905
    )
)
"""Inputs of actions for which the venue refuses every order unless they are above 0 (docs/matching.md, section 11)."""


@dataclass(frozen=True, eq=False)
class ParameterSpace:
    """Combinations in order; the last parameter changes fastest."""

    axes: Mapping[str, tuple[Value, ...]]
    """The values of each parameter, `node.param`."""
    chosen: NDArray[np.int64]
    """Shape (combinations, parameters): index of each parameter's value in `axes`."""
    promoted: Mapping[str, tuple[End, ...]] = field(default_factory=dict)
    """Of those that a sub-graph promotes: the nodes and parameters that they set."""

    def __len__(self) -> int:
        return len(self.chosen)

    def ends(self, name: str) -> tuple[End, ...]:
        """The nodes and parameters that an axis sets: of a parameter of a node it alone."""
        node, _, param = name.partition(".")
        return self.promoted.get(name, ((node, param),))

    def params(self, number: int) -> dict[str, Value]:
        """The parameters of one combination."""
        return {name: self.axes[name][i] for name, i in zip(self.axes, self.chosen[number].tolist(), strict=True)}

    def columns(self) -> dict[str, list[Value]]:
        """The value of each parameter in every combination."""
        return {
            name: [values[i] for i in self.chosen[:, k].tolist()] for k, (name, values) in enumerate(self.axes.items())
        }


def parameter_space(
    loaded: Loaded, over: Mapping[str, Sequence[Any]], where: Callable[[dict[str, Value]], bool] | None = None
) -> ParameterSpace:
    """All combinations of these values for which `where` is true; raises InputError for values out of their range."""
    given = listed(over)
    graph = loaded.with_params({n: v[0] for n, v in given.items()}).check()
    promoted = {name: found for name in given if (found := loaded.promoted_ends(name)) is not None}
    axes = {
        name: tuple(dict.fromkeys(_checked_value(graph, promoted, name, value) for value in values))
        for name, values in given.items()
    }
    return replace(space_of(axes, where), promoted={name: found.ends for name, found in promoted.items()})


def listed(over: Mapping[str, Sequence[Any]]) -> dict[str, list[Any]]:
    """The values of each parameter as a list. Raises InputError without parameters, or without values of one."""
    example = '{"fast.period": [5, 10, 20]}'
    if not over and isinstance(over, Mapping):
        raise InputError(f"A sweep needs parameters and their values, such as {example}.")
    return {name: _listed(name, values) for name, values in by_name(over, example).items()}


def space_of(
    axes: Mapping[str, tuple[Value, ...]], where: Callable[[dict[str, Value]], bool] | None = None
) -> ParameterSpace:
    """All combinations of these values for which `where` is true. Raises InputError for none, and for too many."""
    shape = [len(values) for values in axes.values()]
    if math.prod(shape) > 5 * MOST:
        raise InputError(f"{math.prod(shape):,} combinations are too many; take fewer values.")
    chosen = np.stack(np.unravel_index(np.arange(math.prod(shape)), shape), axis=1).astype(np.int64)
    space = ParameterSpace(axes, chosen)
    if where is not None:
        try:
            wanted = np.fromiter((bool(where(space.params(i))) for i in range(len(space))), np.bool_, len(space))
        except KeyError as error:
            raise InputError(f"where= uses {error}, which the sweep does not vary.") from None
        if not wanted.any():
            raise InputError(f"where= leaves none of the {len(space):,} combinations.")
        space = ParameterSpace(axes, np.ascontiguousarray(chosen[wanted]))
    if len(space) > MOST:
        raise InputError(f"{len(space):,} combinations are too many; take fewer values, at most {MOST:,} in all.")
    return space


def refuse_values_that_never_trade(graph: ValidatedGraph) -> None:
    """Raise InputError for an action with a fixed value for which the venue refuses every order."""
    for node, values in graph.literals.items():
        for name, value in values.items():
            if name == "size" or name in graph.nodes[node].needs_wired(graph.values[node]):
                _check_above_zero(graph, node, name, value)


def _check_above_zero(graph: ValidatedGraph, node: str, name: str, value: float) -> None:
    if graph.nodes[node].verb and name in ABOVE_ZERO and value <= 0.0:
        raise InputError(
            f"{node}.{name} must be above 0, was {value:g}: the venue refuses every order with it, so nothing would be "
            "traded; leave that value out."
        )


def parameter_of(graph: ValidatedGraph, node: str, name: str) -> Parameter | None:
    """The parameter of a node with that name; None for a fixed value of an input."""
    return next((p for p in graph.nodes[node].parameters if p.name == name), None)


def _listed(name: str, values: Sequence[Any]) -> list[Any]:
    if isinstance(values, str | bytes) or not hasattr(values, "__iter__"):
        raise InputError(f"{name} needs a list of values to try, was {values!r}.")
    # Plain Python numbers, so that numpy ranges are accepted as well.
    some = islice(values, MOST + 1)
    listed = [value.item() if isinstance(value, np.generic) else value for value in some]
    if len(listed) > MOST:
        raise InputError(f"{name} has more than {MOST:,} values, too many for a sweep; take fewer.")
    if not listed:
        raise InputError(f"{name} has no values to try; give at least one.")
    return listed


def _checked_value(graph: ValidatedGraph, promoted: Mapping[str, PromotedEnds], name: str, value: Any) -> Value:
    """The value in the type of what it sets; InputError if it is not valid for one of these parameters."""
    if name not in promoted:
        return _checked(graph, name, value)
    if refusal := promoted[name].refusal(value):
        raise InputError(f"{name}: {refusal}.")
    checked = [_checked(graph, ".".join(end), value) for end in promoted[name].ends]
    if not checked:
        raise InputError(f"{name} sets no parameter of a node, so it cannot vary.")
    return checked[0]


def _checked(graph: ValidatedGraph, name: str, value: Any) -> Value:
    """The value in the type of its parameter; InputError if it is not valid."""
    node, _, own = name.partition(".")
    if (node, own) in graph.wired:
        source = ".".join(graph.wired[node, own])
        raise InputError(f"{name} is wired to {source}, so no number can be tried in its place; vary {source[0]}'s.")
    parameter = parameter_of(graph, node, own)
    if parameter is None:
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise InputError(f"{name} must be a number, was {value!r}.")
        _check_above_zero(graph, node, own, value)
        return float(value)
    if parameter.type is str and not parameter.choices and not parameter.timeframe:
        raise InputError(f"{name} is a text; only numbers, choices and timeframes can vary: make a sweep for each.")
    return parameter.check(node, value)
