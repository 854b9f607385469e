"""The pipeline as Airflow sees it: from a corpus of music to the model that plays for people.

A declaration only: stages do the work, through ``MusicgenStageOperator``.
"""

from datetime import timedelta

from airflow.sdk import (
    AssetOrTimeSchedule,
    CronTriggerTimetable,
    TaskGroup,
    TriggerRule,
    dag,
    task,
)
from musicgen_alerts import alert
from musicgen_form import pipeline_form
from musicgen_launcher import spark_cluster, training_queue
from musicgen_new_data import HANDED_ON, NEW_DATA, hand_on_other_data
from musicgen_operators import MusicgenStageOperator
from musicgen_questions import MusicgenApprovalOperator, answer_of
from musicgen_tasks import (
    choose_trial,
    collect_runs,
    fail_if_ended,
    is_news,
    plan_trials,
    read_request,
    report_outcome,
    skip_without_news,
)

# Without the last, a DAG that is unpaused on a Monday would make up for its night at once.
WEEKLY = CronTriggerTimetable("0 3 * * 1", timezone="UTC", run_immediately=timedelta())
GPU_POOL = "gpu"
FAMILIES = ("lstm", "gan")

DOC = """
### From a corpus of music to a model that writes it

**For musicians.** Choose some music, press *Trigger*, and come back later. The pipeline reads the
music, checks that it is sound, lets two kinds of model learn from it, has both play, measures which
of them is closer to music that neither has heard, and puts the better one on stage: the listening
page then plays it.

- **corpus**: `music21` is classical music that comes with the program, `musicnet` is MusicNet's
  recordings, `midi` a folder of yours.
- **where the corpus is**: a directory or a `gs://` address. `midi` needs it; MusicNet is downloaded
  without it; for `music21` it is a list of composers, or nothing for all of them.
- **how long to train**: `quick` takes minutes, `standard` an hour or two, `full` a night on a GPU.
- **models**: an LSTM writes note after note; a GAN paints four bars at once.
- **trials**: how often each model is trained: once as the profile says, then with settings drawn
  at random; the best counts.
- **force**: a run that finds the same music and settings as an earlier one ends in seconds and says
  so, unless you force it.
- **promotion**: `automatic` puts the better model on stage, `approval` waits for your *Approve*
  under *Required Actions*, `evaluate-only` changes nothing.

**For engineers.** Each task runs `musicgen STAGE … --json` as a process of its own and hands on
URIs. Stages are idempotent: what is there already is found by its id and not made again, so a run
may be cleared, retried or triggered twice. Trainings wait for the pool `gpu`.
Runs start from the form, every Monday at 03:00 UTC, or on an event of the Asset
`musicgen_new_data`, whose `extra` may name `corpus` and `corpus_uri`. Of several that came
meanwhile a run serves the oldest; `hand_on_other_data` hands the others to the next run.
A dataset that fails its validation stops the run before any training.
The corpus report (`data.analyse_dataset`) is made beside the training, of datasets that fail too;
the note of the run leads to it.
"""

APPROVAL_BODY = """
{% set evaluated = ti.xcom_pull(task_ids="selection.evaluate_models") %}
| model | score | from | to |
|---|---|---|---|
{% for name, found in evaluated.scores.items() -%}
| {{ name }} | {{ "%.3f" | format(found.score) }} \
| {{ "%.3f" | format(found.interval[0]) }} | {{ "%.3f" | format(found.interval[1]) }} |
{% endfor %}
The report, with music to hear: {{ evaluated.report_uri }}
"""


@dag(
    dag_display_name="Musicgen pipeline",
    description="Corpus, dataset, proof, models, comparison, champion",
    doc_md=DOC,
    schedule=AssetOrTimeSchedule(timetable=WEEKLY, assets=[NEW_DATA]),
    catchup=False,
    max_active_runs=1,
    params=pipeline_form(),
    tags=["musicgen"],
    default_args={
        "owner": "musicgen",
        "on_failure_callback": alert,
        "retries": 3,
        "retry_delay": timedelta(seconds=10),
        "retry_exponential_backoff": 2,
        "max_retry_delay": timedelta(minutes=10),
    },
)
def musicgen_pipeline():
    """Declare tasks and what each hands on to the next."""
    request = task(read_request, retries=0)()
    task(hand_on_other_data, inlets=[NEW_DATA], outlets=[HANDED_ON])()
    news, preprocess, validate = make_dataset(request)
    dataset_uri = preprocess.output["dataset_uri"]

    with TaskGroup("training", tooltip="Each trial a task") as training:
        trained = {family: train_family(family, request, dataset_uri) for family in FAMILIES}
        best = {family: choose_best(family, trials) for family, trials in trained.items()}
        runs = task(collect_runs, trigger_rule=TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS)(best)
    validate >> training

    evaluate, promote = select_champion(request, dataset_uri, runs, news.output["pipeline_id"])
    # A teardown, which comes whatever became of the rest, though a person mark the run as failed.
    close = MusicgenStageOperator(
        task_id="close_run",
        stage="close-run",
        arguments=["{{ run_id }}"],
        pre_execute=skip_without_news,
        post_execute=fail_if_ended,
        execution_timeout=timedelta(minutes=10),
    ).as_teardown(on_failure_fail_dagrun=True)
    [*trained.values(), promote] >> close
    report = task(report_outcome, trigger_rule=TriggerRule.NONE_FAILED)
    report(news.output, evaluate.output, promote.output)


