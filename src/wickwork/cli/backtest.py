"""`wick backtest`: a strategy over history."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wickwork.cli import options, output

if TYPE_CHECKING:
    from wickwork.analytics.run import Run

_SHARES = ("maker_fee", "taker_fee", "spread", "volume_limit", "funding_rate")
_MARKET, _COSTS, _ORDERS, _ANSWER = "Market", "Costs and assumptions", "Rules of orders", "Answer"


def _option(flag: str, metavar: str, text: str, panel: str) -> Any:
    return typer.Option(flag, metavar=metavar, help=text, rich_help_panel=panel)


def backtest(  # every option of the verb is a parameter of this function
    file: options.File,
    data: Annotated[
        str, _option("--data", "PATH|store|demo", "A file, a folder, the bar store, or the demo market.", _MARKET)
    ] = "demo",
    instrument: Annotated[
        list[str] | None, _option("--instrument", "NAME", "What to trade; several share one account.", _MARKET)
    ] = None,
    venue: options.Venue = "",
    timeframe: Annotated[
        str, _option("--timeframe", "TF", "Bars of the run: 1h, or what the file holds.", _MARKET)
    ] = "",
    finer: Annotated[
        str,
        _option("--finer", "TF|none|auto", "Bars to look inside the bars: auto takes the finest there are.", _MARKET),
    ] = "auto",
    start: options.From = "",
    stop: options.To = "",
    capital: Annotated[str, _option("--capital", "MONEY", "Cash at the start (10,000).", _COSTS)] = "",
    fees: Annotated[
        str, _option("--fees", "PERCENT|MAKER/TAKER", "0.1 is 0.1 % for both; 0.02/0.05 each by itself.", _COSTS)
    ] = "",
    slippage: Annotated[
        str, _option("--slippage", "NUMBER", "Percent of the price; of other models in their own unit.", _COSTS)
    ] = "",
    slippage_model: Annotated[
        str, _option("--slippage-model", "NAME", "none, percent, fixed (quote), atr (× ATR), volume.", _COSTS)
    ] = "",
    spread: Annotated[str, _option("--spread", "PERCENT", "Bid to ask, in percent of the price.", _COSTS)] = "",
    latency: Annotated[str, _option("--latency", "BARS", "Bars that an order is on its way.", _COSTS)] = "",
    leverage: Annotated[str, _option("--leverage", "TIMES", "Leverage of perpetuals.", _COSTS)] = "",
    volume_limit: Annotated[
        str, _option("--volume-limit", "PERCENT", "The most of a bar's volume that may be filled in it.", _COSTS)
    ] = "",
    funding_rate: Annotated[
        str, _option("--funding-rate", "PERCENT", "What longs of perpetuals pay every eight hours.", _COSTS)
    ] = "",
    assume: Annotated[
        str, _option("--assume", "worst|best", "How doubts inside a bar are decided for the account.", _COSTS)
    ] = "",
    tick: Annotated[str, _option("--tick", "STEP", "Step of prices.", _ORDERS)] = "",
    lot: Annotated[str, _option("--lot", "STEP", "Step of quantities.", _ORDERS)] = "",
    min_notional: Annotated[str, _option("--min-notional", "MONEY", "Least value of an order.", _ORDERS)] = "",
    changes: options.Changes = None,
    nodes: options.Nodes = None,
    strategy: options.StrategyName = "",
    trades: Annotated[bool, typer.Option("--trades", help="Show every trade.", rich_help_panel=_ANSWER)] = False,
    full: Annotated[bool, typer.Option("--full", help="Show every figure.", rich_help_panel=_ANSWER)] = False,
    explain: Annotated[
        str, _option("--explain", "BAR|TIME", "Explain one bar: every value, and why orders were made.", _ANSWER)
    ] = "",
    out: Annotated[
        Path | None, _option("--out", "FOLDER", "Write manifest, equity, trades, orders, fills there.", _ANSWER)
    ] = None,
    report: Annotated[
        Path | None, _option("--report", "FILE", "Write the report, one HTML file that opens anywhere.", _ANSWER)
    ] = None,
    wire: Annotated[
        list[str] | None, _option("--wire", "NAME", "A wire that the report draws; several may be named.", _ANSWER)
    ] = None,
    as_json: options.Json = False,
    json_file: Annotated[Path | None, _option("--json-file", "PATH", "Write the JSON to a file.", _ANSWER)] = None,
) -> None:
    """Run a strategy over history. Without --data the demo market is used, whose prices are made up."""
    from wickwork.analytics.run import backtest as run_backtest
    from wickwork.cli.markets import Wish, gather, refuse_shorts_on_spot
    from wickwork.cli.shelves import shelf_of
    from wickwork.cli.summary import show_run
    from wickwork.engine.compiling import is_warm
    from wickwork.model.errors import InputError
    from wickwork.model.timeframe import parse_timeframe

    if wire and not report:
        raise InputError("--wire says what the report draws; name its file with --report.")
    terms = _terms(
        capital, fees, slippage, slippage_model, spread, latency, leverage, volume_limit, funding_rate, assume
    )
    first, end = options.span(start, stop)
    frame = parse_timeframe(timeframe) if timeframe else None
    rules = {"tick": tick, "lot": lot, "minimum_notional": min_notional}
    numbers = {name: options.number(text, f"--{name.replace('minimum_', 'min-')}") for name, text in rules.items()}
    wish = Wish(instrument or [], venue, frame, first, end, finer, {n: v for n, v in numbers.items() if v is not None})
    found = options.loaded(file, nodes, strategy, changes)
    found.check()
    market = gather(shelf_of(data, wish.instruments, venue, frame), wish)
    refuse_shorts_on_spot(found, market.bars)
    doing = "running …" if is_warm() else "compiling the engine, once on this machine (some 10 seconds) …"
    with output.working(doing):
        run = run_backtest(found, market.bars, finer=market.finer, terms=terms)
        explanations = _explanations(run, explain) if explain else []
    text = _json_of(run, explanations) if as_json or json_file else ""
    if json_file:
        _write(json_file, text)
    if out:
        _save(run, out)
    written = run.report(report, wire or ()) if report else None
    if as_json:
        output.write_text(text)
    else:
        show_run(run, market.synthetic, all_trades=trades, full=full, explanations=explanations)
    if written:
        _name(written, as_json)


def _name(report: Path, as_json: bool) -> None:
    """Say where the report is, beside the JSON where that is the answer."""
    if as_json:
        output.note(f"The report is {report}")
        return
    output.say()
    output.say(f"The report is {report}")


def _terms(
    capital: str,
    fees: str,
    slippage: str,
    slippage_model: str,
    spread: str,
    latency: str,
    leverage: str,
    volume_limit: str,
    funding_rate: str,
    assume: str,
) -> Any:
    """The terms of the venue, percentages made shares."""
    from wickwork.model.errors import InputError
    from wickwork.sim.terms import Terms

    given: dict[str, Any] = {"capital": options.number(capital, "--capital")}
    given |= {"latency": options.number(latency, "--latency"), "leverage": options.number(leverage, "--leverage")}
    if fees:
        maker, slash, taker = fees.partition("/")
        given["maker_fee"] = options.share(maker, "--fees", fees)
        given["taker_fee"] = options.share(taker, "--fees", fees) if slash else given["maker_fee"]
    for name, text in (("spread", spread), ("volume_limit", volume_limit), ("funding_rate", funding_rate)):
        if text:
            given[name] = options.share(text, f"--{name.replace('_', '-')}")
    model = slippage_model.lower() or "percent"
    given |= {"slippage_model": model, "assume": assume.lower() or None}
    if slippage:
        given["slippage"] = (
            options.share(slippage, "--slippage") if model == "percent" else options.number(slippage, "--slippage")
        )
    elif model in ("fixed", "atr", "volume"):
        raise InputError(f"--slippage-model {model} needs --slippage, in its own unit.")
    try:
        return Terms(**{name: value for name, value in given.items() if value is not None})
    except InputError as error:
        if not str(error).startswith(_SHARES):
            raise
        raise InputError(f"{error} (These are shares: 0.01 is 1 %.)") from None


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


def _json_of(run: Run, explanations: list[Any]) -> str:
    import json

    if not explanations:
        return run.to_json()
    data = {**run.to_data(), "explanations": [one.to_data() for one in explanations]}
    return json.dumps(data, ensure_ascii=False, allow_nan=False, indent=1) + "\n"


def _save(run: Run, folder: Path) -> None:
    from wickwork.model.errors import InputError

    try:
        run.to_parquet(folder)
    except OSError as error:
        raise InputError(f"{folder} cannot be written: {error.strerror or error}; choose another --out.") from None


def _write(path: Path, text: str) -> None:
    from wickwork.model.errors import InputError

    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror}; choose another --json-file.") from None
