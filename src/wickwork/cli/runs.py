"""`wick runs`: the runs of this machine, with the paths of their journals."""

from __future__ import annotations

from typing import Annotated

import typer

from wickwork.cli import options, output


def runs(
    forget: Annotated[
        bool, typer.Option("--forget-missing", help="Remove the entries of runs whose journal is gone.")
    ] = False,
    as_json: options.Json = False,
) -> None:
    """List the runs on paper: what they trade, how far they are, and whether they work now."""
    from wickwork.context import Context
    from wickwork.engine import registry
    from wickwork.model.bars import iso

    folder = Context().runs
    removed = registry.forget_missing(folder) if forget else 0
    found = registry.list_runs(folder)
    if as_json:
        rows = [
            {
                "journal": str(run.journal),
                "strategy": run.strategy,
                "instruments": list(dict.fromkeys(run.instruments)),
                "timeframe": run.timeframe,
                "mode": run.mode,
                "state": run.state,
                "bars": run.bars,
                "fills": run.fills,
                "equity": run.equity,
                "begun": iso(run.begun),
                "last": None if run.last is None else iso(run.last),
            }
            for run in found
        ]
        output.write_json({"runs": rows, "removed": removed})
        return
    if removed:
        output.say(f"{output.many(removed, 'entry', 'entries')} removed.")
    if not found:
        output.say("There are no runs; `wick paper STRATEGY` begins one.")
        return
    heads = output.columns(
        "Strategy", "Trades", "State", "Bars", "Fills", "Equity", "Journal", right=("Bars", "Fills", "Equity")
    )
    output.table(
        heads,
        [
            [
                run.strategy or "a strategy",
                f"{', '.join(dict.fromkeys(run.instruments))} {run.timeframe}",
                run.state,
                f"{run.bars:,}",
                f"{run.fills:,}",
                "" if run.equity is None else output.money(run.equity),
                str(run.journal),
            ]
            for run in found
        ],
    )
