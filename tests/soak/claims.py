"""What holds of a study that was run to its end, whatever was killed on the way."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from optuna.trial import FrozenTrial, TrialState

from explorer.score import Scorer, training_seed
from explorer.search import Study
from explorer.search.checkpoints import CHECKPOINTS, needed
from explorer.search.records import StudyRecord, Trial
from explorer.search.storage.journal import JOURNAL, JournalStore, mend
from explorer.search.storage.journal import WORKERS as LOCKS
from explorer.search.trials.confirm import due_again
from explorer.search.trials.orphans import DIED
from explorer.search.trials.plans import CHOSEN_TWICE
from explorer.search.trials.rungs import REPEATED, next_job
from explorer.search.trials.stored import is_described
from tests.soak.killer import WORKERS, Killer
from tests.soak.processes import processes

_FILES = {JOURNAL, "journal.lock", "proposal.lock", "owner.lock", "workers.log"}
_FOLDERS = {LOCKS, CHECKPOINTS}
_GONE_WITHIN = 15.0  # seconds
_ENDED = ("COMPLETE", "FAIL")

Line = Mapping[str, Any]


def broken(killer: Killer, candidates: int) -> list[str]:
    """The claims that do not hold, in words."""
    study = killer.load()
    found = [
        *_processes(killer.folder),
        *_trials(study, candidates, killer),
        *_deaths(study, killer),
    ]
    found += [*_files(study, killer.folder), *_logs(killer)]
    if not study.settings.score:
        return [*found, *_trained(study)]
    return [*found, *_lines(study.record(), lines(killer.folder), killer)]


def _processes(folder: Path) -> Iterator[str]:
    deadline = time.monotonic() + _GONE_WITHIN
    while processes(folder) and time.monotonic() < deadline:
        time.sleep(0.1)
    if processes(folder):
        yield f"still alive: {processes(folder)}"


def _trials(study: Study, candidates: int, killer: Killer) -> Iterator[str]:
    """Every candidate once, none of them half-way, and nobody who should go on."""
    record = study.record()
    stored, unused = _used(study.inner.get_trials())
    ladder = study.settings.protocol.ladder
    numbers = [trial.number for trial in stored]
    if numbers != [trial.number for trial in record.trials]:
        yield f"numbers are {numbers}"
    if sorted([*numbers, *unused]) != list(range(len(numbers) + len(unused))):
        yield f"numbers are {numbers}, and {unused} that nobody used"
    if unused and not killer.happened["server restarted"]:
        yield f"numbers that nobody used: {unused}"
    if open_ := [(t.number, t.state.name) for t in stored if t.state.name not in _ENDED]:
        yield f"not ended: {open_}"
    if {trial.candidate for trial in record.trials} != set(range(candidates)):
        yield f"candidates are {sorted({trial.candidate for trial in record.trials})}"
    tasks = [(t.candidate, t.rung, t.seed) for t in record.trials if t.reason != CHOSEN_TWICE]
    if twice := _twice(tasks):
        yield f"candidates that were taken to a rung with a seed twice: {twice}"
    # A trial may have ended three workers before one of them had noted what it tries.
    prints = {(t.candidate, t.fingerprint) for t in record.trials if t.fingerprint}
    if twice := _twice(print_ for _, print_ in prints):
        yield f"nets that were tried twice: {twice}"
    if twice := _twice(candidate for candidate, _ in prints):
        yield f"candidates of several nets: {twice}"
    if (job := next_job(ladder, record.trials, candidates)) is not None:
        yield f"left undone: {job}"
    if jobs := due_again(record.trials, ladder.top, study.effort["confirm"]):
        yield f"nets of the front that were not scored again: {jobs}"
    if record.reference is None:
        yield "the defaults have no score"
    for trial, kept in zip(record.trials, stored, strict=True):
        if trial.is_complete:
            if trial.cost.macs <= 0 or kept.values != [trial.accuracy, trial.cost.macs]:
                yield f"trial {trial.number}: {kept.values}, and {trial}"
            is_repeated = trial.candidate in REPEATED and trial.rung == ladder.top
            is_repeated &= not trial.seed
            if len(trial.repeats) != is_repeated:
                yield f"trial {trial.number}: second seeds {trial.repeats}"


def _used(stored: Sequence[FrozenTrial]) -> tuple[list[FrozenTrial], list[int]]:
    """The trials of a study, and numbers that were drawn when the server fell, and are free."""
    used = [t for t in stored if t.state is not TrialState.WAITING or is_described(t)]
    return used, [trial.number for trial in stored if trial not in used]


def _deaths(study: Study, killer: Killer) -> Iterator[str]:
    """What failed has ended three workers."""
    failed = [trial for trial in study.record().trials if trial.state == "failed"]
    killer.happened["trial failed"] += len(failed)
    reasons = {DIED, CHOSEN_TWICE} if killer.happened["server restarted"] else {DIED}
    if others := [trial for trial in failed if trial.reason not in reasons]:
        yield f"failed for another reason: {others}"
    failed = [trial for trial in failed if trial.reason == DIED]
    ended = len(killer.ended) + killer.cut_off.total() + _unseen(killer)
    if 3 * len(failed) > ended:
        yield f"{len(failed)} trials failed, but {ended} workers were ended"


def _unseen(killer: Killer) -> int:
    """How many workers may have been told to leave by a search that gave up."""
    return WORKERS * killer.happened["gave up"]


def _files(study: Study, folder: Path) -> Iterator[str]:
    """No file that nobody needs, and a journal without a torn line."""
    is_here = isinstance(study.store, JournalStore)
    names = {path.name for path in study.folder.iterdir()}
    if strange := names - (_FILES | _FOLDERS if is_here else {"workers.log", CHECKPOINTS}):
        yield f"files in the study: {strange}"
    if is_here:
        yield from _journal(study)
    kept = {path.name for path in (study.folder / CHECKPOINTS).glob("*")}
    keys = needed(study.record().trials, study.settings.protocol.ladder.top)
    if more := kept - {f"{key}.pt" for key in keys}:
        yield f"checkpoints that nobody needs: {more}"
    if parts := list(folder.rglob("*.part")):
        yield f"half-written files: {parts}"
    if not (folder / "reports" / study.name / "index.html").is_file():
        yield "no report"


def _journal(study: Study) -> Iterator[str]:
    mend(study.folder)  # as the next command does: nobody may have written since the last was torn
    journal = (study.folder / JOURNAL).read_bytes()
    if not journal.endswith(b"\n"):
        yield "the journal ends within a line"
    for number, line in enumerate(journal.splitlines(), 1):
        try:
            json.loads(line)
        except ValueError:
            yield f"line {number} of the journal: {line!r}"
    if left := list((study.folder / LOCKS).iterdir()):
        yield f"workers that are gone: {left}"


def _logs(killer: Killer) -> Iterator[str]:
    for log in (*killer.folder.glob("command*.log"), killer.study / "workers.log"):
        if "Traceback" in (text := log.read_text(errors="replace")):
            yield f"{log}: {text[text.index('Traceback') :][:3000]}"


# ---- a score of the user's own: each writes a line before it returns


def lines(folder: Path) -> list[Line]:
    """What was scored; a line that its writer did not end was never returned."""
    found = []
    for text in (folder / "scored.txt").read_text().splitlines():
        if text.startswith("{") and text.endswith("}"):
            found.append(json.loads(text))
    return found


def _lines(record: StudyRecord, scored: list[Line], killer: Killer) -> Iterator[str]:
    """Every result in the study is somebody's, and only who was ended has lost one."""
    by_value = {line["value"]: line for line in scored}
    known = list(_known(record))
    for net, seed, value in known:
        line = by_value.get(value)
        if line is None or (line["net"], line["seed"]) != (net, seed):
            yield f"{net} has the score {value} with the seed {seed}, and the line {line}"
    values = {value for _, _, value in known}
    if len(values) != len(known):
        yield f"results that are in the study twice: {_twice(value for _, _, value in known)}"
    losers = set()
    for worker in {line["worker"] for line in scored}:
        pid = int(worker.rpartition("-")[2])
        own = [line for line in scored if line["worker"] == worker]
        lost = [line for line in own if line["value"] not in values]
        nets, times = {line["net"] for line in lost}, killer.cut_off[pid]
        is_last = times > 0 or own[len(own) - len(lost) :] == lost
        if not is_last or len(nets) > times + 1:
            yield f"worker {worker} has lost {lost} of {own}"
        if len(nets) > times:
            losers.add(pid)
    if len(others := losers - killer.ended) > _unseen(killer):
        yield f"workers {others} have lost a net, and nobody ended them"
    killer.happened["line"] += len(scored)
    killer.happened["line of a net scored again"] += len(scored) - len(known)


