import json

import pytest

from musicgen import storage
from musicgen.errors import BadInput
from musicgen.remote import is_first_replica, main, result_of
from musicgen.stages import StageFailed


def test_bad_input_is_left_in_the_bucket_as_the_command_line_said_it(tmp_path):
    outcome_uri = f"file://{tmp_path}/jobs/1/outcome.json"
    assert main([outcome_uri, f"MUSICGEN_HOME={tmp_path}", "validate", "/nowhere"]) == 2
    with pytest.raises(BadInput, match="/nowhere"):
        result_of(storage.read_json(outcome_uri))


def test_an_outcome_is_a_result_or_the_failure_that_it_was():
    assert result_of({"exit_code": 0, "message": "", "result": {"a": 1}}) == {"a": 1}
    with pytest.raises(StageFailed) as failed:
        result_of({"exit_code": 1, "message": "No.", "result": {"success": False}})
    assert failed.value.result == {"success": False}


@pytest.mark.parametrize(
    ("kind", "index", "cluster", "first"),
    [
        ("chief", 0, {"chief": ["a"], "worker": ["b"]}, True),
        ("worker", 0, {"chief": ["a"], "worker": ["b"]}, False),
        ("worker", 0, {"worker": ["a", "b"]}, True),
        ("worker", 1, {"worker": ["a", "b"]}, False),
    ],
)
def test_one_replica_speaks_for_all(kind, index, cluster, first):
    config = {"cluster": cluster, "task": {"type": kind, "index": index}}
    assert is_first_replica({"TF_CONFIG": json.dumps(config)}) is first


@pytest.mark.parametrize("alone", [{}, {"TF_CONFIG": ""}])
def test_a_lone_machine_speaks_for_itself(alone):
    assert is_first_replica(alone)
