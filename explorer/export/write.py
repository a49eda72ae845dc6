"""The file on disk, with its weights beside it: both whole, or not there."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from glob import escape
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import save_file
from torch import Tensor

from explorer.build import Net
from explorer.errors import ExplorerError
from explorer.export.facts import Facts, Weights
from explorer.export.source import source
from explorer.graph import Graph, without_heads

State = Mapping[str, Tensor]


def write(graph: Graph, path: Path, facts: Facts, state: State | None = None) -> list[Path]:
    """Write the net as Python, and its weights beside it when there are any.

    Auxiliary heads and their weights, which training alone has, stay behind.

    Args:
        graph: the net.
        path: the Python file; one that is there is replaced.
        facts: what the file says about itself.
        state: the net's state_dict. Where the facts name no file for it, that is called after path.

    Returns:
        The files that were written, the Python file first.

    Raises:
        ExplorerError: the folder cannot be written, the weights are not this net's, or the facts
            name weights that are not given.
    """
    facts = _complete(path, facts, state)
    graph, state = at_inference(graph, state)
    text = source(graph, facts)
    written = [path]
    if state is not None and facts.weights is not None:
        check_state(graph, state)
        tensors = {name: tensor.detach().to("cpu", copy=True) for name, tensor in state.items()}
        tensors = {name: tensor.contiguous() for name, tensor in tensors.items()}
        written.append(path.with_name(facts.weights.file))
        _put(written[-1], lambda part: save_file(tensors, part, metadata={"format": "pt"}))
    _put(path, lambda part: part.write_bytes(text.encode()))
    return written


def at_inference(graph: Graph, state: State | None) -> tuple[Graph, State | None]:
    """The graph without auxiliary heads, and the weights that are not theirs."""
    bare = without_heads(graph)
    if state is None or not graph.heads:
        return bare, state
    theirs = {node.path for node in graph.nodes} - {node.path for node in bare.nodes}
    return bare, {
        name: tensor
        for name, tensor in state.items()
        if not any(name.startswith(f"{path}.") for path in theirs)
    }


def check_state(graph: Graph, state: State) -> None:
    """Refuse weights that are not a graph's.

    Raises:
        ExplorerError: the first tensor that is missing, in excess or of another shape.
    """
    with torch.device("meta"):
        own = Net(graph).state_dict()
    for name in [*own, *state]:
        wanted, given = _shape(own, name), _shape(state, name)
        if wanted != given:
            raise ExplorerError(
                f"the weights are not those of {graph.name}: '{name}' is {wanted} there, "
                f"and {given} here"
            )


def _shape(state: State, name: str) -> str:
    return str(tuple(state[name].shape)) if name in state else "missing"


def _complete(path: Path, facts: Facts, state: State | None) -> Facts:
    """The facts with a name for the weights' file if there are weights, else as they are."""
    if state is None and facts.weights is not None:
        raise ExplorerError(f"the facts name {facts.weights.file}, but no weights are given")
    if state is None:
        return facts
    weights = facts.weights or Weights(path.with_suffix(".safetensors").name)
    if weights.file in ("", path.name) or Path(weights.file).name != weights.file:
        raise ExplorerError(
            f"weights lie beside {path.name} under a name of their own, not at '{weights.file}'"
        )
    return replace(facts, weights=weights)


def _put(path: Path, save: Callable[[Path], object]) -> None:
    """Save under another name first, so that nobody ever reads half a file."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        part.touch()  # an OSError that says why, before safetensors has a say
        save(part)
        part.replace(path)
        for left in path.parent.glob(f".{escape(path.name)}.*.part"):  # by writers that were killed
            left.unlink(missing_ok=True)
    except (OSError, SafetensorError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ExplorerError(f"cannot write {path}: {reason}") from None
    finally:
        if part.parent.is_dir():
            part.unlink(missing_ok=True)
