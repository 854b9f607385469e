# Two identities. Airflow submits and reads; jobs compute and write. Neither has a key: people and
# machines act as them.
resource "google_service_account" "airflow" {
  account_id   = "musicgen-airflow"
  display_name = "musicgen: Airflow, MLflow and the API"
  depends_on   = [google_project_service.used]
}

resource "google_service_account" "jobs" {
  account_id   = "musicgen-jobs"
  display_name = "musicgen: Spark and training jobs"
  depends_on   = [google_project_service.used]
}

locals {
  airflow = "serviceAccount:${google_service_account.airflow.email}"
  jobs    = "serviceAccount:${google_service_account.jobs.email}"

  # For the project as a whole, since these have no smaller scope.
  project_roles = {
    airflow_batches  = { role = "roles/dataproc.editor", member = local.airflow }
    airflow_training = { role = "roles/aiplatform.user", member = local.airflow }
    jobs_spark       = { role = "roles/dataproc.worker", member = local.jobs }
    jobs_logs        = { role = "roles/logging.logWriter", member = local.jobs }
  }

  bucket_roles = {
    airflow_house  = { bucket = google_storage_bucket.house.name, member = local.airflow }
    airflow_mlflow = { bucket = google_storage_bucket.mlflow.name, member = local.airflow }
    jobs_house     = { bucket = google_storage_bucket.house.name, member = local.jobs }
  }
}

resource "google_project_iam_member" "project" {
  for_each = local.project_roles

  project = var.project
  role    = each.value.role
  member  = each.value.member
}

resource "google_storage_bucket_iam_member" "objects" {
  for_each = local.bucket_roles

  bucket = each.value.bucket
  role   = "roles/storage.objectUser"
  member = each.value.member
}

# Airflow starts jobs that act as the other identity.
resource "google_service_account_iam_member" "airflow_uses_jobs" {
  service_account_id = google_service_account.jobs.name
  role               = "roles/iam.serviceAccountUser"
  member             = local.airflow
}

resource "google_service_account_iam_member" "people_act_as_airflow" {
  for_each = toset(var.airflow_members)

  service_account_id = google_service_account.airflow.name
  role               = "roles/iam.serviceAccountTokenCreator"
  member             = each.value
}

# Connections that Airflow reads by its Secret Manager backend; one without a version is not there.
resource "google_secret_manager_secret" "airflow" {
  for_each = toset([
    "airflow-connections-google_cloud_default",
    "airflow-connections-musicgen_slack",
    "airflow-connections-musicgen_smtp",
  ])

  secret_id = each.value
  replication {
    user_managed {
      replicas {
        location = var.region
      }
    }
  }
  depends_on = [google_project_service.used]
}

resource "google_secret_manager_secret_iam_member" "airflow" {
  for_each = google_secret_manager_secret.airflow

  secret_id = each.value.id
  role      = "roles/secretmanager.secretAccessor"
  member    = local.airflow
}
