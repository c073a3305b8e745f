"""The columns that a strategy over a DataFrame gives, checked, and the graph that trades them."""

from __future__ import annotations

import hashlib
import json
import re
import traceback
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from types import CodeType, FunctionType
from typing import Any

import numpy as np

from wickwork.graph.document import Graph
from wickwork.graph.identity import code_digest
from wickwork.model.bars import Bars, iso
from wickwork.model.columns import OWN, Floats
from wickwork.model.errors import InputError, WickworkError, shown
from wickwork.nodes import builtin
from wickwork.strategies import trade
from wickwork.strategies.frames import OWN as SETTINGS
from wickwork.strategies.frames import FrameStrategy, numbers_of, settings_of, title_of
from wickwork.strategies.strategy import Strategy

SIGNAL, QUANTITY = "signal", "quantity"
LEVELS = ("stop_loss", "take_profit")
TRADED = (SIGNAL, *LEVELS, QUANTITY)
"""The columns by which it trades."""
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")


def evaluate(strategy: FrameStrategy, bars: Bars) -> Any:
    """The DataFrame of `generate_signals` over these bars.

    Raises InputError where the method fails, or returns another index than it was given, or no column `signal`.
    """
    import pandas as pd

    frame = bars.to_pandas().assign(**{name: np.array(values) for name, values in bars.columns.items()})
    index = frame.index.copy()
    title = title_of(strategy)
    try:
        found = strategy.generate_signals(frame)
    except WickworkError:
        raise
    except Exception as error:
        raise InputError(f"{title}.generate_signals failed over {len(bars):,} bars, {_place(error)}.") from error
    if not isinstance(found, pd.DataFrame):
        raise InputError(f"{title}.generate_signals returned {type(found).__name__}; return a DataFrame.")
    if not found.index.equals(index):
        raise InputError(
            f"{title}.generate_signals returned {len(found):,} rows for {len(bars):,} bars, or other times; return a "
            "row for each row of df, in its order, with a signal of 0 where there is none."
        )
    count = list(found.columns).count(SIGNAL)
    if count != 1:
        there = ", ".join(map(str, found.columns[:20]))
        raise InputError(f"{title}.generate_signals returned {count or 'no'} column signal, but {there}; return one.")
    return found


def columns_of(strategy: FrameStrategy, found: Any, bars: Bars, before: int = 0) -> dict[str, Floats]:
    """The columns of a result that a run takes, first those that it trades by; NaN where one has no value.

    `before` bars of the run precede `bars`: of the first bars of the run, those of the warm-up have a signal of 0.
    Raises InputError for a value that is none of the column.
    """
    title = title_of(strategy)
    columns = {name: _numbers(title, name, found[name], bars) for name in TRADED if name in found.columns}
    signal = np.nan_to_num(columns[SIGNAL])
    wrong = ~np.isin(signal, (-1.0, 0.0, 1.0)) | np.isinf(columns[SIGNAL])
    if wrong.any():
        raise _unfit(title, SIGNAL, bars, int(np.argmax(wrong)), found[SIGNAL], "1, 0, -1 or missing")
    signal[: max(strategy.warmup - before, 0)] = 0.0
    return {**columns, SIGNAL: signal} | {
        name: _numbers(title, name, found[name], bars) for name in _drawn(found, bars)
    }


def _drawn(found: Any, bars: Bars) -> list[str]:
    """The columns that can be drawn beside those of the bars: numbers, under a name that a column can have."""
    names = list(found.columns)
    return [
        name
        for name in names
        if isinstance(name, str)
        and _NAME.fullmatch(name)
        and names.count(name) == 1
        and name not in (*OWN, *TRADED, *bars.columns)
        and getattr(found[name].dtype, "kind", "O") in "biuf"
    ]


def _numbers(title: str, name: str, values: Any, bars: Bars) -> Floats:
    """A column as floats, NaN where it is missing. Raises InputError for a value that is no number."""
    if getattr(values, "ndim", 1) != 1:
        raise InputError(f"{title}.generate_signals returned several columns {name}; return one.")
    if getattr(values.dtype, "kind", "O") in "Mmc":  # times, durations and complex numbers, which NumPy would cast
        raise InputError(f"{title}.generate_signals returned a column {name} of {values.dtype}; it holds numbers.")
    try:
        return np.array(values.to_numpy(dtype=np.float64, na_value=np.nan))
    except (TypeError, ValueError, OverflowError):
        for i, value in enumerate(values):
            try:
                float(value)
            except (TypeError, ValueError, OverflowError):
                if value is not None and value == value:
                    raise _unfit(title, name, bars, i, values, "numbers") from None
        raise InputError(f"{title}.generate_signals returned a column {name} that does not hold numbers.") from None


