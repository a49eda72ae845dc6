"""Search a space for the best nets within a budget; the same command goes on where it stopped."""

from __future__ import annotations

import argparse
import re
import signal
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from explorer.cli import scoring, starting
from explorer.cli.crew import add_crew_options, manned, wanted_workers
from explorer.cli.options import (
    add_storage_option,
    command_line,
    from_zero,
    make_folder,
    positive,
    read_seconds,
    whole,
)
from explorer.errors import ExplorerError
from explorer.units import format_count

if TYPE_CHECKING:
    from rich.console import Console

    from explorer.cost.latency import Predictor
    from explorer.search import Effort, Settings, Study, StudyRecipe

INTERRUPTED = 130  # the exit code that shells give to Ctrl-C

HELP = "search a space for the best nets within a budget"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add(
        "space", nargs="?", metavar="SPACE", help="a shipped name or a path (default: the recipe's)"
    )
    add(
        "--budget",
        metavar="B",
        help="1.5e9 bounds macs; macs=1e9..1.5e9,params=7e6,memory=64MiB,latency=8ms bound more",
    )
    start = "search the space around this net; its own macs are the budget, unless one is given"
    add("--start", metavar="NET", help=start)
    prior = "with --start: look near the net first, and elsewhere as trials speak for it"
    add("--prior", action="store_true", help=prior)
    add("--study", metavar="NAME", help="a name for this study, or a recipe (studies/NAME.toml)")
    add(
        "--data",
        metavar="DATA",
        help="a shipped name, an .npz, a folder of class folders, IDX files",
    )
    add(
        "--score",
        metavar="MODULE:FUNCTION",
        help="score candidates by a function of your own, in the place of a training on data",
    )
    add(
        "--features",
        metavar="MODULE:FUNCTION",
        help="what a function of your own says of candidates before they are scored",
    )
    add("--trials", type=positive, metavar="N", help="candidates in all (default: the recipe's)")
    add("--time", metavar="T", help="begin no candidate after this long: 90s, 10m, 1.5h")
    limit = "fail a candidate that takes longer: 90s, 10m (default: the recipe's, or none)"
    add("--trial-time", metavar="T", help=limit)
    confirm = "in the end, score every net of the front N times again (default: the recipe's, or 0)"
    add("--confirm", type=from_zero, metavar="N", help=confirm)
    add_crew_options(parser)
    add_storage_option(parser)
    add("--seed", type=whole, metavar="N", help="of the search and of every training")
    add("--sampler", metavar="S", help="known_cost, evolution, random, tpe, ... (docs/search.md)")
    rungs = "after how many epochs candidates wait, of which the best go on: 1 or 1,2; none"
    add("--rungs", metavar="E", help=rungs)
    add("--device", default="auto", help="auto, cpu, cuda, mps")


def run(arguments: argparse.Namespace) -> int:
    _refuse_at_once(arguments)
    from explorer.cli.tables import console

    recipe = _recipe(arguments)
    workers = wanted_workers(arguments, recipe)
    effort = _effort(arguments, recipe, workers)
    out = console()
    if told := _unlike_a_recipe(arguments):
        out.print(told, soft_wrap=True, markup=False)
    study = _open(arguments, recipe)
    _introduce(study, out)
    if recipe.start:
        out.print(starting.in_words(recipe, study.settings), soft_wrap=True, markup=False)
    # A shell that starts us in the background lets us ignore Ctrl-C; whoever sends it means it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        _watch(study, effort if workers is not None else manned(effort, study, out), out)
    except KeyboardInterrupt:
        going_on = f"stopped; nothing is lost, and this goes on: {command_line()}"
        out.print(going_on, soft_wrap=True, markup=False)
        return INTERRUPTED
    return _finish(study, out)


def _introduce(study: Study, out: Console) -> None:
    """What is about to happen, in a few lines: the question, both costs, what is there already."""
    from explorer.cost import count
    from explorer.space import bind

    settings = study.settings
    space = settings.text.space()
    default = count(bind(space).graph)
    done = len(study.record().complete)
    lines = [
        f"study {study.name}: {space.title or space.name}, {len(space.choices)} choices, "
        f"budget {settings.budget.describe()}",
        f"counted at {space.header.input}: the defaults cost {format_count(default.macs)} macs",
        scoring.in_words(settings),
    ]
    if done:
        lines.append(f"going on: {done} candidates are scored already")
    for line in lines:
        out.print(line, soft_wrap=True, markup=False)


def _watch(study: Study, effort: Effort, out: Console) -> None:
    """Run to the end, which may be Ctrl-C."""
    from explorer.cli.live import watch
    from explorer.search import Supervisor

    with closing(Supervisor(study, effort).run()) as states:
        watch(states, effort, out)


