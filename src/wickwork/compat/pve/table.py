"""Which node of Wickwork stands for which node of PVE: the table that importer, exporter and docs/pve-nodes.md read.

A row lists the slots of a PVE node in their order, because slots, not names, identify inputs and outputs. `port` is the
input or output of Wickwork's node; it is empty where a rule (see `rules`) decides.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

NUMBER, CONDITION, EXEC, TEXT, ORDER, ANY = "number", "condition", "exec", "text", "order", "any"


@dataclass(frozen=True)
class Slot:
    """One input or output of a PVE node."""

    label: str
    kind: str
    port: str = ""
    optional: bool = False
    """Of an input: the node gives values also where nothing is wired to it, or where it is missing."""


@dataclass(frozen=True)
class Row:
    """One node type of PVE."""

    type: str
    inputs: tuple[Slot, ...]
    outputs: tuple[Slot, ...]
    becomes: tuple[str, ...]
    """The nodes of Wickwork that it can become; empty where it becomes none."""
    rule: str = "direct"
    note: str = ""
    """What differs from PVE, or what a reader would not expect; empty where nothing does."""
    differs: bool = False
    """True where the note describes a difference that can change decisions: the report then warns."""
    in_backend: bool = True
    """False for a node that PVE's editor shows and its engine does not have."""


def number(label: str, port: str = "", *, optional: bool = False) -> Slot:
    """A slot of numbers."""
    return Slot(label, NUMBER, port, optional)


def condition(label: str, port: str = "", *, optional: bool = False) -> Slot:
    """A slot of conditions."""
    return Slot(label, CONDITION, port, optional)


def text(label: str) -> Slot:
    """A slot of texts that are fixed before the run."""
    return Slot(label, TEXT, optional=True)


def order(label: str) -> Slot:
    """A slot of order ids."""
    return Slot(label, ORDER)


EXEC_SLOT = Slot("Exec", EXEC)
RESULT = number("Float", "value")
TEST = condition("Bool", "value")
CROSS = condition("Condition", "value")
PAIR = (number("Float", "a"), number("Float", "b"))
CONDITIONS = (condition("Bool", "a"), condition("Bool", "b"))
LENGTH = number("Length")
ORDER_OUTPUTS = (EXEC_SLOT, order("ID"))

NEXT_OPEN = "A market order fills at the next open (PVE: at the close of the deciding bar)."
TOO_SMALL = "A quantity below the venue's minimum is denied (PVE: raised to the minimum)."
EXITS = "An exit of a market entry is reduce-only, so two exits in one bar cannot turn the position (PVE: they do)."
WINDOW = "Missing until the window is full (PVE: the window begins with what there is)."
BEFORE_DECISIONS = "Reads orders as they are before the decisions of the bar."

NEWEST = ("order_state", "last_order", "if_missing", "max", "if_condition_missing", "always")
"""What finds the newest order, where an order node became several actions or the order is the last of all."""

