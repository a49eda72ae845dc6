"""A text whose blocks lie in another file means what it means with them in it."""

from __future__ import annotations

import re
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from hypothesis import Phase, given, settings

from explorer.graph import fingerprint
from explorer.language import parse
from explorer.space import bind
from explorer.space.library import find_text
from tests.properties.meaning import assignment, space_of
from tests.properties.strategies import dice, texts
from tests.properties.texts import Text


def divided(text: Text, folder: Path) -> Path:
    """The text in two files: its blocks, and what uses them."""
    unused = "block unused():\n  conv 3x3 8\n"
    (folder / "blocks.net").write_text("\n".join([*text.blocks, unused]), "utf-8")
    at = next(i for i, line in enumerate(text.head) if re.match("input", line))
    head = [*text.head[:at], 'use "blocks.net"', *text.head[at:]]
    path = folder / "drawn.net"
    path.write_text(str(Text(head, [], text.lines)), "utf-8")
    return path


def alone_means_the_same(text: Text, chances: Random) -> None:
    space = space_of(text)
    values = assignment(space, chances)
    whole = fingerprint(bind(space, values).graph)
    with TemporaryDirectory() as folder:
        found = find_text(str(divided(text, Path(folder))))
        assert fingerprint(bind(found.space(), values).graph) == whole
        alone = found.alone()
    assert fingerprint(bind(alone.space(), values).graph) == whole
    assert alone.alone() == alone
    assert "unused" not in alone.content
    assert parse(alone.content) == parse(alone.alone().content)


@settings(max_examples=30, phases=[Phase.generate])
@given(text=texts, chances=dice)
def test_alone_means_the_same(text: Text, chances: Random) -> None:
    alone_means_the_same(text, chances)
