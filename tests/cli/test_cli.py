"""The contract of the command line: what it prints, what it loads, how it refuses."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from explorer.cli import main

VERBS = (
    *("search", "worker", "profile", "count", "latency", "scale", "check", "fmt", "show"),
    *("diff", "report", "export", "data"),
)


def loaded(*arguments: str) -> set[str]:
    """The top-level modules that a command loads."""
    script = (
        "import sys\nfrom explorer.cli import main\n"
        "try:\n    main(sys.argv[1:])\nexcept SystemExit:\n    pass\n"
        "print(*sorted({name.partition('.')[0] for name in sys.modules}), file=sys.stderr)\n"
    )
    command = [sys.executable, "-c", script, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return set(done.stderr.split())


@pytest.mark.parametrize(
    "arguments",
    [("--help",), ("search", "--help"), ("count", "googlenet"), ("count", "googlenet", "--json"),
     ("check", "googlenet", "inception")],
)  # fmt: skip
def test_what_needs_no_torch_loads_none(arguments: tuple[str, ...]) -> None:
    assert not loaded(*arguments) & {"torch", "optuna", "pandas", "matplotlib", "networkx", "numpy"}


def test_help_loads_next_to_nothing() -> None:
    assert not loaded("--help") & {"lark", "rich", "numpy"}


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main([verb, "--help"])
    assert stop.value.code == 0
    assert "usage: explorer" in capsys.readouterr().out


def test_count_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["count", "googlenet", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found == {
        "net": "googlenet",
        "input": [3, 224, 224],
        "macs": 1_582_671_872,
        "params": 6_998_552,
        "activations": 3_227_160,
        "weight_layers": 22,
        "dtype": "float32",
        "weight_bytes": 27_994_208,
        "memory": 6_422_528,
        "memory_at": "stem.relu1",
        "training_memory": 48_211_648,
        "receptive_field": {
            "node": "i5b.concat1",
            "window": [715, 715],
            "sees_all": False,
            "output_sees_all": True,
        },
    }


def test_count_tells_depth_and_convention(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["count", "googlenet", "--by", "op"]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "22 weight layers on the longest path, 27 with pooling" in out
    assert "weights 27,994,208 bytes (27.99MB) in float32" in out
    assert "no bias, no auxiliary head" in out


def test_count_takes_bytes_of_another_type(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["count", "googlenet", "--dtype", "float16", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["weight_bytes"], found["memory"]) == (13_997_104, 3_211_264)
    assert main(["count", "googlenet", "--dtype", "int8"]) == 0
    assert "6,998,552 bytes (6.999MB) in int8" in " ".join(capsys.readouterr().out.split())


def test_count_knows_nets_without_a_grid(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "a.net"
    file.write_text("net n\ninput vector 4\na: linear 3 > relu\n")
    assert main(["count", str(file), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["receptive_field"] is None
    assert main(["count", str(file)]) == 0
    assert "receptive field" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("conv 3x3 4", "receptive field 3x3 at a.conv1\n"),
        ("conv 3x3 4 > avgpool global", "receptive field 3x3 at a.conv1; the output sees all\n"),
        ("[ conv 3x3 3 * avgpool global ]", "3x3 at a.multiply1; gates, attention or group norms"),
    ],
)
def test_count_says_what_sees_more_than_the_windows(
    line: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "a.net"
    file.write_text(f"net n\ninput 3x8x8\na: {line}\n")
    assert main(["count", str(file)]) == 0
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert said in "\n".join(lines)


def test_count_with_another_head_and_choices(capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--input", "3x32x32", "--classes", "10", "--set", "stride1=1", "--set", "depth4=2"]
    assert main(["count", "inception", "--json", *options]) == 0
    small = json.loads(capsys.readouterr().out)
    assert small["input"] == [3, 32, 32]
    assert small["macs"] < 400_000_000


def test_count_audit_agrees(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["count", "googlenet", "--audit", "--json"]) == 0
    audit = json.loads(capsys.readouterr().out)["audit"]
    assert audit["agrees"] is True
    assert audit["fvcore"]["macs"] == 1_582_671_872


def test_an_operator_that_nobody_counts_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    audit = import_module("explorer.build.audit")
    monkeypatch.setitem(audit._NO_RULE, "gelu", set())
    file = tmp_path / "a.net"
    file.write_text("net n\ninput 3x8x8\na: conv 1x1 2 > gelu\n")
    assert main(["count", str(file), "--audit"]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == "explorer: fvcore met operators that nobody counts: gelu\n"


def test_check_reads_counts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "googlenet", "googlenet_torchvision", "inception"]) == 0
    published = "1,498,376,192 macs, 6,624,904 params, as published (torchvision)"
    assert published in capsys.readouterr().out
    wrong = tmp_path / "wrong.net"
    wrong.write_text("net n\ninput 3x4x4\nexpect macs=7\na: conv 1x1 2\n")
    assert main(["check", str(wrong), "googlenet"]) == 1
    captured = capsys.readouterr()
    assert "expects macs=7, but they are 96" in captured.err
    assert "googlenet:" in captured.out


def test_fmt(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "a.net"
    file.write_text("net   n # why\ninput 3x4x4\na:conv 1x1 2>relu\n")
    assert main(["fmt", "--check", str(file)]) == 1
    assert main(["fmt", str(file)]) == 0
    assert file.read_text() == "net n  # why\ninput 3x4x4\na: conv 1x1 2 > relu\n"
    capsys.readouterr()
    assert main(["fmt", "--check", str(file)]) == 0
    assert capsys.readouterr().out == ""


def test_data(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data"]) == 0
    assert "cluttered" in capsys.readouterr().out
    assert main(["data", "fashion"]) == 0
    assert "fashion: 1x28x28, 10 classes" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["count", "googlnet"], "did you mean 'googlenet'?"),
        (["count", "missing.net"], "no file and no shipped net or space"),
        (["count", "googlenet", "--input", "224"], "--input: channels and a grid"),
        (["count", "googlenet", "--input", "3x8x8"], "is larger than the grid"),
        (["count", "googlenet", "--classes", "0"], "--classes: a positive whole number"),
        (["count", "inception", "--set", "depth4=99"], "depth4 = 99 is not allowed; allowed: 2, 3"),
        (["count", "inception", "--set", "depth=4"], "did you mean 'depth"),
        (["count", "inception", "--set", "depth4"], "has no '='"),
        (["check", "README.md"], "README.md"),
        (["search", "--budget", "lots"], "--budget: 'lots' is not a count"),
        (["search", "--budget", "1e6"], "the least found is"),
        (["search", "googlenet"], "no knobs or levers to search over"),
        (["search", "nothing"], "no file and no shipped net or space"),
        (["search", "--data", "nothing"], "data 'nothing'"),
        (["search", "--data", "README.md"], "README.md"),
        (["search", "--time", "soon"], "--time: a duration"),
        (["search", "--seed", "-1"], "--seed"),
        (["search", "--budget", ""], "--budget: '' is not a count"),
        (["search", "--study", "typo.toml"], "typo.toml: there is no such recipe"),
        (["search", "--study", ".."], "--study: a study's name is one word"),
        (["search", "--device", "abacus"], "--device: no device is called 'abacus'"),
        (["count", "inception", "--set", "stride1=1e99999999"], "--set: a param is a number"),
        (["count", "googlenet", "--input", "3x" + "9" * 5000 + "x3"], "--input: channels"),
        (["search", "--sampler", "annealing"], "no sampler is called 'annealing'"),
        (["report", "nothing"], "there is no study"),
        (["worker", "--study", "nothing"], "there is no study"),
        (["export", "googlenet", "-o", "net.txt"], "ending in .py"),
        (["export", "nothing", "-o", "net.py"], "no file and no shipped"),
        (["export", "nothing", "-o", "net.py"], "no study (there is none here), no file"),
        (["score", "nothing"], "no study (there is none here), no file"),
        (["search", "inception", "--budget", "memory=64"], "no net within 64 bytes memory"),
        (["data", "nothing"], "data 'nothing'"),
        (["fmt", "nothing.net"], "nothing.net: cannot be read"),
    ],
)
def test_wrong_input_is_one_line_and_exit_1(
    arguments: list[str],
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "README.md").write_text("# no net at all\n")
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 1
    err = capsys.readouterr().err
    assert message in err
    assert err.startswith("explorer: ")
    _, *rest = err.rstrip("\n").split("\n")
    assert all(line.startswith("    ") for line in rest)  # the source line and its caret
    assert sorted(path.name for path in tmp_path.iterdir()) == ["README.md"]


def test_wrong_usage_is_exit_2(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in ([], ["nothing"], ["search", "--trials"], ["count"]):
        with pytest.raises(SystemExit) as stop:
            main(arguments)
        assert stop.value.code == 2
    assert "usage: explorer" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["search", "--bugdet", "1e9"], "explorer search: error: unrecognized arguments: "),
        (["search", "--bugdet", "1e9"], "--bugdet; did you mean '--budget'?"),
        (["count", "googlenet", "--bits=8"], "explorer count: error: unrecognized arguments"),
        (["search", "--trials"], "--trials: expected one argument"),
    ],
)
def test_wrong_usage_says_what_is_meant(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    assert stop.value.code == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["search", "--trials", "abc"], "--trials: must be a whole number, got 'abc'"),
        (["search", "--trials", "0"], "--trials: must be at least 1, got 0"),
        (["search", "--seed", "x"], "--seed: must be a whole number, got 'x'"),
        (["count", "plain", "--by", "x"], "--by: invalid choice: 'x' (choose from "),
    ],
)
def test_a_wrong_value_is_one_line_and_exit_1(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    assert stop.value.code == 1
    error = capsys.readouterr().err
    assert error.startswith(f"explorer: {message}") and error.count("\n") == 1


def test_studies_are_named_where_a_net_may_be_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("second", "first"):
        (tmp_path / "studies" / name).mkdir(parents=True)
        (tmp_path / "studies" / name / "journal.log").write_text("{}\n")
    for arguments in (["export", "third", "-o", "a.py"], ["score", "third"]):
        assert main(arguments) == 1
        error = capsys.readouterr().err
        assert "no study (here: first, second), no file" in error and "called 'third'" in error
    for name, near in (("fist", "first"), ("googlenett", "googlenet")):
        assert main(["export", f"{name}:3", "-o", "a.py"]) == 1
        assert capsys.readouterr().err.endswith(f"called '{name}'; did you mean '{near}'?\n")
    assert main(["report", "secnd"]) == 1
    assert "there is no study; did you mean 'second'?" in capsys.readouterr().err
    assert main(["export", "studies", "-o", "a.py"]) == 1
    assert "'studies' is a folder; expected a file" in capsys.readouterr().err


def test_an_error_in_a_text_shows_where(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "a.net"
    file.write_text("net n\ninput 3x4x4\nblock b(k):\n  conv 3x3 k > covn 1x1 2\na: b(4)\n")
    assert main(["check", str(file)]) == 1
    assert capsys.readouterr().err.splitlines() == [
        f"explorer: {file}:4:16: no op, block or value is called 'covn'; did you mean 'conv'?",
        "      conv 3x3 k > covn 1x1 2",
        "                   ^^^^",
        f"  called from {file}:5:4",
        "    a: b(4)",
        "       ^^^^",
    ]


def test_a_reader_that_leaves_early_is_no_error() -> None:
    count = f"{sys.executable} -m explorer count inception --by node"
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", f"{count} | head -1"], capture_output=True, text=True
    )
    assert done.stderr == ""
