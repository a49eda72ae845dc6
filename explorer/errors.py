"""The one family of errors that a user can put right.

Everything the tool refuses is an :class:`ExplorerError`: one line that says where, what was found
and what is allowed. The command line catches this family and nothing else, so any other exception
is a bug of ours and keeps its traceback.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Place:
    """A span of a text, which starts in ``line``. Lines and columns count from 1.

    ``width`` counts the characters of the span inside its first line, ``text`` is that line.
    """

    file: str
    line: int
    column: int
    width: int
    text: str
    last_line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"

    def caret(self) -> str:
        """The source line, and beneath it a caret under every character of the span."""
        source = "".join(sign if sign.isprintable() else " " for sign in self.text)
        marks = "^" * max(1, min(self.width, len(source) - self.column + 1))
        return f"    {source}\n    {' ' * (self.column - 1)}{marks}"

    def at(self, word: str) -> Place:
        """The first place of a word in the span's first line; the whole span if it is not there."""
        begin = self.column - 1
        found = re.search(rf"\b{re.escape(word)}\b", self.text[begin : begin + self.width])
        if found is None:
            return self
        column = self.column + found.start()
        return replace(self, column=column, width=len(word), last_line=self.line)


class ExplorerError(Exception):
    """The user's input is wrong.

    Args:
        message: one line: what was found and what is allowed.
        place: where in which text, when the error lies in one.
        calls: the chain of block calls that led there, innermost first.
    """

    def __init__(
        self, message: str, place: Place | None = None, calls: tuple[Place, ...] = ()
    ) -> None:
        super().__init__(message)
        self.message = _printable(message)
        self.place = place
        self.calls = calls

    def __str__(self) -> str:
        if self.place is None:
            return self.message
        lines = [f"{self.place}: {self.message}", self.place.caret()]
        lines += [f"  called from {call}\n{call.caret()}" for call in self.calls]
        return "\n".join(lines)


def _printable(message: str) -> str:
    """The message on one line, and no endless one, whatever the user's own words bring into it."""
    told = message if len(message) <= _LONGEST else f"{message[: _LONGEST - 4]} ..."
    return "".join(c if c.isprintable() else f"<U+{ord(c):04X}>" for c in told)


_LONGEST = 2_000


class UnknownTextError(ExplorerError):
    """No text is called ``name``: neither a file nor one of the ``shipped`` nets and spaces."""

    def __init__(self, name: str, shipped: Sequence[str], hint: str) -> None:
        super().__init__(f"no file and no shipped net or space is called '{name}'{hint}")
        self.name = name
        self.shipped = shipped


class UsageError(ExplorerError):
    """Options that do not go together; the exit code is 2, as for an unknown option."""


class TextError(ExplorerError):
    """A text that is not in the language."""


class NetError(ExplorerError):
    """A text in the language that describes no network: names, shapes, counts, domains."""


class BudgetError(ExplorerError):
    """A budget that is malformed, or that nothing in the space can meet."""


class DataError(ExplorerError):
    """Data that cannot be read, or that is not what it should be."""


class StudyError(ExplorerError):
    """A study that cannot be opened, continued, or written."""
