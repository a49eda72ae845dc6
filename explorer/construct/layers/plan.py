"""What a net is made of, layer by layer, and how that is written down.

Widths are those at which the statistics were taken; a net is written with all of them times one
factor, which fits it to a budget.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from explorer.construct.layers.correlations import Shift

FEWEST = 2  # channels of any convolution


@dataclass(frozen=True, slots=True)
class Branch:
    """A convolution of a module, behind a reduction if it has one.

    Attributes:
        window: the kernel, an odd size for each axis.
        filters: channels that it puts out.
        reduced: channels of the 1x1 in front of it; None has none.
        crossed: whether the kernel is factorized into one along each axis (Szegedy et al. 2015,
            section 3.2).
    """

    window: Shift
    filters: float
    reduced: float | None = None
    crossed: bool = False

    @property
    def is_point(self) -> bool:
        """Whether it looks at single places."""
        return max(self.window) == 1

    def text(self, factor: float) -> str:
        """The branch as a chain of the language."""
        filters = scaled(self.filters, factor)
        front = (
            ""
            if self.reduced is None
            else f"{_conv((1,) * len(self.window))} {scaled(self.reduced, factor)} > "
        )
        if not self.crossed:
            return f"{front}{_conv(self.window)} {filters}"
        lines = " > ".join(f"{_conv(kernel)} {filters}" for kernel in lines_of(self.window))
        return front + lines


@dataclass(frozen=True, slots=True)
class Stem:
    """The first layer: filters over the data itself, with a stride for each axis."""

    window: Shift
    stride: Shift
    filters: float

    def text(self, factor: float) -> str:
        """The layer as a chain of the language."""
        return f"{_conv(self.window)}{_stride(self.stride)} {scaled(self.filters, factor)}"


@dataclass(frozen=True, slots=True)
class Reduction:
    """A pool that halves the grid on some axes."""

    stride: Shift

    def text(self, factor: float) -> str:
        """The layer as a chain of the language; no width is in it."""
        return (
            f"maxpool {_by([3 if step > 1 else 1 for step in self.stride])}{_stride(self.stride)}"
        )


@dataclass(frozen=True, slots=True)
class Module:
    """Branches side by side, and a pool with a projection behind it.

    Attributes:
        branches: from the smallest window to the largest.
        projected: channels behind the pool; None leaves the pool out.
        window: of the pool.
    """

    branches: tuple[Branch, ...]
    projected: float | None
    window: Shift

    def text(self, factor: float) -> str:
        """The module as a chain of the language."""
        parts = [branch.text(factor) for branch in self.branches]
        if self.projected is not None:
            point = _conv((1,) * len(self.window))
            parts.append(f"maxpool {_by(self.window)}/1 > {point} {scaled(self.projected, factor)}")
        return parts[0] if len(parts) == 1 else f"[ {' | '.join(parts)} ]"


Layer = Stem | Reduction | Module


@dataclass(frozen=True, slots=True)
class Named:
    """A layer with its label and what was seen that led to it."""

    label: str
    layer: Layer
    remark: str


def scaled(width: float, factor: float) -> int:
    """A width times the factor, rounded."""
    return max(FEWEST, round(width * factor))


def body_text(layer: Layer, shape: Sequence[int]) -> str:
    """A net of one layer at the widths of its statistics, whose output is the layer's."""
    header = _header("layer", "", shape, None)
    return "\n".join([*header, f"layer: {layer.text(1.0)}"]) + "\n"


def net_text(
    layers: Iterable[Named],
    shape: Sequence[int],
    classes: int,
    factor: float,
    name: str,
    title: str,
    comments: Iterable[str] = (),
) -> str:
    """The whole net in the language.

    Args:
        layers: from the input up.
        shape: (channels, *grid) of the input.
        classes: how many the head tells apart.
        factor: on all widths.
        name: of the net.
        title: of the net, one line.
        comments: lines above it.
    """
    lines = [" ".join(["#", *comment.split()]) for comment in comments]
    lines += [*_header(name, title, shape, classes), ""]
    for layer in layers:
        if layer.remark:
            lines.append(f"# {layer.remark}")
        lines.append(f"{layer.label}: {layer.layer.text(factor)}")
    lines.append("head: avgpool global > linear classes")
    return "\n".join(lines) + "\n"


def lines_of(window: Shift) -> list[Shift]:
    """The kernels along single axes that a factorized one is made of, the last axis first."""
    axes = range(len(window))
    found = [tuple(window[a] if a == axis else 1 for a in axes) for axis in reversed(axes)]
    return [kernel for kernel in found if max(kernel) > 1]


def _header(name: str, title: str, shape: Sequence[int], classes: int | None) -> list[str]:
    told = "" if classes is None else f"  classes {classes}"
    quoted = title.replace('"', "'")
    return [
        f'net {name} "{quoted}"' if title else f"net {name}",
        f"input {_by(shape)}{told}",
        "default conv same norm=batch act=relu",
        "default maxpool same",
    ]


def _conv(window: Shift) -> str:
    return f"conv {_by(window)}"


def _stride(stride: Shift) -> str:
    if max(stride) == 1:
        return ""
    return f"/{stride[0]}" if len(set(stride)) == 1 else f"/{_by(stride)}"


def _by(sizes: Iterable[int]) -> str:
    return "x".join(map(str, sizes))
