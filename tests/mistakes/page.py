"""The page of mistakes, read and run: snippets, the errors that they show, the tool's own words."""

from __future__ import annotations

import io
import re
import shlex
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import NamedTuple

from explorer.cli import main
from explorer.language.mistakes import HEADER

PAGE = Path(__file__).parent.parent.parent / "docs" / "mistakes.md"
PAIR = re.compile(r"^```wrong\n(.*?)^```\n(\n?)```error\n(.*?)^```\n", re.M | re.S)
COMMAND = "$ explorer "
WHOLE = re.compile(r"^(net|space|input)\b(?!:)", re.M)


class Entry(NamedTuple):
    """A wrong snippet and the error that the page shows for it."""

    snippet: str
    error: str

    @property
    def name(self) -> str:
        return " / ".join(self.snippet.splitlines()[:3])

    def files(self) -> dict[str, str]:
        """The files of the snippet: ``wrong.net``, and others behind lines ``== NAME``."""
        first, *others = re.split(r"^== ", self._text(), flags=re.M)
        found = {"wrong.net": first if WHOLE.search(first) else HEADER + first}
        for other in others:
            name, _, content = other.partition("\n")
            found[name] = content
        return found

    def command(self) -> list[str]:
        """The command that reads ``wrong.net``."""
        lines = [line for line in self.snippet.splitlines() if line.startswith(COMMAND)]
        return shlex.split(lines[0][len(COMMAND) :]) if lines else ["check", "wrong.net"]

    def _text(self) -> str:
        lines = self.snippet.splitlines(keepends=True)
        return "".join(line for line in lines if not line.startswith(COMMAND))


def entries() -> list[Entry]:
    """What the page shows, in its order."""
    found = PAIR.findall(PAGE.read_text("utf-8"))
    return [Entry(snippet, error) for snippet, _, error in found]


def printed(entry: Entry, folder: Path) -> str:
    """What the tool prints about a snippet, without its own name in front."""
    for name, content in entry.files().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, "utf-8")
    error = io.StringIO()
    with chdir(folder), redirect_stderr(error), redirect_stdout(io.StringIO()):
        code = main(entry.command())
    assert code == 1, f"nothing is refused in:\n{entry.snippet}"
    return error.getvalue().removeprefix("explorer: ")


def renew(folder: Path) -> None:
    """Write the page anew with what the tool prints now."""
    folders = (folder / str(number) for number in range(10_000))

    def renewed(match: re.Match[str]) -> str:
        entry = Entry(match[1], match[3])
        own = next(folders)
        own.mkdir()
        return f"```wrong\n{entry.snippet}```\n{match[2]}```error\n{printed(entry, own)}```\n"

    PAGE.write_text(PAIR.sub(renewed, PAGE.read_text("utf-8")), "utf-8")
