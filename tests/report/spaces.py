"""Small spaces, each with one thing that closing must get right."""

HEAD = "space s\ninput 3x16x16 classes 4 width 1 rounded 2\ndefault conv same norm=batch act=relu\n"
TAIL = "head: avgpool global > linear classes\n"

BODIES = {
    "a tied knob": """
knob n = 8 in 4..16 step 4
block cell(m):
  conv 3x3 n > conv 1x1 (m + n)
a: cell(4)
b: cell(8) > conv 3x3 (2*n)
""",
    "a knob of every call": """
block cell(n):
  knob k = n in n/2..2*n step 2
  lever kind in {one, two}
  choose kind { one: conv 3x3 k | two: conv 1x1 k > conv 3x3 (2*k) }
a: cell(4) > cell(8)
b: [ cell(4) | cell(4) > cell(8) ]
""",
    "copies with knobs of their own": """
knob depth = 2 in 1..4
block cell(n):
  knob k = n in 2..8 step 2
  lever kind in {one, two}
  [ conv 1x1 k | choose kind { one: id | two: conv 3x3 k } ]
rest: repeat depth each (cell(4))
more: repeat (depth - 1) each as i (conv 1x1 (2*i) > cell(4))
""",
    "copies that share their knobs": """
knob depth = 3 in 1..4
block cell(n):
  knob k = n in 2..8 step 2
  conv 3x3 k
rest: repeat depth as i (cell(4) > conv 1x1 (4*i))
more: repeat (depth + 1) (cell(4) > if (depth > 2) (conv 1x1 8))
""",
    "copies with names inside": """
knob depth = 2 in 1..3
block cell(n):
  knob k = n in {2, 4}
  conv 3x3 k
rest: repeat depth each (cell(4) as x > [ conv 1x1 4 | x ])
more: repeat depth (conv 1x1 4 as y > [ conv 1x1 4 + y ])
""",
    "branches that may not be there": """
lever wide in {yes, no}
block cell(n, s):
  knob k = 2 in 1..3
  conv 1x1 n
  [ conv 3x3 n when (k > 1) | conv 1x1 n when (s == 1) | choose wide { yes: conv 3x3 8 | no: id } ]
a: cell(4, 1)
b: cell(4, 2)
""",
    "joins of copies": """
knob ways = 2 in 1..3
block path(n):
  knob k = n in {2, 4}
  conv 1x1 k > conv 3x3 4
a: [+ repeat ways (path(2)) ]
b: [| repeat ways each (path(4)) ]
c: [* repeat ways each as i (conv 1x1 (2*i) > conv 3x3 4) ]
""",
    "choices in choices": """
lever outer in {a, b}
lever inner in {c, d}
block cell(n):
  lever kind in {e, f}
  choose kind { e: choose inner { c: conv 1x1 n | d: id } | f: [ conv 3x3 n + conv 1x1 n ] }
x: choose outer { a: cell(4) > choose inner { c: cell(8) | d: conv 3x3 8 } | b: id }
""",
    "params in expressions and conditions": """
param s = 2
param unused = 3
param wide = 4*s
knob n = 4 in 2..8 step 2
block cell(m, t):
  param twice = 2*m
  if (t == 2) (conv 3x3/t twice) else (conv 1x1 (twice + n))
a: cell(n, s) > if (s >= 2 and n > 4) (conv 1x1 wide)
b: cell(n, 1) > conv 3x3/s (max(n, wide))
""",
    "channels of what enters": """
block squeeze(r):
  knob ratio = r in {2, 4}
  [ id * avgpool global > conv 1x1 (max(1, channels // ratio)) > conv 1x1 channels act=sigmoid ]
block cell(n):
  conv 3x3 n > squeeze(4)
a: conv 1x1 8 > cell(8) > squeeze(2)
block four():
  cell(channels * 4)
b: four()
""",
    "values by name": """
lever skip in {near, far, none}
block cell(n):
  lever from in {first, second}
  x0: conv 1x1 n
  x1: conv 3x3 n
  choose from { first: x0 | second: x1 } > conv 1x1 n
a: conv 3x3 8
b: conv 3x3 8 as mid > cell(8)
c: choose skip { near: [ id + b ] | far: [ id + a ] | none: id }
""",
    "an entry by name": """
block cell(n):
  lever kind in {whole, half}
  conv 1x1 n
  choose kind { whole: [ conv 3x3 n | input ] | half: input > conv 1x1 n }
a: cell(4) > cell(8)
""",
    "values that nothing reads": """
lever way in {left, right, both}
l: conv 3x3 8
r: input > conv 1x1 8 > conv 3x3 8
m: [ l | r ]
out: choose way { left: l > conv 1x1 4 | right: r | both: m }
""",
    "a value inside a join that nothing reads": """
lever way in {whole, piece}
m: [ conv 3x3 8 as x | conv 1x1 8 | id ]
out: choose way { whole: m > conv 1x1 4 | piece: x > conv 1x1 4 }
""",
    "fractions": """
knob f = 1 in 1/2..2 step 1/4
knob third = 1/3 in {1/3, 2/3, 1}
block cell(n, e = 2):
  knob g = 3/2 in {1, 3/2}
  conv 1x1 (to8(n*f*e)) > conv 3x3 (round(8*third*g)) > dropout (f/4)
a: cell(8)
b: cell(8, e=1) > cell(e=f, n=16)
""",
    "kernels and groups": """
knob k = 3 in {3, 5}
knob groups = 1 in {1, 2, 4}
block cell(n, t):
  knob side = 3 in {1, 3}
  conv (1, side) n groups=groups > conv (k, 1) n groups=t
a: conv k 8 > cell(8, 2) > cell(16, groups)
""",
    "a word that is also a knob": """
knob batch = 4 in {4, 8}
block cell(relu6x):
  knob none = 4 in {4, 8}
  conv 1x1 batch norm=batch act=relu > conv 3x3 (none + relu6x) norm=none act=none
a: cell(4) > conv 1x1 batch norm=batch
""",
    "a knob that hides a param": """
param n = 8
block cell():
  knob n = 4 in {4, 8}
  conv 1x1 n
block other(m):
  conv 3x3 (n + m)
block outer(n):
  other(n) > other(4)
a: cell() > other(2) > outer(4)
""",
    "blocks in blocks": """
block inner(n):
  knob k = 4 in 2..8 step 2
  lever kind in {a, b}
  choose kind { a: conv 1x1 k | b: conv 3x3 (k + n) }
block outer(n):
  knob m = n in n/2..2*n step 2
  inner(m) > inner(2*m) as second > [ second | inner(4) ]
a: outer(4)
b: outer(4) > outer(8)
""",
    "requirements": """
knob n = 8 in 2..16 step 2
param p = 4
require n >= 2
block cell(m):
  knob k = m in 2..8 step 2
  require k <= 8
  conv 3x3 k
a: cell(4) > conv 1x1 n
""",
}

SPACES = {name: HEAD + body.strip("\n") + "\n" + TAIL for name, body in BODIES.items()}
