"""`wick replay`: a run compared with a backtest over the bars that it took."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wickwork.cli import options, output

if TYPE_CHECKING:
    from wickwork.engine.backtest import History
    from wickwork.engine.journal_entries import Start
    from wickwork.engine.replay import Difference, Recorded
    from wickwork.strategies.load import Loaded

SHOWN = 20
"""Differences that are shown; --json has all."""


def replay(
    journal: Annotated[Path, typer.Argument(metavar="JOURNAL", help="The journal that `wick paper` wrote.")],
    nodes: options.Nodes = None,
    report: Annotated[
        Path | None,
        typer.Option("--report", metavar="FILE", help="Write the report of the backtest over the run's bars, as HTML."),
    ] = None,
    as_json: options.Json = False,
) -> None:
    """Run the backtest over the bars that a run took, and show every difference; exit code 1 if there is one."""
    from wickwork.engine import replay as replaying
    from wickwork.engine.journal_entries import start_from
    from wickwork.engine.runs import find_statement
    from wickwork.graph.program import plan
    from wickwork.store.journal import read_journal

    run = replaying.read_run(read_journal(journal), str(journal))
    start = start_from(run.start.data, str(journal))
    found = _strategy(start, nodes)
    validated = found.check()
    with output.working("replaying …"):
        differences, history = replaying.replay(run, start, plan(validated, start.universe.timeframe))
    changed = _changed_nodes(start, found)
    statement = find_statement(journal)
    if statement is not None:
        differences += replaying.against_statement(run, read_journal(statement))
    differences = changed + differences
    data = _data(journal, start, run, differences, history)
    if report:
        output.note(f"The report is {_write_report(report, start, run, history)}")
    if as_json:
        output.write_json(data)
    else:
        _show(data, differences)
    if differences:
        raise typer.Exit(1)


def _write_report(path: Path, start: Start, run: Recorded, history: History | None) -> Path:
    from wickwork.analytics.report.page import write_report
    from wickwork.analytics.run import Run
    from wickwork.model.errors import InputError

    if history is None:
        why = "people or alerts had a part in it" if run.is_requested else "its journal has no sound bars"
        raise InputError(f"There is no backtest of this run to report, because {why}; leave out --report.")
    return write_report(Run(history, start.graph), path, late=run.late)


def _strategy(start: Start, nodes: list[Path] | None) -> Loaded:
    """The strategy that the journal holds, with the nodes of the user's own."""
    from wickwork.graph.catalogue import load_file, nodes_of
    from wickwork.model.errors import InputError
    from wickwork.strategies.load import Loaded, catalogue_of

    known = catalogue_of()
    if start.nodes:
        if not nodes:
            raise InputError(
                f"The strategy uses {', '.join(start.nodes)}, from {', '.join(start.files)}. A replay runs no Python "
                "file that only the journal names: read it, and name the file with --nodes."
            )
        for file in nodes:
            known = known.plus(nodes_of(load_file(file)))
    return Loaded(start.graph, known)


def _changed_nodes(start: Start, found: Loaded) -> list[Difference]:
    """Nodes of the user's own whose code is another than it was."""
    from wickwork.engine.replay import Difference
    from wickwork.graph.identity import identity

    now = {name: identity(found.catalogue[name]) for name in start.nodes}
    return [
        Difference(-1, f"the code of the node {name}", then, now[name])
        for name, then in start.nodes.items()
        if now[name] != then
    ]


def _data(
    journal: Path, start: Start, run: Recorded, differences: list[Difference], history: History | None
) -> dict[str, Any]:
    from wickwork.engine.backtest import engine_version

    return {
        "journal": str(journal),
        "strategy": start.graph.name,
        "engine_then": start.engine,
        "engine_now": engine_version(),
        "bars": len(run.bars),
        "unfinished": run.unfinished,
        "not_taken": run.not_taken,
        "orders": sum(len(outcome.placed) for outcome in run.outcomes),
        "fills": sum(len(outcome.fills) for outcome in run.outcomes),
        "trades": len(history.round_trips) if history else 0,
        "equity": run.outcomes[-1].equity if run.outcomes else start.terms.capital,
        "differences": [
            {"bar": one.bar, "what": one.what, "recorded": one.recorded, "replayed": one.replayed}
            for one in differences
        ],
    }


def _show(data: dict[str, Any], differences: list[Difference]) -> None:
    many = output.many
    output.say(f"{data['strategy'] or 'A strategy'}: {many(data['bars'], 'bar')}", style="bold")
    if data["engine_then"] != data["engine_now"]:
        output.say(f"The run was started with engine {data['engine_then']}; this is {data['engine_now']}.", style="dim")
    output.say(
        f"{many(data['orders'], 'order')}, {many(data['fills'], 'fill')}, {many(data['trades'], 'trade')}, "
        f"equity {output.money(data['equity'])}"
    )
    if data["unfinished"]:
        output.say("The run was killed while it worked on its last event; started again it goes on from there.")
    for sentence in data["not_taken"]:
        output.say(f"Not taken: {sentence}", style="yellow")
    if not differences:
        output.say("No difference: the backtest over these bars does the same, bit for bit.", style="green")
        return
    output.say(f"{many(len(differences), 'difference')}:", style="red")
    for one in differences[:SHOWN]:
        output.say(f"  {one}")
    if len(differences) > SHOWN:
        output.say(f"  and {len(differences) - SHOWN:,} more (--json shows all)")
