"""A configuration made ready to run: one portfolio of its strategies, its bars, and the terms of the venue."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from wickwork.context import Context
from wickwork.graph.check import GraphFaults
from wickwork.graph.program import instruments_read
from wickwork.launch.feeds import feed_faults, load_bars_of
from wickwork.launch.handlers import load_handler, valvulin_class, with_parameters
from wickwork.launch.markets import Market, refuse_shorts_on_spot
from wickwork.launch.perpetuals import funding_of, mark_prices_of
from wickwork.launch.terms import terms_of
from wickwork.model.bars import Bars
from wickwork.model.errors import InputError
from wickwork.model.funding import FundingRates
from wickwork.settings.faults import NOTE, Fault, SettingsFaults
from wickwork.settings.loading import Loading
from wickwork.settings.names import without_venue
from wickwork.settings.parts import PartSettings, parts_of
from wickwork.settings.schema import Settings, StrategySettings
from wickwork.settings.secret import without_secrets
from wickwork.sim.terms import Terms
from wickwork.strategies.load import Loaded
from wickwork.strategies.portfolio import Member, portfolio

_LONGEST = 30


@dataclass(frozen=True)
class Prepared:
    """What runs."""

    strategies: Loaded
    """The portfolio of all parts, in the order of the file."""
    market: Market
    terms: Terms
    funding: list[FundingRates]
    mark_prices: list[Bars]
    files: tuple[str, ...]
    """The Python files that the strategies were read from."""


def prepare(loading: Loading, parts: Sequence[PartSettings], context: Context) -> Prepared:
    """Read the strategies and load the bars.

    Raises SettingsFaults with every strategy that cannot be read, and InputError for bars that are not there.
    """
    if not parts:
        raise InputError(
            "The configuration has no strategy that runs; add one to strategies, or enable one with --enable-strategy."
        )
    settings = loading.settings
    members, faults = _members(loading, parts, context)
    if faults:
        raise SettingsFaults(faults)
    strategies = portfolio(*members, context=context)
    terms = terms_of(settings)
    market = load_bars_of(settings, parts, instruments_read(strategies.check()), context)
    refuse_shorts_on_spot(strategies, market.bars)
    funding, marks = funding_of(settings, market.bars, context), mark_prices_of(settings, market.bars)
    return Prepared(strategies, market, terms, funding, marks, _files(settings, parts))


def check(loading: Loading, context: Context) -> list[Fault]:
    """The faults that only reading strategies, costs and feeds shows; the files of strategies are run."""
    settings = replace(
        loading.settings, strategies=tuple(replace(one, enabled=True) for one in loading.settings.strategies)
    )
    parts = parts_of(settings)
    members, faults = _members(loading, parts, context)
    if members and not faults:
        try:
            portfolio(*members, context=context)
        except InputError as error:
            faults.append(loading.place(("strategies",), str(error)))
    try:
        terms_of(loading.settings)
    except InputError as error:
        faults.append(loading.place(("costs",), str(error).removeprefix("costs: ")))
    if not loading.errors:
        faults += [loading.place(place, problem) for place, problem in feed_faults(settings, parts, context)]
    for i, one in enumerate(loading.settings.strategies):
        own = valvulin_class(one.handler)
        if own:
            faults.append(loading.place(("strategies", i, "handler"), f"runs Wickwork's own {own}.", NOTE))
    return faults


def part_names(parts: Sequence[PartSettings]) -> list[str]:
    """Names of the parts as a portfolio has them: letters, digits and single underlines, each once."""
    names: list[str] = []
    for part in parts:
        word = re.sub(r"[^A-Za-z0-9]+", "_", part.name).strip("_")[:_LONGEST].strip("_")
        word = word if word[:1].isalpha() else f"s_{word}".strip("_")
        name, number = word, 2
        while name in names:
            name, number = f"{word}_{number}", number + 1
        names.append(name)
    return names


def _members(loading: Loading, parts: Sequence[PartSettings], context: Context) -> tuple[list[Member], list[Fault]]:
    members: list[Member] = []
    faults: list[Fault] = []
    read: dict[int, Loaded | None] = {}
    for part, name in zip(parts, part_names(parts), strict=True):
        if part.number not in read:
            read[part.number] = _read(loading, part, context, faults)
        loaded = read[part.number]
        if loaded is not None:
            instruments = [without_venue(one) for one in part.instruments]
            members.append(Member(name, loaded, instruments, part.timeframe))
    return members, faults


def _read(loading: Loading, part: PartSettings, context: Context, faults: list[Fault]) -> Loaded | None:
    """The strategy of an entry with its parameters; None where it has faults, which are added."""
    entry, here = part.strategy, ("strategies", part.number)
    place: tuple[Any, ...] = (*here, "handler")
    try:
        loaded = load_handler(entry, loading.settings.folder, context)
        loaded.check()
        place = (*here, "parameters")
        loaded = with_parameters(loaded, entry.parameters)
        loaded.check()
    except InputError as error:
        several = error.faults if isinstance(error, GraphFaults) else [error]
        for text in map(str, several):
            named = _parameter_in(text, entry) if place[-1] == "parameters" else None
            problem = without_secrets(text, entry.parameters)
            faults.append(loading.place((*place, named) if named else place, problem))
    else:
        return loaded
    return None


def _parameter_in(text: str, entry: StrategySettings) -> str | None:
    """The parameter that a sentence is about: the first one that it names."""
    found = [
        (match.start(), -len(name), name)
        for name in entry.parameters
        if (match := re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text))
    ]
    return min(found)[2] if found else None


def _files(settings: Settings, parts: Sequence[PartSettings]) -> tuple[str, ...]:
    """The Python files of nodes and of strategies, which a replay needs."""
    named: dict[str, None] = {}
    for part in parts:
        for text in (part.strategy.handler, *part.strategy.nodes):
            module = text.partition(":")[0].replace(".", "/") + ".py" if ":" in text else text
            if module.endswith(".py") and settings.path(module).is_file() and not valvulin_class(text):
                named[str(settings.path(module).resolve())] = None
    return tuple(named)
