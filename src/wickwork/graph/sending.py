"""Nodes in another process: a node is sent as the place of its definition, and imported there.

The code must be the same on both sides. A node of a user's file carries the identity of its code, so that a file that
was changed in between is refused.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any, Protocol, TypeVar

from wickwork.graph.identity import identity
from wickwork.graph.user_files import folder_of, module_in
from wickwork.model.errors import InputError


class Definition(Protocol):
    """A node, as far as it matters here: `graph/node` imports this file."""

    @property
    def name(self) -> str:
        """What graphs call it."""

    @property
    def step(self) -> Any:
        """The function that was decorated."""


T = TypeVar("T", bound=Definition)


def place_of(node: Definition) -> tuple[str | None, ...]:
    """Module, name in it, folder of a user's file (else None), and the identity of a user's code (else None).

    Raises InputError for a node that no module has at its top level.
    """
    module = sys.modules.get(node.step.__module__)
    found = {name: value for name, value in vars(module).items() if isinstance(value, type(node))} if module else {}
    names = [name for name, value in found.items() if value is node]
    names = names or [name for name, value in found.items() if value.name == node.name]  # the file was run again since
    if module is None or not names:
        raise InputError(
            f"The node {node.name} cannot be sent to another process, because no module has it at its top level; "
            "define it at the top level of a file."
        )
    ours = module.__name__.startswith("wickwork.")
    return module.__name__, names[0], folder_of(module), None if ours else identity(node)


def node_at(kind: type[T], module: str, name: str, folder: str | None, code: str | None) -> T:
    """The node, an object of that class, at the place that `place_of` gave.

    Raises InputError where it is not there, or its code is another.
    """
    try:
        home = import_module(module) if folder is None else module_in(folder, module)
    except ModuleNotFoundError as error:
        raise InputError(
            f"The node {name} is in the module {module}, which cannot be imported here: {error}."
        ) from None
    where = f"the folder {folder}" if folder else f"the module {module}"
    node = vars(home).get(name)
    if not isinstance(node, kind):
        raise InputError(f"The node {name} is no longer in {where}; put its definition back.")
    if code is not None and identity(node) != code:
        raise InputError(f"The code of the node {name} in {where} was changed since it was sent; send it again.")
    return node
