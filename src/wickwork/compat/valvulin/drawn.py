"""What the plots draw: candles, lines of indicators, and trades, read from what a user gives."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from wickwork.compat.valvulin.performance import is_known, number_of, rows_of, value_of
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

    Raises InputError for something else, and where there are none.
    """
    import pandas as pd

    if not isinstance(data, pd.DataFrame) or not isinstance(data.index, pd.DatetimeIndex):
        raise InputError("The bars to draw are a DataFrame with a DatetimeIndex.")
    if not len(data) or data.index.hasnans:
        raise InputError(f"The bars to draw have {'a row without a time' if len(data) else 'no rows'}.")
    names = [str(name).lower() for name in data.columns]
    missing = [name for name in PRICES if name not in names]
    if missing:
        raise InputError(f"The bars to draw have no column {', '.join(missing)}.")
    twice = [name for name in PRICES if names.count(name) > 1]
    if twice:
        raise InputError(f"The bars to draw have several columns {', '.join(twice)}; leave one of each.")
    frame = data.rename(columns={name: str(name).lower() for name in data.columns if str(name).lower() in PRICES})
    try:
        return frame.astype(dict.fromkeys(PRICES, np.float64)).sort_index()
    except (TypeError, ValueError) as error:
        raise InputError(f"The prices to draw are no numbers: {error}.") from None


def indicator_lines(frame: Any, *given: Mapping[str, Any] | None) -> Iterator[tuple[str, Any]]:
    """Each line by its name, with the index of the bars; the columns of a DataFrame are lines of their own.

    A function is called with the bars. Raises InputError for values that do not fit the bars.
    """
    import pandas as pd

    for indicators in given:
        if indicators is not None and not isinstance(indicators, Mapping):
            raise InputError(f"Indicators are given by name, {{'EMA': series}}, was given {indicators!r:.60}.")
        for name, one in (indicators or {}).items():
            values = one(frame.copy()) if callable(one) else one
            if isinstance(values, pd.DataFrame):
                for column in values.columns:
                    yield f"{name} ({column})", _on_bars(f"{name} ({column})", frame, values[column])
            else:
                yield str(name), _on_bars(str(name), frame, values)


def _on_bars(name: str, frame: Any, values: Any) -> Any:
    """One line as numbers on the index of the bars, missing where it has none."""
    import pandas as pd

    if isinstance(values, pd.Series):
        if values.index.has_duplicates:
            raise InputError(f"The indicator {name} has several values for one time; leave one of each.")
        if len(values) and not values.index.isin(frame.index).any():
            raise InputError(f"The indicator {name} has no value at a time of the bars; give it their index.")
        line = values.reindex(frame.index)
    else:
        listed = list(values) if isinstance(values, Iterable) and not isinstance(values, str) else None
        if listed is None or len(listed) != len(frame):
            count = "no list" if listed is None else f"{len(listed):,} values"
            raise InputError(f"The indicator {name} has {count} for {len(frame):,} bars; give a value for each.")
        line = pd.Series(listed, index=frame.index, dtype=object)
    try:
        return line.astype(np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(f"The indicator {name} does not hold numbers: {error}.") from None


def trade_rows(trades: Any, zone: Any) -> list[dict[str, Any]]:
    """The trades as rows with times, prices, side, result and a label; those of a result, of a list or a DataFrame.

    Times are in `zone`, None for UTC times without a zone; times without one are UTC. Raises InputError for a trade
    that lacks one of these.
    """
    rows = []
    for count, trade in enumerate(rows_of(getattr(trades, "trades", trades)), start=1):
        signal = value_of(trade, "signal")
        side = value_of(trade, "side") or value_of(signal, "side")
        times = {name: _moment(value_of(trade, name), zone) for name in ("entry_time", "exit_time")}
        prices = {name: number_of(trade, name) for name in ("entry_price", "exit_price")}
        absent = [name for name, value in {**times, **prices}.items() if value is None or value != value]
        if absent or not isinstance(side, str) or side not in SIDES:
            what = ", ".join(absent) if absent else f"side BUY or SELL, but {side!r:.30}"
            raise InputError(f"The trade {count} has no {what}; a trade to draw needs it.")
        pnl, r = number_of(trade, "pnl"), number_of(trade, "r_multiple")
        pnl = 0.0 if np.isnan(pnl) else pnl
        label = f"{pnl:+,.2f}" + ("" if np.isnan(r) else f", {r:+.2f} R")
        stop = next((x for x in (number_of(one, "stop_loss") for one in (trade, signal)) if x == x), None)
        rows.append({**prices, **times, "side": side, "pnl": pnl, "label": label, "stop_loss": stop})
    return rows


def _moment(value: Any, zone: Any) -> Any:
    """A time in a zone, or None where there is none."""
    import pandas as pd

    if not is_known(value):
        return None
    try:
        moment: Any = pd.Timestamp(value)
    except (TypeError, ValueError) as error:
        raise InputError(f"{value!r:.60} is no time of a trade: {error}.") from None
    return (moment if moment.tz is not None else moment.tz_localize("UTC")).tz_convert(zone)
