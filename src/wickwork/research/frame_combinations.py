"""The combinations of a strategy over a DataFrame: its signals are computed anew for each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from numpy.typing import NDArray

from wickwork.analytics.run import backtest
from wickwork.graph.signature import Value
from wickwork.model.bars import Bars
from wickwork.model.errors import InputError
from wickwork.research.parameter_space import ParameterSpace, listed, space_of
from wickwork.strategies.frames import FrameStrategy, refuse_settings, settings_of
from wickwork.strategies.load import Loaded


def refuse_parameters_of_frames(loaded: Loaded, over: Mapping[str, Any]) -> None:
    """Raise InputError for a parameter of a member of a portfolio that is a class over a DataFrame.

    Its columns are computed once, before the combinations run.
    """
    for name in over:
        part = name.partition(".")[0]
        if part in loaded.frame_parts:
            raise InputError(
                f"{part} is a class over a DataFrame, whose parameters cannot vary inside a portfolio; sweep the class "
                f"alone, or give {name} with params=."
            )


def frame_space(
    loaded: Loaded, over: Mapping[str, Sequence[Any]], where: Callable[[dict[str, Value]], bool] | None = None
) -> ParameterSpace:
    """All combinations of these values for which `where` is true.

    Raises InputError for a parameter that the strategy does not have, for a value that is no number, word, True or
    False, and for a combination of which the strategy cannot be constructed.
    """
    given = listed(over)
    space = space_of({name: _values(loaded, name, values) for name, values in given.items()}, where)
    for number in range(len(space)):
        _with(loaded, space.params(number))
    return space


def _with(loaded: Loaded, params: Mapping[str, Any]) -> FrameStrategy:
    """The strategy with other parameters. Raises InputError where it cannot have them."""
    if loaded.frame_strategy is None:
        raise InputError("This is no strategy over a DataFrame; its combinations are those of a graph.")
    made = loaded.frame_strategy.with_params(params)
    refuse_settings(made)
    return made


def _values(loaded: Loaded, name: str, values: Sequence[Any]) -> tuple[Value, ...]:
    """The values of a parameter in the type that it has in the strategy, each once."""
    found: dict[tuple[type, Value], Value] = {}
    for value in values:
        made = _with(loaded, {name: value})
        kept = settings_of(made).get(made.attribute_of(name), value)
        if not isinstance(kept, bool | int | float | str):
            raise InputError(f"{name} cannot be {value!r:.60} in a sweep: it varies numbers, words, True and False.")
        found.setdefault((type(kept), kept), kept)
    return tuple(found.values())


def run_frame_combinations(
    loaded: Loaded,
    space: ParameterSpace,
    bars: Sequence[Bars],
    account: NDArray[Any],
    progress: Callable[[int, int], None] | None = None,
    **assumptions: Any,
) -> None:
    """Write the account after the last bar of every combination, rows of `ACCOUNT`; `assumptions` are of `backtest`.

    Rows that a KeyboardInterrupt leaves out stay as they are. Raises InputError as `backtest` does, with the
    combination.
    """
    for number in range(len(space)):
        params = space.params(number)
        try:
            account[number] = backtest(loaded, bars, params=params, **assumptions).history.account
        except InputError as error:
            setting = ", ".join(f"{name}={value}" for name, value in params.items())
            raise InputError(f"With {setting}: {error}") from error
        if progress is not None:
            progress(number + 1, len(space))
