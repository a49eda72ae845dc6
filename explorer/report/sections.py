"""The parts of the page, in its order: each takes values and gives HTML."""

from __future__ import annotations

import shlex

from explorer.report import correlations, trust, words
from explorer.report.changes import Changes, Written
from explorer.report.content import Content
from explorer.report.info import FrontInfo, Point
from explorer.report.markup import (
    Html,
    Row,
    block,
    code,
    details,
    figure,
    html,
    joined,
    listing,
    paragraphs,
    section,
    table,
)
from explorer.units import format_count

CONVENTION = (
    "Macs are the multiply-adds of convolutions, linear layers and matrix products for one image "
    "at inference, at the input that the net is meant for ({}); biases are not counted. The count "
    "is exact arithmetic on the description of the net, before any tensor exists."
)

_LEGEND = html(
    "<p>{}</p>", "Bold: not at its default. A choice that has no part in the net stands at it."
)


def origin(content: Content) -> Html:
    """The first line: the command and the versions."""
    record = content.record
    command = record.command or "the command that began this study was not stored"
    found = [
        f"{name} {value}" for name, value in record.settings.origin.items() if name != "machine"
    ]
    found += [text for name, text in record.settings.origin.items() if name == "machine"]
    return html(
        '<p class="origin">{} · {}</p>', code(command), " · ".join(found or ["no versions"])
    )


def head(content: Content) -> Html:
    space = content.record.settings.text.space()
    about = f"{space.name}: {space.title}" if space.title else space.name
    return joined(
        [
            html("<h1>{}</h1>", words.question(content.record)),
            html('<p class="about">{} · study {}</p>', about, content.record.name),
            html('<div class="answer">{}</div>', paragraphs(words.answer(content.front))),
        ]
    )


def pareto(content: Content) -> Html:
    if "pareto" not in content.drawings:
        return Html("")
    info, front = content.front, content.front.front
    caption = (
        "Every complete trial. Up is better, left is cheaper; beside the trials on the front stand "
        f"their numbers. {_bars(info)}{_means(info)}"
    )
    ends = " ".join(
        f"{word} {words.score(info, point)} at {format_count(point.macs)} macs"
        for word, point in zip(("from", "to"), (front[0], front[-1]), strict=True)
    )
    label = f"{info.unit.title} against multiply-adds; the front goes {ends}."
    return figure("pareto", content.drawings["pareto"], label, caption)


def _bars(info: FrontInfo) -> str:
    if info.has_bars:
        return f"Error bars: ± one {info.noise_name} (see below)."
    return "There are no error bars (see below)."


def _means(info: FrontInfo) -> str:
    if not any(point.is_mean for point in info.points):
        return ""
    return (
        " Nets that were scored again stand at the mean of their scores; a thin line leads there "
        "from the score that they had in the search, a ring."
    )


# ---- the front as a table


def front(content: Content) -> Html:
    points = content.front.front
    if not points:
        return Html("")
    unit = content.front.unit
    scores = ("Its scores",) if content.front.has_means else ()
    names = ("Trial", unit.head, *scores, "Macs", "Params", "Of budget")
    rows = [_front_row(content, point) for point in reversed(points)]
    full = [
        joined([html("<h3>Trial {}</h3>", point.number), _choices(content.changes[point.number])])
        for point in reversed(points)
    ]
    every = details("Every choice of these trials", joined([_LEGEND, *full]))
    noise = f" ± one {content.front.noise_name}" if content.front.has_bars else ""
    caption = f"The front, from the {unit.best} to the cheapest; {unit.name}{noise}"
    return section("The front", table(caption, names, rows), every)


def _front_row(content: Content, point: Point) -> Row:
    trial = next(t for t in content.record.trials if t.number == point.number)
    share = content.record.settings.budget.excess(trial.costs)
    cells = (
        point.number,
        words.score(content.front, point),
        *([words.scores(content.front, point)] if content.front.has_means else []),
        format_count(point.macs),
        format_count(point.params),
        words.percent(share),
    )
    return Row(cells, html("{}{}", _chip(content.front, point), content.changes[point.number]))


def _chip(info: FrontInfo, point: Point) -> Html:
    if info.best and point.number == info.best.number:
        return html('<span class="chip">best</span> ')
    if info.frugal and point.number == info.frugal.number:
        text = f"cheapest within one {info.noise_name} of the best"
        return html('<span class="chip">{}</span> ', text)
    return Html("")


def _choices(found: Changes) -> Html:
    def written(path: str, value: Written) -> Html:
        return html("<b>{}={}</b>" if path in found.moved else "<span>{}={}</span>", path, value)

    if not found.assignment:
        return html("<p>{}</p>", "The space has no choices.")
    listed = joined(written(path, value) for path, value in found.assignment.items())
    return html('<p class="choices">{}</p>', listed)


