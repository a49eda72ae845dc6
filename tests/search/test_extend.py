"""A study whose space is another text in its next run: extended, narrowed, killed in between."""

from __future__ import annotations

import json
import os
import signal
import sys
from dataclasses import replace
from fractions import Fraction
from itertools import count
from pathlib import Path

import optuna
import pytest

from explorer.budget import Budget
from explorer.cli import main
from explorer.errors import StudyError
from explorer.graph import fingerprint
from explorer.ops import Cost
from explorer.score import Protocol, Recipe
from explorer.search import (
    Orders,
    Reference,
    Settings,
    Study,
    create_study,
    extend_study,
    load_study,
)
from explorer.search.records import StudyRecord, Trial
from explorer.search.samplers.frame import distributions
from explorer.search.storage.journal import JOURNAL, open_journal, own
from explorer.search.trials.stored import PROPOSAL
from explorer.search.workers.worker import Worker
from explorer.space import bind
from explorer.space.library import Text
from tests.search.tiny import TINY

STUDY = Path("studies/near")
MODULE = '''
def score(candidate, seed):
    """Wide is good."""
    return candidate.assignment["n1"] + candidate.assignment["n3"] / 100 + seed % 10 / 1000
'''

OTHER = {
    "knob": ("n1 = 16 in 4..32 step 4", "n1 = 16 in 4..80 step 4"),
    "uneven knob": ("n1 = 16 in 4..32 step 4", "n1 = 16 in {4, 8, 12, 16, 20, 24, 28, 32, 60, 80}"),
    "lever": ("  | crossed:", "  | point: conv 1x1 n3\n                   | crossed:"),
    "new lever": ("repeat depth (conv 3x3 8)", "repeat depth (choose more { no: id | yes: elu })"),
    "new knob": ("conv 3x3/2 8", "conv 3x3/2 first"),
}


def changed(*names: str, text: str = TINY) -> Text:
    """The text of the tiny space with some of the changes."""
    for name in names:
        old, new = OTHER[name]
        assert old in text
        text = text.replace(old, new)
    if "lever" in names:
        text = text.replace("five in {full,", "five in {full, point,")
    if "new lever" in names:
        text = text.replace("> id", "").replace("stem:", "lever more in {no, yes}\nstem:")
        text = text.replace("repeat depth (", "repeat depth (conv 3x3 8 > ")
    if "new knob" in names:
        text = text.replace("stem:", "knob first = 8 in 4..16 step 4\nstem:", 1)
    return Text("tiny.space", text)


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "wide.py").write_text(MODULE)
    (tmp_path / "tiny.space").write_text(TINY)
    monkeypatch.chdir(tmp_path)


def begin(sampler: str = "random", trials: int = 6) -> Study:
    budget = Budget({"macs": 4 * 10**6})
    settings = Settings(
        Text("tiny.space", TINY), budget, Protocol(), "", sampler, 3, score="wide:score"
    )
    create_study(STUDY, settings, "explorer search tiny.space")
    run(trials)
    return load_study(STUDY)


def run(trials: int) -> StudyRecord:
    worker = Worker.open(Orders(STUDY, trials=trials, device="cpu"))
    with worker.study.queue.at_work(worker.orders.name):
        worker.run()
    return load_study(STUDY).record()


def results(trials: tuple[Trial, ...]) -> list[Trial]:
    """Everything of trials but the choices of their nets."""
    return [replace(trial, assignment={}) for trial in trials]


