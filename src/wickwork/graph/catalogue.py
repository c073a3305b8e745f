"""The catalogue: every node that a graph may use, found by looking into modules. There is no register to keep."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import ModuleType

from wickwork.graph.nearest import meant
from wickwork.graph.node import Node
from wickwork.graph.user_files import load_file as load_file
from wickwork.model.errors import InputError, NotFound, shown


@dataclass(frozen=True)
class Catalogue(Mapping[str, Node]):
    """Nodes by name."""

    nodes: Mapping[str, Node]

    def __getitem__(self, name: str) -> Node:
        try:
            return self.nodes[name]
        except KeyError:
            raise NotFound(f"There is no node called {shown(name)!r}.{meant(name, self.nodes)}") from None

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
