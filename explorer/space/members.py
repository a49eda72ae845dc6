"""Families: ``member b7 (width=2, depth=3.1)`` names one net of a text with its own numbers.

A member is the same text with other values of its params and other defaults of its choices, so it
is made on syntax, before anything has a meaning.
"""

from __future__ import annotations

from dataclasses import replace

from explorer.errors import ExplorerError, NetError
from explorer.language import syntax
from explorer.language.printer import expression as show
from explorer.space.names import suggestion, twice

Varying = syntax.Param | syntax.Knob | syntax.Lever


def members(file: syntax.File) -> dict[str, syntax.Member]:
    """The members of a text, by name.

    Raises:
        NetError: two of one name, or a value for a name that the text does not declare.
    """
    found: dict[str, syntax.Member] = {}
    known = [s.name for s in file.statements if isinstance(s, Varying)]
    for statement in file.statements:
        if isinstance(statement, syntax.Member):
            if statement.name in found:
                raise twice(statement.name, statement.place, found[statement.name].place)
            _check_values(statement, known)
            found[statement.name] = statement
    return found


def _check_values(member: syntax.Member, known: list[str]) -> None:
    given: set[str] = set()
    for item in member.values.items:
        if item.name is None:
            raise NetError("a member names its values, as in: (width=2, depth=3)", item.place)
        if item.name in given:
            raise NetError(f"'{item.name}' is given twice", item.place)
        if item.name not in known:
            hint = suggestion(item.name, known)
            message = f"no param, knob or lever at the top is called '{item.name}'{hint}"
            raise NetError(message, item.place)
        given.add(item.name)


def select(file: syntax.File, name: str) -> syntax.File:
    """The text of one member, without the others.

    Raises:
        ExplorerError: no member has this name.
    """
    known = members(file)
    if name not in known:
        names = ", ".join(known) or "none"
        hint = suggestion(name, list(known))
        raise ExplorerError(f"{file.name}: no member is called '{name}'{hint} (it has: {names})")
    member = known[name]
    values = {item.name: item.value for item in member.values.items if item.name}
    statements: list[syntax.Statement] = []
    for statement in file.statements:
        if isinstance(statement, syntax.Expect | syntax.Member):
            continue
        statements.append(_with_value(statement, values, name))
    if member.expect is not None:
        statements.insert(_behind_head(statements), member.expect)
    return replace(file, statements=tuple(statements))


def _with_value(
    statement: syntax.Statement, values: dict[str, syntax.Expr], member: str
) -> syntax.Statement:
    match statement:
        case syntax.Net(name=net):
            return replace(statement, name=member if net in member else f"{net}_{member}")
        case syntax.Param(name=name) if name in values:
            return replace(statement, value=values[name])
        case syntax.Knob(name=name) if name in values:
            return replace(statement, default=values[name])
        case syntax.Lever(name=name) if name in values:
            return replace(statement, default=_word(values[name]))
    return statement


def _word(value: syntax.Expr) -> str:
    if not isinstance(value, syntax.Name):
        raise NetError(f"a lever takes one of its alternatives, got {show(value)}", value.place)
    return value.name


def _behind_head(statements: list[syntax.Statement]) -> int:
    """The position behind the last statement of the head."""
    head = (syntax.Net, syntax.Input, syntax.Default, syntax.Param)
    return 1 + max((i for i, s in enumerate(statements) if isinstance(s, head)), default=-1)
