"""`wick backtest`: a strategy over history."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wickwork.cli import options, output
from wickwork.cli.setting import Setting, takes_setting

if TYPE_CHECKING:
    from wickwork.analytics.run import Run

_ANSWER = "Answer"


def _option(flag: str, metavar: str, text: str) -> Any:
    return typer.Option(flag, metavar=metavar, help=text, rich_help_panel=_ANSWER)


@takes_setting()
def backtest(
    setting: Setting,
    trades: Annotated[bool, typer.Option("--trades", help="Show every trade.", rich_help_panel=_ANSWER)] = False,
    full: Annotated[bool, typer.Option("--full", help="Show every figure.", rich_help_panel=_ANSWER)] = False,
    explain: Annotated[
        str, _option("--explain", "BAR|TIME", "Explain one bar: every value, and why orders were made.")
    ] = "",
    out: Annotated[
        Path | None, _option("--out", "FOLDER", "Write manifest, equity, trades, orders, fills there.")
    ] = None,
    report: Annotated[
        Path | None, _option("--report", "FILE", "Write the report, one HTML file that opens anywhere.")
    ] = None,
    wire: Annotated[
        list[str] | None, _option("--wire", "NAME", "A wire that the report draws; several may be named.")
    ] = None,
    as_json: options.Json = False,
    json_file: Annotated[Path | None, _option("--json-file", "PATH", "Write the JSON to a file.")] = None,
) -> None:
    """Run a strategy over history. Without --data the demo market is used, whose prices are made up."""
    from wickwork.analytics.run import backtest as run_backtest
    from wickwork.cli.summary import show_run
    from wickwork.engine.compiling import is_warm
    from wickwork.model.errors import InputError

    if wire and not report:
        raise InputError("--wire says what the report draws; name its file with --report.")
    output.refuse_to_replace(json_file, "--json-file", setting.files)
    terms = setting.terms()
    found = setting.loaded()
    market = setting.market(found)
    rates, marks = setting.funding_rates(market), setting.mark_series(market)
    doing = "running …" if is_warm() else "compiling the engine, once on this machine (some 10 seconds) …"
    with output.working(doing):
        run = run_backtest(found, market.bars, finer=market.finer, terms=terms, funding=rates, mark_prices=marks)
        explanations = _explanations(run, explain) if explain else []
    if json_file:
        _write(json_file, _json_of(run, explanations))
    if out:
        save(run, out)
    written = run.report(report, wire or ()) if report else None
    if as_json:
        for piece in _json_of(run, explanations):
            output.write_text(piece)
    else:
        show_run(run, market.synthetic, all_trades=trades, full=full, explanations=explanations)
    if written:
        name_report(written, as_json)


def name_report(report: Path, as_json: bool) -> None:
    """Say where the report is, beside the JSON where that is the answer."""
    if as_json:
        output.note(f"The report is {report}")
        return
    output.say()
    output.say(f"The report is {report}")


def _explanations(run: Run, where: str) -> list[Any]:
    """One bar of every instrument explained; the bar by number, or by a moment in it."""
    import numpy as np

    from wickwork.model.errors import InputError

    if where.lstrip("-").isdigit():
        bar = int(where)
    else:
        when, times = options.moment(where, "--explain") or 0, run.history.feed.opened_at
        bar = int(np.searchsorted(times, when, side="right")) - 1
        if bar < 0 or when >= int(times[-1]) + run.history.feed.timeframe.milliseconds:
            raise InputError(f"--explain {where} is outside the run; name a bar or a time in its span.")
    return [run.explain(bar, instrument) for instrument in run.history.feed.instruments]


def _json_of(run: Run, explanations: list[Any]) -> Iterator[str]:
    more = {"explanations": [one.to_data() for one in explanations]} if explanations else {}
    return run.json_pieces(**more)


def save(run: Run, folder: Path) -> None:
    """Write the tables of a run into a folder. Raises InputError where it cannot be written."""
    from wickwork.model.errors import InputError

    try:
        run.to_parquet(folder)
    except OSError as error:
        raise InputError(f"{folder} cannot be written: {error.strerror or error}; choose another --out.") from None


def _write(path: Path, pieces: Iterable[str]) -> None:
    from wickwork.model.errors import InputError
    from wickwork.store.durable import replacing

    try:
        with replacing(path) as file:
            for piece in pieces:
                file.write(piece.encode())
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror}; choose another --json-file.") from None
