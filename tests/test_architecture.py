"""The direction of the imports: each package sees only what stands before it."""

from __future__ import annotations

from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "explorer"
ORDER = (
    *("errors", "units", "language", "ops", "graph", "space", "cost", "compare", "picture"),
    *("budget", "scale", "data", "build", "score", "construct", "search"),
    *("export", "report", "cli"),
)
FREE = ("__init__", "__main__")
STRANGERS = {("language", "ops"), ("ops", "language")}
TORCH_FREE = ORDER[: ORDER.index("data") + 1]


@pytest.mark.parametrize("module", [m for m in FILES if package_of(m) in TORCH_FREE])
def test_torch_and_what_is_heavy_stay_out_of_the_arithmetic(module: str) -> None:
    assert not roots(everywhere(module)) & {"torch", "torchvision"}
    assert not roots(at_import(module)) & HEAVY


@pytest.mark.parametrize(
    "module", sorted({m for m in FILES if package_of(m) == "construct"} - TRAINS)
)
def test_construct_knows_torch_only_where_it_trains(module: str) -> None:
    assert not roots(everywhere(module)) & {"torch", "torchvision"}


@pytest.mark.parametrize("module", [m for m in FILES if package_of(m) != "search"])
def test_only_search_knows_optuna(module: str) -> None:
    assert "optuna" not in roots(everywhere(module))
