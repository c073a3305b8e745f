"""Python's operators as nodes: `a + b` adds the node `add` with the wires a and b."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, Generic, NoReturn, TypeVar

from wickwork.model.errors import InputError

Wire = TypeVar("Wire")
"""What an operator returns."""


class Operators(ABC, Generic[Wire]):
    """The operators of wires. Equality is that of values, so the hash is that of the object."""

    __slots__ = ()
    __hash__ = object.__hash__

    @abstractmethod
    def _add(self, name: str, *wires: Any) -> Wire:
        """Add a node of that name with these wires."""

    @abstractmethod
    def _equal(self, other: Any, sign: str) -> Wire:
        """Add the nodes for `self == other` or `self != other`."""

    def __getitem__(self, index: Any) -> NoReturn:
        """Raise InputError: a wire has no index, and a loop over it would begin with one."""
        raise InputError(
            f"{self!r} has one value for each bar and no index. The value of an earlier bar is "
            "ta.previous(wire, bars=1); an output of several is chosen by its name."
        )

    def __eq__(self, other: object) -> Wire:  # type: ignore[override]
        return self._equal(other, "==")

    def __ne__(self, other: object) -> Wire:  # type: ignore[override]
        return self._equal(other, "!=")

    def __gt__(self, other: Any) -> Wire:
        return self._add("greater", self, other)

    def __lt__(self, other: Any) -> Wire:
        return self._add("less", self, other)

    def __ge__(self, other: Any) -> Wire:
        return self._add("greater_or_equal", self, other)

    def __le__(self, other: Any) -> Wire:
        return self._add("less_or_equal", self, other)

    def __add__(self, other: Any) -> Wire:
        return self._add("add", self, other)

    def __radd__(self, other: Any) -> Wire:
        return self._add("add", other, self)

    def __sub__(self, other: Any) -> Wire:
        return self._add("subtract", self, other)

    def __rsub__(self, other: Any) -> Wire:
        return self._add("subtract", other, self)

    def __mul__(self, other: Any) -> Wire:
        return self._add("multiply", self, other)

    def __rmul__(self, other: Any) -> Wire:
        return self._add("multiply", other, self)

    def __truediv__(self, other: Any) -> Wire:
        return self._add("divide", self, other)

    def __rtruediv__(self, other: Any) -> Wire:
        return self._add("divide", other, self)

    def __mod__(self, other: Any) -> Wire:
        return self._add("remainder", self, other)

    def __rmod__(self, other: Any) -> Wire:
        return self._add("remainder", other, self)

    def __pow__(self, other: Any) -> Wire:
        return self._add("power", self, other)

    def __rpow__(self, other: Any) -> Wire:
        return self._add("power", other, self)

    def __and__(self, other: Any) -> Wire:
        return self._add("and", self, other)

    def __rand__(self, other: Any) -> Wire:
        return self._add("and", other, self)

    def __or__(self, other: Any) -> Wire:
        return self._add("or", self, other)

    def __ror__(self, other: Any) -> Wire:
        return self._add("or", other, self)

    def __xor__(self, other: Any) -> Wire:
        return self._add("exclusive_or", self, other)

    def __rxor__(self, other: Any) -> Wire:
        return self._add("exclusive_or", other, self)

    def __neg__(self) -> Wire:
        return self._add("negate", self)

    def __invert__(self) -> Wire:
        return self._add("not", self)

    def __abs__(self) -> Wire:
        return self._add("absolute", self)
