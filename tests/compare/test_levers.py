"""Golden lines: what a comparison says of known nets."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from explorer.compare import ChoiceChange, Difference, Subject, compare, difference, lines
from explorer.space import Candidate, Space, bind
from explorer.space.library import open_space

Bound = Callable[..., Candidate]
HEAD = """\
net n
input 3x32x32  classes 10
default conv same norm=batch act=relu
default maxpool same
default avgpool same
"""


def subject(name: str, assignment: Mapping[str, Any] | None = None) -> Subject:
    space: Space = open_space(name)
    return Subject(name, space, bind(space, assignment))


def said(bound: Bound, before: str, after: str) -> list[str]:
    """The lines between two texts that stand behind a common head and in front of a classifier."""
    tail = "\nhead: avgpool global > linear classes\n"
    a, b = (bound(f"{HEAD}{body}{tail}").graph for body in (before, after))
    return list(lines(difference(a, b), everything=True))


def test_googlenet_beside_torchvisions() -> None:
    found = compare(subject("googlenet"), subject("googlenet_torchvision"))
    assert list(lines(found.changes)) == [
        "kernel: conv 5x5 -> 3x3 in 9 places (i3a.b3.conv2, i3b.b3.conv2, i4a.b3.conv2, ...)",
        "kernel: maxpool 3x3 -> 2x2 at pool4.maxpool1",
        "normalization: none -> batchnorm eps=0.001 behind 57 convolutions "
        "(stem.conv1, stem.conv2, stem.conv3, ...)",
        "normalization: lrn removed in 2 places (stem.lrn1, stem.lrn2)",
        "bias: on -> off in 57 places (stem.conv1, stem.conv2, stem.conv3, ...)",
        "dropout: 0.4 -> 0.2 at head.dropout1",
    ]
    assert found.a.figures == (1_582_671_872, 6_998_552, 3_227_160, 22)
    assert found.b.figures == (1_498_376_192, 6_624_904, 3_227_160, 22)


@pytest.mark.parametrize(
    ("assignment", "line"),
    [
        ({"i3a.five": "stacked"}, "factorization: 5x5 -> two 3x3 at i3a.b3"),
        ({"i3b.five": "crossed"}, "factorization: 5x5 -> 1x5 + 5x1 at i3b.b3"),
        ({"i3b.pool": "avg"}, "pooling: maxpool -> avgpool at i3b.b4"),
        ({"i4a.squeeze3": "off"}, "reduction: 1x1 removed before conv 3x3 at i4a.b2"),
        ({"i5b.project": "off"}, "projection: 1x1 removed behind maxpool 3x3 at i5b.b4"),
        ({"i3a.n1": 96}, "channels: 64 -> 96 at i3a.b1.conv1"),
        ({"depth4": 6}, "depth: block inception added (20 nodes) at i4f"),
        (
            {"cut3.cut": "both"},
            "branch: conv 1x1 64 > conv 3x3/2 96 added to concat at cut3.both.concat1",
        ),
    ],
)
def test_each_lever_of_inception(assignment: dict[str, Any], line: str) -> None:
    found = compare(subject("inception"), subject("inception", assignment))
    (told,) = lines(found.changes)
    assert told.startswith(line)
    assert [choice.path for choice in found.choices] == list(assignment)


def test_choices_that_have_no_part_are_marked() -> None:
    changed = {"depth4": 6, "i4f.n1": 64}
    found = compare(subject("inception"), subject("inception", changed))
    assert found.choices == (
        ChoiceChange("depth4", 5, 6),
        ChoiceChange("i4f.n1", 112, 64, active_a=False),
    )
    assert [choice.group for choice in found.choices] == ["", "i4f"]
    assert compare(subject("inception"), subject("googlenet")).choices == ()


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("a: conv 7x7 8", "a: conv 1x7 8 > conv 7x1 8", "factorization: 7x7 -> 1x7 + 7x1"),
        ("a: conv 7x7 8", "a: conv 3x3 8 > conv 3x3 8 > conv 3x3 8", "7x7 -> three 3x3"),
        ("a: conv 3x3 8", "a: dwconv 3x3 norm=batch act=relu > conv 1x1 8",
         "factorization: 3x3 -> depthwise 3x3 + 1x1"),
        ("a: conv 3x3 8", "a: [ conv 1x3 4 | conv 3x1 4 ]", "factorization: 3x3 -> [1x3 | 3x1]"),
        ("a: [ conv 3x3 8 | conv 1x1 8 ]", "a: [ conv 3x3 8 + conv 1x1 8 ]",
         "join: concat -> add at a.concat1 = a.add1"),
        ("a: [ conv 3x3 8 | conv 5x5 8 ]", "a: [ conv 5x5 8 | conv 3x3 8 ]",
         "join: order of branches 1 2 -> 2 1 at a.concat1"),
        ("a: conv 3x3 8 > conv 3x3 8 > conv 1x1 8",
         "a: conv 3x3 8 > [ conv 3x3 8 > conv 1x1 8 + id ]", "branch: id added to add at a.add1"),
        ("a: conv 3x3 8 > maxpool 3x3/2", "a: conv 3x3 8 > conv 3x3/2 8",
         "pooling: maxpool 3x3/2 -> conv 3x3/2 8"),
        ("a: conv 3x3 8 > maxpool 3x3/2", "a: conv 3x3 8 > maxpool 3x3/1",
         "stride: maxpool 2 -> 1 at a.maxpool1"),
        ("a: conv 3x3 8", "a: conv 3x3 8 valid", "padding: conv same -> valid at a.conv1"),
        ("a: conv 3x3 8", "a: conv 3x3 8 act=none", "activation: relu -> none behind a.conv1"),
        ("a: repeat 2 (conv 3x3 8)", "a: repeat 3 (conv 3x3 8)",
         "depth: conv 3x3 8 added at a.3.conv1"),
        ("a: conv 3x3 8", "a: conv 3x3 8 > dropout 0.3", "dropout: dropout 0.3 added"),
        ("a: conv 3x3 8\nb: [ conv 1x1 8 + id ]\nc: [ conv 3x3 8 + a ]",
         "a: conv 3x3 8\nb: [ conv 1x1 8 + id ]\nc: [ conv 3x3 8 + id ]",
         "wiring: reads a.conv1 -> b.add1 at c.add1"),
    ],
)  # fmt: skip
def test_one_line(bound: Bound, before: str, after: str, expected: str) -> None:
    (told,) = said(bound, before, after)
    assert expected in told


def test_input_and_classes(bound: Bound) -> None:
    text = f"{HEAD}a: conv 3x3 8\nhead: avgpool global > linear classes\n"
    other = text.replace("3x32x32  classes 10", "3x64x64  classes 100")
    found = difference(bound(text).graph, bound(other).graph)
    assert list(lines(found)) == ["input: 3x32x32 -> 3x64x64", "classes: 10 -> 100"]


def test_many_widths_are_one_line() -> None:
    blocks = ("i3a", "i3b", "i4a", "i4b", "i4c", "i4d", "i4e", "i5b")
    halved = {f"{block}.n1": 64 if block != "i3a" else 32 for block in blocks} | {"i5b.n1": 192}
    found = compare(subject("inception"), subject("inception", halved))
    (line,) = lines(found.changes)
    assert line.startswith("channels: 8 filter counts, x0.25 to x0.571 (64 -> 32 at i3a.b1.conv1, ")
    assert len(list(lines(found.changes, everything=True))) == len(found.changes)


def test_a_net_beside_itself() -> None:
    found = compare(subject("googlenet"), subject("googlenet"))
    assert found.is_same
    assert (found.choices, found.changes, found.renamed) == ((), (), 0)


def test_the_value_is_json_and_turns_round() -> None:
    a, b = subject("googlenet"), subject("inception", {"i3a.five": "stacked"})
    found = compare(a, b)
    assert compare(b, a) == found.reversed()
    again = json.loads(json.dumps(found.to_json()))
    assert again["same"] is False
    assert sum(change["count"] for change in again["changes"]) == sum(
        len(change.spots) for change in found.changes
    )


def test_large_nets_take_about_a_second(bound: Bound) -> None:
    widths = [8 * (1 + n % 5) for n in range(330)]
    chain = " > ".join(f"conv 3x3 {width}" for width in widths)
    wider = " > ".join(f"conv 5x5 {width}" for width in widths)
    tail = "\nhead: avgpool global > linear classes\n"
    a, b = (bound(f"{HEAD}a: {body}{tail}").graph for body in (chain, wider))
    start = time.perf_counter()
    found = difference(a, b)
    assert time.perf_counter() - start < 5
    assert {change.lever for change in found} == {"kernel"}
    assert sum(len(change.spots) for change in found) == 330


def test_a_difference_is_a_value() -> None:
    found = compare(subject("googlenet"), subject("inception"))
    assert isinstance(found, Difference)
    assert hash(found) == hash(compare(subject("googlenet"), subject("inception")))
