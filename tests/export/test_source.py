"""The exported text computes what the built module computes, and is fit to be read."""

from __future__ import annotations

import ast
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import pytest
import torch
from torch import Tensor, nn

from explorer.build import build, snippets
from explorer.errors import ExplorerError
from explorer.export import Facts, Weights, source
from explorer.export.verify import check_imports
from explorer.graph import Graph, Node, Output
from explorer.ops import Input, Op, Shapes, Snippet, image
from tests.export.cases import (
    BODIES,
    CASES,
    HEAD,
    bound,
    exported,
    graph_of,
    images,
    run,
    shuffled,
)


@pytest.fixture(params=CASES)
def graph(request: pytest.FixtureRequest) -> Graph:
    return graph_of(request.param)


def test_same_names_and_outputs(graph: Graph) -> None:
    ours, theirs = build(graph).eval(), exported(graph).eval()
    assert list(theirs.state_dict()) == list(ours.state_dict())
    state = shuffled(ours)
    ours.load_state_dict(state)
    theirs.load_state_dict(state)
    with torch.inference_mode():
        assert torch.equal(theirs(images(graph)), ours(images(graph)))


def test_same_parameters_and_layers(graph: Graph) -> None:
    ours, theirs = build(graph), exported(graph)
    assert [p.shape for p in theirs.parameters()] == [p.shape for p in ours.parameters()]
    layers = {name: type(layer).__name__ for name, layer in theirs.named_modules()}
    for name, layer in ours.named_modules():
        if name and not list(layer.children()):
            assert layers[name] == type(layer).__name__


def test_same_initial_weights(graph: Graph) -> None:
    load = run(source(graph, Facts()))["load"]
    torch.manual_seed(3)
    theirs = load().state_dict()
    torch.manual_seed(3)
    ours = build(graph).state_dict()
    assert all(torch.equal(theirs[name], tensor) for name, tensor in ours.items())


def test_trains(graph: Graph) -> None:
    net = exported(graph).train()
    parameters = list(net.parameters())
    if parameters:
        net(images(graph)).square().mean().backward()
        assert all(parameter.grad is not None for parameter in parameters)


@pytest.mark.parametrize("name", BODIES)
def test_two_exports_are_the_same_text(name: str) -> None:
    facts = Facts("a title", ("a line",))
    assert source(bound(HEAD + BODIES[name]), facts) == source(graph_of(name), facts)


def test_text_is_formatted(tmp_path: Path) -> None:
    ruff = Path(sys.executable).with_name("ruff")
    if not ruff.exists():
        pytest.skip("ruff is not installed")
    for number, graph in enumerate(map(graph_of, CASES)):
        (tmp_path / f"net{number}.py").write_text(source(graph, Facts("it's a title" * 9)))
    options = ["--isolated", "--no-cache", "--line-length=100", str(tmp_path)]
    for command in (["format", "--diff"], ["check", "--select=E,F,W,I,UP,B,SIM,RUF,PIE"]):
        done = subprocess.run([ruff, *command, *options], capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr


def test_imports_torch_alone(tmp_path: Path) -> None:
    for name in CASES:
        (tmp_path / "net.py").write_text(source(graph_of(name), Facts()))
        check_imports(tmp_path / "net.py")


# ---- the head


def test_head_states_the_facts() -> None:
    graph = bound(HEAD + "conv 3x3 4")
    text = source(graph, Facts("A title", ("study default, trial 7", "explorer 0.1")))
    head = ast.get_docstring(ast.parse(text)) or ""
    assert head.startswith("small: A title.\n")
    assert "study default, trial 7\nexplorer 0.1\n" in head
    assert "Input: N x 3 x 12 x 12. Output: N x 4 x 12 x 12. Classes: 5." in head
    assert "Counted: 15,552 macs, 112 params, 576 activations." in head
    assert "Weights: none." in head


def test_head_states_the_weights() -> None:
    facts = Facts(weights=Weights("small.safetensors", "shapes, for 3 epochs"))
    text = source(bound(HEAD + "conv 3x3 4"), facts)
    assert "Weights: small.safetensors, trained on shapes, for 3 epochs. load() reads" in text
    assert 'WEIGHTS = "small.safetensors"' in text


@pytest.mark.parametrize(
    "line", ['"""', '"', "\\", "a\\", "\n\n", "\x00\t\r", "'" * 200, "ä → 𝛼", "{net}"]
)
def test_no_fact_breaks_the_file(line: str) -> None:
    facts = Facts(line, (line, "after it"), Weights(f"{line[:9]}.safetensors", line))
    text = source(bound(HEAD + "conv 3x3 4"), facts)
    assert "after it" in (ast.get_docstring(ast.parse(text)) or "")
    assert max(map(len, text.splitlines())) <= 100


# ---- snippets, and graphs that no text makes


class Halve(nn.Module):
    """A snippet that a test lends to the package."""

    def __init__(self, share: float) -> None:
        super().__init__()
        self.share = nn.Parameter(torch.tensor(share))

    def forward(self, x: Tensor) -> Tensor:
        return x * self.share


@dataclass(frozen=True, slots=True)
class HalveOp(Op):
    name: ClassVar[str] = "halve"

    def layer(self, inputs: Shapes) -> Snippet:
        return Snippet("Halve", (0.5,))


def by_hand(*paths: tuple[str, tuple[int, ...]]) -> Graph:
    shape = image(2, 4, 4)
    nodes = [Node("input", Input(shape), (), shape, 0)]
    nodes += [Node(path, HalveOp(), inputs, shape, 0) for path, inputs in paths]
    return Graph("by_hand", tuple(nodes), (Output("output", len(paths)),), ())


@pytest.fixture
def halve(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snippets, "Halve", Halve, raising=False)


@pytest.mark.usefixtures("halve")
def test_snippets_are_copied() -> None:
    graph = by_hand(("a.halve1", (0,)), ("a.halve2", (1,)))
    text = source(graph, Facts())
    assert "chain(halve1=Halve(0.5), halve2=Halve(0.5))" in text
    names = run(text)
    assert list(names["ByHand"]().state_dict()) == ["a.halve1.share", "a.halve2.share"]


@pytest.mark.usefixtures("halve")
def test_scopes_that_interleave() -> None:
    graph = by_hand(("a.h1", (0,)), ("b.h1", (1,)), ("a.h2", (2,)), ("b.h2", (3,)))
    names = run(source(graph, Facts()))
    net = names["ByHand"]()
    assert sorted(net.state_dict()) == sorted(build(graph).state_dict())
    assert torch.equal(net(images(graph)), images(graph) / 16)


@pytest.mark.usefixtures("halve")
@pytest.mark.parametrize("second", ["a.h1", "a.h1.h2"])
def test_paths_that_collide(second: str) -> None:
    with pytest.raises(ExplorerError, match=r"'a\.h1'"):
        source(by_hand(("a.h1", (0,)), (second, (1,))), Facts())
