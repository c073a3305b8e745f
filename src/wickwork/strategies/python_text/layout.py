"""Python text with line breaks where `ruff format` leaves them: calls that are too long have one argument a line."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

WIDTH = 120
"""The most columns that a line has."""


@dataclass(frozen=True)
class Bracketed:
    """A call or a display: what opens it, its items (each a prefix such as `period=` and a text), what closes it."""

    head: str
    items: tuple[tuple[str, Text], ...]
    tail: str
    tall: bool = False
    """Whether each item has a line of its own even if all of them fit on one."""


Text = str | Bracketed


def flat(text: Text) -> str:
    """The text on one line."""
    if isinstance(text, str):
        return text
    return f"{text.head}{', '.join(prefix + flat(item) for prefix, item in text.items)}{text.tail}"


def lines(text: Text, before: str = "", after: str = "", indent: int = 0) -> Iterator[str]:
    """The lines of a text between `before` and `after`, indented by so many spaces."""
    margin = " " * indent
    one = f"{margin}{before}{flat(text)}{after}"
    if isinstance(text, str) or not text.items or (fits(one) and not text.tall):
        yield one
        return
    yield f"{margin}{before}{text.head}"
    for prefix, item in text.items:
        yield from lines(item, prefix, ",", indent + 4)
    yield f"{margin}{text.tail}{after}"


def fits(line: str) -> bool:
    """Whether a line is surely not too long; characters outside of ASCII may be two columns wide."""
    return sum(1 if character.isascii() else 2 for character in line) <= WIDTH


def literal(value: Any) -> Text:
    """A value of JSON as Python. A float that is a whole number is written as one."""
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, float):
        return _float(value)
    if isinstance(value, Mapping):
        pairs = sorted(value.items(), key=lambda pair: str(pair[0]))
        return Bracketed("{", tuple((f"{flat(literal(key))}: ", literal(one)) for key, one in pairs), "}")
    if isinstance(value, list | tuple):
        return Bracketed("[", tuple(("", literal(one)) for one in value), "]")
    return repr(value)


def _float(value: float) -> str:
    whole = value == int(value) and abs(value) < 1e15 and repr(value) != "-0.0"
    return repr(int(value)) if whole else repr(value).replace("e+", "e")


def _quoted(text: str) -> str:
    """The text as a string literal of one line, in the quotes with the fewer escapes."""
    quote = "'" if text.count('"') > text.count("'") else '"'
    inside = "".join(
        f"\\{one}" if one in (quote, "\\") else one if one.isprintable() else repr(one)[1:-1] for one in text
    )
    return f"{quote}{inside}{quote}"


def docstring(text: str) -> str | None:
    """The text as a docstring that Python reads as the same text; None where there is none."""
    parts = text.split("\n")
    plain = all(one.isprintable() and one == one.rstrip() for one in parts) and "\\" not in text and '"""' not in text
    if not text or not plain or inspect.cleandoc(text) != text or text[0] == '"' or text[-1] == '"':
        return None
    return f'"""{text}"""' if fits(f'"""{parts[0]}') and fits(f'{parts[-1]}"""') else None