@pytest.mark.parametrize("name", OTHER)
def test_trials_stay_what_they_are(name: str) -> None:
    study = begin()
    before, stored = study.record(), study.inner.get_trials()
    extended, told = extend_study(study, changed(name))
    assert told == "space extended: 6 trials kept, journal kept as journal.1.log"
    after = load_study(STUDY).record()
    assert after == extended.record()
    assert after.settings == replace(before.settings, text=changed(name))
    assert results(after.trials) == results(before.trials)
    assert (after.command, after.reference) == (before.command, before.reference)
    space = changed(name).space()
    for trial in after.trials:
        assert list(trial.assignment) == list(space.choices)
        assert fingerprint(bind(space, trial.assignment).graph) == trial.fingerprint
    for old, new in zip(stored, load_study(STUDY).inner.get_trials(), strict=True):
        assert new.distributions == distributions(space)
        assert new.params == new.system_attrs[PROPOSAL]
        assert (new.values, new.state, new.number) == (old.values, old.state, old.number)
        assert new.datetime_start == old.datetime_start
        assert new.datetime_complete == old.datetime_complete
    assert load_study(STUDY).inner.metric_names == ["score", "macs"]


@pytest.mark.parametrize("sampler", ["evolution", "known_cost", "tpe", "nsga2"])
def test_samplers_go_on_in_the_extended_space(sampler: str) -> None:
    first = 22 if sampler == "nsga2" else 8  # two of its second generation, which has parents
    before = begin(sampler, first).record()
    extend_study(load_study(STUDY), changed("knob", "lever"))
    after = run(first + 22)
    assert results(after.trials[:first]) == results(before.trials)
    assert all(trial.is_complete for trial in after.trials)
    assert len({trial.fingerprint for trial in after.trials}) == first + 22
    tried = [trial.assignment for trial in after.trials[first:]]
    assert any(each["n1"] > 32 for each in tried)
    assert any(each["five"] == "point" for each in tried)


def test_a_space_is_extended_again_and_again() -> None:
    first = begin()
    extend_study(first, changed("knob"))
    second, told = extend_study(load_study(STUDY), changed("knob", "lever"))
    assert told == "space extended: 6 trials kept, journal kept as journal.2.log"
    _, told = extend_study(second, changed("knob", "lever", "new lever"))
    assert told == "space extended: 6 trials kept, journal kept as journal.3.log"
    assert run(9).candidates == 9
    (STUDY / "journal.1.log").replace(STUDY / JOURNAL)  # the first one, as it was
    assert load_study(STUDY).record() == first.record()


def test_a_study_as_older_versions_stored_it() -> None:
    """Called "study" in every journal, with assignments among the user's attributes."""
    before = begin().record()
    lines = []
    for line in (STUDY / JOURNAL).read_text().splitlines():
        found = json.loads(line)
        if "study_name" in found:
            found["study_name"] = "study"
        if PROPOSAL in found.get("system_attr", {}):
            user = {"assignment": found.pop("system_attr")[PROPOSAL]}
            found |= {"op_code": 8, "user_attr": user}
        lines.append(json.dumps(found))
    (STUDY / JOURNAL).write_text("".join(f"{line}\n" for line in lines))
    older = load_study(STUDY)
    assert older.inner.study_name == "study" and older.record() == before
    extended, _ = extend_study(older, changed("new knob"))
    assert extended.inner.study_name == "near"
    for trial in extended.inner.get_trials():
        assert trial.params == trial.user_attrs["assignment"]
        assert trial.params == {**before.trials[trial.number].assignment, "first": 8}
    assert run(8).candidates == 8


def test_a_study_of_another_tool_in_the_journal_is_passed_over() -> None:
    before = begin(trials=2).record()
    storage = open_journal(STUDY / JOURNAL)
    optuna.create_study(storage=storage, study_name="mine").optimize(lambda _: 1.0, n_trials=2)
    assert load_study(STUDY).record() == before
    assert run(3).candidates == 3


def test_a_text_that_reads_otherwise_and_says_the_same() -> None:
    study = begin()
    _, told = extend_study(study, Text("tiny.space", "# the same\n" + TINY))
    assert told == "space changed: 6 trials kept, journal kept as journal.1.log"


NO = "; give the new space a study of its own with --study$"


