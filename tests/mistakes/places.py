"""Every line of the code that makes an error of ours, and the lines that a run goes through."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple
from unittest import mock

import explorer
from explorer.errors import ExplorerError

ROOT = Path(explorer.__file__).parent
PACKAGES = ("language", "ops", "space", "graph")
ERRORS = {"NetError", "TextError", "OpError", "ExplorerError", "Condition"}
# Functions that return a message rather than raise it.
TELLERS = {"complaint", "unknown_element", "unknown_block", "_uncalled", "_problem", "_no_word"}


class Spot(NamedTuple):
    """A place in the code that makes an error; ``words`` is the first text of its message."""

    file: str
    first: int
    last: int
    is_lambda: bool
    words: str

    def __str__(self) -> str:
        return f"{self.file}:{self.first}: {self.words}"


class Steps(NamedTuple):
    """The lines that a run went through, and the first lines of the lambdas that it called."""

    lines: set[tuple[str, int]]
    lambdas: set[tuple[str, int]]

    def reach(self, spot: Spot) -> bool:
        if spot.is_lambda:
            return (spot.file, spot.first) in self.lambdas
        return any((spot.file, line) in self.lines for line in range(spot.first, spot.last + 1))


def spots() -> list[Spot]:
    """Every place that makes an error of ours."""
    return [spot for path in _files() for spot in _in_file(path)]


def _files() -> Iterator[Path]:
    for package in PACKAGES:
        yield from sorted((ROOT / package).rglob("*.py"))


def _in_file(path: Path) -> Iterator[Spot]:
    name = path.relative_to(ROOT).as_posix()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef) and node.name in TELLERS:
            for told in (n for n in ast.walk(node) if isinstance(n, ast.Return) and n.value):
                if ast.unparse(told) != "return None":
                    yield Spot(name, told.lineno, told.end_lineno or 0, False, _words(told))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ERRORS:
            is_condition = getattr(node.func, "id", "") == "Condition"
            made = node.args[1] if is_condition else node
            assert isinstance(made, ast.Lambda) or not is_condition, f"{path}:{node.lineno}"
            yield Spot(name, made.lineno, made.end_lineno or 0, is_condition, _words(made))


def _words(node: ast.AST) -> str:
    texts = (n.value for n in ast.walk(node) if isinstance(n, ast.Constant))
    return next((text for text in texts if isinstance(text, str)), ast.unparse(node))


def traced(run: Callable[[], None]) -> Steps:
    """What a run goes through, in the packages that are looked at."""
    names = {str(path): path.relative_to(ROOT).as_posix() for path in _files()}
    steps = Steps(set(), set())

    def calls(frame: FrameType, event: str, argument: Any) -> Any:
        name = names.get(frame.f_code.co_filename)
        if name is None:
            return None
        if frame.f_code.co_name == "<lambda>":
            steps.lambdas.add((name, frame.f_code.co_firstlineno))
        return lines

    def lines(frame: FrameType, event: str, argument: Any) -> Any:
        steps.lines.add((names[frame.f_code.co_filename], frame.f_lineno))
        return lines

    make = ExplorerError.__init__

    def made(self: ExplorerError, *values: Any) -> None:
        """Python stops tracing where it nests too deeply; an error still says where it is made."""
        frame = sys._getframe(1)
        steps.lines.add((names.get(frame.f_code.co_filename, ""), frame.f_lineno))
        make(self, *values)

    before = sys.gettrace()
    sys.settrace(calls)
    try:
        with mock.patch.object(ExplorerError, "__init__", made):
            run()
    finally:
        sys.settrace(before)
    return steps
