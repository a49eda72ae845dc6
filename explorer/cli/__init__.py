"""The command line: one file a verb, and the one place that prints our errors."""

from explorer.cli.main import main

__all__ = ["main"]
