"""The types of feeds, and the spellings of other platforms for them."""

from __future__ import annotations

from collections.abc import Iterator

from wickwork.model.errors import InputError, did_you_mean
from wickwork.settings.names import venue_of, without_venue
from wickwork.settings.schema import Feed

DEMO, STORE, FILES, BINANCE = "demo", "store", "files", "binance-public"
PARAMETERS = {
    DEMO: (),
    STORE: ("venue",),
    FILES: ("path", "data_dir", "venue"),
    BINANCE: ("data_dir", "cache", "venue"),
}
"""The parameters of each type."""
_SPELLINGS = {
    "mock": DEMO, "demo-market": DEMO, "csv": FILES, "file": FILES, "folder": FILES, "parquet": FILES,
    "binance": BINANCE, "binance_public": BINANCE,
}  # fmt: skip
_CLASSES = {"mockdatafeed": DEMO, "csvdatafeed": FILES, "binancepublicdatafeed": BINANCE}


def feed_type(feed: Feed) -> str:
    """The type of a feed, by its type or by Valvulin's class of it. Raises InputError with the remedy."""
    word = feed.type.lower()
    if word:
        found = word if word in PARAMETERS else _SPELLINGS.get(word)
        if found is None:
            known = [*PARAMETERS, *_SPELLINGS]
            raise InputError(f"write one of {', '.join(PARAMETERS)}.{did_you_mean(word, known)}".rstrip("."))
        return found
    name = feed.handler.rpartition(":")[2].rpartition(".")[2]
    found = _CLASSES.get(name.lower())
    if found is None:
        raise InputError(
            "a feed of that class is not read; write type: and one of "
            f"{', '.join(PARAMETERS)}, or one of Valvulin's BinancePublicDataFeed, CSVDataFeed, MockDataFeed"
        )
    return found


def unknown_parameters(feed: Feed, kind: str) -> Iterator[tuple[str, str]]:
    """The parameters that a feed of that type does not have, each with what is said of it."""
    for name in feed.parameters:
        if name not in PARAMETERS[kind]:
            has = ", ".join(PARAMETERS[kind]) or "none"
            yield (
                name,
                f"a feed of the type {kind} has no such parameter.{did_you_mean(name, PARAMETERS[kind])} It has {has}.",
            )


def feed_of(feeds: tuple[Feed, ...], instrument: str, wanted: str = "") -> int | None:
    """The number of the feed with an instrument's bars: the one named, else by its symbols, else one for all.

    None for the demo market, where there are no feeds. Raises NotFound's InputError with the remedy.
    """
    if wanted:
        named = [i for i, one in enumerate(feeds) if one.name == wanted]
        if not named:
            raise InputError(f"there is no feed named {wanted!r}.{did_you_mean(wanted, [one.name for one in feeds])}")
        if feeds[named[0]].symbols and not _has(feeds[named[0]], instrument):
            raise InputError(f"the feed {wanted!r} does not have {instrument} among its symbols; add it there")
        return named[0]
    if not feeds:
        return None
    for fits in (_has, lambda feed, _: not feed.symbols):
        for i, feed in enumerate(feeds):
            if fits(feed, instrument):
                return i
    raise InputError(f"no feed has {instrument} among its symbols; add it to those of data_feeds[0]")


def _has(feed: Feed, instrument: str) -> bool:
    """Whether an instrument is among the symbols of a feed; a venue counts where both name one."""
    venue = venue_of(instrument)
    return any(
        without_venue(one) == without_venue(instrument) and (not venue or venue_of(one) in ("", venue))
        for one in feed.symbols
    )
