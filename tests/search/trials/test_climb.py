"""Candidates wait at rungs, go on from checkpoints, and end as if they had not waited."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from explorer.budget import Budget
from explorer.score import Protocol, Recipe, Run, Scorer, training_seed
from explorer.search import Orders, Settings, create_study, load_study
from explorer.search.checkpoints import CHECKPOINTS, place, sweep
from explorer.search.records import StudyRecord
from explorer.search.trials.rungs import REPEATED
from explorer.search.workers.worker import Worker
from explorer.space.library import find_text

STUDY = Path("studies/climb")
RECIPE = Recipe(epochs=4, batch=8, rate=0.05)
PROTOCOL = Protocol("tiny.npz", 12, recipe=RECIPE, rungs=(1, 2), promote=Fraction(1, 2))


def begin(protocol: Protocol = PROTOCOL, sampler: str = "random") -> Settings:
    text = find_text("tiny.space").alone()
    data = protocol.open_data().fingerprint
    settings = Settings(text, Budget({"macs": 10**6}), protocol, data, sampler, 3)
    create_study(STUDY, settings, "")
    return settings


def run(trials: int) -> StudyRecord:
    worker = Worker.open(Orders(STUDY, trials=trials, device="cpu"))
    with worker.study.queue.at_work(worker.orders.name):
        worker.run()
    return load_study(STUDY).record()


def test_a_share_goes_on_and_ends_as_if_it_had_not_waited(folder: Path) -> None:
    settings = begin()
    record = run(8)
    assert all(trial.is_complete for trial in record.trials)
    assert record.candidates == 8 == len(record.complete)
    waited = [trial for trial in record.trials if trial.candidate not in REPEATED]
    assert [sum(t.rung == rung for t in waited) for rung in range(3)] == [6, 3, 1]
    straight = [trial for trial in record.trials if trial.candidate in REPEATED]
    assert [(trial.rung, len(trial.repeats)) for trial in straight] == [(2, 1), (2, 1)]
    for trial in record.trials:
        assert len(trial.curve) == (1, 2, 4)[trial.rung]
        assert trial.free and trial.proxy_macs
    scorer = Scorer(settings.text, replace(PROTOCOL, rungs=()))
    for trial in record.complete:
        if trial.rung == 2:
            seed = training_seed(3, trial.fingerprint)
            assert scorer.score(trial.assignment, seed)[0].accuracy == trial.accuracy
    first = {t.candidate: t for t in record.trials if t.rung == 0}
    for trial in record.trials:
        if trial.rung and trial.candidate in first:
            assert trial.assignment == first[trial.candidate].assignment
            assert trial.curve[0] == first[trial.candidate].curve[0]
            assert trial.free == first[trial.candidate].free
    waiting = [t for t in record.complete if t.rung < 2]
    kept = sorted(path.stem for path in (STUDY / "checkpoints").iterdir())
    assert kept == sorted(trial.fingerprint.partition(":")[2] for trial in waiting)


def test_more_candidates_take_more_of_the_first_further(folder: Path) -> None:
    begin()
    before, after = run(4), run(9)
    assert before.trials == after.trials[: len(before.trials)]
    assert after.candidates == 9
    assert sum(trial.rung > 0 for trial in after.trials) > sum(t.rung > 0 for t in before.trials)


@pytest.mark.parametrize("sampler", ["evolution", "known_cost"])
def test_samplers_learn_from_every_rung(folder: Path, sampler: str) -> None:
    begin(sampler=sampler)
    record = run(14)
    assert record.candidates == 14 == len(record.complete)
    assert len({trial.fingerprint for trial in record.complete}) == 14


def test_a_lost_checkpoint_costs_time_and_changes_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin()
    whole = run(8)
    monkeypatch.setattr("explorer.search.workers.judge.checkpoint.save", lambda path, state: None)
    (STUDY / "journal.log").unlink()
    begin()
    again = run(8)
    assert [(t.assignment, t.rung, t.accuracy) for t in whole.trials] == [
        (t.assignment, t.rung, t.accuracy) for t in again.trials
    ]


def test_a_training_that_is_interrupted_goes_on_from_its_last_epoch(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(replace(PROTOCOL, rungs=()))
    begun = Worker.open(Orders(STUDY, trials=1, device="cpu"))

    class Leave(BaseException):
        pass

    def note(name: str, value: object, told: list[object] = []) -> None:  # noqa: B006 - its memory
        if name == "curve":
            told.append(value)
        if len(told) == 3:
            raise Leave

    before = begun._note

    def interrupted(trial: object, values: Mapping[str, object]) -> None:
        before(trial, values)  # type: ignore[arg-type]
        for name, value in values.items():
            note(name, value)

    monkeypatch.setattr(begun, "_note", interrupted)
    with pytest.raises(Leave), begun.study.queue.at_work(begun.orders.name):
        begun.next_trial()
    epochs: list[int] = []
    monkeypatch.setattr(Run, "_epoch", _counted(epochs))
    record = run(1)
    assert len(epochs) == 2  # of four: two were kept, the third was not yet
    assert [len(trial.curve) for trial in record.trials] == [4]


def test_a_checkpoint_that_cannot_be_removed_is_told_and_ends_no_worker(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    straight = replace(PROTOCOL, rungs=())
    begin(straight)
    net = run(1).trials[0].fingerprint
    (STUDY / "journal.log").unlink()
    begin(straight)
    place(STUDY, net).mkdir(parents=True)  # which no file replaces, and nobody removes as one
    assert [trial.is_complete for trial in run(2).trials] == [True, True]
    assert capsys.readouterr().err == f"{place(STUDY, net)}: cannot be removed (Is a directory)\n"


def test_checkpoints_that_nobody_goes_on_from_are_swept_away(folder: Path) -> None:
    begin()
    record = run(6)
    kept = {path.name for path in (STUDY / CHECKPOINTS).iterdir()}
    (at_top, *_) = (trial for trial in record.complete if trial.rung == 2)
    for name in (place(STUDY, at_top.fingerprint).name, f"{min(kept)}.77.part"):
        (STUDY / CHECKPOINTS / name).touch()
    sweep(load_study(STUDY))
    assert {path.name for path in (STUDY / CHECKPOINTS).iterdir()} == kept


def _counted(epochs: list[int]) -> Callable[[Run], None]:
    original = Run._epoch

    def count(self: Run) -> None:
        epochs.append(self.epochs)
        original(self)

    return count
