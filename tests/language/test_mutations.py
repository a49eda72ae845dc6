"""Whatever is done to a text, it is read, or refused as a mistake; nothing else happens."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

import pytest

from explorer.errors import NetError, TextError
from explorer.graph import lint
from explorer.language import parse, print_syntax
from explorer.space import bind, elaborate

WORKSHOP = """\
space workshop "every construct that a network can be made of"
input (3, 2*16, 32)  classes 10  width 1 rounded 2
default conv same norm=batch act=relu
default maxpool same
default avgpool valid
param early = 2
param side = -(2 - 1)*3//2 + 18
knob n = 16 in 8..64 step 8 log
knob k in {1, 3, 5}
knob d = 2 in 1..3
lever pool = avg in {max, avg}
require not (n > 40 and k <= 3) or n - (k - 1) >= 2
block cell(a, b = 8):
  param half = a/2
  knob own = 4 in 1..4
  lever five in {full, crossed}
  require own < a
  x: conv 1x1 (2*a) as y > conv (1, k)/1 half act=gelu
  z: [ x > conv 1x1 b | y when (n >= 8)
     | choose five { full: conv (k, k) b | crossed: conv 1x5 b > conv 5x1 b pad=same } ]
  [ z > conv 1x1 (channels*own) > conv 1x1 b | id > conv 1x1 8 when (own > 2) ]
block gate(r):
  [ id * avgpool global > conv 1x1 (channels/r) norm=none > conv 1x1 channels act=sigmoid ]
stem: input > conv 5x5/early n > maxpool 3x3/2 ceil > lrn size=3 alpha=1e-4
a: [+ repeat d each as i (conv 3x3 (8*2) dilation=i) ]
b: if (n > 8) ([ id + conv 3x3 16 > id ]) else (repeat 2 (conv 1x1 8))
c: repeat d each (cell(8)) > gate(r=2)
e: [ c | choose pool { max: maxpool 3x3/1 | avg: avgpool 3x3/1 same excludepad } > conv 1x1 24 ]
head: avgpool global > dropout (2/5) > linear classes
"""
SIGNS = '()[]{}|+*/-><=.,:#" \n\tx0123aé_'
NAMES = ["inception.space", "reference/googlenet.net", "reference/googlenet_torchvision.net"]


def mutated(text: str, dice: random.Random) -> str:
    """The text with one edit: a character, a word or a line gone, added or exchanged."""
    at = dice.randrange(len(text))
    lines = text.split("\n")
    line = dice.randrange(len(lines))
    words = list(re.finditer(r"\S+", text))
    match dice.randrange(6):
        case 0:
            return text[:at] + text[at + 1 :]
        case 1:
            return text[:at] + dice.choice(SIGNS) + text[at:]
        case 2:
            return text[:at] + dice.choice(SIGNS) + text[at + 1 :]
        case 3:
            old, new = dice.choice(words), dice.choice(words)
            return text[: old.start()] + new[0] + text[old.end() :]
        case 4:
            return "\n".join(lines[:line] + lines[line + 1 :])
        case _:
            return "\n".join([*lines[:line], dice.choice(lines), *lines[line:]])


def follow(text: str) -> bool:
    """Take a text as far as it goes; False where it is refused."""
    try:
        file = parse(text, "mutated.net")
        printed = print_syntax(file)
        assert parse(printed) == file
        graph = bind(elaborate(file)).graph
    except (TextError, NetError) as error:
        assert "\n" not in error.message
        assert "''" not in error.message
        return False
    assert lint(graph) == []
    return True


@pytest.mark.parametrize("name", ["workshop", *NAMES])
def test_a_mutated_text_is_read_or_refused(shipped: Callable[[str], str], name: str) -> None:
    text = WORKSHOP if name == "workshop" else shipped(name)
    assert follow(text)
    dice = random.Random(name)
    count = 120 if name == "workshop" else 60
    results = {follow(mutated(text, dice)) for _ in range(count)}
    assert results == {True, False}
