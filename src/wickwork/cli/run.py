"""`wick run`: the strategies of a configuration file on one account, as a backtest or on paper."""

from __future__ import annotations

import contextlib
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wickwork.cli import configuration, options, output

if TYPE_CHECKING:
    from wickwork.analytics.run import Run
    from wickwork.context import Context
    from wickwork.launch.markets import Market
    from wickwork.launch.prepare import Prepared
    from wickwork.settings.loading import Loading
    from wickwork.settings.parts import PartSettings

_CHOICE = "What runs"


def _triples(flag: str, text: str) -> Any:
    return typer.Option(flag, metavar="INSTRUMENT:TF:NAME", help=text, rich_help_panel=_CHOICE)


def run(
    file: configuration.File = None,
    enable: Annotated[list[str] | None, _triples("--enable-strategy", "Run a strategy that is not enabled.")] = None,
    disable: Annotated[list[str] | None, _triples("--disable-strategy", "Leave a strategy out.")] = None,
    changed: configuration.Changes = None,
    paper: Annotated[bool, typer.Option("--paper", help="Run on paper.", rich_help_panel=_CHOICE)] = False,
    backtest: Annotated[bool, typer.Option("--backtest", help="Run over history.", rich_help_panel=_CHOICE)] = False,
    trades: Annotated[bool, typer.Option("--trades", help="Show every trade.")] = False,
    full: Annotated[bool, typer.Option("--full", help="Show every figure.")] = False,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FOLDER", help="Write manifest, equity, trades, orders, fills.")
    ] = None,
    report: Annotated[
        Path | None, typer.Option("--report", metavar="FILE", help="Write the report, an HTML file.")
    ] = None,
    as_json: options.Json = False,
    config: Annotated[
        Path | None, typer.Option("--config", "-c", hidden=True, help="FILE, as Valvulin names it.")
    ] = None,
) -> None:
    """Run the strategies of a configuration on one account, over history or on paper: no order is live.

    An option is stronger than the environment (WICKWORK_CAPITAL=5000), which is stronger than the file.
    """
    from wickwork.launch.folders import context_of
    from wickwork.launch.prepare import prepare
    from wickwork.model.errors import InputError
    from wickwork.settings.faults import SettingsFaults
    from wickwork.settings.parts import parts_of

    if paper and backtest:
        raise InputError("--paper and --backtest exclude each other; keep one.")
    if file and config:
        raise InputError("The configuration is named twice; leave --config out.")
    path = configuration.path_of_configuration(file or config)
    loading = configuration.read(path, changed, _mode(paper, backtest))
    configuration.refuse_faults(loading.errors)
    settings = loading.settings
    parts = parts_of(settings, enable or (), disable or ())
    for one in loading.faults:
        output.note(str(one))
    context = context_of(settings)
    try:
        with contextlib.redirect_stdout(sys.stderr):  # what a user's file prints is not part of the answer
            ready = prepare(loading, parts, context)
    except SettingsFaults as error:
        configuration.refuse_faults(error.faults)
        raise
    out = out or (settings.path(settings.output.folder) if settings.output.folder else None)
    report = report or (settings.path(settings.output.report) if settings.output.report else None)
    output.refuse_to_replace(
        report, "--report", [path, *ready.files, *(settings.path(part.strategy.handler) for part in parts)]
    )
    if settings.execution.mode == "paper":
        if out or report:
            output.note("A paper run writes a journal alone; --out, --report and output are those of backtests.")
        _on_paper(ready, loading, parts, context, as_json)
        return
    _backtest(ready, context, trades=trades, full=full, out=out, report=report, as_json=as_json)


def _mode(paper: bool, backtest: bool) -> list[tuple[str, str, str]]:
    chosen = "paper" if paper else "backtest" if backtest else ""
    return [(f"--{chosen}", "execution.mode", chosen)] if chosen else []


def _backtest(
    ready: Prepared, context: Context, *, trades: bool, full: bool, out: Path | None, report: Path | None, as_json: bool
) -> Run:
    from wickwork.analytics.run import backtest
    from wickwork.cli.backtest import name_report, save
    from wickwork.cli.summary import show_run
    from wickwork.engine.compiling import is_warm

    market = ready.market
    doing = "running …" if is_warm() else "compiling the engine, once on this machine (some 10 seconds) …"
    with output.working(doing):
        done = backtest(
            ready.strategies,
            market.bars,
            finer=market.finer,
            terms=ready.terms,
            funding=ready.funding,
            mark_prices=ready.mark_prices,
            context=context,
        )
    if out:
        save(done, out)
    written = done.report(report) if report else None
    if as_json:
        for piece in done.json_pieces():
            output.write_text(piece)
    else:
        show_run(done, market.synthetic, all_trades=trades, full=full, explanations=[])
    if written:
        name_report(written, as_json)
    return done


def _on_paper(ready: Prepared, loading: Loading, parts: list[PartSettings], context: Context, as_json: bool) -> None:
    from wickwork.cli.paper import OnPaper, run_on_paper
    from wickwork.launch.prepare import prepare

    settings = loading.settings

    def with_finer(finer: str) -> Market:
        other = replace(settings, execution=replace(settings.execution, finer=finer))
        return prepare(replace(loading, settings=other), parts, context).market

    given = OnPaper(
        ready.strategies, ready.market, ready.terms, ready.funding, ready.mark_prices, ready.files, with_finer
    )
    journal = settings.path(settings.execution.journal) if settings.execution.journal else None
    schedule = settings.schedule
    run_on_paper(
        given,
        journal,
        schedule.speed,
        schedule.bars,
        settings.execution.reported,
        as_json,
        context=context,
        level=settings.logging.level,
    )
