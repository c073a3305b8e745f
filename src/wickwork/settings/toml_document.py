"""TOML as plain values, with the lines of tables and of names that stand at the beginning of a line."""

from __future__ import annotations

import datetime
import re
import tomllib
from typing import Any

from wickwork.settings.faults import Fault, Path
from wickwork.settings.syntax import DEEPEST, WrongSyntax

_HEADER = re.compile(r"(\[\[?)([^\[\]]+)\]\]?\s*(#.*)?$")
_KEY = re.compile(r"""((?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*'))*)\s*=""")
_STEP = re.compile(r"""[A-Za-z0-9_-]++|"[^"\n]*+"|'[^'\n]*+'""")
_DEEP_NAME = re.compile(rf"""(?<![A-Za-z0-9_-])(?:(?:{_STEP.pattern})[ \t]*+\.[ \t]*+){{{DEEPEST}}}""")
"""A name such as a.b.c of too many steps, for which `tomllib` takes time that grows with their square."""
_AT_LINE = re.compile(r"\s*\(at (?:line (\d+), column \d+|end of document)\)")


def parse_toml(text: str) -> tuple[Any, dict[Path, int], list[Fault]]:
    """The values, the lines of many of them, and no faults. Raises WrongSyntax."""
    if deep := _DEEP_NAME.search(text):
        line = text.count("\n", 0, deep.start()) + 1
        raise WrongSyntax(f"has a name of more than {DEEPEST} steps; make it flatter", line)
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = _AT_LINE.search(str(error))
        line = int(place.group(1) or text.count("\n") + 1) if place else 0
        raise WrongSyntax(f"is not TOML: {_AT_LINE.sub('', str(error))}", line) from None
    except ValueError:  # whole numbers of thousands of digits
        raise WrongSyntax("is not TOML: a number has too many digits") from None
    return _plain(data), _lines(text), []


def _plain(value: Any) -> Any:
    """Dates and times as ISO texts, as the other formats have them."""
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return value.isoformat() if isinstance(value, datetime.date | datetime.time) else value


def _lines(text: str) -> dict[Path, int]:
    found: dict[Path, int] = {}
    table: Path = ()
    counts: dict[Path, int] = {}
    for number, line in enumerate(text.split("\n"), 1):
        header = _HEADER.match(line := line.strip())
        if header:
            table = _place(_steps(header.group(2)), counts)
            if header.group(1) == "[[":
                counts[table] = counts.get(table, -1) + 1
                table = (*table, counts[table])
            found.setdefault(table, number)
        elif key := _KEY.match(line):
            found.setdefault((*table, *_steps(key.group(1))), number)
    return found


def _place(steps: Path, counts: dict[Path, int]) -> Path:
    """The path of a table: below a list of tables, that of its newest entry."""
    path: Path = ()
    for step in steps[:-1]:
        path = (*path, step)
        if path in counts:
            path = (*path, counts[path])
    return (*path, *steps[-1:])


def _steps(text: str) -> Path:
    return tuple(step.strip("\"'") for step in _STEP.findall(text))
