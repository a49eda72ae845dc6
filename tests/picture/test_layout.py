"""What pictures look like and say: trunks and branches, words, bands, closed scopes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from time import perf_counter

import pytest

from explorer.cost import count
from explorer.language import parse
from explorer.picture import Picture, layout
from explorer.picture.layout import READABLE, folded
from explorer.picture.picture import Box, Point
from explorer.picture.scopes import Scopes
from explorer.space import Candidate, bind, elaborate
from tests.picture.nets import (
    CHAIN,
    DENSE,
    GATED,
    HEAD,
    HEADS,
    INCEPTION,
    NETS,
    ONE,
    RESIDUAL,
    SIGNAL,
    TWO,
    WIDE,
    random_net,
)

Bound = Callable[..., Candidate]
ALL = 99  # levels: more than any net here has


def draw(bound: Bound, text: str, **options: object) -> Picture:
    return layout(bound(text).graph, **options)  # type: ignore[arg-type]


def words(box: Box) -> str:
    return box.lines[0].text


def named(picture: Picture, path: str) -> Box:
    return next(box for box in picture.boxes if box.path == path)


# ---- how it looks


def middle(box: Box) -> float:
    return box.rect.center.x


def test_a_chain_is_one_column(bound: Bound) -> None:
    assert len({middle(box) for box in draw(bound, CHAIN, depth=ALL).boxes}) == 1


def test_branches_stand_around_the_trunk_as_they_are_written(bound: Bound) -> None:
    picture = draw(bound, INCEPTION, depth=ALL)
    trunk = middle(picture.boxes[0])
    assert {middle(box) for box in picture.boxes if box.kind == "join"} == {trunk}
    for block in ("i1", "i2", "i3"):
        firsts = [f"{block}.b{number}.conv1" for number in (1, 2, 3)]
        branches = [middle(named(picture, path)) for path in [*firsts, f"{block}.b4.maxpool1"]]
        assert branches == sorted(branches)
        assert sum(branches) / 4 == trunk


def test_a_residual_goes_down_straight_and_its_shortcut_round_it(bound: Bound) -> None:
    picture = draw(bound, RESIDUAL, depth=ALL)
    boxes = {box.path: middle(box) for box in picture.boxes}
    trunk = boxes["input"]
    aside = {path for path, place in boxes.items() if place != trunk}
    assert aside == {"s1.1.b3.conv1", "s2.unit1.b3.conv1"}  # the projections
    joins = [edge for edge in picture.edges if picture.boxes[edge.target].kind == "join"]
    skips = [edge for edge in joins if len(edge.points) > 2]
    assert len(skips) == len(joins) // 2 == 8
    for edge in skips:
        last = picture.boxes[edge.target].rect
        assert edge.points[-1] == Point(last.right, last.center.y)  # from the side, not the top


def test_a_gate_stands_beside_what_it_scales(bound: Bound) -> None:
    picture = draw(bound, GATED, depth=ALL)
    trunk = middle(picture.boxes[0])
    gate = [box for box in picture.boxes if ".b2." in box.path and box.path.startswith("e2")]
    assert len(gate) == 3 and all(middle(box) > trunk for box in gate)
    assert [band.label.text for band in picture.bands] == ["64 × 64", "vector"]


def test_a_net_goes_on_straight_where_a_head_branches_off(bound: Bound) -> None:
    graph = bind(elaborate(parse(HEADS, "test.net")), heads=True).graph
    picture = layout(graph, depth=ALL)
    trunk = middle(picture.boxes[0])
    aside = {box.path for box in picture.boxes if middle(box) != trunk}
    assert aside and all(path.startswith("aux") for path in aside)


def test_inputs_stand_next_to_what_reads_them(bound: Bound) -> None:
    picture = layout(bound(TWO).graph, depth=ALL)
    photo, words_ = named(picture, "photo"), named(picture, "words")
    assert photo.rect.top < words_.rect.top
    assert {photo.kind, words_.kind} == {"input"}


def test_a_wide_join_has_a_row_of_branches(bound: Bound) -> None:
    picture = draw(bound, WIDE, depth=ALL)
    rows = Counter(box.rect.center.y for box in picture.boxes)
    assert sorted(rows.values())[-2:] == [40, 40]


def test_across_turns_the_flow(bound: Bound) -> None:
    down, across = draw(bound, CHAIN, depth=ALL), draw(bound, CHAIN, depth=ALL, across=True)
    assert len({box.rect.center.y for box in across.boxes}) == 1
    places = [box.rect.left for box in across.boxes]
    assert places == sorted(places)
    assert [words(box) for box in across.boxes] == [words(box) for box in down.boxes]


# ---- what it says


def test_norm_and_activation_are_in_the_convolution_s_box(bound: Bound) -> None:
    picture = draw(bound, CHAIN, depth=ALL)
    assert [words(box) for box in picture.boxes] == [
        "input 3x64x64",
        "conv 3x3/2 16 · bn · relu",
        "maxpool 3x3/2",
        "conv 1x1 8 · bn · relu",
        "conv 3x3 32 · bn · relu",
        "avgpool global · flatten",
        "linear 10",
    ]
    assert [box.lines[1].text for box in picture.boxes if len(box.lines) > 1] == [
        "16x32x32", "16x16x16", "32"
    ]  # fmt: skip


def test_a_norm_before_a_convolution_has_its_own_box(bound: Bound) -> None:
    picture = draw(bound, DENSE, depth=ALL)
    assert words(named(picture, "d1.1.b2.batchnorm1")) == "bn · relu"
    assert words(named(picture, "d1.1.b2.conv2")) == "conv 3x3 8"


def test_what_a_value_is_read_twice_for_stays_apart(bound: Bound) -> None:
    text = f"{HEAD}\na: conv 3x3 8 act=none as before_it > relu\nb: [ a + before_it ]\n"
    boxes = draw(bound, text.replace("before_it", "raw"), depth=ALL).boxes
    assert [words(box) for box in boxes] == ["input 3x64x64", "conv 3x3 8 · bn", "relu", "+"]


def test_bands_follow_the_main_path(bound: Bound) -> None:
    labels = [band.label.text for band in draw(bound, CHAIN, depth=ALL).bands]
    assert labels == ["64 × 64", "32 × 32", "16 × 16", "vector"]
    assert [b.label.text for b in draw(bound, SIGNAL, depth=ALL).bands][:2] == ["1024", "512"]


def test_the_header_says_name_input_and_cost(bound: Bound) -> None:
    picture = draw(bound, ONE, title="a small one")
    texts = [label.text for label in picture.labels]
    assert texts == ["one", "a small one", "input 3x8x8 · 13.82k macs · 224 params"]


def test_a_long_title_is_wrapped(bound: Bound) -> None:
    picture = draw(bound, ONE, title="word " * 60)
    assert len(picture.labels) > 4 and picture.width < 400


def test_a_net_without_macs_has_no_legend(bound: Bound) -> None:
    picture = draw(bound, "net still\ninput 3x8x8\nmaxpool 2x2/2 valid > relu\n")
    assert picture.legend is None and {box.share for box in picture.boxes} == {0.0}


# ---- closed scopes


def test_depth_closes_scopes_to_boxes(bound: Bound) -> None:
    picture = draw(bound, INCEPTION, depth=0)
    assert [words(box) for box in picture.boxes] == [
        "input 3x64x64", "conv 3x3/2 16 · bn · relu", "i1 · inception", "i2 · inception",
        "maxpool 3x3/2", "i3 · inception", "head",
    ]  # fmt: skip
    block = named(picture, "i1")
    assert block.kind == "block" and block.lines[1].text.endswith("% · 64x32x32")


def test_opened_scopes_are_open_at_any_depth(bound: Bound) -> None:
    picture = draw(bound, INCEPTION, depth=0, opened=["i2"])
    paths = {box.path for box in picture.boxes}
    assert {"i1", "i3", "i2.b1.conv1", "i2.concat1"} <= paths
    assert [bracket.path for bracket in picture.brackets] == ["i2"]
    assert [bracket.label.text for bracket in picture.brackets] == ["i2 · inception"]


@pytest.mark.parametrize("depth", [0, 1, 2, ALL, None])
@pytest.mark.parametrize("name", NETS)
def test_closing_loses_nothing(name: str, depth: int | None, bound: Bound) -> None:
    graph = bound(NETS[name]).graph
    cells = folded(Scopes(graph), depth)
    assert sum(cells.cost(cell).macs for cell in cells.cells) == count(graph).macs
    assert sorted(cells.home) == [*range(len(graph.nodes))]
    assert len(cells.home) == sum(len(cell.nodes) for cell in cells.cells)
    assert len(layout(graph, depth=depth).boxes) == len(cells.cells)


@pytest.mark.parametrize("name", NETS)
def test_by_default_a_net_is_as_open_as_it_can_be_read(name: str, bound: Bound) -> None:
    scopes = Scopes(bound(NETS[name]).graph)
    sizes = [len(folded(scopes, depth).cells) for depth in range(scopes.deepest + 1)]
    readable = [size for size in sizes if size <= READABLE]
    assert len(folded(scopes, None).cells) == (readable[-1] if readable else sizes[0])


def test_equal_copies_are_stacked(bound: Bound) -> None:
    picture = draw(bound, RESIDUAL, depth=1)
    stacked = {words(box): box.copies for box in picture.boxes if box.copies > 1}
    assert stacked == {"s1.2–4 · unit ×3": 3, "s2.repeat1.1–3 · unit ×3": 3}


def test_copies_that_are_read_elsewhere_are_not_stacked(bound: Bound) -> None:
    text = f"""{HEAD}
block two(n):
  conv 3x3 n > conv 3x3 n
a: two(8)
b: two(8)
c: two(8)
last: [ c | b ]
"""
    boxes = draw(bound, text, depth=0).boxes
    assert [box.copies for box in boxes] == [1, 1, 1, 1, 1]


@pytest.mark.parametrize(
    ("lines", "reach"), [(330, 1), (130, 6), (110, 110)], ids=["deep", "braided", "wide"]
)
def test_a_thousand_nodes_are_laid_out_in_seconds(lines: int, reach: int, bound: Bound) -> None:
    graph = bound(random_net(7, lines, reach)).graph
    assert len(graph.nodes) > 700
    begun = perf_counter()
    layout(graph, depth=ALL)
    assert perf_counter() - begun < 5
