"""`wick new`: a strategy to begin with."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from wickwork.cli import options, output
from wickwork.cli.output import columns


def new(
    name: Annotated[str, typer.Argument(metavar="[NAME]", help="The template; --list shows all.")] = "",
    target: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="Where it is written: a .py file, or .json as a graph.")
    ] = None,
    list_: Annotated[bool, typer.Option("--list", help="List the templates.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
    as_json: options.Json = False,
) -> None:
    """Begin with a strategy that runs: copy a template into a file of your own."""
    from wickwork.cli.writing import write_new
    from wickwork.graph.document import to_text
    from wickwork.model.errors import InputError
    from wickwork.strategies.load import load_strategy
    from wickwork.templates import template, templates

    if list_ or not name:
        if not list_:
            raise InputError("Name a template, such as `wick new ema_cross`; `wick new --list` shows all.")
        rows = []
        for one in templates():
            made_for = load_strategy(one.path).graph.suggested_run
            rows.append((one.name, made_for.get("instrument", ""), made_for.get("timeframe", ""), one.help))
        if as_json:
            output.write_json(
                [dict(zip(("name", "instrument", "timeframe", "help"), row, strict=True)) for row in rows]
            )
        else:
            output.table(columns("template", "instrument", "timeframe", "what it does"), rows)
        return
    chosen = template(name)
    target = target or Path(f"{chosen.name}.py")
    if target.suffix not in (".py", ".json"):
        raise InputError(f"{target} must end in .py, or in .json for a graph.")
    text = chosen.text if target.suffix == ".py" else to_text(load_strategy(chosen.path).graph)
    write_new(target, text, force)
    if as_json:
        output.write_json({"name": chosen.name, "file": str(target)})
        return
    output.say(f"{target}: {chosen.help}")
    output.say(f"Run it: wick backtest {target}", style="dim")
