"""Studies in a database: workers on any host, killed, paused, and cut off."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import optuna
import pytest

from explorer.cli import main
from explorer.errors import StudyError
from explorer.search import Orders, create_study, exists, extend_study, load_study
from explorer.search.opening import open_store
from explorer.search.records import StudyRecord
from explorer.search.samplers.named import make_sampler
from explorer.search.storage.address import read_address
from explorer.search.storage.postgres import PostgresStore
from explorer.search.trials.confirm import FIRST
from explorer.search.trials.queue import LostError
from explorer.search.trials.stored import FINGERPRINT, PROPOSAL
from explorer.search.workers.worker import Worker
from explorer.space import Candidate
from explorer.space.library import Text
from tests.search.crew import Crew, is_whole, prepare, settings, wait_for
from tests.search.server import ENCODED, PASSWORD, Server
from tests.search.tiny import TINY

pytestmark = pytest.mark.slow
STUDY = Path("studies/far")


def begin(url: str, trials: int = 12) -> None:
    create_study(STUDY, settings(), "", storage=url).set_effort(trials, None)


def record(url: str) -> StudyRecord:
    return load_study(STUDY, storage=url).record()


def worker(url: str) -> tuple[str, ...]:
    return "worker", "--study", "far", "--storage", url


def test_a_killed_workers_trial_is_finished_by_another(crew: Crew, database: str) -> None:
    begin(database)
    three = [crew.start(*worker(database)) for _ in range(3)]
    victim = three[0]
    wait_for(lambda: len(crew.lines("end", victim.pid)) > 0)
    lost = crew.hold(victim)
    victim.signal(signal.SIGKILL)
    assert [each.end() for each in three] == [-9, 0, 0]
    # Those that are left may have gone before the lease ran out; any other one takes over then.
    wait_for(lambda: crew.start(*worker(database)).end() == 0 and is_whole(record(database), 12))
    ended = crew.lines("end")
    assert len(ended) == len(set(ended)) == 12 + 3  # trials 2, 6 and 10 have a second seed
    assert sorted(crew.lines("begin")) == sorted([*ended, lost])
    again = crew.start(*worker(database))
    assert again.end() == 0 and crew.lines("end") == ended


def test_a_worker_that_comes_back_spoils_nothing(crew: Crew, database: str) -> None:
    begin(database, trials=8)
    paused = crew.start(*worker(database))
    held = crew.hold(paused)
    paused.signal(signal.SIGSTOP)
    other = crew.start(*worker(database))
    assert other.end() == 0
    wait_for(lambda: crew.start(*worker(database)).end() == 0 and is_whole(record(database), 8))
    before = record(database)
    assert crew.lines("end").count(held) == 1
    crew.let_go()
    paused.signal(signal.SIGCONT)
    assert paused.end() == 0
    assert "another worker has it; this result is dropped" in paused.said
    assert crew.lines("end").count(held) == 2
    assert record(database) == before


def test_a_search_here_and_a_worker_there(crew: Crew, database: str) -> None:
    words = ("search", "tiny.space", "--budget", "1e6", "--score", "mine:score", "--study", "far")
    words += ("--trials", "10", "--workers", "1", "--storage", database, "--trial-time", "1m")
    words += ("--confirm", "1")
    crew.lease = (15, 60)  # as that of the worker which the search starts
    search = crew.start(*words)
    wait_for((STUDY / "workers.log").is_file)
    elsewhere = crew.folder / "elsewhere"
    elsewhere.mkdir()
    there = Crew(prepare(elsewhere), lease=(15, 60))  # as the search's own
    hand = there.start(*worker(database))
    wait_for(lambda: len(crew.lines("begin")) > 0)
    lines = [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if _is_ours(path)]
    assert (hand.end(), search.end()) == (0, 0), search.said
    found = record(database)
    assert is_whole(replace(found, trials=found.trials[:10]), 10)
    assert {trial.seed for trial in found.trials[10:]} == {2}
    assert all(len(trial.again) == 1 for trial in found.front)
    assert sorted(path.name for path in STUDY.iterdir()) == ["workers.log"]
    assert not (elsewhere / "studies").exists() and (crew.folder / "reports" / "far").is_dir()
    effort = {"trials": 10, "trial_time": 60, "confirm": 1}
    assert load_study(STUDY, storage=database).effort == effort
    assert "***@127.0.0.1" in found.command

    written = [path.read_bytes() for path in crew.folder.rglob("*") if path.is_file()]
    with open_store(STUDY, database)._server.connect() as connection:  # type: ignore[attr-defined]
        written += [str(row).encode() for row in connection.execute("TABLE study_user_attributes")]
    assert lines and b"127.0.0.1" in b"".join(lines)
    for secret in (PASSWORD, ENCODED):
        assert not [text for text in (*written, *lines) if secret.encode() in text]


def _is_ours(path: Path) -> bool:
    try:
        return b"--supervised" in path.read_bytes()
    except OSError:
        return False


def test_one_search_at_a_time(crew: Crew, database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("explorer.search.storage.postgres._HELD_FOR", 0.1)
    begin(database)
    first, second = (load_study(STUDY, storage=database).store for _ in range(2))
    owned = first.own()
    with pytest.raises(StudyError, match="another search is at work"):
        second.own()
    owned.close()
    second.own().close()


def test_a_space_is_extended(crew: Crew, database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    begin(database)
    run(database, 3)
    study = load_study(STUDY, storage=database)
    before, wider = study.record(), Text("tiny.space", TINY.replace("4..32 step 4", "4..40 step 4"))
    late = Worker.open(Orders(STUDY, trials=9, device="cpu", storage=database))

    def cut_off() -> list[str]:
        raise KeyboardInterrupt  # the copy is written, and nothing is renamed

    monkeypatch.setattr(study.store, "_names", cut_off)
    with pytest.raises(KeyboardInterrupt):
        extend_study(study, wider)
    monkeypatch.undo()
    monkeypatch.chdir(crew.folder)
    assert record(database) == before
    extended, told = extend_study(load_study(STUDY, storage=database), wider)
    assert told == "space extended: 3 trials kept, the study before is kept as far~1"
    assert extended.record() == record(database)
    assert [replace(t, assignment={}) for t in record(database).trials] == [
        replace(t, assignment={}) for t in before.trials
    ]
    assert extended.settings == replace(before.settings, text=wider)
    old = load_study(Path("studies/far~1"), storage=database).record()
    assert replace(old, name="far") == before
    for each in old.trials:
        stored = extended.inner.get_trials()[each.number]
        assert stored.params == stored.system_attrs[PROPOSAL] == each.assignment
    with (
        pytest.raises(StudyError, match="its space was extended meanwhile; start again"),
        late.study.queue.at_work("late"),
    ):
        late.run()
    run(database, 5)
    assert is_whole(record(database), 5)
    _, told = extend_study(load_study(STUDY, storage=database), settings().text)
    assert told == "space changed: 5 trials kept, the study before is kept as far~2"
    store = open_store(STUDY, database)
    assert store._names() == ["far", "far~1", "far~2"]  # type: ignore[attr-defined]


def run(url: str, trials: int) -> None:
    worker = Worker.open(Orders(STUDY, trials=trials, device="cpu", storage=url))
    with worker.study.queue.at_work(worker.orders.name):
        worker.run()


def test_tables_are_made_once_and_studies_begun_once(crew: Crew, database: str) -> None:
    outcomes: list[str] = []

    def run() -> None:
        try:
            begin(database)
            outcomes.append("begun")
        except StudyError as error:
            outcomes.append(str(error).partition("was ")[2][:5])

    assert not exists(STUDY, database)
    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["begun", "begun", "begun", "begun"]
    assert exists(STUDY, database) and record(database).trials == ()


def test_a_name_that_is_taken_by_another_tool(crew: Crew, database: str) -> None:
    store = PostgresStore(STUDY, read_address(database))
    store.create(["maximize", "minimize"]).ask()
    assert not exists(STUDY, database)
    with pytest.raises(StudyError, match="is a study of another tool"):
        begin(database)


def test_what_the_server_refuses_is_one_line(crew: Crew, database: str) -> None:
    begin(database)
    with open_store(STUDY, database)._server.connect() as connection:  # type: ignore[attr-defined]
        name = database.rpartition("/")[2]
        connection.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    study = load_study(STUDY, storage=database)
    assert study.record().trials == ()
    for write in (lambda: study.set_effort(3, None), study.inner.ask):
        with pytest.raises(StudyError, match=r"^postgresql://explorer@127.*read-only transaction$"):
            write()


def test_a_server_that_is_restarted_is_waited_for(
    crew: Crew, server: Server, database: str
) -> None:
    begin(database)
    study = load_study(STUDY, storage=database)
    server.stop()
    threading.Timer(1.5, server.start).start()
    study.set_effort(30, None)
    assert load_study(STUDY, storage=database).effort["trials"] == 30


def test_what_is_wrong_is_one_line_without_the_password(
    crew: Crew, server: Server, database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    far = database.replace(str(server.port), "1")
    for url, expected in (
        (database.replace(ENCODED, "s3cret-wrong"), "password authentication failed"),
        (far, "refused"),
        (server.url("nowhere"), 'database "nowhere" does not exist'),
        (database, "there is no study 'far'"),
        (f"mysql://u:{PASSWORD}@h/d", "only postgresql:// is allowed, got 'mysql://...'"),
        (f"postgresql://u:{PASSWORD}@h/d", "this is no URL of a PostgreSQL database"),
        (f"postgresql://u@h/d?password={ENCODED}", "a password stands before the host"),
    ):
        for words in (("worker", "--study", "far"), ("report", "far")):
            assert main([*words, "--storage", url]) == 1
            told = capsys.readouterr().err
            assert told.count("\n") == 1 and expected in told, told
            assert "s3cret" not in told and "w/rd" not in told
    words = ("tiny.space", "--budget", "1e6", "--score", "mine:score")
    assert main(["search", *words, "--storage", far]) == 1
    told = capsys.readouterr().err
    assert told.count("\n") == 1 and "refused" in told and "s3cret" not in told


def test_without_the_driver_the_extra_is_named(
    crew: Crew, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    assert main(["report", "far", "--storage", "postgresql://u:s3cret@h/d"]) == 1
    told = capsys.readouterr().err
    assert told.count("\n") == 1 and "pip install 'inception-explorer[postgresql]'" in told


def test_a_word_that_is_not_understood_is_repeated_without_its_password(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit):
        main(["report", "far", "--storage", "x", f"postgresql://u:{PASSWORD}@h/d"])
    assert "postgresql://u:***@h/d" in capsys.readouterr().err


# ---- a server that forgets its locks


def test_a_lock_is_asked_for_again_and_known_to_be_lost(
    crew: Crew, server: Server, database: str
) -> None:
    begin(database)
    one, other = (open_store(STUDY, database) for _ in range(2))
    let_in = threading.Event()

    def wait() -> None:
        with other.alone():
            let_in.set()

    with one.alone():
        assert one.is_alone()
        waiting = threading.Thread(target=wait)
        waiting.start()
        assert not let_in.wait(0.5)
        server.stop()
        server.start()
        assert let_in.wait(30)
        assert not one.is_alone()
    waiting.join()
    assert not one.is_alone()
    assert one.is_there()


class LetIn:
    """Two who take trials of a study, of whom the first has lost its lock without a word.

    Attributes:
        one: whose lock was forgotten.
        other: who was let in.
    """

    def __init__(self, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
        space, budget = settings().text.space(), settings().budget
        samplers = (make_sampler("random", space, budget, 3) for _ in range(2))
        self.one, self.other = (load_study(STUDY, each, storage=url) for each in samplers)
        self.patch = monkeypatch
        monkeypatch.setattr(self.other.store, "alone", nullcontext)
        monkeypatch.setattr(self.other.store, "is_alone", lambda: True)
        answers = iter([False])  # the server falls once
        monkeypatch.setattr(self.one.store, "is_alone", lambda: next(answers, True))

    def while_one(self, method: str, take: Callable[[], optuna.Trial | None]) -> list[optuna.Trial]:
        """Let the other take a trial when one does something for the next time."""
        taken = list[optuna.Trial]()
        owner = self.one.inner if method == "ask" else self.one.queue
        before = getattr(owner, method)

        def late(*arguments: Any) -> Any:
            self.patch.setattr(owner, method, before)
            done = before(*arguments) if method != "ask" else None
            trial = take()
            assert trial is not None
            taken.append(trial)
            return done if method != "ask" else before()

        self.patch.setattr(owner, method, late)
        return taken


TOLD = "another worker was let in by a restarted database, and chose the same"


def test_a_candidate_that_two_were_let_in_to_begin_is_begun_by_one(
    database: str, crew: Crew, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(database, trials=3)
    two = LetIn(database, monkeypatch)
    taken = two.while_one("ask", lambda: two.other.queue.take("other", 3))
    with pytest.raises(LostError, match=f"^trial 1: {TOLD}$"):
        two.one.queue.take("one", 3)
    found = record(database)
    assert (taken[0].number, found.candidates) == (0, 1)
    assert [trial.state for trial in found.trials] == ["running", "failed"]
    assert found.trials[1].reason == TOLD
    kept = two.one.queue.take("one", 3)  # which no other has begun
    assert kept is not None and kept.user_attrs["job"]["candidate"] == 1


def test_who_dies_before_it_sees_what_the_other_does_leaves_nothing_to_be_done_twice(
    database: str, crew: Crew, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(database, trials=3)
    two = LetIn(database, monkeypatch)
    two.while_one("ask", lambda: two.other.queue.take("other", 3))

    def die(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(two.one.queue, "check", die)
    with pytest.raises(KeyboardInterrupt):
        two.one.queue.take("one", 3)
    assert [trial.state for trial in record(database).trials] == ["running", "running"]
    assert two.other.queue.put_back_lost(["one"]) == 0
    assert [trial.state for trial in record(database).trials] == ["running", "failed"]
    assert two.other.queue.put_back_lost(["other"]) == 1


def test_who_is_away_while_it_chooses_does_not_overwrite_what_another_has_chosen(
    database: str, crew: Crew, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(database, trials=3)
    two = LetIn(database, monkeypatch)
    sampler: Any = two.one.inner.sampler
    choose, taken = sampler.candidate, list[optuna.Trial]()

    def choose_late(*arguments: Any) -> Candidate:
        assert two.other.queue.put_back_lost(["one"]) == 1
        trial = two.other.queue.take("other", 3)
        assert trial is not None
        taken.append(trial)
        found: Candidate = choose(1, *arguments[1:])  # another than the other's
        return found

    monkeypatch.setattr(sampler, "candidate", choose_late)
    with pytest.raises(LostError, match=r"^trial 0: another worker has it by now$"):
        two.one.queue.take("one", 3)
    (stored,) = two.one.inner.get_trials()
    assert (stored.state.name, stored.user_attrs["worker"]) == ("RUNNING", "other")
    assert stored.system_attrs[PROPOSAL] == taken[0].relative_params
    assert stored.user_attrs["attempts"] == 1


def test_a_net_that_two_have_chosen_is_scored_by_one(
    database: str, crew: Crew, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(database, trials=3)
    two = LetIn(database, monkeypatch)
    taken = two.while_one("_assign", lambda: two.other.queue.take("other", 3))
    take, stored = two.one.queue, two.one.inner._storage
    alone = two.one.store.alone

    def choose_the_same() -> Any:
        if taken:
            mine, its = (each.system_attrs for each in two.one.inner.get_trials())
            assert mine[FINGERPRINT] != its[FINGERPRINT]
            stored.set_trial_system_attr(taken[0]._trial_id, FINGERPRINT, mine[FINGERPRINT])
        return alone()

    monkeypatch.setattr(two.one.store, "alone", choose_the_same)
    with pytest.raises(LostError, match=f"^trial 0: {TOLD}$"):
        take.take("one", 3)
    assert [trial.state for trial in record(database).trials] == ["failed", "running"]


def test_a_net_that_two_were_let_in_to_score_again_is_scored_by_one(
    database: str, crew: Crew, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(database, trials=6)
    run(database, 6)
    assert len(record(database).front) > 1
    two = LetIn(database, monkeypatch)
    taken = two.while_one("ask", lambda: two.other.queue.take_again("other", 1, 6))
    with pytest.raises(LostError, match=f"^trial 7: {TOLD}$"):
        two.one.queue.take_again("one", 1, 6)
    (trial,) = taken
    assert trial.number == 6 and trial.user_attrs["job"]["seed"] == FIRST
    trial.set_user_attr("curve", [20.0])
    two.other.queue.complete(trial, "other", [20.0, 1.0])
    assert [each.state for each in record(database).trials[6:]] == ["complete", "failed"]
    kept = two.one.queue.take_again("one", 1, 6)  # which no other has begun
    assert kept is not None
    states = [each.state for each in record(database).trials[6:]]
    assert states == ["complete", "failed", "running"]


def test_an_owner_takes_its_study_again(
    crew: Crew, server: Server, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("explorer.search.storage.postgres._HELD_FOR", 0.1)
    monkeypatch.setattr("explorer.search.storage.postgres._LOOK", 0.0)
    begin(database)
    one, other = (open_store(STUDY, database) for _ in range(2))
    owned = one.own()
    server.stop()
    server.start()
    owned.keep()
    with pytest.raises(StudyError, match="another search is at work on this study"):
        other.own()
    owned.keep()
    owned.close()
    taken = other.own()
    server.stop()
    server.start()
    again = one.own()
    with pytest.raises(StudyError, match="another search is at work on this study"):
        taken.keep()
    again.close()


def test_an_owner_outlasts_a_server_that_falls_as_it_asks_again(
    crew: Crew, server: Server, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("explorer.search.storage.postgres._LOOK", 0.0)
    begin(database)
    store = open_store(STUDY, database)
    assert isinstance(store, PostgresStore)
    owned, ask, falls = store.own(), store._try_lock, iter([True])

    def fallen(connection: Any, purpose: str) -> bool:
        if next(falls, False):  # between the connection and the lock
            server.stop()
            server.start()
        return ask(connection, purpose)

    monkeypatch.setattr(store, "_try_lock", fallen)
    server.stop()
    server.start()
    owned.keep()
    monkeypatch.setattr("explorer.search.storage.postgres._HELD_FOR", 0.1)
    with pytest.raises(StudyError, match="another search is at work on this study"):
        open_store(STUDY, database).own()
    owned.close()


def test_connections_are_closed_with_the_store(crew: Crew, server: Server, database: str) -> None:
    psycopg = pytest.importorskip("psycopg")
    begin(database)
    used = [load_study(STUDY, storage=database) for _ in range(3)]
    assert not any(study.record().trials for study in used)
    with psycopg.connect(server.url(), autocommit=True) as connection:

        def left() -> int:
            asked = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s"
            name = database.rpartition("/")[2]
            return int(connection.execute(asked, (name,)).fetchone()[0])

        assert left() >= len(used)
        del used  # Python has no cycles to look for
        wait_for(lambda: left() == 0)


def test_who_may_have_let_another_in_while_it_looked_looks_again(
    database: str, crew: Crew, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(database, trials=3)
    queue = LetIn(database, monkeypatch).one.queue
    answers, looks = iter([False, False, True]), list[int]()
    is_second = queue._orphans.is_second

    def look(trial: Any) -> bool:
        looks.append(trial.number)
        return is_second(trial)

    monkeypatch.setattr(queue._store, "is_alone", lambda: next(answers))
    monkeypatch.setattr(queue._orphans, "is_second", look)
    trial = queue.take("one", 3)
    assert trial is not None and trial.number == 0
    assert looks == [0, 0] and next(answers, None) is None
