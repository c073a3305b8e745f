"""The interfaces of other platforms, over the strategies and the engine of Wickwork."""
