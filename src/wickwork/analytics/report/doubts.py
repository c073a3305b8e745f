"""How reliable is a result? The usual questions about a back-test, answered for this one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from wickwork.analytics.report import formatting
from wickwork.analytics.report.assumptions import SYNTHETIC, is_synthetic, sources
from wickwork.analytics.report.formatting import many, number, percent
from wickwork.analytics.result import Result
from wickwork.engine.replay import LateBars
from wickwork.model.order_kinds import LIQUIDATION
from wickwork.orders.records import CUT, DENIALS, NO_FUNDS

FEW = 30
"""Below this number of trades luck outweighs skill; the figures are marked "few"."""
BEST = 3
MOST_REASONS = 3
YEAR = 365.0
HALF = 50.0

Doubt = dict[str, str]
"""`title`, `value`, `note`, and `tone`: `ok` or `warn`."""


def doubts(run: Result, other: Result | None, late: Sequence[LateBars] = ()) -> list[Doubt]:
    """One answer for each question; `other` is the run under the opposite decision of doubts inside bars.

    `late` are the bars that a run on paper did not take.
    """
    found = [
        _prices(run),
        _late(late),
        _benchmark(run),
        _enough(run),
        _luck(run),
        _costs(run),
        _ambiguous(run, other),
        _span(run),
        _refused(run),
        _missing(run),
        _held(run),
        _funds(run),
        _untraded(run),
        _end(run),
    ]
    return [one for one in found if one]


def _doubt(title: str, value: str, note: str, warn: bool) -> Doubt:
    return {"title": title, "value": value, "note": note, "tone": "warn" if warn else "ok"}


def _prices(run: Result) -> Doubt:
    missing = sum(one["holes"] for one in sources(run))
    if is_synthetic(run):
        return _doubt("Prices", "synthetic", SYNTHETIC, True)
    if missing:
        return _doubt("Holes in the data", number(missing, 0), "missing bars: nothing could be filled there", True)
    return _doubt("Holes in the data", "0", "every bar between the first and the last is there", False)


def _late(late: Sequence[LateBars]) -> Doubt | None:
    """Bars that a run on paper went on without; a backtest over a store that has them is another one."""
    if not late:
        return None
    note = " ".join(one.reason for one in late[:MOST_REASONS])
    more = len(late) - MOST_REASONS
    note += f" And {more} more times." if more > 0 else ""
    return _doubt("Late bars", number(sum(one.bars for one in late), 0), note, True)


def _benchmark(run: Result) -> Doubt:
    above, hold = run.stats["alpha"], run.stats["buy_and_hold"]
    note = f"percentage points; holding made {percent(hold, sign=True)}"
    return _doubt("Above buy and hold", number(above, 2, sign=True), note, above is None or above <= 0.0)


def _enough(run: Result) -> Doubt:
    count = len(run.ledger.round_trips)
    note = f"few: below {FEW} chance weighs more than skill" if count < FEW else f"{FEW} are the least to judge by"
    return _doubt("Closed trades", number(count, 0), note, count < FEW)


def _luck(run: Result) -> Doubt | None:
    """The net gain without the best trades: a result that depends on a few is luck."""
    gains = sorted(run.ledger.round_trips["gain"].tolist(), reverse=True)
    if len(gains) <= BEST:
        return None
    total, rest = sum(gains), sum(gains[BEST:])
    note = f"net gain of the closed trades, from {number(total, 2, sign=True)} with them"
    return _doubt(f"Without the {BEST} best trades", number(rest, 2, sign=True), note, rest <= 0.0)


def _costs(run: Result) -> Doubt:
    taken, stats = run.stats["cost_share"], run.stats
    if not len(run.history.fills):
        return _doubt("Costs", number(0.0), "nothing was traded", False)
    paid = sum(stats[name] or 0.0 for name in ("fees", "slippage", "funding"))
    note = f"fees, slippage and funding: {number(paid)} of the profit before them"
    if taken is None:
        return _doubt("Costs", number(paid), "paid, and there was no profit before them", True)
    return _doubt("Costs take", percent(taken), note, taken > HALF)


def _ambiguous(run: Result, other: Result | None) -> Doubt:
    count = number(run.stats["ambiguous_bars"], 0)
    if other is None:
        return _doubt("Ambiguous bars", count, "no outcome depended on the path inside a bar", False)
    ends = percent(run.stats["total_return"], sign=True), percent(other.stats["total_return"], sign=True)
    note = f"total return {ends[0]} at {run.history.terms.assume}, {ends[1]} at {other.history.terms.assume}"
    return _doubt("Ambiguous bars", count, note, True)


def _span(run: Result) -> Doubt:
    days = run.ledger.days
    note = "less than a year: one kind of market" if days < YEAR else "long enough for several kinds of market"
    return _doubt("Time covered", many(round(days), "day"), note, days < YEAR)


def _refused(run: Result) -> Doubt | None:
    reasons = Counter(run.history.denied["reason"].tolist())
    if not reasons:
        return None
    reason, most = reasons.most_common(1)[0]
    note = f"{number(most, 0)} × {DENIALS[reason]}"
    return _doubt("Refused orders", number(reasons.total(), 0), note, True)


def _missing(run: Result) -> Doubt | None:
    """Conditions without a value, on which a strategy does nothing although nobody decided that."""
    missing = {name: count for name, count in run.missing_conditions.items() if count}
    if not missing:
        return None
    each = "; ".join(f"{name} {number(count, 0)}" for name, count in missing.items())
    note = f"bars after warm-up on which an action could have acted and its condition had no value: {each}"
    return _doubt("Missing conditions", number(sum(missing.values()), 0), note, True)


def _held(run: Result) -> Doubt | None:
    """Entries whose condition was true while a position kept them from acting."""
    counts = run.signals_while_held
    if not counts:
        return None
    note = "bars on which a position kept an entry from acting: "
    note += ", ".join(f"{name} {number(count, 0)}" for name, count in counts.items())
    return _doubt("Signals while held", number(sum(counts.values()), 0), note, False)


def _funds(run: Result) -> Doubt | None:
    """Orders that the account could not pay for: the test then differs from the strategy."""
    closed_orders = run.history.closed_orders["reason"]
    dropped, cut = int((closed_orders == NO_FUNDS).sum()), int((closed_orders == CUT).sum())
    if not dropped + cut:
        return None
    note = f"{number(dropped, 0)} not filled for lack of funds, {number(cut, 0)} cut to them"
    return _doubt("Orders beyond the funds", number(dropped + cut, 0), note, True)


def _untraded(run: Result) -> Doubt | None:
    """Fills in bars of volume 0, in which nobody traded: no venue would have made them."""
    fills, ledger, count = run.history.fills, run.ledger, 0
    for lane, bars in enumerate(ledger.bars):
        own = ledger.opened_at[fills["bar"][fills["lane"] == lane]]
        count += int(np.isin(own, bars.opened_at[bars.volume <= 0.0]).sum())
    if not count:
        return None
    note = f"of {many(len(fills), 'fill')}; the volume of their bars is 0, so nobody traded at those prices"
    return _doubt("Fills without volume", number(count, 0), note, True)


def _end(run: Result) -> Doubt | None:
    """What a single figure does not show at the end of a run: ruin, liquidation, positions that are still open."""
    ledger = run.ledger
    liquidated = int((ledger.round_trips["exit_kind"] == LIQUIDATION).sum())
    if ledger.ruined:
        when = formatting.clock(int(ledger.opened_at[max(len(ledger.returns) - 1, 0)]))
        return _doubt("Ruin", number(float(ledger.curve.min())), f"equity was used up at {when} UTC", True)
    if liquidated:
        return _doubt("Liquidations", number(liquidated, 0), "positions were closed by the venue", True)
    if len(ledger.open_round_trips):
        gain = float(ledger.open_round_trips["gain"].sum())
        note = f"{many(len(ledger.open_round_trips), 'trade')} valued at the last close, before the costs of leaving"
        return _doubt("Still open", number(gain, 2, sign=True), note, False)
    return None


def headlines(run: Result) -> list[dict[str, Any]]:
    """The eight main figures, each with its context."""
    stats = run.stats
    trades = len(run.ledger.round_trips)
    wins = int((run.ledger.round_trips["gain"] > 0.0).sum())
    few = f"n{formatting.SPACE}{number(trades, 0)}" + (" few" if 0 < trades < FEW else "")
    risky = int((run.ledger.round_trips["risk"] > 0.0).sum())
    in_r = stats["average_r"] is not None
    money = f"{number(stats['expectancy'], 2, sign=True)} a trade" if stats["expectancy"] is not None else ""
    duration = stats["average_duration"]
    returns = len(run.ledger.returns)
    return [
        _figure("Total return", percent(stats["total_return"], sign=True),
                f"buy and hold {percent(stats['buy_and_hold'], sign=True)}", formatting.tone(stats["total_return"])),
        _figure("Sharpe ratio", number(stats["sharpe"]), f"by the year, n{formatting.SPACE}{many(returns, 'bar')}"),
        _figure("Maximum drawdown", percent(stats["max_drawdown"]),
                f"buy and hold {percent(stats['buy_and_hold_max_drawdown'])}",
                "down" if stats["max_drawdown"] else ""),
        _figure("Profit factor", number(stats["profit_factor"]), "gained per lost", n=few),
        _figure("Win rate", percent(stats["win_rate"]), f"{number(wins, 0)} of {number(trades, 0)}", n=few),
        _figure("Expectancy", f"{number(stats['average_r'], 2, sign=True)}{formatting.SPACE}R", money,
                formatting.tone(stats["average_r"]), n=f"n{formatting.SPACE}{number(risky, 0)}")
        if in_r else
        _figure("Expectancy", number(stats["expectancy"], 2, sign=True), "a trade",
                formatting.tone(stats["expectancy"]),
                n=few),
        _figure("Exposure", percent(stats["exposure"]), f"buy and hold 100{formatting.THIN}%"),
        _figure("Trades", number(trades, 0),
                f"{formatting.duration(duration)} on average" if duration is not None else "none was closed"),
    ]  # fmt: skip


def _figure(title: str, value: str, beside: str = "", tone: str = "", n: str = "") -> dict[str, str]:
    return {"title": title, "value": value, "beside": beside, "tone": tone, "n": n}
