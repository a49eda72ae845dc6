"""The report as a folder: every file there, the page sound, nothing of the user's as markup."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from explorer.cost import count
from explorer.errors import ExplorerError
from explorer.export import verify
from explorer.graph import fingerprint
from explorer.language import parse
from explorer.report import closed_net, write_report
from explorer.report.markup import Html, html
from explorer.search import StudyRecord
from explorer.space import bind, elaborate
from tests.report.studies import FACTS, PLAIN, failed, measured, searched, settings, study, trial

VOID = {"meta", "br", "link", "img", "hr"}
FILES = {
    *("index.html", "pareto.svg", "pareto.png", "learning.svg", "learning.png"),
    *("front.csv", "trials.csv", "best.net", "best.py"),
}

RANKING = {"ranking.svg", "ranking.png"}


class Page(HTMLParser):
    """Reads a page: every element closed where it must be, every id once, what it links to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.labels: list[str] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self._attributes(dict(attrs))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._attributes(dict(attrs))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not {"style", "title", "svg"} & set(self.open):
            self.words.append(data)

    def _attributes(self, found: dict[str, str | None]) -> None:
        self.ids += [found["id"] or ""] if "id" in found else []
        self.links += [found["href"] or ""] if "href" in found else []
        self.labels += [found["aria-labelledby"] or ""] if "aria-labelledby" in found else []
        assert not any(name.startswith("on") or name == "src" for name in found)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


Report = tuple[Path, Page]
Write = Callable[[StudyRecord], Report]


def written(record: StudyRecord, folder: Path) -> tuple[Path, Page]:
    first, *rest = write_report(record, folder, FACTS)
    assert first == folder / "index.html"
    assert {path.name for path in folder.iterdir()} == {path.name for path in (first, *rest)}
    page = Page(first.read_text("utf-8"))
    assert len(page.ids) == len(set(page.ids))
    assert set(page.labels) <= set(page.ids)
    outward = [link for link in page.links if not link.startswith("#")]
    assert sorted(outward) == sorted(path.name for path in rest)
    assert "script" not in page.tags
    return folder, page


@pytest.fixture
def write(tmp_path: Path) -> Write:
    return lambda record: written(record, tmp_path / "reports" / "small")


@pytest.fixture(scope="module")
def record() -> StudyRecord:
    found = searched()
    return replace(found, trials=(*found.trials, failed(8, "the loss became nan")))


@pytest.fixture(scope="module")
def report(record: StudyRecord, tmp_path_factory: pytest.TempPathFactory) -> Report:
    return written(record, tmp_path_factory.mktemp("report") / "small")


def test_everything_is_written(report: Report, record: StudyRecord) -> None:
    folder, page = report
    assert {path.name for path in folder.iterdir()} == FILES | RANKING
    assert page.text.startswith(f"{record.command} · python 3.11 · torch 2.9 · a laptop Which net")
    headings = (
        *("The front", "The best net within the budget", "How this was counted"),
        *("How candidates were scored", "How far to trust the scores", "What was not done"),
        *("What failed", "Take it home, or go on", "Files"),
    )
    places = [page.text.index(heading) for heading in headings]
    assert places == sorted(places)
    assert page.tags.count("svg") == 3
    assert "the loss became nan trial 8" in page.text
    assert f"explorer count {folder / 'best.net'} --audit" in page.text
    assert "from best import load" in page.text


def test_the_page_needs_nothing_but_itself(report: Report) -> None:
    folder, page = report
    text = (folder / "index.html").read_text("utf-8")
    assert text.startswith('<!DOCTYPE html>\n<html lang="en">')
    assert "@import" not in text and "<metadata" not in text
    names = {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}  # of formats, not places
    assert {word for word in text.split('"') if word.startswith("http")} <= names
    assert "prefers-color-scheme: dark" in text
    assert page.tags.count("h1") == 1


def test_tables_have_headers(report: Report) -> None:
    folder, page = report
    text = (folder / "index.html").read_text("utf-8")
    assert page.tags.count("caption") == page.tags.count("table") == 4
    assert text.count("<th") == text.count("<th scope=") + text.count("<thead>")


