"""The table of a benchmark: resumed where it stopped, each function once, reported."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from scripts.lines import read
from scripts.score_table import known, main, report

NETS = ("00000000", "11111111", "22212220", "22212202", "01201201", "21012101", "20101011")
NETS += ("10101010", "12121212", "21212121", "02020202", "20202020")


@pytest.fixture
def words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    with (tmp_path / "nets.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["arch", "canonical_arch", "mean_acc"])
        for place, arch in enumerate(NETS):
            writer.writerow([arch, arch.replace("22212202", "22212220"), 90 - place])
    rng = np.random.default_rng(0)
    labels = np.arange(40) % 2
    images = rng.integers(0, 255, (40, 32, 32, 3), dtype=np.uint8)
    np.savez(tmp_path / "data.npz", train_images=images, train_labels=labels)
    words = ["table", "nasbench_macro", str(tmp_path / "nets.csv"), "--batch", "4"]
    words += ["--data", str(tmp_path / "data.npz"), "-o", str(tmp_path / "scores.csv")]
    monkeypatch.setattr("sys.argv", words)
    return words


def test_a_table_in_pieces_is_the_table(
    words: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    few = ["--scores", "swap", "naswot", "expressivity", "macs"]
    path = tmp_path / "scores.csv"
    monkeypatch.setattr("sys.argv", [*words, *few, "--nets", "2"])
    main()
    first = read(path)
    assert len(first) == 2
    assert capsys.readouterr().out == ""
    with path.open("a") as file:
        file.write("11111111,3")  # what a kill leaves
    monkeypatch.setattr("sys.argv", [*words, *few])
    main()
    rows = read(path)
    assert rows[:2] == first
    assert len(rows) == len({row["arch"] for row in rows}) == 11
    printed = capsys.readouterr().out
    assert printed.startswith("11 nets")
    for name in ("swap", "macs", "default"):
        assert f"\n| {name} |" in printed
    assert "forward (swap, naswot, expressivity)" in printed
    assert "truth" not in rows[0]
    assert "\n".join(report(rows, known(Path(words[2]), "mean_acc"))) == printed.rstrip("\n")


def test_draws_are_averaged(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = ["--scores", "swap", "naswot", "macs", "--nets", "2"]
    tables = {}
    for name, more in {
        "both": ["--draws", "2"],
        "one": ["--draws", "1"],
        "other": ["--seed", "1"],
    }.items():
        path = tmp_path / f"{name}.csv"
        order = ["--nets", "11"] if name == "other" else []  # another seed, another order
        monkeypatch.setattr("sys.argv", [*words, *few, *more, *order, "-o", str(path)])
        main()
        tables[name] = {row["arch"]: row for row in read(path)}
    assert len(tables["both"]) == 2
    for arch, row in tables["both"].items():
        one, other = tables["one"][arch], tables["other"][arch]
        assert one["naswot"] != other["naswot"]
        for score in ("swap", "naswot"):
            assert float(row[score]) == (float(one[score]) + float(other[score])) / 2
        assert float(row["macs"]) == float(one["macs"]) == float(other["macs"])


def test_no_draws(
    words: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", [*words, "--draws", "0"])
    with pytest.raises(SystemExit):
        main()
    assert "--draws is 0, must be at least 1" in capsys.readouterr().err


def test_a_function_is_taken_once(words: list[str]) -> None:
    nets = known(Path(words[2]), "mean_acc")
    assert len(nets) == len(NETS) - 1
    assert {net.arch for net in nets} < set(NETS)
