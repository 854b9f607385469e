import airflow_environment  # noqa: F401 - Airflow reads its environment when it is imported
import prepare
import pytest


@pytest.fixture
def pools(monkeypatch):
    """Airflow's table of pools in a database of its own."""
    import sqlalchemy
    from airflow import settings
    from airflow.models.pool import Pool
    from airflow.models.team import Team

    engine = sqlalchemy.create_engine("sqlite://")
    Pool.metadata.create_all(engine, tables=[Team.__table__, Pool.__table__])
    session = sqlalchemy.orm.sessionmaker(engine, expire_on_commit=False)
    monkeypatch.setattr(settings, "Session", session)
    return lambda: {pool.pool: pool.slots for pool in Pool.get_pools()}


def test_trainings_find_their_pool(pools):
    prepare.make_pool()
    assert pools() == {"gpu": 1}


def test_slots_that_an_operator_has_given_stay(pools):
    from airflow.models.pool import Pool

    Pool.create_or_update_pool("gpu", 4, "four GPUs", include_deferred=True)
    prepare.make_pool()
    assert pools() == {"gpu": 4}


def test_passwords_lie_where_they_are_said_to_and_no_longer_among_the_logs(tmp_path, monkeypatch):
    home_path, path = tmp_path / "airflow", tmp_path / "passwords.json"
    home_path.mkdir()
    (home_path / "passwords.json").write_text("{}")
    monkeypatch.setenv("AIRFLOW_HOME", str(home_path))
    monkeypatch.setenv("AIRFLOW_ADMIN_PASSWORD", "word")
    for _ in range(2):
        prepare.write_passwords(path)
    assert path.read_text() == '{"admin": "word"}\n'
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(home_path.iterdir()) == []


def test_a_command_that_fails_is_a_failure_and_tells_no_password():
    prepare.run("true")
    with pytest.raises(SystemExit, match=r"^sh -c exit 3 failed; the lines above say why\.$"):
        prepare.run("sh", "-c", "exit 3", "postgresql://mlflow:password@postgres")