def test_numbers_come_back_exactly(report: Report, record: StudyRecord) -> None:
    folder, _ = report
    with (folder / "front.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [int(row["trial"]) for row in rows] == [t.number for t in record.front]
    assert [float(row["accuracy"]) for row in rows] == [t.accuracy for t in record.front]
    assert [int(row["macs"]) for row in rows] == [t.cost.macs for t in record.front]
    with (folder / "trials.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    frame = record.frame()
    assert list(rows[0]) == list(frame.columns)
    for row, found in zip(rows, record.trials, strict=True):
        assert row["accuracy"] == (repr(found.accuracy) if found.is_complete else "")
        assert int(row["macs"]) == found.cost.macs
        assert {path: row[path] for path in found.assignment} == {
            path: str(value) for path, value in found.assignment.items()
        }


def test_the_best_net_is_the_best_trial(report: Report, record: StudyRecord) -> None:
    folder, _ = report
    best = record.best
    assert best is not None
    text = (folder / "best.net").read_text("utf-8")
    space = elaborate(parse(text))
    graph = bind(space).graph
    assert space.is_net
    assert fingerprint(graph) == best.fingerprint
    assert space.expected is not None
    expected = {"macs": count(graph).macs, "params": count(graph).params}
    assert space.expected.counts == expected
    assert text.startswith(f"# Trial {best.number} of the study small-2e6: a small")
    assert best.fingerprint in text and f"Begun by: {record.command}" in text


def test_the_file_to_take_home_runs_alone(report: Report, record: StudyRecord) -> None:
    folder, _ = report
    assert record.best is not None
    text = (folder / "best.py").read_text("utf-8")
    assert f"trial {record.best.number} of the study small-2e6" in text
    assert "Weights: none." in text
    verified = verify(closed_net(record, record.best).graph, folder / "best.py")
    assert verified.params == record.best.cost.params


NASTY = '<script>alert("1")</script> & "quotes"\n# \N{SNOWMAN}'


def test_nothing_of_the_users_is_taken_as_markup(write: Write) -> None:
    asked = settings()
    asked = replace(asked, origin={"machine": NASTY, NASTY: "1"})
    record = study([trial(asked, 0, 0.7), failed(1, NASTY)], asked, name=NASTY)
    folder, page = write(replace(record, command=NASTY))
    assert "script" not in page.tags
    assert 'alert("1")' in page.text
    elaborate(parse((folder / "best.net").read_text("utf-8")))
    compile((folder / "best.py").read_text("utf-8"), "best.py", "exec")


def test_the_reliability_of_scores_is_shown(write: Write) -> None:
    folder, page = write(measured())
    names = {path.name for path in folder.iterdir()}
    assert names >= RANKING
    assert "12 of the 24 complete trials were trained a second time" in page.text
    assert "swap 0." in page.text and "epoch 2 0." in page.text
    assert "Error bars: ± one standard deviation between seeds" in page.text
    with (folder / "front.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len({float(row["seed_deviation"]) for row in rows}) == 1
    assert len({float(row["standard_error"]) for row in rows}) > 1


def test_an_empty_study_has_a_page_that_says_so(write: Write) -> None:
    folder, page = write(replace(study([]), command=""))
    assert {path.name for path in folder.iterdir()} == {"index.html"}
    assert "No trial is complete, so there is no answer yet." in page.text
    assert "the command that began this study was not stored" in page.text


def test_failures_alone_are_listed(write: Write) -> None:
    waiting = replace(failed(3, ""), state="waiting", assignment={})
    folder, page = write(study([failed(0, "no memory"), failed(1, "no memory"), waiting]))
    assert {path.name for path in folder.iterdir()} == {"index.html", "trials.csv"}
    assert "2 no memory trials 0 and 1" in page.text


def test_one_trial_is_enough(write: Write) -> None:
    folder, page = write(study([trial(settings(), 0, 1.0)]))
    assert {path.name for path in folder.iterdir()} == FILES
    assert "nothing: these are the defaults" in page.text


@pytest.mark.parametrize("budget", ["params=1e6", "macs=1e9,params=1e6", "1"])
def test_any_budget_will_do(write: Write, budget: str) -> None:
    asked = settings(budget=budget)
    _, page = write(study([trial(asked, 0, 0.5), trial(asked, 1, 0.7, {"depth": 3})], asked))
    assert ("The best net" in page.text) == (budget != "1")


def test_a_space_without_choices_has_a_page(write: Write) -> None:
    asked = settings(PLAIN)
    _, page = write(study([trial(asked, 0, 0.7)], asked))
    assert "The space has no choices." in page.text


def test_a_newer_report_replaces_an_older_one(write: Write) -> None:
    write(searched())
    folder, _ = write(study([]))
    assert {path.name for path in folder.iterdir()} == {"index.html"}


def test_the_same_study_gives_the_same_bytes(write: Write) -> None:
    folder, _ = write(searched(4))
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    write(searched(4))
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ExplorerError, match=r"cannot write .*file/report"):
        write_report(study([]), tmp_path / "file" / "report", FACTS)


def test_values_are_escaped_and_markup_is_not() -> None:
    assert html("<b>{}</b>{}", "a < b & 'c'", Html("<i></i>")) == (
        "<b>a &lt; b &amp; &#x27;c&#x27;</b><i></i>"
    )
    assert html("{}", "{} {0}") == "{} {0}"
