"""Nets with several inputs, several outputs, and heads that only training has."""

from __future__ import annotations

import torch

from explorer.build import build
from explorer.space import bind
from explorer.space.library import Text, find_text
from tests.space.test_inputs_and_outputs import HEADS, TWO


def test_tensors_enter_and_leave_in_order() -> None:
    graph = bind(Text("two", TWO).space()).graph
    net = build(graph).eval()
    photo, words = torch.randint(256, (2, 3, 32, 32), dtype=torch.uint8), torch.randint(9, (2, 16))
    name, boxes = net(photo, words)
    assert (name.shape, boxes.shape) == ((2, 10), (2, 4))
    assert net.shapes(photo, words) == [node.shape.sizes for node in graph.nodes]


def test_bytes_are_taken_as_numbers() -> None:
    text = "net n\ninput 1x4x4 dtype uint8\nx: scale 0.5\n"
    net = build(bind(Text("n", text).space()).graph)
    assert torch.equal(
        net(torch.full((1, 1, 4, 4), 200, dtype=torch.uint8)), torch.full((1, 1, 4, 4), 100.0)
    )


def test_heads_are_there_in_training_alone() -> None:
    space = Text("heads", HEADS).space()
    net = build(bind(space, heads=True).graph)
    images = torch.randn(4, 3, 32, 32)
    assert [value.shape for value in net.train()(images)] == [(4, 10)] * 3
    assert net.eval()(images).shape == (4, 10)
    plain = build(bind(space).graph).eval()
    state = {key: value for key, value in net.state_dict().items() if not key.startswith("aux")}
    plain.load_state_dict(state)
    assert torch.equal(plain(images), net(images))


def test_what_only_heads_need_is_not_computed_at_inference() -> None:
    net = build(bind(Text("heads", HEADS).space(), heads=True).graph).eval()
    layer = net.get_submodule("aux1.side1.conv1")
    layer.register_forward_hook(lambda *_: (_ for _ in ()).throw(AssertionError("computed")))
    net(torch.randn(1, 3, 32, 32))


def test_googlenets_heads_are_the_papers() -> None:
    """Szegedy et al. 2014, section 5: 5x5/3 pools, 128, 1024, dropout 0.7, on 4a and 4d."""
    graph = bind(find_text("googlenet").space(), heads=True).graph
    read = {"aux1": "i4a.concat1", "aux2": "i4d.concat1"}
    for head in graph.heads:
        nodes = [node for node in graph.nodes if node.path.startswith(f"{head.name}.")]
        assert float(head.weight or 0) == 0.3
        assert graph.nodes[nodes[0].inputs[0]].path == read[head.name]
        assert [(node.op.name, node.shape.sizes) for node in nodes] == [
            ("avgpool", (512 if head.name == "aux1" else 528, 4, 4)),
            ("conv", (128, 4, 4)),
            ("relu", (128, 4, 4)),
            *([("flatten", (2048,))]),
            ("linear", (1024,)),
            ("relu", (1024,)),
            ("dropout", (1024,)),
            ("linear", (1000,)),
        ]
        assert "p=7/10" in str(nodes[-2].op)
