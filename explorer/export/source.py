"""A graph as one Python file that needs torch and nothing of ours.

Every layer is printed from the specification that ``build`` instantiates, and every function that
the file carries is copied from where it runs.
"""

from __future__ import annotations

import ast
import builtins
import inspect
import json
from collections.abc import Callable
from keyword import kwlist
from textwrap import shorten

from explorer.build import module, snippets
from explorer.export import runtime
from explorer.export.body import Ref, ordered_items
from explorer.export.classes import Blueprint, draw
from explorer.export.facts import Facts
from explorer.export.forward import forward
from explorer.export.header import docstring
from explorer.export.layout import WIDTH, call, fill, is_plain, lay
from explorer.export.names import camel, value_labels
from explorer.export.tree import Group, grow
from explorer.graph import Graph
from explorer.ops import Input, Shape, Snippet

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
    *"net images result params".split(),
)
_RESERVED = (*kwlist, *dir(builtins), *(name for name, _ in _IMPORTS), *_OURS)

_LOAD = '''\
def load(path=None, device="cpu"):
    """The net on a device, freshly initialised or with the weights of a safetensors file."""
    net = {net}()
    if path is None:
        initialise(net)
    else:
        net.load_state_dict(read_safetensors(path))
    return net.to(device)
'''

_LOAD_WEIGHTS = '''\
WEIGHTS = {weights}


def load(path=None, device="cpu"):
    """The net on a device, for inference, with the weights of WEIGHTS beside this file.

    Another safetensors file of the same names and shapes may be given as ``path``.
    """
    net = {net}()
    net.load_state_dict(read_safetensors(path or Path(__file__).with_name(WEIGHTS)))
    return net.to(device).eval()
'''

_MAIN = """\
if __name__ == "__main__":
    net, images = load().eval(), torch.zeros(1, {sizes}{dtype})
    with torch.inference_mode():
        result = net(images)
    params = sum(parameter.numel() for parameter in net.parameters())
    print(f"{{tuple(images.shape)}} -> {{tuple(result.shape)}}, {{params:,}} parameters")
"""


def source(graph: Graph, facts: Facts) -> str:
    """The file, as text; the same graph and facts give the same bytes.

    Raises:
        ExplorerError: paths of the graph that no module can have.
    """
    snips = _snippets(graph)
    net = root_class(graph)
    blueprints = draw(graph, grow(graph), net, [*_RESERVED, *snips])
    parts = [_class(graph, blueprint) for blueprint in blueprints]
    parts += [inspect.getsource(getattr(snippets, name)) for name in snips]
    parts += [*_helpers("\n\n".join(parts)), *_loading(net, facts)]
    parts.append(_main(graph))
    head = [*docstring(graph, facts), "", *_imports("\n\n".join(parts))]
    return "\n\n\n".join(["\n".join(head), *(part.strip("\n") for part in parts)]) + "\n"


def _main(graph: Graph) -> str:
    """What the file does when it is run by itself."""
    (source,) = (node.op for node in graph.nodes if isinstance(node.op, Input))
    dtype = "" if source.dtype == "float32" else f", dtype=torch.{source.dtype}"
    return _MAIN.format(sizes=", ".join(str(size) for size in graph.input.sizes), dtype=dtype)


def root_class(graph: Graph) -> str:
    """The name of the net's class: ``my_net`` is ``MyNet``."""
    name = camel(graph.name) or "Net"
    return f"{name}Net" if name in _RESERVED else name


def _snippets(graph: Graph) -> list[str]:
    layers = [node.op.layer(graph.shapes(node)) for node in graph.nodes[1:]]
    return sorted({layer.name for layer in layers if isinstance(layer, Snippet)})


def _helpers(code: str) -> list[str]:
    """The functions that the classes use, as this package runs them."""
    used = _used(code)
    helpers = [helper for helper in (runtime.chain, runtime.copies) if helper.__name__ in used]
    return [inspect.getsource(helper) for helper in helpers]


def _loading(net: str, facts: Facts) -> list[str]:
    """``load`` and what it needs."""
    needed: list[Callable[..., object]] = [runtime.read_safetensors, runtime.read_tensor]
    if facts.weights is not None:
        load = _LOAD_WEIGHTS.format(net=net, weights=json.dumps(facts.weights.file))
    else:
        load = _LOAD.format(net=net)
        needed.insert(0, module.initialise)
    return [*(inspect.getsource(function) for function in needed), load]


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
    first, body = blueprint.groups[0], blueprint.body
    if blueprint.is_function:
        return _function(graph, blueprint)
    lines = [f"class {blueprint.name}(nn.Module):", *_about(graph, blueprint), ""]
    if body.layers:
        lines += [*_constructor(blueprint), ""]
    shapes = _shapes(graph, first) if first.parent is None else {}
    lines += forward(body, blueprint.arguments, value_labels(first), shapes)
    return "\n".join(lines)


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
        into, out = (_by(shape) for shape in (graph.input, graph.nodes[graph.output].shape))
        return [f'    """N x {into} in, N x {out} out."""']
    blocks = sorted({group.block for group in blueprint.groups if group.block})
    places = ", ".join(group.path for group in blueprint.groups)
    what = f"Block {' and '.join(blocks)}:" if blocks else "Scope"
    return [f'    """{shorten(f"{what} {places}.", WIDTH - 10, placeholder=" ...")}"""']


def _by(shape: Shape) -> str:
    return "x".join(str(size) for size in shape.sizes)


def _constructor(blueprint: Blueprint) -> list[str]:
    parameters = [name for name, _ in blueprint.parameters]
    lines = lay("def ", call("__init__", "self", *parameters), ":", indent=4)
    lines.append("        super().__init__()")
    for name, layer in blueprint.body.layers:
        made = fill(layer, blueprint.texts)
        if is_plain(name):
            lines += lay(f"self.{name} = ", made, indent=8)
        else:
            lines += lay("", call("self.add_module", f'"{name}"', made), indent=8)
    return lines


def _shapes(graph: Graph, root: Group) -> dict[Ref, str]:
    """The shape of every value that the net's own forward names."""
    shapes = {(-1, 0): str(graph.input)}
    for step, item in enumerate(ordered_items(root)):
        for place, value in enumerate(item.part.outputs):
            shapes[step, place] = str(graph.nodes[value].shape)
    return shapes
