"""Orders, tracks, trunks and words, each by itself."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from explorer.ops import Shape, image, vector
from explorer.picture.cells import Folded
from explorer.picture.columns import dominators, trunks
from explorer.picture.layers import layered, layers, main_path
from explorer.picture.layout import folded, layout
from explorer.picture.order import crossings, ordered
from explorer.picture.picture import Edge, Point
from explorer.picture.scopes import Scopes
from explorer.picture.strokes import strokes
from explorer.picture.tracks import nets, tracks
from explorer.picture.words import grid_of, grid_words, percent
from explorer.space import Candidate
from tests.picture.nets import CELLS, GATED, HEAD, INCEPTION, RESIDUAL, SHAPES, TWO, random_net

Bound = Callable[..., Candidate]


@pytest.fixture
def cells(bound: Bound) -> Callable[[str], Folded]:
    return lambda text: folded(Scopes(bound(text).graph), 99)


def test_a_layer_is_the_longest_path(cells: Callable[[str], Folded]) -> None:
    for text in SHAPES.values():
        net = cells(text)
        found = layers(net)
        for cell, sources in enumerate(net.inputs):
            first = max((found[source] + 1 for source in sources), default=found[cell])
            assert found[cell] == first
    late = layers(cells(TWO))
    assert late[:2] == [0, 1]  # the second input stands right before what reads it


def test_every_value_has_one_lane_for_all_its_readers(cells: Callable[[str], Folded]) -> None:
    placed = layered(cells(CELLS))
    lanes = [(item.cell, item.layer) for item in placed.items if item.is_lane]
    assert len(lanes) == len(set(lanes))
    for cell, sources in enumerate(cells(CELLS).inputs):
        for source in sources:
            way = placed.way(source, cell)
            steps = [placed.items[item].layer for item in way]
            assert steps == [*range(steps[0], steps[0] + len(steps))]


def test_the_order_has_no_more_crossings_than_the_text_s(cells: Callable[[str], Folded]) -> None:
    for seed in range(6):
        placed = layered(cells(random_net(seed, 25, 6)))
        rows = ordered(placed)
        assert crossings(rows, placed.targets) <= crossings(placed.rows, placed.targets)
        assert [sorted(row) for row in rows] == [sorted(row) for row in placed.rows]


def test_branches_keep_the_order_of_the_text(cells: Callable[[str], Folded]) -> None:
    placed = layered(cells(INCEPTION))
    assert crossings(placed.rows, placed.targets) == 0
    assert ordered(placed) == placed.rows


def test_crossings_are_counted() -> None:
    rows = ((0, 1), (2, 3))
    assert crossings(rows, ((3,), (2,), (), ())) == 1
    assert crossings(rows, ((2, 3), (2, 3), (), ())) == 1
    assert crossings(rows, ((2,), (3,), (), ())) == 0


def test_dominators_of_a_diamond() -> None:
    sources = [(), (0,), (0,), (1, 2), (3, 0)]
    assert dominators(range(5), sources) == [-1, 0, 0, 0, 0]
    assert dominators(range(4), sources[:4]) == [-1, 0, 0, 0]
    assert dominators(range(3), [(), (), (0, 1)]) == [-1, -1, -1]


def test_trunks_are_forks_with_their_joins(cells: Callable[[str], Folded]) -> None:
    net = cells(INCEPTION)
    heads = [[net.head(net.cells[cell]).path for cell in (t.fork, t.join)] for t in trunks(net)]
    assert heads == [
        ["stem.conv1", "i1.concat1"], ["i1.concat1", "i2.concat1"], ["cut.maxpool1", "i3.concat1"]
    ]  # fmt: skip
    assert not any(trunk.main for trunk in trunks(net))
    assert all(len(trunk.main) == 2 for trunk in trunks(cells(RESIDUAL)))


def test_the_main_path_passes_a_gate_by(cells: Callable[[str], Folded]) -> None:
    net = cells(GATED)
    placed = layered(net)
    path = main_path(net, placed)
    assert len(path) == len(placed.rows)
    names = [net.head(net.cells[cell]).op.name for cell in path]
    assert names.count("avgpool") == 1  # the head's, not the gate's


def test_pieces_that_would_lie_on_each_other_get_tracks() -> None:
    places = [0.0, 10.0, 40.0, 50.0]
    found = tracks(nets([(0, 3), (1, 2)], places))
    assert found[(0, 3)] != found[(1, 2)]
    assert set(tracks(nets([(0, 2), (1, 2)], places)).values()) == {0}
    assert set(tracks(nets([(0, 2), (0, 3)], places)).values()) == {0}
    assert nets([(0, 0)], places) == []


def test_two_that_change_places_go_across() -> None:
    places = [0.0, 50.0, 0.0, 50.0]
    found = tracks(nets([(0, 3), (1, 2)], places))
    assert sorted(found.values(), key=str) == [0, None]


# ---- words


def first_words(bound: Bound, lines: str) -> list[str]:
    picture = layout(bound(f"{HEAD}\n{lines}\n").graph, depth=99)
    return [box.lines[0].text for box in picture.boxes[1:]]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("conv 3x3/2 8", "conv 3x3/2 8 · bn · relu"),
        ("conv 1x7 8 norm=none act=none", "conv 1x7 8"),
        ("conv 3x3 8 dilation=2", "conv 3x3 8 dilation 2 · bn · relu"),
        ("conv 1x1 6 > conv 3x3 6 groups=3 act=none", "conv 3x3 6 groups 3 · bn"),
        ("conv 1x1 6 > conv 3x3 6 groups=6 act=none", "dwconv 3x3 6 · bn"),
        ("maxpool 3x3/2", "maxpool 3x3/2"),
        ("avgpool global", "avgpool global"),
        ("lrn", "lrn"),
        ("dropout 0.4", "dropout 0.4"),
        ("dwconv 5x5/2 norm=batch", "dwconv 5x5/2 · bn"),
        ("conv 1x1 8 > part 1/2", "part 1/2"),
        ("conv 1x1 8 > part 2/2", "part 2/2"),
        ("tokens > attention 1", "attention 1"),
        ("tokens > token 1", "token 1"),
        ("relu", "relu"),
        ("avgpool global > linear 7", "linear 7"),
        ("[ conv 1x1 3 act=none + id ]", "+"),
        ("[ conv 1x1 3 act=none + id ] > relu", "+ · relu"),
        ("[ conv 1x1 3 | id ]", "concat"),
        ("[ conv 1x1 3 * id ]", "×"),
    ],
)
def test_ops_are_named_as_in_papers(line: str, expected: str, bound: Bound) -> None:
    assert first_words(bound, f"a: {line}")[-1] == expected


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        (image(3, 56, 56), "56 × 56"), (image(3, 40), "40"), (vector(10), "vector"),
        (Shape("tokens", 64, (196,)), "196 tokens"), (image(8, 1, 1), "1 × 1"),
    ],
)  # fmt: skip
def test_grids_in_words(shape: Shape, expected: str) -> None:
    assert grid_words(shape) == expected


def test_a_vector_and_one_cell_look_the_same() -> None:
    assert grid_of(image(8, 1, 1)) == grid_of(vector(8)) != grid_of(image(8, 2, 1))


def test_shares_in_words() -> None:
    assert [percent(share) for share in (0, 0.0001, 0.081, 0.9999, 1)] == [
        "0%", "<0.1%", "8.1%", "100%", "100%"
    ]  # fmt: skip


# ---- strokes


def test_shared_pieces_are_drawn_once() -> None:
    ways = [
        [(0, 0), (0, 10), (40, 10), (40, 30)], [(0, 0), (0, 10), (90, 10), (90, 30)],
        [(0, 0), (0, 30)],
    ]  # fmt: skip
    edges = [
        Edge(0, number + 1, tuple(Point(*spot) for spot in way)) for number, way in enumerate(ways)
    ]
    found = strokes(edges)
    assert (Point(5, 10), Point(85, 10)) in found.lines
    level = [line for line in found.lines if line[0].y == line[1].y]
    plumb = [line for line in found.lines if line[0].x == line[1].x == 0]
    assert len(level) == 1 and len(plumb) == 1
    assert len(found.bends) == 3 and len(found.heads) == 3


def test_an_arrow_s_point_is_the_end_of_its_edge(bound: Bound) -> None:
    picture = layout(bound(CELLS).graph, depth=99)
    heads = {head[0] for head in strokes(picture.edges).heads}
    assert heads == {edge.points[-1] for edge in picture.edges}
