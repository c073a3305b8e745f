"""The assumptions of a result as text: data, costs, rules of fills, hashes."""

from __future__ import annotations

from typing import Any

from wickwork.analytics.manifest import columns_from_outside, read_only_instruments
from wickwork.analytics.report import formatting, venue
from wickwork.analytics.report.formatting import amount, many, percent, share
from wickwork.analytics.result import Result

SYNTHETIC_MARK = "synthetic"
SYNTHETIC = "Prices are synthetic (the demo market): good for trying out, no evidence that a strategy earns money."

Line = dict[str, str]
"""`label`, `value`, and `tone`: `warn` for what a reader must not overlook."""


def is_synthetic(run: Result) -> bool:
    """Whether any of the prices are synthetic. Sources of synthetic prices have that word in their name."""
    return any(SYNTHETIC_MARK in one["source"] for one in sources(run))


def sources(run: Result) -> list[dict[str, Any]]:
    """The bars of each instrument, the finer ones last, with the number of bars that are missing between them."""
    made = [*run.history.bars, *run.history.finer.values()]
    described = [*run.manifest["data"], *run.manifest["finer_data"]]
    return [{**one, "holes": holes(bars)} for one, bars in zip(described, made, strict=True)]


def holes(bars: Any) -> int:
    """How many bars are missing between the first and the last."""
    whole = (int(bars.opened_at[-1]) - int(bars.opened_at[0])) // bars.timeframe.milliseconds + 1
    return int(whole) - len(bars)


def quote_of(run: Result) -> str:
    """The currency of the account."""
    instrument = run.history.feed.instruments[0]
    return instrument.settle or instrument.quote


def lines(run: Result, other: Result | None) -> list[Line]:
    """The assumptions, the most important first. `other` is the run under the opposite decision of doubts."""
    manifest, terms, feed = run.manifest, run.history.terms, run.history.feed
    data, finer = manifest["data"], manifest["finer_data"]
    missing = sum(one["holes"] for one in sources(run)[: len(data)])
    bars = sum(one["bars"] for one in data)
    found = ", ".join(dict.fromkeys(one["source"] for one in data))
    first, last = min(one["first"] for one in data), max(one["last"] for one in data)
    refused = len(run.history.denied)
    read_only, outside = read_only_instruments(data), columns_from_outside(data)
    return [
        _line("Instrument" if len(data) == 1 else "Instruments", _instruments(data)),
        _line("Timeframe", str(feed.timeframe)),
        _line("Period, UTC", f"{formatting.day(first)} to {formatting.day(last)}"),
        _line("Bars", f"{formatting.number(bars, 0)}, {many(missing, 'hole')}", missing > 0),
        _line("Source", found, is_synthetic(run)),
        *([_line("Read, not traded", f"the bars of {', '.join(read_only)}")] if read_only else []),
        *([_line("Columns from outside", _columns(outside))] if outside else []),
        _line("Capital", f"{amount(terms.capital)} {quote_of(run)}"),
        _line("Fees", _fees(terms), terms.taker_fee <= 0.0),
        _line("Slippage", _slippage(terms, quote_of(run)), terms.slippage_model == "none" or terms.slippage == 0.0),
        _line("Spread", share(terms.spread) if terms.spread else "none"),
        _line("Latency", many(terms.latency, "bar") if terms.latency else "none"),
        _line("Leverage", f"{amount(terms.leverage)} ×"),
        *([_line("Maintenance margin", venue.maintenance(terms))] if venue.perpetuals(manifest) else []),
        _line("Funding", venue.funding(manifest, terms), venue.uncovered(manifest)),
        *(_line("Mark price", text, gap) for text, gap in venue.mark_prices(manifest)),
        *(_line(f"Terms of {name}", own) for name, own in venue.own_terms(terms)),
        _line("Volume limit", f"{share(terms.volume_limit)} of a bar" if terms.volume_limit else "none"),
        _line("Inside a bar", f"the {terms.assume} outcome", terms.assume == "best"),
        _line("Finer bars", str(finer[0]["timeframe"]) if finer else "none"),
        _line("Warm-up", many(manifest["strategy"]["warmup_bars"], "bar")),
        _line("Ambiguous bars", _ambiguous(run, other), other is not None),
        _line("Refused orders", formatting.number(float(refused), 0), refused > 0),
        _line("Not modelled", venue.not_modelled(manifest, terms)),
    ]


def _ambiguous(run: Result, other: Result | None) -> str:
    count = formatting.number(run.stats["ambiguous_bars"], 0)
    if other is None:
        return count
    return f"{count}; at {other.history.terms.assume} the return is {percent(other.stats['total_return'], sign=True)}"


def _line(label: str, value: str, warn: bool = False) -> Line:
    return {"label": label, "value": value, "tone": "warn" if warn else ""}


def _columns(names: list[str]) -> str:
    return f"{', '.join(names)}; taken as known when their bars close"


def _instruments(data: list[dict[str, Any]]) -> str:
    names = dict.fromkeys(one["instrument"] for one in data)
    if len(names) == 1:
        return f"{data[0]['instrument']}, {data[0]['kind']}"
    return f"{len(names)}, {', '.join(dict.fromkeys(one['kind'] for one in data))}"


def _fees(terms: Any) -> str:
    if terms.maker_fee == terms.taker_fee:
        return f"{share(terms.taker_fee)} each side"
    return f"{share(terms.maker_fee)} maker, {share(terms.taker_fee)} taker"


def _slippage(terms: Any, quote: str) -> str:
    size = amount(terms.slippage)
    return {
        "none": "none",
        "percent": share(terms.slippage),
        "fixed": f"{size} {quote} a unit",
        "atr": f"{size} × ATR",
        "volume": f"{size} × (share of volume)²",
    }[str(terms.slippage_model)]
