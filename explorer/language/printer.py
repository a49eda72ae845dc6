"""Syntax to canonical text: one spelling for every tree, and no comment lost.

A chain that fits on its line stays there. One that does not breaks where people break it: a branch
a line, the separators in one column; then before a ``>``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from explorer.language import syntax

WIDTH = 96  # characters of a line before it breaks
_INDENT = "  "

_STRENGTH = {"or": 1, "and": 2, "<": 4, "<=": 4, ">": 4, ">=": 4, "==": 4, "!=": 4}
_STRENGTH |= {"+": 5, "-": 5, "*": 6, "/": 6, "//": 6}
_NOT, _NEGATIVE = 3, 7


def print_syntax(file: syntax.File) -> str:
    """The canonical text of a file. ``parse(print_syntax(file)) == file``."""
    lines: list[str] = []
    for statement in file.statements:
        lines += _statement(statement, "")
    lines += file.trailing
    return "\n".join(lines).strip("\n") + "\n"


# ---- statements


def _statement(statement: syntax.Statement, indent: str) -> list[str]:
    lines = [f"{indent}{note}" if note else "" for note in statement.before]
    after = f"  {statement.after}" if statement.after else ""
    if isinstance(statement, syntax.Block):
        parameters = ", ".join(_with_default(p.name, p.default) for p in statement.parameters)
        lines.append(f"{indent}block {statement.name}({parameters}):{after}")
        for inner in statement.body:
            lines += _statement(inner, indent + _INDENT)
        return lines + [f"{indent}{_INDENT}{note}" if note else "" for note in statement.below]
    text = indent + _STATEMENTS[type(statement)](statement, indent)
    return [*lines, *(text + after).split("\n")]


def _input(node: syntax.Input, indent: str) -> str:
    text = "input "
    text += f"{node.name}: " if node.name else ""
    text += f"{node.kind} " if node.kind else ""
    text += _atom(node.shape)
    text += f"  classes {_atom(node.classes)}" if node.classes else ""
    if node.width and node.rounded:
        text += f"  width {_atom(node.width)} rounded {_atom(node.rounded)}"
    return text + (f"  dtype {_atom(node.dtype)}" if node.dtype else "")


def _expect(node: syntax.Expect, indent: str) -> str:
    source = f' "{node.source}"' if node.source is not None else ""
    return f"expect {_arguments(node.counts)}{source}"


def _member(node: syntax.Member, indent: str) -> str:
    counts = f" {_expect(node.expect, indent)}" if node.expect else ""
    return f"member {node.name} {_atom(node.values)}{counts}"


def _knob(node: syntax.Knob, indent: str) -> str:
    return f"knob {_with_default(node.name, node.default)} in {_domain(node.domain)}"


def _lever(node: syntax.Lever, indent: str) -> str:
    default = f" = {node.default}" if node.default else ""
    return f"lever {node.name}{default} in {{{', '.join(node.alternatives)}}}"


def _line(node: syntax.Line, indent: str) -> str:
    label = f"{node.label}: " if node.label else ""
    return label + _chain(node.chain, len(indent) + len(label), top=True)


def _aux(node: syntax.Aux, indent: str) -> str:
    label = f"aux {node.weight.text}: "
    return label + _chain(node.chain, len(indent) + len(label), top=True)


_STATEMENTS: dict[type[syntax.Statement], Callable[[Any, str], str]] = {
    syntax.Language: lambda node, _: f"language {node.version}",
    syntax.Net: lambda node, _: (
        f"{node.kind} {node.name}" + (f' "{node.title}"' if node.title else "")
    ),
    syntax.Use: lambda node, _: f'use "{node.path}"',
    syntax.Input: _input,
    syntax.Output: lambda node, _: f"output {', '.join(node.names)}",
    syntax.Default: lambda node, _: f"default {node.op} {_arguments(node.arguments)}",
    syntax.Expect: _expect,
    syntax.Member: _member,
    syntax.Param: lambda node, _: f"param {node.name} = {expression(node.value)}",
    syntax.Knob: _knob,
    syntax.Lever: _lever,
    syntax.Require: lambda node, _: f"require {expression(node.test)}",
    syntax.Line: _line,
    syntax.Aux: _aux,
}


def _domain(domain: syntax.Span | syntax.Choices) -> str:
    if isinstance(domain, syntax.Choices):
        return "{" + ", ".join(expression(value) for value in domain.values) + "}"
    text = f"{expression(domain.low)}..{expression(domain.high)}"
    text += f" step {expression(domain.step)}" if domain.step else ""
    return text + (" log" if domain.log else "")


def _with_default(name: str, default: syntax.Expr | None) -> str:
    return f"{name} = {expression(default)}" if default else name


# ---- chains; ``column`` is where the text starts, so that broken lines can line up beneath it


def _chain(chain: syntax.Chain, column: int, top: bool = False) -> str:
    flat = " > ".join(_part(part, None) for part in chain.parts)
    if column + len(flat) <= WIDTH:
        return flat
    text, here = "", column
    for index, part in enumerate(chain.parts):
        flat = _part(part, None)
        indent = max(column - 2, 2) if top else column
        if index and _belongs_below(part, here + 3, indent + 2):
            text += "\n" + " " * indent + "> "
            here = indent + 2
        elif index:
            text += " > "
            here += 3
        piece = flat if here + len(flat) <= WIDTH else _part(part, here)
        text += piece
        here = here + len(piece) if "\n" not in piece else len(piece.rsplit("\n", 1)[1])
    return text


def _belongs_below(part: syntax.Part, here: int, below: int) -> bool:
    """Whether a part that does not fit ``here`` should begin a line of its own.

    One in brackets stays and breaks inside them, unless it fits below or has no room ``here``.
    """
    size = len(_part(part, None))
    if here + size <= WIDTH:
        return False
    breaks = isinstance(part.element, (syntax.Join, syntax.Choose, syntax.Group, syntax.Repeat))
    return not breaks or below + size <= WIDTH or here > WIDTH // 2


def _part(part: syntax.Part, column: int | None) -> str:
    text = _ELEMENTS[type(part.element)](part.element, column)
    return f"{text} as {part.alias}" if part.alias else text


def _inside(chain: syntax.Chain, column: int | None, lead: str) -> str:
    """``lead`` and the chain behind it, broken when a column is given."""
    if column is None:
        return lead + " > ".join(_part(part, None) for part in chain.parts)
    return lead + _chain(chain, column + len(lead))


def _apply(node: syntax.Apply, column: int | None) -> str:
    return f"{node.name} {_arguments(node.arguments)}" if node.arguments else node.name


def _call(node: syntax.Call, column: int | None) -> str:
    return f"{node.name}({_items(node.items)})"


def _group(node: syntax.Group, column: int | None) -> str:
    return _inside(node.chain, column, "(") + ")"


def _repeat(node: syntax.Repeat, column: int | None) -> str:
    counter = f" as {node.counter}" if node.counter else ""
    head = f"repeat {_atom(node.count)}{' each' if node.each else ''}{counter} ("
    return _inside(node.chain, column, head) + ")"


def _conditional(node: syntax.Conditional, column: int | None) -> str:
    text = _inside(node.then, column, f"if ({expression(node.test)}) (") + ")"
    if node.otherwise is None:
        return text
    here = None if column is None else column + len(text.rsplit("\n", 1)[-1])
    return text + _inside(node.otherwise, here, " else (") + ")"


def _choose(node: syntax.Choose, column: int | None) -> str:
    head = f"choose {node.lever} "
    here = None if column is None else column + len(head) + 2
    options = [_inside(option.chain, here, f"{option.name}: ") for option in node.options]
    return head + _bracket("{", "|", "}", options, here)


def _join(node: syntax.Join, column: int | None) -> str:
    here = None if column is None else column + 2
    branches = []
    for branch in node.branches:
        text = _inside(branch.chain, here, "")
        branches.append(f"{text} when ({expression(branch.when)})" if branch.when else text)
    return _bracket("[", node.kind, "]", branches, here)


def _splat(node: syntax.Splat, column: int | None) -> str:
    here = None if column is None else column + 3
    return f"[{node.kind} {_repeat(node.repeat, here)} ]"


def _bracket(open_: str, sign: str, close: str, texts: list[str], here: int | None) -> str:
    if here is None:
        return f"{open_} {f' {sign} '.join(texts)} {close}"
    margin = "\n" + " " * (here - 2)
    return f"{open_} {f'{margin}{sign} '.join(texts)} {close}"


_ELEMENTS: dict[type[syntax.Located], Callable[[Any, int | None], str]] = {
    syntax.Apply: _apply,
    syntax.Call: _call,
    syntax.Group: _group,
    syntax.Repeat: _repeat,
    syntax.Conditional: _conditional,
    syntax.Choose: _choose,
    syntax.Join: _join,
    syntax.Splat: _splat,
}


# ---- arguments and expressions


def _arguments(arguments: tuple[syntax.Argument, ...]) -> str:
    return " ".join(_argument(argument) for argument in arguments)


def _argument(argument: syntax.Argument) -> str:
    if isinstance(argument, syntax.Named):
        return f"{argument.name}={_atom(argument.value)}"
    over = f"/{_atom(argument.over)}" if argument.over else ""
    return _atom(argument.value) + over


def _items(items: tuple[syntax.Item, ...]) -> str:
    return ", ".join(
        f"{item.name}={expression(item.value)}" if item.name else expression(item.value)
        for item in items
    )


def _atom(value: syntax.Expr) -> str:
    simple = isinstance(value, (syntax.Number, syntax.Name, syntax.Dims, syntax.Tuple))
    return expression(value) if simple else f"({expression(value)})"


def expression(value: syntax.Expr, strength: int = 0) -> str:
    """The text of an expression, in parentheses where it binds less than ``strength``."""
    match value:
        case syntax.Number(text=text):
            return text
        case syntax.Name(name=name):
            return name
        case syntax.Dims(sizes=sizes):
            return "x".join(str(size) for size in sizes)
        case syntax.Tuple(items=items):
            return f"({_items(items)})"
        case syntax.Function(name=name, arguments=arguments):
            return f"{name}({', '.join(expression(argument) for argument in arguments)})"
        case syntax.Unary(op=op, operand=operand):
            mine = _NEGATIVE if op == "-" else _NOT
            text = (
                f"-{expression(operand, mine)}" if op == "-" else f"not {expression(operand, mine)}"
            )
        case syntax.Binary(op=op, left=left, right=right):
            mine = _STRENGTH[op]
            lean = mine + 1 if mine == _STRENGTH["=="] else mine  # comparisons do not chain
            sign = op if op in "*///" else f" {op} "
            text = expression(left, lean) + sign + expression(right, mine + 1)
    return f"({text})" if mine < strength else text
