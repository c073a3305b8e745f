"""A strategy from a file: a graph document, or a Python file that builds one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from wickwork.graph.catalogue import Catalogue, load_file, nodes_of
from wickwork.graph.check import ValidatedGraph, check
from wickwork.graph.document import Graph, load
from wickwork.model.errors import InputError, NotFound, did_you_mean
from wickwork.nodes import builtin
from wickwork.strategies.strategy import Strategy


@dataclass(frozen=True)
class Loaded:
    """A graph and the catalogue that it was made with."""

    graph: Graph
    catalogue: Catalogue

    def check(self) -> ValidatedGraph:
        """Validate the graph. Raises `GraphFaults` with all its faults."""
        return check(self.graph, self.catalogue)


def catalogue_of(files: Iterable[Path] = ()) -> Catalogue:
    """The nodes that come with Wickwork, and those of the user's own files.

    Raises InputError for a file without a node, and the errors of `load_file`.
    """
    catalogue = builtin()
    for file in files:
        found = nodes_of(load_file(file))
        if not found:
            raise InputError(f"{file} has no node; write one as a function with @node above it.")
        catalogue = catalogue.plus(found)
    return catalogue


def load_strategy(path: Path, catalogue: Catalogue | None = None, name: str = "") -> Loaded:
    """Read a strategy: `.json` as a graph, `.py` by running it. `name` chooses among several in one Python file.

    Raises NotFound for an absent file or strategy, and InputError where the file has none, or several without `name`.
    """
    catalogue = catalogue or builtin()
    if path.suffix != ".py":
        return Loaded(load(path), catalogue)
    module = load_file(path)
    found = {key: value for key, value in vars(module).items() if isinstance(value, Strategy)}
    if not found:
        raise InputError(f'{path} builds no strategy; write `with strategy("name") as s:` at its top level.')
    names = {s.name or key: s for key, s in found.items()}
    if len(names) < len({id(s) for s in found.values()}):
        raise InputError(f"{path} has several strategies of one name; give each its own.")
    if name and name not in names:
        raise NotFound(f"{path} has no strategy called {name!r}.{did_you_mean(name, names)}")
    if len(names) > 1 and not name:
        raise InputError(f"{path} has several strategies; choose one of {', '.join(map(repr, names))}.")
    chosen = names[name] if name else next(iter(names.values()))
    return Loaded(chosen.graph, catalogue.plus(chosen.catalogue.values()).plus(nodes_of(module)))


def as_loaded(strategy: Strategy | Graph | Loaded | str | Path) -> Loaded:
    """Turn a strategy, a graph or the path of a file into a graph with its catalogue.

    Raises InputError for a value of another type, and the errors of `load_strategy`.
    """
    if isinstance(strategy, Loaded):
        return strategy
    if isinstance(strategy, Strategy):
        return Loaded(strategy.graph, strategy.catalogue)
    if isinstance(strategy, Graph):
        return Loaded(strategy, builtin())
    if isinstance(strategy, str | Path):
        return load_strategy(Path(strategy))
    raise InputError(f"{strategy!r} is not a strategy; give a strategy, a graph, or the path of a file with one.")
