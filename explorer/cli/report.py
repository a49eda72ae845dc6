"""Write the report of a study: page, figures, tables, and the best net to take home."""

from __future__ import annotations

import argparse
from pathlib import Path

from explorer.cli.options import add_storage_option

HELP = "write the page, figures and tables of a study"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("study", metavar="STUDY", help="a study's name or folder")
    parser.add_argument("-o", "--output", metavar="FOLDER", help="default: reports/STUDY")
    add_storage_option(parser)


def run(arguments: argparse.Namespace) -> int:
    from explorer.cli.studies import read_study
    from explorer.report import write_report

    record = read_study(arguments.study, arguments.storage)
    folder = Path(arguments.output) if arguments.output else Path("reports") / record.name
    for path in write_report(record, folder):
        print(path)
    return 0
