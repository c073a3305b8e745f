"""The columns that an indicator or a strategy reads of a DataFrame of bars."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wickwork.model.errors import InputError, did_you_mean


def check_columns(owner: str, frame: Any, names: Sequence[str]) -> None:
    """Raise InputError where a frame is no DataFrame, or has not one column of each name; `owner` needs them."""
    import pandas as pd

    if not isinstance(frame, pd.DataFrame):
        raise InputError(f"{owner} needs bars as a DataFrame, was given {type(frame).__name__}.")
    there = list(frame.columns)
    missing = [name for name in names if name not in there]
    if missing:
        hint = did_you_mean(missing[0], map(str, there))
        rename = " The names of columns are in small letters: df.rename(columns=str.lower)." if hint else ""
        raise InputError(f"{owner} needs the column {', '.join(missing)}, which the bars do not have.{rename}")
    for name in names:
        if there.count(name) > 1:
            raise InputError(f"{owner}: the bars have {there.count(name)} columns named {name}; leave one of each.")
