"""What is drawn is what was computed, the same every time, with texts that can be read."""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain
from pathlib import Path
from xml.etree import ElementTree

import matplotlib
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.textpath import TextPath
from PIL import Image

from explorer.errors import ExplorerError
from explorer.picture import Picture, draw, layout, save
from explorer.picture.colour import BANDS, FAINT, contrast, ink, ramp
from explorer.picture.metrics import text_width, wrap
from explorer.space import Candidate
from tests.picture.nets import CELLS, CHAIN, ONE, RESIDUAL, WIDE

Bound = Callable[..., Candidate]


@pytest.fixture
def picture(bound: Bound) -> Picture:
    return layout(bound(RESIDUAL).graph, "a < b & $c$", depth=1)


def texts(path: Path) -> list[str]:
    return [
        node.text or "" for node in ElementTree.parse(path).iter("{http://www.w3.org/2000/svg}text")
    ]


def test_texts_of_an_svg_are_texts(picture: Picture, tmp_path: Path) -> None:
    written = texts(save(picture, tmp_path / "net.svg"))
    for line in chain.from_iterable(box.lines for box in picture.boxes):
        assert line.text in written
    assert {"a < b & $c$", "share of the net's macs", "16 × 16"} <= set(written)


def test_the_same_picture_gives_the_same_bytes(picture: Picture, tmp_path: Path) -> None:
    for suffix in (".svg", ".png"):
        one, other = (save(picture, tmp_path / f"{name}{suffix}") for name in ("one", "other"))
        assert one.read_bytes() == other.read_bytes()
    assert b"<dc:date>" not in (tmp_path / "one.svg").read_bytes()


def test_drawing_leaves_matplotlib_as_it_was(picture: Picture, tmp_path: Path) -> None:
    before = dict(matplotlib.rcParams)
    save(picture, tmp_path / "net.svg")
    assert dict(matplotlib.rcParams) == before


def test_the_figure_has_the_picture_s_size(picture: Picture, tmp_path: Path) -> None:
    figure = draw(picture)
    assert tuple(figure.get_size_inches() * 72) == pytest.approx((picture.width, picture.height))
    with Image.open(save(picture, tmp_path / "net.png")) as image:
        assert image.width / image.height == pytest.approx(picture.width / picture.height, rel=0.01)


def test_a_long_net_makes_a_png_that_can_be_opened(bound: Bound, tmp_path: Path) -> None:
    text = CHAIN.replace("stem: ", "stem: " + "conv 3x3 8 > " * 900)
    path = save(layout(bound(text).graph, depth=9), tmp_path / "long.png")
    with Image.open(path) as image:
        assert max(image.size) <= 30_000


def test_no_text_leaves_its_box_or_the_page(bound: Bound) -> None:
    for text in (RESIDUAL, CELLS, WIDE, ONE):
        for depth in (0, 9):
            picture = layout(bound(text).graph, "A title of middling length", depth=depth)
            figure = draw(picture)
            renderer = FigureCanvasAgg(figure).get_renderer()
            scale = 72 / figure.dpi
            for drawn in figure.axes[0].texts:
                extent = drawn.get_window_extent(renderer)
                assert extent.x0 * scale >= 5 and extent.x1 * scale <= picture.width - 5
                x, y = drawn.get_position()
                for box in picture.boxes:
                    rect = box.rect
                    if rect.left < x < rect.right and rect.top < y < rect.bottom:
                        assert rect.left + 2 < extent.x0 * scale
                        assert extent.x1 * scale < rect.right - 2


@pytest.mark.parametrize("bold", [False, True])
def test_widths_are_those_of_the_font(bold: bool) -> None:
    font = matplotlib.font_manager.FontProperties(
        family="DejaVu Sans", weight="bold" if bold else "normal"
    )
    for text in ("conv 3x3/2 64 · bn · relu", "i3a · inception ×3", "56 × 56", "s1.2–4 · WAV"):
        real = TextPath((0, 0), text, size=9, prop=font, usetex=False).get_extents().width
        assert real - 0.5 <= text_width(text, 9, bold) <= 1.12 * real + 2


def test_wrapped_text_keeps_its_words() -> None:
    text = "Going deeper with convolutions, 2014"
    lines = wrap(text, 9, 90)
    assert " ".join(lines) == text and all(text_width(line, 9) <= 90 for line in lines)
    assert wrap("Donaudampfschifffahrt", 9, 10) == ["Donaudampfschifffahrt"]
    assert wrap("", 9, 10) == []


def test_text_can_be_read_on_every_colour() -> None:
    papers = [ramp(step / 50) for step in range(51)]
    assert min(contrast(ink(paper), paper) for paper in papers) >= 4.5
    assert min(contrast(FAINT, paper) for paper in BANDS) >= 4.5


def test_more_macs_are_darker() -> None:
    papers = [contrast(ramp(step / 50), "#ffffff") for step in range(51)]
    assert papers == sorted(papers) and len(set(papers)) == 51


def test_an_unknown_suffix_is_refused(picture: Picture, tmp_path: Path) -> None:
    with pytest.raises(ExplorerError, match=r"written as \.svg or \.png"):
        save(picture, tmp_path / "net.gif")


def test_a_folder_that_is_not_there_is_refused(picture: Picture, tmp_path: Path) -> None:
    with pytest.raises(ExplorerError, match="cannot be written"):
        save(picture, tmp_path / "nowhere" / "net.svg")


def test_a_name_in_other_letters_is_drawn(bound: Bound, tmp_path: Path) -> None:
    save(layout(bound(ONE).graph, "畳み込み"), tmp_path / "net.png")
