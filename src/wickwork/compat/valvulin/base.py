"""The base class of Valvulin's strategies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from types import MappingProxyType
from typing import Any, ClassVar, Self

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
        """The signal of the last row as a word: `buy`, `sell`, or None."""
        signals = self.generate_signals(data.copy()).signal
        return WORDS.get(int(signals.iloc[-1])) if len(signals) else None
