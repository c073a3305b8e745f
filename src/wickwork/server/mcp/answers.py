"""The texts with which tools answer: short, and none longer than an assistant can take at once."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import Field

MOST = 8_000
"""The most characters of an answer."""
_NARROW = re.compile("(?<=\\d)\u202f(?=\\d)")
_SIGNS = {0x202F: " ", 0xA0: " ", 0x2212: "-"}
_ROOM = 400
"""Characters kept free for what stands around a part of a list."""

Skip = Annotated[int, Field(ge=0, description="How much to leave out: the number that a shortened answer names.")]


def part_of_lines(lines: Sequence[str], skip: int = 0, most: int = MOST - _ROOM) -> str:
    """Lines from number `skip` on, as many as an answer takes, and how to get the others."""
    taken: list[str] = []
    size = 0
    for line in lines[skip:]:
        size += len(line) + 1
        if size > most and taken:
            break
        taken.append(line if len(line) <= most else f"{line[: most - 1]}…")
    left = len(lines) - skip - len(taken)
    if left > 0:
        taken.append(f"… {left:,} more lines; call this again with skip={skip + len(taken)}.")
    if not taken and skip:
        return f"The list ends after {many(len(lines), 'line')}."
    return "\n".join(taken)


def part_of_text(text: str, skip: int = 0) -> str:
    """A text from character `skip` on, as much as an answer takes, and how to get the rest."""
    most = MOST - _ROOM
    if not skip and len(text) <= most:
        return text
    part, left = text[skip : skip + most], max(len(text) - skip - most, 0)
    if not part:
        return f"The text has only {len(text):,} characters."
    if not left:
        return part
    return f"{part}\n… {left:,} more characters; call this again with skip={skip + most}."


def cut(text: str) -> str:
    """A text of at most `MOST` characters."""
    return text if len(text) <= MOST else f"{text[: MOST - 40]}… (shortened; ask for less)"


def figure(value: Any, unit: str = "") -> str:
    """A figure with its unit; of several by name all of them."""
    if value is None:
        return "not enough data"
    if isinstance(value, dict):
        return ", ".join(f"{name} {figure(one)}" for name, one in value.items()) or "none"
    if not isinstance(value, int | float) or isinstance(value, bool):
        return str(value)
    if not unit:
        return f"{value:,.6g}"
    if unit in ("count", "bars"):
        return f"{value:,.0f}" + (" bars" if unit == "bars" else "")
    signs = {"percent": " %", "days": " days", "R": " R"}
    return f"{value:,.2f}{signs.get(unit, '')}"


def plain(text: str) -> str:
    """A text of the report with the signs of programs: `-1,234.50` in place of a true minus and narrow spaces."""
    return _NARROW.sub(",", text).translate(_SIGNS)


def many(count: int, noun: str) -> str:
    """`1 node`, `3 nodes`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
