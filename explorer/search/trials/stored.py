"""A trial as it is stored: the names of its attributes, and what they say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from optuna.trial import FrozenTrial, TrialState

from explorer.ops import Cost
from explorer.search.records import State, Trial

# What is decided of a trial before it is scored: of Optuna's own kind, but for the job.
PROPOSAL, FINGERPRINT = "explorer:assignment", "explorer:fingerprint"
JOB = "job"
ASSIGNMENT = "assignment"  # in older studies beside the proposal, and equal to it

_STATES: dict[TrialState, State] = {
    TrialState.WAITING: "waiting",
    TrialState.RUNNING: "running",
    TrialState.COMPLETE: "complete",
    TrialState.FAIL: "failed",
    TrialState.PRUNED: "failed",
}


def read_trial(trial: FrozenTrial) -> Trial:
    """Optuna's trial as a record of ours."""
    attributes = trial.user_attrs
    job = attributes.get(JOB, {})
    cost = Cost(*(int(attributes.get(name, 0)) for name in Cost._fields))
    return Trial(
        number=trial.number,
        state=_STATES[trial.state],
        assignment=attributes.get(ASSIGNMENT) or _proposal(trial),
        fingerprint=attributes.get("fingerprint", ""),
        cost=cost,
        proxy_macs=int(attributes.get("proxy_macs", 0)),
        curve=tuple(attributes.get("curve", ())),
        seconds=float(attributes.get("seconds", 0.0)),
        reason=attributes.get("reason", ""),
        bounded=attributes.get("bounded", {}),
        repeats=tuple(attributes.get("repeats", ())),
        free=attributes.get("free", {}),
        rung=int(job.get("rung", 0)),
        candidate=int(job.get("candidate", trial.number)),  # as older studies number them
        seed=int(job.get("seed", 0)),
    )


def proposed(trial: FrozenTrial) -> str | None:
    """The fingerprint of a trial's proposal, however far the trial got."""
    return trial.system_attrs.get(FINGERPRINT, trial.user_attrs.get("fingerprint"))


def assigned(trial: FrozenTrial) -> Mapping[str, Any] | None:
    """The assignment of a trial, however far the trial got; None before it was proposed."""
    return trial.user_attrs.get(ASSIGNMENT) or trial.system_attrs.get(PROPOSAL)


def is_again(trial: FrozenTrial) -> bool:
    """Whether a trial scores a net with another seed."""
    return bool(trial.user_attrs.get(JOB, {}).get("seed"))


def is_described(trial: FrozenTrial) -> bool:
    """Whether everything that is known before it is scored is stored of a trial."""
    return "fingerprint" in trial.user_attrs


def _proposal(trial: FrozenTrial) -> Mapping[str, Any]:
    """The assignment of a trial; empty until the trial is described."""
    return trial.system_attrs.get(PROPOSAL, {}) if is_described(trial) else {}
