"""The simulated venue: orders, fills and money, by the rules of docs/matching.md.

terms     every assumption about money                 records  what is remembered, as flat records
table     the order table and its quiet band           costs    prices and fees of a fill
book      a fill becomes money                         fill     cuts, legs, one-cancels-other
obey      intents become orders                        modify   a modification takes effect
match     one bar against the orders of one instrument
steps     the venue's turn and the strategy's turn on a bar
grid      limit orders kept working at levels around a centre
scan      the next bar on which anything can happen
quiet     how long nothing happens
value     the account over a run of bars
frame     the one record through which compiled code sees a run
loop      history, event by event
repeat    the same program again and again with other numbers

Everything here is plain Python over numbers and records, compiled by `wickwork.graph.native`.
"""
