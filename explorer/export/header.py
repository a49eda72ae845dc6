"""The head of an exported file: what the net is, where it came from, what it costs."""

from __future__ import annotations

from textwrap import wrap

from explorer.cost import count
from explorer.export.facts import Facts
from explorer.export.layout import WIDTH
from explorer.graph import Graph

CONVENTION = (
    "Macs are the multiply-adds of convolutions, linear layers and matrix products for one image "
    "at inference, without biases; activations are the elements that these put out."
)
NEEDS = "This file needs torch and nothing else; run by itself, it shows that it works."


def docstring(graph: Graph, facts: Facts) -> list[str]:
    """The docstring of the file, line by line, quotes included."""
    title = f"{graph.name}: {facts.title}" if facts.title else graph.name
    first, *rest = _wrapped(_stop(title), WIDTH - 3)
    paragraphs = [_origin(facts), _cost(graph), [*_wrapped(_weights(facts)), NEEDS]]
    lines = [*rest, *(line for part in paragraphs if part for line in ("", *part))]
    return [f'"""{first}', *lines, '"""']


def _origin(facts: Facts) -> list[str]:
    lines = [line for fact in facts.origin for line in fact.splitlines()]
    return [part for line in lines for part in _wrapped(line)]


def _cost(graph: Graph) -> list[str]:
    cost, output = count(graph), graph.nodes[graph.output].shape
    classes = "" if graph.classes is None else f" Classes: {graph.classes}."
    return [
        f"Input: N x {_by(graph.input.sizes)}. Output: N x {_by(output.sizes)}.{classes}",
        f"Counted: {cost.macs:,} macs, {cost.params:,} params, {cost.activations:,} activations.",
        *_wrapped(CONVENTION),
    ]


def _weights(facts: Facts) -> str:
    if facts.weights is None:
        return "Weights: none. load() initialises them; load(path) reads a safetensors file."
    trained = f", trained on {_stop(facts.weights.trained)}" if facts.weights.trained else "."
    return f"Weights: {facts.weights.file}{trained} load() reads them from beside this file."


def _wrapped(text: str, width: int = WIDTH) -> list[str]:
    """The text in lines that neither end nor bend the docstring that they stand in."""
    printable = "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)
    lines = wrap(printable, width) or [""]
    return [line.replace("\\", "\\\\").replace('"""', '\\"\\"\\"') for line in lines]


def _stop(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _by(sizes: tuple[int, ...]) -> str:
    return " x ".join(str(size) for size in sizes)
