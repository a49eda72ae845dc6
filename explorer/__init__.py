"""Given a budget of multiply-adds, which network should I build: the tool that answers.

text > space > graph > cost > module > score > study > report

>>> import explorer
>>> net = explorer.bind(explorer.open_space("googlenet")).graph
>>> explorer.count(net).macs
1582671872

What needs torch (``build_module``, ``audit``, ``load_study``) is loaded when it is first asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

# The public API, and where each name lives; nothing is imported before it is used.
_HOMES = {
    "parse": "explorer.language",
    "print_syntax": "explorer.language",
    "elaborate": "explorer.space",
    "bind": "explorer.space",
    "Candidate": "explorer.space",
    "Rebind": "explorer.space",
    "open_space": "explorer.space.library",
    "fingerprint": "explorer.graph",
    "count": "explorer.cost",
    "inference_memory": "explorer.cost",
    "training_memory": "explorer.cost",
    "receptive_field": "explorer.cost",
    "parse_budget": "explorer.budget",
    "profile": "explorer.budget",
    "open_baseline": "explorer.scale",
    "Coefficients": "explorer.scale",
    "fit_to_budget": "explorer.scale",
    "load_data": "explorer.data",
    "build_module": "explorer.build",
    "audit": "explorer.build",
    "measure_latency": "explorer.build",
    "fit_latency_predictor": "explorer.build.predictor",
    "LatencyPredictor": "explorer.cost.latency",
    "Scorer": "explorer.score",
    "Protocol": "explorer.score",
    "load_function": "explorer.score",
    "free_scores": "explorer.score.free",
    "construct_net": "explorer.construct.layers",
    "space_around": "explorer.around",
    "load_study": "explorer.search",
    "study_folder": "explorer.search",
    "write_report": "explorer.report",
    "ExplorerError": "explorer.errors",
}
# Names that would say too little out here.
_INSIDE = {
    "construct_net": "construct",
    "space_around": "around",
    "load_data": "load",
    "build_module": "build",
    "fit_to_budget": "fit",
    "fit_latency_predictor": "fit_predictor",
    "LatencyPredictor": "Predictor",
}
__all__ = [*_HOMES]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'explorer' has no attribute '{name}'")
    return getattr(import_module(_HOMES[name]), _INSIDE.get(name, name))
