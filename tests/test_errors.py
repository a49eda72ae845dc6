from __future__ import annotations

import pytest

from explorer import errors
from explorer.errors import ExplorerError, NetError, Place

LINE = "a: conv 3x3 8"


def place(column: int = 4, width: int = 10, text: str = LINE, line: int = 3) -> Place:
    return Place("net.net", line, column, width, text, line)


def test_a_place_is_written_as_editors_read_it() -> None:
    assert str(place()) == "net.net:3:4"


def test_the_caret_marks_every_character_of_the_span() -> None:
    source, marks = place().caret().split("\n")
    assert source.endswith(LINE)
    marked = [source[i] for i, mark in enumerate(marks) if mark == "^"]
    assert "".join(marked) == "conv 3x3 8"


@pytest.mark.parametrize("width", [0, 1, 99])
def test_the_caret_stays_on_its_line_and_is_never_missing(width: int) -> None:
    source, marks = place(column=13, width=width).caret().split("\n")
    assert marks.count("^") == 1
    assert len(marks) == len(source)


def test_the_caret_stands_behind_a_line_that_ended_too_early() -> None:
    source, marks = place(column=len(LINE) + 1, width=1).caret().split("\n")
    assert len(marks) == len(source) + 1


def test_a_tab_is_as_wide_as_the_column_says() -> None:
    source, marks = place(column=2, width=4, text="\tconv 3x3").caret().split("\n")
    assert source[marks.index("^") :].startswith("conv")


def test_an_error_without_a_place_is_one_line() -> None:
    assert str(ExplorerError("no budget")) == "no budget"


def test_an_error_names_place_message_and_line() -> None:
    assert str(NetError("too large", place())).split("\n") == [
        "net.net:3:4: too large",
        f"    {LINE}",
        "       ^^^^^^^^^^",
    ]


def test_the_chain_of_calls_follows_innermost_first() -> None:
    inner, outer = place(line=5, text="x: inner(1)", width=8), place(line=9, text="y: outer(2)")
    shown = str(NetError("too large", place(), (inner, outer))).split("\n")
    assert shown[3:5] == ["  called from net.net:5:4", "    x: inner(1)"]
    assert shown[6:8] == ["  called from net.net:9:4", "    y: outer(2)"]


def test_every_error_of_ours_is_of_one_family() -> None:
    ours = [
        value
        for value in vars(errors).values()
        if isinstance(value, type) and issubclass(value, Exception)
    ]
    assert len(ours) > 4
    assert all(issubclass(error, ExplorerError) for error in ours)
    assert not issubclass(ExplorerError, (ValueError, RuntimeError, OSError))
