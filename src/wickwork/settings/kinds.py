"""The kinds of values that settings have: how each is read, and what a fault says to write instead.

`read` of a kind takes a value of a file, an environment variable or an option, where a number may also be a text, and
returns the value of the setting. It raises InputError whose text is the remedy: "write a number from 0 to 1".
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from wickwork.model.errors import InputError, did_you_mean
from wickwork.model.files import is_long_path
from wickwork.model.finite import is_finite
from wickwork.model.instrument import parse_instrument
from wickwork.model.moments import EARLIEST, LATEST, moment_of
from wickwork.model.number_text import ungrouped
from wickwork.model.timeframe import parse_timeframe
from wickwork.settings.secret import Secret

VALUE, LIST, BY_NAME, SECTION, FREE = "value", "list", "by name", "section", "free"
MOMENT = "time, UTC"
_TRUE, _FALSE = ("true", "yes", "on", "1"), ("false", "no", "off", "0")


@dataclass(frozen=True)
class Kind:
    """A kind of value."""

    title: str
    """What the reference calls it: `number from 0 to 1`."""
    read: Callable[[Any], Any]
    shape: str = VALUE
    """`value`; `list` and `by name` (a mapping) of `of`; `section`, whose settings are those of the class `of`; or
    `free`: a mapping whose names are not checked here."""
    of: Any = None
    is_secret: bool = False
    names_file: Callable[[str], bool] | None = None
    """Of settings with paths of files: whether a text is one, relative to a folder. None for other settings."""


def text(title: str = "text", remedy: str = "write a text") -> Kind:
    """A text; numbers are read as texts."""

    def read(value: Any) -> str:
        if isinstance(value, bool) or not isinstance(value, str | int | float) or not str(value).strip():
            raise InputError(remedy)
        if not str(value).strip().isprintable():
            raise InputError("write a text without control characters")
        return str(value).strip()

    return Kind(title, read)


def path(title: str = "path", names_file: Callable[[str], bool] = lambda _: True) -> Kind:
    """The path of a file or a folder, or a text of another meaning where `names_file` is false."""
    plain = text(title)

    def read(value: Any) -> str:
        found = str(plain.read(value))
        if is_long_path(found):
            raise InputError("write a shorter path")
        return found

    return Kind(title, read, names_file=names_file)


def name() -> Kind:
    """A name without a colon, which divides instrument, timeframe and name."""
    plain = text()

    def read(value: Any) -> str:
        found = str(plain.read(value))
        if ":" in found or not found.isprintable():
            raise InputError("write a name without a colon, such as ema_cross")
        return found

    return Kind("name without a colon", read)


def number(low: float, high: float, unit: str = "", example: str = "") -> Kind:
    """A number in a closed range; texts such as `1e4` and `10,000` are read as numbers."""
    spans = (
        f"from {low:g} to {high:g}" if high < 1e9 else (f"of at least {low:g}" if low > 1e-6 or low == 0 else "above 0")
    )
    title = f"number {spans}" + (f" ({unit})" if unit else "")

    def read(value: Any) -> float:
        found = _number(value)
        if found is None or not low <= found <= high:
            raise InputError(f"write a {title}" + (f", such as {example}" if example else ""))
        return found

    return Kind(title, read)


def percent(low: float, high: float) -> Kind:
    """A percentage: 0.1 and `0.1%` are 0.1 %; the value of the setting is the number of percent."""
    title = f"percent from {low:g} to {high:,g}" if high < 1e6 else f"percent of at least {low:g}"

    def read(value: Any) -> float:
        found = _number(value.strip().removesuffix("%") if isinstance(value, str) else value)
        if found is None or not low <= found <= high:
            raise InputError(f"write {title}: 0.1 is 0.1 %")
        return found

    return Kind(title, read)


def whole(low: int, high: int, unit: str = "") -> Kind:
    """A whole number in a closed range."""
    span = f"from {low:,} to {high:,}" if high < 1e9 else f"of at least {low:,}"
    title = f"whole number {span}" + (f" ({unit})" if unit else "")

    def read(value: Any) -> int:
        found = _number(value)
        if found is None or found != int(found) or not low <= found <= high:
            raise InputError(f"write a {title}")
        return int(found)

    return Kind(title, read)


def flag() -> Kind:
    """True or false."""

    def read(value: Any) -> bool:
        word = str(value).strip().lower()
        if word not in (*_TRUE, *_FALSE) or isinstance(value, float):
            raise InputError("write true or false")
        return word in _TRUE

    return Kind("true or false", read)


def choice(*words: str, refused: Mapping[str, str] | None = None) -> Kind:
    """One of some words, in any case of letters; `refused` has the reason why a further one is not taken."""

    def read(value: Any) -> str:
        word = value.strip().lower() if isinstance(value, str) else str(value)
        if word in words:
            return word
        if refused and word in refused:
            raise InputError(refused[word])
        raise InputError(f"write one of {', '.join(words)}.{did_you_mean(word, words)}".rstrip("."))

    return Kind(" \\| ".join(f"`{word}`" for word in words), read)


def moment() -> Kind:
    """A moment as ms since 1970 UTC, from an ISO text (20240131 too) or such a number, of the years 2000 to 2100."""

    def read(value: Any) -> int:
        try:
            if isinstance(value, bool) or not isinstance(value, str | int):
                raise InputError("")
            word = str(value).strip()
            found = moment_of(int(word) if word.isdecimal() and len(word) > len("20240131") else word)
            if not EARLIEST <= found < LATEST:
                raise InputError("")
            return found
        except InputError:
            raise InputError("write a time such as 2024-01-31 or 2024-01-31T12:00 (UTC)") from None

    return Kind(MOMENT, read)


def timeframe() -> Kind:
    """A timeframe as `1h`; every common spelling is read."""

    def read(value: Any) -> str:
        try:
            if isinstance(value, bool) or not isinstance(value, str | int):
                raise InputError("")
            return str(parse_timeframe(str(value)))
        except InputError:
            raise InputError("write a timeframe such as 1m, 15m, 1h, 4h, 1d or 1w") from None

    return Kind("timeframe", read)


def timeframe_or(*words: str) -> Kind:
    """A timeframe, or one of some words."""
    frame = timeframe()

    def read(value: Any) -> str:
        word = str(value).strip().lower()
        if word in words:
            return word
        try:
            return str(frame.read(value))
        except InputError:
            raise InputError(f"write {', '.join(words)} or a timeframe such as 1m") from None

    return Kind(f"timeframe, or {', '.join(words)}", read)


def number_or(word: str, low: float, high: float) -> Kind:
    """A number in a closed range, or a word, which is infinity."""
    plain = number(low, high)

    def read(value: Any) -> float:
        if isinstance(value, str) and value.strip().lower() == word:
            return float("inf")
        try:
            return float(plain.read(value))
        except InputError as error:
            raise InputError(f"{error}, or {word}") from None

    return Kind(f"{plain.title}, or {word}", read)


def instrument() -> Kind:
    """An instrument as `BTC/USDT`, with its venue in front where one is named."""

    def read(value: Any) -> str:
        try:
            found = parse_instrument(value if isinstance(value, str) else "")
        except InputError:
            raise InputError("write an instrument such as BTC/USDT, BTCUSDT or BTC/USDT:USDT (a perpetual)") from None
        return f"{found.venue}:{found}" if found.venue else str(found)

    return Kind("instrument", read)


def secret() -> Kind:
    """A token, key or password; see `secret.read_secret`."""
    return Kind("`{env: NAME}` or `{file: PATH}`", _secret, is_secret=True)


def _secret(value: Any) -> Secret:
    if isinstance(value, Secret):
        return value
    raise InputError(
        "name where the secret is, {env: NAME} or {file: PATH}, and take the secret itself out of this place"
    )


def rows(title: str, example: str, least: int, most: int) -> Kind:
    """Rows of numbers."""

    def read(value: Any) -> tuple[tuple[float, ...], ...]:
        given = _parsed(value) if isinstance(value, str) else value
        if isinstance(given, list | tuple) and all(
            isinstance(row, list | tuple) and least <= len(row) <= most and all(map(is_finite, row)) for row in given
        ):
            return tuple(tuple(map(float, row)) for row in given)
        raise InputError(f"write rows such as {example}")

    return Kind(title, read)


def many(of: Kind) -> Kind:
    """A list; a single value is a list of one, and a text is divided at its commas."""

    def read(value: Any) -> list[Any]:
        if isinstance(value, str):
            parsed = _parsed(value)
            return parsed if isinstance(parsed, list) else [one.strip() for one in value.split(",") if one.strip()]
        if isinstance(value, Mapping) or value is None:
            raise InputError(f"write a list: [{of.title}, …]")
        return list(value) if isinstance(value, list | tuple) else [value]

    return Kind(f"list of: {of.title}", read, LIST, of)


def by_name(of: Kind, names: Kind) -> Kind:
    """A mapping from names, which are read as `names`, to values."""
    return Kind(f"by {names.title}: {of.title}", names.read, BY_NAME, of)


def section(of: type) -> Kind:
    """Settings below a name."""
    return Kind("section", lambda value: value, SECTION, of)


def sections(of: type) -> Kind:
    """A list of sections."""

    def read(value: Any) -> list[Any]:
        if not isinstance(value, list | tuple):
            raise InputError("write a list, each entry with settings of its own")
        return list(value)

    return Kind("list of sections", read, LIST, section(of))


def free() -> Kind:
    """Values by name, as the strategy or the feed defines them."""
    return Kind("values by name", lambda value: value, FREE)


def scalar(word: str) -> Any:
    """A text of an option or a variable as the value that it would be in JSON, else the text itself."""
    found = _parsed(word)
    if found is not None:
        return found
    return {"true": True, "false": False}.get(word.strip().lower(), word)


def _parsed(word: str) -> Any:
    try:
        return json.loads(word, parse_constant=lambda constant: constant)
    except (ValueError, RecursionError):
        return None


def _number(value: Any) -> float | None:
    if isinstance(value, str):
        digits = ungrouped(value)
        value = None if digits is None else float(digits)
    return float(value) if is_finite(value) else None
