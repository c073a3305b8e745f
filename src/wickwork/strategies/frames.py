"""A strategy over a DataFrame: a class whose `generate_signals` adds a column `signal` to the bars.

class Cross(FrameStrategy):
    fast, slow = 12, 26

    def generate_signals(self, df):
        above = df.close.ewm(span=self.fast).mean() > df.close.ewm(span=self.slow).mean()
        df["signal"] = above.astype(int).diff()
        return df

backtest(Cross(), bars)
"""

from __future__ import annotations

import copy
import inspect
from collections.abc import Mapping
from functools import cached_property
from numbers import Real
from types import MappingProxyType
from typing import Any, Self

from wickwork.model.errors import InputError, WickworkError, did_you_mean
from wickwork.model.finite import is_finite
from wickwork.strategies import trade
from wickwork.strategies.remedies import by_name

OWN = ("name", "warmup", "window", "size", "checked")
"""The settings that every such strategy has."""


class FrameStrategy:
    """Signals computed over a DataFrame of bars; subclasses override `generate_signals`.

    A signal of 1 opens a long position, or turns a short one; −1 opens a short one on a perpetual, or turns a long one,
    and closes a long one on spot; 0 changes nothing. The position stays until the opposite signal, its stop loss or its
    take profit. Orders are market orders, decided when the bar of the signal has closed.
    """

    name: str = ""
    """The name of the strategy; empty for the name of its class."""
    warmup: int = 0
    """The first so many bars of a run have no signal."""
    window: int = 500
    """How many bars a paper run evaluates at each bar: the bar and those before it."""
    size: trade.Size = trade.percent_of_equity(100)
    """The size of an entry, where there is no column `quantity`."""
    checked: bool = True
    """Whether a backtest or paper run first examines it for signals that depend on later bars, or on bars before the
    window."""

    _given: tuple[tuple[Any, ...], dict[str, Any]]
    _changed: Mapping[str, Any] = MappingProxyType({})
    """What `with_params` has changed beside the arguments of the constructor."""

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        """Keep the arguments of the constructor, so that `with_params` can construct the strategy anew."""
        made = super().__new__(cls)
        object.__setattr__(made, "_given", (args, kwargs))  # also where the subclass is a frozen dataclass
        return made

    def generate_signals(self, df: Any) -> Any:
        """Return the DataFrame with a column `signal` of 1, 0 and −1; missing values count as 0.

        `df` has the columns open, high, low, close and volume, columns from outside that the bars carry, and a
        DatetimeIndex of opening times in UTC; it is a copy and may be changed. The result has the same index. Its
        columns `stop_loss` and `take_profit` are prices in quote units, `quantity` is in base units; an entry whose
        value is missing there is denied. Other numeric columns can be drawn in the report. A row may depend on its own
        bar and those before it. Raises InputError where a subclass does not override it.
        """
        raise InputError(f"{title_of(self)} has no generate_signals(self, df); write this method.")

    def with_params(self, changes: Mapping[str, Any]) -> Self:
        """The same strategy with other arguments of its constructor or other attributes, `{"fast": 10}`.

        Where an argument of the constructor changes, the strategy is constructed anew, and attributes that were changed
        or added since then stay as they are. Raises InputError for a name
        that is neither, and for a value of another type.
        """
        changes = by_name(changes, '{"fast": 10}')
        arguments = {name: changes[name] for name in changes if name in _arguments(type(self))}
        attributes = settings_of(self)
        for name, value in changes.items():
            if name not in arguments and name not in attributes:
                known = [*_arguments(type(self)), *attributes]
                raise InputError(f"{title_of(self)} has no parameter {name!r}.{did_you_mean(name, known)}")
            if name in attributes:
                changes = {**changes, name: _fitting(title_of(self), name, attributes[name], value)}
        made = construct(type(self), *self._bound(changes, arguments)) if arguments else copy.copy(self)
        changed = {**self._changed, **{name: changes[name] for name in changes if name not in arguments}}
        later = {name: value for name, value in vars(self).items() if name not in vars(made)}
        for name, value in {**later, **changed, "_changed": changed}.items():
            object.__setattr__(made, name, value)
        return made

    def attribute_of(self, parameter: str) -> str:
        """The name of the attribute that has a parameter; a subclass may keep one under another name."""
        return parameter

    def _bound(self, changes: Mapping[str, Any], names: Mapping[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """The arguments of the constructor, as they were given and with those of these names changed."""
        args, kwargs = self._given
        bound = inspect.signature(type(self)).bind_partial(*args, **kwargs)
        bound.arguments.update({name: changes[name] for name in names})
        return bound.args, bound.kwargs


def construct(kind: type[FrameStrategy], args: tuple[Any, ...] = (), kwargs: Mapping[str, Any] | None = None) -> Any:
    """A strategy of that class. Raises InputError where its constructor needs other arguments or fails."""
    try:
        return kind(*args, **(kwargs or {}))
    except TypeError as error:
        raise InputError(
            f"{kind.__name__} cannot be constructed: {error}. Give an instance with its arguments."
        ) from error
    except WickworkError:
        raise
    except Exception as error:
        text = f"{error}" if isinstance(error, ValueError) else f"{type(error).__name__}: {error}"
        raise InputError(f"{kind.__name__} cannot be constructed: {text}") from error


def title_of(strategy: FrameStrategy | type[FrameStrategy]) -> str:
    """The name of the strategy, or that of its class."""
    return str(strategy.name or (strategy if isinstance(strategy, type) else type(strategy)).__name__)


def settings_of(strategy: FrameStrategy) -> dict[str, Any]:
    """The attributes that can be changed, by name: those of the class and of the instance, no methods."""
    found: dict[str, Any] = {}
    for holder in (*(vars(kind) for kind in reversed(type(strategy).__mro__)), vars(strategy)):
        for name in holder:
            if name.startswith("_"):
                continue
            value = inspect.getattr_static(strategy, name)
            if not callable(value) and not isinstance(value, (property, cached_property, classmethod, staticmethod)):
                found[name] = getattr(strategy, name)
    return found


def as_float(value: Real) -> float | None:
    """The number as a float; None where it is too large for one."""
    try:
        return float(value)
    except OverflowError:
        return None


def numbers_of(strategy: FrameStrategy) -> dict[str, float]:
    """Those settings that are numbers, true as 1 and false as 0."""
    return {
        name: float(value)
        for name, value in settings_of(strategy).items()
        if name != "checked" and isinstance(value, Real) and is_finite(as_float(value))
    }


def refuse_settings(strategy: FrameStrategy) -> None:
    """Raise InputError for a warm-up or a window that is no number of bars."""
    for name, least in (("warmup", 0), ("window", 1)):
        value = getattr(strategy, name)
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            raise InputError(
                f"{title_of(strategy)}.{name} is {value!r}; give a whole number of bars, at least {least}."
            )
    if strategy.window <= strategy.warmup:
        raise InputError(
            f"{title_of(strategy)} has a window of {strategy.window} bars and a warm-up of {strategy.warmup}; "
            "the window must be longer than the warm-up."
        )


def _arguments(kind: type[FrameStrategy]) -> list[str]:
    """The names of the constructor's arguments."""
    if kind.__init__ is object.__init__:
        return []
    several = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return [one.name for one in inspect.signature(kind).parameters.values() if one.kind not in several]


def _fitting(title: str, name: str, now: Any, value: Any) -> Any:
    """The value, if it is of the type of the value now, which words and whole numbers can be read as."""
    if isinstance(now, bool):
        read = {"true": True, "false": False, "1": True, "0": False}.get(str(value).lower())
        if read is None:
            raise InputError(f"{title}.{name} is true or false, was given {value!r}.")
        return read
    if isinstance(now, int | float):
        if isinstance(value, bool) or not isinstance(value, Real):
            raise InputError(f"{title}.{name} is a number, was given {value!r}.")
        number = as_float(value)
        if number is None:
            raise InputError(f"{title}.{name} was given a number that is too large for a float.")
        if isinstance(now, int) and not is_finite(number):
            raise InputError(f"{title}.{name} is a number, was given {value!r}.")
        return int(number) if isinstance(now, int) and number.is_integer() else number
    if isinstance(now, trade.Size) and not isinstance(value, trade.Size):
        raise InputError(f"{title}.{name} is a size such as trade.percent_of_equity(50), was given {value!r}.")
    if isinstance(now, str) and not isinstance(value, str | int | float):
        raise InputError(f"{title}.{name} is a text, was given {value!r:.60}.")
    return str(value) if isinstance(now, str) else value
