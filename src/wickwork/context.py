"""What belongs to one user of Wickwork, as one object: a server makes one for each user, the command one for itself.

`backtest`, `sweep`, `load_strategy` and the other functions that need one take `context=`; without it they use
`Context()`, whose folders are those of the user of this process. Nothing else in the package looks for these folders.

Two contexts share what is the same for all users of a process: the installed packages with their nodes, metrics and
formats, and the modules of Python files, each of which is named after the file's path.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from wickwork.graph.catalogue import Catalogue, load_file, nodes_of
from wickwork.graph.kernel_cache import cache_folder
from wickwork.model.errors import InputError
from wickwork.nodes import builtin
from wickwork.store.home import home

if TYPE_CHECKING:
    from wickwork.market.funding_store import FundingStore
    from wickwork.market.store import Store


@dataclass(frozen=True)
class Context:
    """The folders and the nodes of one user. Each is looked for when it is needed first."""

    folder: Path | None = None
    """The folder of the user's bars and journals, which need not exist yet; None for the one of this process's user."""
    nodes: Catalogue | None = field(default=None, repr=False)
    """The nodes that strategies may use; None for those of Wickwork and of the installed packages."""
    kernels: Path | None = None
    """The folder of machine code; None for the one of this process's user. Only its user may be able to write to it."""

    @cached_property
    def home(self) -> Path:
        """The folder of bars and journals; without `folder` by `WICKWORK_HOME`, else the user's data folder.

        Raises InputError for a user without a home directory.
        """
        return home() if self.folder is None else self.folder

    @property
    def store(self) -> Store:
        """The bars. Raises InputError as `home` does."""
        from wickwork.market.store import Store  # imports pyarrow, which takes long

        return Store(self.home / "bars")

    @property
    def funding(self) -> FundingStore:
        """The funding rates. Raises InputError as `home` does."""
        from wickwork.market.funding_store import FundingStore  # imports pyarrow

        return FundingStore(self.home / "funding")

    @cached_property
    def catalogue(self) -> Catalogue:
        """The nodes by name. Raises InputError where an installed package is broken."""
        return builtin() if self.nodes is None else self.nodes

    @property
    def graphs(self) -> Path:
        """The library: graphs to which sub-graphs refer. Raises InputError as `home` does."""
        return self.home / "graphs"

    @property
    def journals(self) -> Path:
        """The folder of the journals of runs on paper. Raises InputError as `home` does."""
        return self.home / "journals"

    @property
    def runs(self) -> Path:
        """The folder of `engine.registry`, which lists the runs. Raises InputError as `home` does."""
        return self.home / "runs"

    @property
    def cache(self) -> Path | None:
        """Where machine code is kept; without `kernels` by `WICKWORK_CACHE`. None for a user without a home."""
        return cache_folder() if self.kernels is None else self.kernels

    def with_nodes(self, files: Iterable[Path]) -> Context:
        """The same with the nodes of these Python files, which are run.

        Raises InputError for a file without a node or with a name that is taken, and the errors of `load_file`.
        """
        catalogue = self.catalogue
        for file in files:
            found = nodes_of(load_file(file))
            if not found:
                raise InputError(f"{file} has no node; write one as a function with @node above it.")
            catalogue = catalogue.plus(found)
        return replace(self, nodes=catalogue)
