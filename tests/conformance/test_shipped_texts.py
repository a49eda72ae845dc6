"""What every shipped net and space promises."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from explorer.cost import count
from explorer.graph import fingerprint, lint
from explorer.language import parse, print_syntax
from explorer.space import Candidate, Space, bind, elaborate
from explorer.space.close import close
from explorer.space.library import Text, find_text
from explorer.space.members import members

FOLDER = Path(__file__).parent.parent.parent / "search_spaces"
FILES = sorted(path for path in FOLDER.rglob("*") if path.is_file())
RANDOM_ASSIGNMENTS = 30

every_file = pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(FOLDER)))


@pytest.fixture
def text(path: Path) -> str:
    return path.read_text("utf-8")


@pytest.fixture
def space(path: Path) -> Space:
    return find_text(str(path)).space()


def good(candidate: Candidate) -> bool:
    """Whether it is a net that ends with a number for each class."""
    graph = candidate.graph
    assert lint(graph) == []
    assert graph.nodes[graph.output].shape.sizes == (graph.classes,)
    return True


def test_something_is_shipped() -> None:
    assert {"googlenet.net", "googlenet_torchvision.net", "inception.space"} <= {
        path.name for path in FILES
    }


@every_file
def test_the_file_is_called_what_the_text_is_called(path: Path, space: Space) -> None:
    assert path.stem == space.name
    assert path.suffix == (".net" if space.is_net else ".space")
    assert space.title


@every_file
def test_the_text_makes_the_round_trip(text: str) -> None:
    tree = parse(text)
    assert parse(print_syntax(tree)) == tree


@every_file
def test_the_text_is_formatted(text: str) -> None:
    assert print_syntax(parse(text)) == text


@every_file
def test_the_defaults_bind_and_cost_what_the_text_expects(space: Space) -> None:
    candidate = bind(space)
    assert good(candidate)
    check_expected(space)


@every_file
def test_every_net_says_what_it_counts(text: str, path: Path) -> None:
    """A net of its own, or every member of a family."""
    file = parse(text)
    texts = [Text(path.name, text, member) for member in members(file)] or [Text(path.name, text)]
    for each in texts:
        space = each.space()
        assert good(bind(space, heads=True))
        check_expected(space)
        assert not space.is_net or (
            space.expected and {"macs", "params"} <= set(space.expected.counts)
        )


def check_expected(space: Space) -> None:
    cost = count(bind(space).graph)._asdict()
    expected = space.expected.counts if space.expected else {}
    assert {name: cost[name] for name in expected} == expected


@every_file
def test_every_choice_binds_at_its_ends(space: Space) -> None:
    for path, choice in space.choices.items():
        ends = (
            choice.values
            if isinstance(choice.default, str)
            else choice.values[:: len(choice.values) - 1 or 1]
        )
        for value in ends:
            assert good(bind(space, {path: value})), f"{path} = {value}"


@every_file
def test_every_choice_matters_somewhere(space: Space) -> None:
    """A choice that no assignment reads would only enlarge the space."""
    dice = random.Random(1)
    unread = set(space.choices)
    for _ in range(200):
        if not unread:
            break
        unread -= bind(space, drawn(space, dice)).active
    assert not unread


@every_file
def test_random_assignments_bind(space: Space) -> None:
    dice = random.Random(0)
    for _ in range(RANDOM_ASSIGNMENTS if space.choices else 0):
        candidate = bind(space, drawn(space, dice))
        assert good(candidate)
        assert bind(space, candidate.written()).graph == candidate.graph


@every_file
def test_a_closed_assignment_is_a_net_of_the_same_computation(path: Path, space: Space) -> None:
    text = Text(path.name, path.read_text("utf-8"))
    dice = random.Random(2)
    for _ in range(5):
        assignment = drawn(space, dice)
        closed = elaborate(parse(print_syntax(close(text, assignment))))
        assert closed.is_net
        assert fingerprint(bind(closed).graph) == fingerprint(bind(space, assignment).graph)


def drawn(space: Space, dice: random.Random) -> dict[str, object]:
    return {path: dice.choice(choice.values) for path, choice in space.choices.items()}
