"""A closed net is the candidate, under the space's own header and under any other."""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.budget import draw
from explorer.errors import NetError
from explorer.graph import fingerprint
from explorer.language import parse, print_syntax
from explorer.language.syntax import Choose, File, Knob, Lever
from explorer.ops import image
from explorer.report.tidy import tidy
from explorer.space import Assignment, Rebind, Space, bind, elaborate
from explorer.space.close import close
from explorer.space.library import Text
from explorer.space.trees import inside
from tests.report.spaces import SPACES

ROOT = Path(__file__).parent.parent.parent
INCEPTION = Text("inception.space", (ROOT / "search_spaces/inception.space").read_text("utf-8"))
PROXY = Rebind(
    input=image(3, 32, 32),
    classes=10,
    width=Fraction(1, 8),
    params={"stride1": 1, "stride2": 1},
)


@cache
def space_of(text: Text, rebind: int = 0) -> Space:
    return text.space(REBINDS[rebind])


REBINDS = (
    Rebind(),
    Rebind(input=image(1, 12, 12), classes=3, width=Fraction(1, 2)),
    Rebind(width=Fraction(3, 4)),
    PROXY,
)


def outcome(space: Space, assignment: Assignment) -> str:
    """The fingerprint, or that there is no such net."""
    try:
        return fingerprint(bind(space, assignment).graph)
    except NetError:
        return "no net"


def text_of(file: File) -> str:
    """The text; what it says stays the same when it is read and written again."""
    text = print_syntax(file)
    assert print_syntax(parse(text)) == text
    return text


def drawn(text: Text, seed: int) -> dict[str, object]:
    return draw(space_of(text), np.random.default_rng(seed))


@pytest.mark.parametrize("name", SPACES)
def test_every_assignment_closes_to_the_same_net(name: str) -> None:
    text = Text("small.space", SPACES[name])
    found = 0
    for seed in range(7):
        assignment = drawn(text, seed) if seed else {}
        if outcome(space_of(text), assignment) == "no net":
            continue
        found += 1
        for file in (close(text, assignment), tidy(close(text, assignment))):
            again = parse(text_of(file))
            for index, rebind in enumerate(REBINDS[:3]):
                expected = outcome(space_of(text, index), assignment)
                assert outcome(elaborate(again, rebind), {}) == expected, text_of(file)
    assert found


@given(st.integers(1, 10**6))
@settings(max_examples=8)
def test_inception_closes_to_the_same_net(seed: int) -> None:
    assignment = drawn(INCEPTION, seed)
    again = parse(text_of(tidy(close(INCEPTION, assignment))))
    for index in (0, 3):
        closed = elaborate(again, REBINDS[index])
        assert closed.is_net
        assert outcome(closed, {}) == outcome(space_of(INCEPTION, index), assignment)


def test_nothing_is_left_to_choose() -> None:
    found = list(inside(tidy(close(INCEPTION, drawn(INCEPTION, 5)))))
    assert not [value for value in found if isinstance(value, (Knob, Lever, Choose))]


def test_the_defaults_read_as_the_shipped_googlenet_does() -> None:
    text = text_of(tidy(close(INCEPTION, {})))
    assert "block inception(n1, r3, n3, r5, n5, np):\n  [ conv 1x1 n1\n" in text
    shipped = (ROOT / "search_spaces/reference/googlenet.net").read_text("utf-8")
    calls = [line for line in shipped.splitlines() if line.startswith("i")][1:]
    assert [line for line in calls if line not in text] == []
    assert "cut3: maxpool 3x3/2\n" in text
    assert "depth4" not in text and "i4f" not in text


def test_a_call_that_no_other_is_like_stands_where_it_was_called() -> None:
    text = text_of(tidy(close(INCEPTION, {"i3b.five": "stacked"})))
    assert "\ni3b: [ conv 1x1 128\n" in text
    assert "     | conv 1x1 32 > conv 3x3 96 > conv 3x3 96\n" in text


def test_calls_that_differ_in_numbers_share_a_block() -> None:
    levers = {"i3b.five": "stacked", "i4b.five": "stacked"}
    text = text_of(tidy(close(INCEPTION, levers)))
    assert "# five = stacked\nblock inception_2(n1, r3, n3, r5, n5, np):\n" in text
    assert "\ni4b: inception_2(160, 112, 224, 24, 64, 64)\n" in text


def test_params_that_nothing_reads_are_left_out() -> None:
    text = text_of(close(Text("s", SPACES["params in expressions and conditions"]), {}))
    assert "param s = 2" in text
    assert "unused" not in text


def test_what_does_not_fit_the_space_is_refused() -> None:
    with pytest.raises(NetError, match="no knob or lever"):
        close(INCEPTION, {"depth9": 1})


def test_a_net_closes_to_itself() -> None:
    file = ROOT / "search_spaces/reference/googlenet.net"
    text = Text(file.name, file.read_text("utf-8"))
    closed = parse(text_of(tidy(close(text, {}))))
    assert outcome(elaborate(closed), {}) == outcome(text.space(), {})


def test_a_net_of_nothing_closes() -> None:
    text = Text("s", "space s\ninput 3x8x8\nlever l in {a, b}\nx: choose l { a: id | b: relu }\n")
    assert text_of(tidy(close(text, {}))) == "net s\ninput 3x8x8\n"
    assert text_of(tidy(close(text, {"l": "b"}))) == "net s\ninput 3x8x8\n\nx: relu\n"
