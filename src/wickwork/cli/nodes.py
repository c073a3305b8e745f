"""`wick nodes`: the catalogue."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wickwork.cli import options, output
from wickwork.cli.output import columns

if TYPE_CHECKING:
    from wickwork.graph.catalogue import Catalogue
    from wickwork.graph.node import Node
    from wickwork.graph.signature import Parameter


def nodes(
    name: Annotated[str, typer.Argument(metavar="[NAME]", help="One node, with all that is known of it.")] = "",
    group: Annotated[str, typer.Option("--group", metavar="GROUP", help="Only one group, such as trend.")] = "",
    search: Annotated[
        str, typer.Option("--search", metavar="WORDS", help="Nodes whose name, help or other names have these words.")
    ] = "",
    docs: Annotated[
        Path | None,
        typer.Option("--docs", metavar="FOLDER", help="Write the reference of all nodes, with pictures, as Markdown."),
    ] = None,
    files: options.Nodes = None,
    as_json: options.Json = False,
) -> None:
    """Show the catalogue of nodes, or one of them."""
    from wickwork.graph.nearest import same_name
    from wickwork.model.text import first_sentence

    catalogue = options.catalogue(files)
    if docs is not None:
        _write_docs(catalogue, docs, alone=not (name or group or search or as_json))
        return
    if name:
        node = catalogue[name if name in catalogue else same_name(name, catalogue) or name]
        if as_json:
            output.write_json(node.describe())
        else:
            _show_one(node)
        return
    chosen = _chosen(catalogue, group, search)
    if as_json:
        output.write_json([node.describe() for node in chosen])
        return
    rows = [(n.group, n.name, n.title, _ports(n), first_sentence(n.help)) for n in chosen]
    output.table(columns("group", "name", "title", "inputs → outputs", "what it does"), rows)
    output.say()
    output.say(f"{output.many(len(chosen), 'node')}; `wick nodes NAME` shows one of them.")


def _write_docs(catalogue: Catalogue, folder: Path, *, alone: bool) -> None:
    from wickwork.cli.node_pages.pages import write_reference
    from wickwork.model.errors import InputError

    if not alone:
        raise InputError(
            "--docs writes the reference of all nodes: give it without NAME, --group, --search and --json."
        )
    count = write_reference(catalogue.values(), folder)
    output.say(f"{output.many(count, 'file')} in {folder}; begin with {folder / 'README.md'}.")


def _chosen(catalogue: Catalogue, group: str, search: str) -> list[Node]:
    from wickwork.graph.find_nodes import find_nodes
    from wickwork.graph.nearest import meant
    from wickwork.model.errors import NotFound

    found = find_nodes(catalogue.values(), group, search)
    if not found:
        members = {one.name: one for one in find_nodes(catalogue.values(), group)}
        hint = meant(search, members) or " Try another word, or `wick nodes` for all."
        raise NotFound(f"No node is about {search!r}.{hint}")
    return found


def _ports(node: Node) -> str:
    given = ", ".join(i.name if i.required else f"[{i.name}]" for i in node.inputs if i.required or not node.verb)
    given += ", …" if node.verb else ""
    return f"{given} → {', '.join(o.name for o in node.outputs)}".strip()


def _show_one(node: Node) -> None:
    from wickwork.cli.node_words import type_of

    output.say(f"{node.title} ({node.name}, group {node.group})", style="bold")
    output.say(node.help)
    output.say()
    rows = [("input", i.name, i.port.value, _needed(i.required, i.default)) for i in node.inputs]
    rows += [("parameter", p.name, type_of(p), _range(p)) for p in node.parameters]
    for o in node.outputs:
        between = f"{o.between.low:g} to {o.between.high:g}" if o.between else ""
        missing = "may be missing" if o.may_be_missing else ""
        rows.append(("output", o.name, o.port.value, ", ".join(part for part in (between, missing) if part)))
    output.table(columns("", "name", "type", ""), rows)
    output.say()
    need = node.warmup_bars({p.name: p.default for p in node.parameters})
    output.say(f"Warm-up: {output.many(need, 'bar')}" + (" with these defaults." if node.parameters else "."))
    if node.terms:
        output.say(f"Also found as: {', '.join(node.terms)}.")
    if node.source:
        output.say(f"Source: {node.source}.")


def _needed(required: bool, default: float) -> str:
    if required:
        return "needed"
    return "optional" if default != default else f"optional, {default:g} unless wired"


def _range(p: Parameter) -> str:
    if p.choices:
        return f"{', '.join(p.choices)}; {p.default} unless set"
    default = output.plain(p.default)
    between = f"{p.between.low:,g} to {p.between.high:,g}; " if p.between and not p.time_of_day else ""
    return f"{between}{default} unless set"
