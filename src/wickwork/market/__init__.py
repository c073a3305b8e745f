"""Prices, past and made up: the store of bars, files read into it, checks, slower timeframes and a demo market."""