ROWS: tuple[Row, ...] = (
    *(Row(f"get/{name}", (), (number(name),), ("bars",), "market") for name in ("open", "high", "low", "close")),
    Row("get/volume", (), (number("volume"),), ("bars",), "market"),
    Row("set/float", (), (number("Float"),), ("number",), "constant"),
    Row("set/integer", (), (number("Integer"),), ("number",), "constant", "A length becomes a parameter."),
    Row("set/string", (), (text("String"),), (), "constant", "A name: kept in the layout of the graph."),
    Row("set/bool", (), (condition("Bool"),), ("always",), "constant", "Sides and order types become parameters."),
    Row("math/add_float", PAIR, (RESULT,), ("add",)),
    Row("math/subtract_float", PAIR, (RESULT,), ("subtract",)),
    Row("math/multiply_float", PAIR, (RESULT,), ("multiply",)),
    Row("math/divide_float", PAIR, (RESULT,), ("divide",)),
    Row(
        "math/clip_float",
        (number("Min", "low"), number("Max", "high"), number("Value", "value")),
        (RESULT,),
        ("clip",),
    ),
    Row("math/highest", (number("Float", "source"), LENGTH), (RESULT,), ("highest",), "window", WINDOW),
    Row("math/lowest", (number("Float", "source"), LENGTH), (RESULT,), ("lowest",), "window", WINDOW),
    Row("compare/greater", PAIR, (TEST,), ("greater",)),
    Row("compare/smaller", PAIR, (TEST,), ("less",)),
    Row("compare/equal", PAIR, (TEST,), ("equal",)),
    Row("compare/cross_over", PAIR, (CROSS,), ("crosses_strictly_above",)),
    Row("compare/cross_under", PAIR, (CROSS,), ("crosses_strictly_below",)),
    Row("logic/and", CONDITIONS, (TEST,), ("strict_and",)),
    Row("logic/or", CONDITIONS, (TEST,), ("strict_or",)),
    Row("logic/not", (condition("Bool", "value"),), (TEST,), ("not",)),
    Row(
        "logic/if",
        (condition("Bool"),),
        (Slot("True", EXEC), Slot("False", EXEC)),
        ("not", "equal"),
        "branch",
        "A branch is the condition itself, or its `not`; an exec wire is a condition of the same bar.",
    ),
    Row(
        "indicators/ma",
        (number("Float"), LENGTH),
        (RESULT,),
        ("moving_average", "ema", "rma", "add", "subtract", "previous"),
        "average",
        "By kind: see the table of averages.",
    ),
    Row(
        "indicators/rsi",
        (number("Float", "source"), LENGTH),
        (RESULT,),
        ("rsi",),
        "window",
        "50 where the price has not moved at all (PVE: 100).",
    ),
    Row(
        "indicators/super_trend",
        (number("High"), number("Low"), number("Close"), LENGTH),
        (number("Float", "line"),),
        ("supertrend",),
        "supertrend",
        "Of the bars of the run; other prices on High, Low and Close cannot be imported.",
    ),
    Row(
        "tools/add_indicator",
        (number("Indicator", optional=True), text("Name")),
        (),
        (),
        "drawing",
        "Kept in the layout as a line; the report draws what feeds the actions, and any wire on request.",
    ),
    Row(
        "tools/add_signal",
        (condition("Signal", optional=True), text("Name")),
        (),
        (),
        "drawing",
        "Kept in the layout as a marker; the report marks orders and fills.",
    ),
    Row(
        "trade/create_order",
        (EXEC_SLOT, condition("Long/Short"), condition("Limit/Market"), number("Price", optional=True),
         number("Quantity")),
        ORDER_OUTPUTS,
        ("place_order", "absolute", "and", "not", "equal"),
        "create_order",
        f"{NEXT_OPEN} {TOO_SMALL} {EXITS} A side or type that changes from bar to bar becomes one order node each.",
        differs=True,
    ),
    Row(
        "trade/create_conditional_order",
        (EXEC_SLOT, condition("Long/Short"), number("Trigger Price"), number("Quantity")),
        ORDER_OUTPUTS,
        ("place_order", "absolute", "and", "not", "equal"),
        "create_conditional_order",
        f"A stop order: fills at the worse of trigger and open (PVE: at the trigger, also through a gap). {TOO_SMALL} "
        f"{EXITS}",
        differs=True,
    ),
    Row(
        "trade/cancel_order",
        (EXEC_SLOT, order("ID")),
        (EXEC_SLOT,),
        ("cancel_orders", "and", "equal", *NEWEST),
        "cancel_order",
        "Cancels all working orders of the order node (PVE: its newest).",
    ),
    Row(
        "trade/cancel_all_order",
        (EXEC_SLOT,),
        (EXEC_SLOT,),
        ("cancel_orders",),
        "cancel_all",
        "Within one bar, cancels come before new orders.",
    ),
    Row(
        "trade/modify_order",
        (EXEC_SLOT, order("ID"), number("Price", optional=True), number("Quantity", optional=True)),
        ORDER_OUTPUTS,
        ("modify_orders", "absolute", "and", "strict_and", "equal", "or", *NEWEST),
        "modify_order",
        "A missing price or quantity stays as it is. Within one bar, changes come before new orders.",
    ),
    Row(
        "trade/get_order",
        (order("ID"),),
        (order("ID"), number("Price"), number("Quantity"), number("Created"), condition("Executed?"),
         condition("Open?")),
        ("order_state", "and", "strict_and", "equal", "multiply", "bar_minutes", "choose", "or", *NEWEST),
        "get_order",
        BEFORE_DECISIONS,
    ),
    Row(
        "trade/get_last_order",
        (),
        (condition("Exists?"), order("ID"), condition("Long/Short"), condition("Normal/Conditional"),
         condition("Cancelled")),
        ("last_order", "equal", "greater", "not", "is_missing", "strict_and"),
        "get_last_order",
        f"{BEFORE_DECISIONS} `Exists?` has a value (PVE: never).",
    ),
    Row(
        "trade/get_position",
        (),
        (number("Price"), number("Quantity"), number("Created")),
        ("average_price", "position_quantity", "bars_held", "bar_minutes", "multiply", "choose", "not_equal"),
        "get_position",
        "The average price is weighted by quantity (PVE: of the entries that are left, first in, first out). `Created` "
        "is in minutes since the entry; missing when flat.",
    ),
    Row(
        "trade/is_none",
        (Slot("Value", ANY, optional=True),),
        (condition("None?", "value"),),
        ("is_missing", "condition_is_missing", "if_condition_missing", "not", *NEWEST),
        "is_none",
    ),
    Row(
        "telegram/send_message",
        (EXEC_SLOT, text("Message"), number("UserID", optional=True)),
        (EXEC_SLOT,),
        ("notify",),
        "message",
        "Exec passes through; the message is recorded (in PVE the node ends every back-test) and kept in the layout.",
    ),
    Row(
        "indicators/bollinger",
        (number("Close", "source"), number("Window")),
        (number("Lower", "lower"), number("Mid", "middle"), number("Upper", "upper"), number("Bandwidth", "width"),
         number("Percent", "percent")),
        ("bollinger",),
        "window",
        "In PVE's palette, but not in its engine.",
        in_backend=False,
    ),
    Row(
        "trade/save_order",
        (EXEC_SLOT, Slot("Order", ANY, optional=True)),
        ORDER_OUTPUTS,
        (),
        "save_order",
        "Exec and order pass through: an order node is a handle already. In PVE's palette, but not in its engine.",
        in_backend=False,
    ),
)  # fmt: skip

