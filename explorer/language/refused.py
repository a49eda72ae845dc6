"""What the parser stumbles on, as an error that says where and what is meant instead."""

from __future__ import annotations

from dataclasses import replace

from lark import Lark
from lark.exceptions import UnexpectedInput, UnexpectedToken

from explorer.errors import Place, TextError
from explorer.language.brackets import complaint
from explorer.language.mistakes import explain, spelled

_ENDS = ("$END", "_DEDENT")  # tokens that stand where the text ends


def refused(error: UnexpectedInput, parser: Lark, file: str, lines: list[str]) -> TextError:
    """The error of ours for one of the parser's: what was found where, and what is meant."""
    place = _place(error, file, lines)
    at_end = isinstance(error, UnexpectedToken) and error.token.type in _ENDS
    bracket = complaint(lines, place.line, place.column, at_end)
    if bracket is not None:
        message, line, column = bracket
        return TextError(message, Place(file, line, column, 1, lines[line - 1], line))
    foreign = spelled(place.text, place.column)
    if foreign is not None:
        message, column, width = foreign
        return TextError(message, replace(place, column=column, width=width))
    if not isinstance(error, UnexpectedToken):
        found = place.text[place.column - 1 : place.column]
        shown = f"'{found}'" if found.isprintable() else f"U+{ord(found):04X}"
        return TextError(f"the character {shown} has no meaning here", place)
    return TextError(explain(error, parser), place)


def _place(error: UnexpectedInput, file: str, lines: list[str]) -> Place:
    line, column, width = error.line, error.column, 1
    if isinstance(error, UnexpectedToken):
        token = error.token
        width = len(token.strip()) or 1
        if token.type in _ENDS:
            line, column = len(lines), len(lines[-1]) + 1
        elif token.type == "_INDENT":
            line, column, width = token.end_line or line, 1, len(token)
    return Place(file, line, column, width, lines[line - 1], line)
