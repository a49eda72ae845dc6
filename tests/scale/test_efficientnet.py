"""The published family from its first net: the factors of the paper give its counts exactly."""

from __future__ import annotations

from fractions import Fraction

import pytest

from explorer.scale import Baseline, Coefficients, nearest, published
from explorer.space.library import find_text

# Width, depth and side of Tan & Le's released code; parameters and multiply-adds of torchvision.
NETS = {
    "b0": ("1", "1", 224, 5_288_548, 385_814_752),
    "b1": ("1", "1.1", 240, 7_794_184, 686_802_832),
    "b2": ("1.1", "1.2", 260, 9_109_994, 993_561_872),
    "b3": ("1.2", "1.4", 300, 12_233_232, 1_827_141_392),
    "b4": ("1.4", "1.8", 380, 19_341_616, 4_393_771_024),
    "b5": ("1.6", "2.2", 456, 30_389_784, 10_266_384_752),
    "b6": ("1.8", "2.6", 528, 43_040_704, 19_067_593_536),
    "b7": ("2", "3.1", 600, 66_347_960, 37_745_884_192),
}


@pytest.fixture(scope="module")
def base() -> Baseline:
    return Baseline(find_text("efficientnet:b0"))


@pytest.mark.parametrize("name", NETS)
def test_the_published_factors_give_the_published_counts(name: str, base: Baseline) -> None:
    width, depth, side, params, macs = NETS[name]
    net = base.exactly(Fraction(depth), Fraction(width), (side, side))
    assert (net.cost.params, net.cost.macs) == (params, macs)


def test_the_text_says_how_it_is_scaled(base: Baseline) -> None:
    assert (base.depth_param, base.width_param, base.size_param) == ("depth", "width", "size")
    text = base.exactly(Fraction("1.4"), Fraction("1.2"), (300, 300)).text()
    for line in ("param width = 1.2", "param depth = 1.4", "param size = 300"):
        assert line in text.splitlines()
    assert "member" not in text


def test_the_family_is_read_from_the_text(base: Baseline) -> None:
    family = published(base)
    found = {m.name: (m.width, m.depth, m.resolution, m.cost.params, m.cost.macs) for m in family}
    assert found == {n: (Fraction(w), Fraction(d), *rest) for n, (w, d, *rest) in NETS.items()}
    assert {member.source for member in family} == {"torchvision"}
    assert nearest(family, 1_800_000_000).name == "b3"


def test_the_first_net_of_a_family_has_a_name(base: Baseline) -> None:
    assert Baseline(find_text("efficientnet")).name == base.name == "efficientnet_b0"


def test_factors_are_on_the_net_that_is_scaled() -> None:
    b3 = next(m for m in published(Baseline(find_text("efficientnet:b4"))) if m.name == "b3")
    assert (b3.depth, b3.width) == (Fraction(14, 18), Fraction(12, 14))


def test_other_families_are_not_scaled_versions() -> None:
    for name in ("resnet", "resnext", "googlenet"):
        base = Baseline(find_text(name))
        assert published(base) == ()
        assert base.depth_param is None and base.width_param is None


def test_the_published_nets_are_not_equation_3_at_whole_phi(base: Baseline) -> None:
    at_one = Coefficients().factors(1)
    assert (at_one.depth, at_one.width) == (Fraction("1.2"), Fraction("1.1"))
    net = base.scaled(at_one)
    assert net.input.grid == (256, 256)  # 257.6 pixels
    assert net.cost.params == NETS["b2"][3]  # its second net, but for the side
