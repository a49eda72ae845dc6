"""The commands of docs/machines.md, on a small space and a server of our own."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from explorer.cli.main import parser
from explorer.search import load_study
from tests.conftest import ROOT
from tests.search.crew import Crew, is_whole, wait_for
from tests.search.server import ENCODED, PASSWORD

PAGE = (ROOT / "docs" / "machines.md").read_text("utf-8")
COMMANDS = [line for line in PAGE.splitlines() if line.startswith("explorer ")]
(SCRIPT,) = re.findall(r"^```bash\n(.*?)^```$", PAGE, re.M | re.S)
URL = "postgresql://explorer@db.example.org/explorer"
LEASE = (15, 60)  # as that of the workers which a search starts


@pytest.mark.parametrize("command", COMMANDS)
def test_commands_are_understood(command: str) -> None:
    parser().parse_args(shlex.split(command)[1:])


def smaller(command: str, url: str) -> str:
    command = command.replace(
        "inception --budget 1.5e9", "tiny.space --budget 1e6 --score mine:score"
    )
    return re.sub(r"--trials \d+", "--trials 4", command).replace(URL, url).replace(" 2 ", " 1 ")


def words(verb: str, study: str, url: str) -> list[str]:
    (command,) = (
        c for c in COMMANDS if c.startswith(f"explorer {verb} ") and URL in c and study in c
    )
    return shlex.split(smaller(command, url))[1:]


def is_begun(study: str, url: str) -> bool:
    try:
        return "trials" in load_study(Path(study), storage=url).effort
    except Exception as error:
        assert "no study" in str(error)
        return False


@pytest.mark.slow
def test_two_hosts(crew: Crew, database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    crew.lease = LEASE
    secrets = {"PGPASSFILE": str(crew.folder / "pgpass")}  # and none in the URL
    Path("pgpass").write_text(f"*:*:*:explorer:{PASSWORD}\n")
    Path("pgpass").chmod(0o600)
    monkeypatch.setenv("PGPASSFILE", secrets["PGPASSFILE"])
    database = database.replace(f":{ENCODED}@", "@")
    search = crew.start(*words("search", "pair", database), variables=secrets)
    wait_for(lambda: is_begun("pair", database))
    assert crew.start(*words("worker", "pair", database), variables=secrets).end() == 0
    assert search.end() == 0, search.said
    assert is_whole(load_study(Path("pair"), storage=database).record(), 4)
    for verb in ("report", "score", "export"):
        done = crew.start(*words(verb, "pair", database), variables=secrets)
        assert done.end() == 0, done.said
    assert Path("best.py").is_file()


@pytest.mark.slow
def test_a_job_array(crew: Crew, database: str) -> None:
    crew.lease = LEASE
    search = crew.start(*words("search", "array", database))
    wait_for(lambda: is_begun("array", database))
    Path("bin").mkdir()
    Path("bin/explorer").write_text(f'#!/bin/sh\nexec {sys.executable} -m explorer "$@"\n')
    Path("bin/explorer").chmod(0o755)
    Path("workers.sh").write_text(SCRIPT.replace(URL, database))
    variables = os.environ | {"PATH": f"{Path('bin').resolve()}:{os.environ['PATH']}"}
    subprocess.run(["bash", "workers.sh"], env=variables, check=True)
    assert search.end() == 0, search.said
    assert is_whole(load_study(Path("array"), storage=database).record(), 4)
