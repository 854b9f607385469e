from dataclasses import replace

import pytest
from bundles import gan_bundle, lstm_bundle

from musicgen.errors import BadInput
from musicgen.generation.engine import load_engine
from musicgen.generation.request import Request


@pytest.mark.parametrize("bundle", [lstm_bundle(), gan_bundle()], ids=["lstm", "gan"])
def test_names_without_music_to_learn_from_are_not_offered_but_still_play(bundle):
    shares = {"composers": {"Beethoven": 1.0}, "ensembles": {"Solo Piano": 1.0}}
    engine = load_engine(replace(bundle, model=bundle.model | {"shares": shares}))
    with pytest.raises(BadInput, match=r"choose one of: unknown, Beethoven\."):
        engine.generate([Request(1, composer="Back")])
    with pytest.raises(BadInput, match=r"choose one of: unknown, Solo Piano\."):
        engine.generate([Request(1, ensemble="Kazoo")])
    engine.generate([Request(1, composer="Bach", ensemble="String Quartet", bars=1)])
