"""Every net of the zoo, and nets that were found, scaled as a whole."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
import torch

from explorer.build import build
from explorer.cli.check import _checked
from explorer.errors import ExplorerError, NetError
from explorer.ops import image
from explorer.scale import Baseline, Coefficients, Factors, ScaledNet, grids, side_step
from explorer.space import Rebind, bind
from explorer.space.library import Text, find_text, shipped

ROOT = Path(__file__).parent.parent.parent
FOUND = Path(__file__).with_name("found.net")  # by a search, of several modules a stage
NETS = [*(name for name in shipped() if name.endswith(".net")), "inception.space", str(FOUND)]
MADE = """net made
input 3x64x64  classes 10
default conv same norm=batch act=relu
"""


def scaled(name: str, phi: float) -> tuple[Baseline, ScaledNet]:
    base = Baseline(find_text(name))
    return base, base.scaled(Coefficients().factors(phi))


@pytest.mark.parametrize("name", NETS, ids=lambda name: Path(name).stem)
def test_a_scaled_net_is_a_text_in_order(name: str, tmp_path: Path) -> None:
    base, net = scaled(name, 1)
    file = tmp_path / "scaled.net"
    file.write_text(net.text("why"))
    (line,) = _checked(str(file))
    counts = f"{net.cost.macs:,} macs, {net.cost.params:,} params"
    assert line == f"{net.name}: {counts}, as expected (counts ours)"
    assert net.layers > base.layers
    assert 1.7 < net.cost.macs / base.cost.macs < 3.3  # nets of few modules jump
    assert net.input.grid[0] == grids(base.input.grid, Fraction("1.15"))[0][0]


@pytest.mark.parametrize("name", ["googlenet", str(FOUND)], ids=lambda name: Path(name).stem)
def test_a_scaled_net_runs(name: str) -> None:
    base, net = scaled(name, 1)
    assert 1.7 < net.cost.macs / base.cost.macs < 2.8
    small = Rebind(image(3, 96, 96), 10, net.width / 8)
    module = build(bind(Text("scaled.net", net.text()).space(small)).graph).eval()
    with torch.no_grad():
        assert module(torch.zeros(2, 3, 96, 96)).shape == (2, 10)


def test_comments_stay_and_counts_are_the_new_ones() -> None:
    base, net = scaled("googlenet", 1)
    text = net.text("equation 3")
    assert text.startswith("# googlenet scaled: depth x1.2, width x1.1, 256 pixels (equation 3).\n")
    assert "# The local response normalisation follows the authors' reference model." in text
    assert f"expect macs={net.cost.macs} params={net.cost.params}\n" in text
    assert str(base.cost.macs) not in text
    assert "input 3x256x256  classes 1000  width 1.1 rounded 8\n" in text


def test_channels_are_multiples_of_8_and_never_below_90_percent() -> None:
    base, net = scaled("googlenet", 0.7)
    before = {node.path: node.shape.channels for node in base.graph.nodes}
    for node in net.graph.nodes:
        if node.op.name == "conv" and node.path in before:
            assert node.shape.channels % 8 == 0
            assert node.shape.channels >= Fraction(9, 10) * before[node.path] * net.width


def test_the_width_of_a_header_is_multiplied() -> None:
    text = MADE.replace("classes 10", "classes 10  width 0.5 rounded 4")
    base = Baseline(Text("made.net", text + "a: conv 3x3 64 > avgpool global > linear classes\n"))
    net = base.scaled(Factors(width=Fraction("1.5")))
    assert "width 0.75 rounded 8" in net.text()
    assert net.graph.nodes[1].shape.channels == 48


def test_nothing_is_changed_by_factors_of_one() -> None:
    base = Baseline(find_text("inception_v3.net"))
    net = base.scaled(Factors())
    assert (net.cost, net.layers, net.input) == (base.cost, base.layers, base.input)
    assert (
        net.text().partition("expect")[2].partition("\n")[2]
        in Path(ROOT / "search_spaces/reference/inception_v3.net").read_text()
    )


def test_sides_are_multiples_that_suit_the_side() -> None:
    assert [side_step(side) for side in (600, 224, 223, 112, 64, 56, 32)] == [8, 8, 4, 4, 2, 2, 1]
    assert grids((224, 224), Fraction(1)) == [(224, 224)]
    found = grids((224, 448), Fraction("1.15"))
    assert found[:3] == [(256, 512), (264, 528), (248, 496)]
    assert found[-1] == (224, 448)


def test_a_side_that_does_not_fit_is_moved() -> None:
    """A pool to 7x7 needs a grid of 7, which only 224 pixels give: all else is scaled down."""
    base, net = scaled("vgg16", -2)
    assert net.input == base.input
    assert net.width < 1
    with pytest.raises(NetError, match=r"vgg16 cannot be scaled by .* 64x64 pixels: "):
        base.exactly(Fraction(1), Fraction(1), (64, 64))


def test_a_width_that_does_not_add_up_is_moved() -> None:
    base, net = scaled("inception_resnet_v2", 1)
    assert (net.asked.width, net.width) == (Fraction("1.1"), Fraction("1.125"))
    assert "rounded 4" in net.text()
    with pytest.raises(NetError, match=r"width x1.1 .*joins equal shapes"):
        base.exactly(Fraction(1), Fraction("1.1"), base.input.grid)


def test_heads_that_do_not_fit_are_left_out() -> None:
    _, net = scaled("inception_v3.net", -1)
    assert net.heads_lost
    assert "aux" not in net.text().partition("\nnet ")[2]
    assert not scaled("googlenet", -1)[1].heads_lost


def test_the_number_of_classes_stays() -> None:
    base = Baseline(Text("made.net", MADE + "a: conv 3x3 8 > avgpool global > linear 10\n"))
    with pytest.raises(NetError, match="its output would be vector 16, not vector 10"):
        base.exactly(Fraction(1), Fraction("1.5"), (64, 64))


@pytest.mark.parametrize(
    "text",
    [
        "net made\ninput tokens 16x8 classes 3\na: linear 8 > token 1 > linear classes\n",
        "net made\ninput x: 3x8x8 classes 3\ninput y: 3x8x8\n"
        "a: [ x + y ] > avgpool global > linear classes\n",
    ],
)
def test_one_image_enters(text: str) -> None:
    with pytest.raises(ExplorerError, match="scaling needs one image for input"):
        Baseline(Text("made.net", text))


def test_there_is_something_to_scale() -> None:
    with pytest.raises(NetError, match="made: has no multiply-adds to scale"):
        Baseline(Text("made.net", MADE + "a: maxpool 2x2/2 valid\n"))


@pytest.mark.parametrize(
    "wrong", [{"alpha": 0.9}, {"beta": 0}, {"gamma": float("nan")}, {"alpha": 11}]
)
def test_coefficients_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ExplorerError, match="from 1 to 10, as equation 3 asks"):
        Coefficients(**wrong)


def test_phi_is_bounded() -> None:
    with pytest.raises(ExplorerError, match="--phi: from -20 to 20, got 21"):
        Coefficients().factors(21)
    assert Coefficients().factors(0) == Factors()
    assert Coefficients().product == pytest.approx(1.92027)
