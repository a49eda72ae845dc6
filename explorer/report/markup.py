"""HTML from values: everything is escaped but what is HTML already."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from itertools import chain, repeat


class Html(str):
    """Text that is markup, and is not escaped again."""

    __slots__ = ()


def html(pattern: str, *values: object) -> Html:
    """The pattern with each ``{}`` filled by the next value."""
    return Html(pattern.format(*map(safe, values)))


def safe(value: object) -> Html:
    return value if isinstance(value, Html) else Html(escape(str(value)))


def joined(parts: Iterable[object]) -> Html:
    return Html("\n".join(safe(part) for part in parts))


def paragraphs(texts: Iterable[object]) -> Html:
    return joined(html("<p>{}</p>", text) for text in texts)


def listing(items: Iterable[object]) -> Html:
    return html("<ul>\n{}\n</ul>", joined(html("<li>{}</li>", item) for item in items))


def code(text: object) -> Html:
    return html("<code>{}</code>", text)


def block(text: object, label: str) -> Html:
    """Text to read or to copy, as it is; a long line scrolls."""
    return html(
        '<pre tabindex="0" role="region" aria-label="{}"><code>{}</code></pre>', label, text
    )


def details(summary: object, body: object) -> Html:
    return html("<details>\n<summary>{}</summary>\n{}\n</details>", summary, body)


def section(title: str, *parts: object) -> Html:
    """A part of the page with a heading, which links can name."""
    name = re.sub("[^a-z]+", "-", title.lower()).strip("-")
    return html(
        '<section aria-labelledby="{}">\n<h2 id="{}">{}</h2>\n{}\n</section>',
        name,
        name,
        title,
        joined(parts),
    )


@dataclass(frozen=True, slots=True)
class Row:
    """Cells, of which the first names the row, and what there is to say below them."""

    cells: Sequence[object]
    note: object = ""


def table(caption: str, head: Sequence[str], rows: Iterable[Row], text: int = 0) -> Html:
    """A table that scrolls by itself where it is too wide.

    Args:
        caption: what it shows.
        head: a name for every column.
        rows: what it holds.
        text: how many columns, the last ones, hold no numbers.
    """
    numbers = range(1, len(head) - text)
    kinds = [Html(' class="number"' if i in numbers else "") for i in range(len(head))]
    names = map(html, repeat('<th scope="col"{}>{}</th>'), kinds, head)
    return html(
        '<div class="scroll" tabindex="0" role="region" aria-label="{}">\n<table>\n'
        "<caption>{}</caption>\n<thead>\n<tr>{}</tr>\n</thead>\n{}\n</table>\n</div>",
        caption,
        caption,
        Html("".join(names)),
        joined(_row(kinds, row) for row in rows),
    )


def _row(kinds: Sequence[Html], row: Row) -> Html:
    patterns = chain(['<th scope="row"{}>{}</th>'], repeat("<td{}>{}</td>"))
    cells = "".join(map(html, patterns, kinds, row.cells))
    note = html('\n<tr class="note"><td colspan="{}">{}</td></tr>', len(kinds), row.note)
    return html("<tbody>\n<tr>{}</tr>{}\n</tbody>", Html(cells), note if row.note else Html(""))


def figure(name: str, svg: str, label: str, caption: object) -> Html:
    """A figure inside the page; ``label`` says in words what it shows."""
    return html(
        '<figure>\n<div class="card">{}</div>\n<figcaption>{}</figcaption>\n</figure>',
        inline(svg, name, label),
        caption,
    )


def inline(svg: str, name: str, label: str) -> Html:
    """An SVG file as an element of a page: names of its own, no header, no fixed size."""
    body = svg[svg.index("<svg") :]
    body = re.sub(r"<metadata>.*?</metadata>\s*", "", body, flags=re.DOTALL)
    body = re.sub(r'\b(id="|href="#|url\(#)', rf"\g<1>{name}-", body)
    body = re.sub(r'^<svg ([^>]*?)height="[^"]*"', r"<svg \1", body, flags=re.DOTALL)
    body = re.sub(r'^<svg ([^>]*?)width="[^"]*"', r"<svg \1", body, flags=re.DOTALL)
    return Html(body.replace("<svg ", f'<svg role="img" aria-label="{escape(label)}" ', 1).strip())
