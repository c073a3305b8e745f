"""What belongs to one user of Wickwork, as one object: a server makes one for each user, the command one for itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from wickwork.graph.catalogue import Catalogue
from wickwork.graph.kernel_cache import cache_folder
from wickwork.market.funding_store import FundingStore
from wickwork.market.store import Store
from wickwork.nodes import builtin
from wickwork.store.home import home


@dataclass(frozen=True)
class Context:
    """The folders and the nodes of one user."""

    home: Path
    """The folder of the user's bars and journals; it need not exist yet."""
    nodes: Catalogue | None = field(default=None, repr=False)
    """The nodes that strategies may use; None for those of Wickwork and of the installed packages."""

    @classmethod
    def default(cls) -> Context:
        """The context of this process's user, by `WICKWORK_HOME`.

        Raises InputError for a user without a home directory.
        """
        return cls(home())

    @cached_property
    def store(self) -> Store:
        """The bars."""
        return Store(self.home / "bars")

    @cached_property
    def funding(self) -> FundingStore:
        """The funding rates."""
        return FundingStore(self.home / "funding")

    @cached_property
    def catalogue(self) -> Catalogue:
        """The nodes by name. Raises InputError where an installed package is broken."""
        return builtin() if self.nodes is None else self.nodes

    @property
    def journals(self) -> Path:
        """The folder of the journals of runs on paper."""
        return self.home / "journals"

    @property
    def cache(self) -> Path | None:
        """Where machine code is kept, by `WICKWORK_CACHE`; None for none. All contexts of a process share it."""
        return cache_folder()
