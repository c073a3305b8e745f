"""What must not stand in the log: tokens, passwords, cookies, and control characters of others."""

from __future__ import annotations

import re
from collections.abc import Mapping, MutableMapping
from functools import lru_cache
from typing import Any

from wickwork.settings.secret import MASK, is_secret_name

_NAMES = re.compile(r"^(proxy-)?authorization$|cookie|^csrf|^x-csrf", re.I)
_MOST = 20_000
"""Characters of one value that are kept, the last ones: a traceback ends with its error."""
_SUSPECT = re.compile(
    r"(?i)wick_|wickwork|bearer|basic|cookie|authorization|csrf|link|ticket|token|password|secret|api_?key|://|eyj"
)
"""What a text with a secret has in it: most texts have none of these, and need no closer look."""
_PATTERNS = (
    (re.compile(r"wick_[\w-]{4,}"), f"wick_{MASK}"),
    (re.compile(r"(?i)\b(bearer|basic)(\s+)[\w.~+/=-]+"), rf"\1\2{MASK}"),
    (
        re.compile(
            r"""(?ix)\b((?:set-)?cookie|(?:proxy-)?authorization|x-csrf-token)
            (["']?\s*[:=,]\s*b?["']?) [^"'\r\n]+"""
        ),
        rf"\1\2{MASK}",
    ),
    (
        re.compile(
            r"""(?ix)\b((?:__host-)?wickwork(?:-csrf)?|link|ticket|\w*token|\w*password|\w*secret|api_?key)
            (["']?\s*[=:]\s*["']?) [^\s"'&;,)}]+"""
        ),
        rf"\1\2{MASK}",
    ),
    (re.compile(r"(?i)\b([a-z][a-z0-9+.-]*://)[^\s/@:]*:[^\s/@]+@"), rf"\1{MASK}@"),
    (re.compile(r"\beyJ[\w-]{5,}\.[\w-]+\.[\w-]*"), MASK),  # signed tokens
)


def redacted(text: str) -> str:
    """A text without what looks like a secret, and without control characters but for line breaks and tabs."""
    kept = text if len(text) <= _MOST else f"…{text[-_MOST:]}"
    if _SUSPECT.search(kept):
        for pattern, instead in _PATTERNS:
            kept = pattern.sub(instead, kept)
    return kept if kept.isprintable() else "".join(_visible(one) for one in kept)


def _visible(one: str) -> str:
    return one if one.isprintable() or one in "\n\t" else one.encode("unicode_escape").decode("ascii")


@lru_cache(1_000)
def _is_hidden(name: str) -> bool:
    return is_secret_name(name) or _NAMES.search(name) is not None


def plain(value: Any, name: str = "") -> Any:
    """A value of a log line as JSON has it, without secrets."""
    if name and _is_hidden(name):
        return MASK
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value if value == value and abs(value) != float("inf") else str(value)
    if isinstance(value, Mapping):
        return {redacted(str(key)): plain(one, str(key)) for key, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(one) for one in value]
    return redacted(value if isinstance(value, str) else str(value))


def redact(_: Any, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The step of structlog that does this for a whole line."""
    return {key: value if key.startswith("_") else plain(value, key) for key, value in line.items()}
