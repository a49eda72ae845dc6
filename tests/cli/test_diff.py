"""The contract of ``explorer diff``: what it prints, loads and refuses."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import optuna
import pytest

from explorer.cli import main
from explorer.search import create_study
from tests.report.studies import settings, trial

SMALL = "net {name}\ninput 3x8x8\n{label}: conv 3x3 4\n"


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[str]:
    """What a comparison prints, line by line, with single spaces."""
    assert main(["diff", *arguments]) == 0
    return [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]


def test_levers_and_costs(capsys: pytest.CaptureFixture[str]) -> None:
    out = printed(capsys, "googlenet", "googlenet_torchvision")
    assert out[0].startswith("kernel: conv 5x5 -> 3x3 in 9 places (i3a.b3.conv2, ")
    assert "macs 1,582,671,872 1,498,376,192 -84,295,680 0.947" in out
    assert "weight layers 22 22 0 1.000" in out


def test_all_places(capsys: pytest.CaptureFixture[str]) -> None:
    out = printed(capsys, "googlenet", "googlenet_torchvision", "--all")
    assert "i5a.b3.conv2, i5b.b3.conv2)" in out[0]


def test_two_assignments_of_a_space(capsys: pytest.CaptureFixture[str]) -> None:
    given = ("--set-b", "i3a.five=stacked", "--set-b", "i3a.n1=96", "--set-b", "depth4=6")
    out = printed(capsys, "inception", "inception", *given)
    table = out[out.index("choices") + 1 :]
    assert table[:4] == ["in choice A B", "depth4 5 6", "i3a n1 64 96", "five full stacked"]
    assert "channels: 64 -> 96 at i3a.b1.conv1" in out


def test_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["diff", "inception", "inception", "--set-a", "i3b.pool=avg", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["choices"] == [
        {"choice": "i3b.pool", "a": "avg", "b": "max", "active": {"a": True, "b": True}}
    ]
    (change,) = found["changes"]
    assert (change["lever"], change["a"], change["b"]) == ("pooling", "avgpool", "maxpool")
    assert found["a"]["macs"] == found["b"]["macs"]


def test_the_same_computation(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "no difference: the same computation" in printed(capsys, "googlenet", "googlenet")
    files = [tmp_path / f"{name}.net" for name in "ab"]
    for file, label in zip(files, ("one", "other"), strict=True):
        file.write_text(SMALL.format(name=file.stem, label=label))
    out = printed(capsys, *map(str, files))
    assert out[0] == "the same computation: only names differ, those of 1 nodes"


@pytest.fixture
def study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A study of two trials: the defaults, and a wider first cell."""
    monkeypatch.chdir(tmp_path)
    asked = settings()
    made = create_study(tmp_path / "studies" / "small", asked, "explorer search")
    for number, given in enumerate(({}, {"body[1].k": 12})):
        one = trial(asked, number, 0.5 + number / 10, given)
        attributes = {
            "assignment": dict(one.assignment),
            "fingerprint": one.fingerprint,
            "curve": list(one.curve),
            **one.cost._asdict(),
        }
        values = [one.accuracy, float(one.cost.macs)]
        made.inner.add_trial(optuna.trial.create_trial(values=values, user_attrs=attributes))
    return "small"


def test_trials(study: str, capsys: pytest.CaptureFixture[str]) -> None:
    asked = settings().text
    Path("small.space").write_text(asked.content)
    best = printed(capsys, f"{study}:0", study)
    known = printed(capsys, "small.space", f"{study}:1")
    for out in (best, known):
        assert out[0] == "choices"
        assert [line for line in out if line.startswith("channels: 8 -> 12 in 2 places (")]


def test_trials_are_refused_in_one_line(study: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["diff", f"{study}:7", "googlenet"]) == 1
    assert "has no finished trial '7'" in capsys.readouterr().err
    assert main(["diff", f"{study}:1", "googlenet", "--set-a", "depth=1"]) == 1
    assert "a trial's choices are fixed" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["googlnet", "googlenet"], "did you mean 'googlenet'?"),
        (["googlenet", "missing:3"], "no file and no shipped net or space"),
        (["inception", "inception", "--set-b", "five"], "has no '='"),
        (["inception", "inception", "--set-b", "i3a.five=six"], "allowed: full, stacked, crossed"),
        (["googlenet", "googlenet", "--input", "224"], "--input: channels and a grid"),
    ],
)
def test_wrong_input_is_one_line(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["diff", *arguments]) == 1
    err = capsys.readouterr().err
    assert message in err
    assert err.count("\n") == 1


def test_two_texts_need_no_torch() -> None:
    script = (
        "import sys\nfrom explorer.cli import main\nmain(['diff', 'googlenet', 'inception'])\n"
        "heavy = {'torch', 'optuna', 'pandas', 'numpy', 'networkx'}\n"
        "print(*sorted(heavy & set(sys.modules)), file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stderr.strip() == ""
