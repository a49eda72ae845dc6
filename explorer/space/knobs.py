"""What may be chosen: knobs are numbers on a grid, levers are named alternatives."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from fractions import Fraction
from itertools import pairwise
from typing import Any

from explorer.errors import NetError, Place
from explorer.space.expression import Value, exact


@dataclass(frozen=True, slots=True)
class Knob:
    """A numeric choice. ``values`` are ordered, ``path`` is ``i3a.n1`` or ``rest[2].n1``."""

    path: str
    values: tuple[Value, ...]
    default: Value
    log: bool = False
    place: Place | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Lever:
    """A choice between alternatives."""

    path: str
    values: tuple[str, ...]
    default: str
    place: Place | None = field(default=None, compare=False)


Choice = Knob | Lever
Assignment = Mapping[str, Any]


def read_value(choice: Choice, text: object) -> Value | str:
    """The value that ``text`` (a word, a number, ``"5/4"``) means for this choice.

    Raises:
        NetError: it is not one of the choice's values.
    """
    if isinstance(choice, Lever):
        if text in choice.values:
            return str(text)
    elif type(text) in (int, Fraction) and text in choice.values:
        return text  # type: ignore[return-value]
    else:
        try:
            number = exact(read_number(str(text)))
        except (ValueError, ZeroDivisionError):
            number = None
        if number is not None and number in choice.values:
            return number
    raise NetError(f"{choice.path} = {text} is not allowed; {allowed(choice)}")


def read_number(text: str) -> Fraction:
    """An exact number: ``8``, ``0.25``, ``5/4``, ``1e-3``.

    Raises:
        ValueError: it is none, or one so long that nobody means it.
        ZeroDivisionError: ``1/0``.
    """
    if len(text) > _LONGEST or re.search(r"[eE][+-]?\d{3}", text):
        raise ValueError(f"'{text[:_LONGEST]}' is too long a number")
    return Fraction(text)


_LONGEST = 40  # characters


def allowed(choice: Choice) -> str:
    """The domain of a choice in words."""
    values = [str(value) for value in choice.values]
    if len(values) > 12:
        values = [*values[:5], "...", *values[-2:]]
    return f"allowed: {', '.join(values)}"


def write_value(value: Any) -> int | str:
    """A value as JSON holds it: fractions as exact text."""
    return str(value) if isinstance(value, (Fraction, str)) else int(value)


def describe(choice: Choice) -> str:
    """A domain as the language writes it: ``8..64 step 8``, ``{1, 2, 4}``."""
    values = choice.values
    if isinstance(choice, Knob) and len(values) > 2:
        steps = {Fraction(b) - Fraction(a) for a, b in pairwise(choice.values)}
        if len(steps) == 1:
            step = steps.pop()
            return f"{values[0]}..{values[-1]}" + (f" step {step}" if step != 1 else "")
    return "{" + ", ".join(map(str, values)) + "}"


def write_assignment(choices: Mapping[str, Choice], assignment: Assignment) -> str:
    """An assignment as text: a line ``path = value`` for every choice, its domain behind ``#``."""
    lines = [f"{path} = {write_value(assignment[path])}" for path in choices]
    width = max(map(len, lines), default=0)
    notes = [f"# in {describe(choice)}" for choice in choices.values()]
    return "".join(f"{line:<{width}}  {note}\n" for line, note in zip(lines, notes, strict=True))


def read_assignment(text: str) -> dict[str, str]:
    """The values in the text of an assignment; what stands behind ``#`` is left out.

    Raises:
        NetError: a line that is not ``path = value``, or a path twice.
    """
    found: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        content = line.partition("#")[0].strip()
        path, equals, value = (part.strip() for part in content.partition("="))
        if not content:
            continue
        if not (path and equals and value) or path in found:
            problem = "is given twice" if path in found else "is not 'path = value'"
            raise NetError(f"line {number}: '{content[:60]}' {problem}")
        found[path] = value
    return found


def complete(choices: Mapping[str, Choice], given: Assignment) -> dict[str, Value | str]:
    """A full assignment: what is given, checked against the domains, and defaults for the rest.

    Raises:
        NetError: a name that is no choice of the space, or a value outside its domain.
    """
    for path in given:
        if path not in choices:
            close = get_close_matches(path, choices, n=1)
            hint = f"; did you mean '{close[0]}'?" if close else ""
            raise NetError(f"the space has no knob or lever '{path}'{hint}")
    return {
        path: read_value(choice, given[path]) if path in given else choice.default
        for path, choice in choices.items()
    }
