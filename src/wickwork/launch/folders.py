"""The folders that a configuration names; separate from `prepare`, which imports the engine."""

from __future__ import annotations

from wickwork.context import Context
from wickwork.settings.schema import Settings


def context_of(settings: Settings) -> Context:
    """The folders of the user: those of `home`, where it is given."""
    return Context(settings.path(settings.home)) if settings.home else Context()
