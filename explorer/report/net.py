"""A trial as a net of its own: a text that needs nothing of the study."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import dropwhile
from textwrap import wrap

from explorer.cost import Cost, count
from explorer.graph import Graph, fingerprint
from explorer.language import parse, print_syntax, syntax
from explorer.report.changes import moved
from explorer.report.tidy import tidy
from explorer.report.unit import unit_of
from explorer.search import StudyRecord, Trial
from explorer.space import Candidate, Space, bind, elaborate
from explorer.space.close import close

_WIDTH = 94


@dataclass(frozen=True)
class ClosedNet:
    """A trial's net.

    Attributes:
        title: what it is, in a line.
        origin: where it comes from, in a few lines.
        text: in the language, whole.
    """

    title: str
    origin: tuple[str, ...]
    text: str

    @property
    def body(self) -> str:
        """The text without the comments at its top."""
        lines = self.text.splitlines(keepends=True)
        return "".join(dropwhile(lambda line: line.startswith("#"), lines))

    @cached_property
    def graph(self) -> Graph:
        """What the text means."""
        return bind(elaborate(parse(self.text, self.title))).graph


def closed_net(record: StudyRecord, trial: Trial) -> ClosedNet:
    """The net of a trial, whose text says where it comes from and what it costs."""
    space = record.settings.text.space()
    candidate = bind(space, trial.assignment)
    title = f"trial {trial.number} of the study {' '.join(record.name.split())}"
    origin = _origin(record, trial)
    notes = [line for text in (*origin, _choices(space, candidate)) for line in wrap(text, _WIDTH)]
    net = syntax.Net(
        "net", f"{space.name}_{trial.number}", title.replace('"', "'"),
        before=tuple(f"# {note}" for note in notes),
    )  # fmt: skip
    file = tidy(close(record.settings.text, trial.assignment))
    text = print_syntax(_headed(file, net, count(candidate.graph)))
    closed = ClosedNet(title, origin, text)
    assert fingerprint(closed.graph) == fingerprint(candidate.graph)
    return closed


def _headed(file: syntax.File, net: syntax.Net, cost: Cost) -> syntax.File:
    """The file with a heading of its own, and with what it must cost."""
    counts = [("macs", cost.macs), ("params", cost.params)]
    expect = syntax.Expect(
        tuple(syntax.Named(name, syntax.Number(str(value))) for name, value in counts)
    )
    kept = [net if isinstance(s, syntax.Net) else s for s in file.statements]
    head = (syntax.Language, syntax.Net, syntax.Input, syntax.Default)
    last = max(index for index, s in enumerate(kept) if isinstance(s, head))
    bare = [replace(s, before=(), after=None) if isinstance(s, head[2:]) else s for s in kept]
    return replace(file, statements=(*bare[: last + 1], expect, *bare[last + 1 :]))


def _origin(record: StudyRecord, trial: Trial) -> tuple[str, ...]:
    lines = (
        f"Trial {trial.number} of the study {record.name}: {_scored(record, trial)}.",
        f"Begun by: {record.command}" if record.command else "",
        f"Graph {trial.fingerprint}" if trial.fingerprint else "",
    )
    return tuple(" ".join(line.split()) for line in lines if line)


def _scored(record: StudyRecord, trial: Trial) -> str:
    unit, function = unit_of(record.settings), record.settings.score
    found = unit.exact(trial.accuracy)
    mean = f" in the mean of {len(trial.scores)} scores" if trial.again else ""
    if function:
        return f"{function} gave it {found}{mean}"
    return f"a small copy of this net got {found}{unit.of}{mean}"


def _choices(space: Space, candidate: Candidate) -> str:
    found = moved(space, candidate)
    if not found:
        return "Every choice of the space is at its default."
    listed = ", ".join(f"{path}={value}" for path, value in found.items())
    return f"Choices that left their default: {listed}"
