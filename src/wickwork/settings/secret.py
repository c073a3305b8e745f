"""Secrets: tokens, keys and passwords, which are never printed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from wickwork.model.errors import InputError

MASK = "********"
_SECRET_NAME = re.compile(
    r"(^|_)(token|secret|password|passwd|passphrase|credentials?|api_?key|private_?key)(_|s?$)", re.I
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
    """Whether a value of that name is a secret wherever it stands: `telegram_token`, `api_key`."""
    return _SECRET_NAME.search(name) is not None


def read_secret(given: Mapping[str, Any], environment: Mapping[str, str], folder: Path) -> Secret:
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
