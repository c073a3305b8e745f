"""`wick paper`: a strategy on paper, live over bars that arrive by the clock."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wickwork.cli import options, output
from wickwork.cli.setting import Setting, takes_setting

if TYPE_CHECKING:
    from wickwork.cli.markets import Market
    from wickwork.engine.bot import Bot, Outcome
    from wickwork.engine.live import Ends
    from wickwork.engine.record import Start
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
    as_json: options.Json = False,
) -> None:
    """Run a strategy on paper: bars arrive by the clock, orders go to the simulated venue, nothing is real.

    Everything is written to a journal before it is done. Stop it with Ctrl-C or in any other way: the same command goes
    on where it was. `wick replay` holds the run against a backtest.
    """
    most, times = _most(bars), _speed(speed)
    terms, found = setting.terms(), setting.loaded()
    market = setting.market(found)
    start, bot = _prepared(setting, found, market, terms)
    path = journal or _usual_path(start)
    with ExitStack() as stack:
        show = (lambda text: None) if as_json else stack.enter_context(output.standing("waiting for the first bar …"))
        tell = _silent if as_json else _teller(start, show)
        run = _opened(path, start, bot, times, stack, tell)
        _go(run, market, most, as_json)


@dataclass(frozen=True)
class _Run:
    start: Start
    bot: Bot
    ends: Ends
    saved: dict[str, Any] | None
    speed: float


def _prepared(setting: Setting, found: Loaded, market: Market, terms: Terms) -> tuple[Start, Bot]:
    """What the run is, and its bot."""
    from wickwork.engine.bot import Bot
    from wickwork.engine.compiling import begin_compiling, is_warm
    from wickwork.engine.record import start_of
    from wickwork.engine.window import Universe
    from wickwork.graph.program import plan

    sound = found.check()
    finer = market.finer[0].timeframe if market.finer else None
    heard = Universe(tuple(b.instrument for b in market.bars), market.bars[0].timeframe, finer)
    files = tuple(str(file.resolve()) for file in (setting.file, *(setting.nodes or ())) if file.suffix == ".py")
    start = start_of(
        sound,
        heard,
        terms,
        source=market.bars[0].source,
        synthetic=market.synthetic,
        first=min(int(b.opened_at[0]) for b in market.bars),
        files=files,
    )
    doing = "getting ready …" if is_warm() else "compiling the engine, once on this machine (some 10 seconds) …"
    with output.working(doing):
        begin_compiling()
        return start, Bot(plan(sound, heard.timeframe), heard, terms)


def _opened(
    path: Path, start: Start, bot: Bot, speed: float, stack: ExitStack, tell: Callable[[Outcome], None]
) -> _Run:
    """The journal, the venue and the saved state of the run, begun or found."""
    from wickwork.engine.clock import FastClock
    from wickwork.engine.live import Ends
    from wickwork.engine.record import START, start_data
    from wickwork.store.durable import replace_file
    from wickwork.store.journal import Journal, read_journal
    from wickwork.venues.paper import PaperVenue

    state = path.with_suffix(".state.json")
    book = stack.enter_context(Journal(path))
    if book.last is None:
        if state.exists():
            state.unlink()  # of a run whose journal was taken away
        book.append(START, start_data(start))
    else:
        _refuse_another(path, next(read_journal(path)), start)
    venue = PaperVenue(statement_of(path))
    stack.callback(venue.close)
    ends = Ends(
        journal=book,
        venue=venue,
        clock=FastClock(start.first, speed),
        tell=tell,
        keep=lambda saved: replace_file(state, json.dumps(saved, allow_nan=False).encode()),
    )
    return _Run(start, bot, ends, _saved(state), speed)


def _refuse_another(path: Path, first: Any, start: Start) -> None:
    from wickwork.model.errors import InputError

    if first.kind != "start" or first.data.get("identity") != start.identity:
        name = first.data.get("graph", {}).get("name") or "another strategy"
        raise InputError(
            f"{path} is the journal of another run ({name}, begun with other options, bars or parameters); "
            "give the options that it was begun with, or name another --journal."
        )


def _saved(path: Path) -> dict[str, Any] | None:
    """The saved state; None where there is none. All bars are heard again then."""
    from wickwork.model.errors import InputError

    try:
        saved = json.loads(path.read_bytes())
    except FileNotFoundError:
        return None
    except ValueError:
        saved = None
    if not isinstance(saved, dict) or not {"number", "sum", "bot"} <= saved.keys():
        raise InputError(f"{path} is no saved state; delete it to hear all bars of the journal again.")
    return saved


def _go(run: _Run, market: Market, most: int | None, as_json: bool) -> None:
    """Bring the bot to the end of its journal, run it, and tell how it stands when it stops."""
    from wickwork.engine.live import stop

    if not as_json:
        _greet(run)
    try:
        asyncio.run(_live(run, market, most, as_json))
        ended = "the bars are over" if most is None or run.bot.bars < most else "as many bars as --bars asks for"
    except (KeyboardInterrupt, asyncio.CancelledError):
        ended = "stopped"
    last = run.ends.journal.last
    if last is not None and last.kind != "stopped":
        stop(run.bot, run.ends)
    _farewell(run, ended, as_json)


async def _live(run: _Run, market: Market, most: int | None, as_json: bool) -> None:
    import signal

    from wickwork.engine import live
    from wickwork.market.stream import stream

    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    if task is not None and hasattr(loop, "add_signal_handler"):
        loop.add_signal_handler(signal.SIGTERM, task.cancel)
    before = await live.recover(run.bot, run.saved, run.ends)
    bot = run.bot
    if bot.bars and not as_json:
        output.say(f"Going on after bar {bot.bars:,}; {output.many(before, 'bar')} heard again.", style="dim")
    feed = stream(market.bars, {b.instrument: b for b in market.finer}, after=bot.window.opened_at)
    await live.run(bot, islice(feed, None if most is None else max(most - bot.bars, 0)), _from_now(run))


def _from_now(run: _Run) -> Ends:
    """What the run is handed, its clock beginning where the bar opens that is heard next."""
    from wickwork.engine.clock import FastClock

    opened = run.bot.window.opened_at
    begin = run.start.first if opened is None else opened + run.start.universe.timeframe.milliseconds
    return replace(run.ends, clock=FastClock(begin, run.speed))


def statement_of(path: Path) -> Path:
    """Where the paper venue keeps its statement of a run."""
    return path.with_suffix(".venue.jsonl")


def _usual_path(start: Start) -> Path:
    from wickwork.store.home import home

    name = re.sub(r"[^a-z0-9]+", "-", start.graph.name.lower()).strip("-")[:40] or "strategy"
    return home() / "journals" / f"{name}-{start.identity}.jsonl"


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
    value = options.number(text, "--speed")
    if value is None or not 0.0 < value <= 1e9:
        raise InputError(f"--speed is {text!r}; write how many times as fast the clock runs, such as 1000, or max.")
    return float(value)


# ---- what people see


def _greet(run: _Run) -> None:
    from wickwork.cli.summary import SYNTHETIC

    names = ", ".join(str(i) for i in run.start.universe.instruments)
    output.say(
        f"Paper: {run.start.graph.name or 'a strategy'} on {names}, {run.start.universe.timeframe}", style="bold"
    )
    if run.start.synthetic:
        output.say(SYNTHETIC, style="yellow")
    output.say(f"Journal: {run.ends.journal.path}", style="dim")


def _silent(outcome: Outcome) -> None:
    pass


def _teller(start: Start, show: Callable[[str], None]) -> Callable[[Outcome], None]:
    """Says what happens, line by line, and shows how the run stands."""
    from wickwork.engine.bot import FIELDS
    from wickwork.model.bars import iso
    from wickwork.orders.records import DENIALS, REASONS

    step, names = start.universe.timeframe.milliseconds, start.universe.instruments

    def tell(outcome: Outcome) -> None:
        closed = output.clock(iso(outcome.opened_at + step))
        for row in outcome.fills:
            fill = dict(zip(FIELDS["fills"], row, strict=True))
            verb, style = ("bought", "green") if fill["side"] > 0 else ("sold", "red")
            amount, price = output.amount(fill["quantity"]), output.price(fill["price"])
            output.say(f"{closed}  {verb} {amount} {names[fill['lane']].base} at {price}", style=style)
        for row in outcome.closed_orders:
            order = dict(zip(FIELDS["closed_orders"], row, strict=True))
            if order["filled"] == 0.0:
                output.say(f"{closed}  order {order['order']} ended: {REASONS[order['reason']]}", style="dim")
        for row in outcome.denied:
            denial = dict(zip(FIELDS["denied"], row, strict=True))
            output.say(f"{closed}  denied: {DENIALS[denial['reason']]}", style="yellow")
        show(f"bar {outcome.bar + 1:,} closed at {closed} UTC, equity {output.money(outcome.equity)}")

    return tell


def _farewell(run: _Run, ended: str, as_json: bool) -> None:
    """How the run stands."""
    account = run.bot.machine.arrays["account"][0]
    trades, equity = int(account["round_trips"]), float(account["equity"])
    if as_json:
        stands = {"bars": run.bot.bars, "trades": trades, "equity": equity, "state": run.bot.state()}
        output.write_json({"journal": str(run.ends.journal.path), "ended": ended, **stands})
        return
    figures = f"{output.many(run.bot.bars, 'bar')}, {output.many(trades, 'trade')}, equity {output.money(equity)}"
    output.say(f"{ended[:1].upper()}{ended[1:]}: {figures}.", style="bold")
    output.say(
        f"The same command goes on from here; `wick replay {run.ends.journal.path}` holds it against a backtest."
    )
