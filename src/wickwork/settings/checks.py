"""Faults between settings that are each right by themselves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from wickwork.model.errors import InputError
from wickwork.model.files import is_long_path
from wickwork.settings.faults import NOTE, Path
from wickwork.settings.feeds import FILES, feed_of, feed_type, unknown_parameters
from wickwork.settings.names import without_venue
from wickwork.settings.schema import Costs, Feed, InstrumentCosts, Settings, StrategySettings
from wickwork.settings.secret import secret_places

_HANDLER = "write package.module:Class, a Python file, or a graph document (.json)"
_Found = tuple[Path, str, str]
"""Path, sentence and severity; the path counts the entries of lists as the settings have them."""


def faults_between(settings: Settings) -> list[_Found]:
    """All of them; values that have faults of their own are left out."""
    found = [*_feeds(settings), *_strategies(settings), *_costs(settings.costs), *_rest(settings)]
    return [
        (path, f"{problem.rstrip('.')}{'' if problem.endswith('?') else '.'}", severity)
        for path, problem, severity in found
    ]


def _pairs(instruments: Iterable[str]) -> list[str]:
    """The instruments without their venues, of which an account trades one each."""
    return [without_venue(one) for one in instruments]


def _again(values: Sequence[str]) -> list[str]:
    """The values that stand there more than once."""
    return [value for value, count in Counter(values).items() if count > 1]


def _feeds(settings: Settings) -> Iterator[_Found]:
    names: list[str] = []
    for i, feed in enumerate(settings.data_feeds):
        here: Path = ("data_feeds", i)
        if feed.name and feed.name in names:
            yield (*here, "name"), f"is {feed.name!r}, as that of an earlier feed; give each its own", "error"
        names.append(feed.name)
        if feed.type and feed.handler:
            yield (*here, "handler"), "is given beside type, which says the same; keep one", "error"
        if not feed.type and not feed.handler:
            yield here, "has no type; write type: demo, store, files or binance-public", "error"
            continue
        try:
            kind = feed_type(feed)
        except InputError as error:
            field = "type" if feed.type else "handler"
            yield (*here, field), f"is {getattr(feed, field)!r:.60}; {error}", "error"
            continue
        yield from _parameters(feed, kind, here)


def _parameters(feed: Feed, kind: str, here: Path) -> Iterator[_Found]:
    place = (*here, "parameters")
    for name, problem in unknown_parameters(feed, kind):
        if feed.type:
            yield (*place, name), problem, "error"
        else:  # a class of another platform, whose parameters are its own
            yield (*place, name), f"is read and has no effect: {problem}", NOTE
    paths = [name for name in ("path", "data_dir") if feed.parameters.get(name) not in ("", None)]
    if kind == FILES and not paths:
        yield here, "has no path of its files; write parameters: {path: data/history}", "error"
    if len(paths) > 1:
        yield (*place, "data_dir"), "means the same as path, which is given too; keep one", "error"
    for name in ("path", "data_dir", "venue"):
        if name in feed.parameters and not isinstance(feed.parameters[name], str):
            yield (*place, name), f"is {feed.parameters[name]!r:.60}; write a text", "error"
        elif is_long_path(feed.parameters.get(name, "")) or not feed.parameters.get(name, "").isprintable():
            yield (
                (*place, name),
                f"is {feed.parameters[name]!r:.60}; write a shorter text of letters and digits",
                "error",
            )
    if "cache" in feed.parameters:
        reason = "files are always kept, and `wick data download` adds to the store"
        yield (*place, "cache"), f"is read and has no effect: {reason}", NOTE


def _strategies(settings: Settings) -> Iterator[_Found]:
    seen: dict[tuple[str, str, str], int] = {}
    for i, one in enumerate(settings.strategies):
        here: Path = ("strategies", i)
        yield from _strategy(one, here)
        for place, kind in ((_pairs(one.instruments), "instruments"), (one.timeframes, "timeframes")):
            for value in _again(place):
                yield (*here, kind), f"has {value} twice; keep one", "error"
        for instrument in one.instruments:
            try:
                feed_of(settings.data_feeds, instrument, one.feed)
            except InputError as error:
                field = "feed" if "feed named" in str(error) else "instruments"
                yield (*here, field), f"{error}", "error"
                if field == "feed":
                    break
            for timeframe in one.timeframes:
                triple = (without_venue(instrument), timeframe, one.name)
                if seen.setdefault(triple, i) != i:
                    first = f"strategies[{seen[triple]}]"
                    problem = f"is {':'.join(triple)} once more, after {first}; give it another name"
                    yield (*here, "name"), problem, "error"


def _strategy(one: StrategySettings, here: Path) -> Iterator[_Found]:
    if not one.handler:
        yield here, f"has no handler; {_HANDLER}", "error"
    elif not one.handler.lower().endswith((".py", ".json")):
        module, colon, name = one.handler.partition(":")
        if not colon or not name.isidentifier() or not all(word.isidentifier() for word in module.split(".")):
            yield (*here, "handler"), f"is {one.handler!r:.60}; {_HANDLER}", "error"
    if not one.instruments:
        yield here, "has no instrument; write symbol: BTC/USDT", "error"
    if not one.timeframes:
        yield here, "has no timeframe; write timeframe: 1h", "error"
    for place in secret_places(one.parameters, (*here, "parameters")):
        yield place, "has the name of a secret, but a run writes parameters to its files; keep it below secrets", NOTE


def _costs(costs: Costs) -> Iterator[_Found]:
    model = costs.slippage_model or "percent"
    if costs.slippage is not None and model in ("none", "percent"):
        yield (
            ("costs", "slippage"),
            "needs a slippage_model of fixed, atr or volume; in percent write slippage_pct",
            "error",
        )
    if costs.slippage_pct is not None and model != "percent":
        yield ("costs", "slippage_pct"), f"does not go with the slippage_model {model}; write slippage", "error"
    if model in ("fixed", "atr", "volume") and costs.slippage is None:
        yield ("costs", "slippage_model"), f"is {model}, which needs slippage, in its own unit", "error"
    own: dict[Path, Costs | InstrumentCosts] = {
        ("costs", "instruments", name): one for name, one in costs.instruments.items()
    }
    for place, one in ({("costs",): costs} | own).items():
        if one.maintenance_pct is not None and one.maintenance_tiers:
            yield (*place, "maintenance_pct"), "is given beside maintenance_tiers; keep one", "error"


def _rest(settings: Settings) -> Iterator[_Found]:
    if settings.start is not None and settings.end is not None and settings.start >= settings.end:
        yield ("start",), "is not before end; swap them, or widen the span", "error"
    if settings.backtester.commission_pct is not None and settings.costs.fee_pct is not None:
        yield ("backtester", "commission_pct"), "means the same as costs.fee_pct; keep one", "error"
    traded = {without_venue(name) for one in settings.strategies for name in one.instruments}
    costs = settings.costs
    places: tuple[tuple[Path, object], ...] = (
        (("rules",), settings.rules),
        (("costs", "instruments"), costs.instruments),
        (("costs", "funding"), costs.funding),
        (("costs", "mark_prices"), costs.mark_prices),
    )
    for place, given in places:
        names = list(given) if isinstance(given, Mapping) else []
        for pair in _again(_pairs(names)):
            yield place, f"has {pair} twice, with a venue and without or of two venues; keep one", "error"
        for name in names:
            if traded and without_venue(name) not in traded:
                yield (*place, name), f"is for {name}, which no strategy trades", NOTE
