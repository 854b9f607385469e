# For MUSICGEN_GCP_SPARK=cluster: two workers stay, and spot ones come and go with the load.
resource "google_dataproc_autoscaling_policy" "spark" {
  policy_id = "musicgen"
  location  = var.region

  worker_config {
    min_instances = 2
    max_instances = 2
  }

  secondary_worker_config {
    min_instances = 0
    max_instances = 8
  }

  basic_algorithm {
    cooldown_period = "120s"
    yarn_config {
      graceful_decommission_timeout = "300s"
      scale_up_factor               = 0.5
      scale_down_factor             = 1.0
    }
  }

  depends_on = [google_project_service.used]
}
