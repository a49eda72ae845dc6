"""Hand the comments of a text to the statements that they belong to."""

from __future__ import annotations

import re
from dataclasses import replace

from explorer.language.syntax import Block, File, Statement

_CODE = re.compile(r'((?:[^"#]|"[^"]*")*)(#.*)?')


class Comments:
    """The comments and blank lines of a text, handed out in the order of its lines."""

    def __init__(self, text: str) -> None:
        lines = text.removesuffix("\n").split("\n")
        self._lines = [_split(line) for line in lines]
        self._indented = [line[:1].isspace() for line in lines]
        self._next = 0

    def attach(self, file: File) -> File:
        """The same file with every comment on the statement it stands before, in or behind."""
        statements = tuple(self._statement(statement) for statement in file.statements)
        return replace(file, statements=statements, trailing=self._before(len(self._lines) + 1))

    def _statement(self, statement: Statement) -> Statement:
        if statement.place is None:
            return statement
        first, last = statement.place.line, _last_line(statement)
        before = self._before(first)
        after = self._lines[first - 1][1] if isinstance(statement, Block) else None
        if isinstance(statement, Block):
            self._next = first
            body = tuple(self._statement(inner) for inner in statement.body)
            below = self._below()
            return replace(statement, before=before, after=after, body=body, below=below)
        # A comment on an inner line of a long statement has no line of its own once the statement
        # is laid out anew: it moves to the front, which keeps it and its order.
        inside = [note for _, note in self._lines[first - 1 : last - 1] if note]
        after = self._lines[last - 1][1]
        self._next = last
        return replace(statement, before=before + tuple(inside), after=after)

    def _below(self) -> tuple[str, ...]:
        """The comments below the lines of a block that are indented as those are."""
        end = self._next
        for index in range(self._next, len(self._lines)):
            code, note = self._lines[index]
            if code or (note is not None and not self._indented[index]):
                break
            end = index + 1 if note is not None else end
        found = self._before(end + 1)
        self._next = end
        return found

    def _before(self, line: int) -> tuple[str, ...]:
        """Comment lines (and single blank lines) up to ``line``, which itself is left."""
        found: list[str] = []
        for code, note in self._lines[self._next : line - 1]:
            blank = not code and note is None
            if note is not None or (blank and (found or self._next) and found[-1:] != [""]):
                found.append(note or "")
        at_end = line > len(self._lines)
        while at_end and found and not found[-1]:
            found.pop()
        return tuple(found)


def _split(line: str) -> tuple[str, str | None]:
    match = _CODE.match(line)
    code, note = (match[1], match[2]) if match else (line, None)
    return code.strip(), note.rstrip() if note else None


def _last_line(statement: Statement) -> int:
    assert statement.place is not None
    return statement.place.last_line
