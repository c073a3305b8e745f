"""`wick paper`: a strategy on paper, live over bars that arrive by the clock."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wickwork.cli import options, output, streams
from wickwork.cli.setting import Setting, takes_setting

if TYPE_CHECKING:
    from wickwork.context import Context
    from wickwork.engine.advance import Outcome
    from wickwork.engine.bot import Bot
    from wickwork.engine.journal_entries import Start
    from wickwork.engine.runs import Run
    from wickwork.launch.markets import Market
    from wickwork.launch.paper_runs import SideSeries
    from wickwork.model.bars import Bars
    from wickwork.model.funding import FundingRates
    from wickwork.sim.terms import Terms
    from wickwork.strategies.load import Loaded


def _option(flag: str, metavar: str, text: str) -> Any:
    return typer.Option(flag, metavar=metavar, help=text, rich_help_panel="The run")


@takes_setting()
def paper(
    setting: Setting,
    speed: Annotated[str, _option("--speed", "TIMES|max", "How many times as fast as the world the clock runs.")] = "1",
    bars: Annotated[str, _option("--bars", "N", "Stop after so many bars in all.")] = "",
    journal: Annotated[
        Path | None, _option("--journal", "PATH", "The file of the run; one in the user's data folder if not named.")
    ] = None,
    reported: Annotated[
        bool,
        _option("--reported", "", "Match outside of the run and report, as an exchange does; the fills are the same."),
    ] = False,
    as_json: options.Json = False,
) -> None:
    """Run a strategy on paper: bars arrive by the clock, orders go to the simulated venue, nothing is real.

    Everything is written to a journal before it is done. Stop it with Ctrl-C or in any other way: the same command goes
    on where it was. `wick replay` holds the run against a backtest.
    """
    most, times = _most(bars), _speed(speed)
    terms, found = setting.terms(), setting.loaded()
    market = setting.market(found)
    files = tuple(str(file.resolve()) for file in (setting.file, *(setting.nodes or ())) if file.suffix == ".py")
    given = OnPaper(
        found,
        market,
        terms,
        setting.funding_rates(market),
        setting.mark_series(market),
        files,
        lambda finer: replace(setting, finer=finer).market(found),
    )
    run_on_paper(given, journal, times, most, reported, as_json)


@dataclass(frozen=True)
class OnPaper:
    """What runs on paper, however it was chosen."""

    strategy: Loaded
    market: Market
    terms: Terms
    funding: list[FundingRates]
    mark_prices: list[Bars]
    files: tuple[str, ...]
    """The Python files of the strategy and of its nodes."""
    with_finer: Callable[[str], Market]
    """The bars again, with shorter ones of that timeframe beside them."""


def run_on_paper(
    given: OnPaper,
    journal: Path | None,
    speed: float,
    most: int | None,
    reported: bool,
    as_json: bool,
    context: Context | None = None,
    level: str = "info",
) -> None:
    """Begin the run, or go on where its journal ends, until the bars are over, `most` were taken, or it is stopped.

    From the `level` warning on, fills are not shown; from error on, denied orders neither.
    """
    from wickwork.engine.compiling import begin_compiling, is_warm
    from wickwork.engine.fast_clock import FastClock
    from wickwork.engine.runs import open_run
    from wickwork.launch.paper_runs import SideSeries, start_on_paper, with_lanes
    from wickwork.strategies.frame_run import prepared

    found, market = given.strategy, with_lanes(given.market, given.strategy)
    with output.working("examining the signals …") if found.has_frames else nullcontext():
        found = prepared(found, market.bars)
    validated = found.check()
    series = SideSeries(
        {str(one.instrument): one for one in given.funding}, {str(one.instrument): one for one in given.mark_prices}
    )
    start = start_on_paper(given.files, validated, market, series, given.terms, reported=reported)
    doing = "getting ready …" if is_warm() else "compiling the engine, once on this machine (some 10 seconds) …"
    with output.working(doing):
        begin_compiling()
    with ExitStack() as stack:
        show = (lambda text: None) if as_json else stack.enter_context(output.standing("waiting for the first bar …"))
        on_outcome = _silent if as_json else _outliving(_shower(start, show, level))
        clock = FastClock(start.first, speed)
        run = open_run(
            journal or _usual_path(start, context), start, validated, clock, on_outcome, stack, _registry(context)
        )
        _go(run, _market_of(run, given, market), series, most, speed, as_json, found)


def _market_of(run: Run, given: OnPaper, market: Market) -> Market:
    """The bars, with the shorter ones that the run was started with: the store may have others by now."""
    from wickwork.launch.paper_runs import with_lanes

    finer = run.start.universe.finer
    if finer is None or (market.finer and all(bars.timeframe == finer for bars in market.finer)):
        return market
    return with_lanes(given.with_finer(str(finer)), given.strategy)


def _go(
    run: Run, market: Market, series: SideSeries, most: int | None, speed: float, as_json: bool, found: Loaded
) -> None:
    """Bring the bot to the end of its journal, run it, and show the result when it stops."""
    from wickwork.engine.live import stop

    if not as_json:
        _greet(run)
    bots: list[Bot] = []
    try:
        asyncio.run(_live(run, bots, market, series, most, speed, as_json, found))
        ended = "the bars are over" if most is None or bots[0].bars < most else "as many bars as --bars asks for"
    except (KeyboardInterrupt, asyncio.CancelledError):
        ended = "stopped"
    if not bots:  # stopped while it was brought back: the journal is as it was
        output.note("Stopped before the run had gone on; the same command starts it again.")
        raise typer.Exit(130)
    last = run.ports.journal.last
    if last is not None and last.kind != "stopped":
        stop(bots[0], run.ports)
    _farewell(run, bots[0], ended, as_json)


async def _live(
    run: Run,
    bots: list[Bot],
    market: Market,
    series: SideSeries,
    most: int | None,
    speed: float,
    as_json: bool,
    found: Loaded,
) -> None:
    """Run until the bars end; the bot is put into `bots` as soon as there is one."""
    import signal

    from wickwork.engine import live
    from wickwork.engine.runs import note_late_bars
    from wickwork.launch.paper_runs import bars_after, clock_after

    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    if task is not None and hasattr(loop, "add_signal_handler"):
        loop.add_signal_handler(signal.SIGTERM, task.cancel)
    resumed = await run.resume()
    bot = resumed.bot
    bots.append(bot)
    for note in (*run.notes, resumed.note):
        if note:
            output.note(note)
    if bot.bars and not as_json:
        output.say(f"Going on after bar {bot.bars:,}; {output.many(resumed.run_again, 'bar')} run again.", style="dim")
    opened = bot.window.opened_at
    for note in note_late_bars(run, market.bars, opened) if opened is not None else ():
        output.note(note)
    feed = bars_after(run, bot, market, series, found)
    ports = replace(run.ports, clock=clock_after(run, bot, speed))
    await live.run(bot, islice(feed, None if most is None else max(most - bot.bars, 0)), ports, resumed.saved_bars)


def _usual_path(start: Start, context: Context | None) -> Path:
    from wickwork.context import Context

    name = re.sub(r"[^a-z0-9]+", "-", start.graph.name.lower()).strip("-")[:40] or "strategy"
    return (context or Context()).journals / f"{name}-{start.identity}.jsonl"


def _registry(context: Context | None) -> Path | None:
    """Where runs are listed; None for a user without a home, whose journals are at --journal only."""
    from wickwork.context import Context
    from wickwork.model.errors import InputError

    try:
        return (context or Context()).runs
    except InputError:
        return None


def _most(text: str) -> int | None:
    from wickwork.model.errors import InputError

    value = options.number(text, "--bars")
    if value is not None and (value < 1 or value != int(value)):
        raise InputError(f"--bars is {text!r}; write a whole number of bars above 0.")
    return None if value is None else int(value)


def _speed(text: str) -> float:
    from wickwork.model.errors import InputError

    if text.strip().lower() == "max":
        return float("inf")
    try:
        value = options.number(text, "--speed")
    except InputError:
        value = None
    if value is None or not 0.0 < value <= 1e9:
        raise InputError(f"--speed is {text!r}; write how many times as fast the clock runs, such as 1000, or max.")
    return float(value)


# ---- what people see


def _greet(run: Run) -> None:
    from wickwork.cli.summary import SYNTHETIC

    names = ", ".join(dict.fromkeys(map(str, run.start.universe.instruments)))
    output.say(
        f"Paper: {run.start.graph.name or 'a strategy'} on {names}, {run.start.universe.timeframe}", style="bold"
    )
    if run.start.synthetic:
        output.say(SYNTHETIC, style="yellow")
    output.say(f"Journal: {run.ports.journal.path}", style="dim")


def _silent(outcome: Outcome) -> None:
    pass


def _outliving(show_outcome: Callable[[Outcome], None]) -> Callable[[Outcome], None]:
    """Show outcomes until the output is closed; the run goes on after that."""

    def show_if_read(outcome: Outcome) -> None:
        try:
            show_outcome(outcome)
        except BrokenPipeError:
            streams.discard(streams.answer())

    return show_if_read


_STYLES = {"info": "cyan", "warning": "yellow", "error": "red"}


def _shower(start: Start, show: Callable[[str], None], level: str) -> Callable[[Outcome], None]:
    """Returns a function that prints each outcome line by line, and shows bar and equity."""
    from wickwork.engine.advance import FIELDS
    from wickwork.model.bars import iso
    from wickwork.orders.records import DENIALS, REASONS

    step, names = start.universe.timeframe.milliseconds, start.universe.instruments

    def show_outcome(outcome: Outcome) -> None:
        closed = output.clock(iso(outcome.opened_at + step))
        for row in outcome.fills if level in ("debug", "info") else ():
            fill = dict(zip(FIELDS["fills"], row, strict=True))
            verb, style = ("bought", "green") if fill["side"] > 0 else ("sold", "red")
            amount, price = output.amount(fill["quantity"]), output.price(fill["price"])
            output.say(f"{closed}  {verb} {amount} {names[fill['lane']].base} at {price}", style=style)
        for row in outcome.closed_orders if level in ("debug", "info") else ():
            order = dict(zip(FIELDS["closed_orders"], row, strict=True))
            if order["filled"] == 0.0:
                output.say(f"{closed}  order {order['order']} ended: {REASONS[order['reason']]}", style="dim")
        for row in outcome.denied if level not in ("error", "critical") else ():
            denial = dict(zip(FIELDS["denied"], row, strict=True))
            output.say(f"{closed}  denied: {DENIALS[denial['reason']]}", style="yellow")
        for message in outcome.notifications:
            output.say(f"{closed}  {message.level}: {message.text}", style=_STYLES[message.level])
        for fault in outcome.faults:
            output.say(f"{closed}  {fault.name}: {fault.text}", style="red")
        show(f"bar {outcome.bar + 1:,} closed at {closed} UTC, equity {output.money(outcome.equity)}")

    return show_outcome


def _farewell(run: Run, bot: Bot, ended: str, as_json: bool) -> None:
    """Print bars, trades and equity at the end."""
    account = bot.machine.arrays["account"][0]
    trades, equity = int(account["round_trip_total"]), float(account["equity"])
    if as_json:
        stands = {"bars": bot.bars, "trades": trades, "equity": equity, "state": bot.state()}
        output.write_json({"journal": str(run.ports.journal.path), "ended": ended, **stands})
        return
    figures = f"{output.many(bot.bars, 'bar')}, {output.many(trades, 'trade')}, equity {output.money(equity)}"
    output.say(f"{ended[:1].upper()}{ended[1:]}: {figures}.", style="bold")
    nodes = "".join(f" --nodes {file}" for file in run.start.files)
    replay = f"wick replay {run.ports.journal.path}{nodes}"
    output.say(f"The same command goes on from here; `{replay}` holds it against a backtest.")
