variable "project" {
  description = "Id of the Google Cloud project."
  type        = string
}

variable "region" {
  description = "Where everything lies and runs; choose one that has the GPUs you want."
  type        = string
  default     = "europe-west4"
}

variable "bucket" {
  description = "Name of the bucket, unique in the world."
  type        = string
}

variable "airflow_members" {
  description = "Who may act as Airflow's service account: people, or the account of its machine."
  type        = list(string)
  default     = []
}
