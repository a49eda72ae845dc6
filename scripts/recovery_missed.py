"""Which positive edges of a deep network's bottom layer are missed? By the hidden units' parents.

    python -m scripts.recovery_missed deep2binomial --seed 31

A hidden unit with a single positive parent is on with its siblings, so their children are hard to
tell apart. The rows are those of ``scripts.recovery``; prints a table.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator

import numpy as np
from scipy.sparse import csr_array, hstack

from explorer.construct import draw_network, draw_samples, matching, recover_network
from explorer.construct.match import edges_of_sign
from explorer.construct.samples import row_sizes
from scripts.recovery import ROWS, Row
from scripts.tables import line


def _signed(weights: csr_array) -> tuple[csr_array, csr_array]:
    """Positive and negative edges, of (hidden units, units) each."""
    positive, negative = (edges_of_sign(weights, sign).T.tocsr() for sign in (1, -1))
    return positive, negative


def report(row: Row, seed: int) -> Iterator[str]:
    """Lines of Markdown: units, edges, recall and false edges by the number of positive parents."""
    rng = np.random.default_rng(seed)
    truth = draw_network(row.model, rng)
    samples = draw_samples(truth, row.samples, row.density, rng, row.bottom)[0]
    found = recover_network(samples, row.model.layers, bottom=row.bottom, seed=seed)
    both, true = _signed(found[0].weights), _signed(truth[0])
    partner = matching(hstack(both).tocsr(), hstack(true).tocsr())  # as ``network_quality`` does
    ours, theirs = both[0], true[0]
    parents = row_sizes(edges_of_sign(truth[1], 1))
    known = partner >= 0
    right, wrong = np.zeros(len(parents)), np.zeros(len(parents))
    right[partner[known]] = row_sizes((ours[known] * theirs[partner[known]]).tocsr())
    wrong[partner[known]] = row_sizes(ours)[known] - right[partner[known]]
    yield line(("positive parents", "hidden units", "edges", "recall", "missed", "false edges"))
    yield "|---|---|---|---|---|---|"
    for number in range(int(parents.max()) + 1):
        these = parents == number
        edges, hit = int(row_sizes(theirs)[these].sum()), int(right[these].sum())
        if edges:
            cells = (number, these.sum(), edges, f"{hit / edges:.3f}", edges - hit)
            yield line(map(str, (*cells, int(wrong[these].sum()))))
    yield f"\n{int(row_sizes(ours)[~known].sum())} false edges are of units that match none."


def main() -> None:
    deep = [name for name, row in ROWS.items() if row.model.layers > 1]
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("row", choices=deep)
    parser.add_argument("--seed", type=int, default=31)
    arguments = parser.parse_args()
    for text in report(ROWS[arguments.row], arguments.seed):
        print(text)


if __name__ == "__main__":
    main()
