"""What the convolutions of a net stand for: which branch of a module, or a layer on its own way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from explorer.around.streams import Streams
from explorer.errors import Place
from explorer.language.syntax import (
    Apply,
    Block,
    Call,
    Chain,
    Conditional,
    Element,
    File,
    Group,
    Join,
    JoinKind,
    Line,
    Repeat,
    Splat,
)
from explorer.ops.conv import Conv, DepthwiseConv

# A layer outside of modules; branches of 1x1, 3x3 and larger; a 1x1 behind a pool, and one in front
# of a larger kernel.
WIDTH, ONE, THREE, FIVE, POOL, REDUCE = ROLES = ("width", "one", "three", "five", "pool", "reduce")


class Layer(NamedTuple):
    """A convolution, pool or join in a branch, and the window that it looks through."""

    element: Element
    window: tuple[int, ...]
    is_pool: bool = False


@dataclass
class Roles:
    """The role of every convolution, by its place.

    Args:
        file: whose calls have blocks of their own.
        streams: of the same text.
    """

    file: File
    streams: Streams
    found: dict[Place, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._blocks = {s.name: s for s in self.file.statements if isinstance(s, Block)}
        for line in _lines(self.file):
            self._way(line.chain)

    def _way(self, chain: Chain) -> None:
        """A chain outside of modules."""
        for part in chain.parts:
            element = part.element
            if isinstance(element, Join | Splat):
                for branch in _branches(element):
                    self._branch(branch, element.kind)
            elif isinstance(element, Apply):
                self._note(element, WIDTH)
            for inner in self._chains(element):
                self._way(inner)

    def _branch(self, chain: Chain, kind: JoinKind) -> None:
        """A branch of a module.

        A factorised kernel counts as the one that it stands for; in a sum, where two layers of 3x3
        are usual and stand for nothing else, each counts as what it is.
        """
        layers = list(self._layers(chain))
        window = max(_joint(layers), default=1)
        projects = window == 1 and any(layer.is_pool for layer in layers)
        for index, layer in enumerate(layers):
            own = max(layer.window, default=1)
            larger = max(_joint(layers[index + 1 :]), default=1) > 1
            if own == 1 and (larger or projects):
                self._note(layer.element, REDUCE if larger else POOL)
            else:
                self._note(layer.element, _role(own if kind == "+" else window))

    def _layers(self, chain: Chain) -> Iterator[Layer]:
        """What a branch is made of; a join inside it counts as its largest branch."""
        for part in chain.parts:
            element = part.element
            if isinstance(element, Join | Splat):
                inner = _branches(element)
                for branch in inner:
                    self._branch(branch, element.kind)
                windows = [_joint(self._layers(branch)) for branch in inner]
                yield Layer(element, max(windows, default=()))
            elif isinstance(element, Apply):
                yield from self._layer(element)
            for each in self._chains(element):
                yield from self._layers(each)

    def _layer(self, element: Apply) -> Iterator[Layer]:
        made = self.streams.made.get(element.place, []) if element.place else []
        for node in (self.streams.nodes[index] for index in made[:1]):
            if isinstance(node.op, Conv | DepthwiseConv):
                yield Layer(element, node.op.kernel)
            elif node.op.name in ("maxpool", "avgpool") and max(node.shape.grid, default=1) > 1:
                yield Layer(element, (), is_pool=True)

    def _chains(self, element: Element) -> list[Chain]:
        """The chains that an element puts in its own place."""
        match element:
            case Call(name=name):
                return [line.chain for line in _lines(self._blocks[name])]
            case Group(chain=chain) | Repeat(chain=chain):
                return [chain]
            case Conditional(then=then, otherwise=otherwise):
                return [then, *([otherwise] if otherwise else [])]
        return []

    def _note(self, element: Element, role: str) -> None:
        if element.place is not None and self.streams.convs(element):
            self.found.setdefault(element.place, role)


def _lines(holder: File | Block) -> list[Line]:
    statements = holder.statements if isinstance(holder, File) else holder.body
    return [statement for statement in statements if isinstance(statement, Line)]


def _branches(element: Join | Splat) -> list[Chain]:
    if isinstance(element, Splat):
        return [element.repeat.chain]
    return [branch.chain for branch in element.branches]


def _role(window: int) -> str:
    return ONE if window == 1 else THREE if window <= 3 else FIVE


def _joint(layers: Iterator[Layer] | list[Layer]) -> tuple[int, ...]:
    """The window of layers one behind another: each adds what it has beyond one place."""
    windows = [layer.window for layer in layers if layer.window]
    return tuple(1 + sum(size - 1 for size in sizes) for sizes in zip(*windows, strict=True))
