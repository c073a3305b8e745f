"""What trading cost, how much was traded, and how sure the fills are."""

from __future__ import annotations

from wickwork.analytics.ledger import Ledger
from wickwork.analytics.metrics.definition import MIN_DAYS, NOISE, metric


@metric(name="fees", title="Fees paid", unit="quote", group="execution", better="lower")
def fees(ledger: Ledger) -> float | None:
    """What the venue took for fills.

    fees = Σ quantity × price × rate over all fills, in quote units; below 0 when rebates outweigh. Never None.
    """
    return ledger.fees


@metric(name="slippage", title="Slippage paid", unit="quote", group="execution", better="lower")
def slippage(ledger: Ledger) -> float | None:
    """What fills cost because they were worse than the market: spread, slippage and rounding to the tick.

    slippage = Σ |price − market| × quantity over all fills, in quote units; contained in the gains of trades. Never
    None.
    """
    return ledger.slippage


@metric(name="funding", title="Funding paid", unit="quote", group="execution", better="lower")
def funding(ledger: Ledger) -> float | None:
    """What holding perpetuals cost.

    funding = Σ position × price × rate over all funding moments, in quote units; below 0 when more was received.
    Never None.
    """
    return ledger.funding


@metric(name="cost_share", title="Costs of the profit before costs", unit="percent", group="execution", better="lower")
def cost_share(ledger: Ledger) -> float | None:
    """How much of what trading made went to its costs; above 100 they made a loss of it.

    cost share = costs / (final equity − capital + costs) × 100, in percent, with costs = fees + slippage + funding.
    None where there was no profit before costs, or one so small beside capital and costs (a billionth) that it is only
    rounding.
    """
    costs = ledger.fees + ledger.slippage + ledger.funding
    made = ledger.final_equity - ledger.capital + costs
    parts = (ledger.capital, ledger.final_equity, ledger.fees, ledger.slippage, ledger.funding)
    return costs / made * 100.0 if made > NOISE * max(map(abs, parts)) else None


@metric(name="traded", title="Traded", unit="quote", group="execution")
def traded(ledger: Ledger) -> float | None:
    """The value of all fills, bought and sold.

    traded = Σ quantity × price over all fills, in quote units. Never None.
    """
    return float((ledger.fills["quantity"] * ledger.fills["price"]).sum())


@metric(name="turnover", title="Turnover", unit="ratio", group="execution")
def turnover(ledger: Ledger) -> float | None:
    """How many times the account was traded over the run; buying and selling all of it once is 2.

    turnover = Σ quantity × price over all fills / mean equity at closes. None without bars, or when the mean is not
    above 0.
    """
    if not len(ledger):
        return None
    mean = float(ledger.equity.mean())
    return (traded(ledger) or 0.0) / mean if mean > 0.0 else None


@metric(name="turnover_year", title="Turnover by the year", unit="ratio", group="execution")
def turnover_year(ledger: Ledger) -> float | None:
    """How many times the account was traded in a year.

    yearly turnover = turnover / years, years = calendar days / 365. None before 30 days have passed, or without
    turnover to speak of.
    """
    times = turnover(ledger)
    return times / ledger.years if times is not None and ledger.days >= MIN_DAYS else None


@metric(name="ambiguous_bars", title="Ambiguous bars", unit="count", group="execution", better="lower")
def ambiguous_bars(ledger: Ledger) -> float | None:
    """Bars whose outcome depended on the path inside the bar, which was assumed.

    ambiguous bars = the number of pairs of instrument and bar where orders could have met the price in another
    sequence; the assumption is `worst` unless the run says otherwise. Never None.
    """
    return float(ledger.ambiguous)
