"""What every test may ask for: texts bound in one step, and one deterministic hypothesis."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from explorer.language import parse
from explorer.space import Candidate, Rebind, Space, bind, elaborate

ROOT = Path(__file__).parent.parent

settings.register_profile(
    "deterministic",
    derandomize=True,
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.load_profile("deterministic")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--renew-golden",
        action="store_true",
        help="write tests/golden anew from what the code says now, instead of comparing",
    )


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test finds what is in the user's cache folder, or leaves anything there."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture
def renew_golden(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--renew-golden"))


@pytest.fixture
def golden() -> Path:
    return ROOT / "tests" / "golden"


@pytest.fixture(scope="session")
def shipped() -> Callable[[str], str]:
    """The text of a shipped file by its path inside ``search_spaces``."""
    return lambda name: (ROOT / "search_spaces" / name).read_text("utf-8")


@pytest.fixture(scope="session")
def space_of() -> Callable[..., Space]:
    """A text to its space."""

    def make(text: str, rebind: Rebind | None = None) -> Space:
        return elaborate(parse(text, "test.net"), rebind)

    return make


@pytest.fixture(scope="session")
def bound(space_of: Callable[..., Space]) -> Callable[..., Candidate]:
    """A text and an assignment to the candidate that they are."""

    def make(
        text: str, assignment: Mapping[str, Any] | None = None, rebind: Rebind | None = None
    ) -> Candidate:
        return bind(space_of(text, rebind), assignment)

    return make
