data "google_project" "this" {}

# Jobs have no public address: Google's services are reached from inside, the rest not at all.
resource "google_compute_network" "jobs" {
  name                    = "musicgen"
  auto_create_subnetworks = false
  depends_on              = [google_project_service.used]
}

resource "google_compute_subnetwork" "jobs" {
  name                     = "musicgen-jobs"
  network                  = google_compute_network.jobs.id
  region                   = var.region
  ip_cidr_range            = "10.20.0.0/20"
  private_ip_google_access = true
}

# Spark's machines talk to one another, and to nobody else.
resource "google_compute_firewall" "within" {
  name          = "musicgen-within"
  network       = google_compute_network.jobs.name
  source_ranges = [google_compute_subnetwork.jobs.ip_cidr_range]

  allow {
    protocol = "all"
  }
}

# Vertex AI's machines stand in a network of Google's own. It peers with this one, so that trainings
# reach MLflow at its internal address.
resource "google_compute_global_address" "training" {
  name          = "musicgen-training"
  purpose       = "VPC_PEERING"
  address_type  = "INTERNAL"
  prefix_length = 20
  network       = google_compute_network.jobs.id
}

resource "google_service_networking_connection" "training" {
  network                 = google_compute_network.jobs.id
  service                 = "servicenetworking.googleapis.com"
  reserved_peering_ranges = [google_compute_global_address.training.name]
}

resource "google_compute_firewall" "training_to_mlflow" {
  name    = "musicgen-training-to-mlflow"
  network = google_compute_network.jobs.name
  source_ranges = [
    "${google_compute_global_address.training.address}/${google_compute_global_address.training.prefix_length}",
  ]

  allow {
    protocol = "tcp"
    ports    = ["5000"]
  }
}

# People reach the services' machine by Identity-Aware Proxy, whose addresses these are.
resource "google_compute_firewall" "ssh" {
  name          = "musicgen-ssh"
  network       = google_compute_network.jobs.name
  source_ranges = ["35.235.240.0/20"]

  allow {
    protocol = "tcp"
    ports    = ["22"]
  }
}
