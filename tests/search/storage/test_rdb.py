"""Connections that break within a statement: whatever was asked is done, and once."""

from __future__ import annotations

from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from optuna.exceptions import UpdateFinishedTrialError
from optuna.trial import TrialState

from explorer.errors import StudyError
from explorer.search import Orders, Study, create_study, load_study
from explorer.search.storage.rdb import Tables
from explorer.search.storage.store import CutOffError
from explorer.search.workers.worker import Worker
from tests.search.crew import Crew, is_whole, settings
from tests.search.server import Server

pytestmark = pytest.mark.slow
STUDY = Path("studies/far")


def tables(study: Study) -> Tables:
    return study.inner._storage._backend  # type: ignore[attr-defined, no-any-return]


def cut(study: Study, server: Server, moment: str, every: int = 1, times: int = 1) -> list[int]:
    """Break a connection in every so-manieth moment of a kind; returns whose were."""
    import psycopg
    from sqlalchemy import event

    broken: list[int] = []
    number = count(1)

    def kill(connection: Any, *_: Any) -> None:
        if next(number) % every or len(broken) >= times:
            return
        pid = connection.connection.driver_connection.info.backend_pid
        with psycopg.connect(server.url(), autocommit=True) as admin:
            admin.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))
        broken.append(pid)

    if moment != "committed":
        event.listen(tables(study).engine, moment, kill)
        return broken
    dialect = tables(study).engine.dialect
    commit = dialect.do_commit

    def commit_in_vain(connection: Any) -> None:
        """Commit, and break before that can be told."""
        commit(connection)
        before = len(broken)
        kill(SimpleNamespace(connection=connection))
        if len(broken) > before:
            connection.cursor().execute("SELECT 1")

    dialect.do_commit = commit_in_vain  # type: ignore[method-assign]
    return broken


@pytest.fixture
def study(crew: Crew, database: str) -> Study:
    create_study(STUDY, settings(), "", storage=database).set_effort(12, None)
    return load_study(STUDY, storage=database)


MOMENTS = ["before_cursor_execute", "commit", "committed"]


@pytest.mark.parametrize("moment", MOMENTS)
def test_what_is_cut_off_is_done_once_more(study: Study, server: Server, moment: str) -> None:
    trial = study.inner.ask()
    broken = [cut(study, server, moment)]
    study.set_effort(7, None)
    broken.append(cut(study, server, moment))
    assert study.effort["trials"] == 7
    broken.append(cut(study, server, moment))
    trial.set_user_attr("note", [1, 2])
    broken.append(cut(study, server, moment))
    assert study.inner.get_trials()[0].user_attrs == {"note": [1, 2]}
    broken.append(cut(study, server, moment))
    storage, number = study.inner._storage, trial._trial_id
    assert storage.set_trial_state_values(number, TrialState.COMPLETE, [1.0, 2.0])
    assert [len(each) for each in broken] == 5 * [1]
    (stored,) = study.inner.get_trials()
    assert (stored.state, stored.values) == (TrialState.COMPLETE, [1.0, 2.0])


@pytest.mark.parametrize("moment", MOMENTS)
def test_what_may_lead_elsewhere_is_not_done_once_more(
    study: Study, server: Server, moment: str
) -> None:
    broken = [cut(study, server, moment)]
    with pytest.raises(CutOffError):
        study.inner._storage.create_new_trial(study.inner._study_id)
    trial = study.inner.ask()
    broken.append(cut(study, server, moment))
    with pytest.raises(CutOffError):
        study.inner._storage.set_trial_state_values(trial._trial_id, TrialState.WAITING)
    assert [len(each) for each in broken] == [1, 1]


def test_who_finishes_what_another_has_finished_is_told(study: Study, server: Server) -> None:
    trial = study.inner.ask()
    study.inner.tell(trial, [1.0, 2.0])
    cut(study, server, "before_cursor_execute")
    with pytest.raises(UpdateFinishedTrialError):
        study.inner._storage.set_trial_state_values(
            trial._trial_id, TrialState.COMPLETE, [3.0, 2.0]
        )


@pytest.mark.parametrize(("moment", "every"), [*zip(MOMENTS, (47, 17, 17), strict=True)])
def test_a_worker_goes_on_whatever_is_cut_off(
    study: Study,
    crew: Crew,
    server: Server,
    database: str,
    moment: str,
    every: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.syspath_prepend(str(Path.cwd()))
    worker = Worker.open(Orders(STUDY, trials=12, storage=database))
    broken = cut(worker.study, server, moment, every=every, times=10_000)
    with worker.study.queue.at_work(worker.orders.name):
        worker.run()
    assert len(broken) > 20
    assert is_whole(load_study(STUDY, storage=database).record(), 12)
    scored = crew.lines("end")
    assert crew.lines("begin") == scored and len(set(scored)) == len(scored)


def test_a_connection_that_breaks_again_and_again_is_one_line(
    study: Study, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("explorer.search.storage.rdb.PATIENCE", 1.0)
    broken = cut(study, server, "before_cursor_execute", times=10_000)
    with pytest.raises(StudyError, match=r"^postgresql://explorer@127.0.0.1\S*: terminating conn"):
        study.set_effort(7, None)
    assert len(broken) > 1
