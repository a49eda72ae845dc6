"""A study as a folder that one can show around: a page, figures, tables, and the best net."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from importlib.resources import files
from io import StringIO
from pathlib import Path
from string import Template
from typing import Any

from explorer.errors import ExplorerError
from explorer.export import Facts, write
from explorer.ops import Cost
from explorer.report import sections
from explorer.report.changes import changes
from explorer.report.content import Content
from explorer.report.dots import ranking
from explorer.report.figures import learning, pareto
from explorer.report.info import FrontInfo, cost_rows, front_info, learning_info, standard_error
from explorer.report.look import save
from explorer.report.markup import html, joined
from explorer.report.net import ClosedNet, closed_net
from explorer.report.reliability import ReliabilityInfo, reliability_info
from explorer.score import describe
from explorer.search import StudyRecord

_WHAT = {
    "pareto.svg": "accuracy against multiply-adds",
    "pareto.png": "the same, for slides",
    "learning.svg": "accuracy after each epoch",
    "learning.png": "the same, for slides",
    "ranking.svg": "how well the nets are ranked by what is known early",
    "ranking.png": "the same, for slides",
    "front.csv": "the trials on the front, numbers in full",
    "trials.csv": "every trial with every choice, numbers in full",
    "best.net": "the best net within the budget, as a text to read and to count",
    "best.py": "the same net as one PyTorch file",
}


def write_report(
    record: StudyRecord, folder: Path, facts: Mapping[str, Any] | None = None
) -> list[Path]:
    """Write the report of a study.

    Args:
        record: what the study found.
        folder: where to write; it is made where it is missing, and older reports are replaced.
        facts: of the protocol, as :func:`explorer.score.describe` gives them. Without them, here
            or in the record, the study's data is opened to find out; never where a function of the
            user's own scores.

    Returns:
        The files, the page first.

    Raises:
        ExplorerError: the folder cannot be written, or the data cannot be opened.
    """
    facts = facts or facts_of(record)
    front = front_info(record, facts.get("validation objects", 0))
    trusted = reliability_info(record, front)
    net = _best(record, front)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        written = [*_figures(record, front, trusted, folder), *_tables(record, front, folder)]
        written += _net(record, net, folder) if net else []
        page = folder / "index.html"
        page.write_text(_page(record, folder, facts, front, trusted, net, written), "utf-8")
    except OSError as error:
        raise ExplorerError(f"cannot write {folder}: {error.strerror}") from None
    for name in _WHAT.keys() - {path.name for path in written}:
        (folder / name).unlink(missing_ok=True)  # of an older report, which this one replaces
    return [page, *written]


def facts_of(record: StudyRecord) -> Mapping[str, Any]:
    """The facts of a study's protocol; where they were not stored, its data is opened.

    Those of a function of the user's own are never looked for.

    Raises:
        ExplorerError: the data cannot be opened.
    """
    if record.settings.score:
        return record.facts
    protocol = record.settings.protocol
    return record.facts or describe(protocol, protocol.open_data())


def _best(record: StudyRecord, front: FrontInfo) -> ClosedNet | None:
    if front.best is None:
        return None
    trial = next(trial for trial in record.complete if trial.number == front.best.number)
    return closed_net(record, trial)


def _figures(
    record: StudyRecord, front: FrontInfo, trusted: ReliabilityInfo, folder: Path
) -> list[Path]:
    curves = learning_info(record)
    has_curves = curves.curves and not record.settings.score
    drawn = {"pareto": pareto(front)} if front.points else {}
    drawn |= {"learning": learning(curves)} if has_curves else {}
    drawn |= {"ranking": ranking(trusted)} if trusted.rows else {}
    return [
        save(figure, folder / f"{name}.{kind}")
        for name, figure in drawn.items()
        for kind in ("svg", "png")
    ]


def _tables(record: StudyRecord, front: FrontInfo, folder: Path) -> list[Path]:
    written = []
    if front.points:
        (folder / "front.csv").write_text(_front_csv(record, front), "utf-8")
        written.append(folder / "front.csv")
    if record.trials:
        record.frame().to_csv(folder / "trials.csv", index=False, lineterminator="\n")
        written.append(folder / "trials.csv")
    return written


def _front_csv(record: StudyRecord, front: FrontInfo) -> str:
    """The front from the cheapest up; numbers as Python reads them back exactly."""
    text = StringIO()
    is_counted = bool(front.val_images)
    names = ("trial", front.unit.column, *["standard_error"] * is_counted, "seed_deviation")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*names, "scores", *Cost._fields, "fingerprint"])
    seeds = repr(front.seeds.sigma) if front.seeds else ""
    trials = {trial.number: trial for trial in record.trials}
    for point in front.front:
        trial = trials[point.number]
        counted = [repr(standard_error(point.accuracy, front.val_images))] if is_counted else []
        figures = (point.number, repr(point.accuracy), *counted, seeds, len(point.scores))
        writer.writerow([*figures, *trial.cost, trial.fingerprint])
    return text.getvalue()


def _net(record: StudyRecord, net: ClosedNet, folder: Path) -> list[Path]:
    path = folder / "best.net"
    path.write_text(net.text, "utf-8")
    versions = ", ".join(f"{name} {value}" for name, value in record.settings.origin.items())
    facts = Facts(net.title, (*net.origin, versions) if versions else net.origin)
    return [path, *write(net.graph, folder / "best.py", facts)]


def _page(
    record: StudyRecord,
    folder: Path,
    facts: Mapping[str, Any],
    front: FrontInfo,
    trusted: ReliabilityInfo,
    net: ClosedNet | None,
    written: list[Path],
) -> str:
    space = record.settings.text.space()
    what = _WHAT | {"pareto.svg": f"{front.unit.name} against multiply-adds"}
    content = Content(
        record=record,
        folder=folder,
        facts=facts,
        front=front,
        reliability=trusted,
        changes={trial.number: changes(space, trial) for trial in record.front},
        net=net,
        costs=cost_rows(net.graph) if net else (),
        drawings={p.stem: p.read_text("utf-8") for p in written if p.suffix == ".svg"},
        files={path.name: what[path.name] for path in written},
    )
    body = joined(part(content) for part in sections.PARTS)
    resources = files("explorer.report")
    style = resources.joinpath("page.css").read_text("utf-8")
    page = Template(resources.joinpath("page.html").read_text("utf-8"))
    return page.substitute(title=html("{}: report", record.name), style=style, body=body)
