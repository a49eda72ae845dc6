"""Blocks of other files: ``use "blocks/stems.net"`` brings them in, before anything has a meaning.

Only blocks come, and only those that are called; ops in them follow the defaults of the net that
uses them. The result is one text that depends on no other file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from explorer.errors import NetError
from explorer.language import syntax
from explorer.space.trees import inside

MAX_DEPTH = 10  # files that use files

# The syntax of the file that a path means, seen from another file; refuses what it cannot read.
Read = Callable[[syntax.Use, str], syntax.File]


def include(file: syntax.File, read: Read) -> syntax.File:
    """The file with the blocks that it uses in the place of its ``use`` statements.

    Raises:
        NetError: a file that uses itself, a block that is there twice, what ``read`` refuses.
    """
    if not any(isinstance(statement, syntax.Use) for statement in file.statements):
        return file
    used = _used(file, read, (file.name,))
    wanted = _reachable(file.statements, used)
    statements: list[syntax.Statement] = []
    for statement in file.statements:
        if not isinstance(statement, syntax.Use):
            statements.append(statement)
    first = next(i for i, s in enumerate(file.statements) if isinstance(s, syntax.Use))
    blocks = [_spaced(block) for name, block in used.items() if name in wanted]
    return replace(file, statements=(*statements[:first], *blocks, *statements[first:]))


def _used(file: syntax.File, read: Read, chain: tuple[str, ...]) -> dict[str, syntax.Block]:
    """The blocks of all files that a file uses, by name."""
    found: dict[str, syntax.Block] = {}
    for use in file.statements:
        if not isinstance(use, syntax.Use):
            continue
        for block in _blocks(use, file.name, read, chain):
            if found.setdefault(block.name, block) != block:
                other = found[block.name].place
                where = f" and in {other.file}" if other else ""
                raise NetError(f"'{block.name}' is declared in {use.path}{where}", use.place)
    return found


def _blocks(
    use: syntax.Use, file: str, read: Read, chain: tuple[str, ...]
) -> Iterator[syntax.Block]:
    """The blocks of one used file, and of the files that it uses itself."""
    other = read(use, file)
    if other.name in chain:
        raise NetError(f"a file cannot use itself: {' > '.join([*chain, other.name])}", use.place)
    if len(chain) > MAX_DEPTH:
        raise NetError(f"files use files deeper than {MAX_DEPTH}", use.place)
    yield from _used(other, read, (*chain, other.name)).values()
    yield from (s for s in other.statements if isinstance(s, syntax.Block))


def _reachable(
    statements: tuple[syntax.Statement, ...], blocks: dict[str, syntax.Block]
) -> set[str]:
    """The used blocks that the statements call, directly or through each other.

    Raises:
        NetError: one of them calls a block of its file by a name that the statements declare too.
    """
    own = {s.name: s for s in statements if isinstance(s, syntax.Block)}
    wanted: set[str] = set()
    waiting = _calls(statements) - own.keys()
    while waiting:
        name = waiting.pop()
        if name in blocks and name not in wanted:
            wanted.add(name)
            called = _calls(blocks[name])
            for taken in sorted(called & own.keys() & blocks.keys()):
                message = (
                    f"'{taken}' is declared here too, and '{name}' of a used file calls its own"
                )
                raise NetError(message, own[taken].place)
            waiting |= called
    return wanted


def _calls(node: object) -> set[str]:
    return {found.name for found in inside(node) if isinstance(found, syntax.Call)}


def _spaced(block: syntax.Block) -> syntax.Block:
    return replace(block, before=("", *(note for note in block.before if note)))
