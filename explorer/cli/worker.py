"""Score a study's trials in this one process. A search starts such workers by itself; any number
of others may join in, on this machine or, with --storage, on others.
"""

from __future__ import annotations

import argparse
import signal
import time
from typing import TYPE_CHECKING

from explorer.cli.options import add_storage_option, from_zero, positive, read_seconds

if TYPE_CHECKING:
    from explorer.search import Orders, Trial

HELP = "score a study's trials in one process, beside a search or without one"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--study", required=True, metavar="NAME", help="a study's name or folder")
    add_storage_option(parser)
    trials = "stop when the study has this many trials (default: what its last search wanted)"
    add("--trials", type=positive, metavar="N", help=trials)
    add("--time", metavar="T", help="begin nothing after this long: 90s, 10m, 1.5h")
    limit = "fail a candidate that takes longer (default: what the last search wanted)"
    add("--trial-time", metavar="T", help=limit)
    add("--until", type=float, default=float("inf"), help=argparse.SUPPRESS)
    add("--device", default="auto", help="auto, cpu, cuda, cuda:1, mps")
    threads = "of a CPU, to train with (default: 1)"
    add("--threads", type=positive, default=1, metavar="N", help=threads)
    confirm = "in the end, score every net of the front N times again (default: as the last search)"
    add("--confirm", type=from_zero, metavar="N", help=confirm)
    add("--name", help=argparse.SUPPRESS)
    add("--reference", action="store_true", help=argparse.SUPPRESS)
    add("--supervised", action="store_true", help=argparse.SUPPRESS)


def run(arguments: argparse.Namespace) -> int:
    # A shell that starts us in the background lets us ignore Ctrl-C; whoever sends it means it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if arguments.supervised:
        from explorer.search.workers.parent import leave_with_parent

        leave_with_parent()
    given = {} if arguments.name is None else {"name": arguments.name}
    leave, trial_time = float("inf"), None
    if arguments.time is not None:
        leave = time.time() + read_seconds(arguments.time)
    if arguments.trial_time is not None:
        trial_time = read_seconds(arguments.trial_time, "--trial-time")
    from explorer.search import Orders, study_folder, work

    orders = Orders(
        folder=study_folder(arguments.study),
        trials=arguments.trials,
        until=arguments.until,
        leave=leave,
        device=arguments.device,
        reference=arguments.reference,
        storage=arguments.storage,
        trial_time=trial_time,
        threads=arguments.threads,
        confirm=arguments.confirm,
        **given,
    )
    if arguments.supervised:
        work(orders)  # whoever began it tells what it does
    else:
        _work_aloud(orders)
    return 0


def _work_aloud(orders: Orders) -> None:
    """Work, with a line for every trial that ends here, and one for where the study is then."""
    from explorer.cli.live import line
    from explorer.cli.studies import read_study
    from explorer.cli.tables import console
    from explorer.report.unit import unit_of
    from explorer.search import work

    study = str(orders.folder)
    settings = read_study(study, orders.storage).settings
    unit, rungs = unit_of(settings), settings.protocol.ladder
    ended: list[int] = []
    out = console()

    def on_end(trial: Trial) -> None:
        ended.append(trial.number)
        again = "  (again)" if trial.seed else ""
        out.print(line(trial, unit, rungs) + again, soft_wrap=True)

    work(orders, on_end)
    record = read_study(study, orders.storage)
    told = (
        f"trials that ended here: {len(ended)}; the study {record.name} has "
        f"{len(record.complete)} candidates scored{'' if ended else ' (--trials N asks for more)'}"
    )
    out.print(told, soft_wrap=True, markup=False)
