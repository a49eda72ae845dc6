"""What ``-o`` writes."""

from __future__ import annotations

from pathlib import Path

import pytest

from explorer.cli.options import write_text
from explorer.errors import ExplorerError


def test_a_text_takes_the_place_of_another_as_a_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "built.net"
    write_text(path, "before")
    write_text(path, "after")
    assert path.read_text("utf-8") == "after"

    def full(self: Path, text: str, encoding: str) -> int:
        with self.open("w") as file:
            file.write(text[:2])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(ExplorerError, match=r"built\.net: cannot be written \(No space left"):
        write_text(path, "never there")
    assert path.read_text("utf-8") == "after"
    assert [found.name for found in tmp_path.iterdir()] == ["built.net"]


def test_a_link_stays_one(tmp_path: Path) -> None:
    (tmp_path / "own.net").write_text("before")
    link = tmp_path / "link.net"
    link.symlink_to("own.net")
    write_text(link, "after")
    assert link.is_symlink()
    assert (tmp_path / "own.net").read_text() == "after"


def test_what_is_no_file_is_refused_or_written_to(tmp_path: Path) -> None:
    with pytest.raises(ExplorerError, match="cannot be written"):
        write_text(tmp_path, "text")
    with pytest.raises(ExplorerError, match="cannot be written"):
        write_text(tmp_path / "nowhere" / "built.net", "text")
    write_text(Path("/dev/null"), "text")
    assert Path("/dev/null").is_char_device()
