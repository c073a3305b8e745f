"""Funding rates from a file: a table of moments and rates, as exchanges let them be downloaded."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from wickwork.market.sources.columns import plain
from wickwork.market.sources.naming import read_path
from wickwork.market.sources.numbers import to_numbers
from wickwork.market.sources.reading import read_table, warn_naive
from wickwork.market.sources.times import to_times
from wickwork.model.errors import InputError
from wickwork.model.funding import FundingRates, nominal_times
from wickwork.model.instrument import Instrument, Kind, parse_instrument

_TIMES = ("time", "fundingtime", "calctime", "timestamp", "fundingratetimestamp", "datetime", "date", "ts")
_RATES = ("fundingrate", "lastfundingrate", "realizedrate", "rate", "funding")
_TOO_LARGE = 0.003
"""A median of absolute rates that no perpetual has: the numbers are percent."""


def load_funding(path: Path | str, instrument: Instrument | str | None = None) -> FundingRates:
    """The funding rates of a CSV, Parquet, Feather or JSON file with a column of times and one of rates (shares).

    The instrument is the one given, else the one that the file's name says. Times are taken to the nearest minute. Rows
    from the newest to the oldest are reversed. Raises InputError where a column is missing, a cell cannot be read,
    times do not rise, or rates look like percent; warns NaiveTimes when the times have no zone.
    """
    path = Path(path)
    table = read_table(path)
    owner = parse_instrument(instrument) if instrument else read_path(path).instrument
    if owner is not None and not instrument and owner.kind is Kind.SPOT:  # names such as BTCUSDT-fundingRate-2024-01
        owner = replace(owner, settle=owner.quote)
    if owner is None:
        raise InputError(f"{path} does not say whose funding it holds: name the instrument, such as BTC/USDT:USDT.")
    names = {plain(name): name for name in table.columns}
    found = []
    for what, words in (("times", _TIMES), ("rates", _RATES)):
        name = next((names[word] for word in words if word in names), None)
        if name is None:
            raise InputError(
                f"{path} has no column of {what} ({', '.join(words[:3])} …); it has {', '.join(table.columns)}."
            )
        found.append(name)
    times, bad, naive = to_times(table.columns[found[0]], str(path))
    numbers, wrong = to_numbers({found[1]: table.columns[found[1]]}, str(path), table.semicolons)
    rates = numbers[found[1]]
    cells = sorted([*table.unreadable, *bad, *wrong], key=lambda one: one.row)
    if cells:
        raise InputError(f"{path}: {cells[0]}.")
    missing = np.flatnonzero(np.isnan(rates))
    if missing.size:
        raise InputError(f"{path}: row {int(missing[0])} has no rate.")
    if len(times) > 1 and bool((np.diff(times) < 0).all()):
        times, rates = times[::-1], rates[::-1]
    if rates.size and float(np.median(np.abs(rates))) > _TOO_LARGE:
        raise InputError(
            f"{path}: half of the rates are above {_TOO_LARGE:g}, so they seem to be percent; rates are shares "
            "(0.0001 is 0.01 %)."
        )
    if naive:
        warn_naive([str(path)])
    return FundingRates(owner, nominal_times(times), rates, source=path.name)
