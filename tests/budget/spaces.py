"""Spaces small enough to look at every assignment."""

from __future__ import annotations

from textwrap import dedent

from explorer.language import parse
from explorer.space import Space, elaborate

SMALL = """
    space small
    input 3x16x16  classes 4
    default conv same
    knob a = 8 in 4..32 step 4
    knob b = 8 in 4..32 step 4
    knob c = 8 in 4..32 step 4
    knob depth = 1 in 1..3
    lever k in {wide, narrow}
    lever p in {on, off}
    x: conv 1x1 a > choose k { wide: conv 5x5 b | narrow: conv 3x3 b } > repeat depth (conv 3x3 c)
    y: choose p { on: [ conv 1x1 b | id ] | off: id } > avgpool global > linear classes
    """
BOUND = SMALL.replace("lever p", "require a <= b\n    lever p")
LOG = SMALL.replace("a = 8 in 4..32 step 4", "a = 8 in 4..64 step 4 log")


def space_of(text: str) -> Space:
    return elaborate(parse(dedent(text).lstrip(), "test.space"))
