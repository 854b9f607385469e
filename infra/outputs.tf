locals {
  image = join("/", [
    "${var.region}-docker.pkg.dev", var.project,
    google_artifact_registry_repository.images.repository_id, "musicgen",
  ])
}

output "environment" {
  description = "What Airflow needs to know: terraform output -raw environment > gcp.env"
  value       = <<-EOT
    MUSICGEN_RUNTIME=gcp
    MUSICGEN_BUCKET=gs://${google_storage_bucket.house.name}/house
    MUSICGEN_GCP_PROJECT=${var.project}
    MUSICGEN_GCP_REGION=${var.region}
    MUSICGEN_GCP_SERVICE_ACCOUNT=${google_service_account.jobs.email}
    MUSICGEN_GCP_NETWORK=projects/${data.google_project.this.number}/global/networks/${google_compute_network.jobs.name}
    MUSICGEN_GCP_SUBNETWORK=${google_compute_subnetwork.jobs.id}
    MUSICGEN_GCP_SPARK_IMAGE=${local.image}:dataproc
    MUSICGEN_GCP_TRAINING_IMAGE=${local.image}:gpu
    MLFLOW_ARTIFACTS=gs://${google_storage_bucket.mlflow.name}
    MUSICGEN_GCP_AUTOSCALING_POLICY=${google_dataproc_autoscaling_policy.spark.policy_id}
  EOT
}

output "image" {
  description = "Where to push the image, without its tag."
  value       = local.image
}

output "airflow_service_account" {
  description = "The identity to run Airflow, MLflow and the API as."
  value       = google_service_account.airflow.email
}
