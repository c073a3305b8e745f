"""Instruments: what is traded, and the rules a venue sets for its orders."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import Enum

from wickwork.model.errors import InputError
from wickwork.model.finite import is_finite


class Kind(Enum):
    """What holding the instrument means."""

    SPOT = "spot"
    PERPETUAL = "perpetual"


@dataclass(frozen=True)
class Rules:
    """What a venue demands of an order. Zero means that there is no such rule.

    `tick` is the step of prices, `lot` the step of quantities (base units), `minimum_quantity` in base units and
    `minimum_notional` in quote units.
    """

    tick: float = 0.0
    lot: float = 0.0
    minimum_quantity: float = 0.0
    minimum_notional: float = 0.0

    def __post_init__(self) -> None:
        for name in ("tick", "lot", "minimum_quantity", "minimum_notional"):
            value = getattr(self, name)
            if not (is_finite(value) and (value == 0.0 or 1e-18 <= value <= 1e18)):
                raise InputError(
                    f"The instrument rule {name} must be 0 or a positive number from 1e-18 to 1e18, was {value!r:.60}."
                )


@dataclass(frozen=True)
class Instrument:
    """A thing tradable on a venue: `BTC/USDT` (spot) or `BTC/USDT:USDT` (a perpetual settled in USDT)."""

    base: str
    quote: str
    settle: str = ""
    venue: str = ""
    rules: Rules = field(default=Rules(), compare=False)

    @property
    def kind(self) -> Kind:
        """Spot, or perpetual where there is a settlement currency."""
        return Kind.PERPETUAL if self.settle else Kind.SPOT

    def __str__(self) -> str:
        return f"{self.base}/{self.quote}" + (f":{self.settle}" if self.settle else "")


# Currencies that prices are named in; they split symbols that are written in one word, such as BTCUSDT.
QUOTES = frozenset(
    """
    USDT USDC FDUSD TUSD BUSD USDP USDD USDE USD1 RLUSD DAI USD EUR GBP TRY BRL JPY KRW AUD CAD CHF BTC ETH BNB
    """.split()  # noqa: SIM905
)

# Coins whose names decide how an ambiguous word is split: DOTUSD is DOT in USD, not DO in TUSD; WBTC is a coin.
COINS = frozenset(
    """
    1INCH AAVE ADA ALGO ANT APE APT AR ARB ATOM AVAX AXS BAL BAT BCH BNB BTC CAKE COMP CRO CRV DASH DOGE DOT
    DYDX EGLD ENA ENJ ENS EOS ETC ETH FET FIL FLOW FTM FTT GALA GMX GRT HBAR HNT HYPE ICP IMX INJ JTO JUP KAVA
    KSM LDO LINK LRC LTC LUNA MANA MATIC MINA MKR NEAR NEO ONDO OP PENDLE PEPE POL PYTH QNT RNDR ROSE RUNE SAND
    SEI SHIB SNX SOL SPELL STX SUI SUSHI TAO THETA TIA TON TRX UNI VET WIF WLD XLM XMR XRP XTZ YFI ZEC ZRX
    CBBTC RENBTC TBTC WBTC BETH CBETH EZETH RETH STETH WBETH WEETH WETH WSTETH GUSD LUSD PYUSD SUSD
    """.split()  # noqa: SIM905
)

ALIASES = {"XBT": "BTC"}
_PERPETUAL = frozenset({"P", "PERP", "PERPETUAL", "SWAP"})
_DATED = re.compile(r"\d{6}|\d{8}|\d{1,2}[A-Z]{3}\d{2}")


def parse_instrument(text: str | Instrument, quote: str = "USDT") -> Instrument:
    """Read any common spelling of an instrument; letter case does not matter.

    Spot: `BTC` (against `quote`), `BTCUSDT`, `BTC/USDT`, `BTC-USD`, `btc_usdt`. Perpetuals: `BTC/USDT:USDT`,
    `BTCUSDT.P`, `BTCUSDTPERP`, `BTC-USDT-SWAP`, `BTC_USDT_USDT`. Either with a venue in front, which becomes lower
    case: `BINANCE:BTCUSDT`. A perpetual against USD that does not say more settles in its base coin, as on venues; one
    that settles in a third currency is written with a colon. `XBT` is BTC. Dated futures, options and everything else
    raise InputError.
    """
    if isinstance(text, Instrument):
        return text
    venue, pair, settle = _divide(str(text).strip().upper())
    pair, dot, suffix = pair.partition(".")
    parts = re.split(r"[/\-_ ]", pair)
    if any(_DATED.fullmatch(part) for part in (*parts[1:], *settle.split("-")[1:])):
        raise InputError(f"{text!r} has a date of delivery; only spot and perpetual instruments are known.")
    complete = all(parts)  # `A/P_` ends in nothing
    perpetual = suffix in _PERPETUAL
    if len(parts) > 1 and parts[-1] in _PERPETUAL:
        parts.pop()
        perpetual = True
    elif len(parts) == 1 and parts[0] != "PERP" and parts[0].endswith("PERP"):
        parts = [parts[0].removesuffix("PERP")]
        perpetual = True
    if len(parts) == 3 and not settle and parts[2] in parts[:2]:
        settle = parts.pop()
    if len(parts) == 1:
        parts = list(_split(parts[0], quote.strip().upper()))
    names = [ALIASES.get(name, name) for name in (*parts, *([settle] if settle else []))]
    valid = complete and len(parts) == 2 and all(name.isalnum() for name in names) and names[0] != names[1]
    if not valid or (dot and not perpetual) or (venue and not re.fullmatch(r"[\w.-]+", venue)) or settle == "?":
        raise InputError(
            f"{text!r} is not an instrument; write one like BTC/USDT, BTCUSDT, BINANCE:BTCUSDT or BTC/USDT:USDT "
            "(a perpetual)."
        )
    base, against = names[:2]
    if perpetual and not settle:
        settle = base if against == "USD" else against
    return Instrument(base, against, ALIASES.get(settle, settle), venue.lower())


def names_its_quote(text: str, alone: bool = True) -> bool:
    """True when the text is sure to mean an instrument: it ends in a well-known quote currency.

    A well-known coin `alone` is enough, unless that is False. `parse_instrument` takes any word as a base coin, which
    is right for what a person typed, and wrong for the name of a file such as `prices`.
    """
    try:
        instrument = parse_instrument(text, quote="Q")
    except InputError:
        return False
    return instrument.quote in QUOTES or (alone and instrument.quote == "Q" and instrument.base in COINS)


def _divide(word: str) -> tuple[str, str, str]:
    """Venue, pair and settlement currency of `VENUE:PAIR:SETTLE`, where either colon may be missing."""
    head, colon, tail = word.partition(":")
    if not colon:
        return "", word, ""
    if "/" in head or (tail in QUOTES and head.endswith(tail) and head != tail):
        return "", head, tail or "?"
    pair, colon, settle = tail.partition(":")
    return head or "?", pair, settle or ("?" if colon else "")


def _split(word: str, quote: str) -> tuple[str, str]:
    """Base and quote of one word: `BTCUSDT`, or only a coin, which is then against `quote`."""
    if word in QUOTES or word in COINS or not word:
        return word, quote
    splits = [(word.removesuffix(end), end) for end in QUOTES if word.endswith(end)]
    if not splits:
        return (word, quote) if any(letter.isalpha() for letter in word) else ("", quote)
    known = [pair for pair in splits if pair[0] in COINS or pair[0] in QUOTES or pair[0] in ALIASES]
    # ARBUSD names two known coins, AR and ARB; TUSD and BUSD are rare, so the longer coin is the likelier.
    return max(known, key=lambda pair: len(pair[0])) if known else max(splits, key=lambda pair: len(pair[1]))
