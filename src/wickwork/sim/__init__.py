"""The simulated venue: orders, fills and money, by the rules of docs/matching.md.

records   what is remembered, as flat records         table   the order table and its quiet band
costs     prices and fees of a fill                    book    a fill becomes money
fill      cuts, legs, one-cancels-other                match   one bar against the orders of one instrument
obey      intents become orders                        value   the account over a run of bars
scan      the next bar on which anything can happen    loop    history, event by event

Everything here is plain Python over numbers and records, compiled by `wickwork.graph.native`.
"""
