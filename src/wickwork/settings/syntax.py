"""What the readers of the three formats share: limits of a file, its error, and numbers and words as in JSON."""

from __future__ import annotations

import re
from typing import Any

from wickwork.model.errors import InputError

LARGEST, MOST_VALUES, DEEPEST = 200_000, 20_000, 40
"""Limits of a file: bytes, values (with those of aliases) and levels."""
MOST_BITS = 10_000
"""The limit of a whole number: Python refuses to write one of more than 4,300 digits as a text."""
_INT, _HEX = re.compile(r"[-+]?[0-9]{1,400}"), re.compile(r"0x[0-9a-fA-F]{1,100}")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_WORDS = {"": None, "~": None} | {
    spelling: value
    for word, value in (("null", None), ("true", True), ("false", False))
    for spelling in (word, word.capitalize(), word.upper())
}


class WrongSyntax(InputError):
    """A file that is not of its format; `line` is 0 where it is not known."""

    def __init__(self, problem: str, line: int = 0) -> None:
        super().__init__(problem)
        self.line = line


def plain_value(word: str) -> Any:
    """A word without quotes as a value, by the core schema of YAML 1.2: `yes` is a text, `1e-4` a number."""
    if word in _WORDS:
        return _WORDS[word]
    if _INT.fullmatch(word):
        return int(word)
    if _HEX.fullmatch(word):
        return int(word, 16)
    return float(word) if len(word) < 400 and _FLOAT.fullmatch(word) else word
