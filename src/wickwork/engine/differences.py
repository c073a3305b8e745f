"""How a run that is started differs from the one that its journal began, in the words of the command line."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from wickwork.engine.journal_entries import Start, start_data
from wickwork.graph.check import ValidatedGraph

_SHOWN = 3
_SHARES = ("spread", "volume_limit", "funding_rate")
_OPTIONS = {
    "capital": "--capital",
    "latency": "--latency",
    "leverage": "--leverage",
    "assume": "--assume",
    "slippage": "--slippage",
    "slippage_model": "--slippage-model",
    **{name: f"--{name.replace('_', '-')}" for name in _SHARES},
}
_SERIES = {"--funding": "funding", "--mark-prices": "marks"}
_COMPARED = {"graph", "instruments", "timeframe", "finer", "terms", "source", "synthetic", "first", "reported"} | {
    *_SERIES.values()
}
_CODE = {"schema", "mode", "engine", "nodes", "files", "identity", "first_ms"}
_RULES = {"tick": "--tick", "lot": "--lot", "minimum_notional": "--min-notional"}


@dataclass(frozen=True)
class Changed:
    """Something that is not as the journal has it."""

    text: str
    """What the run was started with, as the end of a sentence: `with --capital 10000, not 5000`."""
    fatal: bool = True
    """Whether the run cannot go on; else it goes on with the journal's value."""


def changes(then: Start, now: Start, validated: ValidatedGraph) -> list[Changed]:
    """The differences of two starts, apart from the code of engine and nodes; `validated` is the new graph."""
    old, new = start_data(then), start_data(now)
    found = [*_strategy(old["graph"], new["graph"], validated), *_bars(old, new), *_terms(old["terms"], new["terms"])]
    for option, name in _SERIES.items():
        found += _changed(option, *(" ".join(start.get(name, ())) or None for start in (old, new)), show=_shown)
    if then.reported != now.reported:
        found.append(Changed(f"{'with' if then.reported else 'without'} --reported"))
    # What is added to the start of a journal one day must not be ignored here.
    for name in sorted({*old, *new} - _COMPARED - _CODE):
        found += _changed(name, old.get(name), new.get(name))
    return found


def listed(found: Sequence[Changed]) -> str:
    """The first differences as the end of a sentence: `with --capital 10000, not 5000; without --reported`."""
    more = len(found) - _SHOWN
    return "; ".join(one.text for one in found[:_SHOWN]) + (f"; and {more} more differences" if more > 0 else "")


def _changed(
    option: str, then: Any, now: Any, *, fatal: bool = True, show: Callable[[Any], str] | None = None
) -> Iterator[Changed]:
    """The difference of one option, where there is one; `show` is how a message shows a value."""
    if then == now:
        return
    show = show or _shown
    if then is None:
        yield Changed(f"without {option}, which is {show(now)} now", fatal)
    else:
        yield Changed(f"with {option} {show(then)}, not {show(now)}", fatal)


def _shown(value: Any) -> str:
    """A value as a message shows it."""
    return "none" if value is None or value == "" else f"{value:.12g}" if isinstance(value, float) else str(value)


def _strategy(then: Mapping[str, Any], now: Mapping[str, Any], validated: ValidatedGraph) -> Iterator[Changed]:
    """Other nodes and wires, or else other parameters, also those that only one document names."""
    old, new = then["nodes"], now["nodes"]
    same = old.keys() == new.keys() and all(_kind(old[name]) == _kind(new[name]) for name in old)
    if not same or any(then[part] != now[part] for part in ("wires", "interface")):
        yield Changed("with other nodes or wires in the strategy")
        return
    for node in old:
        before, after = old[node].get("params", {}), new[node].get("params", {})
        defaults = {one.name: one.default for one in validated.nodes[node].parameters}
        for name in {**before, **after}:
            values = (one.get(name, defaults.get(name)) for one in (before, after))
            yield from _changed(f"{node}.{name} (--set)", *values)


def _kind(entry: Mapping[str, Any]) -> Any:
    """Type and version of a node of a document."""
    return entry["type"], entry["version"]


def _bars(then: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Changed]:
    """Other instruments, timeframes or sources of bars; the rules of an instrument are the journal's."""
    names = [" ".join(one["name"] for one in start["instruments"]) for start in (then, now)]
    yield from _changed("--instrument", *names)
    if names[0] == names[1]:
        for old, new in zip(then["instruments"], now["instruments"], strict=True):
            yield from _changed("--venue", old["venue"], new["venue"])
            of = f" of {old['name']}" if len(now["instruments"]) > 1 else ""
            for name in {**old["rules"], **new["rules"]}:
                values = old["rules"].get(name), new["rules"].get(name)
                yield from _changed(f"{_RULES.get(name, name)}{of}", *values, fatal=False)
    yield from _changed("--timeframe", then["timeframe"], now["timeframe"])
    yield from _changed("--finer", then["finer"] or "none", now["finer"] or "none", fatal=False)
    yield from _changed("bars (--data) of", then["source"], now["source"])
    if then["source"] == now["source"]:
        yield from _changed("synthetic prices", then["synthetic"], now["synthetic"])
    yield from _changed("--from", then["first"], now["first"])


def _terms(then: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Changed]:
    """Other terms of the venue, shares of 1 shown in percent."""
    fees = [(one["maker_fee"], one["taker_fee"]) for one in (then, now)]
    yield from _changed("--fees", *fees, show=lambda both: "/".join(map(_percent, both)))
    for name in {**then, **now}:
        share = name in _SHARES or (name == "slippage" and then["slippage_model"] == now["slippage_model"] == "percent")
        option = _OPTIONS.get(name, f"{name} (--terms)")
        if name not in ("maker_fee", "taker_fee"):
            yield from _changed(option, then.get(name), now.get(name), show=_percent if share else None)


def _percent(share: float) -> str:
    """A share as the percent of the command line."""
    return f"{share * 100.0:.12g}"
