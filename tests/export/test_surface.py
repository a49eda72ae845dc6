"""What enters and what leaves an exported net: several values, their types, no auxiliary heads."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch import Tensor

from explorer.build import build, examples
from explorer.errors import ExplorerError
from explorer.export import Facts, source, verify, write
from explorer.export.source import root_class
from explorer.graph import Graph, without_heads
from explorer.language import parse
from explorer.ops import Input, image
from explorer.space import Rebind, bind, elaborate
from explorer.space.library import find_text
from tests.export.cases import HEAD, bound, exported, run, shuffled

DOCS = Path(__file__).parent.parent.parent / "docs"

TWINS = """net twins
input left: 3x8x8
input right: 3x8x8
default conv same norm=none act=relu
block eye(n):
  [ conv 3x3 n | conv 1x1 n > conv 3x3 n ]
a: left > eye(4)
b: right > eye(4)
near: [ a + b ] > conv 3x3 4
far: [ a * b ] > conv 3x3 4
output far, near
"""

UNLIKE = TWINS.replace("b: right > eye(4)", "b: right > conv 1x1 8")

BYTES = "net bytes\ninput 3x8x8 dtype uint8\nstem: conv 3x3 4 norm=batch act=relu\n"

HEADS = """net heads
input 3x16x16 classes 5
default conv same norm=batch act=relu
stem: conv 3x3/2 8
aux 0.3: stem > avgpool global > linear classes
body: conv 3x3 8
head: avgpool global > linear classes
"""

LABELS = """net labels "names that Python or the file needs itself"
input x: 3x8x8
input self: 3x8x8
input class: 3x8x8
input reduce: 3x8x8 dtype uint8
default conv same norm=none act=relu
append: [ x + self + class + reduce ] > conv 3x3 4
copies: [| repeat 3 (conv 3x3 4) ]
load: [+ repeat 3 (conv 3x3 4) ]
result: copies > conv 1x1 4 as inner > conv 1x1 4
again: result > id
output load, result, inner, again, reduce
"""

DECODER = """net decoder "an encoder, and blocks that look at what it puts out, in copies"
input seen: 3x8x8
input words: ids 6 dtype int32
block look(heads, n):
  [ layernorm > attention heads to=memory + id ]
  [ layernorm > linear n > gelu > linear channels + id ]
