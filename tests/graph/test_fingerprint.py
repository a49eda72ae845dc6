"""The fingerprint sees what a net computes, and nothing else."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from explorer.graph import canonical, fingerprint
from explorer.space import Candidate, Rebind

Bound = Callable[..., Candidate]
SHIPPED = Path(__file__).parent.parent.parent / "search_spaces"
HEAD = "net n\ninput 3x8x8  classes 2\n"
BASE = HEAD + "a: conv 3x3 8\nb: input > conv 1x1 8\nc: [ a + b ]\n"


def print_of(bound: Bound, text: str) -> str:
    return fingerprint(bound(text).graph)


def test_it_is_a_version_and_a_hash(bound: Bound) -> None:
    assert re.fullmatch(r"g1:[0-9a-f]{64}", print_of(bound, BASE))


@pytest.mark.parametrize(
    "same",
    [
        BASE.replace("net n", 'net other "with a title"'),
        "# a comment\n" + BASE + "# another\n",
        HEAD + "left: conv 3x3 8\nright: input > conv 1x1 8\nboth: [ left + right ]\n",
        BASE.replace("classes 2", "classes 7"),
        HEAD + "b: conv 1x1 8\na: input > conv 3x3 8\nc: [ a + b ]\n",
        HEAD + "c: [ conv 3x3 8 + conv 1x1 8 ]\n",
        HEAD + "[ conv 3x3 (2*4) > id + (id > conv (1, 1)/1 8 same) ]\n",
        HEAD + "default conv valid\nc: [ conv 3x3 8 same + conv 1x1 8 ]\n",
        HEAD + "block cell(k, n):\n  conv (k, k) n\nc: [ cell(3, 8) + cell(1, 8) ]\n",
        HEAD + "c: [ if (1 < 2) (conv 3x3 8) else (tanh) + repeat 1 (conv 1x1 8) ]\n",
        HEAD + "c: [ conv 3x3 8 + conv 1x1 8 + conv 5x5 8 when (1 > 2) ]\n",
    ],
)
def test_names_comments_and_the_order_of_lines_do_not_show(bound: Bound, same: str) -> None:
    assert print_of(bound, same) == print_of(bound, BASE)


@pytest.mark.parametrize(
    "other",
    [
        BASE.replace("conv 3x3 8", "conv 3x3 8 act=relu"),
        BASE.replace("conv 3x3 8", "conv 3x3 8 norm=batch"),
        BASE.replace("conv 3x3 8", "conv 5x5 8"),
        BASE.replace("conv 3x3 8", "conv 3x3 8 dilation=2"),
        BASE.replace(" 8\n", " 9\n"),
        BASE.replace("3x8x8", "3x8x9"),
        BASE.replace("a + b", "a * b"),
        BASE.replace("a + b", "a | b"),
        BASE.replace("[ a + b ]", "[ a + b ] > dropout 0.1"),
    ],
)
def test_what_is_computed_shows(bound: Bound, other: str) -> None:
    assert print_of(bound, other) != print_of(bound, BASE)


def test_arguments_of_one_op_all_show(bound: Bound) -> None:
    lines = [f"x: dropout {p}\n" for p in ("0.1", "0.2")]
    lines += [f"x: lrn {arguments}\n" for arguments in ("", "size=3", "alpha=1e-3", "k=2")]
    lines += [f"x: avgpool {a}\n" for a in ("8x8 valid", "global", "8x8/8 valid")]
    assert len({print_of(bound, HEAD + line) for line in lines}) == len(lines)


def test_one_shared_value_differs_from_two_copies(bound: Bound) -> None:
    shared = HEAD + "a: conv 3x3 8\nb: [ a + a > relu ]\n"
    copies = HEAD + "b: [ conv 3x3 8 + conv 3x3 8 > relu ]\n"
    assert print_of(bound, shared) != print_of(bound, copies)
    assert canonical(bound(shared).graph).count("conv") == 1
    assert canonical(bound(copies).graph).count("conv") == 2


def test_the_order_of_branches_shows_even_in_a_sum(bound: Bound) -> None:
    assert print_of(bound, BASE.replace("a + b", "b + a")) != print_of(bound, BASE)


def test_what_is_pruned_does_not_show(bound: Bound) -> None:
    space = "space s\ninput 3x8x8\nlever l in {a, b}\nx: conv 1x1 4\ny: input > conv 3x3 4\n"
    used = space + "z: choose l { a: x | b: y }\n"
    alone = "net n\ninput 3x8x8\nx: conv 1x1 4\n"
    assert print_of(bound, used) == print_of(bound, alone)


def test_the_canonical_text_reads_inputs_first(bound: Bound) -> None:
    lines = canonical(bound(HEAD + "x: [ relu | tanh ] > avgpool global\n").graph).splitlines()
    assert [line.split(" ")[0] for line in lines] == ["input", "relu", "tanh", "concat", "avgpool"]
    assert [line.rpartition("<- ")[2] for line in lines] == ["", "0", "0", "1 2", "3"]


def test_a_protocol_changes_the_fingerprint(bound: Bound) -> None:
    at_32 = bound(BASE, rebind=Rebind(input=bound(BASE.replace("3x8x8", "3x32x32")).graph.input))
    assert fingerprint(at_32.graph) == print_of(bound, BASE.replace("3x8x8", "3x32x32"))


def test_the_shipped_texts_keep_their_fingerprints(
    bound: Bound, golden: Path, renew_golden: bool
) -> None:
    """Cached scores hang on these. After a wanted change: a new ``g`` version, and then
    ``pytest tests/graph --renew-golden`` writes the file anew.
    """
    file = golden / "fingerprints.json"
    files = sorted(path for path in SHIPPED.rglob("*") if path.suffix in (".net", ".space"))
    now = {path.name: print_of(bound, path.read_text("utf-8")) for path in files}
    if renew_golden:
        file.write_text(json.dumps(now, indent=2) + "\n", "utf-8")
    assert json.loads(file.read_text("utf-8")) == now
