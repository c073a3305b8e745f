"""From settings and options to what runs: strategies, bars, and the terms of the venue."""
