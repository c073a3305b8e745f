"""The terms of the simulated venue in words: margin, funding, terms of single instruments, and what is left out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wickwork.analytics.report.formatting import amount, day, many, share
from wickwork.sim.terms import Terms

EIGHT_HOURS = 8 * 3_600_000


def perpetuals(manifest: Mapping[str, Any]) -> list[str]:
    """The perpetuals of a run, by name."""
    return [one["instrument"] for one in manifest["data"] if one["kind"] == "perpetual"]


def maintenance(terms: Terms) -> str:
    """The maintenance margin of terms."""
    tiers = terms.maintenance_tiers
    if not tiers:
        return share(terms.maintenance)
    return f"{many(len(tiers), 'tier')}, {share(tiers[0].rate)} to {share(tiers[-1].rate)}"


def funding(manifest: Mapping[str, Any], terms: Terms) -> str:
    """What perpetuals are charged: the constant rate, or the series that were given and the time that they cover."""
    names = perpetuals(manifest)
    if not names:
        return "none (spot)"
    parts = []
    for one in manifest["funding_data"]:
        owner = f"{one['instrument']}: " if len(names) > 1 else ""
        gap = ", which do not cover the run" if _uncovered(manifest, one) else ""
        parts.append(f"{owner}{many(one['rates'], 'rate')} of {day(one['first'])} to {day(one['last'])}{gap}")
    series = {one["instrument"] for one in manifest["funding_data"]}
    rates = {terms.of(name).funding_rate for name in names if name not in series}
    constant = ", ".join(f"{share(rate)} each 8 h" for rate in sorted(rates))
    return "; ".join([*parts, *([constant] if constant else [])])


def uncovered(manifest: Mapping[str, Any]) -> bool:
    """Whether a series of funding begins more than a period after the bars of its instrument, or ends before them."""
    return any(_uncovered(manifest, one) for one in manifest["funding_data"])


def _uncovered(manifest: Mapping[str, Any], series: Mapping[str, Any]) -> bool:
    bars = next(one for one in manifest["data"] if one["instrument"] == series["instrument"])
    return _later(bars["first"], series["first"]) or _later(series["last"], bars["last"])


def _later(first: str, second: str) -> bool:
    from datetime import datetime

    passed = datetime.fromisoformat(second) - datetime.fromisoformat(first)
    return passed.total_seconds() * 1000 > EIGHT_HOURS


def mark_prices(manifest: Mapping[str, Any]) -> list[tuple[str, bool]]:
    """For each series of mark prices what it is, and whether bars of the run are without one."""
    sizes = {one["instrument"]: one["bars"] for one in manifest["data"]}
    found = []
    for one in manifest.get("mark_data", ()):
        missing = sizes[one["instrument"]] - one["covered"]
        owner = f"{one['instrument']}: " if len(sizes) > 1 else ""
        gap = f"; {many(missing, 'bar')} without, which have their traded prices instead" if missing else ""
        found.append((f"{owner}bars of {one['timeframe']}, {one['source']}{gap}", missing > 0))
    return found


def own_terms(terms: Terms) -> list[tuple[str, str]]:
    """For each instrument with terms of its own its name and what they are."""
    words = {
        "maker_fee": lambda one: f"{share(one.maker_fee)} maker",
        "taker_fee": lambda one: f"{share(one.taker_fee)} taker",
        "leverage": lambda one: f"leverage {amount(one.leverage)} ×",
        "maintenance": lambda one: f"maintenance margin {maintenance(one)}",
        "maintenance_tiers": lambda one: f"maintenance margin in {maintenance(one)}",
        "liquidation_fee": lambda one: f"liquidation fee {share(one.liquidation_fee)}",
        "funding_rate": lambda one: f"funding {share(one.funding_rate)} each 8 h",
    }
    return [
        (name, ", ".join(words[term](terms.of(name)) for term in own.given()))
        for name, own in terms.instruments.items()
    ]


def not_modelled(manifest: Mapping[str, Any], terms: Terms) -> str:
    """What a real venue does and this one does not, as far as it concerns the run."""
    left_out = ["the order book and the queue of limit orders"]
    names = perpetuals(manifest)
    if len(names) < len(manifest["data"]):
        left_out.append("fees in the coin that was bought (they are paid in the quote currency)")
    if names:
        series = {one["instrument"] for one in manifest["funding_data"]}
        if any(name not in series for name in names):
            left_out.append("funding that changes (no series was given)")
        if any(not terms.of(name).maintenance_tiers for name in names):
            left_out.append("maintenance tiers (none were given)")
        marked = {one["instrument"] for one in manifest.get("mark_data", ())}
        if any(name not in marked for name in names):
            left_out.append("mark price (liquidation and funding use traded prices)")
        left_out += [
            "cross margin (each position has its own margin)",
            "partial liquidation",
            "lower leverage for large positions",
            "insurance fund and auto-deleveraging",
        ]
    return "; ".join(left_out)