def _unfit(title: str, name: str, bars: Bars, i: int, values: Any, wanted: str) -> InputError:
    """The error for the value of a column at the bar `i`."""
    value = shown(str(values.iloc[i]))
    return InputError(
        f"{title}: the column {name} is {value} at bar {i} ({iso(bars.opened_at[i])}); it holds {wanted}."
    )


def _place(error: Exception) -> str:
    """Where the error arose in the user's code, and what it was."""
    steps = traceback.extract_tb(error.__traceback__)
    own = [step for step in steps[1:] if "site-packages" not in step.filename]
    text = shown(f"{type(error).__name__}: {error}" if str(error) else type(error).__name__)
    return f"in line {own[-1].lineno} of {own[-1].filename}: {text}" if own else text


def code_of(strategy: FrameStrategy) -> float:
    """A hash of the methods of its class and of those that it derives from, as a whole number.

    The functions and the plain constants of the user's files that they name count, too, and so do its settings that
    are texts, or lists and dictionaries that JSON can hold.
    """
    sha, seen, kind = hashlib.sha256(), set[int](), type(strategy)
    for name, value in sorted(settings_of(strategy).items()):
        if name not in SETTINGS and isinstance(value, str | tuple | list | dict):
            with suppress(TypeError, ValueError):  # what JSON cannot hold may have another text in each process
                sha.update(f"{name}={json.dumps(value, sort_keys=True)}".encode("utf-8", "surrogatepass"))
    for one in kind.__mro__[: kind.__mro__.index(FrameStrategy)]:
        _hash_class(sha, one, seen)
    return float(int.from_bytes(sha.digest()[:6]))


def _hash_class(sha: Any, kind: type, seen: set[int]) -> None:
    """Add the functions of a class to a hash: methods, and those of properties, class methods and static methods."""
    for name, value in sorted(vars(kind).items()):
        for part in ("fget", "func", "__func__"):
            if isinstance(value, property | cached_property | classmethod | staticmethod):
                value = getattr(value, part, value)
        if isinstance(value, FunctionType):
            sha.update(name.encode())
            _hash_function(sha, value, seen)


def _hash_function(sha: Any, function: FunctionType, seen: set[int]) -> None:
    """Add the code of a function to a hash, its default values, and what it names of its own package."""
    if id(function) in seen:
        return
    seen.add(id(function))
    sha.update(code_digest(function.__code__))
    with suppress(TypeError, ValueError):
        if function.__defaults__ or function.__kwdefaults__:
            sha.update(json.dumps([function.__defaults__, function.__kwdefaults__], sort_keys=True).encode())
    package = function.__module__.partition(".")[0]
    for name in sorted(_names(function.__code__)):
        value = function.__globals__.get(name)
        own = getattr(value, "__module__", "").partition(".")[0] == package if callable(value) else False
        if own and isinstance(value, FunctionType):
            _hash_function(sha, value, seen)
        elif own and isinstance(value, type) and package != __name__.partition(".")[0] and id(value) not in seen:
            seen.add(id(value))
            _hash_class(sha, value, seen)
        elif isinstance(value, bool | int | float | str | tuple):
            sha.update(f"{name}={value!r}".encode("utf-8", "surrogatepass"))


def _names(code: CodeType) -> set[str]:
    """The names that a code object reads, those of functions inside it included."""
    inner = (one for one in code.co_consts if isinstance(one, CodeType))
    return {*code.co_names, *(name for one in inner for name in _names(one))}


def graph_of(strategy: FrameStrategy, names: Sequence[str] = (SIGNAL,), short: bool = False) -> Graph:
    """The graph that trades by the columns `names`; with `short` a signal of −1 opens a short position.

    The other columns stand in it to be drawn. Fixed values `param_…` hold the settings that are numbers, and
    `param_code` a hash of the code, so that two runs with other settings or other code are not taken for the same.
    """
    with Strategy(title_of(strategy)) as s:
        columns = {name: s.column(name, name=name) for name in names if name != "bars"}
        for name, value in (*numbers_of(strategy).items(), ("code", code_of(strategy))):
            plain = re.sub(r"[^A-Za-z0-9_]", "_", f"param_{name}")[:60]
            s.add(builtin()["number"], (), {"value": value, "name": s.next_name(plain)})
        size = trade.quantity(columns[QUANTITY]) if QUANTITY in columns else strategy.size
        levels: Mapping[str, Any] = {name: trade.price(columns[name]) for name in LEVELS if name in columns}
        up, down = columns[SIGNAL] > 0, columns[SIGNAL] < 0
        if short:
            trade.reverse(when=up, size=size, to="long", **levels)
            trade.reverse(when=down, size=size, to="short", **levels)
        else:
            trade.buy(when=up, size=size, **levels)
            trade.close(when=down)
    return s.graph
