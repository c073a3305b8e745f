"""Options that say what a run rests on: the market, the costs, the rules of orders."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from wickwork.cli import options

if TYPE_CHECKING:
    from wickwork.cli.markets import Market
    from wickwork.sim.terms import Terms
    from wickwork.strategies.load import Loaded

_SHARES = ("maker_fee", "taker_fee", "spread", "volume_limit", "funding_rate")
_MARKET, _COSTS, _ORDERS = "Market", "Costs and assumptions", "Rules of orders"


def option(flag: str, metavar: str, text: str, panel: str) -> Any:
    """An option that stands in a panel of the help."""
    return typer.Option(flag, metavar=metavar, help=text, rich_help_panel=panel)


Data = Annotated[
    str, option("--data", "PATH|store|demo", "A file, a folder, the bar store, or the demo market.", _MARKET)
]
Instruments = Annotated[
    list[str] | None, option("--instrument", "NAME", "What to trade; several share one account.", _MARKET)
]
Timeframe = Annotated[str, option("--timeframe", "TF", "Bars of the run: 1h, or what the file holds.", _MARKET)]
Finer = Annotated[
    str,
    option("--finer", "TF|none|auto", "Bars to look inside the bars: auto takes the finest there are.", _MARKET),
]
Capital = Annotated[str, option("--capital", "MONEY", "Cash at the start (10,000).", _COSTS)]
Fees = Annotated[
    str, option("--fees", "PERCENT|MAKER/TAKER", "0.1 is 0.1 % for both; 0.02/0.05 each by itself.", _COSTS)
]
Slippage = Annotated[
    str, option("--slippage", "NUMBER", "Percent of the price; of other models in their own unit.", _COSTS)
]
SlippageModel = Annotated[
    str, option("--slippage-model", "NAME", "none, percent, fixed (quote), atr (× ATR), volume.", _COSTS)
]
Spread = Annotated[str, option("--spread", "PERCENT", "Bid to ask, in percent of the price.", _COSTS)]
Latency = Annotated[str, option("--latency", "BARS", "Bars that an order is on its way.", _COSTS)]
Leverage = Annotated[str, option("--leverage", "TIMES", "Leverage of perpetuals.", _COSTS)]
VolumeLimit = Annotated[
    str, option("--volume-limit", "PERCENT", "The most of a bar's volume that may be filled in it.", _COSTS)
]
FundingRate = Annotated[
    str, option("--funding-rate", "PERCENT", "What longs of perpetuals pay every eight hours.", _COSTS)
]
Assume = Annotated[
    str, option("--assume", "worst|best", "How doubts inside a bar are decided for the account.", _COSTS)
]
Tick = Annotated[str, option("--tick", "STEP", "Step of prices.", _ORDERS)]
Lot = Annotated[str, option("--lot", "STEP", "Step of quantities.", _ORDERS)]
MinNotional = Annotated[str, option("--min-notional", "MONEY", "Least value of an order.", _ORDERS)]


def gathered(
    found: Loaded,
    data: str,
    instrument: list[str] | None,
    venue: str,
    timeframe: str,
    finer: str,
    start: str,
    stop: str,
    rules: dict[str, str],
) -> Market:
    """The bars that the options ask for, fit for that strategy. `rules` are those of orders, as texts."""
    from wickwork.cli.markets import Wish, gather, refuse_shorts_on_spot
    from wickwork.cli.shelves import shelf_of
    from wickwork.model.timeframe import parse_timeframe

    first, end = options.span(start, stop)
    frame = parse_timeframe(timeframe) if timeframe else None
    numbers = {name: options.number(text, f"--{name.replace('minimum_', 'min-')}") for name, text in rules.items()}
    wish = Wish(instrument or [], venue, frame, first, end, finer, {n: v for n, v in numbers.items() if v is not None})
    found.check()
    market = gather(shelf_of(data, wish.instruments, venue, frame), wish)
    refuse_shorts_on_spot(found, market.bars)
    return market


def terms_of(
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
) -> Terms:
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
