"""Blocks of other files: what comes with ``use``, what stays behind, what is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from explorer.errors import NetError
from explorer.graph import fingerprint
from explorer.space import bind
from explorer.space.library import Text, find_text

NET = "net n\nuse {use}\ninput 3x16x16\ndefault conv norm=batch act=relu\nx: cell(8)\n"
CELLS = "# A cell.\nblock cell(n):\n  inner(n) > conv 3x3 n\nblock inner(n):\n  conv 1x1 n\n"

Write = Callable[[str, str], None]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def put(name: str, content: str) -> None:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(content)

    return put


def net(folder: Path, use: str = '"blocks/cells.net"') -> Text:
    path = folder / "n.net"
    path.write_text(NET.format(use=use))
    return find_text(str(path))


def refusal(text: Text) -> NetError:
    with pytest.raises(NetError) as caught:
        text.space()
    return caught.value


def test_the_blocks_of_a_used_file_follow_the_defaults_of_the_net(
    tmp_path: Path, write: Write
) -> None:
    write("blocks/cells.net", f"net other\ndefault conv act=tanh\n{CELLS}x: cell(2)\n")
    ops = [node.op.name for node in bind(net(tmp_path).space()).graph.nodes]
    assert ops == ["input", *("conv", "batchnorm", "relu") * 2]


def test_a_used_file_may_use_files(tmp_path: Path, write: Write) -> None:
    write("blocks/cells.net", 'use "inner.net"\nblock cell(n):\n  inner(n)\n')
    write("blocks/inner.net", "block inner(n):\n  conv 5x5 n\n")
    assert str(bind(net(tmp_path).space()).graph.nodes[1].op).startswith("conv kernel=(5, 5)")


def test_a_shipped_text_can_be_used(tmp_path: Path) -> None:
    path = tmp_path / "n.net"
    path.write_text(
        'net n\nuse "googlenet"\ninput 3x28x28\ndefault maxpool same\n'
        "x: inception(64, 96, 128, 16, 32, 32)\n"
    )
    assert bind(find_text(str(path)).space()).graph.nodes[-1].shape.sizes == (256, 28, 28)


def test_what_is_not_called_stays_behind(tmp_path: Path, write: Write) -> None:
    write("blocks/cells.net", CELLS + "block other(n):\n  relu\n")
    text = net(tmp_path)
    assert "other" not in text.alone().content


def test_a_text_alone_needs_no_file_and_means_the_same(tmp_path: Path, write: Write) -> None:
    write("blocks/cells.net", CELLS)
    text = net(tmp_path)
    alone = text.alone()
    assert "use" not in alone.content
    assert "# A cell." in alone.content
    assert fingerprint(bind(alone.space()).graph) == fingerprint(bind(text.space()).graph)
    assert alone.alone() is alone


def test_a_block_of_the_net_stands_before_a_used_one(tmp_path: Path, write: Write) -> None:
    write("blocks/cells.net", CELLS)
    text = net(tmp_path, '"blocks/cells.net"\nblock cell(n):\n  dwconv 3x3')
    assert "inner" not in text.alone().content
    assert bind(text.space()).graph.nodes[1].op.name == "dwconv"


def test_errors_in_a_used_file_point_into_it(tmp_path: Path, write: Write) -> None:
    write("blocks/cells.net", "block cell(n):\n  conv 3x3 m\n")
    error = refusal(net(tmp_path))
    assert error.place is not None
    assert error.place.file.endswith("cells.net")
    assert [call.file for call in error.calls] == [str(tmp_path / "n.net")]


@pytest.mark.parametrize(
    ("cells", "use", "message"),
    [
        (CELLS, '"blocks/cell.net"', "no file"),
        (CELLS, '"googlnet"', "no shipped text 'googlnet'; did you mean 'googlenet'?"),
        ('use "cells.net"\n' + CELLS, '"blocks/cells.net"', "a file cannot use itself"),
        ('use "../n.net"\n' + CELLS, '"blocks/cells.net"', "a file cannot use itself"),
        (
            CELLS,
            '"blocks/cells.net"\nblock inner(n):\n  relu',
            "'inner' is declared here too, and 'cell' of a used file calls its own",
        ),
        (CELLS, '"blocks/cells.net"\nuse "blocks/more.net"', "'cell' is declared in"),
    ],
)
def test_what_cannot_be_used_is_refused(
    tmp_path: Path, write: Write, cells: str, use: str, message: str
) -> None:
    write("blocks/cells.net", cells)
    write("blocks/more.net", "block cell(n):\n  tanh\n")
    error = refusal(net(tmp_path, use))
    assert message in error.message
    assert error.place is not None


def test_files_use_files_to_a_depth(tmp_path: Path, write: Write) -> None:
    for number in range(15):
        write(f"blocks/c{number}.net", f'use "c{number + 1}.net"\nblock b{number}():\n  relu\n')
    write("blocks/c15.net", "block cell(n):\n  relu\n")
    assert "deeper than" in refusal(net(tmp_path, '"blocks/c0.net"')).message
