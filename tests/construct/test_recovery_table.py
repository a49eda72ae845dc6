"""The table of recovery: runs that go on where they stopped, and what is made of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from explorer.construct import Model, draw_network, draw_samples, network_quality, recover_network
from scripts import recovery, recovery_missed
from scripts.lines import read
from scripts.recovery import BEGIN, END, Row, measure, put_into, report

ROWS = {
    "flat": Row(Model(60, 6), 600, 0.05, (0.5, 0.5)),
    "deep": Row(Model(60, 4, 2, "regular"), 600, 0.05, bottom="real", edges="negative"),
}


def test_runs_are_shared_and_never_made_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recovery, "ROWS", ROWS)
    path = tmp_path / "new" / "recovery.csv"
    measure(path, ["flat"], [1], jobs=1)
    first = path.read_bytes()
    path.write_bytes(first + b"deep,1,0.")  # a line that was cut off
    measure(path, ["flat", "deep"], [1, 2], jobs=2)
    assert path.read_bytes().startswith(first)
    lines = read(path)
    runs = [(line["row"], line["seed"]) for line in lines]
    assert sorted(runs) == [("deep", "1"), ("deep", "2"), ("flat", "1"), ("flat", "2")]
    head, _, flat, deep, seeds = report([*lines, lines[0]])
    known = dict(zip(cells(head), cells(flat), strict=True))
    assert (known["row"], known["network"], known["of"]) == ("`flat`", "1 layer, d = 6", "2")
    assert known["goal"] == ".5 / .5"
    known = dict(zip(cells(head), cells(deep), strict=True))
    assert known["network"] == "2 layers, d = 4, regular, real bottom"
    assert known["precision / recall, bottom up"].count(" / ") == 2
    assert seeds == "\nSeeds 1, 2."


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.split("|")]


def test_a_table_takes_the_place_of_the_last(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"before\n\n{BEGIN}{END}\nafter\n", "utf-8")
    for table in ("| old |", "| new |"):
        put_into(page, table)
    assert page.read_text("utf-8") == f"before\n\n{BEGIN}\n| new |\n\n{END}\nafter\n"
    page.write_text("nothing\n", "utf-8")
    with pytest.raises(SystemExit, match=r"page\.md: has no lines <!-- recovery: begin -->"):
        put_into(page, "")


def test_what_is_missed_adds_up_to_the_recall() -> None:
    row = Row(Model(120, 8, 2), 6_000, 0.02)
    *lines, last = recovery_missed.report(row, 3)
    cells = [[cell.strip() for cell in text.strip("|").split("|")] for text in lines[2:]]
    edges, missed, false = (sum(int(each[at]) for each in cells) for at in (2, 4, 5))
    unmatched = int(last.split()[0])
    rng = np.random.default_rng(3)
    truth = draw_network(row.model, rng)
    samples = draw_samples(truth, row.samples, row.density, rng)[0]
    found = recover_network(samples, 2, seed=3)
    (bottom, _) = network_quality([layer.weights for layer in found], truth)
    right = edges - missed
    assert 0 < missed < edges
    assert right / edges == pytest.approx(bottom.positive.recall)
    assert right / (right + false + unmatched) == pytest.approx(bottom.positive.precision)
