"""Records that compiled code reads and writes by address, with types that mypy checks.

A record is declared once, as a class with annotated fields:

    class Lane(Record):
        quantity: float
        average: float
        count: int

`record_type(Lane)` is its numpy dtype, in which the fields lie in the order of declaration (float64 and int64, or int32
for a field annotated as `Int32`, aligned as in C; the fields of a base class come first). Arrays of records are made
with it: `np.zeros(n, record_type(Lane))`. Functions that are compiled name the class itself:

    lane = record(address, Lane)            # for mypy a Lane, so `lane.quantitty` is an error
    order = records(address, Order)[i]      # for mypy an Order

In compiled code the class is replaced by its dtype, so this is the same machine code as with a dtype. Uncompiled, a
record is a ctypes structure over the same memory: reading a field gives a plain `float` or `int`, an unknown field
raises `AttributeError`, and a float does not go into a whole-number field.

To move a record given as dtype (`LANE = np.dtype([...])`) over to a class: declare the class with the fields in the
same order, set `LANE = record_type(Lane)` where Python code makes arrays of it, replace `record(…, LANE)` by
`record(…, Lane)` in compiled functions, and annotate parameters and NamedTuple fields that hold one with `Lane` instead
of `Any`.
"""

from __future__ import annotations

import ctypes
import inspect
from functools import cache
from typing import Annotated, Any, Protocol, TypeVar, overload

import numpy as np

Int32 = Annotated[int, np.int32]
"""A whole number of 32 bits: for small numbers in tables that are written often, where memory costs time."""

R = TypeVar("R", bound="Record")
R_co = TypeVar("R_co", bound="Record", covariant=True)


class Record:
    """Base class of record declarations. It has no instances: a record is memory at an address."""

    def __init__(self) -> None:
        raise TypeError(
            f"{type(self).__name__} declares a record; read one with record(address, {type(self).__name__})"
        )


class Records(Protocol[R_co]):
    """Consecutive records from an address on; their number is not checked."""

    def __getitem__(self, index: int, /) -> R_co: ...


_FIELD_TYPES: dict[Any, tuple[str, Any]] = {
    float: ("f8", ctypes.c_double),
    int: ("i8", ctypes.c_int64),
    Int32: ("i4", ctypes.c_int32),
}


def is_record_type(value: object) -> bool:
    """Whether that value is the declaration of a record."""
    return isinstance(value, type) and issubclass(value, Record)


@cache
def record_type(kind: type[Record]) -> np.dtype[Any]:
    """The numpy dtype of a declared record.

    Raises TypeError for a field that is not annotated as `float`, `int` or `Int32`, or that has a default.
    """
    return np.dtype([(name, _FIELD_TYPES[type_][0]) for name, type_ in _fields(kind).items()], align=True)


@overload
def records(address: int, kind: type[R]) -> Records[R]: ...
@overload
def records(address: int, kind: np.dtype[Any]) -> Any: ...
def records(address: int, kind: Any) -> Any:
    """The records of that type from an address on."""
    if isinstance(kind, np.dtype):
        return _Records(address, kind)
    return ctypes.cast(int(address), ctypes.POINTER(_structure(kind)))


@overload
def record(address: int, kind: type[R]) -> R: ...
@overload
def record(address: int, kind: np.dtype[Any]) -> Any: ...
def record(address: int, kind: Any) -> Any:
    """The one record of that type at an address."""
    if isinstance(kind, np.dtype):
        return _Records(address, kind)[0]
    return _structure(kind).from_address(int(address))


def _fields(kind: type[Record]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for one in reversed(kind.__mro__):
        for name, type_ in inspect.get_annotations(one, eval_str=True).items() if one is not object else ():
            if type_ not in _FIELD_TYPES:
                raise TypeError(f"{kind.__name__}.{name} must be annotated as float, int or Int32, not as {type_!r}")
            if hasattr(kind, name):
                raise TypeError(f"{kind.__name__}.{name} must not have a default; a record is memory that exists")
            fields[name] = type_
    return fields


@cache
def _structure(kind: type[Record]) -> type[ctypes.Structure]:
    fields = [(name, _FIELD_TYPES[type_][1]) for name, type_ in _fields(kind).items()]
    return type(kind.__name__, (ctypes.Structure,), {"__slots__": (), "_fields_": fields})


class _Records:
    """Records given by a dtype, for uncompiled runs: indexing gives a view with attributes."""

    def __init__(self, address: int, kind: np.dtype[Any]) -> None:
        self.address, self.kind = int(address), kind

    def __getitem__(self, index: int) -> Any:
        memory = (ctypes.c_char * self.kind.itemsize).from_address(self.address + int(index) * self.kind.itemsize)
        return _Record(np.frombuffer(memoryview(memory), dtype=self.kind)[0])


class _Record:
    """One record: its fields as attributes. Those of numpy's own records hide fields called `data` and `size`."""

    __slots__ = ("_fields",)

    def __init__(self, fields: Any) -> None:
        object.__setattr__(self, "_fields", fields)

    def __getattr__(self, name: str) -> Any:
        return self._fields[name]

    def __setattr__(self, name: str, value: Any) -> None:
        self._fields[name] = value
