"""Nets that scores must cope with: every family, and what has no codes, no weights, no images."""

from __future__ import annotations

from functools import cache

import torch

from explorer.graph import Graph
from explorer.score.free import Batch
from explorer.space import bind
from explorer.space.library import Text
from tests.build.families import FAMILIES

LINEAR = """net linear
input 3x8x8 classes 3
x: conv 3x3 4 > conv 3x3 4 > avgpool global > linear classes
"""
ODD = {
    "linear": LINEAR,
    "perceptron": "net n\ninput vector 12 classes 3\nx: linear 8 > tanh > linear classes\n",
    "no_weights": "net n\ninput 3x8x8\nx: relu > avgpool global\n",
    "two_inputs": "net n\ninput left: 3x8x8\ninput right: 3x8x8\n"
    "x: [ left > conv 3x3 4 > silu + right > conv 3x3 4 > sigmoid ] > conv 3x3 4 > softplus\n",
    "two_outputs": "net n\ninput 3x8x8 classes 3\nx: conv 3x3 4 norm=batch act=relu\n"
    "y: avgpool global > linear classes\noutput x, y\n",
    "headed": "net n\ninput 3x8x8 classes 3\nx: conv 3x3 4 act=relu\n"
    "aux 0.3: x > avgpool global > linear classes\n"
    "y: x > conv 3x3 4 act=relu > avgpool global > linear classes\n",
    "bytes": "net n\ninput 3x8x8 classes 3 dtype uint8\n"
    "x: conv 3x3 4 norm=batch act=relu > avgpool global > linear classes\n",
    "zeros": "net n\ninput 3x8x8 classes 3\n"
    "x: conv 3x3 4 act=relu > zero > conv 3x3 4 act=relu > avgpool global > linear classes\n",
    "deep": "net n\ninput 3x8x8 classes 3\n"
    "x: repeat 300 (conv 3x3 16 act=relu) > avgpool global > linear classes\n",
}
TEXTS = FAMILIES | ODD


@cache
def graph_of(name: str) -> Graph:
    return bind(Text(name, TEXTS[name]).space(), heads=name == "headed").graph


def batch_of(graph: Graph, count: int = 8) -> Batch:
    return Batch(Batch.random(graph, count).inputs, torch.arange(count) % 2)