@pytest.mark.parametrize(
    ("old", "new", "refusal"),
    [
        ("4..32 step 4", "4..8 step 4", r"^trial 0 used n1 = 16, which the space no longer allows"),
        ("depth", "length", "^trial 0 used depth = 2, and the space has no 'depth' any more"),
        ("conv 3x3/2 8", "conv 5x5/2 8", "^trial 0 would be another net"),
        ("input 3x32x32", "input 3x48x48", "^trial 0 would be another net"),
        (
            "stem:",
            "require depth == 2\nstem:",
            "^trial 1 is no net of the space any more (.*depth == 2.*)",
        ),
    ],
)
def test_what_no_longer_fits_is_refused(old: str, new: str, refusal: str) -> None:
    study = begin()
    before = (STUDY / JOURNAL).read_bytes()
    text = TINY.replace("16 in", "8 in") if "8 step" in new else TINY
    with pytest.raises(StudyError, match=refusal + NO):
        extend_study(study, Text("tiny.space", text.replace(old, new)))
    assert (STUDY / JOURNAL).read_bytes() == before
    assert sorted(path.name for path in STUDY.glob("journal*")) == ["journal.lock", JOURNAL]


def test_a_new_choice_whose_default_is_another_net_is_refused() -> None:
    study = begin()
    text = changed("new knob").content.replace("first = 8", "first = 12")
    with pytest.raises(StudyError, match="^trial 0 would be another net" + NO):
        extend_study(study, Text("tiny.space", text))


def test_values_that_no_trial_has_may_go() -> None:
    study = begin(trials=1)
    narrow = TINY.replace("4..32 step 4", "16..32 step 16")
    _, told = extend_study(study, Text("tiny.space", narrow))
    assert told == "space changed: 1 trial kept, journal kept as journal.1.log"
    assert run(4).candidates == 4


def test_another_default_is_scored_anew_as_the_reference() -> None:
    study = begin()
    study.set_reference(Reference("tiny", Cost(1, 2, 3), 4.0))
    study.set_exhausted()
    same, _ = extend_study(study, changed("knob"))
    assert same.record().reference == study.record().reference
    assert not same.is_exhausted
    other, _ = extend_study(same, Text("tiny.space", TINY.replace("depth = 2", "depth = 3")))
    assert other.record().reference is None


def test_a_trial_that_waits_goes_on_in_the_extended_space() -> None:
    begin(trials=3)
    worker = Worker.open(Orders(STUDY, trials=9, device="cpu"))
    with worker.study.queue.at_work(worker.orders.name):
        left = worker.study.queue.take(worker.orders.name, 9)
        assert left is not None
        chosen = dict(left.relative_params)
        worker._describe(left)  # its parameters are stored, and yet open again in the extended one
        worker.study.queue.release(left, worker.orders.name)
    study, _ = extend_study(load_study(STUDY), changed("lever", "new lever"))
    trial = study.inner.get_trials()[3]
    assert (trial.state.name, trial.params) == ("WAITING", {})
    after = run(4)
    assert dict(after.trials[3].assignment) == {**chosen, "more": "no"}
    assert after.trials[3].is_complete


def test_nothing_is_extended_under_a_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    study = begin(trials=2)
    worker = Worker.open(Orders(STUDY, trials=9, device="cpu"))
    with worker.study.queue.at_work("w"):
        with pytest.raises(StudyError, match="a worker is at work; the study's space can"):
            extend_study(study, changed("knob"))
        assert worker.study.queue.take("w", 9) is not None
        with pytest.raises(StudyError, match="a worker is at work on trial 2; the study's"):
            extend_study(study, changed("knob"))
    handle = own(STUDY)
    monkeypatch.setattr("explorer.search.storage.journal._HELD_FOR", 0.1)
    with pytest.raises(StudyError, match="another search is at work"):
        extend_study(study, changed("knob"))
    os.close(handle)
    extended, _ = extend_study(study, changed("knob"))
    assert [t.state.name for t in extended.inner.get_trials()] == ["COMPLETE"] * 2 + ["WAITING"]


