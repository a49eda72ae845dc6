"""The table of mistakes is true: every wrong snippet gets its message, and its place."""

from __future__ import annotations

import pytest

from explorer.errors import TextError
from explorer.language import parse
from explorer.language.mistakes import HEADER, MISTAKES, SPELLINGS

SNIPPETS = [(mistake.message, snippet) for mistake in MISTAKES for snippet in mistake.snippets]
SNIPPETS += [(spelling.message, spelling.snippet) for spelling in SPELLINGS]


def refusal(text: str) -> TextError:
    with pytest.raises(TextError) as caught:
        parse(text, "wrong.net")
    return caught.value


@pytest.mark.parametrize(("message", "snippet"), SNIPPETS, ids=[s.strip() for _, s in SNIPPETS])
def test_a_mistake_is_explained_where_it_stands(message: str, snippet: str) -> None:
    error = refusal(HEADER + snippet)
    assert message in error.message
    assert error.place is not None
    lines = (HEADER + snippet).splitlines()
    assert HEADER.count("\n") < error.place.line <= len(lines)
    assert error.place.text == lines[error.place.line - 1]
    first, source, marks = str(error).split("\n")
    assert first == f"wrong.net:{error.place.line}:{error.place.column}: {error.message}"
    assert source == f"    {error.place.text}"
    assert set(marks.strip()) == {"^"}


def test_messages_and_snippets_are_told_apart() -> None:
    messages = [entry.message for entry in (*MISTAKES, *SPELLINGS)]
    assert len(set(messages)) == len(messages)
    snippets = [snippet for _, snippet in SNIPPETS]
    assert len(set(snippets)) == len(snippets)


@pytest.mark.parametrize(
    ("snippet", "place", "message"),
    [
        ("a: conv 1x1 2*n\n", (3, 14), "'*': arithmetic stands in parentheses"),
        ("a: [ id | id + id ]\n", (3, 14), "'+': one bracket joins in one way"),
        ("a: [ id | id\n", (3, 4), "this '[' is never closed"),
        ("a: conv 1x1 8 >\n", (3, 16), "the end of the line: a chain has an element on both sides"),
        ("a: id )\n", (3, 7), "')' closes no bracket"),
        ("a: conv 1x1 8 $\n", (3, 15), "the character '$' has no meaning here"),
        ("a: Conv 1x1 8\n", (3, 4), "'Conv': names are written in small letters"),
        ("lever five in {full}\n", (3, 20), "'}': a lever names two alternatives or more"),
        (
            "\n    # a comment\n    id\n",
            (5, 1),
            "an indented line: only the lines of a block are indented",
        ),
    ],
)
def test_the_message_says_what_was_found(
    snippet: str, place: tuple[int, int], message: str
) -> None:
    error = refusal(HEADER + snippet)
    assert error.message.startswith(message)
    assert error.place is not None
    assert (error.place.line, error.place.column) == place


def test_a_line_at_a_depth_of_its_own_is_refused() -> None:
    error = refusal(f"{HEADER}block cell():\n    id\n  id\n")
    assert str(error).split("\n") == [
        "wrong.net:5:1: no line above is indented to this depth",
        "      id",
        "    ^^",
    ]


@pytest.mark.parametrize(
    "number", ["9" * 51, "1e100", "1e-100", "1e999999999", "0." + "3" * 50, f"3x{'9' * 5000}"]
)
def test_numbers_that_would_fill_the_memory_are_refused(number: str) -> None:
    error = refusal(f"{HEADER}a: conv {number} 8\n")
    assert error.message == "a number has at most 50 digits, and an exponent at most two"
    assert error.place is not None
    assert error.place.width == len(number)


@pytest.mark.parametrize(
    "chain",
    [
        "(" * 2000 + "id" + ")" * 2000,
        "conv 1x1 (" + "-" * 2000 + "8)",
        "conv 1x1 (" + "not " * 2000 + "8)",
        "conv 1x1 (" + "+".join(["1"] * 2000) + ")",
    ],
)
def test_bottomless_nesting_is_refused(chain: str) -> None:
    assert "nested too deeply" in refusal(f"{HEADER}a: {chain}\n").message


def test_the_version_of_the_language_is_whole() -> None:
    assert refusal("language 1.5\n").message == (
        "the version of the language is a whole number, got 1.5"
    )
