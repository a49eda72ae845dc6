"""Nets made at random, and one change to each of them with the lever and place that it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from hypothesis import strategies as st

HEAD = """\
net made
input 3x32x32  classes 10
default conv same norm=none act=relu
default maxpool same
default avgpool same

block cell(n):
  [ conv 1x1 n | conv 3x3 n ]

first: cell(8)
"""


@dataclass(frozen=True)
class Conv:
    kernel: int = 3
    width: int = 8
    extra: str = ""

    def __str__(self) -> str:
        return f"conv {self.kernel}x{self.kernel} {self.width} {self.extra}".strip()


@dataclass(frozen=True)
class Line:
    """A labelled line: one chain of convolutions, or several that are joined."""

    label: str
    branches: tuple[tuple[Conv, ...], ...]
    tail: str = ""

    def __str__(self) -> str:
        chains = [" > ".join(map(str, branch)) for branch in self.branches]
        body = chains[0] if len(chains) == 1 else f"[ {' | '.join(chains)} ]"
        return f"{self.label}: {body}{self.tail}"

    def path(self, branch: int, position: int) -> str:
        inner = f".b{branch + 1}" if len(self.branches) > 1 else ""
        return f"{self.label}{inner}.conv{position + 1}"

    def with_conv(self, branch: int, position: int, *convs: Conv) -> Line:
        chain = self.branches[branch]
        chain = (*chain[:position], *convs, *chain[position + 1 :])
        return replace(
            self, branches=(*self.branches[:branch], chain, *self.branches[branch + 1 :])
        )


def text(lines: Sequence[Line | str]) -> str:
    body = [*map(str, lines), "head: avgpool global > linear classes"]
    return HEAD + "\n".join(body) + "\n"


convs = st.builds(Conv, st.sampled_from([1, 3, 5]), st.sampled_from([8, 16, 24, 32, 48]))
chains = st.lists(convs, min_size=1, max_size=3).map(tuple)
pieces = st.one_of(
    chains.map(lambda chain: (chain,)), st.lists(chains, min_size=3, max_size=4).map(tuple)
)


@st.composite
def nets(draw: st.DrawFn) -> list[Line]:
    bodies = draw(
        st.lists(st.tuples(pieces, st.sampled_from(["", " > maxpool 3x3"])), min_size=1, max_size=5)
    )
    return [Line(f"piece{chr(97 + n)}", body, tail) for n, (body, tail) in enumerate(bodies)]


@dataclass(frozen=True)
class Edit:
    """A text, the text after one change, and what a comparison must say: levers and places."""

    before: str
    after: str
    expected: set[tuple[str, str]]


@st.composite
def conv_edits(draw: st.DrawFn, kind: str) -> Edit:
    """One convolution, changed in one respect."""
    lines = draw(nets())
    n = draw(st.integers(0, len(lines) - 1))
    line = lines[n]
    branch = draw(st.integers(0, len(line.branches) - 1))
    position = draw(st.integers(0, len(line.branches[branch]) - 1))
    old = line.branches[branch][position]
    path = line.path(branch, position)
    if kind == "factorization":
        old = replace(old, kernel=5)
        lines = [*lines[:n], line := line.with_conv(branch, position, old), *lines[n + 1 :]]
    new, levers = {
        "kernel": ((replace(old, kernel=7 if old.kernel > 1 else 3),), {"kernel"}),
        "channels": ((replace(old, width=old.width * 2 + 8),), {"channels"}),
        "activation": ((replace(old, extra="act=silu"),), {"activation"}),
        "normalization": ((replace(old, extra="norm=batch"),), {"normalization", "bias"}),
        "groups": ((replace(old, extra="groups=2"),), {"groups"}),
        "dilation": ((replace(old, extra="dilation=3"),), {"dilation"}),
        "factorization": ((replace(old, kernel=3),) * 2, {"factorization"}),
    }[kind]
    after = line.with_conv(branch, position, *new)
    edited = [*lines[:n], after, *lines[n + 1 :]]
    return Edit(text(lines), text(edited), {(lever, path) for lever in levers})


@st.composite
def branch_edits(draw: st.DrawFn) -> Edit:
    """A join without one of its branches."""
    lines = draw(nets().filter(lambda made: any(len(line.branches) > 2 for line in made)))
    n = draw(st.sampled_from([n for n, line in enumerate(lines) if len(line.branches) > 2]))
    gone = draw(st.integers(0, len(lines[n].branches) - 1))
    branches = tuple(b for i, b in enumerate(lines[n].branches) if i != gone)
    after = [*lines[:n], replace(lines[n], branches=branches), *lines[n + 1 :]]
    return Edit(text(lines), text(after), {("branch", f"{lines[n].label}.concat1")})


@st.composite
def block_edits(draw: st.DrawFn) -> Edit:
    """A block more, on a line of its own."""
    lines = draw(nets())
    n = draw(st.integers(0, len(lines)))
    after = [*lines[:n], "more: cell(16)", *lines[n:]]
    return Edit(text(lines), text(after), {("depth", "more")})
