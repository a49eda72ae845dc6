"""Studies: what to try, who trains it, and what was found. The one package that knows Optuna.

Names are loaded when they are first asked for, so that a budget which cannot be met is refused
before torch is there.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from explorer.search.crew import Crew, pick_crew
    from explorer.search.extend import extend_study
    from explorer.search.opening import create_study, exists, is_there, load_study, study_folder
    from explorer.search.recipes import find_recipe
    from explorer.search.records import Reference, StudyRecord, Trial
    from explorer.search.settings import Objective, Settings, StudyRecipe, origin, read_recipe
    from explorer.search.study import Study
    from explorer.search.workers.orders import Orders
    from explorer.search.workers.supervisor import Effort, Supervisor
    from explorer.search.workers.worker import work

__all__ = [
    "Crew",
    "Effort",
    "Objective",
    "Orders",
    "Reference",
    "Settings",
    "Study",
    "StudyRecipe",
    "StudyRecord",
    "Supervisor",
    "Trial",
    "create_study",
    "exists",
    "extend_study",
    "find_recipe",
    "is_there",
    "load_study",
    "origin",
    "pick_crew",
    "read_recipe",
    "study_folder",
    "work",
]

_HOMES = {
    "crew": ("Crew", "pick_crew"),
    "extend": ("extend_study",),
    "opening": ("create_study", "exists", "is_there", "load_study", "study_folder"),
    "workers.orders": ("Orders",),
    "recipes": ("find_recipe",),
    "records": ("Reference", "StudyRecord", "Trial"),
    "settings": ("Objective", "Settings", "StudyRecipe", "origin", "read_recipe"),
    "study": ("Study",),
    "workers.supervisor": ("Effort", "Supervisor"),
    "workers.worker": ("work",),
}
_HOME = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'explorer.search' has no attribute '{name}'")
    return getattr(import_module(f"explorer.search.{_HOME[name]}"), name)
