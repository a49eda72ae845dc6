"""Studies: what to try, who trains it, and what was found. The one package that knows Optuna."""

from explorer.search.records import Reference, StudyRecord, Trial
from explorer.search.settings import (
    Objective,
    Settings,
    StudyRecipe,
    find_recipe,
    origin,
    read_recipe,
)
from explorer.search.study import Study, create_study, exists, load_study, study_folder
from explorer.search.supervisor import Effort, Supervisor
from explorer.search.worker import Orders, work

__all__ = [
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
    "find_recipe",
    "load_study",
    "origin",
    "read_recipe",
    "study_folder",
    "work",
]
