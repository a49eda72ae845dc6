"""The random texts as hypothesis draws them, so that what fails is made small."""

from __future__ import annotations

from random import Random

from hypothesis import strategies as st

from tests.properties.texts import Text, a_net, a_space

dice: st.SearchStrategy[Random] = st.randoms(use_true_random=False, note_method_calls=False)
nets: st.SearchStrategy[Text] = dice.map(a_net)
spaces: st.SearchStrategy[Text] = dice.map(a_space)
texts: st.SearchStrategy[Text] = nets | spaces