# ---- the best net


def best(content: Content) -> Html:
    if content.net is None:
        return Html("")
    rows = [
        Row(
            (row.name, row.shape, format_count(row.macs), words.percent(row.share), _bar(row.share))
        )
        for row in content.costs
    ]
    names = ("Piece", "Puts out", "Macs", "Share", "Share as a bar")
    costs = table("What each piece of the net costs", names, rows, text=1)
    return section(
        "The best net within the budget",
        block(content.net.body, "The text of the best net"),
        details("Where its multiply-adds are", html('<div class="costs">{}</div>', costs)),
    )


def _bar(share: float) -> Html:
    return html('<span class="bar" style="width: {}%"></span>', f"{100 * share:.1f}")


# ---- what the numbers mean


def counting(content: Content) -> Html:
    shape = content.record.settings.text.space().header.input
    parts = [paragraphs([CONVENTION.format("×".join(map(str, shape.sizes)))])]
    if content.net is None:
        return section("How this was counted", *parts)
    command = f"explorer count {shlex.quote(str(content.folder / 'best.net'))} --audit"
    again = "This counts the best net again with fvcore, operator by operator, and compares:"
    return section("How this was counted", *parts, paragraphs([again]), block(command, "Command"))


def scoring(content: Content) -> Html:
    parts: list[object] = [paragraphs(words.scoring(content.record, content.facts))]
    if "learning" in content.drawings:
        label = "Validation accuracy after each epoch, a line for every trial."
        caption = (
            "How the candidates learned. In colour, with their numbers: the trials on the front; "
            "in grey the others."
        )
        parts.append(figure("learning", content.drawings["learning"], label, caption))
    return section("How candidates were scored", *parts)


def reliability(content: Content) -> Html:
    front, info = content.front, content.reliability
    parts: list[object] = [paragraphs(trust.noise(front, info))]
    if front.best is not None:
        parts += [*_ranking(content), paragraphs(correlations.ceiling(info))]
    first, *rest = trust.verdict(front, info) or [""]
    last = html('<div class="answer">{}</div>', paragraphs([first])) if first else Html("")
    return section("How far to trust the scores", *parts, last, paragraphs(rest))


def _ranking(content: Content) -> list[object]:
    """The figure of rank correlations, the same as a table, and what they mean."""
    info = content.reliability
    if "ranking" not in content.drawings:
        return [paragraphs(correlations.notes(info))]
    drawing, rows = (
        content.drawings["ranking"],
        [Row(correlations.cells(info, row)) for row in info.rows],
    )
    return [
        figure("ranking", drawing, correlations.said(info), correlations.figure_caption(info)),
        table(correlations.table_caption(info), correlations.columns(info), rows),
        listing(correlations.notes(info)),
    ]


def not_done(content: Content) -> Html:
    return section("What was not done", listing(words.not_done(content.record, content.front)))


def failed(content: Content) -> Html:
    found = words.reasons(content.record.trials)
    if not found:
        return Html("")
    rows = [Row((len(trials), reason, words.numbers(trials))) for reason, trials in found]
    names = ("Trials", "Reason", "Which")
    return section("What failed", table("Failed trials by reason", names, rows, text=2))


# ---- what to do with it


def onward(content: Content) -> Html:
    parts: list[object] = []
    if content.net is not None:
        parts += _take_home(content)
    if content.front.can_be_confirmed:
        done = content.front.unit.done
        asks = f"See how much of the front was luck: its nets are {done} again, with another seed."
        parts += [paragraphs([asks]), block(words.confirming(content.record), "Command")]
    parts += [
        paragraphs(["Go on with the study: the same command, for more trials."]),
        block(words.continuing(content.record), "Command"),
    ]
    return section("Take it home, or go on", *parts)


def _take_home(content: Content) -> list[object]:
    study = content.record.name
    return [
        html(
            "<p>{} is the net as one PyTorch file that needs torch and nothing else. It comes "
            "without weights: train it on your data.</p>",
            code("best.py"),
        ),
        block("python best.py  # runs the net once, to see that it works", "Command"),
        block("from best import load\nnet = load()  # a torch.nn.Module", "Python"),
        paragraphs(["Any other trial, as a file of the same kind:"]),
        block(f"explorer export {shlex.quote(study + ':TRIAL')} -o net.py", "Command"),
    ]


def files(content: Content) -> Html:
    items = [
        html('<a href="{}">{}</a>: {}', name, name, what) for name, what in content.files.items()
    ]
    return section("Files", listing(items))


PARTS = (
    origin, head, pareto, front, best, counting, scoring, reliability, not_done, failed, onward,
    files,
)  # fmt: skip
