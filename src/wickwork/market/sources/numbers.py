"""Columns of a file into numbers.

`23,141.57` and `23.141,57` are the same number, and `12.736` is one of two: which sign separates decimals in a file
follows from all of its cells. A cell such as `141.5` or `0.125` has a decimal point for sure, `1,234,567` a comma that
separates thousands, and a file in which both signs separate decimals is refused.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from wickwork.market.raw import Unreadable
from wickwork.market.sources.cells import decoded, is_text, one_by_one, to_floats
from wickwork.market.sources.table import Column
from wickwork.model.bars import Floats
from wickwork.model.errors import InputError, shown

_OTHER_GROUPS = "[ \u00a0\u202f'’]"
"""Spaces and apostrophes that separate thousands; they do not separate decimals anywhere."""


@dataclass(frozen=True)
class _Sign:
    """Patterns of cells in which a sign separates decimals."""

    sign: str
    sure: str
    """Cells in which nothing else is possible."""
    unsure: str
    """Cells in which it may as well separate thousands."""
    grouped: str
    """Cells with groups of thousands, where it separates decimals."""


def _sign(decimal: str, other: str) -> _Sign:
    decimal, other = rf"\{decimal}", rf"\{other}"
    plain = rf"(\d+{decimal}\d*|{decimal}\d+)([eE][-+]?\d+)?"
    groups = rf"\d{{1,3}}(({other}\d{{3}})+|({_OTHER_GROUPS}\d{{3}})+)"
    return _Sign(
        decimal[1:],
        rf"^[-+]?({plain}|{groups}{decimal}\d*|\d{{1,3}}({other}\d{{3}}){{2,}})$",
        rf"^[-+]?[1-9]\d{{0,2}}{decimal}\d{{3}}$",
        rf"^[-+]?{groups}({decimal}\d*)?$",
    )


_POINT, _COMMA = _sign(".", ","), _sign(",", ".")


def to_numbers(
    columns: dict[str, Column], source: str, semicolons: bool = False
) -> tuple[dict[str, Floats], list[Unreadable]]:
    """Columns as float64, with NaN for what is missing or not a number, and the first cells that are not numbers.

    All columns of a file belong into one call, for the sign that separates decimals is found once. Raises InputError
    where a column has a type that is not a number, and where cells disagree about the sign or none of them shows it.
    """
    columns = {name: decoded(column) for name, column in columns.items()}
    texts = {name: pc.utf8_trim_whitespace(one) for name, one in columns.items() if is_text(one.type)}
    for name, column in columns.items():
        kind = column.type
        numeric = pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_decimal(kind)
        if name not in texts and not numeric and not pa.types.is_null(kind):
            raise InputError(f"The column {name} holds {kind} where numbers are needed.")
    if not semicolons:
        with suppress(pa.ArrowInvalid):  # numbers with a decimal point throughout, as nearly all files have them
            return {name: to_floats(texts.get(name, column)) for name, column in columns.items()}, []
    values, bad = {}, []
    decimal = _decimal_sign(texts, source, semicolons)
    for name, column in columns.items():
        if name not in texts:
            values[name] = to_floats(column)
            continue
        bare = _plain(texts[name], decimal)
        try:
            values[name] = to_floats(bare)
        except pa.ArrowInvalid:
            values[name], wrong = one_by_one(bare, name, _number, np.nan, np.dtype(np.float64))
            originals = texts[name]
            bad += [Unreadable(one.row, name, str(originals[one.row])[:60]) for one in wrong]
    return values, bad


def _decimal_sign(texts: dict[str, Column], source: str, semicolons: bool) -> _Sign:
    """The sign that separates decimals in these columns."""
    points, commas = _first(texts, _POINT.sure, _POINT.unsure), _first(texts, _COMMA.sure, _COMMA.unsure)
    if points and commas:
        raise InputError(
            f"{source} writes numbers in two ways: {points} has a decimal point, and {commas} a decimal comma; "
            "write all of them in one way."
        )
    if points or commas:
        return _POINT if points else _COMMA
    unsure = _first(texts, _COMMA.unsure) or (_first(texts, _POINT.unsure) if semicolons else "")
    if unsure:
        raise InputError(
            f"{source} does not show whether {unsure} is a number with three decimals or a number of thousands, and no "
            "other cell does; write numbers with a decimal point and without signs between thousands, "
            "in cells that commas separate."
        )
    return _POINT


def _first(texts: dict[str, Column], pattern: str, unless: str = "") -> str:
    """The first cell that matches a pattern and not the other one, for a sentence; empty if there is none."""
    for name, column in texts.items():
        found = pc.match_substring_regex(column, pattern)
        if unless:
            found = pc.and_not(found, pc.match_substring_regex(column, unless))
        row = pc.index(found, True).as_py()
        if row >= 0:
            return f"{shown(str(column[row]))!r} (row {row}, {name})"
    return ""


def _plain(texts: Column, decimal: _Sign) -> Column:
    """The texts as Python writes numbers; those that are not numbers stay as they are."""
    grouped = pc.match_substring_regex(texts, decimal.grouped)
    if pc.any(grouped, min_count=0).as_py():
        other = "," if decimal is _POINT else "."
        bare = pc.replace_substring_regex(texts, rf"\{other}|{_OTHER_GROUPS}", "")
        texts = pc.if_else(grouped, bare, texts)
    if decimal is _POINT:
        return texts
    numbers = pc.match_substring_regex(texts, r"^[-+]?(\d+,\d*|,\d+)([eE][-+]?\d+)?$")
    plain: Column = pc.if_else(numbers, pc.replace_substring(texts, ",", "."), texts)
    return plain


def _number(text: str) -> float:
    if "_" in text:  # Python reads 1_000; no other program does
        raise ValueError(text)
    return float(text)