def _finish(study: Study, out: Console) -> int:
    """The front as a table, and the report."""
    from explorer.cli.live import front_table
    from explorer.report import write_report

    record = study.record()
    if not record.complete:
        reasons = [trial.reason for trial in record.trials if trial.reason]
        last = reasons[-1] if reasons else f"see {study.folder / 'workers.log'}"
        raise ExplorerError(f"no candidate was scored: {last}")
    out.print()
    out.print(front_table(record))
    if study.is_exhausted:
        told = f"nothing new was found: every candidate met is one of the {record.candidates} tried"
        out.print(told, soft_wrap=True, markup=False)
    for path in write_report(record, Path("reports") / study.name):
        out.print(str(path), soft_wrap=True, markup=False)
    return 0


def _refuse_at_once(arguments: argparse.Namespace) -> None:
    """Say that a budget cannot be met before torch and the data are loaded, which takes longer."""
    from explorer.budget import Feasible
    from explorer.budget.bounds import without_latency
    from explorer.search.recipes import recipe_values
    from explorer.search.starting import question
    from explorer.search.storage.address import read_address

    if arguments.storage:
        read_address(arguments.storage)
    if arguments.time is not None:
        read_seconds(arguments.time)
    if arguments.trial_time is not None:
        read_seconds(arguments.trial_time, "--trial-time")
    values = recipe_values(_recipe_path(arguments))
    given = arguments.score if arguments.score is not None else values.get("score")
    scoring.refuse(arguments.data, given, arguments.features)
    start = starting.refuse(arguments, values)
    space = question(arguments.space or str(values.get("space", "")), start).space()
    budget = without_latency(starting.budget(arguments, values))
    if budget.limits and not space.is_net:
        Feasible(space).check(budget)


def _recipe_path(arguments: argparse.Namespace) -> Path:
    from explorer.search.recipes import find_recipe

    name = arguments.study or "default"
    path = find_recipe(name)
    if path is None and name.endswith(".toml"):
        raise ExplorerError(f"{name}: there is no such recipe")
    path = path or find_recipe("default")
    if path is None:
        raise ExplorerError("the recipe studies/default.toml is missing from this installation")
    return path


def _unlike_a_recipe(arguments: argparse.Namespace) -> str:
    """That a new study's name is no recipe's, where one may have been meant; or nothing."""
    from explorer.search import exists, study_folder
    from explorer.search.opening import known_studies
    from explorer.search.recipes import find_recipe, known_recipes
    from explorer.space.names import suggestion

    name = arguments.study
    if name is None or arguments.space or arguments.start or find_recipe(name):
        return ""
    if exists(study_folder(name), arguments.storage):
        return ""
    known = known_recipes()
    hint = suggestion(name, [*known_studies(), *known]) or f" (recipes: {', '.join(known)})"
    return f"no recipe is called '{name}', so this is a new study by the default one{hint}"


def _recipe(arguments: argparse.Namespace) -> StudyRecipe:
    """The recipe that the command names, with what the command replaces in it."""
    from explorer.budget import parse_budget
    from explorer.score import Protocol
    from explorer.search import read_recipe

    path = _recipe_path(arguments)
    recipe = starting.started(read_recipe(path), arguments)
    if arguments.seed is not None and arguments.seed < 0:
        raise ExplorerError(f"--seed: a whole number from 0, got {arguments.seed}")
    score = recipe.score if arguments.score is None else arguments.score
    protocol = Protocol() if score else recipe.protocol  # a function of the user's own has none
    if arguments.rungs is not None:
        protocol = replace(protocol, rungs=scoring.read_rungs(arguments.rungs, score))
        protocol.ladder.check("--rungs")
    return replace(
        recipe,
        budget=recipe.budget if arguments.budget is None else parse_budget(arguments.budget),
        protocol=protocol if arguments.data is None else replace(protocol, data=arguments.data),
        seed=recipe.seed if arguments.seed is None else arguments.seed,
        sampler=arguments.sampler or recipe.sampler,
        score=score,
        features=recipe.features if arguments.features is None else arguments.features,
    )


def _effort(arguments: argparse.Namespace, recipe: StudyRecipe, workers: int | None) -> Effort:
    """How much to spend; where the workers are to be measured, one stands for them until then."""
    from explorer.search import Effort
    from explorer.search.crew import devices_of

    seconds = None if arguments.time is None else read_seconds(arguments.time)
    # With a time and no number of trials, the time alone decides.
    endless = seconds is not None and arguments.trials is None
    trials = 10**6 if endless else arguments.trials or recipe.trials
    limit = recipe.trial_time
    if arguments.trial_time is not None:
        limit = read_seconds(arguments.trial_time, "--trial-time")
    return Effort(
        trials,
        1 if workers is None else workers,
        seconds,
        arguments.device,
        limit,
        threads=arguments.threads or 1,
        devices=() if recipe.score else devices_of(arguments.device),
        confirm=recipe.confirm if arguments.confirm is None else arguments.confirm,
    )


