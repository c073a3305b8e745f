"""Numbers as people write them: `10000`, `10,000`, `1e4`."""

from __future__ import annotations

import re

_PLAIN = r"(\d+\.?\d*|\.\d+)"
_GROUPED = r"[1-9]\d{0,2}([,_]\d{3})+(\.\d*)?"
_NUMBER = re.compile(rf"[-+]?({_GROUPED}|{_PLAIN})([eE][-+]?\d+)?", re.ASCII)


def ungrouped(text: str) -> str | None:
    """The number of a text without commas or underlines between its thousands; None for a text that is no number.

    A comma is never read as a decimal point: `0,1` and `1,5` are no numbers.
    """
    word = text.strip()
    return re.sub("[,_]", "", word) if len(word) < 400 and _NUMBER.fullmatch(word) else None