def make_dataset(request):
    """Declare all that comes before training; return the tasks that others need."""
    with TaskGroup("data", tooltip="Snapshot, news, tables, proof"):
        ingest = MusicgenStageOperator(
            task_id="ingest_corpus",
            stage="ingest",
            arguments=[request["corpus"]],
            options={"from": request["corpus_uri"]},
            execution_timeout=timedelta(hours=12),
        )
        news = MusicgenStageOperator(
            task_id="look_for_news",
            stage="news",
            arguments=[ingest.output["corpus_uri"], "{{ '--force' if params.force else '' }}"],
            options={"request": request},
            execution_timeout=timedelta(minutes=10),
        )
        gate = task.short_circuit(
            is_news, task_id="stop_if_nothing_changed", ignore_downstream_trigger_rules=False
        )(news.output)
        preprocess = MusicgenStageOperator(
            task_id="preprocess_corpus",
            stage="preprocess",
            arguments=[ingest.output["corpus_uri"]],
            options={"set": request["dataset_overrides"]},
            execution_timeout=timedelta(hours=4),
        )
        gate >> preprocess
        validate = MusicgenStageOperator(
            task_id="validate_dataset",
            stage="validate",
            arguments=[preprocess.output["dataset_uri"]],
            execution_timeout=timedelta(hours=1),
        )
        if cluster := spark_cluster():
            create, delete = cluster
            # Below the gate: where nothing changed it is skipped, and its deletion with it.
            gate >> create >> preprocess >> validate >> delete
            create >> delete

        # After the proof, so that the two don't share the processors, and beside the training.
        analyse = MusicgenStageOperator(
            task_id="analyse_dataset",
            stage="analyse",
            arguments=[preprocess.output["dataset_uri"]],
            trigger_rule=TriggerRule.ALL_DONE_MIN_ONE_SUCCESS,
            execution_timeout=timedelta(hours=1),
        )
        [preprocess, validate] >> analyse
    return news, preprocess, validate


def train_family(family, request, dataset_uri):
    """Declare the training of one family, a mapped task for each trial; return its results."""
    trials = task(plan_trials, task_id=f"plan_{family}_trials")(family, request)
    return (
        MusicgenStageOperator.partial(
            task_id=f"train_{family}",
            stage="train",
            arguments=[family, dataset_uri],
            pool=GPU_POOL,
            queue=training_queue(),
            execution_timeout=timedelta(hours=24),
            map_index_template="{{ task.options.profile }}, trial {{ task.options.trial }}",
        )
        .expand(options=trials)
        .output
    )


def choose_best(family, trials):
    """Declare the choice of a family's best trial: one that failed holds back no other."""
    rule = TriggerRule.ALL_DONE_MIN_ONE_SUCCESS
    return task(choose_trial, task_id=f"choose_{family}_trial", trigger_rule=rule)(family, trials)


def select_champion(request, dataset_uri, runs, pipeline_id):
    """Declare the comparison of what was trained; return the tasks whose word is reported."""
    with TaskGroup("selection", tooltip="The better model goes on stage"):
        evaluate = MusicgenStageOperator(
            task_id="evaluate_models",
            stage="evaluate",
            arguments=[runs],
            options={"dataset": dataset_uri},
            execution_timeout=timedelta(hours=4),
        )
        approve = MusicgenApprovalOperator(
            task_id="approve_promotion",
            policy=request["promotion"],
            subject="Shall the best of the new models compete for champion?",
            body=APPROVAL_BODY,
            response_timeout=timedelta(days=7),
        )
        evaluate >> approve
        promote = MusicgenStageOperator(
            task_id="promote_champion",
            stage="promote",
            arguments=[runs],
            options={
                "policy": approve.output,
                "airflow-run": "{{ run_id }}",
                "pipeline-id": pipeline_id,
            },
            environment=answer_of("selection.approve_promotion"),
            execution_timeout=timedelta(hours=1),
        )
    return evaluate, promote


musicgen_pipeline()
