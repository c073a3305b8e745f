"""What the plots draw: candles, lines of indicators, and trades, read from what a user gives."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from wickwork.compat.valvulin.performance import rows_of, value_of
from wickwork.model.errors import InputError

UP, DOWN, EVEN = "#26a69a", "#ef5350", "#9e9e9e"
PRICES = ("open", "high", "low", "close")


class Marker(NamedTuple):
    """How the trades of one side are marked."""

    way: str
    color: str


SIDES = {"BUY": Marker("up", UP), "SELL": Marker("down", DOWN)}


def candles_of(data: Any) -> Any:
    """The bars with the columns open, high, low and close in any letter case, in order of time.

    Raises InputError for something else.
    """
    import pandas as pd

    if not isinstance(data, pd.DataFrame) or not isinstance(data.index, pd.DatetimeIndex):
        raise InputError("The bars to draw are a DataFrame with a DatetimeIndex.")
    names = {str(name).lower(): name for name in data.columns}
    missing = [name for name in PRICES if name not in names]
    if missing:
        raise InputError(f"The bars to draw have no column {', '.join(missing)}.")
    return data.sort_index().rename(columns={names[name]: name for name in PRICES})


def indicator_lines(frame: Any, indicators: Mapping[str, Any] | None) -> Iterator[tuple[str, Any]]:
    """Each line by its name, with the index of the bars; the columns of a DataFrame are lines of their own.

    A function is called with the bars. Raises InputError for values that do not fit the bars.
    """
    import pandas as pd

    for name, given in (indicators or {}).items():
        values = given(frame.copy()) if callable(given) else given
        if isinstance(values, pd.DataFrame):
            for column in values.columns:
                yield f"{name} ({column})", values[column].reindex(frame.index)
        elif isinstance(values, pd.Series):
            yield str(name), values.reindex(frame.index)
        else:
            listed = list(values) if isinstance(values, Iterable) and not isinstance(values, str) else None
            if listed is None or len(listed) != len(frame):
                count = "no list" if listed is None else f"{len(listed):,} values"
                raise InputError(f"The indicator {name} has {count} for {len(frame):,} bars; give a value for each.")
            yield str(name), pd.Series(listed, index=frame.index, dtype=np.float64)


def trade_rows(trades: Any) -> list[dict[str, Any]]:
    """The trades as rows with times, prices, side, result and a label; those of a result, of a list or a DataFrame.

    Raises InputError for a trade that lacks one of these.
    """
    import pandas as pd

    rows = []
    for number, trade in enumerate(rows_of(getattr(trades, "trades", trades)), start=1):
        signal = value_of(trade, "signal")
        side = value_of(trade, "side") or value_of(signal, "side")
        found = {name: value_of(trade, name) for name in ("entry_time", "exit_time", "entry_price", "exit_price")}
        absent = [name for name, value in found.items() if value is None]
        if absent or side not in SIDES:
            what = ", ".join(absent) if absent else f"side BUY or SELL, but {side!r:.30}"
            raise InputError(f"The trade {number} has no {what}; a trade to draw needs it.")
        pnl = float(value_of(trade, "pnl") or 0.0)
        r = value_of(trade, "r_multiple")
        times = {name: pd.Timestamp(found[name]) for name in ("entry_time", "exit_time")}
        label = f"{pnl:+,.2f}" + (f", {float(r):+.2f} R" if r is not None and r == r else "")
        stop = value_of(trade, "stop_loss") or value_of(signal, "stop_loss")
        rows.append({**found, **times, "side": side, "pnl": pnl, "label": label, "stop_loss": stop})
    return rows
