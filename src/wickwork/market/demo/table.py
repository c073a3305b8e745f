"""The instruments of the demo market: 38 coins against USDT, each as spot and as perpetual."""

from __future__ import annotations

from dataclasses import dataclass

from wickwork.model.errors import NotFound, did_you_mean
from wickwork.model.instrument import Instrument, Rules, parse_instrument

VENUE = "demo"


@dataclass(frozen=True)
class Coin:
    """How a coin behaves: a price it hovers around (USDT), decimals of its tick, how it moves, how much is traded."""

    level: float
    decimals: int
    beta: float
    """How strongly it follows the market; BTC is 1."""
    own: float
    """Deviation of the daily moves that are its own, as a part of its usual ones."""
    turnover: float
    """Millions of USDT a day."""


COINS = {
    "AAVE": Coin(130.0, 2, 1.35, 0.030, 45.0),
    "ADA": Coin(0.62, 4, 1.25, 0.024, 120.0),
    "ALGO": Coin(0.38, 4, 1.25, 0.030, 25.0),
    "ARB": Coin(0.95, 4, 1.45, 0.032, 60.0),
    "ATOM": Coin(11.5, 3, 1.25, 0.028, 35.0),
    "AVAX": Coin(32.0, 2, 1.45, 0.031, 90.0),
    "BAL": Coin(7.2, 3, 1.20, 0.034, 5.0),
    "BAT": Coin(0.36, 4, 1.20, 0.029, 8.0),
    "BCH": Coin(340.0, 1, 1.20, 0.027, 45.0),
    "BNB": Coin(380.0, 1, 1.00, 0.018, 140.0),
    "BTC": Coin(42_000.0, 2, 1.00, 0.004, 1_400.0),
    "COMP": Coin(82.0, 2, 1.30, 0.033, 12.0),
    "CRV": Coin(0.92, 4, 1.35, 0.038, 30.0),
    "DOGE": Coin(0.14, 5, 1.35, 0.034, 260.0),
    "DOT": Coin(8.4, 3, 1.25, 0.024, 55.0),
    "ENJ": Coin(0.72, 4, 1.35, 0.035, 9.0),
    "ENS": Coin(17.0, 3, 1.35, 0.036, 14.0),
    "ETC": Coin(26.0, 2, 1.25, 0.029, 40.0),
    "ETH": Coin(2_400.0, 2, 1.15, 0.011, 900.0),
    "FIL": Coin(7.6, 3, 1.30, 0.033, 45.0),
    "GALA": Coin(0.034, 5, 1.45, 0.042, 40.0),
    "GRT": Coin(0.21, 4, 1.35, 0.036, 16.0),
    "IMX": Coin(1.6, 4, 1.40, 0.038, 14.0),
    "KAVA": Coin(1.4, 4, 1.25, 0.034, 7.0),
    "LINK": Coin(14.5, 3, 1.25, 0.026, 95.0),
    "LTC": Coin(95.0, 2, 1.10, 0.022, 85.0),
    "MANA": Coin(0.71, 4, 1.35, 0.036, 18.0),
    "MATIC": Coin(0.98, 4, 1.35, 0.031, 70.0),
    "MKR": Coin(1_650.0, 1, 1.15, 0.029, 22.0),
    "NEAR": Coin(5.1, 3, 1.40, 0.033, 60.0),
    "OP": Coin(1.9, 4, 1.45, 0.035, 45.0),
    "SAND": Coin(0.68, 4, 1.35, 0.036, 22.0),
    "SNX": Coin(3.1, 3, 1.35, 0.035, 10.0),
    "SOL": Coin(88.0, 2, 1.45, 0.030, 420.0),
    "SPELL": Coin(0.00125, 7, 1.45, 0.046, 6.0),
    "UNI": Coin(8.3, 3, 1.25, 0.029, 45.0),
    "XRP": Coin(0.61, 4, 1.05, 0.028, 280.0),
    "ZRX": Coin(0.46, 4, 1.25, 0.034, 6.0),
}


def _instrument(base: str, settle: str = "") -> Instrument:
    coin = COINS[base]
    # A lot is worth less than a USDT, as on real venues: 0.00001 BTC, 0.1 ATOM, 1 DOGE.
    zeros = next(
        (places for limit, places in ((1e4, 5), (1e3, 4), (1e2, 3), (1e1, 2), (1.0, 1)) if coin.level >= limit), 0
    )
    lot = float(f"1e-{zeros}")
    return Instrument(base, "USDT", settle, VENUE, Rules(float(f"1e-{coin.decimals}"), lot, lot, 5.0))


DEMO_INSTRUMENTS = tuple(_instrument(base) for base in COINS)
"""Every spot instrument, with the rules of its orders."""

DEMO_PERPETUALS = tuple(_instrument(base, "USDT") for base in COINS)
"""Their perpetual twins, whose prices differ by a small basis."""


def demo_instrument(name: Instrument | str) -> Instrument:
    """The instrument of the demo market with that name, in any spelling; NotFound if it has none."""
    wanted = str(parse_instrument(name))
    known = {str(one): one for one in (*DEMO_INSTRUMENTS, *DEMO_PERPETUALS)}
    if wanted not in known:
        have = f" It has {DEMO_INSTRUMENTS[0]}, {DEMO_INSTRUMENTS[1]} and {len(known) - 2} more."
        raise NotFound(f"The demo market has no {wanted}.{did_you_mean(wanted, known) or have}")
    return known[wanted]
