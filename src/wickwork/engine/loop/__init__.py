"""The event loop over history, compiled; called for one bar at a time it is the loop of a paper or live run.

history     blocks of bars, event by event
next_event  the next bar on which anything can happen to an instrument
idle        how long no price leaves the trigger band
steps       what happens to an instrument on a bar: matching, then decisions
valuation   equity over the bars between events
repeat      the same program over and over with other numbers, for sweeps
"""