BY_TYPE: Mapping[str, Row] = {row.type: row for row in ROWS}

NEVER_LOADED: Mapping[str, str] = {
    "custom/indicators/heikin_ashi": "heikin_ashi",
    "indicators/true_range": "true_range",
    "math/subtraction_column": "subtract",
    "tools/get_condition": "a wire to the condition itself",
    "trade/get_long_position": "position_quantity, average_price",
    "trade/get_short_position": "position_quantity, average_price",
}
"""Types that stand in PVE's source and are in neither its palette nor its engine, and what to use: placeholders."""

PROMISED: tuple[tuple[str, str], ...] = (
    ("other timeframes", "timeframe"),
    ("values of earlier bars", "previous"),
    ("minimum and maximum", "min, max"),
    ("profit of the position", "unrealised_pnl, unrealised_percent"),
    ("stop loss", "enter_long, enter_short, place_order (`stop_loss`)"),
    ("take profit", "enter_long, enter_short, place_order (`take_profit`)"),
    ("Bollinger bands (lower, mid, upper, bandwidth, percent)", "bollinger"),
    ("indicators of your own", "a Python function with `@node`"),
)
"""What PVE's README promises without a node of its own, and the node of Wickwork."""


@dataclass(frozen=True)
class Average:
    """One kind of PVE's moving average."""

    kind: str
    becomes: str
    first: bool
    """Seeded with the first price, as PVE does."""
    largest: float
    """The largest difference from PVE at prices near 100 with length 7, over three bars of a reference run."""
    note: str = ""


EXACT = 1e-12
AVERAGES: tuple[Average, ...] = (
    Average("sma", "moving_average", False, EXACT),
    Average("ema", "moving_average", True, EXACT),
    Average("dema", "moving_average", True, EXACT),
    Average("tema", "moving_average", True, EXACT),
    Average("wma", "moving_average", False, EXACT),
    Average("hma", "moving_average", False, EXACT),
    Average("rma", "ema", True, EXACT, "As an `ema` of 2 × length − 1: the weight is 1 / length too."),
    Average("smma", "ema", True, EXACT, "The same as rma."),
    Average("linreg", "moving_average", False, EXACT),
    Average("trima", "moving_average", False, EXACT, "Its first value comes a few bars earlier."),
    Average("kama", "moving_average", False, 1.3, "Begins where its window is full (PVE: one value on bar 0)."),
    Average("alma", "moving_average", False, EXACT),
    Average("fwma", "moving_average", False, EXACT),
    Average("pwma", "moving_average", False, EXACT),
    Average("sinwma", "moving_average", False, EXACT),
    Average("swma", "moving_average", False, EXACT),
    Average("zlma", "add, subtract, previous, moving_average", True, 0.03,
            "EMA + (price − price some bars ago), as PVE; PVE begins later, which fades."),
    Average("ssf", "moving_average", False, 4e-4, "Begins with other values, which fade."),
    Average("ssf3", "moving_average", False, 7e13, "The textbook form (PVE: grows without bound)."),
    Average("t3", "moving_average", True, EXACT),
    Average("vidya", "moving_average", False, 1.4, "Begins where its window is full (PVE: one value on bar 0)."),
    Average("mcgd", "moving_average", False, 178.0, "The textbook form (PVE: grows without bound)."),
    Average("jma", "moving_average", False, 1.2, "Another approximation of an average whose formula is not public."),
    Average("hwma", "moving_average", False, 0.83, "With acceleration, one bar ahead (PVE: level and speed only)."),
)  # fmt: skip
AVERAGE_OF: Mapping[str, Average] = {one.kind: one for one in AVERAGES}

GENERAL: tuple[str, ...] = (
    "A market order fills at the open of the next bar; PVE filled it at the close of the bar that decided.",
    "A limit order that the price gaps through fills at the open, which is better; a stop order too, which is worse. "
    "PVE filled both at their own price.",
    "A quantity below the venue's minimum, or a notional below it, is denied; PVE raised the quantity. Quantities "
    "round down to the lot, prices to the tick.",
    "Exits of a market entry are reduce-only: they cancel one another and cannot turn the position.",
    "On one bar, cancels and changes come before new orders, whatever order the exec wires have.",
    "Fees, spread, slippage and funding are part of the run; PVE subtracted fees afterwards.",
    "`mode` of a node (never, bypass) does not count, as in PVE.",
)
"""Differences between the two engines that hold for every graph with orders."""
