"""No small text asks for endless work: what is too much is refused, in one line and soon."""

from __future__ import annotations

import time

import pytest

from explorer.errors import ExplorerError
from explorer.graph import fingerprint, lint
from explorer.language import parse, print_syntax
from explorer.space import bind, elaborate
from explorer.space.close import close
from explorer.space.extent import size_in_words
from explorer.space.library import Text

NET = "net n\ninput 4x8x8 classes 10\n"
SPACE = "space n\ninput 4x8x8 classes 10\nknob n in 1..4\n"
SECONDS = 5  # of the processor; what is bounded takes less than two on a machine of its own

ELEMENTS = "the space has more than 100000 elements"


def numbered(text: str, numbers: range) -> str:
    """The text once for every number: ``#`` is the number, ``@`` the next one."""
    return "".join(text.replace("#", str(n)).replace("@", str(n + 1)) for n in numbers)


# What is refused, and why.
REFUSED = {
    "copies of copies of copies": (
        NET + "repeat 1000 (repeat 1000 (repeat 1000 (conv 3x3 4 norm=batch act=relu)))\n",
        ELEMENTS,
    ),
    "copies of nothing": (NET + "repeat 1000 (repeat 1000 (repeat 1000 (id)))\n", ELEMENTS),
    "copies of joins of copies": (
        NET + "repeat 500 as i ([+ repeat 500 as j ([| repeat 500 (relu) ]) ])\n",
        ELEMENTS,
    ),
    "more copies than one repeat makes": (
        NET + "repeat 1001 (relu)\n",
        "a repeat makes at most 1000 copies, got 1001",
    ),
    "as many copies as knobs ask for": (
        SPACE + "knob a in 1..99\nknob b in 1..99\nrepeat (a*b//10) (repeat (a*b//10) (relu))\n",
        ELEMENTS,
    ),
    "counts of knobs that take long to try": (
        SPACE
        + "block c():\n  knob a in 1..99\n  knob b in 1..99\n  repeat (a*b//5000) (relu)\n"
        + "repeat 1000 each (c())\n",
        ELEMENTS,
    ),
    "calls that double 40 times": (
        NET + numbered("block b#():\n  b@() > b@()\n", range(39)) + "block b39():\n  relu\nb0()\n",
        ELEMENTS,
    ),
    "joins that double 40 times": (
        NET
        + numbered("block b#():\n  [ b@() + b@() ]\n", range(39))
        + "block b39():\n  relu\nb0()\n",
        ELEMENTS,
    ),
    "calls inside calls": (
        NET + numbered("block b#():\n  b@()\n", range(60)) + "block b60():\n  relu\nb0()\n",
        "calls are nested deeper than 40",
    ),
    "a block that calls itself through others": (
        NET + "block a():\n  b()\nblock b():\n  c()\nblock c():\n  a()\na()\n",
        "a block cannot contain itself: a > b > c > a",
    ),
    "requirements in copies": (
        SPACE
        + "block c():\n"
        + numbered("  require n < 1#9\n", range(500))
        + "  relu\nrepeat 1000 (c())\n",
        ELEMENTS,
    ),
    "knobs of very many values in copies": (
        SPACE
        + "block c():\n"
        + numbered("  knob k# in 1..9999\n", range(20))
        + "  conv 1x1 k0\nrepeat 1000 each (c())\n",
        ELEMENTS,
    ),
    "a number that doubles in calls": (
        SPACE
        + numbered("block b#(a):\n  b@(a + a)\n", range(38))
        + "block b38(a):\n  conv 1x1 a\nb0(n)\n",
        "a number is made by more than 1000 operations",
    ),
    "a number that doubles in params": (
        SPACE
        + "block b(p0):\n"
        + numbered("  param p@ = p# + p#\n", range(40))
        + "  conv 1x1 p40\nb(n)\n",
        "a number is made by more than 1000 operations",
    ),
    "a number that is squared again and again": (
        NET + "param p0 = 99\n" + numbered("param p@ = p#*p#\n", range(60)) + "conv 1x1 4\n",
        "numbers lie between -10^15 and 10^15",
    ),
    "a fraction that is squared again and again": (
        NET
        + "block b0(a):\n  dropout a\n"
        + numbered("block b@(a):\n  b#(a*a)\n", range(36))
        + "b36(1e-99)\n",
        "a fraction has a denominator of at most 150 digits",
    ),
    "very deep brackets": (NET + "[" * 2000 + "id" + " | id ]" * 2000 + "\n", "too deeply"),
    "a very long sum": (NET + "conv 1x1 (" + "1 + " * 5000 + "1)\n", "too deeply"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_too_much_is_refused_soon(name: str) -> None:
    text, message = REFUSED[name]
    started = time.process_time()
    with pytest.raises(ExplorerError) as caught:
        bind(elaborate(parse(text)))
    assert message in caught.value.message
    assert "\n" not in caught.value.message
    assert time.process_time() - started < SECONDS


# What is much, and means something all the same.
BOUND = {
    "a join of 10,000 branches": NET + f"[ {' | '.join(['relu'] * 10_000)} ]\n",
    "a sum of one value 10,000 times": NET + f"[ {' + '.join(['id'] * 10_000)} ]\n",
    "a chain of 5,000 ops": NET + " > ".join(["relu"] * 5_000) + "\n",
    "copies that are one, thirty deep": SPACE
    + numbered("repeat 1 as i# (", range(30))
    + "conv 1x1 n"
    + ")" * 30,
    "5,000 choices": SPACE
    + "block c():\n"
    + numbered("  knob k# in 1..9\n", range(20))
    + "  conv 1x1 k1\nrepeat 250 each (c())\n",
    "10,000 nodes": NET + "repeat 100 (repeat 100 (conv 1x1 4))\n",
}


@pytest.mark.parametrize("name", BOUND)
def test_what_is_much_is_followed_soon(name: str) -> None:
    started = time.process_time()
    file = parse(BOUND[name])
    space = elaborate(file)
    graph = bind(space).graph
    assert lint(graph) == []
    assert print_syntax(file) and size_in_words(space) and fingerprint(graph)
    assert time.process_time() - started < 3 * SECONDS


def test_what_is_much_is_closed_soon() -> None:
    for name in ("copies that are one, thirty deep", "5,000 choices"):
        text = Text("much.net", BOUND[name])
        started = time.process_time()
        closed = elaborate(close(text, {}))
        assert fingerprint(bind(closed).graph) == fingerprint(bind(text.space()).graph)
        assert time.process_time() - started < SECONDS


def test_so_many_assignments_have_a_name() -> None:
    space = elaborate(parse(BOUND["5,000 choices"]))
    assert size_in_words(space) == "about 10^4771"
