"""How a search will score, for its beginning: by a training of proxies or by the user's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from explorer.errors import ExplorerError, UsageError
from explorer.units import format_count

if TYPE_CHECKING:
    from explorer.search import Settings, StudyRecipe


def refuse(data: str | None, score: str | None, features: str | None = None) -> None:
    """Say at once what ``--data`` and functions cannot be.

    Raises:
        UsageError: there are both.
        ExplorerError: the function has no name.
    """
    if score is not None and not score:
        raise ExplorerError("--score: write MODULE:FUNCTION, as in tabular:score")
    if features is not None and not features:
        raise ExplorerError("--features: write MODULE:FUNCTION, as in tabular:features")
    if data is not None and score:
        raise UsageError(f"--data: '{score}' scores the candidates, and is given no data")


def read_rungs(given: str, score: str) -> tuple[int, ...]:
    """Numbers of epochs, separated by commas; none for the word.

    Raises:
        UsageError: a function scores, which knows no epochs.
        ExplorerError: something else is written.
    """
    if score:
        raise UsageError(f"--rungs: '{score}' scores the candidates, and knows no epochs")
    if given == "none":
        return ()
    try:
        return tuple(int(word) for word in given.split(","))
    except ValueError:
        raise ExplorerError(
            f"--rungs: numbers of epochs, such as 1 or 1,2, or the word none; got '{given}'"
        ) from None


def fingerprint(recipe: StudyRecipe) -> str:
    """Of the data that proxies are trained on; empty for a function, which is seen to be there.

    Raises:
        ExplorerError: the data or the function cannot be opened.
    """
    from explorer.score import load_function

    if not recipe.score:
        return recipe.protocol.open_data().fingerprint
    load_function(recipe.score)  # rather now than in every worker
    return ""


def facts(settings: Settings) -> Mapping[str, Any]:
    """What a report will want to know of the scores."""
    from explorer.score import describe, load_function
    from explorer.score.custom import first_line

    if settings.score:
        return {"about": first_line(load_function(settings.score))}
    return describe(settings.protocol, settings.protocol.open_data())


def in_words(settings: Settings) -> str:
    """How candidates will be scored, in a line; with what the proxy of the defaults costs."""
    from explorer.score import Scorer, describe

    if settings.score:
        known = f"; {settings.features} says features of them beforehand" * bool(settings.features)
        return f"scored by {settings.score}, a function of your own; no proxy is trained{known}"
    scorer = Scorer(settings.text, settings.protocol)
    told = describe(settings.protocol, scorer.data)
    return (
        f"trained at {told['input']} and width x{told['width']}: the defaults cost "
        f"{format_count(scorer.cost({}).macs)} macs there; {told['training images']:,} "
        f"{told['kind']} of '{told['data']}', {told['epochs']} epochs{_waiting(settings)}"
    )


def _waiting(settings: Settings) -> str:
    protocol = settings.protocol
    if not protocol.rungs:
        return ""
    waits = " and ".join(map(str, protocol.rungs))
    return f"; after {waits}, at most {float(protocol.promote):.0%} of the candidates go on"


def notes(settings: Settings) -> list[str]:
    """What to know before trial one of how proxies are trained, at most one note.

    Raises:
        ExplorerError: the default cannot be trained as asked. What a function takes, only a call
            of it would say.
    """
    from explorer.ops import image
    from explorer.score import Scorer

    if settings.score:
        return []
    scorer = Scorer(settings.text, settings.protocol)
    taken, size = settings.text.space().header.input, scorer.data.size
    if 0 < len(taken.grid) < len(size):  # kernels of one axis would become square ones
        raise ExplorerError(
            f"--data: {settings.protocol.data} holds {scorer.data.kind} of "
            f"{image(scorer.data.channels, *size)}, and what is searched takes {taken}"
        )
    try:
        graph = scorer.proxy({})
    except ExplorerError as error:
        message = f"the space's default cannot be trained under the protocol: {error.message}"
        raise ExplorerError(message, error.place, error.calls) from None
    return [
        f"{problem} under this protocol; larger kernels cannot differ there"
        for problem in scorer.small_grids(graph)[:1]
    ]
