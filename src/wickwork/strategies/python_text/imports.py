"""The import statements for nodes that do not come with Wickwork."""

from __future__ import annotations

import keyword
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from wickwork.graph.node import Node
from wickwork.graph.user_files import file_of
from wickwork.model.errors import InputError
from wickwork.strategies.python_text.layout import Bracketed, lines
from wickwork.strategies.python_text.names import Variables


@dataclass(frozen=True)
class Imports:
    """Import statements, the name in the file of each imported node, and the users' files that they import from."""

    lines: tuple[str, ...]
    names: Mapping[str, str]
    files: tuple[Path, ...]


def imports_of(nodes: Iterable[Node], file_name: str = "") -> Imports:
    """The statements that import these nodes into a file of that name.

    Raises InputError for a node that no statement imports: where its file has no name that Python can import, or the
    name of the file that imports it.
    """
    variables, names = Variables(), {}
    wanted: dict[str, list[str]] = {}
    files: dict[str, Path] = {}
    for node in nodes:
        module, original, file = _home_of(node)
        if file is not None:
            files[module] = file
            if file.name == file_name:
                raise InputError(
                    f"{file_name} would import the node {node.name!r} from itself, because a file of that name defines "
                    "it; choose another name."
                )
        names[node.name] = variables.new(original)
        renamed = "" if names[node.name] == original else f" as {names[node.name]}"
        wanted.setdefault(module, []).append(f"{original}{renamed}")
    text: list[str] = []
    for module in sorted(wanted):
        if module in files:
            text.append(f"# The file {module}.py defines nodes of your own; it must lie beside this one.")
        head = f"from {module} import "
        one = f"{head}{', '.join(wanted[module])}"
        items = tuple(("", item) for item in wanted[module])
        text += [one] if len(one) <= 120 else list(lines(Bracketed(f"{head}(", items, ")")))
    return Imports(tuple(text), names, tuple(files[module] for module in sorted(files)))


def _home_of(node: Node) -> tuple[str, str, Path | None]:
    """The module of a node by the name to import it, its name there, and the user's file that it is, if it is one."""
    module = sys.modules.get(node.step.__module__)
    found = sorted(key for key, value in vars(module).items() if value is node) if module is not None else []
    if module is None or not found or module.__name__ == "__main__":
        raise InputError(
            f"The node {node.name!r} is defined in no file that Python can import, so no file can use it; write it "
            "with @node at the top level of a file."
        )
    place = file_of(module)
    name = module.__name__ if place is None else Path(place).stem
    if not all(part.isidentifier() and not keyword.iskeyword(part) for part in name.split(".")):
        raise InputError(
            f"The node {node.name!r} is in {name}.py, a name that Python cannot import; rename the file with letters, "
            "digits and _."
        )
    return name, found[0], Path(place) if place is not None else None