def _known(record: StudyRecord) -> Iterator[tuple[str, int, float]]:
    """Nets, seeds and scores that are in a study."""
    seed = record.settings.seed
    scored: dict[str, float] = {}
    for trial in record.trials:
        if trial.is_complete:
            if not trial.seed:
                scored[trial.fingerprint] = trial.first
            own = training_seed(seed, trial.fingerprint, trial.seed)
            yield trial.fingerprint, own, trial.first
            for number, again in enumerate(trial.repeats, 1):
                yield trial.fingerprint, training_seed(seed, trial.fingerprint, number), again
    defaults = default_net(record)
    if record.reference is not None and scored.get(defaults) != record.reference.accuracy:
        yield defaults, training_seed(seed, defaults), record.reference.accuracy


def default_net(record: StudyRecord) -> str:
    from explorer.graph import fingerprint
    from explorer.space import bind

    return fingerprint(bind(record.settings.text.space()).graph)


# ---- trained by us: a score is the same, whatever happened on the way


def _trained(study: Study) -> Iterator[str]:
    settings, ladder = study.settings, study.settings.protocol.ladder
    data = str(study.folder.parent.parent / settings.protocol.data)  # as seen from anywhere
    scorer = Scorer(settings.text, replace(settings.protocol, data=data, rungs=()))
    whole = {}
    for trial in study.record().trials:
        if trial.is_complete:
            net = trial.fingerprint, trial.seed
            if net not in whole:
                whole[net] = _curve(scorer, trial, training_seed(settings.seed, *net))
            if trial.curve != whole[net][: ladder.epochs[trial.rung]]:
                yield f"{trial}: alone it has {whole[net]}"


def _curve(scorer: Scorer, trial: Trial, seed: int) -> tuple[float, ...]:
    curve: list[float] = []
    scorer.score(trial.assignment, seed, lambda _, score: curve.append(score))
    return tuple(curve)


def _twice(values: Any) -> list[Any]:
    return [value for value, count in Counter(values).items() if count > 1]