memory: seen > conv 2x2/2 12 valid > tokens > positions
mid: words > embedding 20 8 > positions > repeat 3 (look(2, 16)) > look(4, 32)
twice: mid > repeat 2 (layernorm > attention 2 to=mid > attention 4 to=memory) > linear 20
output twice, mid
"""


def pair() -> str:
    """The net with two inputs and two outputs in the documentation of the language."""
    blocks = (DOCS / "language.md").read_text("utf-8").split("```net\n")[1:]
    (found,) = (block.split("```")[0] for block in blocks if block.startswith("net pair"))
    return found


TEXTS = {
    "pair": pair(),
    "twins": TWINS,
    "bytes": BYTES,
    "labels": LABELS,
    "decoder": DECODER,
    "heads": HEADS,
}


@pytest.fixture(params=TEXTS)
def graph(request: pytest.FixtureRequest) -> Graph:
    return bound(TEXTS[request.param])


def inputs_of(graph: Graph) -> tuple[Tensor, ...]:
    return examples(graph, 2, torch.Generator().manual_seed(8))


def results(net: torch.nn.Module, inputs: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    with torch.inference_mode():
        found = net(*inputs)
    return found if isinstance(found, tuple) else (found,)


# ---- the same as the built module


def test_same_names_and_outputs(graph: Graph) -> None:
    ours, theirs = build(graph).eval(), exported(graph).eval()
    assert list(theirs.state_dict()) == list(ours.state_dict())
    state = shuffled(ours)
    ours.load_state_dict(state)
    theirs.load_state_dict(state)
    inputs = inputs_of(graph)
    pairs = list(zip(results(theirs, inputs), results(ours, inputs), strict=True))
    assert len(pairs) == len(graph.outputs)
    assert all(torch.equal(found, expected) for found, expected in pairs)


def test_text_is_formatted(graph: Graph, tmp_path: Path) -> None:
    ruff = Path(sys.executable).with_name("ruff")
    if not ruff.exists():
        pytest.skip("ruff is not installed")
    (tmp_path / "net.py").write_text(source(graph, Facts("a title")))
    options = ["--isolated", "--no-cache", "--line-length=100", str(tmp_path)]
    for command in (["format", "--diff"], ["check", "--select=E,F,W,I,UP,B,SIM,RUF,PIE"]):
        done = subprocess.run([ruff, *command, *options], capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr


def test_written_file_runs_by_itself(graph: Graph, tmp_path: Path) -> None:
    paths = write(graph, tmp_path / "net.py", Facts())
    done = subprocess.run(
        [sys.executable, "-I", "-W", "error", paths[0]], capture_output=True, text=True
    )
    assert done.stderr == ""
    params = sum(parameter.numel() for parameter in build(graph).parameters())
    assert f"{params:,} parameters\n" in done.stdout


@pytest.mark.parametrize("name", ["pair", "twins", "decoder"])
def test_verify_proves_it_with_weights(name: str, tmp_path: Path) -> None:
    graph = bound(TEXTS[name])
    state = shuffled(build(graph))
    path, _ = write(graph, tmp_path / "net.py", Facts(), state)
    assert verify(graph, path, state).difference == 0


# ---- what verify must find


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("(self, left, right)", "(self, right, left)", "outputs 'far' differ by"),
        ("return far, near", "return near, far", "outputs 'far' differ by"),
        ("return far, near", "return far, far", "outputs 'near' differ by"),
        ("return far, near", "return far", r"output shapes are \[\[2, 4, 8, 8\]\], not"),
    ],
)
def test_verify_finds_what_is_exchanged(old: str, new: str, message: str, tmp_path: Path) -> None:
    graph = bound(UNLIKE)
    path, *_ = write(graph, tmp_path / "net.py", Facts())
    assert verify(graph, path).difference == 0
    exported_text = path.read_text()
    assert exported_text.count(old) == 1
    path.write_text(exported_text.replace(old, new))
    with pytest.raises(ExplorerError, match=message):
        verify(graph, path)


def test_exchanged_inputs_show() -> None:
    """A negative control: the two inputs of the same shape are not the same to the net."""
    net = exported(bound(UNLIKE)).eval()
    net.load_state_dict(shuffled(net))
    left, right = inputs_of(bound(TWINS))
    assert not torch.equal(results(net, (left, right))[0], results(net, (right, left))[0])


# ---- the look


def test_pair_names_what_enters_and_leaves() -> None:
    text = source(bound(pair()), Facts())
    head = ast.get_docstring(ast.parse(text)) or ""
    assert "Input photo: N x 3 x 64 x 64, uint8.\n" in head
    assert "Input words: N x 16 ids below 1000, int64.\n" in head
    assert "Output scores: N x 10.\nOutput box: N x 4.\n" in head
    assert "Takes (photo, words) and puts out (scores, box).\n" in text
    assert "    def forward(self, photo, words):  # 3x64x64, ids 16\n" in text
    assert "        photo = photo.float()\n" in text
    assert "        return scores, box\n" in text
    assert '"photo": torch.zeros(1, 3, 64, 64, dtype=torch.uint8),' in text
    assert '"words": torch.zeros(1, 16, dtype=torch.int64),' in text


def test_pair_shares_the_class_of_its_encoders() -> None:
    text = source(bound(pair()), Facts())
    assert text.count("class Encoder(") == text.count("class Attention(") == 1
    assert 'self.repeat1["2"](x, text)' in text


def test_blocks_that_read_another_scope_share_a_class() -> None:
    text = source(bound(DECODER), Facts())
    assert text.count("class Look(") == 1
    assert "Look(2, 16)" in text
    assert "Look(4, 32)" in text
    assert "def forward(self, x, memory):" in text


def test_keyword_arguments_are_the_names_of_the_text() -> None:
    graph = bound(pair())
    photo, words = inputs_of(graph)
    net = exported(graph).eval()
    by_name = net(words=words, photo=photo)
    assert all(torch.equal(*both) for both in zip(by_name, net(photo, words), strict=True))


def test_bytes_become_floats_first() -> None:
    text = source(bound(BYTES), Facts())
    assert "    def forward(self, x):  # 3x8x8\n        x = x.float()\n" in text
    assert "torch.zeros(1, 3, 8, 8, dtype=torch.uint8)\n" in text
    assert "Input: N x 3 x 8 x 8, uint8. Output: N x 4 x 8 x 8." in text


def test_the_only_input_without_a_name_is_x() -> None:
    text = source(bound(f"{HEAD}conv 3x3 4"), Facts())
    assert "def forward(self, x):  # 3x12x12\n        x = self.conv1(x)" in text
    assert '"""N x 3x12x12 in, N x 4x12x12 out."""' in text
    assert "    net, images = load().eval(), torch.zeros(1, 3, 12, 12)\n" in text


def test_the_only_input_may_have_a_name() -> None:
    text = source(bound("net a\ninput photo: 3x8x8\nstem: photo > conv 3x3 4"), Facts())
    assert "def forward(self, photo):" in text
    assert "return self.stem(photo)" in text
    assert "Input photo: N x 3 x 8 x 8, float32. Output: N x 4 x 8 x 8." in text


# ---- auxiliary heads


def with_heads(text: str, rebind: Rebind | None = None) -> Graph:
    return bind(elaborate(parse(text), rebind), heads=True).graph


def test_heads_are_left_out() -> None:
    graph = with_heads(HEADS)
    assert graph.heads
    assert source(graph, Facts()) == source(bound(HEADS), Facts())
    assert not [key for key in exported(graph).state_dict() if "aux" in key]


def test_heads_leave_their_weights_behind(tmp_path: Path) -> None:
    graph = with_heads(HEADS)
    state = shuffled(build(graph))
    path, weights = write(graph, tmp_path / "net.py", Facts(), state)
    load = run(path.read_text(), __file__=str(path))["load"]
    assert list(load().state_dict()) == list(build(without_heads(graph)).state_dict())
    assert verify(graph, path, state).difference == 0
    net = build(graph).eval()
    net.load_state_dict(state)
    inputs = inputs_of(graph)
    assert torch.equal(results(load(weights), inputs)[0], results(net, inputs)[0])


def test_weights_of_heads_do_not_hide_others(tmp_path: Path) -> None:
    graph = with_heads(HEADS)
    state = {**shuffled(build(graph)), "other.weight": torch.zeros(1)}
    with pytest.raises(ExplorerError, match=r"'other\.weight' is missing there"):
        write(graph, tmp_path / "net.py", Facts(), state)


def test_googlenet_has_no_trace_of_its_heads() -> None:
    space = find_text("googlenet").space(Rebind(image(3, 224, 224)))
    graph = bind(space, heads=True).graph
    assert len(graph.heads) == 2
    text = source(graph, Facts())
    assert "aux" not in text
    assert text == source(bind(space).graph, Facts())
    layers = run(text)[root_class(graph)]().state_dict()
    assert list(layers) == list(build(bind(space).graph).state_dict())


def test_dtypes_are_those_of_the_text() -> None:
    graph = bound(DECODER)
    kinds = [node.op.dtype for node in graph.nodes if isinstance(node.op, Input)]
    assert kinds == ["float32", "int32"]
    assert "torch.zeros(1, 6, dtype=torch.int32)" in source(graph, Facts())
