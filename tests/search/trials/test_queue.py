"""Who holds which trial of a journal: several workers and a search, deaths, orders to leave."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from explorer.budget import parse_budget
from explorer.score import Protocol
from explorer.search import Orders, Study, create_study, load_study, work
from explorer.search.records import StudyRecord
from explorer.search.samplers.named import make_sampler
from explorer.search.storage.journal import WORKERS
from explorer.search.storage.leases import _is_dead
from explorer.search.trials.queue import LostError, Queue
from explorer.search.trials.stored import JOB
from explorer.search.workers.worker import Stopped, Worker
from tests.search.crew import Crew, is_whole, settings, wait_for
from tests.soak.forked import fork_workers

STUDY = Path("studies/near")
WORKER = ("worker", "--study", "near")

# Is told to leave in a callback of the import system.
LOADS = """
import os
import signal
import sys
import time
from explorer.interrupts import insisting
from explorer.search.workers import worker

def tell(frame, event, argument):
    if event == "call" and frame.f_code.co_name == "cb":
        print("told")
        os.kill(os.getpid(), signal.SIGTERM)

signal.signal(signal.SIGTERM, worker._stop)
with insisting({worker.Stopped: signal.SIGTERM}):
    try:
        sys.setprofile(tell)
        import wave
        sys.setprofile(None)
        time.sleep(30)
    except worker.Stopped:
        print("left")
