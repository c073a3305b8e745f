"""From intent to order, and from fill to money.

records   the state of account, instruments and orders, as flat records
outputs   what a run writes down, as flat records
frame     the one record through which compiled code reads a run
table     the order table of one instrument, and its trigger band
submit    order intents are carried out, or denied with a reason
placing   an intent becomes an order, or a ladder of them
modify    a modification takes effect
fills     apply_fill: what a fill changes, whether a simulator decided it or an exchange reported it
reports   the same for what an exchange reports besides fills: triggers, ends, changes
brackets  the legs of an entry, and one-cancels-other groups
account   a fill becomes money
margin    funds that an order needs, margin that positions hold, liquidation prices
levels    prices of legs and trailing stops
targets   several take profits of one entry, each with a share
states    the state of an order as one of nine words
grid      limit orders kept working at levels around a centre
order_state  what nodes read of orders
own_bars  `good_for` where the bars of a strategy are slower than those of the run

Everything but `reports` and `states` is plain Python over numbers and records, compiled by `wickwork.graph.native`;
these two run uncompiled, since reports are few.
"""
