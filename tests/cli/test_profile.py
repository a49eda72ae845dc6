"""The contract of ``explorer profile``: what it prints, writes and loads, and how it refuses."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from explorer.cli import main

SPACE = """space small
input 3x16x16  classes 4
default conv same
knob a = 8 in 4..16 step 4
knob b = 8 in 4..16 step 4
lever k in {wide, narrow}
require a <= b
x: conv 1x1 a > choose k { wide: conv 5x5 b | narrow: conv 3x3 b } > avgpool global > linear classes
"""


@pytest.fixture
def small(tmp_path: Path) -> str:
    path = tmp_path / "small.space"
    path.write_text(SPACE)
    return str(path)


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[str]:
    """The lines that a profile prints, each with single spaces."""
    assert main(["profile", *arguments]) == 0
    return [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]


def counted(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, int]:
    assert main(["count", *arguments, "--json"]) == 0
    found: dict[str, int] = json.loads(capsys.readouterr().out)
    return found


def test_a_large_space(capsys: pytest.CaptureFixture[str]) -> None:
    lines = printed(capsys, "plain", "--budget", "5e9")
    assert lines[0] == "plain · input 3x224x224 · 17 choices, 10^11 assignments"
    assert lines[1] == "20,000 drawn at random, and 2,000 of those within 5G macs"
    assert lines[3].split() == "least min 5% median 95% max most min to max, log".split()
    assert lines[4].startswith("macs 224M ") and " 299G " in lines[4]
    assert lines[5].startswith("in budget ")
    text = "\n".join(lines)
    assert "% of the space fits within 5G macs (95% interval " in text
    assert "224.1M macs, 374k params, 1.531M activations" in text and "(exact)" in text
    assert "all 17, one by one: 74%; the rest is interaction" in text
    assert "cheapest 224.1M macs, 374k params, 1.531M activations, 6.125 MiB memory" in lines
    assert "in budget every knob at its smallest; ending = pooled, kernel = three" in lines


def test_of_a_net_and_a_space_of_one_name_the_space_is_meant(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert printed(capsys, "resnext_forms")[0].startswith("resnext_forms · ")
    assert main(["profile", "resnext", "--budget", "1", "--json"]) == 1
    assert "the space 'resnext' has no net within 1 macs" in capsys.readouterr().err


def test_what_no_draw_fits_is_still_bounded(capsys: pytest.CaptureFixture[str]) -> None:
    lines = printed(capsys, "plain", "--budget", "3e8")
    assert "none of 20,000 fits within 300M macs: fewer than 1 in 6,600 do (95%)" in lines


def test_a_small_space_is_exact(small: str, capsys: pytest.CaptureFixture[str]) -> None:
    lines = printed(capsys, small)
    assert lines[0] == "small · input 3x16x16 · 3 choices, 32 assignments"
    assert lines[1] == "all 32 counted, so every figure is exact"
    assert "62.5% of the space has a graph (20 of 32 assignments)" in lines
    assert "least" not in lines[3]


def test_every_line_fits_a_narrow_terminal(
    small: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from rich.console import Console

    monkeypatch.setattr("explorer.cli.spreads.console", lambda: Console(width=80, highlight=False))
    for arguments in ([small], ["nasbench_macro", "--budget", "3e7,params=2e6"]):
        assert main(["profile", *arguments]) == 0
        out = capsys.readouterr().out
        assert max(map(len, out.splitlines())) <= 80
        assert "…" not in out


def test_json_says_everything(small: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["profile", small, "--budget", "2e5,params=2e3", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["space"] == "small" and found["choices"] == 3 and found["exact"] is True
    assert found["valid"] == {"share": 0.625, "interval": [0.625, 0.625], "hits": 20, "of": 32}
    assert found["budget"] == {"macs": 200_000, "params": 2_000}
    assert list(found["costs"]) == ["macs", "params", "activations", "memory"]
    macs = found["costs"]["macs"]
    assert macs["least_is_exact"] and macs["most_is_exact"] and macs["proven"] == macs["least"]
    assert macs["quantiles"]["0"] == macs["least"] == found["cheapest"]["macs"]
    assert macs["quantiles"]["1"] == macs["most"]
    assert macs["within_budget"]["1"] == found["dearest"]["macs"] <= 200_000
    assert {driver["choice"] for driver in macs["drivers"]} == {"a", "b", "k"}
    assert found["cheapest"]["assignment"] == {"a": 4, "b": 4, "k": "narrow"}


def test_the_nets_at_the_ends_can_be_counted(
    small: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    low, high = str(tmp_path / "out" / "low.txt"), str(tmp_path / "out" / "high.txt")
    lines = printed(capsys, small, "--budget", "2e5", "--cheapest", low, "--dearest", high)
    assert lines[-2:] == [f"{low}: written", f"{high}: written"]
    cheap = counted(capsys, small, "--set", f"@{low}")
    dear = counted(capsys, small, "--set", f"@{high}")
    assert 0 < cheap["macs"] < dear["macs"] <= 200_000


def test_the_cheapest_is_written_where_nothing_fits(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "cheapest.txt"
    assert main(["profile", "plain", "--budget", "1e6", "--cheapest", str(path)]) == 1
    captured = capsys.readouterr()
    assert captured.out == f"{path}: written\n"
    assert "has no net within 1M macs: the least is 224.1M macs (224,113,664)" in captured.err
    assert counted(capsys, "plain", "--set", f"@{path}")["macs"] == 224_113_664


def test_choices_and_the_header_can_be_set(small: str, capsys: pytest.CaptureFixture[str]) -> None:
    lines = printed(capsys, small, "--set", "k=wide", "--input", "3x8x8", "--classes", "7")
    assert lines[0] == "small · input 3x8x8 · 2 choices, 16 assignments"
    assert main(["profile", small, "--set", "a=16", "--set", "b=4"]) == 1
    assert "no values satisfy the requirement a <= b" in capsys.readouterr().err


@pytest.mark.parametrize("suffix", [".svg", ".png"])
def test_a_picture(
    small: str, suffix: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "figures" / f"small{suffix}"
    assert printed(capsys, small, "--budget", "2e5", "-o", str(path))[-1] == f"{path}: written"
    first = path.read_bytes()
    assert first.startswith(b"\x89PNG" if suffix == ".png" else b"<?xml")
    printed(capsys, small, "--budget", "2e5", "-o", str(path))
    assert path.read_bytes() == first


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["googlenet"], "'googlenet' is a net: it has no knobs or levers; see: explorer count"),
        (["nothing"], "no file and no shipped net or space"),
        (["plain", "--budget", "lots"], "--budget: 'lots' is not a count"),
        (["plain", "--budget", "1e6"], "the space 'plain' has no net within 1M macs"),
        (["plain", "--budget", "latency=8ms"], "latencies are predicted from measurements"),
        (["plain", "--seed", "-1"], "--seed: a whole number from 0, got -1"),
        (["plain", "-o", "profile.gif"], "a picture is written as .svg or .png"),
        (["plain", "--set", "depth=3"], "the space has no knob or lever 'depth'"),
        (["nasbench_macro", "--cheapest", "."], ".: cannot be written"),
    ],
)
def test_refusals(
    arguments: list[str],
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["profile", *arguments]) == 1
    captured = capsys.readouterr()
    assert message in captured.err and captured.out == ""
    assert captured.err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("options", "loaded"), [([], set()), (["-o", "profile.svg"], {"matplotlib"})]
)
def test_a_profile_needs_no_torch(options: list[str], loaded: set[str], tmp_path: Path) -> None:
    script = (
        "import sys\nfrom explorer.cli import main\nmain(sys.argv[1:])\n"
        "heavy = {'torch', 'optuna', 'pandas', 'networkx', 'fvcore', 'matplotlib'}\n"
        "print(*sorted(heavy & {name.partition('.')[0] for name in sys.modules}), file=sys.stderr)"
    )
    command = [sys.executable, "-c", script, "profile", "nasbench_macro", "--budget", "3e7"]
    done = subprocess.run(
        [*command, *options], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert set(done.stderr.split()) == loaded
