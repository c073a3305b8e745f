"""The catalogue: every node that a graph may use, found by looking into modules. There is no register to keep."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from wickwork.graph.node import Node
from wickwork.model.errors import InputError, NotFound, did_you_mean


@dataclass(frozen=True)
class Catalogue(Mapping[str, Node]):
    """Nodes by name."""

    nodes: Mapping[str, Node]

    def __getitem__(self, name: str) -> Node:
        try:
            return self.nodes[name]
        except KeyError:
            raise NotFound(f"There is no node called {name!r}.{did_you_mean(name, self.nodes)}") from None

    def __contains__(self, name: object) -> bool:
        return name in self.nodes

    def __iter__(self) -> Iterator[str]:
        return iter(self.nodes)

    def __len__(self) -> int:
        return len(self.nodes)

    def plus(self, more: Iterable[Node]) -> Catalogue:
        """A catalogue of these and more nodes; a name may be taken only once.

        Raises InputError for a name that two nodes have.
        """
        nodes = dict(self.nodes)
        for node in more:
            if node.name in nodes and nodes[node.name] is not node:
                raise InputError(f"There are two nodes called {node.name!r}; give one of them another name.")
            nodes[node.name] = node
        return Catalogue(dict(sorted(nodes.items())))


def nodes_of(module: ModuleType) -> list[Node]:
    """The nodes that a module defines or imports."""
    return [value for value in vars(module).values() if isinstance(value, Node)]


def collect(modules: Iterable[ModuleType]) -> Catalogue:
    """A catalogue of all nodes of these modules."""
    return Catalogue({}).plus(node for module in modules for node in nodes_of(module))


def load_file(path: Path) -> ModuleType:
    """Run a Python file of the user and return it as a module.

    Raises NotFound where there is no such file, and InputError with the line and the reason where running it fails.
    """
    if not path.is_file():
        raise NotFound(f"There is no file {path}.")
    name = f"wickwork_user_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise InputError(f"{path} is not a Python file; its name must end in .py.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # annotations of its nodes are resolved there
    sys.path.insert(0, str(path.parent.resolve()))
    try:
        spec.loader.exec_module(module)
    except InputError:
        raise
    except SyntaxError as error:
        place = f", line {error.lineno}" if error.lineno else ""
        raise InputError(f"{path}{place}: Python cannot read the file: {error.msg}.") from error
    except SystemExit as error:
        line = _line_in(path.resolve(), error)
        raise InputError(
            f"{path}, line {line}: the file calls sys.exit(); a file of strategies or nodes must not."
        ) from error
    except Exception as error:
        line = _line_in(path.resolve(), error)
        raise InputError(f"{path}, line {line}: {type(error).__name__}: {error}") from error
    finally:
        sys.path.remove(str(path.parent.resolve()))
    return module


def _line_in(path: Path, error: BaseException) -> int:
    """The last line of that file in the error's traceback."""
    line, trace = 0, error.__traceback__
    while trace is not None:
        if Path(trace.tb_frame.f_code.co_filename).resolve() == path:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line
