"""A text of 2,000 lines, stage by stage, beside a shipped one: `make bench`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from explorer.cli import main
from explorer.cost import count
from explorer.graph import lint
from explorer.language import parse, print_syntax
from explorer.space import bind, elaborate, library
from explorer.space.library import find_text
from tests.benchmarks.test_ratios import seconds

pytestmark = pytest.mark.bench

LINES = 2_000
HEAD = """net long "a text of {} lines"
input 3x64x64  classes 10
default conv same norm=batch act=relu
default maxpool same
stem: conv 3x3/2 64
"""
BLOCK = """
# Block {0}: an Inception module with a residual around it.
block cell{0}(a, b = {1}):
  param half = a/2
  x: [ conv 1x1 a | conv 1x1 half > conv 3x3 b | maxpool 3x3/1 > conv 1x1 half ]
  [ x > conv 1x1 channels act=none + input ] > relu
"""


def long_text() -> str:
    """One part in three blocks, each called from the lines, which make up the rest."""
    blocks = [BLOCK.format(number, 16 + number % 5 * 8) for number in range(LINES // 18)]
    text = HEAD.format(LINES) + "".join(blocks)
    lines = []
    for number in range(LINES - text.count("\n") - 1):
        cell = f"cell{number % len(blocks)}({16 + number % 3 * 16})"
        if number < len(blocks):
            lines.append(f"y{number}: {cell}  # stage {number}")
        else:
            lines.append(f"y{number}: [ conv 1x1 32 > conv 3x3 64 act=none + id ] > relu")
    return text + "\n".join([*lines, "head: avgpool global > linear classes"]) + "\n"


def stages(text: str) -> tuple[dict[str, Callable[[], Any]], int]:
    """What is done with a text one after another, and how many nodes it makes."""
    file = parse(text)
    space = elaborate(file)
    graph = bind(space).graph
    ways: dict[str, Callable[[], Any]] = {
        "parse": lambda: parse(text),
        "elaborate": lambda: elaborate(file),
        "bind": lambda: bind(space),
        "lint": lambda: lint(graph),
        "count": lambda: count(graph),
        "print": lambda: print_syntax(file),
    }
    return ways, len(graph.nodes)


def check(file: str) -> int:
    """What `explorer check` does, nothing remembered."""
    library._parsed.cache_clear()
    return main(["check", file])


def test_two_thousand_lines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text, googlenet = long_text(), find_text("googlenet").content
    assert text.count("\n") == LINES
    path = tmp_path / "long.net"
    path.write_text(text, "utf-8")
    told = []
    for name, content, file in (("long", text, str(path)), ("googlenet", googlenet, "googlenet")):
        ways, nodes = stages(content)
        ways["check"] = lambda file=file: check(file)
        found = dict(zip(ways, seconds(*ways.values(), rounds=3), strict=True))
        lines = content.count("\n")
        told.append(found["check"])
        shown = ", ".join(f"{stage} {time * 1e3:.0f}" for stage, time in found.items())
        with capsys.disabled():
            print(f"\n{name}: {lines} lines, {nodes} nodes; ms: {shown}")
    with capsys.disabled():
        print(f"a check of {LINES} lines against one of googlenet: {told[0] / told[1]:.0f}")
