"""Champions without trainings: bundles published and crowned as a test likes."""

from bundles import gan_bundle, lstm_bundle

from musicgen import manifest, storage
from musicgen.registry import layout
from musicgen.registry.channel import Channel
from musicgen.registry.ledger import Entry
from musicgen.registry.pointer import Pointer
from musicgen.registry.versions import publish


def train(bucket_uri, family, seed, init_from=""):
    """Make a dataset, a training and its bundle, as the stages leave them; return its id."""
    training_id = f"{family}-{seed}"
    corpus_uri = storage.join(bucket_uri, "corpora", "exercises", f"c{seed}")
    dataset_uri = storage.join(bucket_uri, "datasets", f"d{seed}")
    manifest.commit(corpus_uri, {}, licence="CC0")
    manifest.commit(dataset_uri, {}, corpus_uri=corpus_uri)
    bundle = lstm_bundle(seed) if family == "lstm" else gan_bundle(seed)
    bundle.provenance.update(training_id=training_id, dataset_uri=dataset_uri)
    bundle.provenance["parameters"] = {"init_from": init_from}
    uri = storage.join(bucket_uri, "training", training_id)
    bundle.save(storage.join(uri, "bundle"))
    manifest.commit(uri, {})
    return training_id


def crown(bucket_uri, family, seed, run_id="run", channels=("overall",)):
    """Train, publish and make champion of the family, and of further channels."""
    training_id = train(bucket_uri, family, seed)
    bundle_uri = storage.join(bucket_uri, "training", training_id, "bundle")
    version = publish(bucket_uri, family, bundle_uri, lambda name: f"# {name}\n")
    evaluation_uri = storage.join(bucket_uri, "evaluations", f"e-{training_id}")
    manifest.commit(evaluation_uri, {})
    for name in dict.fromkeys((family, *channels)):
        channel = Channel(bucket_uri, layout.CHANNELS[name])
        now = channel.settled()
        pointer = Pointer(
            version,
            family,
            layout.version_uri(bucket_uri, version),
            run_id,
            0.5 + seed / 100,
            f"d{seed}",
            evaluation_uri,
            now.version if now else None,
        )
        entry = Entry(pointer, f"{version} is better", "somebody", "2026-11-22T12:00:00+00:00")
        channel.move(entry, now.generation if now else 0)
    return version


def leaders(bucket_uri):
    """Return the champion of each channel that has one."""
    pointers = {name: Channel(bucket_uri, f).settled() for name, f in layout.CHANNELS.items()}
    return {name: pointer.version for name, pointer in pointers.items() if pointer}
