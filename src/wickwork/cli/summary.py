"""The summary of a run: assumptions, figures beside those of buy and hold, the last trades."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from wickwork.analytics.groups import by
from wickwork.analytics.json_text import rows_of
from wickwork.analytics.manifest import read_only_instruments
from wickwork.analytics.metrics import describe
from wickwork.analytics.report import venue
from wickwork.analytics.run import Run, show
from wickwork.analytics.trades import plain, trade_table, with_lane_names
from wickwork.cli import output
from wickwork.cli.output import TableColumn, amount, clock, columns, many, money, percent, price
from wickwork.model.instrument import Instrument
from wickwork.orders.records import DENIALS, NO_FUNDS, NO_SHORT, REASONS, REJECTED, WOULD_TAKE
from wickwork.sim.terms import Terms

LAST_TRADES = 5
BY_VENUE = frozenset({NO_FUNDS, NO_SHORT, REJECTED, WOULD_TAKE})
"""Why a venue ends an order that the strategy still wanted."""
SYNTHETIC = "Prices are synthetic (the demo market): good for trying out, no evidence that a strategy earns money."

# The figures of the short summary; --full shows all.
_SHORT = frozenset(
    """
    final_equity total_return cagr exposure volatility sharpe sortino max_drawdown longest_drawdown calmar trades
    win_rate profit_factor expectancy average_r payoff average_win average_loss best_trade worst_trade
    average_duration fees slippage funding turnover_year
    """.split()  # noqa: SIM905
)
_BESIDE = {"total_return": "buy_and_hold", "max_drawdown": "buy_and_hold_max_drawdown"}
_SIGNED = frozenset({"total_return", "cagr", "buy_and_hold", "alpha", "best_trade", "worst_trade", "average_trade"})
_TRADE_HEADS = columns(
    "#", "opened", "closed", "instrument", "side", "quantity", "entry", "exit", "gain", "gain %", "R", "exit by",
    right=("#", "quantity", "entry", "exit", "gain", "gain %", "R"),
    spare=("quantity", "R", "exit", "entry", "closed", "opened"),
)  # fmt: skip


def show_run(run: Run, synthetic: bool, *, all_trades: bool, full: bool, explanations: list[Any]) -> None:
    """Print the whole summary."""
    names = ", ".join(dict.fromkeys(data["instrument"] for data in run.manifest["data"]))
    output.say(f"{run.manifest['strategy']['name'] or 'A strategy'} on {names}", style="bold")
    if synthetic:
        output.say(SYNTHETIC, style="yellow")
    output.say()
    output.table(columns("", ""), _assumptions(run))
    output.say()
    if output.is_terminal():
        output.say(f"  {output.sparkline(run.history.equity.tolist())}", style="cyan")
        ends = money(run.history.terms.capital), money(float(run.history.equity[-1]))
        output.say(f"  equity, {ends[0]} to {ends[1]}", style="dim")
    _show_figures(run, full)
    _show_strategies(run)
    _show_trades(run, all_trades)
    for one in explanations:
        output.say()
        output.say(str(one))


def assumption_rows(manifest: Mapping[str, Any], terms: Terms, first: Instrument, size: int) -> list[tuple[str, str]]:
    """Data, span, capital and costs of a run or a sweep, as rows of two cells."""
    data = manifest["data"]
    quote = first.settle or first.quote
    sources = ", ".join(dict.fromkeys(one["source"] for one in data))
    begin, end = min(one["first"] for one in data), max(one["last"] for one in data)
    slip = {"none": "none", "percent": f"{amount(terms.slippage * 100)} %"}.get(
        terms.slippage_model, f"{terms.slippage_model} {amount(terms.slippage)}"
    )
    read_only = read_only_instruments(data)
    spread = f", spread {amount(terms.spread * 100)} %" if terms.spread else ""
    money_line = f"{money(terms.capital)} {quote}, leverage {amount(terms.leverage)}"
    if venue.perpetuals(manifest):
        money_line += f", funding {_plain(venue.funding(manifest, terms))}"
        money_line += "".join(f", mark price {_plain(text)}" for text, _ in venue.mark_prices(manifest))
    warmup = (
        f", {many(manifest['strategy']['warmup_bars'], 'bar')} of warm-up" if manifest["kind"] == "backtest" else ""
    )
    return [
        ("Data", f"{sources}, bars of {data[0]['timeframe']}"),
        *([("Read only", ", ".join(read_only))] if read_only else []),
        ("Span", f"{clock(begin)} to {clock(end)} UTC, {many(size, 'bar')}{warmup}"),
        ("Capital", money_line),
        ("Costs", f"fees {amount(terms.maker_fee * 100)} % maker, {amount(terms.taker_fee * 100)} % taker; "
                  f"slippage {slip}{spread}"),
        *((f"Terms of {name}", _plain(own)) for name, own in venue.own_terms(terms)),
    ]  # fmt: skip


def _plain(text: str) -> str:
    """Words of the report without its narrow spaces, which not every console has."""
    return text.replace("\u202f", " ")


def _assumptions(run: Run) -> list[tuple[str, str]]:
    """The assumptions of a run, as rows of two cells."""
    manifest, terms, feed = run.manifest, run.history.terms, run.history.feed
    finer = manifest["finer_data"]
    doubts = int(run.stats["ambiguous_bars"] or 0)
    inside = f"finer bars of {finer[0]['timeframe']}" if finer else "no finer bars"
    fills = f"the {terms.assume} outcome that a bar allows; {inside}; {many(doubts, 'ambiguous bar')}"
    fills += f", latency {many(terms.latency, 'bar')}" if terms.latency else ""
    fills += f", at most {amount(terms.volume_limit * 100)} % of a bar's volume" if terms.volume_limit else ""
    rows = [*assumption_rows(manifest, terms, feed.instruments[0], feed.size), ("Fills", fills)]
    if doubts:
        other = run.opposite()
        end = percent(other.stats["total_return"], sign=True)
        rows.append(("Doubts", f"decided the other way ({other.history.terms.assume}), the total return is {end}"))
    rows.append(("Not modelled", venue.not_modelled(manifest, terms)))
    refused = Counter(run.history.denied["reason"].tolist())
    if refused:
        words = "; ".join(f"{count:,} × {DENIALS[reason]}" for reason, count in refused.most_common(3))
        rows.append(("Denied", words))
    ended = Counter(one for one in run.history.closed_orders["reason"].tolist() if one in BY_VENUE)
    if ended:
        words = "; ".join(f"{count:,} × {REASONS[reason]}" for reason, count in ended.most_common(3))
        rows.append(("Not filled", f"orders that the venue ended: {words}"))
    missing = {name: count for name, count in run.missing_conditions.items() if count}
    if missing:
        words = "; ".join(f"{name} on {many(count, 'bar')} after warm-up" for name, count in missing.items())
        rows.append(("Missing", f"the condition of {words}; --explain BAR names the wires without a value"))
    if run.signals_while_held:
        counts = ", ".join(f"{name} on {many(count, 'bar')}" for name, count in run.signals_while_held.items())
        rows.append(("While held", f"entries that a position kept from acting: {counts}"))
    rows.append(("Hashes", f"strategy {manifest['strategy']['hash'][:12]}, engine {manifest['engine']}"))
    return rows


def _show_figures(run: Run, full: bool) -> None:
    stats = run.stats
    rows: list[tuple[str, str, str]] = []
    group = ""
    known = {one["name"]: one for one in describe()}
    for name, one in known.items():
        if one["group"] == "benchmark" and not full:
            continue
        if not full and name not in _SHORT:
            continue
        if one["group"] != group:
            group = one["group"]
            rows.append((group.upper(), "", ""))
        beside = _BESIDE.get(name)
        hold = _figure(beside, stats[beside], known[beside]["unit"]) if beside else ""
        rows.append((f"  {one['title']}", _figure(name, stats[name], one["unit"]), hold))
    output.table([TableColumn(""), TableColumn("strategy", right=True), TableColumn("buy and hold", right=True)], rows)


def _show_strategies(run: Run) -> None:
    """The closed trades of each strategy of a portfolio."""
    if not run.ledger.parts:
        return
    closed = {
        name: values[: len(run.ledger.round_trips)]
        for name, values in plain(trade_table(run.ledger, run.names)).items()
    }
    rows = [
        (one["name"], f"{one['count']:,}", percent(100.0 * one["won"] / one["count"]), money(one["gain"]))
        for one in by("strategy", closed)
    ]
    output.say()
    output.table(columns("strategy", "trades", "win rate", "gain", right=("trades", "win rate", "gain")), rows)


def _figure(name: str, value: float | None, unit: str) -> str:
    if unit == "percent" and name in _SIGNED and value is not None:
        return percent(value, sign=True)
    return show(value, unit)


def _show_trades(run: Run, everything: bool) -> None:
    table = with_lane_names(plain(trade_table(run.ledger, run.names)))
    total = len(table["number"])
    if not total:
        output.say()
        output.say("No trades.")
        return
    shown = rows_of({name: column if everything else column[-LAST_TRADES:] for name, column in table.items()})
    output.say()
    if len(shown) == total:
        title = f"All {many(total, 'trade')}" if total > 1 else "The only trade"
    else:
        title = f"The last {len(shown)} of {total:,} trades (--trades shows all)"
    alone = len(run.history.feed.instruments) == 1
    kept = [i for i, head in enumerate(_TRADE_HEADS) if not (alone and head.title == "instrument")]
    cells = [_trade(row) for row in shown]
    output.table([_TRADE_HEADS[i] for i in kept], [[row[i] for i in kept] for row in cells], title=title)


def _trade(row: dict[str, Any]) -> list[str]:
    return [
        str(row["number"]),
        clock(row["opened_at"]),
        clock(row["closed_at"]) or "open",
        row["instrument"],
        row["direction"],
        amount(row["quantity"]),
        price(row["entry"]),
        price(row["exit"]),
        money(row["gain"]),
        percent(row["gain_percent"], sign=True),
        "" if row["r"] is None else f"{row['r']:+.2f}",
        row["exit_reason"],
    ]
