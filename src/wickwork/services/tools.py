"""What a piece of work is given besides its request, and how its function is found."""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

Progress = Callable[[float, str], None]
"""Called with the share that is done, from 0 to 1, and what is being done."""
Publish = Callable[[Mapping[str, Any]], None]
"""Called with something that happened, as plain JSON."""


@dataclass(frozen=True)
class Place:
    """The folders that work needs."""

    home: Path
    files: Path
    nodes: tuple[Path, ...] = ()
    """Python files with nodes that the operator named."""


def _nothing(*values: Any) -> None:
    pass


@dataclass(frozen=True)
class Tools:
    """What a piece of work may use."""

    place: Place
    progress: Progress
    log: Callable[[str], None]
    ask: Callable[[Any], Any]
    """Sends a question to the parent, which has the database, and returns its answer; None where it has none."""
    memory: MutableMapping[Any, Any] = field(default_factory=dict)
    """What this process keeps from one piece of work to the next, such as bars that were loaded."""
    publish: Publish = _nothing
    """Sends something that happened to those who follow the job."""
    on_stop: Callable[[Callable[[], None]], None] = _nothing
    """Takes a function that is called, in another thread, when the work should end in an orderly way."""


def function(name: str) -> Callable[[Mapping[str, Any], Tools], Any]:
    """The function of a piece of work, by `module:function`."""
    module, _, function = name.partition(":")
    found: Callable[[Mapping[str, Any], Tools], Any] = getattr(import_module(module), function)
    return found
