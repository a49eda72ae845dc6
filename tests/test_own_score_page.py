"""The examples of docs/own_score.md as files and commands, each run as it stands."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "own_score.md").read_text("utf-8")
FILES = re.findall(r"^```\w+\n# (\S+)\n(.*?)^```$", PAGE, re.M | re.S)
COMMANDS = re.findall(r"^    explorer (search \w+\.space .*)$", PAGE, re.M)

pytestmark = pytest.mark.slow


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in FILES:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(f"# {name}\n{text}")
    return tmp_path


def run(folder: Path, *command: str) -> str:
    done = subprocess.run([sys.executable, *command], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_page_has_its_files_and_commands() -> None:
    names = [name for name, _ in FILES]
    assert names[:4] == ["cells.space", "scores.csv", "tabular.py", "hints.py"]
    assert names[4:] == ["garments.space", "training.py", "studies/mine.toml", "ask.py"]
    assert len(COMMANDS) == 3


def test_the_table_is_searched_and_prints_what_is_shown(folder: Path) -> None:
    printed = [line.split() for line in run(folder, *_module(COMMANDS[0])).splitlines()]
    (shown,) = re.findall(r"^```text\n(.*?)^```$", PAGE, re.M | re.S)
    rest = iter(printed)
    for line in shown.splitlines():
        assert line.split() in rest, line


def test_features_lead_to_the_best_of_the_table(folder: Path) -> None:
    printed = run(folder, *_module(COMMANDS[1]))
    assert "hints:features says features of them beforehand" in printed
    assert "0.715" in printed


def test_the_training_trains(folder: Path) -> None:
    printed = run(folder, *_module(COMMANDS[2]))
    scores = [float(found) for found in re.findall(r"accuracy (\S+)  \d+ s", printed)]
    assert len(scores) == 4
    assert min(scores) > 0.3  # a tenth would be guessing


def test_the_recipe_and_python_find_the_same(folder: Path) -> None:
    printed = run(folder, *_module("search --study mine"))
    assert "0.715" in printed
    assert run(folder, "ask.py").startswith("0.715 {'first.op': 'conv5', 'second.op': 'conv3'}")


def _module(command: str) -> list[str]:
    return ["-m", "explorer", *shlex.split(command)]
