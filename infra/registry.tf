resource "google_artifact_registry_repository" "images" {
  repository_id = "musicgen"
  location      = var.region
  format        = "DOCKER"

  cleanup_policies {
    id     = "keep-ten"
    action = "KEEP"
    most_recent_versions {
      keep_count = 10
    }
  }

  cleanup_policies {
    id     = "delete-old"
    action = "DELETE"
    condition {
      older_than = "2592000s"
    }
  }

  depends_on = [google_project_service.used]
}

# Dataproc pulls as the job's identity; Vertex AI pulls as the agent that it has in each project.
resource "google_artifact_registry_repository_iam_member" "jobs" {
  repository = google_artifact_registry_repository.images.name
  location   = var.region
  role       = "roles/artifactregistry.reader"
  member     = local.jobs
}
