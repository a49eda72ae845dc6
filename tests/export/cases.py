"""Nets that reach every form an export can take, and what the tests ask of an exported text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import cache, partial
from pathlib import Path
from random import Random
from typing import Any

import torch
from torch import nn

from explorer.build import examples
from explorer.export import Facts, source
from explorer.export.source import root_class
from explorer.graph import Graph
from explorer.language import parse
from explorer.ops import image
from explorer.space import Rebind, bind, elaborate
from explorer.space.library import shipped
from tests.build.families import FAMILIES
from tests.build.small import small

SPACES = Path(__file__).parent.parent.parent / "search_spaces"
SMALL = Rebind(input=image(3, 64, 64), classes=10, width=Fraction(1, 4))

HEAD = """net small
input 3x12x12 classes 5
default conv same norm=none act=relu
default maxpool same
default avgpool same
"""

# What is written below HEAD, by what it reaches.
BODIES = {
    "layers at the top": "conv 3x3 4 > maxpool 3x3/2 > flatten > linear classes",
    "one label": "only: conv 3x3 4",
    "nothing at all": "through: id",
    "twice the input": "[ input + input ]",
    "residual": """
block residual(n):
  [ conv 3x3 n > conv 3x3 n act=none + id ] > relu
stem: conv 3x3 8
r1: residual(8)
r2: residual(8)
head: avgpool global > linear classes
""",
    "copies in a row": """
stem: conv 3x3 8
rest: repeat 3 ([ conv 3x3 8 + id ] > relu)
more: repeat 2 as i (conv 3x3 (4*i) > maxpool 3x3/1)
repeat 2 each (conv 1x1 4)
""",
    "copies side by side": """
block path(d):
  conv 1x1 d > conv 3x3 d
stem: conv 3x3 8
wide: [| repeat 3 (path(4)) ]
deep: [+ repeat 4 (path(4) > conv 1x1 12 act=none) ] > relu
pair: [* repeat 2 (conv 1x1 12) ]
""",
    "copies that read more": """
stem: conv 3x3 4
rest: repeat 3 ([ conv 3x3 4 | stem ] > conv 1x1 4)
""",
    "dense": """
l0: conv 3x3 4
l1: [ l0 | input ] > conv 3x3 4
l2: [ l0 | l1 | input ] > conv 3x3 4
l3: [ l0 | l1 | l2 | input ] > conv 3x3 4
head: [ l1 | l3 ]
""",
    "values across scopes": """
block cell(c):
  h0: conv 1x1 c
  h1: input > conv 3x3 c
  g1: [ h0 > conv 3x3 c + h1 ]
  g2: [ h0 > maxpool 3x3/1 + h1 > conv 5x5 c + g1 ]
  [ g1 | g2 | stem ]
stem: conv 3x3 4
k1: cell(6)
k2: cell(8)
k3: [ k1 | k2 ] > conv 1x1 8
k4: [ k2 > conv 1x1 4 | k3 ] > conv 1x1 8
""",
    "nested joins": """
stem: conv 3x3 4
mix: [ [ conv 1x1 4 | conv 3x3 4 > [ conv 1x3 2 | conv 3x1 2 ] ] + [ id | id ] ]
out: conv 1x1 4 > [ conv 1x1 4 | id ] > conv 1x1 3
""",
    "gate": """
stem: conv 3x3 8
gate: [ id * avgpool global > conv 1x1 2 > conv 1x1 8 act=sigmoid ]
head: avgpool global > dropout 0.2 > linear classes
""",
    "aliases": """
stem: conv 3x3 4 as early > conv 3x3 6 as late > maxpool 3x3/1
mid: [ early | late | stem ] > conv 1x1 6 as inner > lrn
out: [ mid | inner | [ late > conv 1x1 2 as deep | id ] | deep ]
""",
    "odd names": """
class: conv 3x3 4 as lambda > conv 3x3 4
append: conv 3x3 4
keys: (conv 3x3 4 as insert > conv 1x1 4)
x: [ lambda + append + keys ]
reduce: [ x | class ] > conv 3x3 4
copy: [| repeat 3 (conv 1x1 2) ]
nn: conv 1x1 4
__torch: [ nn > conv 1x1 3 | copy ]
match: conv (3, 1) 4 > conv 3x3/(1, 2) 4 groups=2 dilation=2
""",
    "blocks with the names of ours": """
block path(none):
  conv 1x1 none > conv 3x3 (2*none)
block chain(nn):
  [ path(nn) | path(4) > conv 1x1 nn ]
block module(self):
  [ conv 1x1 self | id ] > batchnorm
a: chain(4)
b: chain(6)
c: module(4)
d: module(6)
""",
    "more numbers than a constructor takes": "block many(a, b, c, d, e, f, g):\n  ["
    + " | ".join(f"conv 1x1 {n} > conv 3x3 ({n}+1)" for n in "abcdefg")
    + " ]\nm1: many(1, 2, 3, 4, 5, 6, 7) > conv 1x1 3\n"
    + "m2: many(11, 13, 15, 17, 19, 21, 23) > conv 1x1 3\n"
    + "m3: many(1, 2, 3, 4, 5, 6, 7) > conv 1x1 3",
}

LINE = """net signal "one axis"
input 1x40 classes 3
default conv same norm=batch act=silu
stem: conv 9/2 8 > batchnorm eps=0.001 momentum=0.01
mix: [ conv 3 4 | avgpool 3/1 same excludepad > conv 1 4 | maxpool 3/1 same ] > relu6
head: avgpool global > linear 8 > batchnorm > gelu > linear classes
"""


def bound(
    text: str, rebind: Rebind | None = None, values: Mapping[str, Any] | None = None
) -> Graph:
    return bind(elaborate(parse(text), rebind), values).graph


def drawn(seed: int) -> Graph:
    """A random assignment of the shipped space."""
    space = elaborate(parse((SPACES / "inception.space").read_text("utf-8")), SMALL)
    random = Random(seed)
    return bind(space, {path: random.choice(c.values) for path, c in space.choices.items()}).graph


CASES: dict[str, Callable[[], Graph]] = {
    **{name: partial(bound, HEAD + body) for name, body in BODIES.items()},
    "one axis": partial(bound, LINE),
    **{name: partial(bound, text) for name, text in FAMILIES.items()},
    **{name: partial(small, name) for name in shipped()},
    **{f"inception.space drawn with {seed}": partial(drawn, seed) for seed in range(5)},
}


@cache
def graph_of(name: str) -> Graph:
    """The graph of a case."""
    return CASES[name]()


def run(text: str, **given: object) -> dict[str, Any]:
    """The names that an exported text defines in an empty namespace."""
    names: dict[str, Any] = {"__name__": "exported", **given}
    exec(compile(text, "exported.py", "exec"), names)
    return names


def exported(graph: Graph) -> nn.Module:
    """The net that an export makes, its weights as torch's constructors leave them."""
    net: nn.Module = run(source(graph, Facts()))[root_class(graph)]()
    return net


def shuffled(net: nn.Module) -> dict[str, torch.Tensor]:
    """A state_dict in which no two tensors are alike, unlike fresh biases and running means."""
    generator = torch.Generator().manual_seed(7)
    return {
        name: torch.rand(tensor.shape, generator=generator) / max(1, tensor[:1].numel()) + 0.1
        if tensor.is_floating_point()
        else tensor
        for name, tensor in net.state_dict().items()
    }


def images(graph: Graph) -> torch.Tensor:
    (found,) = examples(graph, 2, torch.Generator().manual_seed(8))
    return found
