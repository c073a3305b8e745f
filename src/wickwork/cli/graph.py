"""`wick graph …`: strategies as data."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wickwork.cli import options, output
from wickwork.cli.output import columns, many
from wickwork.cli.writing import target_of, write_new

if TYPE_CHECKING:
    from wickwork.graph.document import Graph, NodeEntry, Part, WireEntry
    from wickwork.strategies.load import Loaded
    from wickwork.strategies.sub_graph_parameters import PromotedParameters


def check(
    file: options.File,
    changes: options.Changes = None,
    nodes: options.Nodes = None,
    strategy: options.StrategyName = "",
    as_json: options.Json = False,
) -> None:
    """Report every error in a graph; exit code 1 if there is one. A Python file is run, which builds the graph."""
    from wickwork.graph.check import find_faults

    found = options.loaded(file, nodes, strategy, changes)
    faults = find_faults(found.graph, found.catalogue)
    if as_json:
        listed = [{"node": f.node, "port": f.port, "reason": f.reason, "remedy": f.remedy} for f in faults]
        output.write_json({"valid": not faults, "sound": not faults, "faults": listed})
    elif faults:
        rows = [(f"{f.node}.{f.port}" if f.port else f.node, f.reason, f.remedy) for f in faults]
        output.table(columns("where", "what is wrong", "what to do"), rows)
    else:
        actions = sum(1 for node in found.check().nodes.values() if node.verb)
        graph = found.graph
        was_run = " The file was run to build the graph." if file.suffix == ".py" else ""
        output.say(
            f"{file} is valid: {many(len(graph.nodes), 'node')}, {many(len(graph.wires), 'wire')}, "
            f"{many(actions, 'action')}.{was_run}"
        )
    if faults:
        output.note(f"{file} has {many(len(faults), 'fault')}; correct the graph and check it again.")
        raise typer.Exit(1)


def show(
    file: options.File,
    changes: options.Changes = None,
    nodes: options.Nodes = None,
    strategy: options.StrategyName = "",
    as_json: options.Json = False,
) -> None:
    """Show a strategy line by line: each node with its inputs, the actions last. --json prints the canonical text.

    A node in a sub-graph is `outer__inner`. Parameters that sub-graphs promote are listed with what they set.
    """
    from wickwork.graph.document import to_text
    from wickwork.graph.expand import expand
    from wickwork.strategies.sub_graph_parameters import promoted_of

    found = options.loaded(file, nodes, strategy, changes)
    if as_json:
        output.write_text(to_text(found.graph))
        return
    promoted = {**found.promoted, **promoted_of(found.graph)}
    found = replace(found, graph=expand(found.graph).graph)
    graph = found.graph
    order, actions = _order(found)
    output.say(graph.name or str(file), style="bold")
    if isinstance(graph.notes, str) and graph.notes:
        output.say(graph.notes)
    for part in graph.parts or (None,):
        if part:
            output.say(f"\n{_heading(part)}", style="bold")
        prefix = part.prefix if part else ""
        _say_nodes(found, *([name for name in names if name.startswith(prefix)] for names in (order, actions)))
        _say_promoted(graph, {end: found for end, found in promoted.items() if end[0].startswith(prefix)})


def _heading(part: Part) -> str:
    """What a strategy of a portfolio is called, and which bars it trades."""
    return f"{part.name}: {part.timeframe} bars of {', '.join(part.instruments)}"


def _say_nodes(found: Loaded, order: Sequence[str], actions: Sequence[str]) -> None:
    graph = found.graph
    for name in order:
        if graph.nodes[name].type not in ("bars", "number"):
            output.say(f"  {name} = {_call(found, name)}")
    if actions:
        output.say()
    for name in actions:
        when = next((w for w in graph.wires if w.target == name and w.target_port == "when"), None)
        source = _source(graph, when) if when else "nothing"
        label = "" if name == graph.nodes[name].type else f"  [{name}]"
        output.say(f"  when {source}: {_call(found, name, leave_out='when')}{label}")


def _say_promoted(graph: Graph, promoted: PromotedParameters) -> None:
    """What sub-graphs promote: the names that `--set` and sweeps take."""
    lines = []
    for name, found in promoted.items():
        ends = [end for end in found.ends if end[0] in graph.nodes]
        values = [graph.nodes[node].params[param] for node, param in ends if param in graph.nodes[node].params]
        value = f" = {output.plain(values[0])}" if values else ""
        if ends:
            lines.append(f"    {'.'.join(name)}{value} sets {', '.join(map('.'.join, ends))}")
    if lines:
        output.say("\n  Parameters of sub-graphs:")
    for line in lines:
        output.say(line)


def explain(
    file: options.File,
    changes: options.Changes = None,
    nodes: options.Nodes = None,
    strategy: options.StrategyName = "",
    as_json: options.Json = False,
) -> None:
    """Say what a strategy does, in the sentences of a trader."""
    from wickwork.graph.entries import part_data
    from wickwork.graph.parts import part_graphs
    from wickwork.strategies.sentences.explain import explained

    found = options.loaded(file, nodes, strategy, changes)
    found.refuse_frames("An explanation")
    whole = found.check()
    if found.graph.parts:
        graphs = {name: replace(one, name=name) for name, one in part_graphs(found.graph).items()}
        texts = {name: explained(replace(found, graph=one).check()) for name, one in graphs.items()}
        if as_json:
            members = [{**part_data(part), **texts[part.name].to_data()} for part in found.graph.parts]
            output.write_json({"name": found.graph.name, "parts": members})
            return
        output.say(found.graph.name or str(file), style="bold")
        for part in found.graph.parts:
            output.say(f"\n{_heading(part)}", style="bold")
            output.say(str(texts[part.name]))
        return
    sentences = explained(whole)
    if as_json:
        output.write_json(sentences.to_data())
        return
    output.say(sentences.name or str(file), style="bold")
    output.say(str(sentences))


def hash_(
    file: options.File,
    changes: options.Changes = None,
    nodes: options.Nodes = None,
    strategy: options.StrategyName = "",
    reference: Annotated[
        bool, typer.Option("--reference", help="The hash by which a sub-graph refers to this file: as it is written.")
    ] = False,
    as_json: options.Json = False,
) -> None:
    """Print the hash of a strategy, without name, notes and layout. It is part of the manifest of each run."""
    found = options.loaded(file, nodes, strategy, changes)
    found.refuse_frames("A hash")
    digest = found.graph.hash() if reference else found.check().graph.hash()
    if as_json:
        output.write_json({"name": found.graph.name, "hash": digest})
    else:
        output.say(digest)


def export(
    file: options.File,
    target: Annotated[Path, typer.Argument(metavar="OUT", help="Where it is written: OUT.json, or OUT.py as Python.")],
    changes: options.Changes = None,
    nodes: options.Nodes = None,
    strategy: options.StrategyName = "",
    as_python: Annotated[
        bool, typer.Option("--python", help="Write a Python file, as for OUT.py, whatever OUT is called.")
    ] = False,
    as_litegraph: Annotated[bool, typer.Option("--litegraph", help="Write a LiteGraph file for PVE instead.")] = False,
    partial: Annotated[
        bool, typer.Option("--partial", help="With --litegraph: leave out what PVE does not have.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
    as_json: options.Json = False,
) -> None:
    """Write a strategy as a graph document, which loads without running any Python, as a Python file, or for PVE.

    The Python file builds the same graph: loaded again it has the same hash. A document with nodes that this Wickwork
    does not have keeps them.
    """
    from wickwork.cli import litegraph
    from wickwork.graph.check import GraphFaults, find_faults
    from wickwork.graph.document import to_text
    from wickwork.model.errors import InputError
    from wickwork.nodes import builtin

    found = options.loaded(file, nodes, strategy, changes)
    found.refuse_frames("An export")
    if partial and not as_litegraph:
        raise InputError("--partial is for LiteGraph files; use it with --litegraph.")
    if as_litegraph:
        litegraph.export_file(found.graph, target, partial, force, as_json)
        return
    if as_python or target.suffix == ".py":
        _export_python(found, target, force, as_json)
        return
    faults = find_faults(found.graph, found.catalogue)
    if faults and file.suffix == ".py":
        raise GraphFaults(faults)
    text = to_text(found.graph)
    write_new(target, text, force)
    own = sorted(kind for kind in found.graph.types if kind not in builtin())
    if faults:
        output.note(f"{target} cannot run yet: `wick graph check` shows its {many(len(faults), 'fault')}.")
    if as_json:
        digest = None if faults else found.check().graph.hash()
        output.write_json({"file": str(target), "form": "document", "hash": digest, "own_nodes": own})
        return
    name = found.graph.name or "the strategy"
    output.say(f"{target} has {name} as a graph document: {many(len(found.graph.nodes), 'node')}.")
    if own:
        output.note(f"it uses nodes of your own ({', '.join(own)}); give their file with --nodes when you run it.")


def _export_python(found: Loaded, target: Path, force: bool, as_json: bool) -> None:
    from wickwork.strategies.python_text.write import python_file

    written = python_file(found.graph, found.catalogue, target.name)
    write_new(target, written.text, force)
    digest = found.check().graph.hash()
    if as_json:
        parts = {"own_nodes": list(written.own_nodes), "left_out": list(written.left_out)}
        output.write_json({"file": str(target), "form": "python", "hash": digest} | parts)
        return
    output.say(f"{target} has {found.graph.name or 'the strategy'} as Python, hash {digest[:12]}.")
    for one in written.imported:
        where = "which lies there" if one.parent.resolve() == target.parent.resolve() else f"copy {one} there"
        output.note(f"it imports nodes of your own from {one.name} beside it; {where}.")
    for sentence in written.left_out:
        output.note(sentence)


def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A LiteGraph file of PVE, bare or in its envelope.")],
    out: Annotated[Path | None, typer.Argument(metavar="OUT.json", help="Where the graph is written.")] = None,
    output_file: Annotated[Path | None, typer.Option("--output", metavar="OUT.json", help="The same.")] = None,
    name: Annotated[str, typer.Option("--name", help="The name of the strategy; else that of the file.")] = "",
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
    as_json: options.Json = False,
) -> None:
    """Make a graph of a LiteGraph file of PVE and report what changed and why; exit code 1 if it cannot run yet."""
    from wickwork.cli import litegraph

    litegraph.import_file(file, target_of(out, output_file, f"wick graph import {file}"), name, force, as_json)


VERBS: dict[str, Callable[..., None]] = {
    "check": check,
    "show": show,
    "explain": explain,
    "hash": hash_,
    "export": export,
    "import": import_,
}


def _order(found: Loaded) -> tuple[list[str], list[str]]:
    """The nodes that compute and the actions, each in the order in which they are read; by name in a faulty graph."""
    from wickwork.graph.check import GraphFaults
    from wickwork.strategies.reading_order import action_ids, reading_order

    try:
        validated = found.check()
        actions = action_ids(validated)
        order = reading_order(validated)
    except GraphFaults:
        order = sorted(found.graph.nodes)
        actions = [name for name in order if _is_action(found, found.graph.nodes[name])]
    return [name for name in order if name not in set(actions)], actions


def _is_action(found: Loaded, entry: NodeEntry) -> bool:
    return entry.type in found.catalogue and bool(found.catalogue[entry.type].verb)


def _source(graph: Graph, wire: WireEntry) -> str:
    """The source of a wire: a number as its value, a single output as its node."""
    entry = graph.nodes.get(wire.source)
    if entry and entry.type == "number":
        return output.plain(entry.params.get("value", 0.0))
    return wire.source if wire.source_port in ("value", "order", "bars") else f"{wire.source}.{wire.source_port}"


def _call(found: Loaded, name: str, leave_out: str = "") -> str:
    """A node as a call with its inputs, in the order of the catalogue."""
    graph, entry = found.graph, found.graph.nodes[name]
    known = found.catalogue[entry.type].inputs if entry.type in found.catalogue else ()
    place = {i.name: number for number, i in enumerate(known)}
    wires = sorted((w for w in graph.wires if w.target == name), key=lambda w: place.get(w.target_port, len(place)))
    words = [f"{w.target_port} = {_source(graph, w)}" for w in wires if w.target_port != leave_out]
    words += [f"{key} = {output.plain(value)}" for key, value in sorted(entry.params.items())]
    return f"{entry.type}({', '.join(words)})"
