"""Graphs in files of their own, to which sub-graphs refer by name, version and hash.

The file of version 3 of `trend` is `trend-3.json`, beside the document that refers to it or in the library folder of
the user's home. Its hash is compared each time: a file that has changed is a fault, and never changes a strategy.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from wickwork.graph.document import load, to_text
from wickwork.graph.entries import MOST_LEVELS, Graph, NodeEntry, Reference
from wickwork.model.errors import InputError, NotFound, Refused
from wickwork.store.durable import replacing

Version = tuple[str, int]
"""The name and the version of a graph in a file."""


def has_references(graph: Graph) -> bool:
    """Whether a sub-graph of it, however deep, is a reference that was not found yet."""
    return any(
        (one.reference is not None and one.graph is None) or (one.graph is not None and has_references(one.graph))
        for one in graph.nodes.values()
    )


def resolve(graph: Graph, folders: Sequence[Path]) -> Graph:
    """The graph with the content of its references, from files in these folders, the first that has it.

    A reference that is not found, or whose file has another hash, has no content and says why (`NodeEntry.not_found`);
    `check` makes a fault of that. Raises InputError where the sub-graphs have too many nodes.
    """
    return _resolved(graph, folders, (), {})


def publish(graph: Graph, folder: Path, name: str, version: int) -> Reference:
    """Write a graph into a folder as that version, and return the reference to it.

    Raises Refused where that version is there with another logic, and InputError for a name that is none.
    """
    reference = Reference(name, version, graph.hash())
    path = folder / reference.file
    if path.exists() and load(path).hash() != reference.hash:
        raise Refused(f"{path} is there already and does something else; choose the next version.")
    folder.mkdir(parents=True, exist_ok=True)
    with replacing(path) as file:
        file.write(to_text(graph).encode())
    return reference


def find(name: str, version: int, folders: Sequence[Path]) -> tuple[Graph, Reference]:
    """A version of a graph as it is in the first of these folders that has it, with the reference to it.

    Raises NotFound where no folder has it, and InputError for a file that is no graph.
    """
    wanted = Reference(name, version, "0" * 64)
    for folder in folders:
        path = folder / wanted.file
        if path.is_file():
            graph = load(path)
            return _resolved(graph, folders, ((name, version),), {}), replace(wanted, hash=graph.hash())
    raise NotFound(f"There is no {_looked_for(wanted, folders)}.")


def _looked_for(reference: Reference, folders: Sequence[Path]) -> str:
    return f"{reference.file} in {' or '.join(str(folder) for folder in folders) or 'any folder'}"


def _resolved(
    graph: Graph, folders: Sequence[Path], within: tuple[Version, ...], known: dict[Reference, Graph | str]
) -> Graph:
    """`within` are the versions in whose files this graph is, `known` those that were looked up already."""
    nodes: dict[str, NodeEntry] = {}
    for name, entry in graph.nodes.items():
        if entry.reference is not None and entry.graph is None:
            found = known.get(entry.reference)
            if found is None:
                found = known[entry.reference] = _content(entry.reference, folders, within, known)
            nodes[name] = (
                replace(entry, not_found=found) if isinstance(found, str) else replace(entry, graph=found, not_found="")
            )
        elif entry.graph is not None and has_references(entry.graph):
            nodes[name] = replace(entry, graph=_resolved(entry.graph, folders, within, known))
    return replace(graph, nodes={**graph.nodes, **nodes}) if nodes else graph


def _content(
    reference: Reference, folders: Sequence[Path], within: tuple[Version, ...], known: dict[Reference, Graph | str]
) -> Graph | str:
    """The graph of a reference, or why there is none."""
    if (reference.name, reference.version) in within:
        names = [name for name, _ in (*within, (reference.name, reference.version))]
        return f"it contains itself: {' → '.join(names)}; take one of these out"
    if len(within) >= MOST_LEVELS:
        return f"references are nested more than {MOST_LEVELS} deep; unpack some of them"
    different = ""
    for folder in folders:
        path = folder / reference.file
        if not path.is_file():
            continue
        try:
            graph = load(path)
        except InputError as error:
            return str(error)
        if graph.hash() == reference.hash:
            return _resolved(graph, folders, (*within, (reference.name, reference.version)), known)
        different = different or (
            f"{path} is not what {reference} was when this graph was made: its hash is {graph.hash()}, the reference "
            f"has {reference.hash}; restore the file, or write its hash into the reference"
        )
    return different or (
        f"the graph {reference} is missing: there is no {_looked_for(reference, folders)}; put the file there"
    )
