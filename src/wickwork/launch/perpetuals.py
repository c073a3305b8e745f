"""Funding and mark prices of perpetuals that a configuration names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from wickwork.context import Context
from wickwork.market.marks import refuse_misfits
from wickwork.market.sources.funding import load_funding
from wickwork.market.sources.marks import load_mark_prices
from wickwork.model.bars import Bars
from wickwork.model.errors import InputError
from wickwork.model.funding import FundingRates
from wickwork.model.instrument import Instrument, Kind
from wickwork.settings.names import without_venue
from wickwork.settings.schema import Settings


def funding_of(settings: Settings, bars: Sequence[Bars], context: Context) -> list[FundingRates]:
    """The funding that each perpetual charged. Raises InputError and NotFound that name the setting."""
    found = []
    for name, place in settings.costs.funding.items():
        instrument = _perpetual(name, bars)
        if instrument is None:
            continue
        try:
            stored = place.lower() == "store"
            found.append(
                context.funding.load(instrument) if stored else load_funding(settings.path(place), str(instrument))
            )
        except InputError as error:
            raise type(error)(f'costs.funding["{name}"]: {error}') from None
    return found


def mark_prices_of(settings: Settings, bars: Sequence[Bars]) -> list[Bars]:
    """The mark prices of perpetuals. Raises InputError and NotFound that name the setting."""
    found = []
    for name, place in settings.costs.mark_prices.items():
        instrument = _perpetual(name, bars)
        if instrument is None:
            continue
        try:
            marks = load_mark_prices(settings.path(place), str(instrument))
            refuse_misfits(marks, next(one for one in bars if one.instrument == instrument))
        except InputError as error:
            raise type(error)(f'costs.mark_prices["{name}"]: {error}') from None
        found.append(replace(marks, instrument=instrument))
    return found


def _perpetual(name: str, bars: Sequence[Bars]) -> Instrument | None:
    """The instrument of that name among those traded; None where no strategy that runs trades it."""
    wanted = without_venue(name)
    instrument = next((one.instrument for one in bars if str(one.instrument) == wanted), None)
    if instrument is not None and instrument.kind is not Kind.PERPETUAL:
        raise InputError(
            f"costs: {name} is no perpetual; funding and mark prices belong to one, such as BTC/USDT:USDT."
        )
    return instrument
