"""Take any text as far as it goes, and say what went wrong but for a mistake that is told."""

from __future__ import annotations

import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from pathlib import Path
from random import Random
from unittest.mock import patch

from explorer.cost import count
from explorer.errors import ExplorerError
from explorer.graph import fingerprint, lint
from explorer.language import parse, print_syntax
from explorer.space import bind, elaborate
from explorer.space.extent import depth, size_in_words
from explorer.space.library import shipped
from explorer.space.members import members
from tests.properties.texts import a_net, a_space
from tests.soak.mutate import mutated

ROOT = Path(__file__).parent.parent.parent
SECONDS = 2.0
ELEMENTS = 20_000  # of a space: fewer than a text may ask for, so that it takes no longer
_SMALL = 6_000  # characters of a text to begin with
_ELABORATE = import_module("explorer.space.elaborate")


@cache
def beginnings() -> list[str]:
    """What is edited: shipped texts, the documentation's examples, texts drawn at random."""
    texts = [path.read_text("utf-8") for path in shipped().values()]
    pages = [*sorted((ROOT / "docs").glob("*.md")), ROOT / "README.md"]
    fence = re.compile(r"^```(?:net|space)\n(.*?)^```$", re.M | re.S)
    texts += [body for page in pages for body in fence.findall(page.read_text("utf-8"))]
    texts += [str((a_space if seed % 2 else a_net)(Random(seed))) for seed in range(60)]
    return [text for text in texts if len(text) < _SMALL]


def input_of(seed: object, number: int) -> str:
    """The text with this number in the series that a seed begins."""
    return mutated(beginnings(), Random(f"{seed}:{number}"))


class TooSlowError(BaseException):
    """Nothing of ours may catch it."""


@contextmanager
def in_time(seconds: float) -> Iterator[None]:
    """Processor time, so that a busy machine makes no failures."""

    def stop(*_: object) -> None:
        raise TooSlowError

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def failure(text: str, seconds: float = SECONDS) -> str | None:
    """What goes wrong with a text; None when it means something or is refused as it should be."""
    try:
        with patch.object(_ELABORATE, "MAX_ELEMENTS", ELEMENTS), in_time(seconds):
            follow(text)
    except ExplorerError as error:
        return _told_badly(text, error)
    except TooSlowError:
        return f"more than {seconds} s"
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        return f"{type(error).__name__}: {error}"[:300]
    return None


def follow(text: str) -> bool:
    """Everything that is done with a text before anything is built.

    Raises:
        ExplorerError: the text is refused.
    """
    file = parse(text, "mutated.net")
    printed = print_syntax(file)
    assert parse(printed) == file, "printing changed the text"
    assert print_syntax(parse(printed)) == printed, "printing is not idempotent"
    members(file)
    space = elaborate(file)
    size_in_words(space), depth(space)
    graph = bind(space, heads=True).graph
    assert lint(graph) == [], lint(graph)[0]
    count(graph), fingerprint(graph)
    return True


def _told_badly(text: str, error: ExplorerError) -> str | None:
    """What is wrong with an error: its message, or its place."""
    message, place = error.message, error.place
    if not message.strip() or len(message.splitlines()) != 1 or not message.isprintable():
        return f"a message that is not one line: {message!r}"
    if len(message) > 2000:
        return f"a message of {len(message)} characters"
    if place is None:
        return None
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if not 1 <= place.line <= len(lines):
        return f"{message}: line {place.line} of {len(lines)}"
    if not 1 <= place.column <= len(lines[place.line - 1]) + 1:
        return f"{message}: column {place.column} of a line of {len(lines[place.line - 1])}"
    str(error)
    return None
