"""Wrong arguments of System V4's functions as sentences with the names that there are."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from wickwork.model.errors import InputError

P = ParamSpec("P")
R = TypeVar("R")


def wrong_arguments(function: Callable[..., Any], args: tuple[Any, ...], named: dict[str, Any]) -> str:
    """Why a function does not take these arguments; empty where it does."""
    try:
        inspect.signature(function).bind(*args, **named)
    except TypeError as error:
        return str(error)
    return ""


def argument_names(function: Callable[..., Any]) -> list[str]:
    """The names of the arguments of a method, without the object or class that it belongs to."""
    return [name for name in inspect.signature(function).parameters if name not in ("self", "cls")]


def with_named_arguments(function: Callable[P, R]) -> Callable[P, R]:
    """The method, raising InputError with the names of its arguments where it is called with others."""
    names = argument_names(function)

    @wraps(function)
    def call(*args: P.args, **named: P.kwargs) -> R:
        if reason := wrong_arguments(function, args, named):
            owner = function.__qualname__.removesuffix(".__init__")
            raise InputError(f"{owner}: {reason}; it takes {', '.join(names)}.")
        return function(*args, **named)

    return call
