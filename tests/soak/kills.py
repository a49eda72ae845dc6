"""Searches whose processes are killed at random: ``python -m tests.soak.kills [MINUTES] [SEED]``.

A score of the user's own writes a line to disk before it returns, so that what was scored is known
without the study. Other studies train, with rungs and checkpoints.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from importlib.util import find_spec
from math import inf
from os import environ
from pathlib import Path
from random import Random

from tests.search.server import find_binaries
from tests.search.tiny import RECIPE, prepare
from tests.soak.claims import broken
from tests.soak.killer import WORKERS, BrokenError, Killer
from tests.soak.series import fresh_seed

_A_ROUND = 120.0  # seconds of disturbances, if the search does not end before

MODULE = '''
import json
import os
import secrets
import time
from random import SystemRandom
from explorer.graph import fingerprint

WORKER = secrets.token_hex(8)

def score(candidate, seed):
    """A number that nobody has had before, on disk before anyone is told."""
    value = SystemRandom().random()
    time.sleep(SystemRandom().uniform(0, 0.4))
    net, worker = fingerprint(candidate.graph), f"{WORKER}-{os.getpid()}"
    line = json.dumps({"net": net, "seed": seed, "value": value, "worker": worker})
    handle = os.open("scored.txt", os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o644)
    os.write(handle, f"\\n{line}\\n".encode())  # a line that was torn before stays alone
    os.fsync(handle)
    os.close(handle)
    time.sleep(SystemRandom().choice([0, 0.2]))
    return value
'''


def scored_by_lines(folder: Path, rng: Random, candidates: int) -> Killer:
    """A search by a function that writes down what it finds."""
    return Killer(folder, _by_lines(folder, rng, candidates), folder / "studies" / "lines", rng)


def _by_lines(folder: Path, rng: Random, candidates: int) -> tuple[str, ...]:
    (prepare(folder) / "mine.py").write_text(MODULE)
    words = ("search", "tiny.space", "--budget", "1e6", "--score", "mine:score", "--study", "lines")
    words += ("--trials", str(candidates), "--workers", str(WORKERS), "--seed", "3")
    words += ("--sampler", rng.choice(["random", "evolution", "known_cost"]))
    return (*words, "--confirm", rng.choice("012"))


def trained_by_rungs(folder: Path, rng: Random, candidates: int) -> Killer:
    """A search that trains, some candidates for longer than others."""
    return Killer(folder, _by_rungs(folder, rng, candidates), folder / "studies" / "rungs", rng)


def _by_rungs(folder: Path, rng: Random, candidates: int) -> tuple[str, ...]:
    prepare(folder)
    text = RECIPE.format(trials=candidates, workers=WORKERS, sampler="evolution")
    text = text.replace("epochs = 2", "epochs = 4")
    (folder / "studies" / "rungs.toml").write_text(text)
    words = ("search", "--study", "rungs", "--rungs", "1,2", "--device", "cpu")
    return (*words, "--confirm", rng.choice("01"))


def scored_by_loaded_workers(folder: Path, rng: Random, candidates: int) -> Killer:
    """The same with workers as they are: many are killed while they load."""
    killer = scored_by_lines(folder, rng, candidates)
    killer.before = None
    return killer


def scored_in_a_database(folder: Path, rng: Random, candidates: int) -> Killer:
    """The same in a database, with workers that were started by hand, and a server that falls."""
    from tests.soak.remote import RemoteKiller  # which needs the driver

    words = _by_lines(folder, rng, candidates)
    return RemoteKiller(folder, words, folder / "studies" / "lines", rng)


def trained_in_a_database(folder: Path, rng: Random, candidates: int) -> Killer:
    """Both at once."""
    from tests.soak.remote import RemoteKiller

    words = _by_rungs(folder, rng, candidates)
    return RemoteKiller(folder, words, folder / "studies" / "rungs", rng)


Kind = Callable[[Path, Random, int], Killer]
FORKED: tuple[Kind, ...] = (scored_by_lines, trained_by_rungs)
if find_binaries() and find_spec("psycopg"):
    FORKED = (*FORKED, scored_in_a_database)
KINDS = (*FORKED, scored_by_loaded_workers)
if scored_in_a_database in KINDS:
    KINDS = (*KINDS, trained_in_a_database)


def disturbed(
    kind: Kind,
    rng: Random,
    folder: Path,
    candidates: int,
    seconds: float = _A_ROUND,
    times: float = inf,
) -> Killer:
    """Disturb one search for a time, or so many times, and see what became of it.

    Raises:
        BrokenError: something that was claimed does not hold.
    """
    with closing(kind(folder, rng, candidates)) as killer:
        killer.run(seconds, times)
        if found := broken(killer, candidates):
            raise BrokenError("\n".join(found))
    killer.happened["trial"] += len(killer.finished)
    return killer


def minutes() -> float:
    """``MINUTES``, or half an hour."""
    return float(environ.get("MINUTES", "30"))


def main(minutes: float, seed: str) -> int:
    """How many of the studies broke a claim; their folders are kept."""
    print(f"\nkills: {minutes:g} minutes, SOAK_SEED={seed}", flush=True)
    until, number, failed = time.monotonic() + 60 * minutes, 0, 0
    happened: Counter[str] = Counter()
    while time.monotonic() < until:
        folder = Path(tempfile.mkdtemp(prefix="kills-")).resolve()
        rng = Random(f"{seed}:{number}")
        seconds = min(_A_ROUND, until - time.monotonic())
        try:
            kind = KINDS[number % len(KINDS)]
            killer = disturbed(kind, rng, folder, rng.randint(6, 30), seconds)
        except BrokenError as error:
            failed += 1
            print(f"kills: study {number} ({folder}): {error}", flush=True)
        else:
            happened += killer.happened
            print(f"kills: study {number}: {_in_words(killer.happened)}", flush=True)
            shutil.rmtree(folder)
        number += 1
    print(f"kills: {number} studies, {failed} broke a claim\n{_table(happened)}", flush=True)
    return failed


def _in_words(happened: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(happened.items()))


def _table(happened: Counter[str]) -> str:
    return "\n".join(f"{count:7,}  {name}" for name, count in sorted(happened.items()))


if __name__ == "__main__":
    given = sys.argv[1:]
    seed = given[1] if given[1:] else fresh_seed()
    sys.exit(bool(main(float(given[0]) if given else minutes(), seed)))
