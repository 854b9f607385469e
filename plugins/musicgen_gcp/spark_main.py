"""The main file of a PySpark job: Dataproc takes it from the bucket."""

from musicgen import storage
from musicgen_gcp.job import job_uri

MAIN = b"import sys\n\nfrom musicgen.remote import main\n\nsys.exit(main())\n"


def upload_main(job_id: str) -> str:
    """Write the main file beside the job's outcome and return its URI."""
    uri = storage.join(job_uri(job_id), "main.py")
    storage.write_bytes(uri, MAIN)
    return uri
