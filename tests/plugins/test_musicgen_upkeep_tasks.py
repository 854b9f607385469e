import pytest
from airflow.sdk.exceptions import AirflowSkipException
from musicgen_upkeep_tasks import report_housekeeping, report_rollback, wait_for_quiet


def test_a_rollback_says_who_plays_now_or_that_nobody_was_asked_to_go():
    history = {"champion": "lstm-2", "channel": "overall"}
    done = {"reason": "lstm-2 was rolled back to lstm-1"}
    heard = {"api_url": "http://api"}
    line = "lstm-2 was rolled back to lstm-1; http://api plays it"
    assert report_rollback(history, done, heard) == line
    assert report_rollback(history, None, None) == "lstm-2 stays the champion of overall."


class Counting:
    def __init__(self, runs):
        self.runs = runs

    def get_dr_count(self, dag_id, states):
        assert (dag_id, states) == ("musicgen_pipeline", ["queued", "running"])
        return self.runs


def test_nothing_is_deleted_while_a_pipeline_runs():
    assert wait_for_quiet(Counting(0))
    with pytest.raises(AirflowSkipException, match="under way"):
        wait_for_quiet(Counting(1))


def test_housekeeping_says_what_went_and_what_was_mended():
    swept = {"removed": [{}, {}], "kept": {}, "freed_bytes": 2_500_000, "dry_run": False}
    line = "2 directories deleted (2.5 MB); MLflow and the bucket agree"
    assert report_housekeeping(True, swept, {"mended": []}) == line
    assert report_housekeeping(True, {**swept, "dry_run": True}, {"mended": ["a", "b"]}) == (
        "2 directories would go (2.5 MB); mended: a; b; MLflow and the bucket agree now"
    )
    assert report_housekeeping(None, None, {"mended": []}).startswith("nothing deleted while")


def test_housekeeping_says_whether_there_was_anything_to_tidy():
    swept = {"removed": [], "kept": {"corpora": 0}, "freed_bytes": 0, "dry_run": False}
    assert report_housekeeping(True, swept, None) == "there is nothing to tidy yet"
    line = report_housekeeping(True, {**swept, "kept": {"corpora": 1}}, None)
    assert line == "0 directories deleted (0.0 MB)"


def test_of_a_housekeeping_that_failed_the_rest_is_told():
    swept = {"removed": [{}], "freed_bytes": 0, "dry_run": False}
    assert report_housekeeping(True, swept, None) == "1 directory deleted (0.0 MB)"
    assert report_housekeeping(True, None, {"mended": []}) == "MLflow and the bucket agree"
    assert report_housekeeping(True, None, None) == ""
