"""Which crew a study gets on this machine, and why."""

from __future__ import annotations

from typing import NamedTuple

import torch

from explorer.build.machine import hardware
from explorer.cost.latency import Predictor
from explorer.score import pick_device, protocol_to_json
from explorer.search.crew import kept
from explorer.search.crew.crews import Crew, choose, in_words, room
from explorer.search.crew.devices import devices_of
from explorer.search.crew.machine import available_memory, usable_cores
from explorer.search.crew.rehearsal import Progress, RehearsalError, rehearse
from explorer.search.settings import Settings, hash_text

_FUNCTION = 2  # workers for a function of the user's own, which may use all of a machine by itself


class Pick(NamedTuple):
    """A crew, and what decided it, in a line that begins with it."""

    crew: Crew
    line: str


def pick_crew(
    settings: Settings,
    predictor: Predictor | None,
    device: str,
    most: int,
    on_progress: Progress = lambda done, of: None,
) -> Pick:
    """The crew that trains the most images a second, as measured now or before.

    Args:
        settings: of the study.
        predictor: of latency, when the budget bounds it.
        device: as for :func:`explorer.score.pick_device`.
        most: workers that there is work for.
        on_progress: told how many crews are measured, and how many there are.

    Raises:
        ExplorerError: there is no such device.
    """
    if settings.score:
        crew = Crew(min(_FUNCTION, most))
        return _said(crew, "what your function takes is not known; --workers says otherwise")
    chosen = pick_device(device)
    if chosen.type == "cuda":
        count = len(devices_of(device)) or 1
        return _said(Crew(min(count, most)), f"CUDA devices: {count}, one for each worker")
    if chosen.type != "cpu":
        return _said(Crew(1), f"the device is {chosen.type}")
    cores = usable_cores()
    if cores == 1:
        return _said(Crew(1), "one core may be used")
    return _measured(settings, predictor, cores, most, on_progress)


def _measured(
    settings: Settings, predictor: Predictor | None, cores: int, most: int, on_progress: Progress
) -> Pick:
    facts, most = _facts(settings, cores), min(cores, most)
    found, note = kept.read(facts), ", as measured before"
    if found is None or found.most < most:
        try:
            found, note = rehearse(settings, predictor, cores, most, on_progress), ""
        except RehearsalError as error:
            return _said(Crew(1, cores), f"nothing could be measured ({error})")
        if found.doubt:
            note = f"; {found.doubt}, so the next search measures again"
        else:
            kept.write(facts, found)
    fits = room(available_memory(), found.peak)
    rates = found.within(min(most, fits))
    crew = choose(rates)
    memory = f"; memory for {fits}" if fits < most else ""
    return Pick(crew, in_words(rates, crew) + note + memory)


def _facts(settings: Settings, cores: int) -> dict[str, object]:
    """Everything that a rehearsal depends on, but for the seed, which hardly matters to its net."""
    return {
        "machine": hardware(torch.device("cpu")),
        "cores": cores,
        "torch": str(torch.__version__),
        "space": hash_text(settings.text.content),
        "budget": str(settings.budget),
        "data": settings.data_fingerprint,
        "protocol": protocol_to_json(settings.protocol),
    }


def _said(crew: Crew, why: str) -> Pick:
    return Pick(crew, f"{crew}: {why}")
