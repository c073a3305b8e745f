"""A strategy from a file: a graph document, or a Python file with one: a graph that it builds, or a `FrameStrategy`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import ModuleType
from typing import Any

from wickwork.context import Context
from wickwork.graph.catalogue import Catalogue, load_file, nodes_of
from wickwork.graph.check import ValidatedGraph, check
from wickwork.graph.document import Graph, load
from wickwork.graph.expand import PromotedEnds
from wickwork.graph.library import has_references, resolve
from wickwork.model.errors import InputError, NotFound, did_you_mean
from wickwork.nodes import builtin
from wickwork.strategies.frame_signals import graph_of
from wickwork.strategies.frames import FrameStrategy, construct, refuse_settings, title_of
from wickwork.strategies.remedies import by_name
from wickwork.strategies.strategy import Strategy
from wickwork.strategies.sub_graph_parameters import PromotedParameters, promoted_ends, with_params


@dataclass(frozen=True)
class Loaded:
    """A graph and the catalogue that it was made with."""

    graph: Graph
    catalogue: Catalogue
    cache: Path | None = None
    """The folder of its machine code; None for the one of this process's user."""
    frame_strategy: FrameStrategy | None = None
    """What computes its signals over a DataFrame. The graph is then the one for spot without further columns, until
    `frame_run.with_signals` is given the bars."""
    frame_parts: Mapping[str, FrameStrategy] = field(default_factory=dict)
    """The same for the parts of a portfolio that are strategies over a DataFrame, by their names."""
    promoted: PromotedParameters = field(default_factory=dict)
    """What the sub-graphs promoted that `with_params` replaced by their nodes; it can still be set by these names."""

    @property
    def has_frames(self) -> bool:
        """Whether signals are computed over a DataFrame."""
        return self.frame_strategy is not None or bool(self.frame_parts)

    def with_params(self, changes: Mapping[str, Any]) -> Loaded:
        """The same with other parameters, `{"fast.period": 10}`, of a strategy over a DataFrame `{"fast": 10}`.

        Those of such a strategy in a portfolio begin with the name of its part, `{"dip.fast": 10}`. A node in a
        sub-graph is `trend__fast`; where one is named, the graph is returned without sub-graphs. A parameter that a
        sub-graph promotes is `trend.period`, of one inside of another `deep__first.period`.

        Raises as `Graph.with_params` and `FrameStrategy.with_params` do, InputError where two changes set the same
        parameter, and `GraphFaults` for faults in sub-graphs.
        """
        if self.frame_strategy is not None:
            return _of_frames(self.frame_strategy.with_params(changes), self.cache)
        frames, rest = dict(self.frame_parts), by_name(changes, '{"fast.period": 10}')
        for key in changes:
            part, _, name = key.partition(".")
            if part in frames:
                frames[part] = frames[part].with_params({name: rest.pop(key)})
        graph, promoted = with_params(self.graph, self.promoted, rest)
        return replace(self, graph=graph, frame_parts=frames, promoted=promoted)

    def promoted_ends(self, name: str) -> PromotedEnds | None:
        """The parameters of nodes that a promoted parameter of a sub-graph sets; None where the name is of a node."""
        return promoted_ends(self.graph, self.promoted, name)

    def refuse_frames(self, what: str) -> None:
        """Raise InputError for a strategy over a DataFrame, whose graph is not all of it; `what` needs a graph."""
        for one in (self.frame_strategy, *self.frame_parts.values()):
            if one is None:
                continue
            raise InputError(
                f"{what} needs a strategy that is a graph. {title_of(one)} computes its signals over a "
                "DataFrame in Python; run it with backtest or wick paper."
            )

    def check(self) -> ValidatedGraph:
        """Validate the graph. Raises `GraphFaults` with all its faults."""
        return check(self.graph, self.catalogue)


def catalogue_of(files: Iterable[Path] = ()) -> Catalogue:
    """The nodes that come with Wickwork, and those of the user's own files.

    Raises InputError for a file without a node, and the errors of `load_file`.
    """
    return Context().with_nodes(files).catalogue


