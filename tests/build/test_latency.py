"""Latencies measured and fitted; nothing here asserts how fast this machine is."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from explorer.budget import parse_budget
from explorer.build import build, examples, measure_latency, predictor
from explorer.build.machine import keep_memory, use_threads
from explorer.build.weights import Measured, disturbed, nonnegative
from explorer.cli import main
from explorer.cost import count
from explorer.cost.kinds import timed
from explorer.cost.latency import Predictor
from explorer.errors import ExplorerError
from explorer.space import Candidate, Space, bind

Bound = Callable[..., Candidate]
NET = """net n
input 3x32x32  classes 2
default conv same norm=batch act=relu
a: conv 3x3 {n} > [ conv 3x3 {n} > conv 3x3 {n} + id ] > conv 3x3 {n}
b: avgpool global > linear classes
"""
SPACE = """space tiny
input 3x16x16  classes 2
default conv same norm=batch act=relu
knob n = 16 in 8..64 step 8
lever kernel in {one, three}
require n != 24
a: conv 3x3 n > choose kernel { one: conv 1x1 n | three: conv 3x3 n }
b: avgpool global > linear classes
"""


def test_a_net_of_many_more_macs_takes_longer(bound: Bound) -> None:
    small, large = (bound(NET.format(n=n)).graph for n in (8, 64))
    assert count(large).macs > 30 * count(small).macs
    first, second = (measure_latency(net, seconds=0.2) for net in (small, large))
    assert second.least > first.least > 0
    for found in (first, second):
        assert found.least <= found.ms
        assert found.quartiles[0] <= found.ms <= found.quartiles[1]
        assert 0 <= found.busy < 1
        assert found.rounds >= 5


def test_every_node_is_timed(bound: Bound) -> None:
    graph = bound(NET.format(n=8)).graph
    latency = measure_latency(graph, batch=2, seconds=0.01)
    assert list(latency.nodes) == [node.path for node in timed(graph)]
    assert min(latency.nodes.values()) > 0
    assert (latency.setting.batch, latency.setting.threads) == (2, 1)
    assert json.loads(json.dumps(latency.to_json()))["rounds"] == latency.rounds
    assert measure_latency(graph, seconds=0.01, by_node=False).nodes == {}


def test_inputs_of_any_kind_are_measured(bound: Bound) -> None:
    words = bound(
        "net n\ninput ids 16\nx: embedding 100 8 > [ attention 2 + id ] > token 1\n"
    ).graph
    signal = bound("net n\ninput 1x40  classes 3\nx: conv 5 8 > avgpool global > linear classes\n")
    heads = "net n\ninput 3x8x8  classes 2\nx: conv 1x1 4\ny: avgpool global > linear classes\n"
    headed = bound(heads + "aux 0.3: x > avgpool global > linear classes\n").graph
    for graph in (words, signal.graph, headed):
        assert measure_latency(graph, seconds=0.01).ms > 0


def test_walking_computes_what_running_does(bound: Bound) -> None:
    graph = bound(NET.format(n=8)).graph
    net = build(graph).eval()
    inputs = examples(graph, 1, torch.Generator().manual_seed(0))
    with torch.no_grad():
        assert [node.path for node in net.walk(*inputs)] == [node.path for node in timed(graph)]


def test_torch_has_its_threads_back() -> None:
    before = torch.get_num_threads()
    with pytest.raises(ZeroDivisionError), use_threads(before + 1), keep_memory():
        assert torch.get_num_threads() == before + 1
        raise ZeroDivisionError
    assert torch.get_num_threads() == before


def test_non_negative_least_squares_are_the_least() -> None:
    """The conditions of Karush, Kuhn and Tucker, which hold at the optimum alone."""
    dice = np.random.default_rng(0)
    for _ in range(50):
        rows = dice.normal(size=(12, 5)) * 10.0 ** dice.integers(-3, 4, 5)
        rows[:, dice.integers(5)] *= dice.integers(2)
        wanted = dice.normal(size=12)
        found = nonnegative(rows, wanted)
        scale = np.linalg.norm(rows, axis=0) * np.linalg.norm(wanted)
        slope = rows.T @ (rows @ found - wanted)
        assert (found >= 0).all()
        assert (slope >= -1e-9 * scale).all()
        assert (np.abs(slope[found > 0]) <= 1e-9 * scale[found > 0]).all()


def test_non_negative_least_squares_find_what_is_there() -> None:
    dice = np.random.default_rng(0)
    rows, weights = dice.random((40, 5)), np.array([0.5, 0.0, 3.0, 0.0, 1e-3])
    assert np.allclose(nonnegative(rows, rows @ weights), weights, atol=1e-12)


@pytest.fixture
def fitted(space_of: Callable[..., Space], monkeypatch: pytest.MonkeyPatch) -> Predictor:
    monkeypatch.setattr(predictor, "_VISIT", 0.001)
    told: list[tuple[int, int]] = []
    found = predictor.fit_predictor(
        space_of(SPACE), seconds=0.1, on_progress=lambda done, of: told.append((done, of))
    )
    # Eight widths but one, each of them with two kernels.
    assert told[0] == (0, 14)
    assert told[-1][0] == told[-1][1]
    return found


def test_a_fitted_predictor(fitted: Predictor, bound: Bound) -> None:
    kinds = {"conv 3x3", "conv 1x1", "batchnorm", "relu", "avgpool global", "view", "linear"}
    assert set(fitted.weights) == kinds
    for weights in (*fitted.weights.values(), *fitted.general.values()):
        assert min(weights) >= 0
        assert max(weights) > 0
    assert fitted.error.nets == 6
    assert (fitted.space, fitted.input) == ("tiny", "3x16x16")
    graph = bound(SPACE, {"n": 64}).graph
    assert fitted.upper(graph) >= fitted.predict(graph) > 0
    assert fitted.unseen(graph) == []
    assert Predictor.from_json(json.loads(json.dumps(fitted.to_json()))) == fitted
    other = bound(NET.format(n=8).replace("conv 3x3", "conv 5x5").replace("relu", "silu")).graph
    assert set(fitted.unseen(other)) == {"conv 5x5", "silu", "add"}
    assert min(fitted.by_kind(other).values()) > 0


def test_the_best_of_two_visits_counts(bound: Bound) -> None:
    graph = bound(NET.format(n=8)).graph
    clean = Measured(graph, 5.0, {"a": 2.0, "b": 1.0}, 1.0, 0.0)
    slow = Measured(graph, 6.0, {"a": 1.5, "b": 1.5}, 1.3, 0.4)
    slower = replace(slow, whole=7.0, pace=1.5)
    assert slow.best(clean) == replace(clean, nodes={"a": 1.5, "b": 1.0})
    assert disturbed([slow, clean, slower, replace(clean, pace=1.05)]) == [2, 0]


def test_a_space_of_too_few_nets_is_refused(space_of: Callable[..., Space]) -> None:
    text = SPACE.replace("8..64 step 8", "{8, 16}").replace("{one, three}", "{one, same}")
    few = space_of(text.replace("three: conv 3x3 n", "same: conv 1x1 n"))
    with pytest.raises(ExplorerError, match="tiny: 2 nets are too few"):
        predictor.fit_predictor(few, seconds=0.1)


def test_nets_are_measured_within_a_budget(space_of: Callable[..., Space]) -> None:
    space, budget = space_of(SPACE), parse_budget("1e6")
    propose, rng = predictor.within(space, budget), np.random.default_rng(0)
    assert all(count(bind(space, propose(space, rng)).graph).macs <= 1e6 for _ in range(40))


# ---- the command


def loaded(*arguments: str) -> set[str]:
    """The modules that a command loads."""
    script = (
        "import sys\nfrom explorer.cli import main\nmain(sys.argv[1:])\n"
        "print(*sys.modules, file=sys.stderr)\n"
    )
    command = [sys.executable, "-c", script, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return set(done.stderr.split())


@pytest.fixture
def net(tmp_path: Path) -> str:
    path = tmp_path / "n.net"
    path.write_text(NET.format(n=8))
    return str(path)


def test_a_net_is_measured(net: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["latency", net, "--time", "0.05s"]) == 0
    out = capsys.readouterr().out
    assert "n  ·  input 3x32x32  ·  cpu (" in out
    assert "ms, the median of" in out
    assert main(["latency", net, "--time", "0.05s", "--batch", "2", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["setting"]["batch"] == 2
    assert sum(found["kinds"].values()) == pytest.approx(sum(found["nodes"].values()))


def test_a_space_is_fitted_kept_and_predicted_by(
    net: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(predictor, "_VISIT", 0.001)
    space, kept = tmp_path / "tiny.space", tmp_path / "kept" / "tiny.json"
    space.write_text(SPACE)
    assert main(["latency", str(space), "--time", "0.1s", "-o", str(kept)]) == 0
    assert "% (median)" in capsys.readouterr().out
    assert main(["latency", str(space), "--predict", str(kept), "--set", "n=64", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["upper"] >= found["ms"] == pytest.approx(sum(found["kinds"].values()))
    assert main(["latency", net, "--predict", str(kept)]) == 0
    assert "never measured, so estimated by others alike: add" in capsys.readouterr().out
    assert "torch" not in loaded("latency", net, "--predict", str(kept))
    assert main(["latency", str(space), "--set", "kernel=one", "--time", "0.05s"]) == 0
    assert "ms, the median of" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--device", "abacus"], "--device: 'abacus'"),
        (["--time", "soon"], "--time: a duration"),
        (["--seed", "-1"], "--seed"),
        (["--predict", "nothing.json"], "nothing.json: cannot be read"),
        (["--predict", "README.md"], "README.md: is not JSON"),
        (["--predict", "tests/golden/fingerprints.json"], "no latency predictor"),
        (["--predict", "x.json", "-o", "y.json"], "-o: keeps what is fitted"),
        (["-o", "y.json"], "-o: keeps the predictor of a space"),
    ],
)
def test_wrong_input_is_one_line(
    net: str, options: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["latency", net, *options]) == 1
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1


def test_a_bound_on_latency_is_no_budget_here(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["latency", "inception", "--budget", "latency=8ms"]) == 1
    assert "--budget: latency is what" in capsys.readouterr().err


def test_the_command_has_help(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["latency", "--help"])
    assert "--predict FILE" in capsys.readouterr().out
