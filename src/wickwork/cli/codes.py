"""The exit codes of `wick`."""

FINE, FAULTY, WRONG_INPUT, INTERNAL_ERROR = 0, 1, 2, 3
INTERRUPTED = 130
