"""Knobs and levers: their domains, their defaults, and what an assignment may say."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.errors import NetError
from explorer.space import Candidate, Choice, Knob, Lever, Space, complete, read_value, write_value

HEAD = "space s\ninput 3x8x8  classes 5\n"


@pytest.fixture
def choice(space_of: Callable[[str], Space]) -> Callable[[str], Choice]:
    def only(statement: str) -> Choice:
        (found,) = space_of(f"{HEAD}{statement}\nx: id\n").choices.values()
        return found

    return only


@pytest.mark.parametrize(
    ("statement", "values", "default"),
    [
        ("knob n in 1..4", (1, 2, 3, 4), 1),
        ("knob n = 3 in 1..4", (1, 2, 3, 4), 3),
        ("knob n = 64 in 32..96 step 16", (32, 48, 64, 80, 96), 64),
        ("knob n in 5..30 step 8", (8, 16, 24), 8),
        ("knob n in 0.5..2 step 0.5", (Fraction(1, 2), 1, Fraction(3, 2), 2), Fraction(1, 2)),
        ("knob n = 0.1 in 0..0.3 step 0.1", (0, *(Fraction(i, 10) for i in (1, 2, 3))), 0.1),
        ("knob n in -4..4 step 4", (-4, 0, 4), -4),
        ("knob n = 4 in {4, 1, 2, 4}", (1, 2, 4), 4),
        ("knob n in {0.25, 1/2}", (Fraction(1, 4), Fraction(1, 2)), Fraction(1, 4)),
        ("knob n = 8 in 8/2..2*8 step 4", (4, 8, 12, 16), 8),
        ("lever l in {a, b}", ("a", "b"), "a"),
        ("lever l = c in {b, a, c}", ("b", "a", "c"), "c"),
    ],
)
def test_a_domain_is_what_its_statement_says(
    choice: Callable[[str], Choice], statement: str, values: tuple[object, ...], default: object
) -> None:
    found = choice(statement)
    assert found.values == values
    assert found.default == (Fraction("0.1") if default == 0.1 else default)


def test_log_says_how_to_draw(choice: Callable[[str], Choice]) -> None:
    drawn = choice("knob n in 8..64 step 8 log")
    plain = choice("knob n in 8..64 step 8")
    assert isinstance(drawn, Knob)
    assert isinstance(plain, Knob)
    assert (drawn.log, plain.log) == (True, False)
    assert drawn.values == plain.values


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("knob n = 5 in 8..16", "the default 5 of n is not in its domain; allowed: 8, 9, 10"),
        ("knob n = 12 in 8..24 step 8", "the default 12 of n is not in its domain; allowed: 8, 16"),
        ("knob n in 9..15 step 8", "no multiple of 8 lies in 9..15"),
        ("knob n in 4..2", "4..2 is empty; the lower end stands first"),
        ("knob n in 0..8 step 0", "a step is positive, got 0"),
        ("knob n in 0..8 step -1", "a step is positive, got -1"),
        ("knob n in 0..10000", "a knob has at most 10000 values"),
        ("knob n in 0..8 log", "a log knob is positive"),
        ("knob n in 1..classes", "not one that depends on classes"),
        ("knob n in 1..channels", "'channels' stands in a block"),
        ("knob n in {1, m}", "no number is called 'm'"),
        ("lever l in {a, b, a}", "'l' has the alternative 'a' twice"),
        ("lever l = c in {a, b}", "'c' is no alternative of 'l' (it has: a, b)"),
    ],
)
def test_a_domain_without_sense_is_refused(
    choice: Callable[[str], Choice], statement: str, message: str
) -> None:
    with pytest.raises(NetError) as caught:
        choice(statement)
    assert message in caught.value.message
    assert caught.value.place is not None
    assert caught.value.place.line == 3


def test_one_knob_cannot_set_the_domain_of_another(space_of: Callable[[str], Space]) -> None:
    with pytest.raises(NetError, match="not one that depends on a"):
        space_of(f"{HEAD}knob a in 1..4\nknob b in 1..a\nx: id\n")


KNOB = Knob("n", (1, Fraction(3, 2), 2), 1)
LEVER = Lever("l", ("full", "off"), "full")


@pytest.mark.parametrize(
    ("given", "value"),
    [(1, 1), ("1", 1), ("3/2", Fraction(3, 2)), ("1.5", Fraction(3, 2)), (2.0, 2), ("2e0", 2)],
)
def test_a_value_is_read_in_every_exact_spelling(given: object, value: object) -> None:
    assert read_value(KNOB, given) == value


@pytest.mark.parametrize("given", [3, "full", "", None, "1/0", "nan", "inf", [1], "1 2"])
def test_a_value_outside_the_domain_is_refused(given: object) -> None:
    with pytest.raises(NetError, match=r"n = .* is not allowed; allowed: 1, 3/2, 2"):
        read_value(KNOB, given)
    if given != "full":
        with pytest.raises(NetError, match="is not allowed; allowed: full, off"):
            read_value(LEVER, given)


def test_a_long_domain_is_shown_by_its_ends() -> None:
    with pytest.raises(NetError, match=r"allowed: 1, 2, 3, 4, 5, \.\.\., 98, 99"):
        read_value(Knob("n", tuple(range(1, 100)), 1), 0)


@given(st.sampled_from([*KNOB.values, *LEVER.values]))
def test_a_written_value_is_read_back(value: object) -> None:
    choice = LEVER if isinstance(value, str) else KNOB
    assert read_value(choice, write_value(value)) == value


def test_an_assignment_is_completed_with_defaults() -> None:
    choices = {"n": KNOB, "l": LEVER}
    assert complete(choices, {}) == {"n": 1, "l": "full"}
    assert complete(choices, {"l": "off"}) == {"n": 1, "l": "off"}
    with pytest.raises(NetError, match=r"no knob or lever 'i3a\.m'; did you mean 'i3a\.n'\?"):
        complete({"i3a.n": KNOB}, {"i3a.m": 1})


def test_the_size_of_a_space_counts_every_assignment(space_of: Callable[[str], Space]) -> None:
    space = space_of(f"{HEAD}knob a in 1..4\nlever l in {{x, y, z}}\nx: id\n")
    assert space.size == 12
    assert not space.is_net


def test_a_net_has_nothing_to_choose(space_of: Callable[[str], Space]) -> None:
    assert space_of("net n\ninput 3x8x8\nx: id\n").is_net
    with pytest.raises(NetError, match="a net has no knobs or levers; begin the text with 'space'"):
        space_of("net n\ninput 3x8x8\nknob a in 1..4\nx: id\n")


TWO = HEAD + (
    "lever l in {small, large}\nknob n = 4 in 2..8 step 2\nknob m = 4 in 2..8 step 2\n"
    "x: choose l { small: conv 1x1 n | large: conv 3x3 m }\n"
)


def test_inactive_choices_are_pinned_to_their_defaults(bound: Callable[..., Candidate]) -> None:
    small = bound(TWO, {"l": "small", "n": 8, "m": 8})
    assert small.active == {"l", "n"}
    assert small.assignment == {"l": "small", "n": 8, "m": 4}
    assert small.written() == {"l": "small", "n": 8, "m": 4}
    large = bound(TWO, {"l": "large", "n": 8, "m": 8})
    assert large.active == {"l", "m"}
    assert large.assignment == {"l": "large", "n": 4, "m": 8}


def test_a_pinned_assignment_binds_to_the_same_graph(bound: Callable[..., Candidate]) -> None:
    text = TWO.replace("x:", "require m >= n\nx:")
    for asked in ({"l": "large", "m": 8, "n": 6}, {"l": "small", "m": 8, "n": 6}):
        candidate = bound(text, asked)
        again = bound(text, candidate.assignment)
        assert again.graph == candidate.graph
        assert again.assignment == candidate.assignment


def test_a_requirement_must_hold(bound: Callable[..., Candidate]) -> None:
    text = TWO.replace("x:", "require n + m <= 10\nx:")
    assert bound(text, {"n": 6}).assignment["n"] == 6
    with pytest.raises(NetError) as caught:
        bound(text, {"n": 8})
    message = "the assignment breaks a requirement: n + m <= 10 (n = 8, m = 4)"
    assert caught.value.message == message
    assert str(caught.value.place) == "test.net:6:9"


def test_a_requirement_of_a_block_names_its_call(bound: Callable[..., Candidate]) -> None:
    text = HEAD + (
        "block cell(most):\n  knob n in 1..8\n  require n <= most\n  conv 1x1 n\n"
        "a: cell(8)\nb: cell(4)\n"
    )
    bound(text, {"a.n": 8, "b.n": 4})
    with pytest.raises(NetError, match="breaks a requirement: n <= most") as caught:
        bound(text, {"b.n": 5})
    assert [str(call) for call in caught.value.calls] == ["test.net:8:4"]


def test_a_requirement_does_not_see_channels(space_of: Callable[[str], Space]) -> None:
    with pytest.raises(NetError, match="'require' compares knobs, not channels"):
        space_of(f"{HEAD}block cell():\n  require channels > 2\n  relu\nx: cell()\n")
