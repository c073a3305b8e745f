"""The strategy that a handler names: `package.module:Class`, a Python file, or a graph document."""

from __future__ import annotations

import inspect
import os
from collections.abc import Mapping
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

from wickwork.context import Context
from wickwork.graph.catalogue import load_file
from wickwork.graph.document import Graph
from wickwork.model.errors import InputError, NotFound, did_you_mean
from wickwork.model.files import refuse_absent
from wickwork.model.finite import is_finite
from wickwork.settings.kinds import scalar
from wickwork.settings.schema import StrategySettings
from wickwork.strategies import trade
from wickwork.strategies.frames import FrameStrategy, construct
from wickwork.strategies.load import Loaded, as_loaded, load_strategy
from wickwork.strategies.strategy import Strategy

SIZES = ("quantity", "quote", "percent_of_equity", "percent_of_cash", "risk_percent")
VALVULIN = "wickwork.compat.valvulin"
_OF_VALVULIN = ("strategies", "valvulin")
"""Packages of the Valvulin Trading Engine, whose strategies Wickwork has itself."""


def valvulin_class(handler: str) -> str:
    """The name of Wickwork's own strategy where a handler names one of Valvulin's seven, else an empty text."""
    from wickwork.compat import valvulin

    module, _, name = handler.partition(":")
    if module.partition(".")[0] not in _OF_VALVULIN:
        return ""
    known = {one.lower().removesuffix("strategy"): one for one in valvulin.__all__ if one != "BaseStrategy"}
    return known.get(name.lower().removesuffix("strategy"), "")


def load_handler(entry: StrategySettings, folder: Path, context: Context) -> Loaded:
    """The strategy of an entry, without its parameters; paths and modules are looked for in `folder` first.

    Files and modules are run. Raises NotFound and InputError with the remedy, and GraphFaults.
    """
    nodes = [folder / os.path.expanduser(one) for one in entry.nodes]
    for path in nodes:
        refuse_absent(path)
    known = context.with_nodes(nodes) if nodes else context
    if entry.handler.lower().endswith((".py", ".json")):
        path = folder / os.path.expanduser(entry.handler)
        refuse_absent(path)
        return load_strategy(path, known.catalogue, entry.strategy, known)
    return _of_value(*_named(entry.handler, folder), parameters=entry.parameters, context=known)


def with_parameters(loaded: Loaded, parameters: Mapping[str, Any]) -> Loaded:
    """The strategy with the parameters of a configuration; `{fast: {period: 5}}` is `{"fast.period": 5}`.

    The size of one over a DataFrame is `30%` of the equity, or `{quote: 500}` and the like (`strategies.trade`).

    Raises InputError and NotFound for parameters that it does not have.
    """
    if loaded.frame_strategy is not None:
        sized = {"size": _size(parameters["size"])} if "size" in parameters else {}
        return loaded.with_params({**parameters, **sized}) if parameters else loaded
    flat: dict[str, Any] = {}
    for name, value in parameters.items():
        below = (
            {f"{name}.{inner}": one for inner, one in value.items()} if isinstance(value, Mapping) else {name: value}
        )
        if twice := flat.keys() & below.keys():
            raise InputError(
                f"{min(twice)} is given twice, as one name and below {min(twice).partition('.')[0]}; keep one."
            )
        flat |= below
    for name in flat:
        if name.count(".") != 1:
            raise InputError(f"{name!r:.60} is no parameter of a graph; write node.parameter, such as fast.period: 10.")
    return loaded.with_params(flat) if flat else loaded


def _size(value: Any) -> trade.Size:
    """The size of orders: `30%`, or one of `SIZES` with a number."""
    if isinstance(value, str) and value.strip().endswith("%"):
        value = {"percent_of_equity": scalar(value.strip().removesuffix("%"))}
    if isinstance(value, Mapping) and len(value) == 1:
        ((unit, amount),) = value.items()
        if unit in SIZES and is_finite(amount) and amount > 0:
            return trade.Size(unit, amount)
    raise InputError(
        f"size is {value!r:.60}; write 30% of the equity, or one of {', '.join(SIZES)} such as {{quote: 500}}."
    )


def _named(handler: str, folder: Path) -> tuple[Any, str]:
    """What a handler names in its module, and the name."""
    own = valvulin_class(handler)
    module_name, _, name = f"{VALVULIN}:{own}".partition(":") if own else handler.partition(":")
    module = _module(module_name, folder)
    found = getattr(module, name, None)
    if found is None:
        names = [key for key, one in vars(module).items() if isinstance(one, type | Strategy | Graph)]
        raise NotFound(f"{module_name} has no {name}.{did_you_mean(name, names)}")
    return found, f"{module_name}:{name}"


def _module(name: str, folder: Path) -> ModuleType:
    """A module of the folder of the configuration, else an installed one."""
    for path in (
        folder.joinpath(*name.split(".")).with_suffix(".py"),
        folder.joinpath(*name.split("."), "__init__.py"),
    ):
        if path.is_file():
            return load_file(path)
    try:
        if find_spec(name) is not None:
            return import_module(name)
    except ModuleNotFoundError as error:
        if not f"{name}.".startswith(f"{error.name}."):  # a module that it imports itself
            raise _not_imported(name, error) from error
    except (Exception, SystemExit) as error:
        raise _not_imported(name, error) from error
    file = name.replace(".", "/") + ".py"
    raise NotFound(f"There is no module {name}: no file {file} beside the configuration, and none is installed.")


def _not_imported(name: str, error: BaseException) -> InputError:
    return InputError(f"The module {name} cannot be imported: {type(error).__name__}: {error}.")


def _of_value(found: Any, name: str, *, parameters: Mapping[str, Any], context: Context) -> Loaded:
    if isinstance(found, type) and issubclass(found, FrameStrategy):
        return as_loaded(_constructed(found, parameters), context)
    if isinstance(found, FrameStrategy | Strategy | Graph):
        return as_loaded(found, context)
    if isinstance(found, type) and hasattr(found, "generate_signals"):
        raise InputError(f"{name} derives from another class; write class X(FrameStrategy), imported from wickwork.")
    raise InputError(f"{name} is not a strategy; name a class that derives from FrameStrategy, or a strategy.")


def _constructed(kind: type[FrameStrategy], parameters: Mapping[str, Any]) -> Any:
    """A strategy of that class, constructed with those parameters that it cannot do without."""
    arguments = inspect.signature(kind).parameters
    needed = [name for name, one in arguments.items() if one.default is one.empty]
    return construct(kind, kwargs={name: parameters[name] for name in needed if name in parameters})
