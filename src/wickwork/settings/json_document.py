"""JSON as plain values with their lines."""

from __future__ import annotations

import json
import re
from json import JSONDecodeError
from typing import Any

from wickwork.settings.faults import Fault, Path, path_text
from wickwork.settings.syntax import WrongSyntax

_SPACE = re.compile(r"[ \t\n\r]*")


def parse_json(text: str) -> tuple[Any, dict[Path, int], list[Fault]]:
    """The values, the line of each, and faults such as a name that stands twice. Raises WrongSyntax."""
    try:
        data = json.loads(text, parse_constant=_refuse)
    except JSONDecodeError as error:
        raise WrongSyntax(f"is not JSON: {error.msg}", error.lineno) from None
    except WrongSyntax:
        raise
    except ValueError:
        raise WrongSyntax("is not JSON: a number has too many digits") from None
    reading = _Lines(text)
    reading.value(0, ())
    return data, reading.lines, reading.faults


def _refuse(word: str) -> Any:
    raise WrongSyntax(f"is not JSON: {word} is not a number that JSON has")


class _Lines:
    """One walk over a text that is known to be JSON."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.lines: dict[Path, int] = {}
        self.faults: list[Fault] = []
        self.decoder = json.JSONDecoder()
        self._at, self._line = 0, 1

    def value(self, at: int, path: Path) -> int:
        """Note the lines of the value that begins at or after `at`; returns where it ends."""
        at = self._skip(at)
        self.lines.setdefault(path, self._line_of(at))
        if self.text[at] == "{":
            return self._items(at + 1, "}", path)
        if self.text[at] == "[":
            return self._items(at + 1, "]", path)
        return self.decoder.raw_decode(self.text, at)[1]

    def _items(self, at: int, end: str, path: Path) -> int:
        number = 0
        seen: set[str] = set()
        at = self._skip(at)
        while self.text[at] != end:
            step: str | int = number
            if end == "}":
                line = self._line_of(at)
                name, at = self.decoder.raw_decode(self.text, at)
                step = str(name)
                if step in seen:
                    problem = f"is given twice, first in line {self.lines[(*path, step)]}; keep one."
                    self.faults.append(Fault(path_text((*path, step)), problem, str(line)))
                seen.add(step)
                self.lines.setdefault((*path, step), line)
                at = self._skip(at) + 1  # the colon
            at = self._skip(self.value(at, (*path, step)))
            number += 1
            if self.text[at] == ",":
                at = self._skip(at + 1)
        return at + 1

    def _skip(self, at: int) -> int:
        found = _SPACE.match(self.text, at)
        return found.end() if found else at

    def _line_of(self, at: int) -> int:
        self._line += self.text.count("\n", self._at, at)
        self._at = at
        return self._line
