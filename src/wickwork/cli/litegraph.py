"""`wick graph import` and `wick graph export --litegraph`: the LiteGraph files of PVE."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from wickwork.cli import output
from wickwork.cli.output import many

if TYPE_CHECKING:
    from wickwork.graph.document import Graph


HEADINGS = {
    "placeholder": "Not known: with these the graph cannot run",
    "left out": "Left out, because PVE never acts on them",
    "differs": "As in PVE but for what is said",
    "same": "As in PVE",
}


def import_file(file: Path, target: Path, name: str, force: bool, as_json: bool) -> None:
    """Import a file, write the graph, print the report; exit code 1 where the graph cannot run."""
    from wickwork.cli.writing import write_new
    from wickwork.compat.pve import import_litegraph
    from wickwork.compat.pve.report import DIFFERS, LEFT_OUT, SAME, UNKNOWN
    from wickwork.graph.check import find_faults
    from wickwork.graph.document import to_text
    from wickwork.nodes import builtin

    found = import_litegraph(file, name)
    graph, report = found.graph, found.report
    write_new(target, to_text(graph), force)
    faults = find_faults(graph, builtin())
    if as_json:
        listed = [{"node": f.node, "port": f.port, "reason": f.reason, "remedy": f.remedy} for f in faults]
        output.write_json(
            {"file": str(target), "hash": graph.hash(), "report": report.to_data(), "faults": listed,
             "suggested_run": dict(graph.suggested_run)}
        )  # fmt: skip
    else:
        for outcome in (UNKNOWN, LEFT_OUT, DIFFERS, SAME):
            lines = [line for line in report.lines if line.outcome == outcome]
            if lines:
                output.say(f"{HEADINGS[outcome]} ({len(lines)})", style="bold")
            for line in lines:
                output.say(f"  {line}")
        if report.general or report.file:
            output.say("The whole strategy", style="bold")
        for text in (*report.general, *report.file):
            output.say(f"  {text}")
        counts = ", ".join(f"{number} {outcome}" for outcome, number in report.counts().items() if number)
        output.say(
            f"{target} has {many(len(graph.nodes), 'node')} for {many(len(report.lines), 'node')} of PVE: {counts}."
        )
    if faults:
        for fault in faults[:20]:
            output.note(str(fault))
        output.note(f"{target} was written, but it has {many(len(faults), 'fault')} and cannot run yet.")
        raise typer.Exit(1)


def export_file(graph: Graph, target: Path, partial: bool, force: bool, as_json: bool) -> None:
    """Write a graph as a LiteGraph file; with `partial` without what PVE does not have, which is then listed."""
    from wickwork.cli.writing import write_new
    from wickwork.compat.pve import export_litegraph

    found = export_litegraph(graph, partial=partial)
    write_new(target, found.text(), force)
    if as_json:
        output.write_json({"file": str(target), "left_out": found.problems})
        return
    for problem in found.problems:
        output.say(f"  left out: {problem}")
    output.say(f"{target} is a LiteGraph file for PVE, without {many(len(found.problems), 'thing')} of the graph."
               if found.problems else f"{target} is a LiteGraph file for PVE.")  # fmt: skip
