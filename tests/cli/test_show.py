"""The contract of ``explorer show``: what it writes and prints, and how it refuses."""

from __future__ import annotations

from pathlib import Path

import pytest

from explorer.cli import main


def boxes(text: str) -> int:
    return int(text.rsplit(":", 1)[1].split()[0])


def test_a_picture_is_written_into_the_folder_one_is_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["show", "googlenet"]) == 0
    assert capsys.readouterr().out.startswith("googlenet.svg: ")
    assert "i3a · inception" in (tmp_path / "googlenet.svg").read_text("utf-8")


def test_a_png(tmp_path: Path) -> None:
    path = tmp_path / "net.png"
    assert main(["show", "googlenet", "--across", "-o", str(path)]) == 0
    assert path.read_bytes().startswith(b"\x89PNG")


def test_depth_and_open(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    counts = []
    for options in (["--depth", "0"], ["--depth", "0", "--open", "i3a"], ["--depth", "1"]):
        assert main(["show", "googlenet", "-o", str(tmp_path / "net.svg"), *options]) == 0
        counts.append(boxes(capsys.readouterr().out))
    assert counts[0] < counts[1] < counts[2]


def test_the_header_can_be_rebound(tmp_path: Path) -> None:
    path = tmp_path / "net.svg"
    rebound = ["--input", "3x64x64", "--classes", "7", "--set", "i3a.five=crossed"]
    assert main(["show", "inception", *rebound, "--depth", "9", "-o", str(path)]) == 0
    content = path.read_text("utf-8")
    assert "64 × 64" in content and "linear 7" in content and "conv 5x1 32" in content


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["-o", "net.gif"], "net.gif: a picture is written as .svg or .png"),
        (["-o", "net"], "net: a picture is written as .svg or .png"),
        (["-o", "nowhere/net.svg"], "nowhere/net.svg: cannot be written"),
        (["--open", "i3"], "no scope is called 'i3'; did you mean 'i3"),
        (["--set", "x"], "has no '='"),
    ],
)
def test_refusals(
    options: list[str],
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["show", "googlenet", *options]) == 1
    error = capsys.readouterr().err
    assert message in error and error.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_a_negative_depth_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["show", "googlenet", "--depth", "-1"])
    assert stop.value.code == 1
    assert "at least 0" in capsys.readouterr().err
