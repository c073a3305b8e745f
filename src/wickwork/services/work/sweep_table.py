"""Reading the table of a sweep."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from wickwork.model.errors import InputError, NotFound, did_you_mean, shown
from wickwork.services.tools import Tools


def rows(request: Mapping[str, Any], tools: Tools) -> dict[str, Any]:
    """`count` rows from `offset` on, sorted by the column `by` (as tried without one); `order` is `asc` or `desc`.

    Rows without a value in that column come last, and equal ones in the order in which they were tried. Raises
    InputError for an unknown column, NotFound where the file is missing.
    """
    del tools
    path = Path(request["path"])
    if not path.exists():
        raise NotFound(f"The stored file {path.name} is missing; restore it from a backup.")
    table = pd.read_parquet(path)
    by = request["by"]
    if by is not None:
        if by not in table.columns:
            raise InputError(f"The table has no column {shown(by)!r}.{did_you_mean(by, table.columns)}")
        table = table.sort_values(by, ascending=request["order"] == "asc", kind="stable", na_position="last")
    page = table.iloc[request["offset"] : request["offset"] + request["count"]]
    return {
        "columns": list(map(str, page.columns)),
        "rows": [list(map(_plain, row)) for row in page.astype(object).itertuples(index=False, name=None)],
        "total": len(table),
    }


def _plain(value: Any) -> Any:
    """A value as it is in JSON, None for a number that is not finite."""
    value = value.item() if isinstance(value, np.generic) else value
    return None if isinstance(value, float) and not math.isfinite(value) else value
