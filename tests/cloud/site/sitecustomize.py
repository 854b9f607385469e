"""Python runs this when it starts: processes of a test find the test's cloud, not Google's."""

import os

if os.environ.get("MUSICGEN_TEST_CLOUD"):
    from wrapt import when_imported

    @when_imported("airflow.providers.google.cloud.hooks.dataproc")
    def _dataproc(module):
        from cloud.local_channels import use

        use(module.DataprocHook, module.DataprocAsyncHook)

    @when_imported("airflow.providers.google.cloud.hooks.vertex_ai.custom_job")
    def _vertex(module):
        from cloud.local_channels import use

        use(module.CustomJobHook, module.CustomJobAsyncHook)
