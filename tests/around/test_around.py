"""The space around a net: its defaults are the net, and all its members are nets."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import assume, given, settings

from explorer.around import MOST, around
from explorer.budget import draw
from explorer.cost import count
from explorer.errors import NetError
from explorer.graph import fingerprint
from explorer.language import parse, print_syntax
from explorer.space import Candidate, Space, bind
from explorer.space.library import Text, find_text, shipped
from tests.properties.strategies import nets
from tests.properties.texts import Text as Drawn

ZOO = sorted(path.stem for path in shipped().values() if path.parent.name == "reference")

BUILT = """net built
input 1x28x28  classes 10
default conv same norm=batch act=relu
default maxpool same
stem: conv 3x3 22
m1a: [ conv 1x1 5
     | conv 1x1 6 > conv 3x3 11
     | conv 1x1 3 > conv 1x5 2 > conv 5x1 2
     | maxpool 3x3/1 > conv 1x1 4 ]
m1b: [ conv 1x1 6
     | conv 1x1 5 > conv 3x3 11
     | conv 1x1 5 > conv 5x5 3
     | maxpool 3x3/1 > conv 1x1 3 ]
cut2: maxpool 3x3/2
m2a: [ conv 1x1 20
     | conv 1x1 7 > conv 3x3 44
     | conv 1x1 5 > conv 5x3 11
     | maxpool 3x3/1 > conv 1x1 13 ]
m2b: [ conv 1x1 19
     | conv 1x1 16 > conv 3x3 36
     | conv 1x1 12 > conv 5x5 23
     | maxpool 3x3/1 > conv 1x1 10 ]
head: avgpool global > linear classes
"""
SIGNALS = """net signals
input 1x40  classes 10
default conv same norm=batch act=relu
default maxpool same
stem: conv 5 12
m1: [ conv 1 5 | conv 1 4 > conv 3 8 | conv 1 3 > conv 5 4 | maxpool 3/1 > conv 1 3 ]
cut: maxpool 3/2
m2: [ conv 1 8 | conv 1 6 > conv 3 9 | conv 1 4 > conv 5 6 | maxpool 3/1 > conv 1 4 ]
m3: [ conv 1 8 | conv 1 6 > conv 3 9 | conv 1 4 > conv 5 6 | maxpool 3/1 > conv 1 4 ]
head: avgpool global > linear classes
"""
PLAIN = """net plain
input 3x32x32  classes 10
default conv same norm=batch act=relu
default maxpool same
a: conv 3x3 16 > conv 3x3 16 > maxpool 2x2/2
b: conv 3x3 32 > conv 3x3 32 > maxpool 2x2/2
head: avgpool global > linear classes
"""
RESIDUAL = """net residual
input 3x32x32  classes 10
default conv same norm=batch act=relu
block unit(n):
  [ conv 3x3 n > conv 3x3 n act=none + id ] > relu
