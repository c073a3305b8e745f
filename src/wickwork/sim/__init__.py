"""What a venue decides, simulated by the rules of docs/matching.md.

terms     every assumption about money
match     one bar against the orders of one instrument
trailing  where a trailing stop can be within a bar
fill      price and quantity of a fill
costs     spread and slippage
tiers     maintenance margin by tiers of the notional

Everything but `terms` and `tiers` is plain Python over numbers and records, compiled by `wickwork.graph.native`.
"""
