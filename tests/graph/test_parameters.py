"""Parameters take the values that people, files and commands write, and say what is wrong with others."""

from __future__ import annotations

import math
from typing import Any

import pytest

from wickwork.model.errors import InputError
from wickwork.nodes import builtin


def checked(node: str, parameter: str, value: Any) -> Any:
    found = builtin().get(node)
    return next(p for p in found.parameters if p.name == parameter).check(node, value)


@pytest.mark.parametrize(
    ("node", "parameter", "value", "meant"),
    [
        ("standard_deviation", "sample", "true", True),
        ("standard_deviation", "sample", "False", False),
        ("standard_deviation", "sample", True, True),
        ("adx", "period", "14", 14),
        ("adx", "period", 14.0, 14),
        ("adx", "period", 2, 2),
        ("adx", "period", 5000, 5000),
        ("bollinger", "multiplier", "2.5", 2.5),
        ("bollinger", "multiplier", 0, 0.0),
        ("timeframe", "to", "1h", "1h"),
        ("session", "begin", "9:30", "09:30"),
        ("session", "begin", " 13:05 ", "13:05"),
        ("session", "end", "24:00", "24:00"),
    ],
)
def test_what_is_meant(node: str, parameter: str, value: Any, meant: Any) -> None:
    found = checked(node, parameter, value)
    assert (type(found), found) == (type(meant), meant)


@pytest.mark.parametrize(
    ("node", "parameter", "value", "said"),
    [
        ("standard_deviation", "sample", "yes", "must be true or false, was 'yes'"),
        ("standard_deviation", "sample", 1, "must be true or false, was 1"),
        ("adx", "period", True, "must be a number, was True"),
        ("adx", "period", None, "must be a number, was None"),
        ("adx", "period", 10**400, "must be a number, was 1000"),
        ("adx", "period", math.inf, "must be a number, was inf"),
        ("adx", "period", 2.5, "must be a whole number, was 2.5"),
        ("adx", "period", 1, "must be between 2 and 5000, was 1"),
        ("adx", "period", 5001, "must be between 2 and 5000, was 5001"),
        ("bollinger", "multiplier", "wide", "must be a number, was 'wide'"),
        ("session", "begin", "24:00", "session.begin must be 23:59 at the latest, was 24:00"),
        ("session", "begin", "9", "session.begin must be a text from '00:00' to '24:00', such as '09:30', was '9'"),
        ("session", "begin", "09:60", "must be a text from"),
        ("session", "end", "24:01", "must be a text from"),
        ("session", "end", 810, "must be a text from"),
        ("session", "end", -1, "must be a text from"),
        ("session", "end", True, "must be a text from"),
        ("session", "end", math.nan, "must be a text from"),
        ("session", "end", "٠٩:٣٠", "must be a text from"),
    ],
)
def test_what_is_wrong(node: str, parameter: str, value: Any, said: str) -> None:
    with pytest.raises(InputError, match=said):
        checked(node, parameter, value)
