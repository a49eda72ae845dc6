"""The page of mistakes is what the tool says, and no error of ours is missing from it."""

from __future__ import annotations

import re
from contextlib import redirect_stderr
from io import StringIO
from pathlib import Path

import pytest

from explorer.cli import main
from explorer.language.mistakes import HEADER, MISTAKES, SPELLINGS
from tests.mistakes.cases import CASES, Case, write
from tests.mistakes.page import PAGE, Entry, entries, printed, renew
from tests.mistakes.places import spots, traced

ENTRIES = entries()

# Places that no text reaches, by file and the first words of the message.
EXEMPT = {
    ("space/header.py", "a file can only be used from a file"): (
        "a program elaborates syntax from which it did not replace 'use'"
    ),
    ("space/header.py", "'classes' is a positive whole number, got "): (
        "a program rebinds classes; the command line looks at them itself"
    ),
    ("space/header.py", "the text has no param '"): (
        "a program rebinds params; the command line and protocols give only those that are there"
    ),
    ("space/library.py", ": cannot be read ("): "a disk fails, or a file belongs to others",
    ("space/bind.py", ": calls and numbers are nested too deeply"): (
        "a case below reaches it where Python evaluates a level in two steps, as 3.11 does"
    ),
}


@pytest.mark.parametrize("entry", ENTRIES, ids=[entry.name for entry in ENTRIES])
def test_the_tool_says_what_the_page_shows(
    entry: Entry, tmp_path: Path, renew_golden: bool
) -> None:
    if not renew_golden:
        assert printed(entry, tmp_path) == entry.error


def test_the_page_is_renewed(tmp_path: Path, renew_golden: bool) -> None:
    if renew_golden:
        renew(tmp_path)


def test_every_snippet_has_an_error_and_stands_there_once() -> None:
    text = PAGE.read_text("utf-8")
    assert text.count("\n```wrong\n") == text.count("\n```error\n") == len(ENTRIES)
    assert len({entry.snippet for entry in ENTRIES}) == len(ENTRIES)
    assert f"```text\n{HEADER}```" in text


def test_the_mistakes_of_the_grammar_are_on_the_page() -> None:
    shown = {entry.snippet for entry in ENTRIES}
    table = [mistake.snippets[0] for mistake in MISTAKES]
    table += [spelling.snippet for spelling in SPELLINGS]
    assert [snippet for snippet in table if snippet not in shown] == []


@pytest.mark.parametrize("entry", ENTRIES, ids=[entry.name for entry in ENTRIES])
def test_an_error_is_one_line_in_words_and_where(entry: Entry) -> None:
    message, *rest = entry.error.splitlines()
    inside = r"Traceback|\b(None|True|False|Fraction|int|str|tuple|list|dict|object)\b|[<]class"
    assert re.search(inside, message) is None
    assert message.strip() == message
    assert len(rest) % 3 in (0, 2)
    if rest:
        assert re.match(r"\w+\.net:\d+:\d+: ", message)
        assert set(rest[1].strip()) == {"^"}
    for line in rest[2::3]:
        assert re.fullmatch(r"  called from \w+\.net:\d+:\d+", line)


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_what_the_page_cannot_show_is_refused_in_its_words(
    case: Case,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    write(case, tmp_path)
    monkeypatch.chdir(tmp_path)
    assert main(["check", "wrong.net"]) == 1
    first = capsys.readouterr().err.splitlines()[0]
    assert re.fullmatch(r"explorer: wrong(\.net)?(:\d+:\d+)?: .*", first)
    assert first.endswith(case.message)
    assert f"`{case.message}`" in PAGE.read_text("utf-8")


def test_every_error_is_reached(tmp_path: Path) -> None:
    def everything() -> None:
        for number, entry in enumerate(ENTRIES):
            folder = tmp_path / str(number)
            folder.mkdir()
            printed(entry, folder)
        for case in CASES:
            write(case, tmp_path)
            main(["check", str(tmp_path / "wrong.net")])

    with redirect_stderr(StringIO()):
        steps = traced(everything)
    known = {(spot.file, spot.words) for spot in spots()}
    assert set(EXEMPT) <= known, "an exemption for what is not there"
    missed = [spot for spot in spots() if not steps.reach(spot)]
    assert [str(spot) for spot in missed if (spot.file, spot.words) not in EXEMPT] == []


def test_a_place_that_nothing_reaches_is_found() -> None:
    steps = traced(lambda: None)
    assert len(spots()) > 100
    assert not any(map(steps.reach, spots()))
