"""A net as it is about to be opened: its convolutions by role and grid, and names for choices."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from explorer.around import plan as plans
from explorer.around.apart import unused, words
from explorer.around.roles import Roles
from explorer.around.streams import Streams, streams
from explorer.errors import Place
from explorer.language.syntax import Apply, Call, Element, File, Join, Name, Positional, Splat
from explorer.ops.conv import Conv
from explorer.scale.trace import Trace, trace
from explorer.space import Space
from explorer.space.trees import inside

Grid = tuple[int, ...]


@dataclass
class Layout:
    """A net whose calls have blocks of their own.

    Attributes:
        convs: its convolutions in the order of the text, without those that are never reached.
        grids: that they leave, in that order.
        is_scaled: whether a width of the header scales the channels that are written.
        is_plain: whether there are no joins, and so no modules.
    """

    file: File
    streams: Streams
    trace: Trace
    roles: dict[Place, str]
    is_scaled: bool
    convs: list[Apply] = field(init=False)
    grids: list[Grid] = field(init=False)
    is_plain: bool = field(init=False)

    def __post_init__(self) -> None:
        nodes = list(inside(self.file))
        self.convs = [node for node in nodes if isinstance(node, Apply) and self.is_conv(node)]
        self.grids = list(dict.fromkeys(map(self.grid, self.convs)))
        self.is_plain = not any(isinstance(node, Join | Splat) for node in nodes)

    @classmethod
    def of(cls, file: File, space: Space) -> Layout:
        """The layout of a text and the space that it describes."""
        found = streams(space)
        roles = Roles(file, found).found
        return cls(file, found, trace(space), roles, is_scaled=space.header.width != 1)

    @cached_property
    def idle(self) -> set[str]:
        """The blocks whose call the net never comes by."""
        calls = (node for node in inside(self.file) if isinstance(node, Call))
        return {call.name for call in calls if not self.trace.of(call)}

    def is_conv(self, element: Element) -> bool:
        """Whether an element is a convolution that writes its kernel and count first."""
        if not isinstance(element, Apply) or element.place not in self.roles:
            return False
        first = element.arguments[:2]
        return len(first) == 2 and all(
            isinstance(each, Positional)
            and not (isinstance(each.value, Name) and each.value.name in Conv.signature.flags)
            for each in first
        )

    def grid(self, conv: Element) -> Grid:
        return self.streams.convs(conv)[0].shape.grid

    def op(self, conv: Element) -> Conv:
        op = self.streams.convs(conv)[0].op
        assert isinstance(op, Conv)
        return op

    def role(self, conv: Element) -> str:
        assert conv.place is not None
        return self.roles[conv.place]

    def takes_kernel(self, conv: Element) -> bool:
        """Whether a convolution pads by half its kernel as a matter of course."""
        op = self.op(conv)
        written = isinstance(conv, Apply) and any(
            getattr(argument, "name", None) in ("pad", "dilation") for argument in conv.arguments
        )
        dense = op.groups == 1 and set(op.dilation) == {1}
        return dense and not written and op.pad == tuple(size // 2 for size in op.kernel)


@dataclass
class Names:
    """Names of choices, which tell what they are and on which grid.

    Args:
        layout: of the net; no name of its text is taken again.
        ties: how many grids, one after another, share their widths and kernels.
    """

    layout: Layout
    ties: int

    def __post_init__(self) -> None:
        self._taken = words(self.layout.file)
        self._known: dict[tuple[str, Grid], str] = {}

    def of(self, what: str, grid: Grid) -> str:
        """The name of a choice for a grid and those that are tied to it."""
        grids = self.layout.grids
        first = grids.index(grid) // self.ties * self.ties
        key = (what, grids[first])
        if key not in self._known:
            self._known[key] = self._new(plans.name_of(what, grids[first : first + self.ties]))
        return self._known[key]

    def new(self, what: str, grid: Grid) -> str:
        """A name of its own for a choice on a grid."""
        return self._new(plans.name_of(what, [grid]))

    def _new(self, name: str) -> str:
        name = unused(name, self._taken)
        self._taken.add(name)
        return name
