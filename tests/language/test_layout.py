"""The one spelling that the printer gives every tree."""

from __future__ import annotations

import pytest

from explorer.language import parse, print_syntax
from explorer.language.printer import WIDTH, expression
from explorer.language.syntax import Param


def formatted(text: str) -> str:
    return print_syntax(parse(text))


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ("a:conv 1x1   8>id", "a: conv 1x1 8 > id"),
        ("a: [id|conv 1x1 8]", "a: [ id | conv 1x1 8 ]"),
        ("a: [+repeat 3 each as i( id )]", "a: [+ repeat 3 each as i (id) ]"),
        ("a: if (n>1)(id)else (id)", "a: if (n > 1) (id) else (id)"),
        ("a: choose p{max:id|avg:id}", "a: choose p { max: id | avg: id }"),
        ("input 3x8x8 classes 2 width 1 rounded 8", "input 3x8x8  classes 2  width 1 rounded 8"),
        ("knob n=8 in 1..9 step 2 log", "knob n = 8 in 1..9 step 2 log"),
        ("knob n in {1,2}", "knob n in {1, 2}"),
        ("lever p=b in {a,b}", "lever p = b in {a, b}"),
        ("block f( a,b = 2 ):\n        id", "block f(a, b = 2):\n  id"),
        ("a: conv (1 , k) n pad = 1", "a: conv (1, k) n pad=1"),
        ("a: cell( 1,b = 2 )", "a: cell(1, b=2)"),
        ("a: conv 03x3 8", "a: conv 3x3 8"),
    ],
)
def test_there_is_one_spelling(written: str, printed: str) -> None:
    assert formatted(written) == f"{printed}\n"


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ("((a))", "a"),
        ("(a+b)+c", "a + b + c"),
        ("a+(b+c)", "a + (b + c)"),
        ("a-(b-c)", "a - (b - c)"),
        ("(a+b)*c", "(a + b)*c"),
        ("a+b*c", "a + b*c"),
        ("a/(b*c)", "a/(b*c)"),
        ("a//b/c", "a//b/c"),
        ("-(a+b)", "-(a + b)"),
        ("-a*b", "-a*b"),
        ("-(a*b)", "-(a*b)"),
        ("--a", "--a"),
        ("not (a and b)", "not (a and b)"),
        ("(not a) and b", "not a and b"),
        ("a or b and c", "a or b and c"),
        ("(a or b) and c", "(a or b) and c"),
        ("(a<b)==c", "(a < b) == c"),
        ("max(a,b+1)", "max(a, b + 1)"),
        ("(not a) + 1", "(not a) + 1"),
    ],
)
def test_only_the_parentheses_that_matter_are_printed(written: str, printed: str) -> None:
    (statement,) = parse(f"param p = {written}").statements
    assert isinstance(statement, Param)
    assert expression(statement.value) == printed


def test_a_long_chain_breaks_before_its_sign() -> None:
    text = "stem: " + " > ".join(["conv 3x3 64 act=relu norm=batch"] * 6)
    lines = formatted(text).splitlines()
    assert len(lines) > 1
    assert max(map(len, lines)) <= WIDTH
    assert all(line.startswith("    > ") for line in lines[1:])


def test_a_long_join_has_a_branch_a_line() -> None:
    branch = "conv 1x1 64 act=relu norm=batch"
    text = f"cell: [ {branch} | {branch} > {branch} | {branch} ]"
    lines = formatted(text).splitlines()
    assert len(lines) == 3
    assert [line.index(sign) for line, sign in zip(lines, "[||", strict=True)] == [6, 6, 6]
    assert lines[-1].endswith(" ]")


def test_a_chain_that_fits_exactly_stays_on_its_line() -> None:
    text = "a: " + "x" * (WIDTH - 8) + " > id"
    assert len(text) == WIDTH
    assert formatted(text) == f"{text}\n"
    assert formatted(text.replace("id", "idx")).count("\n") == 2


LONG = "conv 1x1 64 act=relu norm=batch"


@pytest.mark.parametrize(
    "bracket",
    [
        f"[ {LONG} | {LONG} ]",
        f"choose p {{ a: {LONG} | b: {LONG} }}",
        f"({LONG} > {LONG})",
        f"repeat 2 ({LONG} > {LONG})",
    ],
)
def test_what_fits_below_moves_there_whole(bracket: str) -> None:
    text = f"stem: {LONG} > {bracket}"
    assert formatted(text).splitlines() == [f"stem: {LONG}", f"    > {bracket}"]


def test_what_fits_nowhere_breaks_inside_where_there_is_room() -> None:
    join = f"[ {LONG} | {LONG} | {LONG} ]"
    near = formatted(f"stem: relu > {join}").splitlines()
    assert near[0] == f"stem: relu > [ {LONG}"
    assert [line.index("|") for line in near[1:]] == [13, 13]
    far = formatted(f"stem: {LONG} > {LONG} > {join}").splitlines()
    assert far[1] == f"    > [ {LONG}"
    assert [line.index("|") for line in far[2:]] == [6, 6]


def test_no_line_of_code_is_too_wide() -> None:
    text = f"a: {LONG} > repeat n ({LONG} > [ {LONG} | {LONG} > {LONG} ] > {LONG}) > {LONG}"
    assert max(map(len, formatted(text).splitlines())) <= WIDTH + len(" ])")


def test_deep_texts_are_laid_out_in_no_time() -> None:
    text = "a: " + "id > (" * 50 + f"{LONG} > {LONG} > {LONG}" + ")" * 50 + "\n"
    assert parse(formatted(text)) == parse(text)
