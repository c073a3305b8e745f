"""`wick graph diff`, `merge`, `format` and `upgrade`: graph documents as files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from wickwork.cli import options, output
from wickwork.cli.output import many
from wickwork.cli.writing import target_of, write_new

Document = Annotated[Path, typer.Argument(metavar="FILE.json", help="A graph document.")]


def diff(
    file: options.File,
    other: Annotated[Path, typer.Argument(metavar="OTHER", help="A second one, of either kind.")],
    nodes: options.Nodes = None,
    as_json: options.Json = False,
) -> None:
    """Show what differs between two strategies, apart from layout; exit code 1 if something does.

    A node that only has another id is shown as renamed. A parameter that is not written has its default.
    """
    from wickwork.graph.compare import TEXTS, differences

    found = [options.loaded(path, nodes) for path in (file, other)]
    for one in found:
        one.refuse_frames("A comparison")
    changes = differences(found[0].graph, found[1].graph, found[0].catalogue.plus(found[1].catalogue.values()))
    if as_json:
        logic = any(change.kind not in (*TEXTS, "renamed") for change in changes)
        output.write_json({"equal": not changes, "same_logic": not logic, "changes": [one.data() for one in changes]})
    elif changes:
        for change in changes:
            output.say(str(change))
    else:
        output.say(f"{file} and {other} are equal, apart from layout.")
    if changes:
        raise typer.Exit(1)


def merge(
    base: Annotated[Path, typer.Argument(metavar="BASE.json", help="The graph before both changes.")],
    ours: Annotated[Path, typer.Argument(metavar="OURS.json", help="The graph as one side changed it.")],
    theirs: Annotated[Path, typer.Argument(metavar="THEIRS.json", help="The graph as the other side changed it.")],
    out: Annotated[Path | None, typer.Argument(metavar="OUT.json", help="Where the merged graph is written.")] = None,
    output_file: Annotated[Path | None, typer.Option("--output", metavar="OUT.json", help="The same.")] = None,
    take_ours: Annotated[bool, typer.Option("--ours", help="In a conflict, take the value of OURS.")] = False,
    take_theirs: Annotated[bool, typer.Option("--theirs", help="In a conflict, take the value of THEIRS.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
    as_json: options.Json = False,
) -> None:
    """Put two changes of one graph together, by node, parameter and wire.

    Conflicts are listed with both values; then nothing is written and the exit code is 1, unless --ours or --theirs
    says which side counts. OUT.json may be OURS.json.
    """
    from wickwork.graph.document import load, to_text
    from wickwork.graph.merge import merge as merged
    from wickwork.model.errors import InputError

    if take_ours and take_theirs:
        raise InputError("--ours and --theirs exclude one another; give one of them.")
    target = target_of(out, output_file, f"wick graph merge {base} {ours} {theirs}")
    graph, conflicts = merged(load(base), load(ours), load(theirs), prefer_theirs=take_theirs)
    written = not conflicts or take_ours or take_theirs
    if written:
        write_new(target, to_text(graph), force or target in (ours, theirs))
    if as_json:
        data = [one.data() for one in conflicts]
        output.write_json({"file": str(target) if written else None, "conflicts": data})
    else:
        for one in conflicts:
            output.say(str(one))
    if not written:
        output.note(
            f"{many(len(conflicts), 'conflict')}, so nothing was written; choose a side with --ours or --theirs."
        )
        raise typer.Exit(1)
    if not as_json:
        taken = f", {many(len(conflicts), 'conflict')} decided for {'theirs' if take_theirs else 'ours'}"
        output.say(f"{target} has both: {many(len(graph.nodes), 'node')}{taken if conflicts else ''}.")


def format_(
    file: Document,
    only_check: Annotated[bool, typer.Option("--check", help="Write nothing; exit code 1 if it would change.")] = False,
    as_json: options.Json = False,
) -> None:
    """Write a graph document in canonical form: sorted, one node and one wire a line. What it says stays the same."""
    from wickwork.graph.document import load, to_text

    text = to_text(load(file))
    differs = file.read_bytes() != text.encode()
    if differs and not only_check:
        write_new(file, text, force=True)
    if as_json:
        output.write_json({"file": str(file), "canonical": not differs, "written": differs and not only_check})
    elif differs and only_check:
        output.say(f"{file} is not in canonical form; `wick graph format {file}` writes it so.")
    else:
        output.say(f"{file} {'is now' if differs else 'is'} in canonical form.")
    if differs and only_check:
        raise typer.Exit(1)


def upgrade(
    file: Document,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would change, and write nothing.")] = False,
    nodes: options.Nodes = None,
    as_json: options.Json = False,
) -> None:
    """Rewrite a graph document for the present versions of its nodes, as it runs without that, too.

    Graphs to which it refers are files of their own and stay as they are.
    """
    from wickwork.graph.check import GraphFaults
    from wickwork.graph.compare import differences
    from wickwork.graph.document import load, to_text
    from wickwork.graph.migrate import migrate

    known = options.catalogue(nodes)
    graph = load(file)
    upgraded, faults = migrate(graph, known)
    if faults:
        raise GraphFaults(faults)
    changes = differences(graph, upgraded, known)
    if changes and not dry_run:
        write_new(file, to_text(upgraded), force=True)
    if as_json:
        data = [one.data() for one in changes]
        output.write_json({"file": str(file), "written": bool(changes) and not dry_run, "changes": data})
        return
    for change in changes:
        output.say(str(change))
    what = "would be" if dry_run else "is now"
    output.say(f"{file} {what} of the present versions." if changes else f"{file} is of the present versions already.")


VERBS: dict[str, Callable[..., None]] = {"diff": diff, "merge": merge, "format": format_, "upgrade": upgrade}
