# Everything that lasts: corpora, datasets, trainings, models. MLflow's artifacts have a bucket too.
resource "google_storage_bucket" "house" {
  name                        = var.bucket
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"

  # What was overwritten or deleted by mistake can be had back for a month.
  versioning {
    enabled = true
  }

  lifecycle_rule {
    condition {
      days_since_noncurrent_time = 30
    }
    action {
      type = "Delete"
    }
  }

  # The files of single jobs: main files and outcomes.
  lifecycle_rule {
    condition {
      age            = 30
      matches_prefix = ["house/jobs/"]
    }
    action {
      type = "Delete"
    }
  }

  # Uploads that were broken off.
  lifecycle_rule {
    condition {
      age = 7
    }
    action {
      type = "AbortIncompleteMultipartUpload"
    }
  }
}

resource "google_storage_bucket" "mlflow" {
  name                        = "${var.bucket}-mlflow"
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
}
