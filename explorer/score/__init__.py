"""How good a candidate is: one job in, one result out. Knows nothing of studies."""

from explorer.score.custom import ScoreFunction, load_function
from explorer.score.device import free_memory, pick_device, prepare_process
from explorer.score.feed import Feed
from explorer.score.job import Scorer, describe, training_seed
from explorer.score.protocol import Protocol, Recipe, protocol_from_json, protocol_to_json
from explorer.score.train import DivergedError, Run, Training, train

__all__ = [
    "DivergedError",
    "Feed",
    "Protocol",
    "Recipe",
    "Run",
    "ScoreFunction",
    "Scorer",
    "Training",
    "describe",
    "free_memory",
    "load_function",
    "pick_device",
    "prepare_process",
    "protocol_from_json",
    "protocol_to_json",
    "train",
    "training_seed",
]
