"""``explorer scale``: what it prints, writes and refuses."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from explorer.cli import main


def rows(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[list[str]]:
    assert main(["scale", *arguments]) == 0
    return [line.split() for line in capsys.readouterr().out.splitlines()]


def test_before_and_after_stand_side_by_side(capsys: pytest.CaptureFixture[str]) -> None:
    out = rows(capsys, "googlenet", "--phi", "1")
    head = "depth width pixels layers macs ratio 2^phi params"
    assert out[0] == head.split()
    assert out[1] == "googlenet 1 1 224 22 1,582,671,872 1.00 6,998,552".split()
    after = "equation 3, phi = 1 1.2 1.1 256 28 3,498,796,416 2.21 2.00 12,111,928"
    assert out[2] == after.split()
    assert "depth: modules of the stages 2 -> 3, 5 -> 6, 2 -> 3".split() in out
    assert out[-1] == "add -o FILE.net to write it as a text".split()


def test_published_nets_stand_beside_equation_3(capsys: pytest.CaptureFixture[str]) -> None:
    out = rows(capsys, "efficientnet", "--phi", "3")
    assert out[2][:7] == ["equation", "3,", "phi", "=", "3", "1.728", "1.331"]
    assert out[3] == "published b3 1.4 1.2 300 131 1,827,141,392 4.74 12,233,232".split()
    assert out[4] == "published b4 1.8 1.4 380 161 4,393,771,024 11.39 19,341,616".split()


def test_by_hand_it_is_the_published_net(capsys: pytest.CaptureFixture[str]) -> None:
    hand = ("--width", "1.2", "--depth", "1.4", "--resolution", "300")
    out = rows(capsys, "efficientnet:b0", *hand)
    assert out[2][3:6] == out[3][2:5] == ["1.4", "1.2", "300"]
    assert out[2][7] == out[3][6] == "1,827,141,392"


def test_the_whole_family(capsys: pytest.CaptureFixture[str]) -> None:
    out = rows(capsys, "efficientnet", "--published")
    b2 = "b2 1.2 1.1 260 993.6M 9.11M 1.36 2 1.44 1.21 296 1.811G 12.26M 2.23"
    assert b2.split() in out
    assert main(["scale", "efficientnet", "--published", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [pair["published"]["macs"] for pair in found][-1] == 37_745_884_192
    assert found[1]["equation3"]["promised"] == 2


def test_to_a_budget(capsys: pytest.CaptureFixture[str]) -> None:
    out = rows(capsys, "googlenet", "--budget", "5e9")
    assert "budget: 99.8% of 5G macs".split() in out
    assert main(["scale", "googlenet", "--budget", "5e9", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["budget"] == {"macs": 5_000_000_000}
    assert found["after"]["macs"] <= 5_000_000_000
    assert found["before"]["resolution"] == [224, 224]
    again = rows(capsys, "googlenet", "--phi", f"{found['phi']:g}")
    assert f"{found['after']['macs']:,}" in again[2]


def test_the_text_is_checked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "new" / "scaled.net"
    out = rows(capsys, "googlenet", "--phi", "1", "-o", str(file))
    assert out[-1] == [f"{file}:", "written"]
    assert main(["check", str(file)]) == 0
    checked = capsys.readouterr().out
    assert checked.startswith(
        "googlenet_scaled: 3,498,796,416 macs, 12,111,928 params, as expected"
    )
    assert main(["fmt", "--check", str(file)]) == 0
    title = "# googlenet scaled: depth x1.2, width x1.1, 256 pixels (equation 3 of Tan & Le 2019 at"
    assert file.read_text().startswith(title)


def test_other_coefficients(capsys: pytest.CaptureFixture[str]) -> None:
    out = rows(capsys, "resnet", "--phi", "1", "--alpha", "2", "--beta", "1", "--gamma", "1")
    assert out[2][5:9] == ["2", "1", "224", "98"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["googlenet"], "say how to scale: --phi P, --budget B"),
        (["googlenet", "--phi", "1", "--budget", "1e9"], "--phi and --budget exclude each other"),
        (["googlenet", "--width", "2", "--published"], "exclude each other"),
        (["googlenet", "--phi", "1", "--data", "fashion"], "--data: goes with --grid alone"),
        (["googlenet", "--width", "2", "--beta", "2"], "--beta: goes with --phi"),
        (["googlenet", "--phi", "1", "--alpha", "0.5"], "--alpha: from 1 to 10"),
        (["googlenet", "--phi", "99"], "--phi: from -20 to 20, got 99"),
        (["googlenet", "--budget", "1e3"], "no net scaled from googlenet meets 1k macs"),
        (["googlenet", "--budget", "fast"], "'fast' is not a count"),
        (["googlenet", "--published"], "--published: googlenet has no members with params for"),
        (["efficientnet", "--published", "-o", "x.net"], "--published writes nothing"),
        (["googlenet", "--resolution", "16"], "googlenet cannot be scaled by"),
        (["googlenet", "--grid"], "--grid: trains, and needs --data"),
        (["googlnet", "--phi", "1"], "did you mean 'googlenet'?"),
        (["googlenet", "--phi", "1", "-o", "/dev/null/x.net"], "/dev/null"),
    ],
)
def test_wrong_input_is_one_line(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["scale", *arguments]) == 1
    err = capsys.readouterr().err
    assert message in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ["--width", "0"],
        ["--depth", "x"],
        ["--width", "1/0"],
        ["--resolution", "big"],
        ["--phi", "x"],
    ],
)
def test_wrong_numbers_are_refused(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["scale", "googlenet", *arguments])
    assert stop.value.code == 1
    assert capsys.readouterr().err.startswith(f"explorer: {arguments[0]}: ")


def test_scaling_loads_no_torch() -> None:
    script = (
        "import sys\nfrom explorer.cli import main\n"
        "main(['scale', 'googlenet', '--phi', '1'])\n"
        "heavy = {'torch', 'optuna', 'pandas', 'networkx', 'matplotlib'}\n"
        "print(*sorted(heavy & set(sys.modules)), file=sys.stderr)\n"
    )
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stderr.strip() == ""
