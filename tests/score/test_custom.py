"""A function of the user's own: found by its name, or refused in one line."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from explorer.errors import ExplorerError
from explorer.score import load_function
from explorer.score.custom import as_score, first_line, in_a_line

MODULE = '''
import statistics

NUMBER = 3

class Table:
    def look(self, candidate, seed):
        return 1.0

look = Table().look
smallest = min

def score(candidate, seed):
    """One for all.

    More of it.
    """
    return 1.0

def short(candidate):
    return 1.0

def named(candidate, *, seed):
    return 1.0
'''


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with modules in it that are forgotten again."""
    known = set(sys.modules)
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own_good.py").write_text(MODULE)
    (tmp_path / "own_broken.py").write_text("1 / 0\n")
    (tmp_path / "own_typo.py").write_text("def score(:\n")
    (tmp_path / "own_lacking.py").write_text("import no_such_module_anywhere\n")
    (tmp_path / "own_ending.py").write_text("raise SystemExit('usage')\n")
    (tmp_path / "own_package").mkdir()
    (tmp_path / "own_package" / "inner.py").write_text(MODULE)
    yield tmp_path
    for name in set(sys.modules) - known:
        del sys.modules[name]


@pytest.mark.parametrize("name", ["own_good:score", "own_good:look", "own_package.inner:score"])
def test_functions_of_the_current_folder_are_found(folder: Path, name: str) -> None:
    assert load_function(name)(None, 0) == 1.0
    assert sys.path[0] == str(folder)
    load_function(name)
    assert sys.path.count(str(folder)) == 1


def test_what_has_no_signature_is_taken_at_its_word(folder: Path) -> None:
    assert load_function("own_good:smallest") is min


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("", "write MODULE:FUNCTION, as in tabular:score"),
        ("own_good", "score 'own_good': write MODULE:FUNCTION"),
        ("own_good.py:score", "there is no module 'own_good.py'"),
        ("own good:score", "write MODULE:FUNCTION"),
        (":score", "write MODULE:FUNCTION"),
        ("own_good:", "write MODULE:FUNCTION"),
        ("own_good:a.b", "write MODULE:FUNCTION"),
        ("own_none:score", "there is no module 'own_none', neither in this folder nor installed"),
        ("own_package.none:score", "there is no module 'own_package.none'"),
        ("own_broken:score", "importing 'own_broken' failed: ZeroDivisionError: division by zero"),
        ("own_typo:score", "importing 'own_typo' failed: SyntaxError: "),
        ("own_lacking:score", "ModuleNotFoundError: No module named 'no_such_module_anywhere'"),
        ("own_ending:score", "importing 'own_ending' failed: SystemExit: usage"),
        ("own_good:nothing", "own_good.py) has no 'nothing'"),
        ("own_good:NUMBER", "a function is needed, and this is of type int"),
        ("own_good:short", "called with a candidate and a seed, which it does not take (too many"),
        ("own_good:named", "which it does not take"),
    ],
)
def test_what_cannot_score_is_refused_in_a_line(folder: Path, name: str, said: str) -> None:
    with pytest.raises(ExplorerError) as caught:
        load_function(name)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "value", [0.5, 1, True, -3, np.float32(0.5), np.array(2), torch.tensor(1.5), torch.tensor([2])]
)
def test_numbers_of_any_kind_are_scores(value: object) -> None:
    found = as_score(value)
    assert type(found) is float and found == float(value)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (float("nan"), "the score is nan"),
        (float("inf"), "the score is inf"),
        (-np.inf, "the score is -inf"),
        (None, "the score is None, not a number"),
        ("0.9", "the score is of type str, not a number"),
        (torch.ones(3), "the score is of type Tensor, not a number"),
        (1j, "the score is of type complex, not a number"),
        (10**400, "the score is of type int, not a number"),
        (-1e300, "the score is -1e+300, beyond 1e+100"),
    ],
)
def test_what_is_no_score_says_what_it_is(value: object, said: str) -> None:
    with pytest.raises(ValueError, match="the score is") as caught:
        as_score(value)
    assert str(caught.value) == said


def test_errors_and_docstrings_keep_one_line() -> None:
    assert in_a_line(ValueError("first\nsecond")) == "ValueError: first"
    assert in_a_line(KeyError()) == "KeyError"
    assert len(in_a_line(ValueError("x" * 9_000))) < 400
    assert first_line(test_errors_and_docstrings_keep_one_line) == ""
    assert first_line(load_function).startswith("The function that ``module:function`` names")
