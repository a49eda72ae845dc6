"""Nets of NAS-Bench-Macro against its published figures; `scripts` has the check of all 6,561."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from explorer.cost import count
from explorer.graph import fingerprint
from explorer.space.library import find_text
from scripts.reproduce_nasbench_macro import Published, graph_of, main

FILE = Path(__file__).parent / "nasbench_macro.csv"
SPACE = find_text("nasbench_macro").space()

with FILE.open() as table:
    ROWS = [Published(r["arch"], int(r["params"]), int(r["flops"])) for r in csv.DictReader(table)]


@pytest.mark.parametrize("row", ROWS, ids=[row.arch for row in ROWS])
def test_a_net_of_the_benchmark_has_its_figures(row: Published) -> None:
    cost = count(graph_of(SPACE, row.arch))
    assert (cost.params, cost.macs) == (row.params, row.macs)


def test_the_rows_have_every_op_in_every_layer() -> None:
    assert all(
        set(digits) == set("012") for digits in zip(*(row.arch for row in ROWS), strict=True)
    )


def test_what_is_left_out_leaves_no_trace() -> None:
    """Inside a stage it makes no difference which layer is left out."""
    assert fingerprint(graph_of(SPACE, "22212220")) == fingerprint(graph_of(SPACE, "22212202"))
    assert fingerprint(graph_of(SPACE, "20212222")) != fingerprint(graph_of(SPACE, "22012222"))


def test_the_script_compares_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["reproduce", str(FILE)])
    main()
    assert capsys.readouterr().out.startswith(f"{len(ROWS)} rows, {len(ROWS)} equal")
    wrong = tmp_path / "wrong.json"
    wrong.write_text('{"00000000": {"params": 387882, "flops": 7713281}}')
    monkeypatch.setattr("sys.argv", ["reproduce", str(wrong)])
    with pytest.raises(SystemExit):
        main()
    assert capsys.readouterr().out.startswith("1 rows, 0 equal")
