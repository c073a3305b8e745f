"""Actions as the functions of `trade`: sizes, levels, targets and kinds of orders in their short forms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from wickwork.graph.document import NodeEntry
from wickwork.graph.node import Node
from wickwork.graph.signature import Value
from wickwork.graph.types import Port
from wickwork.model.errors import WickworkError
from wickwork.strategies import trade
from wickwork.strategies.operators import Operators
from wickwork.strategies.python_text.layout import Bracketed
from wickwork.strategies.python_text.terms import Term, call, of_literal
from wickwork.strategies.strategy import Strategy, Wire

_LEVELS = ("stop_loss", *trade.TARGETS, "trailing", "trailing_after")
_DEFAULT_PERIOD = 14


@dataclass(frozen=True)
class Action:
    """An action to be written."""

    name: str
    node: Node
    inputs: Mapping[str, Term]
    """What comes in, wires and fixed values, without the ATR that `trade` adds itself."""
    values: Mapping[str, Value]
    atr_period: int | None = None
    """The period of the ATR that `trade` adds; None where there is none, or it is wired."""


def written_action(action: Action, named: Term | None) -> tuple[str, dict[str, Term]] | None:
    """The function of `trade` and its arguments; None where none of them gives this very node."""
    function = trade.FUNCTIONS.get(action.node.name)
    if function is None or "when" not in action.inputs:
        return None
    arguments = _arguments(action)
    if named is not None:
        arguments["name"] = named
    return (function, arguments) if _gives_the_same(action, function, arguments) else None


def atr_is_added(node: Node, values: Mapping[str, Value]) -> bool:
    """Whether `trade` would add the ATR for the levels of that action."""
    return node.name in trade.FUNCTIONS and any(values.get(f"{leg}_as") == "atr" for leg in _LEVELS)


def _arguments(action: Action) -> dict[str, Term]:
    inputs = dict(action.inputs)
    defaults = {one.name: one.default for one in action.node.parameters}
    params = {name: value for name, value in action.values.items() if value != defaults[name]}
    result = {"when": inputs.pop("when")}
    if "side" in action.values:
        result["side"] = of_literal(action.values["side"])
        params.pop("side", None)
    if "order" in inputs:
        result["order"] = inputs.pop("order")
    if "size" in inputs:
        result["size"] = _short(str(action.values["size_as"]), inputs.pop("size"))
        params.pop("size_as", None)
    if "spacing_as" in action.values and "spacing" in inputs:
        result["spacing"] = _short(str(action.values["spacing_as"]), inputs.pop("spacing"))
        params.pop("spacing_as", None)
    percent = inputs.get("percent")
    if action.node.name == "close_position" and percent and not percent.is_wire and percent.value == 100.0:
        del inputs["percent"]  # `trade.close` gives it
    result |= _prices(action, inputs, params)
    result |= _brackets(action, inputs, params)
    result |= inputs
    return result | {name: of_literal(value) for name, value in params.items()}


def _short(mode: str, amount: Term, period: int | None = None) -> Term:
    """`trade.percent(2)` and the like."""
    more = {"period": of_literal(period)} if period not in (None, _DEFAULT_PERIOD) else {}
    return call(f"trade.{mode}", getattr(trade, mode), [amount], more)


def _prices(action: Action, inputs: dict[str, Term], params: dict[str, Value]) -> dict[str, Term]:
    """The kind of the order and its prices, taken out of the inputs and parameters."""
    kind, result = action.values.get("order"), {}
    if action.node.name in ("enter_long", "enter_short"):
        if kind in trade.PRICES and "price" in inputs:
            result[str(params.pop("order"))] = inputs.pop("price")
        elif kind == "stop_limit" and "price" in inputs and "stop" in inputs:
            del params["order"]
            result |= {"stop": inputs.pop("stop"), "limit": inputs.pop("price")}
        elif kind == "trailing":
            del params["order"]
    elif "order" in params:
        result["order"] = of_literal(params.pop("order"))
    if "trail" in inputs:
        result["trail"] = _short(str(action.values["trail_as"]), inputs.pop("trail"))
        params.pop("trail_as", None)
    return result


def _brackets(action: Action, inputs: dict[str, Term], params: dict[str, Value]) -> dict[str, Term]:
    """The levels of the bracket, taken out of the inputs and parameters."""
    levels: dict[str, Term] = {}
    for leg in _LEVELS:
        mode = str(params.get(f"{leg}_as", "none"))
        if mode != "none" and leg in inputs:
            levels[leg] = _short(mode, inputs.pop(leg), action.atr_period if mode == "atr" else None)
            del params[f"{leg}_as"]
    targets = [leg for leg in trade.TARGETS if leg in levels]
    shares = [action.values[f"{leg}_share"] for leg in targets]
    if not targets or targets != list(trade.TARGETS[: len(targets)]) or shares == [100.0]:
        return levels
    for leg in targets:
        params.pop(f"{leg}_share", None)
    parts = [levels.pop(leg) for leg in targets]
    if any(share != 100.0 / len(targets) for share in shares):
        parts = [
            call("trade.target", trade.target, [level], {"share": of_literal(share)})
            for level, share in zip(parts, shares, strict=True)
        ]
    text = Bracketed("[", tuple(("", one.text) for one in parts), "]")
    listed = {"take_profit": Term(text, [one.value for one in parts], simple=False)}
    return {name: (listed | levels)[name] for name in _LEVELS if name in (listed | levels)}


def _gives_the_same(action: Action, function: str, arguments: Mapping[str, Term]) -> bool:
    """Whether the call adds that node with these inputs and parameters: tried in a strategy of its own."""
    trial = Strategy()
    values = {key: _moved(one.value, trial) for key, one in arguments.items()} | {"name": action.name}
    try:
        made = getattr(trade, function)(**values)
    except (WickworkError, TypeError):  # a TypeError where an argument that the function needs is not there
        return False
    graph = trial.graph
    entry, added = graph.nodes[made.node], set(graph.nodes) - {made.node, "bars"}
    wires = {w.target_port: (w.source, w.source_port) for w in graph.wires if w.target == made.node}
    if action.atr_period is not None:
        if added != {"atr"} or graph.nodes["atr"] != NodeEntry("atr", {"period": action.atr_period}):
            return False
        if wires.pop("atr", None) != ("atr", "value"):
            return False
    elif added:
        return False
    return wires == _wires(action) and _complete(action.node, entry.params) == _complete(
        action.node, {**action.values, **_fixed(action)}
    )


def _moved(value: Any, trial: Strategy) -> Any:
    """A value of a call with its wires as ones of the strategy of the trial."""
    if isinstance(value, Wire):
        return Wire(trial, value.node, value.port, value.type)
    if isinstance(value, trade.Size):
        return trade.Size(value.mode, _moved(value.amount, trial))
    if isinstance(value, trade.Level):
        return trade.Level(value.mode, _moved(value.amount, trial), value.period)
    if isinstance(value, trade.Target):
        return trade.Target(_moved(value.level, trial), value.share)
    return [_moved(one, trial) for one in value] if isinstance(value, list) else value


def _wires(action: Action) -> dict[str, tuple[str, str]]:
    return {key: (one.value.node, one.value.port) for key, one in action.inputs.items() if one.is_wire}


def _fixed(action: Action) -> dict[str, float]:
    series = {one.name for one in action.node.inputs if one.port is Port.SERIES}
    fixed = {key: one.value for key, one in action.inputs.items() if not isinstance(one.value, Operators)}
    return {key: float(value) for key, value in fixed.items() if key in series}


def _complete(node: Node, params: Mapping[str, Any]) -> dict[str, Any]:
    return {**{one.name: one.default for one in node.parameters}, **params}
