"""Indicators by name, and several of them over the same bars."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from wickwork.compat.system_v4.arguments import with_named_arguments
from wickwork.compat.system_v4.base import BaseIndicator, IndicatorSignal
from wickwork.compat.system_v4.indicators import MACD, RSI, BollingerBands
from wickwork.model.errors import InputError, NotFound, did_you_mean


class IndicatorRegistry:
    """The indicators that a pipeline and a configuration may name; `register` adds one for the whole process."""

    _indicators: ClassVar[dict[str, type[BaseIndicator]]] = {
        "MACD": MACD,
        "RSI": RSI,
        "Bollinger Bands": BollingerBands,
    }

    @classmethod
    @with_named_arguments
    def register(cls, name: str, indicator_class: Any) -> None:
        """Add an indicator, whose class takes its parameters as a mapping.

        Raises InputError for a name that is no text, for another class, for one without all methods of an indicator,
        and for one that cannot be made of a mapping of parameters.
        """
        if not isinstance(name, str) or not name.strip():
            raise InputError(f"The name of an indicator is a text, was given {name!r:.60}.")
        if not (isinstance(indicator_class, type) and issubclass(indicator_class, BaseIndicator)):
            raise InputError(f"{indicator_class!r:.60} is no indicator; derive the class from BaseIndicator.")
        lacks = sorted(indicator_class.__abstractmethods__)
        if lacks:
            raise InputError(
                f"{indicator_class.__name__} has no {', '.join(lacks)}; every indicator needs these methods."
            )
        make: Any = indicator_class
        try:
            make({})
        except (TypeError, InputError) as error:
            why = str(error).rstrip(".")
            raise InputError(
                f"{indicator_class.__name__}({{}}) fails: {why}. Its constructor takes the parameters as a mapping: "
                "__init__(self, params=None)."
            ) from error
        cls._indicators[name] = indicator_class

    @classmethod
    @with_named_arguments
    def get(cls, name: str, params: Mapping[str, Any] | None = None) -> BaseIndicator:
        """An indicator with these parameters. Raises NotFound for a name that there is not, InputError for values."""
        if isinstance(name, BaseIndicator):
            raise InputError(f"Give the name of an indicator and its parameters: {name.name!r}, {name.params}.")
        if not cls.is_registered(name):
            raise NotFound(
                f"There is no indicator {name!r}; there are {', '.join(cls._indicators)}."
                f"{did_you_mean(str(name), cls._indicators)}"
            )
        if params is not None and not isinstance(params, Mapping):
            raise InputError(f"The parameters of {name} are given by name, was given {params!r:.60}.")
        make: Any = cls._indicators[name]
        made: BaseIndicator = make(dict(params or {}))
        return made

    @classmethod
    @with_named_arguments
    def get_params(cls, name: str) -> dict[str, Any]:
        """The parameters of an indicator with their defaults. Raises NotFound as `get`."""
        return cls.get(name).get_required_params()

    @classmethod
    def is_registered(cls, name: str) -> bool:
        """Whether there is an indicator of that name."""
        return isinstance(name, str) and name in cls._indicators

    @classmethod
    def list_indicators(cls) -> dict[str, dict[str, Any]]:
        """Each indicator's name, parameters with their defaults, and description."""
        return {
            name: {"name": name, "params": cls.get_params(name), "description": kind.__doc__ or ""}
            for name, kind in cls._indicators.items()
        }


class IndicatorPipeline:
    """Several indicators over the same bars, in the order in which they were added."""

    def __init__(self) -> None:
        self._added: dict[str, BaseIndicator] = {}

    @with_named_arguments
    def add(self, indicator_name: str, params: Mapping[str, Any] | None = None) -> Self:
        """Add an indicator; a second one of a name is called `RSI (2)`. Raises as `IndicatorRegistry.get`."""
        made = IndicatorRegistry.get(indicator_name, params)
        name, number = indicator_name, 1
        while name in self._added:
            number += 1
            name = f"{indicator_name} ({number})"
        self._added[name] = made
        return self

    def calculate(self, klines: Any) -> dict[str, dict[str, Any]]:
        """For each indicator `instance`, `values` (a DataFrame) and `latest_signals` (its last signal, or None).

        An indicator that these bars are not enough for has `error`, a sentence.
        """
        results: dict[str, dict[str, Any]] = {}
        for name, one in self._added.items():
            try:
                one.calculate(klines)
                results[name] = {
                    "instance": one,
                    "values": one.values,
                    "latest_signals": one.get_latest_signal(klines),
                }
            except InputError as error:
                results[name] = {"error": str(error)}
        return results

    def get_all_signals(self, klines: Any) -> dict[str, list[IndicatorSignal]]:
        """All signals of each indicator. Raises InputError where one cannot be computed of these bars."""
        return {name: one.get_signals(klines) for name, one in self._added.items()}

    def clear(self) -> Self:
        """Remove all indicators."""
        self._added.clear()
        return self

    def __len__(self) -> int:
        return len(self._added)

    def __repr__(self) -> str:
        return f"IndicatorPipeline({list(self._added)})"
