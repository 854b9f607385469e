terraform {
  required_version = ">= 1.7"

  required_providers {
    google = {
      source  = "hashicorp/google"
      version = "~> 6.0"
    }
  }

  # State holds no secret here, but belongs to the team: terraform init -backend-config=bucket=…
  backend "gcs" {
    prefix = "musicgen"
  }
}

provider "google" {
  project = var.project
  region  = var.region
}
