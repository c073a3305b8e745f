"""The options of a run: strategy, bars, costs, rules; shared by the commands that run a strategy."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import typer

from wickwork.cli import options

if TYPE_CHECKING:
    from wickwork.launch.markets import Market
    from wickwork.model.bars import Bars
    from wickwork.model.funding import FundingRates
    from wickwork.model.timeframe import Timeframe
    from wickwork.sim.terms import Terms
    from wickwork.strategies.load import Loaded

_SHARES = ("maker_fee", "taker_fee", "spread", "volume_limit", "funding_rate")
_MARKET, _COSTS, _ORDERS = "Market", "Costs and assumptions", "Rules of orders"


def _option(flag: str, metavar: str, text: str, panel: str) -> Any:
    return typer.Option(flag, metavar=metavar, help=text, rich_help_panel=panel)


@dataclass(frozen=True)
class Setting:
    """The options of a run as texts."""

    file: options.File
    data: Annotated[
        str, _option("--data", "PATH|store|demo", "A file, a folder, the bar store, or the demo market.", _MARKET)
    ] = "demo"
    instrument: Annotated[
        list[str] | None, _option("--instrument", "NAME", "What to trade; several share one account.", _MARKET)
    ] = None
    venue: options.Venue = ""
    timeframe: Annotated[str, _option("--timeframe", "TF", "Bars of the run: 1h, or what the file holds.", _MARKET)] = (
        ""
    )
    finer: Annotated[
        str,
        _option("--finer", "TF|none|auto", "Bars to look inside the bars: auto takes the finest there are.", _MARKET),
    ] = "auto"
    start: options.From = ""
    stop: options.To = ""
    capital: Annotated[str, _option("--capital", "MONEY", "Cash at the start (10,000).", _COSTS)] = ""
    fees: Annotated[
        str, _option("--fees", "PERCENT|MAKER/TAKER", "0.1 is 0.1 % for both; 0.02/0.05 each by itself.", _COSTS)
    ] = ""
    slippage: Annotated[
        str, _option("--slippage", "NUMBER", "Percent of the price; of other models in their own unit.", _COSTS)
    ] = ""
    slippage_model: Annotated[
        str, _option("--slippage-model", "NAME", "none, percent, fixed (quote), atr (× ATR), volume.", _COSTS)
    ] = ""
    spread: Annotated[str, _option("--spread", "PERCENT", "Bid to ask, in percent of the price.", _COSTS)] = ""
    latency: Annotated[str, _option("--latency", "BARS", "Bars that an order is on its way.", _COSTS)] = ""
    leverage: Annotated[str, _option("--leverage", "TIMES", "Leverage of perpetuals.", _COSTS)] = ""
    volume_limit: Annotated[
        str, _option("--volume-limit", "PERCENT", "The most of a bar's volume that may be filled in it.", _COSTS)
    ] = ""
    funding_rate: Annotated[
        str, _option("--funding-rate", "PERCENT", "What longs of perpetuals pay every eight hours.", _COSTS)
    ] = ""
    terms_file: Annotated[
        str, _option("--terms", "FILE", "Terms as TOML, JSON or YAML, those of single instruments too.", _COSTS)
    ] = ""
    funding: Annotated[
        list[str] | None,
        _option("--funding", "[NAME=]FILE|store", "Funding that a perpetual charged, instead of one rate.", _COSTS),
    ] = None
    mark_prices: Annotated[
        list[str] | None,
        _option("--mark-prices", "[NAME=]FILE", "Bars of the mark price, which then decides liquidations.", _COSTS),
    ] = None
    assume: Annotated[
        str, _option("--assume", "worst|best", "How doubts inside a bar are decided for the account.", _COSTS)
    ] = ""
    columns: Annotated[
        list[str] | None,
        _option("--columns", "[NAME=]FILE", "Columns from outside that the node `column` reads.", _MARKET),
    ] = None
    with_bars: Annotated[
        list[str] | None,
        _option("--with-bars", "[NAME=]SOURCE", "Bars to be read, not traded, by the node `bars_of`.", _MARKET),
    ] = None
    tick: Annotated[str, _option("--tick", "STEP", "Step of prices.", _ORDERS)] = ""
    lot: Annotated[str, _option("--lot", "STEP", "Step of quantities.", _ORDERS)] = ""
    min_notional: Annotated[str, _option("--min-notional", "MONEY", "Least value of an order.", _ORDERS)] = ""
    changes: options.Changes = None
    nodes: options.Nodes = None
    strategy: options.StrategyName = ""

    @property
    def files(self) -> list[object]:
        """The files that the options name, with `NAME=` in front of some."""
        several = (self.nodes, self.funding, self.mark_prices, self.columns, self.with_bars)
        return [self.file, self.data, self.terms_file, *(one for given in several for one in given or ())]

    def loaded(self) -> Loaded:
        """The strategy with changed parameters; raises InputError for errors in its graph."""
        found = options.loaded(self.file, self.nodes, self.strategy, self.changes)
        found.check()
        return found

    def market(self, strategy: Loaded) -> Market:
        """The bars that the options select; raises InputError if the strategy cannot trade them."""
        from wickwork.cli.other_bars import with_bars_read
        from wickwork.launch.bar_sources import source_of
        from wickwork.launch.markets import MarketRequest, load_market, refuse_shorts_on_spot
        from wickwork.model.errors import NotFound
        from wickwork.model.timeframe import parse_timeframe

        first, end = options.span(self.start, self.stop)
        frame = parse_timeframe(self.timeframe) if self.timeframe else None
        given = {"tick": self.tick, "lot": self.lot, "minimum_notional": self.min_notional}
        numbers = {name: options.number(text, f"--{name.replace('minimum_', 'min-')}") for name, text in given.items()}
        rules = {name: value for name, value in numbers.items() if value is not None}
        traded, frame = self._traded(strategy, frame)
        request = MarketRequest(traded, self.venue, frame, first, end, self.finer, rules)
        try:
            market = load_market(source_of(self.data, request.instruments, self.venue, frame), request)
        except NotFound as error:
            if traded and not self.instrument and not strategy.graph.parts:
                raise NotFound(
                    f"{error} The strategy was made for {', '.join(traded)}, and no --instrument is given; name "
                    "another one, or where its bars are with --data."
                ) from None
            raise
        refuse_shorts_on_spot(strategy, market.bars)
        market = with_bars_read(market, self.data, request, strategy.check(), self.with_bars or [])
        return dataclasses.replace(market, bars=self._with_columns(market.bars, strategy)) if self.columns else market

    def _traded(self, strategy: Loaded, frame: Timeframe | None) -> tuple[list[str], Timeframe | None]:
        """Instruments and timeframe: those of the options, else those that the strategy was made for."""
        from wickwork.graph.parts import common_timeframe
        from wickwork.model.timeframe import parse_timeframe

        graph, instruments = strategy.graph, self.instrument or []
        suggested = graph.suggested_run if self.data in ("demo", "store") else {}
        if graph.parts:
            instruments = instruments or list(dict.fromkeys(name for part in graph.parts for name in part.instruments))
            return instruments, frame or common_timeframe(graph)
        if not instruments and "instrument" in suggested:
            instruments = [name.strip() for name in suggested["instrument"].split(",")]
        if frame is None and "timeframe" in suggested:
            frame = parse_timeframe(suggested["timeframe"])
        return instruments, frame

    def _with_columns(self, bars: list[Bars], strategy: Loaded) -> list[Bars]:
        """The bars with those columns of the named files that the strategy reads: all for one over a DataFrame."""
        from wickwork.market.sources.outside import load_columns
        from wickwork.model.errors import InputError
        from wickwork.model.outside import with_columns
        from wickwork.strategies.frame_run import columns_read

        read = None if strategy.has_frames else columns_read(strategy)
        if read == []:
            raise InputError("--columns gives columns from outside, but no node `column` of the strategy reads one.")
        columns: dict[str, Any] = {}
        for text in self.columns or []:
            name, _, file = text.rpartition("=")
            for column, values in load_columns(Path(file), read).items():
                if name:
                    columns.setdefault(column, {})[name] = values
                else:
                    columns[column] = values
        return with_columns(bars, columns)

    def terms(self) -> Terms:
        """The terms of the venue, with percentages converted to fractions."""
        from wickwork.cli.terms_file import read_terms
        from wickwork.model.errors import InputError
        from wickwork.sim.terms import Terms

        file = read_terms(Path(self.terms_file)) if self.terms_file else {}
        given: dict[str, Any] = {"capital": options.number(self.capital, "--capital")}
        given |= {
            "latency": options.number(self.latency, "--latency"),
            "leverage": options.number(self.leverage, "--leverage"),
        }
        if self.fees:
            maker, slash, taker = self.fees.partition("/")
            given["maker_fee"] = options.share(maker, "--fees", self.fees)
            given["taker_fee"] = options.share(taker, "--fees", self.fees) if slash else given["maker_fee"]
        for name in ("spread", "volume_limit", "funding_rate"):
            text = getattr(self, name)
            if text:
                given[name] = options.share(text, f"--{name.replace('_', '-')}")
        model = self.slippage_model.lower() or str(file.get("slippage_model", "percent"))
        given |= {"slippage_model": model, "assume": self.assume.lower() or None}
        if self.slippage:
            given["slippage"] = (
                options.share(self.slippage, "--slippage")
                if model == "percent"
                else options.number(self.slippage, "--slippage")
            )
        elif model in ("fixed", "atr", "volume") and "slippage" not in file:
            raise InputError(f"--slippage-model {model} needs --slippage, in its own unit.")
        try:
            return Terms(**file | {name: value for name, value in given.items() if value is not None})
        except InputError as error:
            if file:
                raise InputError(f"{self.terms_file}: {error}") from None
            if not str(error).startswith(_SHARES):
                raise
            raise InputError(f"{error} (These are shares: 0.01 is 1 %.)") from None

    def funding_rates(self, market: Market) -> list[FundingRates]:
        """The series of funding that the options name; several files of one instrument are joined."""
        import numpy as np

        from wickwork.market.sources.funding import load_funding
        from wickwork.model.funding import FundingRates

        parts: dict[str, list[FundingRates]] = {}
        files = [text for text in self.funding or [] if text != "store"]
        found = [load_funding(file, name) for name, file in self._files("--funding", files, market)]
        if len(files) < len(self.funding or []):
            found += self._stored_funding(market)
        for one in found:
            parts.setdefault(str(one.instrument), []).append(one)
        return [
            FundingRates(
                several[0].instrument,
                np.concatenate([one.times for one in several]),
                np.concatenate([one.rates for one in several]),
                ", ".join(one.source for one in several),
            )
            for several in (sorted(found, key=lambda one: int(one.times[0])) for found in parts.values())
        ]

    def _stored_funding(self, market: Market) -> list[FundingRates]:
        """What the store has of the perpetuals of the run; NotFound where it lacks one of them."""
        from wickwork.context import Context
        from wickwork.model.errors import InputError
        from wickwork.model.instrument import Kind

        perpetuals = [b.instrument for b in market.bars if b.instrument.kind is Kind.PERPETUAL]
        if not perpetuals:
            raise InputError("--funding needs a perpetual, such as --instrument BTC/USDT:USDT.")
        store = Context().funding
        return [store.load(one) for one in perpetuals]

    def mark_series(self, market: Market) -> list[Bars]:
        """The series of mark prices that the options name; several files of one instrument are joined."""
        from wickwork.launch.bar_sources import joined
        from wickwork.market.marks import refuse_misfits
        from wickwork.market.sources.marks import load_mark_prices
        from wickwork.model.errors import InputError

        parts: dict[str, list[Bars]] = {}
        for name, file in self._files("--mark-prices", self.mark_prices, market):
            one = load_mark_prices(file, name)
            several = parts.setdefault(str(one.instrument), [])
            if several and several[0].timeframe != one.timeframe:
                raise InputError(
                    f"Mark prices of {one.instrument} are bars of {several[0].timeframe} in {several[0].source} and of "
                    f"{one.timeframe} in {one.source}; give files of one timeframe."
                )
            several.append(one)
        known = {str(b.instrument): b for b in market.bars}
        series = []
        for name, several in parts.items():
            one = joined(several)
            if name in known:
                refuse_misfits(one, known[name])
                one = dataclasses.replace(one, instrument=known[name].instrument)
            series.append(one)
        return series

    def _files(self, flag: str, given: list[str] | None, market: Market) -> list[tuple[str | None, Path]]:
        """The instrument and the file of each `[NAME=]FILE`; the run's only perpetual where none is named."""
        from wickwork.model.errors import InputError
        from wickwork.model.instrument import Kind

        names = [str(b.instrument) for b in market.bars if b.instrument.kind is Kind.PERPETUAL]
        if given and not names:
            raise InputError(f"{flag} needs a perpetual, such as --instrument BTC/USDT:USDT.")
        found: list[tuple[str | None, Path]] = []
        for text in given or []:
            name, sign, file = text.rpartition("=")
            if not sign and len(names) == 1:
                name = names[0]
            found.append((name or None, Path(file)))
        return found


def takes_setting(**instead: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Decorator: expand the first parameter of a command, a `Setting`, into command-line options.

    `instead` replaces the annotations of single options, for commands that use their values differently.
    """
    hints = get_type_hints(Setting, include_extras=True) | instead

    def take(verb: Callable[..., Any]) -> Callable[..., Any]:
        shared = [
            inspect.Parameter(
                field.name,
                inspect.Parameter.POSITIONAL_OR_KEYWORD,
                default=inspect.Parameter.empty if field.default is dataclasses.MISSING else field.default,
                annotation=hints[field.name],
            )
            for field in dataclasses.fields(Setting)
        ]
        own = list(inspect.signature(verb, eval_str=True).parameters.values())[1:]

        @wraps(verb)
        def taking(**given: Any) -> Any:
            setting = Setting(**{field.name: given.pop(field.name) for field in dataclasses.fields(Setting)})
            return verb(setting, **given)

        taking.__signature__ = inspect.Signature([*shared, *own])  # type: ignore[attr-defined]
        taking.__annotations__ = {one.name: one.annotation for one in (*shared, *own)}
        return taking

    return take
