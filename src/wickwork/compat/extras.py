"""Libraries that only some functions need, and that are installed as extras of Wickwork."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from wickwork.model.errors import InputError


def optional(module: str, extra: str, what: str) -> Any:
    """Import a module of an extra. Raises InputError with how to install it; `what` begins the sentence."""
    library = module.partition(".")[0]
    try:
        import_module(library)
        return import_module(module)
    except ImportError as error:
        missing = "is not installed" if error.name == library else f"cannot be imported: {error}"
        raise InputError(
            f"{what} needs {library}, which {missing}. Install it: pip install 'wickwork[{extra}]'"
        ) from error
