"""Draw the pictures of docs/gallery.md anew: ``python -m scripts.draw_gallery``."""

from __future__ import annotations

import re
from pathlib import Path

from explorer.picture import layout, save
from explorer.space import bind
from explorer.space.library import Text

PAGE = Path(__file__).parent.parent / "docs" / "gallery.md"
FENCE = re.compile(r"^```(?:net|space)\n(.*?)^```\n+!\[[^]]*\]\(([^)]+)\)$", re.M | re.S)


def entries() -> list[tuple[str, Path]]:
    """The texts of the page, and the files of their pictures."""
    return [(text, PAGE.parent / path) for text, path in FENCE.findall(PAGE.read_text("utf-8"))]


def main() -> None:
    for text, path in entries():
        space = Text(PAGE.name, text).space()
        path.parent.mkdir(exist_ok=True)
        save(layout(bind(space).graph, space.title), path)
        print(path.relative_to(PAGE.parent.parent))


if __name__ == "__main__":
    main()