stem: conv 3x3 16
body: repeat 3 (unit(16))
head: avgpool global > linear classes
"""


@cache
def opened(content: str) -> Space:
    return around(Text("some.net", content)).space()


def with_values(content: str, **values: object) -> Candidate:
    return bind(opened(content), {name: str(value) for name, value in values.items()})


def layers(candidate: Candidate, line: str) -> list[str]:
    """The convolutions of a line: kernel and channels."""
    nodes = [node for node in candidate.graph.nodes if node.path.startswith(f"{line}.")]
    ops = [node.op for node in nodes if node.op.name == "conv"]
    return [f"{'x'.join(map(str, op.kernel))} {op.channels}" for op in ops]  # type: ignore[attr-defined]


def check(text: Text, draws: int) -> Space:
    """The space around a net, after a look at its defaults and at some of its members."""
    made = around(text)
    space = made.space()
    assert fingerprint(bind(space).graph) == fingerprint(bind(text.space()).graph)
    assert print_syntax(parse(made.content, "made")) == made.content
    rng = np.random.default_rng(1)
    for _ in range(draws):
        bind(space, draw(space, rng), heads=True)
    return space


@pytest.mark.parametrize("name", ZOO)
def test_nets_of_the_zoo(name: str) -> None:
    space = check(find_text(name), draws=3)
    assert 2 <= len(space.choices) <= MOST


@pytest.mark.parametrize("content", [BUILT, SIGNALS, PLAIN, RESIDUAL])
def test_small_nets(content: str) -> None:
    assert check(Text("some.net", content), draws=40).choices


@settings(max_examples=12)
@given(nets)
def test_any_net_has_a_sound_space_or_none(drawn: Drawn) -> None:
    text = Text("drawn.net", str(drawn))
    try:
        around(text)
    except NetError as error:
        assume("nothing to open" not in str(error))
        raise
    check(text, draws=5)


def test_choices_of_a_constructed_net_are_tied_by_grid_and_branch() -> None:
    branches = ("one", "three", "five", "pool", "reduce")
    widths = {f"{branch}_{grid}" for branch in branches for grid in (28, 14)}
    others = {f"{what}_{grid}" for what in ("form", "depth") for grid in (28, 14)}
    assert opened(BUILT).choices.keys() == {"width_28", *widths, *others}


def test_a_factor_multiplies_the_filters_of_its_branch_alone() -> None:
    wider = with_values(BUILT, five_28=2, reduce_28="0.5")
    assert layers(wider, "m1a") == ["1x1 5", "1x1 3", "3x3 11", "1x1 2", "1x5 4", "5x1 4", "1x1 4"]
    assert layers(wider, "m2a") == layers(with_values(BUILT), "m2a")


def test_no_width_falls_below_two_channels() -> None:
    assert "5x1 2" in layers(with_values(BUILT, five_28="0.5"), "m1a")


def test_a_lever_writes_all_larger_kernels_of_a_grid_in_one_form() -> None:
    choice = opened(BUILT).choices["form_28"]
    assert (choice.default, choice.values) == ("own", ("own", "full", "stacked", "crossed"))
    full, stacked = (with_values(BUILT, form_28=form) for form in ("full", "stacked"))
    assert [layers(full, line)[4] for line in ("m1a", "m1b")] == ["5x5 2", "5x5 3"]
    assert layers(stacked, "m1b")[4:6] == ["3x3 3", "3x3 3"]
    assert layers(with_values(BUILT, form_14="stacked"), "m2a")[4:6] == ["3x3 11", "3x1 11"]
    assert layers(with_values(BUILT, form_14="crossed"), "m2a")[4:6] == ["1x3 11", "5x1 11"]


def test_the_last_module_of_a_grid_goes_first() -> None:
    shallow = with_values(BUILT, depth_14=1)
    assert layers(shallow, "m2a") and not layers(shallow, "m2b")


def test_signals_have_nothing_to_cross() -> None:
    assert opened(SIGNALS).choices["form_20"].values == ("full", "stacked")
    assert layers(with_values(SIGNALS, form_20="stacked", depth_20=1), "m2")[4:6] == ["3 6", "3 6"]


def test_plain_nets_have_widths_depths_and_kernels() -> None:
    whats = ("width", "kernel", "depth")
    assert opened(PLAIN).choices.keys() == {f"{w}_{grid}" for w in whats for grid in (32, 16)}
    assert layers(with_values(PLAIN, kernel_16=5, depth_32=1), "b") == ["5x5 32", "5x5 32"]


def test_channels_that_a_sum_fixes_stay() -> None:
    assert opened(RESIDUAL).choices.keys() == {"three_32", "depth_32"}
    wide = with_values(RESIDUAL, three_32=2, depth_32=1)
    assert [op for op in layers(wide, "body") if op] == ["3x3 32", "3x3 16"]


def test_grids_share_choices_where_there_would_be_too_many() -> None:
    module = BUILT[BUILT.index("m1a:") : BUILT.index("m1b:")]
    many = BUILT[: BUILT.index("m1a:")]
    for number in range(1, 6):
        many += module.replace("m1a", f"n{number}") + f"cut{number}: maxpool 3x3/2\n"
    space = check(Text("many.net", many + "head: avgpool global > linear classes\n"), 20)
    assert len(space.choices) <= MOST
    assert "three_28_to_14" in space.choices


def test_a_block_that_is_called_on_two_grids_is_opened_on_each() -> None:
    space = opened(find_text("googlenet").content)
    narrow = count(bind(space, {"three_7": "0.5"}).graph).macs
    assert narrow < count(bind(space).graph).macs


def test_names_of_the_text_are_not_taken_again() -> None:
    text = PLAIN.replace("b: conv", "width_32: conv")
    assert "width_32_2" in check(Text("some.net", text), 5).choices


NOTHING = "net flat\ninput vector 8  classes 3\nhead: linear classes\n"


def test_what_cannot_be_opened_is_said_in_a_line() -> None:
    with pytest.raises(NetError, match="'flat' has nothing to open: no convolution whose channels"):
        around(Text("flat.net", NOTHING))
    with pytest.raises(NetError, match="'inception' is a space already: it has 144 choices"):
        around(find_text("inception", "space"))
