"""Plain values that all other packages use: instrument, timeframe, bars, orders, errors.

Nothing here reads files, waits or decides.
"""
