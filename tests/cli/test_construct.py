"""`explorer construct`, from data to a net and its picture."""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path

import numpy as np
import pytest

from explorer.cli import main
from tests.construct.layers.fields import textures


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path: Path = tmp_path_factory.mktemp("data") / "textures.npz"
    split = textures((3, 3)).train
    np.savez(path, train_images=split.images, train_labels=split.labels)
    return path


def test_a_net_and_a_picture_are_written(
    data: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    net = tmp_path / "new" / "built.net"
    command = ["construct", "--data", str(data), "--budget", "3e5", "--input", "1x12x12",
               "--classes", "2", "-o", str(net)]  # fmt: skip
    monkeypatch.setattr(sys, "argv", ["explorer", *command])
    assert main(command) == 0
    told = capsys.readouterr()
    assert "of the budget" in told.out
    assert "agreement by window" in told.err
    assert net.with_suffix(".seen.svg").read_text("utf-8").startswith("<?xml")
    assert not net.with_suffix(".svg").exists()  # that is where the net itself is drawn
    assert "the net's are" in told.out
    text = net.read_text("utf-8")
    assert text.splitlines()[0] == f"# explorer {shlex.join(command)}"
    assert main(["count", str(net)]) == 0
    assert main(["check", str(net)]) == 0
    assert main(["fmt", "--check", str(net)]) == 0
    assert "1x12x12" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (["--budget", "100"], "the narrowest net that the correlations lead to has"),
        (["--budget", "3e5", "--classes", "3"], "--classes: .* has 2 classes"),
        (["--budget", "3e5", "--input", "3x12x12"], "--input: .* is 1x12x12, got 3x12x12"),
        (["--budget", "3e5", "--input", "1x12x14"], "--input: images are brought to squares"),
        (["--budget", "3e5", "-o", "built.txt"], "-o: built.txt: a net's file is called"),
    ],
)
def test_wrong_input(
    data: Path, more: list[str], told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    assert main(["construct", "--data", str(data), *more]) == 1
    (line,) = [li for li in capsys.readouterr().err.splitlines() if li.startswith("explorer:")]
    assert re.search(told, line)
    assert not list(tmp_path.iterdir())


def test_a_folder_is_no_place_for_a_net(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = tmp_path / "built.net"
    place.mkdir()
    assert main(["construct", "--data", str(data), "--budget", "3e5", "-o", str(place)]) == 1
    assert capsys.readouterr().err == f"explorer: -o: {place}: is a folder\n"


def test_a_seed_counts_from_zero(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["construct", "--data", str(data), "--budget", "3e5", "--seed", "-1"])
    assert left.value.code == 1
    assert "--seed" in capsys.readouterr().err
