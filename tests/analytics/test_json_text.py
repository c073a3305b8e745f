"""The JSON of a run is written in pieces, and is the same text as in one."""

import json
from typing import Any

import numpy as np
import pytest

from wickwork.analytics import json_text
from wickwork.analytics.json_text import json_pieces, rows_of


def table(rows: int) -> dict[str, Any]:
    return {
        "number": np.arange(rows),
        "closed_at": [None if i % 3 else 1_704_067_200_000 + i for i in range(rows)],
        "gain": np.where(np.arange(rows) % 2 == 0, np.nan, 0.1),
        "node": ["a\nb", "Größe"] * (rows // 2) + ["x"] * (rows % 2),
    }


@pytest.mark.parametrize("rows", [0, 1, 4, 5, 6, 8])
def test_the_pieces_are_the_text_of_the_whole(rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_text, "ROWS", 4)
    some = {"a": [1, {"b": []}], "empty": {}, "text": "one\ntwo"}
    text = "".join(json_pieces({**some, "rows": lambda: table(rows), "more": None}))
    whole = {**some, "rows": rows_of(table(rows)), "more": None}
    assert text == json.dumps(whole, ensure_ascii=False, indent=1) + "\n"


def test_no_parts_at_all() -> None:
    assert "".join(json_pieces({})) == json.dumps({}, indent=1) + "\n"


def test_a_long_table_never_stands_in_one_piece() -> None:
    pieces = list(json_pieces({"rows": lambda: table(20 * json_text.ROWS)}))
    assert max(map(len, pieces)) * 15 < sum(map(len, pieces))
