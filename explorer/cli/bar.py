"""A bar for work whose parts are counted."""

from __future__ import annotations


class Bar:
    """On a terminal, how many parts of some work are done; elsewhere nothing."""

    def __init__(self, what: str) -> None:
        from rich.console import Console
        from rich.progress import Progress

        console = Console(stderr=True)
        self.bar = Progress(console=console, transient=True, disable=not console.is_terminal)
        self.task = self.bar.add_task(what)

    def __enter__(self) -> Bar:
        self.bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.bar.stop()

    def show(self, done: int, of: int) -> None:
        self.bar.update(self.task, completed=done, total=of)
