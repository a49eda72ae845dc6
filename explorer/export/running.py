"""The end of an exported file: ``load`` with what it needs, and what the file does by itself."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable

from explorer.build import module
from explorer.export import runtime
from explorer.export.facts import Facts
from explorer.export.layout import Call, Expression, call, lay
from explorer.export.surface import entering, is_simple, leaving
from explorer.graph import Graph
from explorer.ops import FLOATING, Input

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
    net, images = load().eval(), {zeros}
    with torch.inference_mode():
        result = net(images)
    params = sum(parameter.numel() for parameter in net.parameters())
    print(f"{{tuple(images.shape)}} -> {{tuple(result.shape)}}, {{params:,}} parameters")
"""

_MAIN_OF_SEVERAL = """\
if __name__ == "__main__":
    net = load().eval()
{inputs}
    with torch.inference_mode():
{results}
    for name, value in [*inputs.items(), *results.items()]:
        print(f"{{name}}: {{tuple(value.shape)}}")
    params = sum(parameter.numel() for parameter in net.parameters())
    print(f"{{params:,}} parameters")
"""


def loading(net: str, facts: Facts) -> list[str]:
    """``load`` and what it needs."""
    needed: list[Callable[..., object]] = [runtime.read_safetensors, runtime.read_tensor]
    if facts.weights is not None:
        load = _LOAD_WEIGHTS.format(net=net, weights=json.dumps(facts.weights.file))
    else:
        load = _LOAD.format(net=net)
        needed.insert(0, module.initialise)
    return [*(inspect.getsource(function) for function in needed), load]


def main(graph: Graph) -> str:
    """What the file does when it is run by itself."""
    zeros = [_zeros(node.op) for node in graph.nodes if isinstance(node.op, Input)]
    if is_simple(graph):
        return _MAIN.format(zeros=zeros[0])
    inputs = zip((port.name for port in entering(graph)), zeros, strict=True)
    return _MAIN_OF_SEVERAL.format(
        inputs="\n".join(lay("inputs = ", _dict(list(inputs)), indent=4)),
        results="\n".join(lay("results = ", _results(graph), indent=8)),
    )


def _zeros(source: Input) -> str:
    """One image, or one sequence of the first word, which every vocabulary has."""
    sizes = ", ".join(str(size) for size in (1, *source.what.sizes))
    dtype = "" if source.dtype == FLOATING[0] else f", dtype=torch.{source.dtype}"
    return f"torch.zeros({sizes}{dtype})"


def _dict(values: list[tuple[str, str]]) -> Expression:
    return Call("{", tuple((f'"{name}": ', value) for name, value in values), "}")


def _results(graph: Graph) -> Expression:
    """What the net puts out, by name."""
    names = [port.known for port in leaving(graph)]
    if len(names) == 1:
        return _dict([(names[0], "net(**inputs)")])
    shown = Call("(", tuple(("", f'"{name}"') for name in names))
    zipped = Call("zip(", (("", shown), ("", "net(**inputs)"), ("strict=", "True")))
    return call("dict", zipped)
