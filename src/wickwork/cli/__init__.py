"""The command line, `wick`: each verb asks the rooms below and shows the answer; nothing here knows about trading."""

from wickwork.cli.app import main

__all__ = ["main"]
