"""Texts of nets to draw: the shapes that figures of papers have, and random ones."""

from __future__ import annotations

from random import Random

HEAD = """net drawn "of a test"
input 3x64x64  classes 10
default conv same norm=batch act=relu
default maxpool same
default avgpool same
"""

CHAIN = f"""{HEAD}
stem: conv 3x3/2 16 > maxpool 3x3/2 > conv 1x1 8 > conv 3x3 32
head: avgpool global > linear classes
"""

ONE = """net one "one op"
input 3x8x8
conv 3x3 8
"""

INCEPTION = f"""{HEAD}
block inception(n):
  [ conv 1x1 n
  | conv 1x1 n > conv 3x3 n
  | conv 1x1 n > conv 5x5 n
  | maxpool 3x3/1 > conv 1x1 n ]
stem: conv 3x3/2 16
i1: inception(16)
i2: inception(24)
cut: maxpool 3x3/2
i3: inception(32)
head: avgpool global > linear classes
"""

RESIDUAL = f"""{HEAD}
block unit(n, s):
  [ conv 1x1 n > conv 3x3/s n > conv 1x1 (4*n) act=none
  + id when (channels == 4*n and s == 1)
  + conv 1x1/s (4*n) act=none when (channels != 4*n or s != 1) ]
  > relu
stem: conv 3x3/2 16
s1: repeat 4 (unit(8, 1))
s2: unit(16, 2) > repeat 3 (unit(16, 1))
head: avgpool global > linear classes
"""

DENSE = f"""{HEAD}
block layer(k):
  [ id | batchnorm > relu > conv 1x1 (4*k) > conv 3x3 k norm=none act=none ]
stem: conv 3x3/2 16
d1: repeat 5 (layer(8))
head: avgpool global > linear classes
"""

CELLS = f"""{HEAD}
block cell(n):
  a: input > conv 1x1 n
  c0: a > [ conv 3x3 n + a ]
  c1: [ a > maxpool 3x3/1 > conv 5x5 n + c0 > avgpool 3x3/1 ]
  c2: [ c0 > conv 3x3 n + c1 > conv 1x7 n > conv 7x1 n ]
  c3: [ a > conv 3x3 n + c2 > avgpool 3x3/1 ]
  c4: [ c1 | c2 | c3 | a ]
stem: conv 3x3/2 16
k1: cell(16)
k2: cell(32)
head: avgpool global > linear classes
"""

GATED = f"""{HEAD}
block excite(n, r):
  [ id * (avgpool global > conv 1x1 r > conv 1x1 n norm=none act=sigmoid) ]
e1: conv 3x3 16 > conv 3x3 16
e2: conv 3x3 16 > excite(16, 4)
u1: [ conv 3x3 16 | e1 ] > conv 3x3 16
head: avgpool global > linear classes
"""

WIDE = f"""{HEAD}
m: [| repeat 40 (conv 1x1 4 > conv 3x3 4)]
head: avgpool global > linear classes
"""

SIGNAL = """net signal "one axis"
input 2x1024  classes 4
default conv same norm=batch act=relu
default maxpool same
body: repeat 4 ([ conv 9 16 | conv 3 16 > conv 9 16 ] > maxpool 3/2)
head: avgpool global > linear classes
"""

HEADS = f"""{HEAD}
a: conv 3x3/2 16 > conv 3x3 16
aux 0.3: a > avgpool global > linear classes
b: a > conv 3x3/2 32 > conv 3x3 32
head: avgpool global > linear classes
"""

TWO = """net two "pictures and words"
input photo: 3x32x32  classes 10
input words: ids 16
block encoder(d):
  [ id + layernorm > attention 2 ]
  [ id + layernorm > linear (4*d) > gelu > linear d ]
text: words > embedding 100 8
seen: photo > conv 4x4/4 8 valid > tokens > attention 2 to=text > repeat 2 (encoder(8))
boxes: seen > token 1 > linear 4
name: seen > token 2 > linear classes
output name, boxes
"""

SHAPES = {
    "chain": CHAIN, "one": ONE, "inception": INCEPTION, "residual": RESIDUAL, "dense": DENSE,
    "cells": CELLS, "gated": GATED, "wide": WIDE, "signal": SIGNAL, "two": TWO,
}  # fmt: skip


def random_net(seed: int, lines: int, reach: int) -> str:
    """A net of named values, each of which is made of one or more of the ``reach`` before it."""
    random = Random(seed)
    names, unread = ["x0"], ["x0"]
    body = ["x0: conv 1x1 8"]
    for number in range(1, lines):
        known = names[-reach:]
        chosen = random.sample(known, min(len(known), random.choice([1, 1, 2, 2, 3])))
        chains = [f"{name} > {random.choice(_OPS)}" for name in chosen]
        sign = random.choice(["+", "|"])
        line = f"[ {f' {sign} '.join(chains)} ] > conv 1x1 8" if len(chains) > 1 else chains[0]
        names.append(f"x{number}")
        unread = [name for name in [*unread, names[-1]] if name not in chosen]
        body.append(f"x{number}: {line}")
    return f"{HEAD}\n" + "\n".join(body) + f"\nlast: [ {' | '.join([*unread, 'x0'])} ]\n"


_OPS = ("conv 1x1 8", "conv 3x3 8", "maxpool 3x3/1", "id", "conv 1x7 8 > conv 7x1 8")

RANDOM = {f"random {seed}": random_net(seed, 4 + 3 * seed, 2 + seed % 6) for seed in range(12)}
NETS = {**SHAPES, **RANDOM}
