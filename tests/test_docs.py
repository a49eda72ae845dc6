"""Every example in the documentation is executed: texts are bound, commands are run."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

import explorer
from explorer.cli import main
from explorer.graph import lint
from explorer.space import bind
from explorer.space.library import Text

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.M | re.S)


def fences(*kinds: str) -> list[tuple[str, str]]:
    return [
        (page.name, body)
        for page in PAGES
        for kind, body in FENCE.findall(page.read_text("utf-8"))
        if kind in kinds
    ]


@pytest.mark.parametrize(("page", "body"), fences("net", "space"))
def test_texts_bind(page: str, body: str) -> None:
    assert lint(bind(Text(page, body).space()).graph) == []


@pytest.mark.parametrize(("page", "body"), fences("console"))
def test_commands_print_what_is_shown(
    page: str, body: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is shown, if anything is, is all that is printed, but for what "..." stands for."""
    for session in body.split("$ explorer ")[1:]:
        command, *shown = session.strip().splitlines()
        assert main(shlex.split(command)) == 0
        printed = [line.split() for line in capsys.readouterr().out.splitlines()]
        begin, is_cut = 0, False
        for line in shown:
            if line.strip() == "...":
                is_cut = True
                continue
            allowed = printed[begin:] if is_cut else printed[begin : begin + 1]
            assert line.split() in allowed, f"{page}: {command}: {line}"
            begin, is_cut = begin + allowed.index(line.split()) + 1, False
        ends = is_cut or begin == len(printed) or not shown
        assert ends, f"{page}: {command}: more is printed"


@pytest.mark.parametrize(("page", "body"), fences("python"))
def test_python_runs(page: str, body: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # for what an example writes
    exec(compile(body, page, "exec"), {})


def anchors(page: Path) -> set[str]:
    """What a link can name on a page: its titles, in small letters, words joined by dashes."""
    titles = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def test_links_lead_somewhere() -> None:
    for page in [*PAGES, ROOT / "CHANGELOG.md"]:
        links = re.findall(r"\]\(([^)#:]*)(?:#([^)]+))?\)", page.read_text("utf-8"))
        for target, anchor in links:
            there = page.parent / target if target else page
            assert there.exists(), f"{page.name}: {target}"
            assert not anchor or anchor in anchors(there), f"{page.name}: {target}#{anchor}"


def test_every_op_is_in_the_language_page() -> None:
    from explorer.ops import OPS
    from explorer.space.expression import NAMED

    page = (ROOT / "docs" / "language.md").read_text("utf-8")
    assert [name for name in (*OPS, *NAMED) if not re.search(rf"\b{name}\b", page)] == []


def test_the_public_names_are_there() -> None:
    for name in explorer.__all__:
        assert callable(getattr(explorer, name))
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        explorer.nothing  # noqa: B018
