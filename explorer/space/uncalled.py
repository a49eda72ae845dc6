"""Blocks that no line reaches: nobody inlines them, so they are read as they are written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from explorer.errors import NetError, Place
from explorer.language import syntax
from explorer.ops import OPS
from explorer.space.trees import inside
from explorer.space.unknown import unknown_block, unknown_element

Blocks = Mapping[str, syntax.Block]


def check_blocks(file: syntax.File, called: set[str]) -> None:
    """Refuse blocks that contain themselves or what is not there.

    Args:
        file: the whole text.
        called: the blocks that were inlined somewhere, which says all of this about them.

    Raises:
        NetError: at the first name that is wrong.
    """
    blocks = {s.name: s for s in file.statements if isinstance(s, syntax.Block)}
    values = {s.label for s in file.statements if isinstance(s, syntax.Line) and s.label}
    values |= {s.name for s in file.statements if isinstance(s, syntax.Input) and s.name}
    done = set(called)
    for name in blocks:
        _check_cycle((name,), blocks, done)
    for name, block in blocks.items():
        if name not in called:
            _check_names(block, blocks, values)


def _check_cycle(chain: tuple[str, ...], blocks: Blocks, done: set[str]) -> None:
    """Follow the calls of the last block of a chain; ``done`` are those that end well."""
    for call in _calls(blocks[chain[-1]]):
        if call.name in done:
            continue
        if call.name in chain:
            cycle = " > ".join([*chain[chain.index(call.name) :], call.name])
            raise NetError(f"a block cannot contain itself: {cycle}", _at(call.place, call.name))
        if call.name in blocks:
            _check_cycle((*chain, call.name), blocks, done)
    done.add(chain[-1])


def _check_names(block: syntax.Block, blocks: Blocks, values: set[str]) -> None:
    own = {p.name for p in block.parameters}
    numbers = (syntax.Param, syntax.Knob, syntax.Lever)
    own |= {s.name for s in block.body if isinstance(s, numbers)}
    known = values | set(_values(block))
    for node in inside(block.body):
        if isinstance(node, syntax.Call) and node.name not in blocks:
            raise NetError(unknown_block(node, blocks), _at(node.place, node.name))
        if isinstance(node, syntax.Apply) and node.name not in {*OPS, *known, *_ALWAYS}:
            message = unknown_element(node, None, known, blocks)
            if node.name not in own:
                raise NetError(message, _at(node.place, node.name))


_ALWAYS = ("id", "input", "before")


def _calls(block: syntax.Block) -> Iterator[syntax.Call]:
    return (node for node in inside(block.body) if isinstance(node, syntax.Call))


def _values(block: syntax.Block) -> Iterator[str]:
    """The names that values have inside a block."""
    for node in inside(block.body):
        if isinstance(node, syntax.Line) and node.label:
            yield node.label
        if isinstance(node, syntax.Part) and node.alias:
            yield node.alias


def _at(place: Place | None, name: str) -> Place | None:
    return place.at(name) if place else None
