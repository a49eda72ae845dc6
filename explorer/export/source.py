"""A graph as one Python file that needs torch and nothing of ours.

Every layer is printed from the specification that ``build`` instantiates, and every function that
the file carries is copied from where it runs.
"""

from __future__ import annotations

import ast
import builtins
import inspect
from keyword import kwlist
from textwrap import shorten

from explorer.build import snippets
from explorer.export import runtime
from explorer.export.body import Ref, ordered_items
from explorer.export.classes import Blueprint, draw
from explorer.export.facts import Facts
from explorer.export.forward import Words, forward
from explorer.export.header import about_net, docstring
from explorer.export.layout import WIDTH, call, fill, is_plain, lay
from explorer.export.names import camel, value_labels
from explorer.export.running import loading, main
from explorer.export.surface import entering, leaving
from explorer.export.tree import Group, grow
from explorer.graph import Graph, without_heads
from explorer.ops import Snippet

# What an exported file may import, as the name that it then uses and the line.
_IMPORTS = (
    ("json", "import json"),
    ("OrderedDict", "from collections import OrderedDict"),
    ("reduce", "from functools import reduce"),
    ("prod", "from math import prod"),
    ("Path", "from pathlib import Path"),
)
# What neither a class nor a function of the text may be called: all that the file itself names.
_OURS = (
    *"torch nn Tensor chain copies load initialise read_safetensors read_tensor".split(),
    *"net images result inputs results name value params".split(),
)
_RESERVED = (*kwlist, *dir(builtins), *(name for name, _ in _IMPORTS), *_OURS)


def source(graph: Graph, facts: Facts) -> str:
    """The file, as text; the same graph and facts give the same bytes.

    Auxiliary heads, which training alone has, are no part of it.

    Raises:
        ExplorerError: paths of the graph that no module can have.
    """
    graph = without_heads(graph)
    snips = _snippets(graph)
    net = root_class(graph)
    blueprints = draw(graph, grow(graph), net, [*_RESERVED, *snips])
    parts = [_class(graph, blueprint) for blueprint in blueprints]
    parts += [inspect.getsource(getattr(snippets, name)) for name in snips]
    parts += [*_helpers("\n\n".join(parts)), *loading(net, facts)]
    parts.append(main(graph))
    head = [*docstring(graph, facts), "", *_imports("\n\n".join(parts))]
    return "\n\n\n".join(["\n".join(head), *(part.strip("\n") for part in parts)]) + "\n"


def root_class(graph: Graph) -> str:
    """The name of the net's class: ``my_net`` is ``MyNet``."""
    name = camel(graph.name) or "Net"
    return f"{name}Net" if name in (*_RESERVED, *_snippets(graph)) else name


def _snippets(graph: Graph) -> list[str]:
    layers = [node.op.layer(graph.shapes(node)) for node in graph.nodes[len(graph.inputs) :]]
    return sorted({layer.name for layer in layers if isinstance(layer, Snippet)})


def _helpers(code: str) -> list[str]:
    """The functions that the classes use, as this package runs them."""
    used = _used(code)
    helpers = [helper for helper in (runtime.chain, runtime.copies) if helper.__name__ in used]
    return [inspect.getsource(helper) for helper in helpers]


def _imports(code: str) -> list[str]:
    used = _used(code)
    needed = [line for name, line in _IMPORTS if name in used]
    return [*needed, "", "import torch", f"from torch import {'Tensor, ' * ('Tensor' in used)}nn"]


def _used(code: str) -> set[str]:
    """The names that code calls, reads attributes of, or writes with a capital."""
    nodes = list(ast.walk(ast.parse(code)))
    found = [node.func for node in nodes if isinstance(node, ast.Call)]
    found += [node.value for node in nodes if isinstance(node, ast.Attribute)]
    found += [node for node in nodes if isinstance(node, ast.Name) and node.id[0].isupper()]
    return {node.id for node in found if isinstance(node, ast.Name)}


# ---- classes


def _class(graph: Graph, blueprint: Blueprint) -> str:
    body = blueprint.body
    if blueprint.is_function:
        return _function(graph, blueprint)
    lines = [f"class {blueprint.name}(nn.Module):", *_about(graph, blueprint), ""]
    if body.layers:
        lines += [*_constructor(blueprint), ""]
    return "\n".join([*lines, *forward(body, _words(graph, blueprint))])


def _words(graph: Graph, blueprint: Blueprint) -> Words:
    """What the forward of a class calls its values; the net's own says their shapes too."""
    first, arguments = blueprint.groups[0], blueprint.arguments
    labels, texts = value_labels(first), blueprint.attributes
    if first.parent is not None:
        return Words(arguments, labels, texts)
    return Words(
        arguments,
        _leaving_labels(graph, first) if len(graph.outputs) > 1 else labels,
        texts,
        _shapes(graph, first),
        raw=tuple(port.name for port in entering(graph) if port.dtype == "uint8"),
        keeps=len(graph.outputs) > 1,
    )


def _leaving_labels(graph: Graph, root: Group) -> list[tuple[str, ...]]:
    """The labels of values, those that leave the net being called as its outputs are."""
    named = zip(graph.outputs, leaving(graph), strict=True)
    known = {output.node: port.name for output, port in reversed(list(named))}  # the first wins
    return [
        tuple(
            known.get(value, label) for value, label in zip(item.part.outputs, found, strict=True)
        )
        for item, found in zip(ordered_items(root), value_labels(root), strict=True)
    ]


def _function(graph: Graph, blueprint: Blueprint) -> str:
    ((_, layer),) = blueprint.body.layers
    parameters = [name for name, _ in blueprint.parameters]
    lines = lay("def ", call(blueprint.name, *parameters), ":")
    lines += _about(graph, blueprint)
    return "\n".join([*lines, *lay("return ", fill(layer, blueprint.texts), indent=4)])


def _about(graph: Graph, blueprint: Blueprint) -> list[str]:
    """The docstring of a class: what goes in and comes out, or where in the net it stands."""
    first, *_ = blueprint.groups
    if first.parent is None:
        return about_net(graph)
    blocks = sorted({group.block for group in blueprint.groups if group.block})
    places = ", ".join(group.path for group in blueprint.groups)
    what = f"Block {' and '.join(blocks)}:" if blocks else "Scope"
    return [f'    """{shorten(f"{what} {places}.", WIDTH - 10, placeholder=" ...")}"""']


def _constructor(blueprint: Blueprint) -> list[str]:
    parameters = [name for name, _ in blueprint.parameters]
    lines = lay("def ", call("__init__", "self", *parameters), ":", indent=4)
    lines.append("        super().__init__()")
    lines += [f"        self.{name} = {name}" for name in blueprint.kept]
    for name, layer in blueprint.body.layers:
        made = fill(layer, blueprint.texts)
        if is_plain(name):
            lines += lay(f"self.{name} = ", made, indent=8)
        else:
            lines += lay("", call("self.add_module", f'"{name}"', made), indent=8)
    return lines


def _shapes(graph: Graph, root: Group) -> dict[Ref, str]:
    """The shape of every value that the net's own forward names."""
    shapes = {(-1, place): str(node.shape) for place, node in enumerate(graph.inputs)}
    for step, item in enumerate(ordered_items(root)):
        for place, value in enumerate(item.part.outputs):
            shapes[step, place] = str(graph.nodes[value].shape)
    return shapes