def _open(arguments: argparse.Namespace, recipe: StudyRecipe) -> Study:
    """The study of this name: begun now, or gone on with, where no more than its space differs.

    Raises:
        ExplorerError: the name is taken by another question, or the question cannot be asked.
    """
    from explorer.score import pick_device
    from explorer.search import create_study, exists, load_study, study_folder

    pick_device(arguments.device)
    settings = _settings(recipe)
    folder = study_folder(_name(arguments, recipe, settings))
    if exists(folder, arguments.storage):
        return _resumed(load_study(folder, storage=arguments.storage), settings)
    predictor = _predictor(settings, arguments.device)
    _check(settings, predictor)
    make_folder(Path("reports") / folder.name)  # rather now than after the last trial
    return create_study(
        folder,
        settings,
        command_line(),
        scoring.facts(settings),
        predictor,
        arguments.storage,
    )


def _resumed(study: Study, settings: Settings) -> Study:
    """A study to go on with; where its space alone is another, it is extended.

    Raises:
        ExplorerError: its question is another, or its trials do not fit the space.
    """
    from explorer.cli.tables import console
    from explorer.search import extend_study

    differences = study.settings.differences(settings)
    if not differences:
        return study
    if replace(study.settings, text=settings.text).differences(settings):
        raise ExplorerError(
            f"the study '{study.name}' was begun with {'; '.join(differences)}; "
            "give this one another name with --study"
        )
    _check(settings, study.predictor())
    extended, told = extend_study(study, settings.text)
    console().print(told, soft_wrap=True, markup=False)
    return extended


def _predictor(settings: Settings, device: str) -> Predictor | None:
    """What predicts the latencies that the budget bounds, fitted to this machine; None if none."""
    from explorer.budget import LATENCY
    from explorer.cli.bar import Bar
    from explorer.cli.tables import console
    from explorer.score import pick_device
    from explorer.search.gauge import fit_gauge

    if LATENCY not in settings.budget.limits:
        return None
    space = settings.text.space()
    with Bar("measuring latencies") as bar:
        predictor = fit_gauge(space, settings.budget, str(pick_device(device)), bar.show)
    console().print(f"latency on {predictor.setting}: {predictor.error}", soft_wrap=True)
    return predictor


def _settings(recipe: StudyRecipe) -> Settings:
    from explorer.search import Settings, origin
    from explorer.search.model.features import load_features
    from explorer.search.samplers.named import check_sampler
    from explorer.search.starting import question

    text = question(recipe.space, recipe.start)
    check_sampler(recipe.sampler, has_features=bool(recipe.features))
    load_features(recipe.features, text.space())  # rather now than in every worker
    return Settings(
        text,
        recipe.budget,
        recipe.protocol,
        scoring.fingerprint(recipe),
        recipe.sampler,
        recipe.seed,
        origin=origin(),
        score=recipe.score,
        features=recipe.features,
        prior=recipe.prior,
    )


def _name(arguments: argparse.Namespace, recipe: StudyRecipe, settings: Settings) -> str:
    """The name that was given, or one made of the space, the budget and what scores."""
    from explorer.search.starting import start_stem
    from explorer.search.storage.journal import JOURNAL

    given: str | None = arguments.study
    if given:
        name = Path(given).stem if given.endswith(".toml") else given
        if not re.fullmatch(r"\w[\w.=,+-]*", name) and not (Path(name) / JOURNAL).is_file():
            raise ExplorerError(f"--study: a study's name is one word, got '{given}'")
        return name
    stem = start_stem(recipe.start) if recipe.start else Path(recipe.space).stem
    name = f"{stem}-{settings.budget}"
    if settings.score:
        return f"{name}-{settings.score.rpartition(':')[2]}"
    return f"{name}-{Path(arguments.data).stem}" if arguments.data else name


def _check(settings: Settings, predictor: Predictor | None) -> None:
    """Say before trial one what would otherwise fail in every trial.

    Raises:
        ExplorerError: the budget cannot be met, or the default cannot be trained as asked. What a
            function of the user's own takes, only a call of it would say.
    """
    from explorer.budget import Feasible

    space = settings.text.space()
    if space.is_net:
        raise ExplorerError(f"'{space.name}' is a net: it has no knobs or levers to search over")
    if predictor is not None:  # the other bounds were checked before anything was loaded
        Feasible(space, predictor).check(settings.budget)
    for note in scoring.notes(settings):
        print(f"note: {note}", file=sys.stderr)
