"""Numbers, lists and settings as words of a sentence."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from wickwork.graph.signature import Parameter

_ONE = re.compile(r'"[^"]*"|(?<![\d.,])1 (bar|decimal|deviation|error|minute|order|step|time|unit|vote)s\b')


def number_text(value: float) -> str:
    """A number as a person writes it: `12`, `0.5`, `20,000`."""
    value += 0.0  # −0.0 is 0
    text = f"{value:,.10g}" if abs(value) < 1e10 else f"{value:.10g}"
    return text.replace("-", "−")


def setting_text(parameter: Parameter, value: Any) -> str:
    """The value of a parameter as a person writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return number_text(value)
    return str(value).replace("_", " ") if parameter.choices else str(value)


def spoken(name: str) -> str:
    """The id of a node as words: `trend__fast_line` is `trend fast line`."""
    return " ".join(name.replace("_", " ").split())


def singular(text: str) -> str:
    """The text with `1 bars` as `1 bar`, but for what is quoted."""
    return _ONE.sub(lambda found: f"1 {found[1]}" if found[1] else found[0], text)


def listed(parts: Sequence[str], word: str) -> str:
    """`a, b and c`."""
    return f"{', '.join(parts[:-1])} {word} {parts[-1]}" if len(parts) > 1 else "".join(parts)


def extras(pairs: Sequence[tuple[str, str]]) -> str:
    """What the sentence itself does not mention, in brackets: ` (seed: first; reset: …)`; empty without pairs."""
    mentioned = "; ".join(f"{key.replace('_', ' ')}: {value}" for key, value in pairs)
    return f" ({mentioned})" if pairs else ""
