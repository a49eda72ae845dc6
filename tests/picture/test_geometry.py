"""Pictures as numbers: nothing overlaps, nothing is crossed, chains are straight."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from itertools import pairwise

import pytest

from explorer.picture import Picture, layout
from explorer.picture.picture import Edge, Point, Rect
from explorer.space import Candidate
from tests.picture.nets import DENSE, GATED, INCEPTION, NETS, RESIDUAL

Bound = Callable[..., Candidate]
ALL = 99  # levels: more than any net here has


@pytest.fixture(
    scope="module",
    params=[(name, across) for name in NETS for across in (False, True)],
    ids=lambda param: f"{param[0]}{' across' if param[1] else ''}",
)
def picture(request: pytest.FixtureRequest, bound: Bound) -> Picture:
    name, across = request.param
    return layout(bound(NETS[name]).graph, depth=ALL, across=across)


def drawn(bound: Bound, text: str) -> Picture:
    return layout(bound(text).graph, depth=ALL)


def apart(one: Rect, other: Rect, gap: float = 0) -> bool:
    return (
        one.right + gap <= other.left
        or other.right + gap <= one.left
        or one.bottom + gap <= other.top
        or other.bottom + gap <= one.top
    )


def test_boxes_keep_their_distance(picture: Picture) -> None:
    boxes = picture.boxes
    for index, box in enumerate(boxes):
        assert all(apart(box.rect, other.rect, 10) for other in boxes[:index])


def pieces(edge: Edge) -> Iterator[tuple[Point, Point]]:
    return pairwise(edge.points)


def passes(start: Point, end: Point, rect: Rect) -> bool:
    """Whether a piece runs through the inside of a rectangle: clipped to it, something is left."""
    first, last = 0.0, 1.0
    for value, change, low, high in (
        (start.x, end.x - start.x, rect.left, rect.right),
        (start.y, end.y - start.y, rect.top, rect.bottom),
    ):
        if change == 0:
            if not low + 0.1 < value < high - 0.1:
                return False
        else:
            one, other = sorted(((low + 0.1 - value) / change, (high - 0.1 - value) / change))
            first, last = max(first, one), min(last, other)
    return first < last


def test_edges_go_through_no_box(picture: Picture) -> None:
    for edge in picture.edges:
        for start, end in pieces(edge):
            assert not any(passes(start, end, box.rect) for box in picture.boxes), edge


def touches(point: Point, rect: Rect) -> bool:
    """Whether a point is the middle of one of a rectangle's sides."""
    x, y = rect.center
    return point in {(x, rect.top), (x, rect.bottom), (rect.left, y), (rect.right, y)}


def test_edges_begin_and_end_at_the_middle_of_a_side(picture: Picture) -> None:
    for edge in picture.edges:
        assert touches(edge.points[0], picture.boxes[edge.source].rect)
        assert touches(edge.points[-1], picture.boxes[edge.target].rect)


def test_edges_are_those_of_the_graph(picture: Picture) -> None:
    """Every box is reached, and nothing twice."""
    pairs = [(edge.source, edge.target) for edge in picture.edges]
    assert len(set(pairs)) == len(pairs)
    sources = {index for index, box in enumerate(picture.boxes) if box.kind == "input"}
    assert {target for _, target in pairs} == set(range(len(picture.boxes))) - sources
    assert all(source < target for source, target in pairs)


def aligned_pieces(picture: Picture) -> Iterator[tuple[Edge, Edge, float]]:
    """Pieces on one line of two edges with different ends, and how far they lie on each other."""
    for index, edge in enumerate(picture.edges):
        others = picture.edges[:index]
        strangers = (o for o in others if o.source != edge.source and o.target != edge.target)
        for other in strangers:
            for (a, b), (c, d) in ((p, q) for p in pieces(edge) for q in pieces(other)):
                for axis in (0, 1):
                    if a[axis] == b[axis] and c[axis] == d[axis] and abs(a[axis] - c[axis]) < 2:
                        across = 1 - axis
                        low = max(min(a[across], b[across]), min(c[across], d[across]))
                        high = min(max(a[across], b[across]), max(c[across], d[across]))
                        yield edge, other, high - low


def test_only_edges_of_one_source_or_target_run_together(picture: Picture) -> None:
    for edge, other, shared in aligned_pieces(picture):
        assert shared < 0.01, (edge, other)


def test_everything_lies_on_the_page(picture: Picture) -> None:
    page = Rect(0, 0, picture.width, picture.height)
    inside = [box.rect for box in picture.boxes] + [band.rect for band in picture.bands]
    for rect in inside:
        assert rect.left >= 10 and rect.right <= page.right - 10
        assert rect.top >= 10 and rect.bottom <= page.bottom - 10
    for point in (point for edge in picture.edges for point in edge.points):
        assert 10 < point.x < page.right - 10 and 10 < point.y < page.bottom - 10


def test_bands_cover_boxes_and_edges_without_gaps(picture: Picture) -> None:
    rects = [band.rect for band in picture.bands]
    left, right = min(r.left for r in rects), max(r.right for r in rects)
    top, bottom = min(r.top for r in rects), max(r.bottom for r in rects)
    area = sum(rect.width * rect.height for rect in rects)
    assert area == pytest.approx((right - left) * (bottom - top), rel=1e-3)
    for box in picture.boxes:
        assert left < box.rect.left and box.rect.right < right
        assert top < box.rect.top and box.rect.bottom < bottom
    assert [band.shaded for band in picture.bands] == [n % 2 == 1 for n in range(len(rects))]


def test_chains_are_straight(picture: Picture) -> None:
    """What alone reads a value, and nothing else, is in line with it; chains that cross bend."""
    leaving = Counter(edge.source for edge in picture.edges)
    arriving = Counter(edge.target for edge in picture.edges)
    alone = [e for e in picture.edges if leaving[e.source] == 1 == arriving[e.target]]
    for edge in alone:
        if len(edge.points) > 2:
            assert any(meet(edge, other) for other in alone if other is not edge)


def meet(edge: Edge, other: Edge) -> bool:
    return any(cross(one, two) for one in pieces(edge) for two in pieces(other))


def test_shares_add_up(picture: Picture) -> None:
    assert sum(box.share for box in picture.boxes) == pytest.approx(1)
    assert picture.legend is not None
    assert picture.legend.most == max(box.share for box in picture.boxes)


@pytest.mark.parametrize("name", NETS)
def test_the_same_net_gives_the_same_picture(name: str, bound: Bound) -> None:
    assert drawn(bound, NETS[name]) == drawn(bound, NETS[name])


def test_without_crossings_none_are_drawn(bound: Bound) -> None:
    """A net of branches inside branches needs no crossing, and the order of its text has none."""
    for text in (INCEPTION, RESIDUAL, DENSE, GATED):
        picture = drawn(bound, text)
        for index, edge in enumerate(picture.edges):
            for other in picture.edges[:index]:
                is_kin = {edge.source, edge.target} & {other.source, other.target}
                assert is_kin or not meet(edge, other)


def cross(one: tuple[Point, Point], other: tuple[Point, Point]) -> bool:
    (a, b), (c, d) = one, other
    return turn(a, b, c) * turn(a, b, d) < 0 and turn(c, d, a) * turn(c, d, b) < 0


def turn(a: Point, b: Point, c: Point) -> float:
    return (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x)
