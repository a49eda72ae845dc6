"""A closed net as a person would have written it: no block for what is called once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from explorer.language import syntax
from explorer.language.syntax import Apply, Block, Call, Chain, Line, Part
from explorer.space.trees import chain_of, inside, names, rewritten, spliced, substituted

Statements = tuple[syntax.Statement, ...]


def tidy(file: syntax.File) -> syntax.File:
    """The same net; blocks that are called once, or that hold one op, stand where they are called.

    The blocks that are left are numbered without gaps, and set apart by blank lines.
    """
    statements = _called(file.statements)
    for block in [] if _looks_back(statements) else _blocks(statements):
        current = next(b for b in _blocks(statements) if b.name == block.name)
        is_rare = len(_calls(statements, current.name)) == 1 or _is_short(current)
        if is_rare and _is_simple(current) and _is_free(current, statements):
            statements = _inlined(statements, current)
    return replace(file, statements=_spaced(_renamed(statements)))


def _looks_back(statements: Statements) -> bool:
    """Whether something asks which call came before it."""
    return any(isinstance(v, Apply) and v.name == "before" for v in inside(statements))


def _blocks(statements: Iterable[syntax.Statement]) -> list[Block]:
    return [statement for statement in statements if isinstance(statement, Block)]


def _calls(statements: Statements, name: str) -> list[Call]:
    return [call for call in inside(statements) if isinstance(call, Call) and call.name == name]


def _called(statements: Statements) -> Statements:
    """The statements without blocks that nothing calls."""
    idle = [b.name for b in _blocks(statements) if not _calls(statements, b.name)]
    if not idle:
        return statements
    return _called(tuple(s for s in statements if not (isinstance(s, Block) and s.name in idle)))


# ---- inlining


def _is_simple(block: Block) -> bool:
    """Whether a block is one chain without names of its own, which means the same anywhere."""
    line = block.body[0]
    if len(block.body) > 1 or not isinstance(line, Line) or line.label:
        return False
    return "channels" not in names(line) and not any(_is_bound(value) for value in inside(line))


def _is_bound(value: object) -> bool:
    """Whether a piece of a chain gives a name, or asks for what enters its block."""
    match value:
        case Part(alias=str()) | syntax.Repeat(counter=str()) | Apply(name="input"):
            return True
    return False


def _is_free(block: Block, statements: Statements) -> bool:
    """Whether what a block reads from the top means the same wherever it is called."""
    inner = inside(tuple(_blocks(statements)))
    taken = {v.name for v in inner if isinstance(v, (syntax.Parameter, syntax.Param))}
    taken |= {v.counter for v in inside(statements) if isinstance(v, syntax.Repeat) and v.counter}
    own = {parameter.name for parameter in block.parameters}
    return not taken & (names(block.body).keys() - own)


def _is_short(block: Block) -> bool:
    lines = [s for s in block.body if isinstance(s, Line)]
    return [type(part.element) for line in lines for part in line.chain.parts] == [Apply]


def _inlined(statements: Statements, block: Block) -> Statements:
    """The statements with a block's chain in place of its calls."""
    (line,) = block.body
    assert isinstance(line, Line)
    source, parameters = line.chain, [parameter.name for parameter in block.parameters]

    def change(node: Any) -> Any:
        if not isinstance(node, Chain):
            return node
        parts: list[Part] = []
        for part in node.parts:
            if isinstance(part.element, Call) and part.element.name == block.name:
                passed = [item.value for item in part.element.items]
                chain = substituted(source, dict(zip(parameters, passed, strict=True)))
                parts += spliced(parts, _named(chain, part.alias))
            else:
                parts.append(part)
        return chain_of(parts)

    found: Statements = rewritten(statements, change)
    return tuple(s for s in found if not (isinstance(s, Block) and s.name == block.name))


def _named(chain: Chain, alias: str | None) -> Sequence[Part]:
    """The parts of a chain; as one, where an alias names it."""
    if alias is None:
        return chain.parts
    alone = len(chain.parts) == 1
    return [Part(chain.parts[0].element if alone else syntax.Group(chain), alias)]


# ---- names and blank lines


def _renamed(statements: Statements) -> Statements:
    """The blocks numbered without gaps: ``inception``, ``inception_2``."""
    found: dict[str, list[str]] = {}
    for block in _blocks(statements):
        base, _, number = block.name.rpartition("_")
        family = found.setdefault(base if base and number.isdigit() else block.name, [])
        family.insert(0 if not block.before else len(family), block.name)  # the default form first
    new = {
        name: f"{base}_{index}" if index > 1 else base
        for base, same in found.items()
        for index, name in enumerate(same, 1)
    }

    def change(node: Any) -> Any:
        return replace(node, name=new[node.name]) if isinstance(node, (Block, Call)) else node

    place = {name: index for index, name in enumerate(new.values())}
    renamed: Statements = rewritten(statements, change)
    blocks = sorted(_blocks(renamed), key=lambda block: place[block.name])
    first = next((i for i, s in enumerate(renamed) if isinstance(s, Block)), len(renamed))
    return (*renamed[:first], *blocks, *(s for s in renamed[first:] if not isinstance(s, Block)))


def _spaced(statements: Statements) -> Statements:
    """A blank line before every block, and before the first line."""
    first = next((s for s in statements if isinstance(s, Line)), None)
    return tuple(
        replace(s, before=("", *(note for note in s.before if note)))
        if isinstance(s, Block) or s is first
        else s
        for s in statements
    )
