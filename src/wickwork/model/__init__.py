"""The words of the house: instrument, timeframe, bars, order, errors.

Plain values; nothing here reads, waits or decides.
"""
