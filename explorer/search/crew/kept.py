"""Rehearsals that were made before, in the user's cache folder.

Not in the study: what was measured is a fact of this machine, true for every study that trains the
same nets in the same way, and wrong for a study that goes on elsewhere. It may be deleted.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from explorer.search.crew.crews import Crew, Rehearsal

_FORMAT = 1


def read(facts: Mapping[str, object]) -> Rehearsal | None:
    """The rehearsal that was made under these facts; None without one, or with a damaged one."""
    with suppress(OSError, RuntimeError, ValueError, KeyError, TypeError):
        values = json.loads(_file(facts).read_text("utf-8"))
        rates = {Crew(int(w), int(t)): float(rate) for w, t, rate in values["rates"]}
        if (values["format"], values["facts"]) == (_FORMAT, facts) and Crew(1) in rates:
            return Rehearsal(rates, int(values["peak"]), int(values["most"]))
    return None


def write(facts: Mapping[str, object], found: Rehearsal) -> None:
    """Keep a rehearsal, if that can be done; without, it is made again."""
    rates = [[*crew, round(rate, 2)] for crew, rate in found.rates.items()]
    values = {"format": _FORMAT, "facts": facts, "rates": rates}
    values |= {"peak": found.peak, "most": found.most}
    with suppress(OSError, RuntimeError):
        file = _file(facts)
        file.parent.mkdir(parents=True, exist_ok=True)
        unfinished = file.with_suffix(f".{os.getpid()}")
        unfinished.write_text(json.dumps(values, indent=1) + "\n", "utf-8")
        unfinished.replace(file)


def _file(facts: Mapping[str, object]) -> Path:
    """One for each set of facts.

    Raises:
        RuntimeError: nobody knows where the user's home is.
    """
    name = hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:16]
    given = Path(os.environ.get("XDG_CACHE_HOME", ""))
    cache = given if given.is_absolute() else Path.home() / ".cache"
    return cache / "explorer" / "crews" / f"{name}.json"
