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
  network       = google_compute_network.jobs.id
  source_ranges = [google_compute_subnetwork.jobs.ip_cidr_range]

  allow {
    protocol = "all"
  }
}
