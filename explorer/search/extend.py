"""A study whose space gets more choices between two runs.

Optuna takes a trial's distributions as final, so the trials are written anew with those of the new
space, and what they are written to then takes the place of the old study, which is kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace

import optuna
from optuna.trial import FrozenTrial

from explorer.search.refit import Refit
from explorer.search.settings import Settings
from explorer.search.storage.store import SETTINGS
from explorer.search.study import EXHAUSTED, REFERENCE, Study
from explorer.space.library import Text

_PARENTS = ":parent:"  # trials' ids, which Optuna's genetic samplers keep and can find again


def extend_study(study: Study, text: Text) -> tuple[Study, str]:
    """Give a study another text of its space, in which its trials are the nets that they were.

    Trials keep numbers, states, scores, times and attributes. What a new choice is in them is its
    default. Whoever is killed here leaves the study wholly as it was, or wholly extended.

    Args:
        study: at which nobody is at work.
        text: of its space from now on.

    Returns:
        The study as it is now, and what became of it in a line.

    Raises:
        StudyError: a trial's net is not in the new space, or is trained differently; a search or a
            worker is at work; the study cannot be written.
    """
    with closing(study.store.own()), study.queue.at_rest():
        refit = Refit(study.settings, text)
        trials = [refit.trial(trial) for trial in study.inner.get_trials(deepcopy=False)]
        settings = replace(study.settings, text=text)
        dropped = {EXHAUSTED, SETTINGS}
        if not refit.keeps_default():
            dropped.add(REFERENCE)

        def fill(inner: optuna.Study) -> None:
            _copy_attributes(study.inner, inner, dropped)
            _write(inner, trials, settings)

        kept = study.store.replace([o.direction for o in settings.objectives], fill)
        extended = Study(study.store, study.store.load())
    done = "extended" if refit.is_wider else "changed"
    count = len(extended.record().trials)
    return extended, f"space {done}: {count} trial{'s'[: count - 1]} kept, {kept}"


def _copy_attributes(old: optuna.Study, new: optuna.Study, dropped: set[str]) -> None:
    """What is known of a study beside its trials, metric names and other tools' notes included."""
    for name, value in old._storage.get_study_system_attrs(old._study_id).items():
        if _PARENTS not in name:
            new._storage.set_study_system_attr(new._study_id, name, value)
    for name, value in old.user_attrs.items():
        if name not in dropped:
            new.set_user_attr(name, value)


def _write(inner: optuna.Study, trials: Sequence[FrozenTrial], settings: Settings) -> None:
    """Trials as they are, times and all; then the settings, without which nothing is a study."""
    for trial in trials:
        inner._storage.create_new_trial(inner._study_id, template_trial=trial)
    inner.set_user_attr(SETTINGS, settings.to_json())