"""


def begin(trials: int = 12) -> Study:
    asked = settings()
    create_study(STUDY, asked, "").set_effort(trials, None)
    return load_study(STUDY, make_sampler("random", asked.text.space(), asked.budget, 3))


def record() -> StudyRecord:
    return load_study(STUDY).record()


@pytest.mark.slow
def test_two_workers_by_hand_and_a_search(crew: Crew) -> None:
    begin()
    hands = [crew.start(*WORKER, "--trials", "16") for _ in range(2)]
    words = ("search", "tiny.space", "--budget", "1e6", "--score", "mine:score", "--seed", "3")
    words += ("--study", "near", "--sampler", "random", "--trials", "16", "--workers", "1")
    search = crew.start(*words)
    victim = hands[0]
    wait_for(lambda: len(crew.lines("end", victim.pid)) > 0)
    lost = crew.hold(victim)
    victim.signal(signal.SIGKILL)
    assert (victim.end(), hands[1].end(), search.end()) == (-9, 0, 0), search.said
    assert is_whole(record(), 16)
    ended = crew.lines("end")
    assert len(ended) == len(set(ended)) == 16 + 4 + 1  # second seeds, and the defaults
    assert sorted(crew.lines("begin")) == sorted([*ended, lost])
    assert list((STUDY / WORKERS).iterdir()) == []


@pytest.mark.slow
@pytest.mark.parametrize("order", [signal.SIGTERM, signal.SIGINT])
def test_who_is_told_to_leave_is_no_death(crew: Crew, order: signal.Signals) -> None:
    study = begin(2)
    worker = crew.start(*WORKER)
    crew.hold(worker)
    worker.signal(order)
    assert worker.end() == (130 if order is signal.SIGINT else 0)
    (trial,) = study.inner.get_trials()
    assert trial.state.name == "WAITING" and trial.user_attrs["attempts"] == 0
    assert study.queue.count_left(2) == 1 and "Traceback" not in worker.said


def test_a_worker_whose_search_is_gone_leaves_before_it_loads_anything(tmp_path: Path) -> None:
    words = [sys.executable, "-X", "importtime", "-m", "explorer", *WORKER, "--supervised"]
    gone = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, cwd=tmp_path)
    assert gone.returncode == -signal.SIGTERM
    assert b" torch\n" not in gone.stderr


@pytest.mark.slow
def test_a_search_without_workers_waits_for_others(crew: Crew) -> None:
    begin(3)
    words = ("search", "tiny.space", "--budget", "1e6", "--score", "mine:score", "--seed", "3")
    words += ("--study", "near", "--sampler", "random", "--trials", "3", "--workers", "0")
    search = crew.start(*words)
    dead = crew.start(*WORKER)
    crew.hold(dead)
    dead.signal(signal.SIGKILL)
    assert dead.end() == -9
    crew.let_go()
    assert crew.start(*WORKER).end() == 0
    assert search.end() == 0, search.said
    assert is_whole(record(), 3) and (crew.folder / "reports" / "near").is_dir()


def test_a_trial_that_ends_three_workers_fails(crew: Crew) -> None:
    queue = begin().queue
    for life in range(3):
        with queue.at_work(f"w{life}"):
            trial = queue.take(f"w{life}", 9)
        assert trial is not None and trial.number == 0
    with queue.at_work("last"):
        following = queue.take("last", 9)
        assert following is not None and following.number == 1
    first = record().trials[0]
    assert first.state == "failed"
    assert first.reason == "its worker died three times (out of memory, or a crash)"


def test_who_lost_a_trial_neither_finishes_nor_fails_it(crew: Crew) -> None:
    queue = begin().queue
    with queue.at_work("late"), queue.at_work("next"):
        mine = queue.take("late", 9)
        assert mine is not None
        assert queue.put_back_lost(["late"]) == 1
        with pytest.raises(LostError):  # it waits for another try
            queue.fail(mine, "late", "took longer than 9s")
        other = queue.take("next", 9)
        assert other is not None and other.number == mine.number
        with pytest.raises(LostError):
            queue.check(mine, "late")
        with pytest.raises(LostError):
            queue.complete(mine, "late", (1.0, 2))
        queue.release(mine, "late")
        queue.complete(other, "next", (3.0, 4))
        with pytest.raises(LostError):
            queue.complete(other, "next", (5.0, 6))
    assert queue._inner.get_trials()[0].values == [3.0, 4.0]


def test_a_score_is_kept_while_nobody_else_has_the_trial(crew: Crew) -> None:
    queue = begin().queue
    with queue.at_work("late"):
        mine = queue.take("late", 9)
        assert mine is not None and queue.put_back_lost(["late"]) == 1
        queue.complete(mine, "late", (1.0, 2))
    assert queue._inner.get_trials()[0].state.name == "COMPLETE"


def test_a_trial_without_a_name_is_nobodys(crew: Crew) -> None:
    study = begin()
    study.inner.ask()
    assert study.queue.put_back_lost() == 1
    assert study.queue.count_left(9) == 0  # nothing was proposed for it


def test_what_cannot_be_asked_for_next_is_not_left(crew: Crew) -> None:
    queue = begin().queue
    with queue.at_work("dead"):
        assert all(queue.take("dead", 2) for _ in range(2))
    assert queue.put_back_lost() == 2
    assert [queue.count_left(limit) for limit in (2, 1, 0)] == [2, 1, 0]


def test_a_trial_for_which_nothing_new_was_found_is_not_left(crew: Crew) -> None:
    study = begin()
    study.inner.ask().set_user_attr(JOB, {"candidate": 0, "rung": 0})
    assert study.queue.put_back_lost() == 1
    assert study.queue.count_left(9) == 0


def test_a_childs_copy_of_the_lock_does_not_keep_a_dead_worker_alive(crew: Crew) -> None:
    queue = begin().queue
    read, write = os.pipe()
    parent = os.fork()
    if not parent:
        queue._store.leases.enter("dead")
        queue.take("dead", 9)
        child = os.fork()
        if child:
            os.write(write, str(child).encode())
        signal.pause()
    child = int(os.read(read, 20))
    os.kill(parent, signal.SIGKILL)
    os.waitpid(parent, 0)
    try:
        assert queue.put_back_lost() == 1
    finally:
        os.kill(child, signal.SIGKILL)
        os.close(read)
        os.close(write)


def test_the_locks_of_the_dead_are_removed_though_nothing_is_left_to_do(crew: Crew) -> None:
    queue = begin().queue
    if not (pid := os.fork()):
        queue._store.leases.enter("dead")
        os._exit(0)
    os.waitpid(pid, 0)
    assert [path.name for path in (STUDY / WORKERS).iterdir()] == ["dead"]
    assert queue.put_back_lost() == 0
    assert list((STUDY / WORKERS).iterdir()) == []


def test_who_leaves_while_another_looks_is_gone(crew: Crew) -> None:
    leases = begin().store.leases
    leases.enter("leaving")
    (file,) = (STUDY / WORKERS).iterdir()
    leases.leave()
    assert _is_dead(file)


def test_what_a_dead_worker_had_half_noted_is_noted_again(crew: Crew) -> None:
    queue = begin().queue
    with queue.at_work("dead"):
        trial = queue.take("dead", 1)
        assert trial is not None
        trial.set_user_attr("assignment", {})
        trial.set_user_attr("macs", 0)
    work(Orders(STUDY, trials=1))
    (done,) = record().trials
    assert done.is_complete and done.assignment and done.fingerprint.startswith("g1:")
    assert 0 < done.cost.macs <= 10**6


def test_a_worker_that_dies_right_after_its_trial_leaves_the_defaults_their_score(
    crew: Crew, monkeypatch: pytest.MonkeyPatch
) -> None:
    create_study(STUDY, replace(settings(), budget=parse_budget("2e6")), "")  # which they fit
    complete = Queue.complete

    def dies(queue: Queue, *arguments: Any) -> None:
        complete(queue, *arguments)
        raise Stopped

    monkeypatch.setattr(Queue, "complete", dies)
    work(Orders(STUDY, trials=1))
    found = record()
    assert found.reference is not None
    assert found.reference.accuracy == found.trials[0].accuracy


def climbing(candidates: int) -> Study:
    """A study in which candidates wait after a first rung, of two."""
    asked = replace(settings(), protocol=Protocol(rungs=(1,)))
    create_study(STUDY, asked, "").set_effort(candidates, None)
    return load_study(STUDY, make_sampler("random", asked.text.space(), asked.budget, 3))


@pytest.mark.slow
def test_a_search_takes_further_who_should_go_on_and_has_not(crew: Crew) -> None:
    queue = climbing(2).queue
    worker = Worker.open(Orders(STUDY))
    with worker.study.queue.at_work(worker.orders.name):  # which is killed after two trials
        assert worker.next_trial() and worker.next_trial()
    assert queue.count_left(2) == 1
    words = ("search", "tiny.space", "--budget", "1e6", "--score", "mine:score", "--seed", "3")
    words += ("--study", "near", "--sampler", "random", "--trials", "2", "--workers", "1")
    search = crew.start(*words)
    assert search.end() == 0, search.said
    assert sorted(trial.rung for trial in record().complete) == [0, 1]
    assert len(record().trials) == 3
    assert queue.count_left(2) == 0


@pytest.mark.slow
def test_a_worker_stays_while_others_may_let_a_candidate_go_on(crew: Crew) -> None:
    climbing(2)
    held = crew.start(*WORKER)
    crew.hold(held)
    other = crew.start(*WORKER)
    wait_for(lambda: len(crew.lines("end", other.pid)) == 1)
    other.process.join(2)
    assert other.process.is_alive()
    crew.let_go()
    assert (held.end(), other.end()) == (0, 0), other.said
    assert sorted(trial.rung for trial in record().complete) == [0, 1]


def test_enough_is_enough(crew: Crew) -> None:
    queue = begin().queue
    with queue.at_work("one"):
        assert [trial and trial.number for trial in (queue.take("one", 1),)] == [0]
        assert queue.take("one", 1) is None
    assert len(queue._inner.get_trials()) == 1


def test_a_worker_leaves_although_what_told_it_was_swallowed(crew: Crew) -> None:
    create_study(STUDY, settings("deaf"), "").set_effort(6, None)
    work(Orders(STUDY))
    assert [trial.state for trial in record().trials] == ["complete"]
    work(Orders(STUDY))  # was told once, not for ever
    assert [trial.state for trial in record().trials] == ["complete", "complete"]


def test_a_worker_leaves_that_was_told_where_the_import_system_is_called_back(crew: Crew) -> None:
    script = crew.folder / "loads.py"
    script.write_text(LOADS, encoding="utf-8")
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "told\nleft\n", "")


@pytest.mark.slow
def test_a_worker_in_the_background_heeds_ctrl_c(crew: Crew) -> None:
    begin(2)
    ignoring = "trap '' INT; exec \"$@\""  # as a shell starts what ends with &
    command = ["sh", "-c", ignoring, "sh", sys.executable, "-m", "explorer", *WORKER]
    with subprocess.Popen(command, cwd=crew.folder, stderr=subprocess.DEVNULL) as worker:
        try:
            (crew.folder / "hold").write_text(str(worker.pid))
            wait_for(lambda: bool(crew.lines("begin")))
            worker.send_signal(signal.SIGINT)
            assert worker.wait(60) == 130
        finally:
            worker.kill()


DEFAULTS_WAIT = '''
import os
import time
from pathlib import Path
from explorer.cost import count

def score(candidate, seed):
    """Says who scores what, and ends the defaults when it may."""
    is_default = count(candidate.graph).macs > 1e6  # which nothing else may cost
    with open("defaults" if is_default else "others", "a") as file:
        file.write(f"{os.getpid()}\\n")
    time.sleep(0.2)
    while is_default and not Path("go").is_file():
        time.sleep(0.02)
    return candidate.assignment["n1"] + seed % 100 / 1000
'''


@pytest.mark.slow
def test_the_defaults_are_scored_again_only_if_who_scores_them_dies(crew: Crew) -> None:
    (crew.folder / "slow.py").write_text(DEFAULTS_WAIT)
    words = ("search", "tiny.space", "--budget", "1e6", "--score", "slow:score", "--seed", "3")
    words += ("--study", "near", "--sampler", "random", "--trials", "40", "--workers", "2")
    search = crew.start(*words, before=fork_workers)

    def who(name: str) -> list[int]:
        file = crew.folder / name
        found = file.read_text().splitlines() if file.is_file() else []
        return list(dict.fromkeys(map(int, found)))

    wait_for(lambda: bool(who("defaults") and who("others")))
    os.kill(who("others")[0], signal.SIGKILL)
    wait_for(lambda: len(who("others")) == 2 or len(who("defaults")) == 2)
    assert len(who("defaults")) == 1
    os.kill(who("defaults")[0], signal.SIGKILL)
    wait_for(lambda: len(who("defaults")) == 2)
    (crew.folder / "go").touch()
    assert search.end() == 0, search.said
    assert len(who("defaults")) == 2 and record().reference is not None
