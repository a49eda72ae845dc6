"""Random texts: what scaling makes of them is a text in order, or is refused."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.cost import count
from explorer.errors import ExplorerError
from explorer.graph import lint
from explorer.language import parse, print_syntax
from explorer.scale import Baseline, Factors
from explorer.space import bind, elaborate
from explorer.space.library import Text
from tests.properties import texts as drawn
from tests.properties.strategies import texts

factors = st.builds(
    Factors,
    st.sampled_from([Fraction(n, 10) for n in (3, 8, 10, 12, 20, 37)]),
    st.sampled_from([Fraction(n, 10) for n in (5, 10, 11, 20)]),
    st.sampled_from([Fraction(n, 20) for n in (10, 20, 23, 40)]),
)


@given(text=texts, by=factors)
@settings(max_examples=60)
def test_a_scaled_text_is_in_order(text: drawn.Text, by: Factors) -> None:
    try:
        base = Baseline(Text("drawn", str(text)))
        net = base.scaled(by)
    except ExplorerError:
        return
    printed = net.text()
    tree = parse(printed)
    assert print_syntax(tree) == printed
    graph = bind(elaborate(tree)).graph
    assert lint(graph) == []
    assert count(graph) == net.cost
    assert [graph.nodes[o.node].shape.kind for o in graph.outputs] == [
        base.graph.nodes[o.node].shape.kind for o in base.graph.outputs
    ]
