"""A search on signals of one dimension, from the command to the exported net."""

from __future__ import annotations

import html
import re
from pathlib import Path

import numpy as np
import pytest

from explorer.cli import main
from explorer.errors import ExplorerError
from explorer.scale import Baseline
from explorer.score import Protocol
from explorer.search import load_study
from explorer.search.grid import Grid
from explorer.space.library import find_text

SPACE = """space waves
input 1x64  classes 10  width 1 rounded 2
default conv same norm=batch act=relu
knob n = 8 in 4..16 step 4
lever kernel in {three, five}
body: choose kernel { three: conv 3 n | five: conv 5 n } > maxpool 3/2 same > conv 3 n
head: avgpool global > linear classes
"""
RECIPE = """question = "Does the machinery hold in one dimension?"
space = "waves.space"
budget = "1e5"
sampler = "random"
seed = 0
trials = 2
workers = 1
[protocol]
data = "waves.npz"
[protocol.recipe]
epochs = 1
batch = 8
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    labels = np.arange(90) % 3
    times = np.linspace(0, 6, 40) * (1 + labels[:, None])
    noise = np.random.default_rng(0).standard_normal((90, 40))
    np.savez("waves.npz", x_train=np.sin(times) + 0.1 * noise, y_train=labels)
    Path("waves.space").write_text(SPACE)
    Path("studies").mkdir()
    Path("studies/quick.toml").write_text(RECIPE)
    return tmp_path


@pytest.mark.slow
def test_search_report_and_export(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["search", "--study", "quick"]) == 0
    assert "trained at 1x40 and width x1: " in capsys.readouterr().out
    record = load_study(folder / "studies" / "quick").record()
    assert len(record.complete) == 2
    page = html.unescape((folder / "reports" / "quick" / "index.html").read_text("utf-8"))
    said = " ".join(re.sub(r"<[^>]+>", "", page).split())
    assert "for 1×40 signals and 3 classes" in said
    assert "of 54 signals of" in said
    assert "share of 18 validation signals" in said
    assert main(["export", "quick", "--proxy", "-o", "small.py"]) == 0
    text = Path("small.py").read_text("utf-8")
    assert "Input: N x 1 x 40. Output: N x 3." in text
    assert "on signals of 1x40" in " ".join(text.split())


def test_a_space_of_images_is_refused_in_its_text(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--budget", "800e6", "--data", "waves.npz", "--study", "x"]
    assert main(["search", "inception", *words]) == 1
    first, text, caret = capsys.readouterr().err.splitlines()
    assert first.endswith(
        "inception.space:56:7: the space's default cannot be trained under the protocol: "
        "kernel 7x7 has 2 sizes, but the grid has 1"
    )
    assert (text.split()[0], set(caret.strip())) == ("stem:", {"^"})
    assert not Path("studies/x").exists()


def test_a_net_of_signals_is_not_searched_on_images(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    images = np.zeros((90, 12, 12), np.uint8)
    np.savez("pictures.npz", x_train=images, y_train=np.arange(90) % 3)
    assert main(["search", "waves.space", "--data", "pictures.npz", "--study", "x"]) == 1
    told = "--data: pictures.npz holds images of 1x12x12, and what is searched takes 1x64\n"
    assert capsys.readouterr().err.endswith(told)
    assert not Path("studies/x").exists()


def test_a_grid_of_sizes_needs_images(folder: Path) -> None:
    protocol = Protocol("waves.npz")
    with pytest.raises(ExplorerError) as caught:
        Grid(Baseline(find_text("waves.space")), protocol, protocol.open_data())
    assert str(caught.value) == (
        "--grid: needs images, whose size can be scaled; waves.npz holds signals"
    )
