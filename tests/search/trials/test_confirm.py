"""The front is scored again, until all on it were: whatever is killed, and in any order."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.budget import Budget
from explorer.cli.export import find_trial
from explorer.errors import ExplorerError
from explorer.ops import Cost
from explorer.score import Protocol, Recipe, Scorer, training_seed
from explorer.search import (
    Effort,
    Orders,
    Settings,
    Supervisor,
    create_study,
    extend_study,
    load_study,
    read_recipe,
)
from explorer.search.checkpoints import CHECKPOINTS
from explorer.search.records import StudyRecord, Trial, front, standing
from explorer.search.samplers.known_cost import _finished
from explorer.search.samplers.named import SAMPLERS
from explorer.search.storage.journal import JOURNAL
from explorer.search.trials.confirm import FIRST, count_missing, due_again
from explorer.search.trials.queue import UnsettledError
from explorer.search.trials.rungs import REPEATED, Job
from explorer.search.trials.stored import FINGERPRINT, is_again
from explorer.search.workers.worker import Stopped, Worker
from explorer.space.library import Text, find_text
from tests.search.crew import Crew, wait_for
from tests.search.crew import settings as crew_settings
from tests.search.tiny import TINY

STUDY = Path("studies/again")
SMALL = """\
space small
input 3x12x12  classes 4
knob n1 = 8 in 8..16 step 8
knob n3 = 8 in 8..16 step 8
a: conv 3x3 n1 > conv 3x3 n3
head: avgpool global > linear classes
"""
MODULE = '''
import random

def score(candidate, seed):
    """Wide is good, and luck as well."""
    return candidate.assignment["n1"] / 8 + random.Random(seed).gauss(0, 1)

def fails_again(candidate, seed):
    """Only the seed of the search is any good."""
    from explorer.graph import fingerprint
    from explorer.score import training_seed
    if seed != training_seed(3, fingerprint(candidate.graph)):
        raise ValueError("not again")
    return candidate.assignment["n1"]
'''


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    """A worker that is stopped lets itself be told no more, and here that is this process."""
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


def trial(number: int, score: float, macs: int, of: int | None = None, seed: int = 0) -> Trial:
    cost = Cost(**{**dict.fromkeys(Cost._fields, 0), "macs": macs})
    candidate = number if of is None else of
    return Trial(
        number, "complete", {}, f"g1:{candidate}", cost, 0, (score,), candidate=candidate, seed=seed
    )


# ---- what is due


def test_the_front_is_due_those_with_the_fewest_scores_first() -> None:
    trials = [trial(0, 0.5, 100), trial(1, 0.7, 200), trial(2, 0.6, 300), trial(3, 0.8, 400)]
    assert due_again(trials, 0, 0) == []
    jobs = [Job(number, 0, number, FIRST) for number in (0, 1, 3)]
    assert due_again(trials, 0, 1) == due_again(trials, 0, 2) == jobs
    trials.append(trial(4, 0.4, 100, of=0, seed=FIRST))
    assert due_again(trials, 0, 1) == jobs[1:]
    assert due_again(trials, 0, 2) == [*jobs[1:], Job(0, 0, 0, FIRST + 1)]
    running = replace(trial(5, 0.0, 200, of=1, seed=FIRST), state="running", curve=())
    assert due_again([*trials, running], 0, 1) == jobs[2:]
    assert due_again([*trials, replace(running, state="failed")], 0, 1) == jobs[2:]


def test_who_was_behind_comes_to_the_front_and_is_due() -> None:
    trials = [trial(0, 0.7, 200), trial(1, 0.6, 300), trial(2, 0.3, 200, of=0, seed=FIRST)]
    first, second = standing(trials)
    assert first.scores == (0.7, 0.3) and first.accuracy == 0.5 and first.first == 0.7
    assert front([first, second]) == (first, second)
    assert due_again(trials, 0, 1) == [Job(1, 0, 1, FIRST)]


def test_a_second_seed_counts_once_a_net_is_scored_again() -> None:
    own = replace(trial(2, 0.9, 100), repeats=(0.6,))
    assert own.accuracy == 0.9  # a study in which nothing is confirmed stays as it is
    (found,) = standing([own, trial(3, 0.3, 100, of=2, seed=FIRST)])
    assert found.scores == (0.9, 0.6, 0.3) and found.accuracy == pytest.approx(0.6)


def test_any_number_of_times_may_be_asked_for() -> None:
    trials = [trial(0, 0.5, 100), trial(1, 0.7, 200), trial(2, 0.4, 100, of=0, seed=FIRST)]
    assert due_again(trials, 0, 10**18) == [Job(1, 0, 1, FIRST), Job(0, 0, 0, FIRST + 1)]
    assert count_missing(trials, 0, 10**18) == 2 * 10**18 - 1
    assert (count_missing(trials, 0, 1), count_missing(trials, 0, 0)) == (1, 0)


def test_what_waits_at_a_rung_is_not_due() -> None:
    low = trial(0, 0.9, 50)
    assert due_again([low, replace(trial(1, 0.5, 100), rung=1)], 1, 1) == [Job(1, 1, 1, FIRST)]


@given(st.integers(0, 2**32 - 1), st.integers(1, 12), st.integers(1, 3))
def test_it_ends_with_a_front_of_nets_that_were_scored_so_often(
    seed: int, number: int, times: int
) -> None:
    rng = np.random.default_rng(seed)
    trials = [trial(n, rng.normal(), int(rng.integers(1, 9))) for n in range(number)]
    while jobs := due_again(trials, 0, times):
        job = jobs[int(rng.integers(len(jobs)))]  # workers finish in any order
        cost = trials[job.candidate].cost.macs
        trials.append(trial(len(trials), rng.normal(), cost, job.candidate, job.seed))
        assert len(trials) <= number * (1 + times)
    ends = front(standing(trials))
    assert {len(each.again) for each in ends} == {times}
    assert len({(each.candidate, each.seed) for each in trials}) == len(trials)


# ---- through the worker


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "lucky.py").write_text(MODULE)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def begin(
    score: str = "lucky:score", sampler: str = "random", text: str = TINY, folder: Path = STUDY
) -> None:
    asked, budget = Text("tiny.space", text), Budget({"macs": 10**6})
    settings = Settings(asked, budget, Protocol(), "", sampler, 3, score=score)
    create_study(folder, settings, "")


def run(trials: int, confirm: int, folder: Path = STUDY, **times: float) -> StudyRecord:
    worker = Worker.open(Orders(folder, trials=trials, device="cpu", confirm=confirm, **times))
    with worker.study.queue.at_work(worker.orders.name):
        worker.run()
    return load_study(folder).record()


def test_every_net_of_the_front_was_scored_again_by_seeds_of_its_own(place: Path) -> None:
    begin()
    before = run(12, 0)
    after = run(12, 2)
    assert after.trials[:12] == before.trials and after.candidates == 12
    assert all(len(each.again) == 2 for each in after.front)
    more = after.trials[12:]
    assert {each.seed for each in more} == {FIRST, FIRST + 1}
    scored = {each.number: each for each in before.trials}
    import lucky  # type: ignore[import-not-found]

    for each in more:
        first = scored[each.candidate]
        same = (first.fingerprint, first.assignment, first.cost, first.rung)
        assert (each.fingerprint, each.assignment, each.cost, each.rung) == same
        seed = training_seed(3, each.fingerprint, each.seed)
        assert each.curve == (lucky.score(each, seed),) and each.repeats == ()
    assert after.best == max(after.complete, key=lambda each: each.accuracy)
    table = after.frame()
    assert list(table["seed"]) == [each.seed for each in after.trials]
    assert set(table["trial"][table["on_front"]]) == {each.number for each in after.front}
    assert run(12, 2).trials == after.trials  # there is nothing left to do


@pytest.mark.parametrize(
    "sampler", [name for name in SAMPLERS if not SAMPLERS[name].needs_features]
)
def test_a_search_goes_on_behind_and_confirms_what_came_to_the_front(
    place: Path, sampler: str
) -> None:
    begin(sampler=sampler)
    before, after = run(10, 1), run(16, 1)
    assert after.trials[: len(before.trials)] == before.trials
    assert after.candidates == 16 == len({each.fingerprint for each in after.trials})
    assert all(len(each.again) == 1 for each in after.front)
    seconds = [each for each in after.trials if each.candidate in REPEATED and not each.seed]
    assert [len(each.repeats) for each in seconds] == [1] * 4


def test_no_candidate_begins_when_the_time_is_over_but_the_front_is_confirmed(place: Path) -> None:
    begin()
    run(6, 0)
    after = run(100, 1, until=time.time() - 1)
    assert after.candidates == 6
    assert all(len(each.again) == 1 for each in after.front)
    assert run(100, 2, leave=time.time() - 1).trials == after.trials


def test_what_others_begin_when_the_time_is_over_is_not_waited_for(place: Path) -> None:
    begin()
    run(4, 0)
    study = Worker.open(Orders(STUDY, trials=9)).study
    with study.queue.at_work("other"):
        assert study.queue.take("other", 9) is not None
        assert study.queue.is_unsettled(9, time.time())
        with pytest.raises(UnsettledError):
            study.queue.take_again("mine", 1, 9)
        early = time.time() - 60
        assert not study.queue.is_unsettled(9, early)
        assert not study.queue.is_unsettled(4, time.time())
        after = run(9, 1, until=early)
    assert after.trials[4].state == "running" and after.candidates == 5
    assert all(len(each.again) == 1 for each in after.front)


def test_who_is_stopped_goes_on_with_the_same_seed(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin()
    run(6, 0)
    begun = Worker._judged
    calls = []

    def judged(self: Worker, *arguments: object) -> object:
        calls.append(arguments)
        if len(calls) == 2:
            raise Stopped
        return begun(self, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(Worker, "_judged", judged)
    with pytest.raises(Stopped):
        run(6, 1)
    left = load_study(STUDY).record().trials[-1]
    assert (left.state, left.seed) == ("waiting", FIRST)
    after = run(6, 0)  # what was begun is finished, also by who wants nothing confirmed
    assert after.trials[left.number].is_complete and len(after.trials) == left.number + 1
    assert all(each.again for each in run(6, 1).front)


def test_a_net_that_fails_again_keeps_what_it_had(place: Path) -> None:
    begin("lucky:fails_again")
    after = run(6, 2)
    failed = [each for each in after.trials if each.state == "failed"]
    assert {each.seed for each in failed} == {FIRST, FIRST + 1}
    assert {each.reason for each in failed} == {"ValueError: not again"}
    assert len(failed) == 2 * len(after.front)
    assert len(after.complete) == 6 and not any(each.again for each in after.complete)


def test_scores_of_the_front_survive_a_wider_space(place: Path) -> None:
    begin()
    before = run(8, 1)
    wider = Text("tiny.space", TINY.replace("16 in 4..32 step 4", "16 in 4..80 step 4"))
    extended, _ = extend_study(load_study(STUDY), wider)
    after = extended.record()
    assert [each.scores for each in after.front] == [each.scores for each in before.front]
    assert all(each.again for each in run(10, 1).front)


def test_where_nothing_new_is_left_the_front_is_confirmed_all_the_same(place: Path) -> None:
    begin(text=SMALL)
    after = run(20, 1)
    done = [each for each in after.trials if not each.seed]
    assert len(done) == 4 and {each.state for each in after.trials} == {"complete"}
    assert all(len(each.again) == 1 for each in after.front)
    more = run(20, 2)
    assert more.trials[: len(after.trials)] == after.trials
    assert all(len(each.again) == 2 for each in more.front)


def test_the_front_of_an_older_study_is_confirmed(place: Path) -> None:
    begin()
    run(6, 0)
    journal = STUDY / JOURNAL
    lines = journal.read_text().splitlines()
    older = [text for text in lines if FINGERPRINT not in text and '"job"' not in text]
    assert len(lines) == len(older) + 12
    journal.write_text("\n".join(older) + "\n")
    after = run(6, 1)
    assert after.candidates == 6 and all(len(each.again) == 1 for each in after.front)
    assert run(8, 1).candidates == 8


def test_candidates_beyond_those_that_are_wanted_are_not_waited_for(place: Path) -> None:
    begin()
    run(4, 0)
    other = Worker.open(Orders(STUDY, trials=9)).study.queue
    with other.at_work("other"):
        assert other.take("other", 9) is not None
        after = run(4, 1)
    assert [each.state for each in after.trials[:5]] == [*["complete"] * 4, "running"]
    assert all(len(each.again) == 1 for each in after.front)


def test_samplers_begin_to_learn_after_as_many_candidates(place: Path) -> None:
    for sampler in "known_cost", "nsga2":
        begin(sampler=sampler, folder=Path("studies", sampler))
        run(3, 3, folder=Path("studies", sampler))
        study = load_study(Path("studies", sampler))
        stored = study.inner.get_trials()
        assert _finished(stored) == 3 < len(stored)
        again = [trial for trial in stored if is_again(trial)]
        assert again and not any("generation" in key for t in again for key in t.system_attrs)


def test_a_trial_that_scored_again_is_known_by_its_number(place: Path) -> None:
    begin()
    record = run(6, 1)
    last = record.trials[-1]
    assert last.seed and find_trial(record, str(last.number)).number == last.candidate
    with pytest.raises(ExplorerError, match="no finished trial '99'"):
        find_trial(record, "99")
    table = record.frame()
    means = dict(zip(table["trial"], table["mean_score"], strict=True))
    assert means[last.candidate] == record.complete[last.candidate].accuracy
    assert np.isnan(means[last.number])


# ---- the search that supervises


def test_a_search_starts_workers_for_what_is_not_confirmed(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin()
    run(5, 0)
    monkeypatch.setattr(
        "explorer.search.workers.supervisor.missing", lambda *_: 0
    )  # what it sees when it begins
    for seconds, times in (None, 1), (0.01, 2):
        effort = Effort(5, workers=1, seconds=seconds, confirm=times, device="cpu")
        *_, record = Supervisor(load_study(STUDY), effort).run()
        assert all(len(each.again) == times for each in record.front)
    assert record.candidates == 5


def test_a_search_without_workers_waits_for_those_that_confirm(place: Path) -> None:
    begin()
    run(5, 0)
    study = load_study(STUDY)
    effort = Effort(5, workers=0, seconds=0.01, confirm=1)
    states = Supervisor(study, effort).run()
    other = Worker.open(Orders(STUDY, trials=5, confirm=1))
    with other.study.queue.at_work(other.orders.name):
        trial = other.study.queue.take_again(other.orders.name, 1, 5)
        time.sleep(0.1)
        assert trial is not None and next(states).trials[-1].state == "running"
        assert next(states).trials[-1].state == "running"
        other._take(trial)
        other.run()
    *_, record = states
    assert all(len(each.again) == 1 for each in record.front)


def test_a_worker_that_was_killed_is_followed_by_another(crew: Crew) -> None:
    create_study(Path("studies/near"), crew_settings(), "").set_effort(8, None, confirm=1)
    worker = ("worker", "--study", "near")
    assert crew.start(*worker, "--confirm", "0").end() == 0
    scored = len(crew.lines("end"))
    victim = crew.start(*worker)
    held = crew.hold(victim)
    victim.signal(signal.SIGKILL)
    assert victim.end() == -9
    crew.let_go()
    both = [crew.start(*worker) for _ in range(2)]
    assert [each.end() for each in both] == [0, 0], [each.said for each in both]
    after = load_study(Path("studies/near")).record()
    assert all(len(each.again) == 1 for each in after.front)
    ended = crew.lines("end")
    assert held in ended and len(ended) == len(set(ended))
    assert len(ended) == scored + sum(bool(each.seed) for each in after.trials)


@pytest.mark.slow
def test_a_search_confirms_by_its_workers(crew: Crew) -> None:
    words = ("search", "tiny.space", "--budget", "1e6", "--score", "mine:score", "--study", "near")
    words += ("--sampler", "random", "--trials", "8", "--workers", "2", "--confirm")
    search = crew.start(*words, "2")
    assert search.end() == 0, search.said
    record = load_study(Path("studies/near")).record()
    assert all(len(each.again) == 2 for each in record.front) and record.candidates == 8
    again = [each for each in record.trials if each.seed]
    for each in again:
        assert f"(trial {each.candidate} again)" in search.said
    page = (crew.folder / "reports" / "near" / "index.html").read_text()
    assert "For being on the front" in page
    more = crew.start(*words, "3")
    wait_for(lambda: not more.process.is_alive())
    assert all(len(each.again) == 3 for each in load_study(Path("studies/near")).record().front)
    refused = crew.start(*words, "-1")
    assert refused.end() == 1 and "must be at least 0, got -1" in refused.said


# ---- trained


PROTOCOL = Protocol("tiny.npz", 12, recipe=Recipe(epochs=3, batch=8, rate=0.05))


def begin_trained(protocol: Protocol = PROTOCOL) -> Settings:
    text = find_text("tiny.space").alone()
    data = protocol.open_data().fingerprint
    settings = Settings(text, Budget({"macs": 10**6}), protocol, data, "random", 3)
    create_study(STUDY, settings, "")
    return settings


def test_a_training_with_another_seed_goes_on_from_its_own_checkpoint(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = begin_trained()
    run(4, 0)
    noted = Worker._note

    def stops(self: Worker, own: object, values: dict[str, object]) -> None:
        noted(self, own, values)  # type: ignore[arg-type]
        if len(values.get("curve", ())) == 2:  # type: ignore[arg-type]
            raise Stopped

    monkeypatch.setattr(Worker, "_note", stops)
    with pytest.raises(Stopped):
        run(4, 1)
    left = load_study(STUDY).record().trials[-1]
    (kept,) = (STUDY / CHECKPOINTS).iterdir()
    assert kept.stem == f"{left.fingerprint.partition(':')[2]}-{FIRST}"
    monkeypatch.undo()
    monkeypatch.chdir(folder)
    after = run(4, 1)
    scorer = Scorer(settings.text, PROTOCOL)
    for each in after.trials:
        seed = training_seed(3, each.fingerprint, each.seed)
        assert scorer.score(each.assignment, seed)[0].accuracy == each.first
    assert all(len(each.again) == 1 for each in after.front)
    assert list((STUDY / CHECKPOINTS).iterdir()) == []


def test_only_who_was_trained_to_the_end_is_trained_again(folder: Path) -> None:
    begin_trained(replace(PROTOCOL, rungs=(1,), promote=Fraction(1, 3)))
    record = run(8, 1)
    again = [each for each in record.trials if each.seed]
    assert again and all(each.rung == 1 and len(each.curve) == 3 for each in again)
    top = [each for each in record.complete if each.rung == 1]
    assert all(each.again for each in front(top))


def test_a_recipe_may_say_how_often(folder: Path) -> None:
    recipe = Path("studies/quick.toml")
    text = recipe.read_text()
    assert read_recipe(recipe).confirm == 0
    recipe.write_text(f"confirm = 2\n{text}")
    assert read_recipe(recipe).confirm == 2
    for wrong in "true", "-1", "'once'":
        recipe.write_text(f"confirm = {wrong}\n{text}")
        with pytest.raises(ExplorerError, match="'confirm' is a whole number, got"):
            read_recipe(recipe)
