"""Which indicators are on, and their parameters."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from wickwork.compat.system_v4.arguments import with_named_arguments
from wickwork.compat.system_v4.registry import IndicatorPipeline, IndicatorRegistry
from wickwork.model.errors import InputError, NotFound, did_you_mean


class IndicatorConfiguration:
    """Indicators with their parameters, each on or off: `{"indicators": {"RSI": {"enabled": True, "params": {…}}}}`.

    Without `config` all registered ones are on with their defaults. Raises InputError for something else, for an
    indicator that is not registered, and for parameters that are wrong.
    """

    @with_named_arguments
    def __init__(self, config: Mapping[str, Any] | None = None) -> None:
        self._entries: dict[str, dict[str, Any]] = {}
        if config is None:
            for name, entry in IndicatorRegistry.list_indicators().items():
                self._entries[name] = {"enabled": True, "params": dict(entry["params"])}
            return
        given = config.get("indicators") if isinstance(config, Mapping) else None
        if not isinstance(given, Mapping) or (config.keys() - {"indicators"}):
            raise InputError('A configuration of indicators is {"indicators": {name: {"enabled": …, "params": {…}}}}.')
        for name, entry in given.items():
            unknown = (
                [word for word in entry if word not in ("enabled", "params")] if isinstance(entry, Mapping) else [""]
            )
            if unknown:
                raise InputError(f"The configuration of {name} has enabled and params, was given {entry!r:.60}.")
            self._entries[name] = {"enabled": False, "params": IndicatorRegistry.get_params(name)}
            self.set_indicator_params(name, entry.get("params", {}))
            self.set_indicator_enabled(name, entry.get("enabled", False))

    @property
    def config(self) -> dict[str, Any]:
        """The configuration as plain data; changes of it change nothing."""
        return self.to_dict()

    def get_enabled_indicators(self) -> list[str]:
        """The names of the indicators that are on."""
        return [name for name, entry in self._entries.items() if entry["enabled"]]

    def get_indicator_params(self, indicator_name: str) -> dict[str, Any]:
        """The parameters of an indicator. Raises NotFound for a name that the configuration does not have."""
        return dict(self._entry(indicator_name)["params"])

    @with_named_arguments
    def set_indicator_enabled(self, indicator_name: str, enabled: bool) -> None:
        """Turn an indicator on or off. Raises NotFound as `get_indicator_params`, InputError for another value."""
        if not isinstance(enabled, bool):
            raise InputError(f"{indicator_name} is enabled with True or False, was given {enabled!r:.60}.")
        self._entry(indicator_name)["enabled"] = enabled

    @with_named_arguments
    def set_indicator_params(self, indicator_name: str, params: Mapping[str, Any]) -> None:
        """Change parameters of an indicator; where one is wrong none changes.

        Raises NotFound as `get_indicator_params`, InputError for a parameter that it does not have or a wrong value.
        """
        entry = self._entry(indicator_name)
        if not isinstance(params, Mapping):
            raise InputError(f"The parameters of {indicator_name} are given by name, was given {params!r:.60}.")
        entry["params"] = IndicatorRegistry.get(indicator_name, {**entry["params"], **params}).params

    def pipeline(self) -> IndicatorPipeline:
        """The indicators that are on, as a pipeline."""
        made = IndicatorPipeline()
        for name in self.get_enabled_indicators():
            made.add(name, self._entries[name]["params"])
        return made

    def to_dict(self) -> dict[str, Any]:
        """The configuration as plain data, as the constructor takes it."""
        return {"indicators": copy.deepcopy(self._entries)}

    def _entry(self, name: str) -> dict[str, Any]:
        if not isinstance(name, str) or name not in self._entries:
            raise NotFound(
                f"There is no indicator {name!r} in the configuration; it has {', '.join(self._entries)}."
                f"{did_you_mean(str(name), self._entries)}"
            )
        return self._entries[name]
