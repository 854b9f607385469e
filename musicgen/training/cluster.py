"""This process's place among the machines that train together."""

import json
import os

from musicgen.errors import BadInput


def is_chief() -> bool:
    """Whether this process is the one that writes to MLflow and the bucket.

    ``TF_CONFIG`` decides: the chief, or the first worker where no chief is named. A process on its
    own is its own chief.

    Raises:
        BadInput: ``TF_CONFIG`` is not what TensorFlow expects.
    """
    text = os.environ.get("TF_CONFIG")
    if not text:
        return True
    try:
        document = json.loads(text)
        kind, index = document["task"]["type"], int(document["task"]["index"])
        has_chief = bool(document["cluster"].get("chief"))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadInput(
            f"TF_CONFIG cannot be read ({error!r}); it is JSON with cluster and task, as in "
            "https://www.tensorflow.org/guide/distributed_training#setting_up_the_tf_config."
        ) from None
    return kind == "chief" or (kind == "worker" and index == 0 and not has_chief)