def load_strategy(
    path: Path, catalogue: Catalogue | None = None, name: str = "", context: Context | None = None
) -> Loaded:
    """Read a strategy: `.json` as a graph, `.py` by running it. `name` chooses among several in one Python file.

    The strategy may use the nodes of `catalogue`, or else those of the context.

    Raises NotFound for an absent file or strategy, and InputError where the file has none, or several without `name`.
    """
    context = context or Context()
    catalogue = context.catalogue if catalogue is None else catalogue
    if path.suffix != ".py":
        return Loaded(with_references(load(path), context, path.parent), catalogue, context.kernels)
    module = load_file(path)
    found = _strategies_in(module)
    if not found:
        raise InputError(
            f'{path} builds no strategy; write `with strategy("name") as s:` at its top level, or a class that derives '
            "from FrameStrategy."
        )
    once = {id(s): key for key, s in reversed(found.items())}  # one strategy may have several variables
    names = {_name_of(found[key]) or key: found[key] for key in reversed(once.values())}
    if len(names) < len(once):
        raise InputError(f"{path} has several strategies of one name; give each its own.")
    if name and name not in names:
        raise NotFound(f"{path} has no strategy called {name!r}.{did_you_mean(name, names)}")
    if len(names) > 1 and not name:
        raise InputError(f"{path} has several strategies; choose one of {', '.join(map(repr, names))}.")
    chosen = names[name] if name else next(iter(names.values()))
    if isinstance(chosen, Loaded):
        return replace(chosen, catalogue=catalogue.plus(chosen.catalogue.values()), cache=context.kernels)
    if not isinstance(chosen, Strategy):
        return _of_frames(chosen, context.kernels)
    return Loaded(chosen.graph, catalogue.plus(chosen.catalogue.values()).plus(nodes_of(module)), context.kernels)


def with_references(graph: Graph, context: Context, *folders: Path) -> Graph:
    """The graph with the content of its references, from these folders and the library of the context.

    Raises InputError where the sub-graphs have too many nodes, and for a user without a home.
    """
    return resolve(graph, [*folders, context.graphs]) if has_references(graph) else graph


def _strategies_in(module: ModuleType) -> dict[str, Strategy | FrameStrategy | type[FrameStrategy] | Loaded]:
    """The strategies of a file by their names in it: graphs, instances, and classes that the file itself defines.

    A class counts where there is no instance of it, and it overrides `generate_signals`. A file with a portfolio has no
    other strategies than that: the rest are its members.
    """
    values = vars(module)
    portfolios = {key: one for key, one in values.items() if isinstance(one, Loaded) and one.graph.parts}
    if portfolios:
        return dict(portfolios)
    found: dict[str, Any] = {key: one for key, one in values.items() if isinstance(one, Strategy | FrameStrategy)}
    kinds = {type(one) for one in found.values()}
    for key, one in values.items():
        own = isinstance(one, type) and issubclass(one, FrameStrategy) and one.__module__ == module.__name__
        if own and one not in kinds and one.generate_signals is not FrameStrategy.generate_signals:
            found[key] = one
    return found


def _name_of(strategy: Strategy | FrameStrategy | type[FrameStrategy] | Loaded) -> str:
    """The name by which `--strategy` chooses it; empty for a graph without one."""
    if isinstance(strategy, Loaded):
        return strategy.graph.name
    return str(strategy.name) if isinstance(strategy, Strategy) else title_of(strategy)


def _of_frames(strategy: FrameStrategy | type[FrameStrategy], cache: Path | None) -> Loaded:
    """A strategy over a DataFrame; InputError where its class needs arguments or its settings are none."""
    made = construct(strategy) if isinstance(strategy, type) else strategy
    refuse_settings(made)
    return Loaded(graph_of(made), builtin(), cache, made)


def as_loaded(
    strategy: Strategy | Graph | FrameStrategy | type[FrameStrategy] | Loaded | str | Path,
    context: Context | None = None,
) -> Loaded:
    """Turn a strategy, a graph or the path of a file into a graph with its catalogue.

    A graph and a file may use the nodes of the context. A strategy built in Python has its nodes, what was loaded keeps
    its own.
    Raises InputError for a value of another type, and the errors of `load_strategy`.
    """
    if context is not None and not isinstance(context, Context):
        raise InputError(f"context= takes a wickwork.Context, was given {context!r}.")
    if isinstance(strategy, Loaded):
        return strategy if context is None else replace(strategy, cache=context.kernels)
    context = context or Context()
    if isinstance(strategy, Strategy):
        return Loaded(strategy.graph, strategy.catalogue, context.kernels)
    if isinstance(strategy, FrameStrategy) or (isinstance(strategy, type) and issubclass(strategy, FrameStrategy)):
        return _of_frames(strategy, context.kernels)
    if isinstance(strategy, Graph):
        return Loaded(with_references(strategy, context), context.catalogue, context.kernels)
    if isinstance(strategy, str | Path):
        return load_strategy(Path(strategy), context=context)
    raise InputError(f"{strategy!r} is not a strategy; give a strategy, a graph, or the path of a file with one.")
