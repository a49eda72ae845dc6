"""Refusals that a page cannot show whole: texts too long, files that are none, one by one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from explorer.language.mistakes import HEADER


class Case(NamedTuple):
    """What stands in ``wrong.net``, and the message, of which the page shows the words."""

    name: str
    content: Callable[[], bytes]
    message: str


def _deep_calls() -> str:
    blocks = "".join(f"block c{i}():\n  c{i + 1}()\n" for i in range(40))
    return f"{blocks}block c40():\n  relu\na: c0()\n"


def _deep_brackets_in_calls() -> str:
    deep = "(" * 40 + "{}" + ")" * 40
    blocks = "".join(f"block c{i}():\n  {deep.format(f'c{i + 1}()')}\n" for i in range(38))
    return f"{blocks}block c38():\n  relu\na: c0()\n"


def _deep_number() -> str:
    """A number whose operations nest, call by call, deeper than Python evaluates."""
    more = " + 1" * 25
    blocks = "".join(f"block c{i}(n):\n  c{i + 1}(n{more})\n" for i in range(30))
    return f"knob n in 1..4\n{blocks}block c30(n):\n  conv 1x1 n\na: c0(n)\n"


def _long_number() -> str:
    blocks = "".join(f"block c{i}(n):\n  c{i + 1}(n + n)\n" for i in range(12))
    return f"knob n in 1..4\n{blocks}block c12(n):\n  conv 1x1 n\na: c0(n)\n"


def _fine_number() -> str:
    return "a: conv 1x1 (" + "*".join(["1/99999999999999999999999999999999999999999"] * 5) + ")\n"


def _text(make: Callable[[], str]) -> Callable[[], bytes]:
    return lambda: (HEADER + make()).encode()


CASES = (
    Case("deep calls", _text(_deep_calls), "calls are nested deeper than 40"),
    Case(
        "deep brackets",
        _text(lambda: "a: " + "(" * 2000 + "id" + ")" * 2000 + "\n"),
        "brackets or signs are nested too deeply",
    ),
    Case(
        "deep brackets in calls",
        _text(_deep_brackets_in_calls),
        "brackets and calls are nested too deeply",
    ),
    Case("deep number", _text(_deep_number), "calls and numbers are nested too deeply"),
    Case("long number", _text(_long_number), "a number is made by more than 1000 operations"),
    Case("fine number", _text(_fine_number), "a fraction has a denominator of at most 150 digits"),
    Case("no text", lambda: b"net \xff\xfe", "is not a text (expected a net or a space in UTF-8)"),
    Case(
        "a large file", lambda: b"#" * 4_000_001, "bytes are too many for a net (at most 4000000)"
    ),
)


def write(case: Case, folder: Path) -> None:
    (folder / "wrong.net").write_bytes(case.content())
