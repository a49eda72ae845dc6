"""What the tests of studies ask for: folders to work in, commands at work, a database."""

from __future__ import annotations

import gc
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.search import tiny
from tests.search.server import Server, find_binaries, running

if TYPE_CHECKING:
    from tests.search.crew import Crew


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in, with a space, data and a recipe called ``quick``."""
    monkeypatch.chdir(tmp_path)
    return tiny.prepare(tmp_path)


@pytest.fixture
def crew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Crew]:
    """Commands in a folder with a space and functions to score by."""
    from tests.search.crew import Crew, prepare  # which loads torch, for all it forks

    monkeypatch.chdir(prepare(tmp_path))
    crew = Crew(tmp_path)
    yield crew
    crew.end()


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A PostgreSQL server."""
    binaries = find_binaries()
    if binaries is None:
        pytest.skip("no PostgreSQL server is installed (no initdb on the path)")
    with running(binaries) as found:
        yield found


@pytest.fixture
def database(server: Server) -> Iterator[str]:
    """The URL of an empty database."""
    psycopg = pytest.importorskip("psycopg")
    name = f"d{secrets.token_hex(6)}"
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    yield server.url(name)
    gc.collect()  # stores that the test opened, with their connections
