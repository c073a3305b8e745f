"""Secrets: tokens, keys and passwords, which are never printed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path as FilePath
from typing import Any

from wickwork.model.errors import InputError
from wickwork.settings.faults import Path

MASK = "********"
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_SECRET_WORD = re.compile(
    r"[a-z]*(token|secret|password|passwd|pwd|passphrase|credential|authorization|(api|private|secret|access)key)s?"
)


class Secret:
    """A secret, which no text shows; `reveal` returns it."""

    __slots__ = ("__value",)

    def __init__(self, value: str) -> None:
        self.__value = value

    def reveal(self) -> str:
        """The secret itself."""
        return self.__value

    def __repr__(self) -> str:
        return f"Secret({MASK!r})"

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other.reveal() == self.__value

    def __hash__(self) -> int:
        return hash((Secret, self.__value))

    def __reduce__(self) -> Any:
        raise TypeError("A secret is not written to files.")


def is_secret_name(name: str) -> bool:
    """Whether a value of that name is a secret wherever it stands: `telegram_token`, `apiKey`, `API-KEY`."""
    words = [word.lower() for word in _WORD.findall(name)]
    pairs = [first + second for first, second in pairwise(words)]
    return any(_SECRET_WORD.fullmatch(word) for word in (*words, *pairs))


def secret_places(value: Any, path: Path) -> Iterator[Path]:
    """The places of values with the name of a secret below a value, at any depth."""
    if isinstance(value, list):
        for i, one in enumerate(value):
            yield from secret_places(one, (*path, i))
    elif isinstance(value, Mapping):
        for name, one in value.items():
            if is_secret_name(str(name)):
                yield (*path, name)
            else:
                yield from secret_places(one, (*path, name))


def without_secrets(text: str, values: Mapping[str, Any]) -> str:
    """A text with what is masked in `values` masked in it too, also where it stands there shortened.

    Values of fewer than four characters are left: they occur in any text.
    """
    for place in secret_places(values, ()):
        found: Any = values
        for step in place:
            found = found[step]
        for one in _leaves(found):
            for secret in dict.fromkeys((repr(one)[1:-1], one)):  # the first is not shorter
                text = _masked(text, secret)
    return text


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping | list):
        for one in value.values() if isinstance(value, Mapping) else value:
            yield from _leaves(one)
    elif len(str(value)) >= 4:
        yield str(value)


def _masked(text: str, secret: str) -> str:
    """The text without the secret and without the beginning of it, of at least eight characters."""
    start = secret[:8]
    at = text.find(start)
    while at >= 0:
        length = next((n for n in range(len(secret), len(start), -1) if text.startswith(secret[:n], at)), len(start))
        text = text[:at] + MASK + text[at + length :]
        at = text.find(start, at + len(MASK))
    return text


def read_secret(given: Mapping[str, Any], environment: Mapping[str, str], folder: FilePath) -> Secret:
    """The secret that `{env: NAME}` or `{file: PATH}` names; a path is relative to `folder`.

    Raises InputError where it is not there; the text never has the secret.
    """
    if set(given) == {"env"} and isinstance(given["env"], str):
        value = environment.get(given["env"], "")
        if not value:
            raise InputError("the environment has no variable of the name after env, or an empty one; set it")
        return Secret(value)
    if set(given) == {"file"} and isinstance(given["file"], str):
        try:
            content = (folder / given["file"]).read_bytes()[:65_536].decode().strip()
        except (OSError, ValueError):
            raise InputError("the file after file cannot be read; correct its path") from None
        if not content:
            raise InputError("the file after file is empty; write the secret into it")
        return Secret(content)
    raise InputError("write {env: NAME} or {file: PATH}")
