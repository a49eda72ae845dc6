"""The table of short trainings: made in pieces from both ends, each run once, and reported."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from scripts import fidelity, fidelity_report
from scripts.fidelity import changed, read, write


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Data and protocols of a few steps."""
    rng = np.random.default_rng(0)
    labels = np.arange(160) % 2
    images = rng.integers(0, 200, (160, 32, 32, 3)) + 55 * labels[:, None, None, None]
    np.savez(tmp_path / "data.npz", train_images=images.astype(np.uint8), train_labels=labels)
    tiny = changed(fidelity.LONG, epochs=2, images=32)
    protocols = {"long": tiny, "short": changed(tiny, epochs=1)}
    monkeypatch.setattr(fidelity, "PROTOCOLS", protocols)
    return tmp_path / "table"


def run(folder: Path, monkeypatch: pytest.MonkeyPatch, *words: str) -> list[dict[str, str]]:
    given = [str(folder), "--data", str(folder.parent / "data.npz"), "--nets", "3", *words]
    monkeypatch.setattr("sys.argv", ["fidelity", *given])
    fidelity.main()
    return read(folder / "runs.csv")


def test_pieces_from_both_ends_make_the_table(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run(folder, monkeypatch, "--minutes", "0") == []
    nets = read(folder / "nets.csv")
    assert len({net["fingerprint"] for net in nets}) == 3
    assert all(int(net["trained_macs"]) <= fidelity.DEAREST for net in nets)
    first = run(folder, monkeypatch, "--repeats", "1")
    assert [row["net"] for row in first] == ["0", "1", "2"]
    both = run(folder, monkeypatch, "--repeats", "0", "1", "--backwards")
    assert both[:3] == first
    assert [(row["net"], row["repeat"]) for row in both[3:]] == [("2", "0"), ("1", "0"), ("0", "0")]
    assert run(folder, monkeypatch) == both
    with (folder / "runs.csv").open("a") as file:
        file.write("0,short")  # what a kill leaves
    assert read(folder / "runs.csv") == both
    again = run(folder, monkeypatch, "--protocols", "short", "--repeats", "1", "--nets", "1")
    assert again[:-1] == both
    assert run(folder, monkeypatch, "--timing") == again
    timed = read(folder / "timing.csv")
    assert [row["protocol"] for row in timed] == ["long", "short"]
    assert float(timed[0]["seconds"]) > 0
    assert again[-1]["protocol"] == "short"


def test_a_score_is_compared_with_another_seed(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    truth = np.linspace(0.3, 0.6, 40)
    write(tmp_path / "nets.csv", ({"net": n, "trained_macs": 40 - n, "trained_params": 7}
                                  for n in range(40)))  # fmt: skip
    rows = []
    for net, accuracy in enumerate(truth):
        noisy = accuracy + rng.normal() * 0.05
        for repeat, protocol, values in (
            (0, "long", (0.1, accuracy)),
            (1, "long", (noisy, accuracy)),
            (1, "short", (noisy,)),
            (0, "short", (accuracy,)),  # the truth's own seed: no fair comparison
        ):
            curve = " ".join(f"{value:.4f}" for value in values)
            rows.append({"net": net, "protocol": protocol, "repeat": repeat,
                         "accuracy": values[-1], "seconds": 10.0, "curve": curve})  # fmt: skip
    write(tmp_path / "runs.csv", rows)
    write(tmp_path / "timing.csv", ({"protocol": name, "net": 0, "seconds": 10.0}
                                    for name in ("long", "short")))  # fmt: skip
    found = fidelity_report.tables(tmp_path)
    rows = list(fidelity_report.findings(found))
    lines = list(fidelity_report.report(found, rows))
    assert "40 nets" in lines[0]
    assert "Between two seeds: 0.0000 (40 nets)." in lines[0]
    table = {line.split(" | ")[0].strip("| "): line.split(" | ") for line in lines[3:]}
    assert table["trained_macs"][3].startswith("-1.000")
    assert table["trained_params"][3].startswith("nan")
    assert table["long"][3].startswith("1.000")
    assert table["short"][3] == table["long, stopped at 1/2"][3]
    assert 0.4 < float(table["short"][3].split()[0]) < 0.95
    assert float(table["long"][2]) == 2 * float(table["long, stopped at 1/2"][2])
    # Of 360 nets in an hour, the best lies 2.92 standard deviations above the mean (Blom 1958).
    assert table["long"][-1] == "2.923 [2.923, 2.923] |"
    assert table["long"][4].startswith("2.000")  # above macs, which rank the nets backwards
    assert len(fidelity_report.picture(rows).axes[0].get_yticks()) == 3
