"""The head of an exported file: what the net is, where it came from, what it costs."""

from __future__ import annotations

from textwrap import wrap

from explorer.cost import count
from explorer.export.facts import Facts
from explorer.export.layout import WIDTH
from explorer.export.surface import entering, is_simple, is_usual, leaving
from explorer.graph import Graph
from explorer.ops import Shape

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


def about_net(graph: Graph) -> list[str]:
    """The docstring of the net's class: what it takes and puts out, by name if there are any."""
    taken, made = entering(graph), leaving(graph)
    if is_usual(graph):
        into, out = (_short(ports[0].shape) for ports in (taken, made))
        return [f'    """N x {into} in, N x {out} out."""']
    inputs, outputs = [port.name for port in taken], [port.known for port in made]
    first = f'"""Takes {_listed(inputs)} and puts out {_listed(outputs)}.'
    named = zip((*inputs, *outputs), (*taken, *made), strict=True)
    lines = [f"{name}: {port.described}" for name, port in named]
    return [*(f"    {line}".rstrip() for line in (*wrap(first, WIDTH - 4), "", *lines, '"""'))]


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"({', '.join(names)})"


def _short(shape: Shape) -> str:
    return "x".join(str(size) for size in shape.sizes)


def _origin(facts: Facts) -> list[str]:
    lines = [line for fact in facts.origin for line in fact.splitlines()]
    return [part for line in lines for part in _wrapped(line)]


def _cost(graph: Graph) -> list[str]:
    cost = count(graph)
    return [
        *_values(graph),
        f"Counted: {cost.macs:,} macs, {cost.params:,} params, {cost.activations:,} activations.",
        *_wrapped(CONVENTION),
    ]


def _values(graph: Graph) -> list[str]:
    """What enters and what leaves: a line where that is one value each, else a line a value."""
    ports = [("Input", port) for port in entering(graph)]
    ports += [("Output", port) for port in leaving(graph)]
    facts = [
        f"{what}{f' {port.label}' * bool(port.label)}: {port.described}." for what, port in ports
    ]
    facts += [] if graph.classes is None else [f"Classes: {graph.classes}."]
    lines = [" ".join(facts)] if is_simple(graph) else facts
    return [part for line in lines for part in _wrapped(line)]


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