def test_who_opened_it_before_finds_out() -> None:
    study = begin(trials=2)
    late = Worker.open(Orders(STUDY, trials=9, device="cpu"))
    extend_study(study, changed("knob"))
    before = (STUDY / JOURNAL).read_bytes()
    with (
        pytest.raises(StudyError, match="its space was extended meanwhile; start again"),
        late.study.queue.at_work("late"),
    ):
        late.run()
    assert (STUDY / JOURNAL).read_bytes() == before


def test_whoever_is_killed_leaves_one_study_whole() -> None:
    before = begin(trials=3).record()
    for step in count():
        _extend_and_die(step)
        after = load_study(STUDY).record()
        if after.settings != before.settings:
            break
        assert after == before
    assert step > 10  # before each line of the new journal, at least
    assert after.settings.text == changed("new lever")
    assert results(after.trials) == results(before.trials)
    assert [path.name for path in STUDY.glob("journal.*.log")] == ["journal.1.log"]
    assert run(5).candidates == 5


def _extend_and_die(step: int) -> None:
    """Extend the study in another process, which is killed before it touches the next file."""
    child = os.fork()
    if child:
        os.waitpid(child, 0)
        return
    touched = count()

    def watch(event: str, _: tuple[object, ...]) -> None:
        if event in ("open", "os.link", "os.rename", "os.remove") and next(touched) == step:
            os.kill(os.getpid(), signal.SIGKILL)

    study = load_study(STUDY)
    sys.addaudithook(watch)
    extend_study(study, changed("new lever"))
    os._exit(0)


@pytest.mark.slow
def test_the_same_command_with_another_text(capsys: pytest.CaptureFixture[str]) -> None:
    begin(trials=5)
    words = ["search", "tiny.space", "--budget", "4e6", "--score", "wide:score", "--seed", "3"]
    words += ["--sampler", "random", "--trials", "5", "--study", "near"]
    Path("tiny.space").write_text(changed("knob", "new lever").content)
    assert main(words) == 0
    printed = capsys.readouterr().out
    assert "space extended: 5 trials kept, journal kept as journal.1.log\n" in printed
    assert "going on: 5 candidates are scored already" in printed
    assert main(words) == 0
    assert "space" not in capsys.readouterr().out.partition("study near")[0]
    assert main(["export", "near:3", "-o", "net.py"]) == 0
    assert main(["report", "near"]) == 0
    capsys.readouterr()
    Path("tiny.space").write_text(TINY)
    assert main(words) == 1
    told = capsys.readouterr().err
    assert told.startswith("explorer: trial 0 used more = no, and the space has no 'more' any more")
    assert told.count("\n") == 1
    assert main([*words, "--budget", "9e5"]) == 1
    told = capsys.readouterr().err
    assert "was begun with space text of " in told and "budget 4e6, not 9e5" in told


def test_proxies_count_and_candidates_at_rungs_go_on(folder: Path) -> None:
    recipe = Recipe(epochs=2, batch=8)
    protocol = Protocol("tiny.npz", 12, Fraction(1, 2), recipe=recipe, rungs=(1,))
    data = protocol.open_data().fingerprint
    text = Text("tiny.space", TINY)
    asked = Settings(text, Budget({"macs": 4 * 10**6}), protocol, data, "random", 3)
    create_study(STUDY, asked, "")
    before = run(5)
    rounded = changed("knob", text=TINY.replace("rounded 2", "rounded 8"))
    told = "^the proxy of trial 0 would be trained as another net"
    with pytest.raises(StudyError, match=told + NO):
        extend_study(load_study(STUDY), rounded)
    extend_study(load_study(STUDY), changed("knob"))
    after = run(12)
    assert results(after.trials[: len(before.trials)]) == results(before.trials)
    later = after.trials[len(before.trials) :]
    assert any(trial.candidate < 5 for trial in later)  # which goes on from its checkpoint
    assert all(trial.is_complete for trial in later)
    assert after.candidates == 12 and after.facts == before.facts
