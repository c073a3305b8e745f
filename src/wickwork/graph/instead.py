"""What to write instead of an attribute that strategies of other programs use."""

from __future__ import annotations

from collections.abc import Iterable
from types import ModuleType

from wickwork.model.errors import did_you_mean

_WIRE = {
    "diff": "ta.change(wire)",
    "ewm": "ta.ema(wire, period=20)",
    "fillna": "ta.if_missing(wire, otherwise)",
    "iloc": "ta.previous(wire, bars=1)",
    "max": "ta.highest(wire, period=20)",
    "mean": "ta.sma(wire, period=20)",
    "min": "ta.lowest(wire, period=20)",
    "pct_change": "ta.roc(wire, period=1)",
    "rolling": "ta.sma, ta.highest, ta.lowest, ta.standard_deviation or ta.rolling_sum with period=20",
    "shift": "ta.previous(wire, bars=1)",
    "std": "ta.standard_deviation(wire, period=20)",
    "sum": "ta.rolling_sum(wire, period=20)",
    "values": "run.columns after the backtest",
}
_TRADE = {
    "cancel_all": "trade.cancel(when=…)",
    "entry": "trade.buy(when=…) or trade.short(when=…)",
    "exit": "trade.close(when=…), or stop_loss=, take_profit= and trailing= of trade.buy",
    "long": "trade.buy(when=…)",
    "sell": "trade.close(when=…) to sell what is held, or trade.short(when=…) to sell short",
}
_STRATEGY = {name: f"s.bars.{name}" for name in ("open", "high", "low", "close", "volume")}

INSTEAD = {"Wire": _WIRE, "trade": _TRADE, "Strategy": _STRATEGY}
"""By the class of the object, or the last part of the name of its module."""

MODULES = {
    **dict.fromkeys(("analytics", "core", "execution", "strategies", "valvulin"), "wickwork.compat.valvulin"),
    "backend": "wickwork.compat.system_v4",
}
"""What has the names of packages of other programs, by the first part of the name."""


def instead(error: Exception) -> str:
    """A sentence (with a leading space) that says what to write instead of what there is not, or an empty string."""
    if isinstance(error, ModuleNotFoundError):
        module = MODULES.get((error.name or "").partition(".")[0])
        return f" Write `from {module} import …`." if module else ""
    if not isinstance(error, AttributeError):
        return ""
    kind = error.obj.__name__.rpartition(".")[2] if isinstance(error.obj, ModuleType) else type(error.obj).__name__
    name, words = error.name or "", INSTEAD.get(kind, {})
    if name in words:
        return f" Write {words[name]}."
    return did_you_mean(name, _public(dir(error.obj))) if words else ""


def _public(names: Iterable[str]) -> list[str]:
    return [name for name in names if not name.startswith("_")]
