"""The proof that an exported file is the net: the same outputs, in a process that knows only torch.

The file is run by an isolated interpreter, from another folder, on weights and inputs that are
drawn here, and must put out what the built net does, each output by itself.
"""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch
from safetensors.torch import save_file
from torch import Tensor

from explorer.build import Net, build, examples
from explorer.errors import ExplorerError
from explorer.export import child
from explorer.export.write import State, at_inference, check_state
from explorer.graph import Graph

TOLERANCE = 1e-5  # of the largest output; 0 is usual, since the same operators run
IMAGES = 2  # or sequences, or whatever enters
TIMEOUT = 600  # seconds

Outputs = dict[str, Tensor]


@dataclass(frozen=True, slots=True)
class Verified:
    """What was found equal.

    Attributes:
        difference: the largest absolute one between outputs.
        params: trainable parameters of both.
        tensors: names in both state_dicts.
    """

    difference: float
    params: int
    tensors: int


def verify(graph: Graph, path: Path, state: State | None = None) -> Verified:
    """Run an exported file in a clean process and compare it with the built net.

    Args:
        graph: what the file should be, its auxiliary heads apart.
        path: the exported file.
        state: the weights to compare with; a file that comes with weights must read its own.
            None draws weights.

    Raises:
        ExplorerError: the file imports more than torch and the standard library, does not run on
            its own, or is not the same net.
    """
    path = path.resolve()
    graph, state = at_inference(graph, state)
    check_imports(path)
    with TemporaryDirectory() as folder:
        net = _net(graph, state)
        expected = _prepare(net, Path(folder))
        found = _run(path, folder, own=state is not None)
    return _compare(path, net, expected, found)


def check_imports(path: Path) -> None:
    """Refuse a file that needs more than torch and the standard library.

    Raises:
        ExplorerError: so it does, or it cannot be read as Python.
    """
    try:
        tree = ast.parse(path.read_bytes())
    except (OSError, SyntaxError, ValueError) as error:
        raise ExplorerError(f"cannot read {path}: {error}") from None
    foreign = sorted(set(_imported(tree)) - {"torch", *sys.stdlib_module_names})
    if foreign:
        raise ExplorerError(f"{path} imports {', '.join(foreign)}; an export needs torch alone")


def _imported(tree: ast.Module) -> Iterator[str]:
    """The packages that a file imports; a relative import is called '.'."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield "." if node.level else (node.module or "").partition(".")[0]


def _net(graph: Graph, state: State | None) -> Net:
    """The built net with the given weights, or with some where no two tensors do the same."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        net = build(graph)
        if state is not None:
            check_state(graph, state)
            net.load_state_dict(state)
            return net.eval()
        for tensor in net.state_dict().values():
            # Fresh biases and batch norms are zeros and ones: they would not show in the output.
            if tensor.is_floating_point() and bool((tensor == tensor.flatten()[0]).all()):
                tensor.uniform_(0.5, 1.5)
    return net.eval()


def _prepare(net: Net, folder: Path) -> Outputs:
    """Leave weights, inputs and what is expected of them in a folder."""
    inputs = examples(net.graph, IMAGES, torch.Generator().manual_seed(1))
    expected = _outputs(net, inputs)
    weights = {name: tensor.contiguous() for name, tensor in net.state_dict().items()}
    case = {f"input {number}": tensor for number, tensor in enumerate(inputs)}
    case |= {f"output {number}": tensor for number, tensor in enumerate(expected.values())}
    save_file(weights, folder / "weights.safetensors")
    save_file(case, folder / "case.safetensors")
    return expected


def _outputs(net: Net, inputs: tuple[Tensor, ...]) -> Outputs:
    """What the net puts out, by name, each in memory of its own."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # as in the child: the order of sums depends on it
    try:
        with torch.inference_mode():
            found = net(*inputs)
    finally:
        torch.set_num_threads(threads)
    tensors = found if isinstance(found, tuple) else (found,)
    names = (output.name for output in net.graph.outputs)
    return {
        name: tensor.clone(memory_format=torch.contiguous_format)
        for name, tensor in zip(names, tensors, strict=True)
    }


def _run(path: Path, folder: str, own: bool) -> dict[str, Any]:
    """What the child found."""
    command = [sys.executable, "-IB", child.__file__, str(path), folder, *(["own"] if own else [])]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    try:
        done = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, timeout=TIMEOUT
        )
    except subprocess.TimeoutExpired:
        raise ExplorerError(f"{path} did not finish within {TIMEOUT} s") from None
    if done.returncode != 0:
        reason = (done.stderr.strip() or "no message").splitlines()[-1]
        raise ExplorerError(f"{path} does not run on its own: {reason}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def _compare(path: Path, net: Net, expected: Outputs, found: dict[str, Any]) -> Verified:
    params = sum(parameter.numel() for parameter in net.parameters())
    keys = list(net.state_dict())
    pairs: tuple[tuple[str, object, object], ...] = (
        ("modules of explorer", [], found["ours"]),
        ("parameters", params, found["params"]),
        ("output shapes", [list(tensor.shape) for tensor in expected.values()], found["shapes"]),
        ("state_dict keys", sorted(keys), sorted(found["keys"])),
    )
    for what, wanted, got in pairs:
        if wanted != got:
            raise ExplorerError(f"{path} is not this net: {what} {_differing(wanted, got)}")
    differences = [float(difference) for difference in found["differences"]]
    for (name, tensor), difference in zip(expected.items(), differences, strict=True):
        which = f" '{name}'" if len(expected) > 1 else ""
        _check_difference(f"{path} is not this net: outputs{which}", tensor, difference)
    return Verified(max(differences), params, len(keys))


def _check_difference(what: str, expected: Tensor, difference: float) -> None:
    largest = float(expected.abs().max())
    if not difference <= TOLERANCE * largest:  # also refuses NaN
        raise ExplorerError(
            f"{what} differ by {difference:.3g}, where the largest is {largest:.3g}"
        )


def _differing(wanted: object, got: object) -> str:
    if isinstance(wanted, list) and isinstance(got, list) and len(wanted) + len(got) > 8:
        only = sorted({*wanted} ^ {*got})
        return f"differ in {', '.join(only[:3])}"
    return f"are {got}, not {wanted}"
