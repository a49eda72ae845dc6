"""What the depth of a text is, and what becomes of it."""

from __future__ import annotations

from fractions import Fraction

import pytest

from explorer.scale import Baseline, Factors
from explorer.space.library import Text

HEAD = """net made
input 3x32x32  classes 10
default conv same norm=batch act=relu
default maxpool same

block module(n):
  [ conv 1x1 n | conv 3x3 n ]

"""
END = "head: avgpool global > linear classes\n"


def lines(body: str, depth: str, head: str = HEAD) -> list[str]:
    """What scaling the depth makes of the lines of a text, without its head and its end."""
    base = Baseline(Text("made.net", head + body + END))
    text = base.scaled(Factors(depth=Fraction(depth))).text()
    return [line for line in text.split("\n\n")[-1].splitlines() if line != END.strip()]


def test_a_run_of_lines_grows_by_lines() -> None:
    body = "stem: conv 3x3 12\na: module(8)\nb: module(9)\n"
    grown = ["stem: conv 3x3 12", "a: module(8)", "b: module(9)"]
    assert lines(body, "1") == grown
    assert lines(body, "1.2") == [*grown, "b2: module(9)"]
    assert lines(body, "2.5") == [*grown, "b2: repeat 3 (module(9))"]


def test_a_run_in_a_chain_grows_in_it() -> None:
    body = "body: conv 3x3 9 > module(8) > module(9) > relu > maxpool 3x3/2\n"
    grown = "body: conv 3x3 9 > module(8) > module(9) > relu > module(9) > relu > maxpool 3x3/2"
    assert lines(body, "1.5") == [grown]


def test_what_changes_the_grid_ends_a_stage_and_stays_alone() -> None:
    body = "a: module(8)\ncut: maxpool 3x3/2\nb: module(16)\nlast: conv 3x3/2 16\nc: module(8)\n"
    grown = lines(body, "2")
    assert [line.partition(":")[0] for line in grown] == [
        "a",
        "a2",
        "cut",
        "b",
        "b2",
        "last",
        "c",
        "c2",
    ]


def test_a_new_label_is_new() -> None:
    body = "a1: module(8)\na: module(8) > maxpool 3x3/2\na2: module(8)\na2_2: conv 1x1 8\n"
    grown = lines(body, "2")
    assert "a2_3: module(8)" in grown


def test_a_value_that_is_read_later_keeps_its_meaning() -> None:
    body = "a: module(8)\nb: module(8)\nsum: [ a > conv 1x1 16 + b ]\n"
    grown = lines(body, "1.3")
    # A line behind b would be read by nobody, so that its copy joins it.
    assert grown == ["a: module(8)", "b: module(8) > module(8)", "sum: [ a > conv 1x1 16 + b ]"]


def test_repeats_get_other_counts() -> None:
    body = "a: repeat 4 (module(8))\ncut: maxpool 3x3/2\nb: repeat 1 (module(16))\n"
    assert lines(body, "1.2")[0] == "a: repeat 5 (module(8))"
    assert lines(body, "1.2")[2] == "b: repeat 2 (module(16))"
    assert lines(body, "0.5")[0] == "a: repeat 2 (module(8))"
    assert lines(body, "0.1")[2] == "b: repeat 1 (module(16))"


STAGED = """net made
input 3x32x32  classes 10
default conv same norm=batch act=relu
param first = 2

block residual(n, s):
  [ conv 3x3/s n > conv 3x3 n + conv 1x1/s n ]

block stage(count, n, s):
  residual(n, s) > repeat (count - 1) (residual(n, 1))

"""


def test_a_count_of_a_block_is_scaled_where_it_stands() -> None:
    """The first block of a stage counts with its copies: 2 and 3 become 3 and 4."""
    base = Baseline(Text("made.net", STAGED + "a: stage(first, 8, 1)\nb: stage(3, 16, 2)\n" + END))
    net = base.scaled(Factors(depth=Fraction("1.2")))
    assert "residual(n, s) > repeat (ceil(1.2*count) - 1) (residual(n, 1))" in net.text()
    assert [(change.before, change.after) for change in net.changes] == [(2, 3), (3, 4)]
    assert net.layers == base.layers + 2 * 2
    shallow = base.scaled(Factors(depth=Fraction("0.3")))
    assert "repeat (max(0, ceil(0.3*count) - 1))" in shallow.text()
    assert [(change.before, change.after) for change in shallow.changes] == [(2, 1), (3, 1)]


def test_only_the_way_of_the_net_is_its_depth() -> None:
    body = "a: repeat 2 ([ repeat 3 (conv 3x3 8) + conv 1x1 8 ])\nb: [+ repeat 3 (conv 3x3 8) ]\n"
    grown = lines(body, "2", HEAD.partition("\nblock")[0] + "\n")
    # The join of b counts beside the repeat: 2 + 1 modules become 6.
    assert grown[0] == "a: repeat 5 ([ repeat 3 (conv 3x3 8) + conv 1x1 8 ])"
    assert grown[1] == "b: [+ repeat 3 (conv 3x3 8) ]"


def test_what_sees_no_grid_is_no_stage() -> None:
    body = "a: module(8)\npool: avgpool global\nfc: repeat 2 (conv 1x1 64)\n"
    assert lines(body, "2")[2:] == ["pool: avgpool global", "fc: repeat 2 (conv 1x1 64)"]


def test_a_net_of_plain_layers_has_them_for_modules() -> None:
    head = HEAD.partition("\nblock")[0] + "\n"
    body = "c1: conv 3x3/2 8\nc2: conv 3x3 8 > relu\nc3: conv 3x3 9 > maxpool 3x3/2\n"
    grown = lines(body, "1.5", head)
    assert grown[:2] == ["c1: conv 3x3/2 8", "c2: conv 3x3 8 > relu"]
    assert grown[2] == "c3: conv 3x3 9 > conv 3x3 9 > maxpool 3x3/2"


def test_the_copied_module_costs_what_its_stage_does() -> None:
    """The last module is cheap on what it is given, and dear on what it puts out itself."""
    body = "a: [ conv 3x3 16 | conv 1x1 8 ]\nb: [ conv 3x3 16 | conv 1x1 400 ]\n"
    grown = lines(body, "1.5", HEAD.partition("\nblock")[0] + "\n")
    assert [line.partition(":")[0] for line in grown] == ["a", "a2", "b"]


def test_a_run_loses_its_last_module_but_one() -> None:
    body = "a: module(8)\nb: module(16)\nc: module(32)\n"
    assert lines(body, "0.6") == ["a: module(8)", "c: module(32)"]
    assert lines(body, "0.1") == ["c: module(32)"]


def test_a_module_that_others_read_is_not_lost() -> None:
    body = "a: module(8)\nb: module(16)\nc: module(32)\nend: [ c | b ]\n"
    assert [line[0] for line in lines(body, "0.6")] == ["b", "c", "e"]


@pytest.mark.parametrize("depth", ["0.5", "1", "1.2", "2", "3.3"])
def test_a_scaled_text_can_be_scaled_again(depth: str) -> None:
    body = "a: module(8)\nb: module(16)\ncut: maxpool 3x3/2\nc: repeat 2 (module(16))\n"
    base = Baseline(Text("made.net", HEAD + body + END))
    once = base.scaled(Factors(depth=Fraction(depth)))
    again = Baseline(Text("once.net", once.text())).scaled(Factors(depth=Fraction(2)))
    assert [c.before for c in again.changes] == [c.after for c in once.changes]
    assert again.name == once.name == "made_scaled"
