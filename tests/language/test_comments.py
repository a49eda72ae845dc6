"""No comment is ever lost, wherever it stands."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from explorer.language import parse, print_syntax, syntax

SHIPPED = ["inception.space", "reference/googlenet.net", "reference/googlenet_torchvision.net"]
NOTE = re.compile(r"# note \d+")


def formatted(text: str) -> str:
    return print_syntax(parse(text))


@pytest.mark.parametrize("name", SHIPPED)
def test_a_comment_behind_every_line_survives(shipped: Callable[[str], str], name: str) -> None:
    lines = [line for line in shipped(name).splitlines() if line and not line.startswith("#")]
    text = "\n".join(f"{line}  # note {number}" for number, line in enumerate(lines))
    printed = formatted(text)
    assert NOTE.findall(printed) == NOTE.findall(text)
    assert formatted(printed) == printed
    assert without_notes(parse(printed)) == without_notes(parse("\n".join(lines)))


@pytest.mark.parametrize("indent", ["", "  ", "       "])
@pytest.mark.parametrize("name", SHIPPED)
def test_a_comment_before_every_line_survives(
    shipped: Callable[[str], str], name: str, indent: str
) -> None:
    lines = shipped(name).splitlines()
    text = "\n".join(f"{indent}# note {number}\n{line}" for number, line in enumerate(lines))
    printed = formatted(text)
    assert NOTE.findall(printed) == NOTE.findall(text)
    assert formatted(printed) == printed


def without_notes(file: syntax.File) -> list[str]:
    stripped = [NOTE.sub("", line).rstrip() for line in print_syntax(file).splitlines()]
    return [line for line in stripped if line]


@pytest.mark.parametrize(
    "note",
    [
        "# a > b",
        "# >",
        "#> [ ( {",
        '# he said "x',
        "## again # and again",
        "#",
        "# a\u2028b",
        "# a\x0cb\x0bc",
        "# a\x85b",
        "# tab\there",
    ],
)
def test_what_stands_in_a_comment_has_no_meaning(note: str) -> None:
    text = (
        f"{note}\nnet n  {note}\n{note}\ninput 3x8x8 {note}\na: id\n{note}\n  > id {note}\n{note}"
    )
    file = parse(text)
    net, source, line = file.statements
    assert (net.before, net.after) == ((note,), note)
    assert (source.before, source.after) == ((note,), note)
    assert (line.before, line.after) == ((note,), note)
    assert file.trailing == (note,)
    assert parse(print_syntax(file)) == file


def test_a_sign_in_a_title_begins_no_comment() -> None:
    (net,) = parse('net n "one # two"  # three').statements
    assert isinstance(net, syntax.Net)
    assert (net.title, net.after) == ("one # two", "# three")


def test_comments_inside_a_statement_move_to_its_front() -> None:
    text = "# zero\na: [ id  # one\n   # two\n   | id ]  # three\n"
    (line,) = parse(text).statements
    assert line.before == ("# zero", "# one", "# two")
    assert line.after == "# three"


def test_a_comment_stays_in_its_block() -> None:
    text = "block cell():  # head\n  # first\n  id  # id\n\n  # second\n  id\n# after\na: id\n"
    assert formatted(text) == text


def test_blank_lines_are_kept_one_at_a_time() -> None:
    assert formatted("a: id\n\n\n\nb: id\n# c\n\n\n# d\nc: id\n\n\n") == (
        "a: id\n\nb: id\n# c\n\n# d\nc: id\n"
    )
