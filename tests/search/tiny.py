"""A space small enough to train in tests, and data small enough to train on."""

from __future__ import annotations

from pathlib import Path

import numpy as np

TINY = """space tiny "two branches of a few channels"
input 3x32x32  classes 3  width 1 rounded 2
default conv same norm=batch act=relu
default maxpool same
knob n1 = 16 in 4..32 step 4
knob n3 = 16 in 4..32 step 4
knob depth = 2 in 1..3
lever five in {full, stacked, crossed}
stem: conv 3x3/2 8
mix: [ conv 1x1 n1
     | choose five { full: conv 5x5 n3
                   | stacked: conv 3x3 n3 > conv 3x3 n3
                   | crossed: conv 1x5 n3 > conv 5x1 n3 } ]
body: repeat depth (conv 3x3 8)
head: avgpool global > linear classes
"""

RECIPE = """question = "Does the machinery hold?"
space = "tiny.space"
budget = "1e6"
sampler = "{sampler}"
seed = 3
trials = {trials}
workers = {workers}
[protocol]
data = "tiny.npz"
resolution = 12
[protocol.recipe]
epochs = 2
batch = 8
"""


def prepare(folder: Path) -> Path:
    """A folder with the space, the data and a recipe called ``quick``."""
    rng = np.random.default_rng(0)
    labels = np.arange(90) % 3
    images = (rng.integers(0, 90, (90, 12, 12, 3)) + 60 * labels[:, None, None, None]).astype(
        np.uint8
    )
    np.savez(
        folder / "tiny.npz",
        train_images=images[:60],
        train_labels=labels[:60],
        test_images=images[60:],
        test_labels=labels[60:],
    )
    (folder / "tiny.space").write_text(TINY)
    (folder / "studies").mkdir()
    write_recipe(folder, "quick")
    return folder


def write_recipe(
    folder: Path, name: str, trials: int = 6, workers: int | str = 2, sampler: str = "evolution"
) -> None:
    text = RECIPE.format(trials=trials, workers=workers, sampler=sampler)
    (folder / "studies" / f"{name}.toml").write_text(text)
