"""The simulated venue with the protocol of every venue: it takes commands, matches bars, and reports.

exchange   orders, positions and money as the venue has them
sequence   what happened within the bars of one time, in its order
venue      the venue of a run: the exchange, and the statement of what was sent to it
"""
