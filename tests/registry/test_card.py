import numpy as np

from musicgen import manifest
from musicgen.registry.card import TEMPLATE, card
from musicgen.registry.evidence import Evidence
from musicgen.settings import PROJECT_PATH


def test_the_documented_template_is_the_real_one():
    assert (PROJECT_PATH / "docs" / "MODEL_CARD.md").read_text().endswith(TEMPLATE)


def test_a_card_follows_the_chain_to_the_licence(tmp_path):
    corpus, dataset = ((tmp_path / name).as_uri() for name in ("corpus", "dataset"))
    manifest.commit(corpus, {}, licence="CC BY 4.0", source="Zenodo 5120004")
    manifest.commit(dataset, {}, corpus_uri=corpus, counts={"pieces": 330, "notes": 9})
    entry = {
        "aspects": {"rhythm": 0.5},
        "measures": {"polyphony": {"mean": 3.25}, "groove": {"likeness": 0.4}},
        "intervals": {"aspect.rhythm": [0.4, 0.6], "polyphony": [3.0, 3.5]},
        "copying": {"known_16_grams": 0.125},
    }
    gates = {"silent": {"value": 0.1, "limit": 0.5, "passed": True}}
    evidence = Evidence(
        "lstm", "lstm", "run-1", "b", 0.8, (0.7, 0.9), gates, {"samples": 64}, dataset,
        "file:///e", entry, np.zeros(1),
    )  # fmt: skip
    provenance = {"dataset_uri": dataset, "dataset_id": "d1", "corpus": "musicnet"}
    provenance["parameters"] = {"units": 128, "init_from": ""}
    model = {"composers": ["unknown", "Bach"], "ensembles": ["unknown"]}
    text = card("lstm-4", evidence, {"provenance": provenance}, model)
    assert "An LSTM model that writes symbolic music" in text
    assert "| licence of the corpus | CC BY 4.0 |" in text
    assert "**0.800** (95 % of resamples: 0.700 to 0.900)" in text
    assert "| silent | 0.100 | 0.500 |" in text
    assert "| rhythm | 0.500 | 0.400 to 0.600 |" in text
    assert "| polyphony | 3.250 | 3.000 to 3.500 |" in text
    assert "groove" not in text
    assert "a share of 0.125 of its runs" in text
    assert "code | `unknown`" in text
    assert "| source of the corpus | Zenodo 5120004 |" in text
    assert "| size of the dataset | 330 pieces, 9 notes |" in text
    assert "styles of its corpus and nothing else: Bach." in text
    assert "`musicgen reproduce lstm-4`" in text
    assert "| units | 128 |" in text
