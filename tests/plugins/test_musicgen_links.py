from types import SimpleNamespace

import pytest
from musicgen_links import LINKS


def link(stage, name):
    return next(found for found in LINKS[stage] if found.name == name)


def address(stage, name, result):
    return link(stage, name).get_link(SimpleNamespace(result=result), ti_key=None)


def test_a_page_of_the_bucket_is_opened_through_airflow(monkeypatch):
    monkeypatch.setenv("AIRFLOW__API__BASE_URL", "http://airflow:8080/")
    assert address("validate", "Data Docs", {"docs_uri": "file:///b/docs/a b.html"}) == (
        "http://airflow:8080/musicgen/open?uri=file%3A%2F%2F%2Fb%2Fdocs%2Fa%20b.html"
    )


def test_where_airflow_was_not_told_its_address_the_browser_knows_it(monkeypatch):
    monkeypatch.delenv("AIRFLOW__API__BASE_URL", raising=False)
    assert address("validate", "Data Docs", {"docs_uri": "a"}) == "/musicgen/open?uri=a"


def test_the_listening_room_is_a_part_of_the_evaluation(monkeypatch):
    monkeypatch.setenv("AIRFLOW__API__BASE_URL", "http://airflow:8080/")
    whole, room = (
        address("evaluate", name, {"report_uri": "file:///b/report.html"})
        for name in ("Evaluation", "Listening room")
    )
    assert room == f"{whole}#listening-room"


@pytest.mark.parametrize("result", [None, {}, {"report_uri": None}])
def test_what_a_stage_does_not_name_has_no_link(result):
    assert address("evaluate", "Evaluation", result) == ""


def test_a_run_is_shown_by_the_server_that_browsers_reach(monkeypatch):
    monkeypatch.setenv("MUSICGEN_TRACKING_URI", "sqlite:////var/mlflow.db")
    assert address("train", "MLflow run", {"run_id": "r1"}) == ""
    monkeypatch.setenv("MUSICGEN_TRACKING_URI", "http://mlflow:5000")
    assert address("train", "MLflow run", {"run_id": "r1"}) == "http://mlflow:5000/#/runs/r1"
    monkeypatch.setenv("MUSICGEN_PUBLIC_MLFLOW_URL", "https://music.example/mlflow")
    shown = address("train", "MLflow run", {"run_id": "r1"})
    assert shown == "https://music.example/mlflow/#/runs/r1"


def test_buttons_of_a_stage_keep_their_addresses_apart():
    for links in LINKS.values():
        assert len({one.xcom_key for one in links}) == len(links)
