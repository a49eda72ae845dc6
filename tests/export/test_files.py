"""The files on disk: written whole, run on their own, read back, and proved in a clean process."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import save, save_file

from explorer.build import build
from explorer.errors import ExplorerError
from explorer.export import Facts, Weights, source, verify, write
from explorer.export.runtime import read_safetensors
from explorer.graph import Graph
from tests.export.cases import (
    BODIES,
    HEAD,
    LINE,
    SMALL,
    SPACES,
    bound,
    graph_of,
    images,
    run,
    shuffled,
)


@pytest.fixture
def graph() -> Graph:
    return bound(LINE)


# ---- write


def test_write_leaves_the_file_alone(graph: Graph, tmp_path: Path) -> None:
    path = tmp_path / "net.py"
    assert write(graph, path, Facts()) == [path]
    assert path.read_text() == source(graph, Facts())
    assert [found.name for found in tmp_path.iterdir()] == ["net.py"]


def test_write_removes_what_killed_writers_left(graph: Graph, tmp_path: Path) -> None:
    (tmp_path / ".net[1].py.4000000.part").touch()
    (tmp_path / ".net1.py.4000000.part").touch()
    write(graph, tmp_path / "net[1].py", Facts())
    assert {path.name for path in tmp_path.iterdir()} == {"net[1].py", ".net1.py.4000000.part"}


def test_written_file_runs_by_itself(graph: Graph, tmp_path: Path) -> None:
    paths = write(graph, tmp_path / "net.py", Facts(), build(graph).state_dict())
    done = subprocess.run(
        [sys.executable, "-I", "-W", "error", paths[0]], capture_output=True, text=True
    )
    params = sum(parameter.numel() for parameter in build(graph).parameters())
    assert done.stderr == ""
    assert done.stdout == f"(1, 1, 40) -> (1, 3), {params:,} parameters\n"


def test_weights_come_back(graph: Graph, tmp_path: Path) -> None:
    net = build(graph)
    state = shuffled(net)
    path, weights = write(graph, tmp_path / "net.py", Facts(), state)
    assert weights == tmp_path / "net.safetensors"
    loaded = run(path.read_text(), __file__=str(path))["load"]()
    assert not loaded.training
    assert all(torch.equal(loaded.state_dict()[name], tensor) for name, tensor in state.items())
    net.load_state_dict(state)
    assert torch.equal(loaded(images(graph)), net.eval()(images(graph)))


def test_two_writes_are_the_same_bytes(graph: Graph, tmp_path: Path) -> None:
    state = shuffled(build(graph))
    facts = Facts("title", weights=Weights("weights.safetensors", "made up"))
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        write(graph, tmp_path / name / "net.py", facts, state)
    for name in ("net.py", "weights.safetensors"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_write_refuses_a_missing_folder(graph: Graph, tmp_path: Path) -> None:
    with pytest.raises(
        ExplorerError, match=r"cannot write .*: No such file or directory"
    ) as caught:
        write(graph, tmp_path / "nowhere" / "net.py", Facts())
    assert "\n" not in str(caught.value)


def test_write_refuses_a_folder_in_place_of_the_file(graph: Graph, tmp_path: Path) -> None:
    (tmp_path / "net.py").mkdir()
    with pytest.raises(ExplorerError, match="Is a directory"):
        write(graph, tmp_path / "net.py", Facts())
    assert [found.name for found in tmp_path.iterdir()] == ["net.py"]


def test_write_refuses_a_file_in_place_of_the_folder(graph: Graph, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ExplorerError, match="Not a directory"):
        write(graph, tmp_path / "file" / "net.py", Facts())


@pytest.mark.parametrize("name", ["", "net.py", "../net.safetensors", "/net.safetensors"])
def test_write_refuses_weights_elsewhere(graph: Graph, tmp_path: Path, name: str) -> None:
    with pytest.raises(ExplorerError, match=r"weights lie beside net\.py"):
        write(graph, tmp_path / "net.py", Facts(weights=Weights(name)), build(graph).state_dict())


def test_write_refuses_facts_without_their_weights(graph: Graph, tmp_path: Path) -> None:
    with pytest.raises(ExplorerError, match="no weights are given"):
        write(graph, tmp_path / "net.py", Facts(weights=Weights("net.safetensors")))


def test_write_refuses_the_weights_of_another_net(graph: Graph, tmp_path: Path) -> None:
    state = build(graph).state_dict()
    del state["head.linear1.bias"]
    with pytest.raises(ExplorerError, match=r"'head.linear1.bias' is \(8,\) there, and missing"):
        write(graph, tmp_path / "net.py", Facts(), state)
    assert not list(tmp_path.iterdir())


# ---- load


def test_load_says_that_weights_are_missing(graph: Graph, tmp_path: Path) -> None:
    path, weights = write(graph, tmp_path / "net.py", Facts(), build(graph).state_dict())
    weights.unlink()
    with pytest.raises(FileNotFoundError, match=r"the weights .*net\.safetensors are not there"):
        run(path.read_text(), __file__=str(path))["load"]()


@pytest.mark.parametrize("kept", [0, 4, 8, 50, -1])
def test_load_says_that_weights_are_cut_short(graph: Graph, tmp_path: Path, kept: int) -> None:
    path, weights = write(graph, tmp_path / "net.py", Facts(), build(graph).state_dict())
    weights.write_bytes(weights.read_bytes()[:kept])
    with pytest.raises(ValueError, match=r"net\.safetensors is cut short"):
        run(path.read_text(), __file__=str(path))["load"]()


def test_load_says_which_names_do_not_fit(graph: Graph, tmp_path: Path) -> None:
    load = run(source(graph, Facts()))["load"]
    other = build(bound(HEAD + BODIES["gate"]))
    save_file(other.state_dict(), tmp_path / "other.safetensors")
    with pytest.raises(RuntimeError, match=r"(?s)Missing key.*stem\.conv1\.weight"):
        load(tmp_path / "other.safetensors")


def test_reader_knows_the_types(tmp_path: Path) -> None:
    kinds = "float64 float32 float16 bfloat16 int64 int32 uint8 bool".split()
    values = torch.tensor([[0.0, 1.0, 2.5], [1.0, 0.0, 7.0]])
    state = {kind: values.to(getattr(torch, kind)) for kind in kinds}
    state |= {"scalar": torch.tensor(3), "empty": torch.zeros(0, 4)}
    path = tmp_path / "all.safetensors"
    path.write_bytes(save(state, metadata={"format": "pt"}))
    found = read_safetensors(path)
    assert found.keys() == state.keys()
    for name, tensor in state.items():
        assert found[name].dtype is tensor.dtype
        assert torch.equal(found[name], tensor)


def test_reader_names_a_type_it_does_not_know(tmp_path: Path) -> None:
    save_file({"a": torch.zeros(2, dtype=torch.int8)}, tmp_path / "a.safetensors")
    with pytest.raises(ValueError, match="type I8, where one of F64, F32"):
        read_safetensors(tmp_path / "a.safetensors")


# ---- verify


def test_verify_proves_a_file(graph: Graph, tmp_path: Path) -> None:
    write(graph, tmp_path / "net.py", Facts())
    found = verify(graph, tmp_path / "net.py")
    net = build(graph)
    assert found.difference == 0
    assert found.params == sum(parameter.numel() for parameter in net.parameters())
    assert found.tensors == len(net.state_dict())
    assert [path.name for path in tmp_path.iterdir()] == ["net.py"]  # no __pycache__ beside it


def test_verify_takes_the_weights_that_a_file_comes_with(graph: Graph, tmp_path: Path) -> None:
    net = build(graph)
    state = shuffled(net)
    path, weights = write(graph, tmp_path / "net.py", Facts(), state)
    assert verify(graph, path, state).difference == 0
    save_file(net.state_dict(), weights)
    with pytest.raises(ExplorerError, match="outputs differ by"):
        verify(graph, path, state)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("nn.SiLU()", "nn.ReLU()", "outputs differ by"),
        ("nn.Linear(8, 3)", "nn.Linear(8, 3, bias=False)", "does not run on its own"),
        ("import json", "import json, numpy.linalg", "imports numpy;"),
        ("import json", "from . import json", r"imports \.;"),
        ("import json", "import json from", "cannot read"),
        ("def load", "def lood", "does not run on its own: AttributeError"),
    ],
)
def test_verify_finds_a_tampered_file(
    graph: Graph, tmp_path: Path, old: str, new: str, message: str
) -> None:
    path = tmp_path / "net.py"
    text = source(graph, Facts())
    assert old in text
    path.write_text(text.replace(old, new))
    with pytest.raises(ExplorerError, match=message):
        verify(graph, path)


@pytest.mark.slow
def test_verify_proves_a_shipped_net(tmp_path: Path) -> None:
    graph = bound((SPACES / "inception.space").read_text("utf-8"), SMALL)
    write(graph, tmp_path / "net.py", Facts())
    assert verify(graph, tmp_path / "net.py").difference == 0


@pytest.mark.slow
@pytest.mark.parametrize("name", ["vit", "translator", "convnext", "signal"])
def test_verify_proves_copied_modules(name: str, tmp_path: Path) -> None:
    graph = graph_of(name)
    path, _ = write(graph, tmp_path / "net.py", Facts(), shuffled(build(graph)))
    assert verify(graph, path).difference == 0
