"""The base class of Valvulin's strategies."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from numbers import Real
from types import MappingProxyType
from typing import Any, ClassVar, Self

from wickwork.compat.columns import check_columns
from wickwork.model.errors import InputError, did_you_mean
from wickwork.strategies.frames import OWN, FrameStrategy

WORDS = {1: "buy", -1: "sell"}
SHARED = {"window": "window_", "warmup": "warmup_"}
"""Usual names of parameters that are also settings of `FrameStrategy`, with the attribute that has the parameter."""


class BaseStrategy(FrameStrategy):
    """A `FrameStrategy` with Valvulin's way to give parameters.

    A subclass names its parameters with their defaults in `default_params`; `Cross(fast=5)` changes one. Each is an
    attribute, `self.fast`, and `self.params` has all of them. A parameter `window` or `warmup` is read as
    `self.params["window"]`: the attribute of that name is the setting of `FrameStrategy`. Raises InputError for a
    parameter that is not in `default_params`, and for one with the name of another setting or of a method.
    """

    default_params: ClassVar[Mapping[str, Any]] = {}

    def __init__(self, **params: Any) -> None:
        kind, known = type(self).__name__, self.default_params
        for name in (*known, *params):
            if name not in known:
                raise InputError(f"{kind} has no parameter {name!r}.{did_you_mean(name, known)}")
            if name not in SHARED and (name in OWN or hasattr(FrameStrategy, name) or name == "params"):
                raise InputError(
                    f"{kind} has a parameter {name!r}, which every strategy has with a meaning of its own; "
                    "rename it in default_params."
                )
        for name, value in {**known, **params}.items():
            setattr(self, SHARED.get(name, name), value)

    @property
    def params(self) -> Mapping[str, Any]:
        """The parameters by name, to read; set the attribute of that name to change one."""
        names = [one.name for one in fields(self)] if is_dataclass(self) else list(self.default_params)
        return MappingProxyType({name: getattr(self, self.attribute_of(name)) for name in names})

    def with_params(self, changes: Mapping[str, Any]) -> Self:
        """As that of `FrameStrategy`; `window` is the parameter where `default_params` has one of that name."""
        return super().with_params({self.attribute_of(name): value for name, value in changes.items()})

    def attribute_of(self, parameter: str) -> str:
        """`window_` for a parameter `window`, and so on; any other name is that of the attribute."""
        return SHARED.get(parameter, parameter) if parameter in self.default_params else parameter

    def generate_signal(self, data: Any) -> str | None:
        """The signal of the last row as a word: `buy`, `sell`, or None. Raises InputError without a column `signal`."""
        found = self.generate_signals(data.copy())
        if "signal" not in found:
            raise InputError(f"{type(self).__name__}.generate_signals returned no column signal; return one.")
        return WORDS.get(found.signal.iloc[-1]) if len(found) else None


class RuleStrategy(BaseStrategy):
    """A strategy of Valvulin's own; each is a dataclass, whose fields are its parameters.

    A parameter that is a whole number is a number of bars, from 1 on; any other number is 0 or more. Raises InputError
    for another value, and for a parameter that the strategy does not have.
    """

    def __new__(cls, *args: Any, **given: Any) -> Self:
        """Refuse parameters that there are not, before the constructor would fail on them."""
        known = [one.name for one in fields(cls)]  # type: ignore[arg-type]  # every subclass is a dataclass
        for name in given:
            if name not in known:
                raise InputError(f"{cls.__name__} has no parameter {name!r}.{did_you_mean(name, known)}")
        return super().__new__(cls, *args, **given)

    def __post_init__(self) -> None:
        """Check the numbers; those of bars become whole ones."""
        for one in fields(self):  # type: ignore[arg-type]
            where = f"{type(self).__name__}.{one.name}"
            value: Any = getattr(self, one.name)
            is_number = not isinstance(value, bool) and isinstance(value, Real) and math.isfinite(value)
            if isinstance(one.default, int):
                if not (is_number and value >= 1 and value % 1 == 0):
                    raise InputError(f"{where} is a number of bars from 1 on, was {value!r:.60}.")
                object.__setattr__(self, one.name, int(value))
            elif isinstance(one.default, float) and not (is_number and value >= 0):
                raise InputError(f"{where} is a number from 0 on, was {value!r:.60}.")

    def check_bars(self, df: Any, *names: str) -> None:
        """Raise InputError where the bars have not one column of numbers of each name."""
        import pandas as pd

        owner = type(self).__name__
        check_columns(owner, df, names)
        for name in names:
            if not pd.api.types.is_numeric_dtype(df[name]):
                raise InputError(f"{owner}: the column {name} does not hold numbers; convert it: pd.to_numeric.")
